"""When an address is left alone: as a table, and as laws over any order of posts."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.lifecycle.circuit import Circuit, entered, failed, got_through, waits_until
from edi_gateway.lifecycle.policy import CircuitPolicy

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
POLICY = CircuitPolicy(failures=3, wait=timedelta(minutes=2))
LONGEST = timedelta(minutes=1)


def test_it_opens_after_so_many_failures_in_a_row_and_closes_by_one_that_gets_through() -> None:
    circuit = Circuit()
    for failures in (1, 2):
        circuit = failed(circuit, POLICY, NOW)
        assert (circuit.failures, waits_until(circuit, NOW)) == (failures, None)
    assert got_through(circuit) == Circuit()
    circuit = failed(circuit, POLICY, NOW)
    assert waits_until(circuit, NOW) == NOW + timedelta(minutes=2)
    assert got_through(circuit) == Circuit()


def test_when_the_wait_is_over_one_post_probes_and_the_others_wait() -> None:
    circuit = failed(Circuit(failures=2), POLICY, NOW)
    later = NOW + timedelta(minutes=2)
    assert waits_until(circuit, later) is None
    probed = entered(circuit, POLICY, later, LONGEST)
    assert waits_until(probed, later) == later + timedelta(minutes=2)
    # The prober's worker died: another one follows.
    assert waits_until(probed, later + timedelta(minutes=2)) is None
    assert waits_until(failed(probed, POLICY, later), later) == later + timedelta(minutes=2)


@given(st.lists(st.sampled_from(["reached", "failed", "wait"]), max_size=60), st.integers(1, 5))
def test_it_is_open_exactly_while_the_last_posts_failed(happened: list[str], limit: int) -> None:
    policy = CircuitPolicy(failures=limit, wait=timedelta(minutes=2))
    circuit, now, in_a_row = Circuit(), NOW, 0
    for one in happened:
        if one == "wait" or waits_until(circuit, now) is not None:
            now += timedelta(minutes=3)
            assert waits_until(circuit, now) is None
            continue
        circuit = entered(circuit, policy, now, LONGEST)
        circuit = got_through(circuit) if one == "reached" else failed(circuit, policy, now)
        in_a_row = 0 if one == "reached" else in_a_row + 1
        assert (waits_until(circuit, now) is not None) == (in_a_row >= limit)
