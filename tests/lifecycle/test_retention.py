"""What may go: nothing young, open or held, and nothing of an order of which something stays."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.lifecycle.retention import KEEP, Kept, Retention, why_kept
from edi_gateway.lifecycle.states import Inbound, Outbound, SetIn, SetOut

NOW = datetime(2026, 3, 2, tzinfo=UTC)
OLD = NOW - timedelta(days=4000)
days = st.integers(1, 4000).map(lambda count: timedelta(days=count))
set_ids = st.sampled_from(["850", "810", "997"])


@given(days, st.dictionaries(set_ids, days), st.lists(st.tuples(set_ids, days)))
def test_nothing_goes_before_the_longest_period_of_any_of_its_documents(keep, sets, ages):
    retention = Retention(keep=keep, sets=sets)
    message = Kept(created_at=OLD, states=(Inbound.RECEIPTED,), sets=[(set_id, NOW - age) for set_id, age in ages])
    if why_kept(message, retention, NOW) == "":
        assert all(age >= retention.period(set_id) for set_id, age in ages)
        assert retention.shortest <= NOW - OLD


@pytest.mark.parametrize("set_id", ["810", "812", "820"])
def test_money_is_kept_eighteen_months_unless_its_own_line_says_otherwise(set_id):
    assert Retention(keep=timedelta(days=30)).period(set_id) == KEEP
    assert Retention(keep=timedelta(days=3650)).period(set_id) == timedelta(days=3650)
    assert Retention(sets={set_id: timedelta(days=90)}).period(set_id) == timedelta(days=90)
    assert Retention(keep=timedelta(days=30)).period("850") == timedelta(days=30)


@pytest.mark.parametrize(
    ("states", "why"),
    [
        ((Inbound.RECEIPTED, SetIn.DELIVERED), ""),
        ((Outbound.DELIVERED, SetOut.ACCEPTED), ""),
        ((Outbound.REFUSED,), ""),
        ((Inbound.FAULTED,), ""),
        ((Inbound.RECEIPTED, SetIn.REJECTED), ""),
        ((Inbound.RECEIPTED, SetIn.HELD), "open"),
        ((Outbound.AWAITING_MDN,), "open"),
        ((Outbound.EXHAUSTED,), "open"),
        ((Outbound.DELIVERED, SetOut.SENT), "open"),
    ],
)
def test_what_someone_has_yet_to_move_on_stays(states, why):
    assert why_kept(Kept(created_at=OLD, states=states), Retention(), NOW) == why


def test_a_hold_and_an_open_window_keep_everything():
    assert why_kept(Kept(created_at=OLD, states=(), held="case 12"), Retention(), NOW) == "hold"
    assert why_kept(Kept(created_at=OLD, states=(), waits=True), Retention(), NOW) == "open"
