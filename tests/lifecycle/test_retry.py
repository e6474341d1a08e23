"""The retry decision as laws and as a table."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.lifecycle.policy import RetryPolicy
from edi_gateway.lifecycle.retry import Exhausted, Expired, RetryAt, decide, interval

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

policies = st.builds(
    RetryPolicy,
    first=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2)),
    factor=st.floats(min_value=1, max_value=1000, allow_nan=False),
    cap=st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=2)),
    attempts=st.integers(1, 10_000),
    duration=st.timedeltas(min_value=timedelta(seconds=1), max_value=timedelta(days=30)),
    jitter=st.floats(min_value=0, max_value=0.5, allow_nan=False),
)
draws = st.floats(min_value=0, max_value=1, allow_nan=False)


@given(policies, st.integers(1, 10_000))
def test_intervals_grow_and_never_pass_the_cap(policy: RetryPolicy, attempts: int) -> None:
    assert interval(policy, attempts) <= interval(policy, attempts + 1) <= policy.cap


@given(policies, st.integers(1, 10_000), st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=60)), draws)
def test_a_retry_is_later_than_now_and_no_later_than_the_end(policy: RetryPolicy, attempts: int, passed: timedelta, draw: float) -> None:
    now = START + passed
    match decide(policy, attempts, START, now, draw):
        case RetryAt(at=at):
            assert attempts < policy.attempts
            assert now <= at <= START + policy.duration
        case Exhausted():
            assert attempts >= policy.attempts
        case Expired(end=end):
            assert now >= end


@given(policies, draws)
def test_trying_again_and_again_comes_to_an_end(policy: RetryPolicy, draw: float) -> None:
    now, attempts = START, 1
    while isinstance(decision := decide(policy, attempts, START, now, draw), RetryAt):
        now, attempts = decision.at, attempts + 1
        assert attempts <= policy.attempts


@pytest.mark.parametrize(
    ("attempts", "minutes"),
    [(1, 5), (2, 10), (3, 20), (4, 40), (5, 60), (6, 60), (11, 60)],
)
def test_the_default_policy_waits_five_minutes_then_doubles_up_to_an_hour(attempts: int, minutes: int) -> None:
    assert decide(RetryPolicy(), attempts, START, START, 0.5) == RetryAt(at=START + minutes * MINUTE)


@pytest.mark.parametrize(("draw", "seconds"), [(0.0, 270), (0.5, 300), (1.0, 330)])
def test_jitter_shortens_and_lengthens_by_its_part(draw: float, seconds: int) -> None:
    assert decide(RetryPolicy(jitter=0.1), 1, START, START, draw) == RetryAt(at=START + timedelta(seconds=seconds))


def test_the_last_try_comes_at_the_very_end_of_the_time() -> None:
    policy = RetryPolicy(duration=timedelta(hours=2), jitter=0)
    late = START + timedelta(minutes=115)
    assert decide(policy, 6, START, late, 0.5) == RetryAt(at=START + timedelta(hours=2))
    assert decide(policy, 7, START, START + timedelta(hours=2), 0.5) == Expired(end=START + timedelta(hours=2))


def test_as_many_attempts_as_agreed_and_no_more() -> None:
    assert isinstance(decide(RetryPolicy(), 11, START, START, 0.5), RetryAt)
    assert decide(RetryPolicy(), 12, START, START, 0.5) == Exhausted(attempts=12)
