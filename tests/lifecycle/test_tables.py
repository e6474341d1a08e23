"""The four state machines as laws: closed, connected, and quiet where an event comes late or twice."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.lifecycle import deadline, inbound, outbound, set_in, set_out, waits
from edi_gateway.lifecycle.states import DeadlineState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.lifecycle.step import Effect

Machine = tuple[type[StrEnum], type[StrEnum], Mapping[Any, Mapping[Any, Any]], Callable[[Any, Any], Any], StrEnum, Mapping[Any, waits.Wait]]

MACHINES: dict[str, Machine] = {
    "outbound": (Outbound, outbound.OutboundEvent, outbound.TABLE, outbound.advance, Outbound.READY, waits.OUTBOUND),
    "inbound": (Inbound, inbound.InboundEvent, inbound.TABLE, inbound.advance, Inbound.RECEIVED, waits.INBOUND),
    "set_out": (SetOut, set_out.SetOutEvent, set_out.TABLE, set_out.advance, SetOut.COMPOSED, waits.SET_OUT),
    "set_in": (SetIn, set_in.SetInEvent, set_in.TABLE, set_in.advance, SetIn.PARSED, waits.SET_IN),
}

every_machine = pytest.mark.parametrize("machine", MACHINES.values(), ids=MACHINES.keys())


@every_machine
def test_every_state_has_a_row_and_every_event_a_use(machine: Machine) -> None:
    states, events, table, _, _, _ = machine
    assert set(table) == set(states)
    assert {event for row in table.values() for event in row} == set(events)


@every_machine
def test_every_state_can_be_reached_from_the_first(machine: Machine) -> None:
    states, _, table, _, start, _ = machine
    reached, ahead = {start}, [start]
    while ahead:
        for step in table[ahead.pop()].values():
            if step.state not in reached:
                reached.add(step.state)
                ahead.append(step.state)
    assert reached == set(states)


@every_machine
def test_every_state_says_what_it_waits_for(machine: Machine) -> None:
    states, _, _, _, _, waiting = machine
    assert set(waiting) == set(states)


@every_machine
def test_a_state_that_waits_for_work_or_a_window_can_be_left(machine: Machine) -> None:
    _, _, table, _, _, waiting = machine
    for state, wait in waiting.items():
        if isinstance(wait, waits.Work | waits.Window):
            assert any(step.state != state for step in table[state].values()), state


@every_machine
def test_any_events_in_any_order_stay_within_the_table(machine: Machine) -> None:
    states, events, _, advance, start, _ = machine

    @given(st.lists(st.sampled_from(list(events)), max_size=30))
    def stays(happened: list[StrEnum]) -> None:
        state = start
        for event in happened:
            step = advance(state, event)
            if step is not None:
                state = step.state
                assert all(isinstance(effect, Effect) for effect in step.effects)
            assert state in states

    stays()


@every_machine
def test_whatever_needs_a_person_tells_one(machine: Machine) -> None:
    _, _, table, _, _, waiting = machine
    for before, row in table.items():
        for event, step in row.items():
            enters = step.state != before and waiting[step.state] == waits.Rest(waits.Why.PERSON)
            if enters and not event.value.startswith("operator"):
                assert Effect.TELL_OPERATOR in step.effects, (before, event)


_SETTLED = {Outbound.DELIVERED, Outbound.REFUSED, Outbound.CANCELLED, Outbound.SUPERSEDED}


@pytest.mark.parametrize("state", sorted(_SETTLED))
def test_nothing_moves_a_settled_message_but_a_person_who_sends_a_refused_one_anew(state: Outbound) -> None:
    moving = {event for event in outbound.OutboundEvent if outbound.advance(state, event) is not None}
    assert moving == ({outbound.OutboundEvent.OPERATOR_SEND_ANEW} if state is Outbound.REFUSED else set())


@pytest.mark.parametrize("state", sorted(set(Outbound) - _SETTLED))
def test_a_good_mdn_delivers_whenever_it_comes(state: Outbound) -> None:
    step = outbound.advance(state, outbound.OutboundEvent.MDN_GOOD)
    assert step is not None
    assert step.state is Outbound.DELIVERED
    assert Effect.SETS_DELIVERED in step.effects


def test_an_mdn_that_comes_before_our_own_row_is_not_undone_by_it() -> None:
    """The asynchronous MDN arrives while the post that it answers still waits for its response."""
    early = outbound.advance(Outbound.SENDING, outbound.OutboundEvent.MDN_GOOD)
    assert early is not None
    assert outbound.advance(early.state, outbound.OutboundEvent.POSTED_OK_MDN_PENDING) is None
    assert outbound.advance(early.state, outbound.OutboundEvent.FAILED_RETRY) is None


@pytest.mark.parametrize("state", [Outbound.EXHAUSTED, Outbound.EXPIRED, Outbound.STOPPED, Outbound.UNVERIFIED])
def test_an_operator_can_send_again_or_cancel_what_did_not_get_through(state: Outbound) -> None:
    again = outbound.advance(state, outbound.OutboundEvent.OPERATOR_RESEND)
    cancelled = outbound.advance(state, outbound.OutboundEvent.OPERATOR_CANCEL)
    assert again is not None
    assert again.state is Outbound.READY
    assert Effect.ENQUEUE_SEND in again.effects
    assert cancelled is not None
    assert cancelled.state is Outbound.CANCELLED


@pytest.mark.parametrize("state", [SetOut.ENVELOPED, SetOut.SENT, SetOut.ACK_OVERDUE])
@pytest.mark.parametrize(
    ("event", "after"),
    [
        (set_out.SetOutEvent.ACK_ACCEPTED, SetOut.ACCEPTED),
        (set_out.SetOutEvent.ACK_ACCEPTED_WITH_ERRORS, SetOut.ACCEPTED_WITH_ERRORS),
        (set_out.SetOutEvent.ACK_REJECTED, SetOut.REJECTED),
    ],
)
def test_a_997_closes_a_set_early_in_time_and_late(state: SetOut, event: set_out.SetOutEvent, after: SetOut) -> None:
    step = set_out.advance(state, event)
    assert step is not None
    assert step.state is after
    assert Effect.CLOSE_ACK_WINDOW in step.effects


def test_a_person_who_closes_the_window_of_a_997_and_opens_it_again_is_back_where_they_were() -> None:
    for state in (SetOut.SENT, SetOut.ACK_OVERDUE):
        closed = set_out.advance(state, set_out.SetOutEvent.ACK_WAIVED)
        assert closed is not None
        assert waits.SET_OUT[closed.state] == waits.Rest(waits.Why.FINAL)
        again = set_out.advance(closed.state, set_out.SetOutEvent.ACK_AWAITED)
        assert again is not None
        assert again.state is SetOut.SENT


def test_an_acknowledgment_of_ours_waits_for_no_other() -> None:
    step = set_out.advance(SetOut.ENVELOPED, set_out.SetOutEvent.DELIVERED_FINALLY)
    assert step is not None
    assert step.state is SetOut.DONE
    assert Effect.OPEN_ACK_WINDOW not in step.effects


@pytest.mark.parametrize("before", set_out.TABLE)
def test_a_set_comes_to_count_and_stops_to_count_as_its_state_says(before: SetOut) -> None:
    for event, step in set_out.TABLE[before].items():
        counted, counts = before in set_out.COUNTING, step.state in set_out.COUNTING
        assert (Effect.COUNTS in step.effects) == (counts and not counted), event
        assert (Effect.COUNTS_NO_MORE in step.effects) == (counted and not counts), event


def test_a_held_set_is_mapped_again_when_it_is_replayed() -> None:
    step = set_in.advance(SetIn.HELD, set_in.SetInEvent.OPERATOR_REPLAY)
    assert step is not None
    assert step.state is SetIn.VALID
    assert step.effects == (Effect.ENQUEUE_MAP,)


def test_a_message_that_was_received_before_is_not_translated_again() -> None:
    step = inbound.advance(Inbound.RECEIVED, inbound.InboundEvent.REPEATED)
    assert step is not None
    assert step.state is Inbound.DUPLICATE
    assert Effect.ENQUEUE_TRANSLATE not in step.effects


@pytest.mark.parametrize("state", [Inbound.RECEIPT_DUE, Inbound.RECEIPTED, Inbound.RECEIPT_EXHAUSTED])
def test_a_sender_that_asks_again_has_its_mdn_posted_wherever_that_stands(state: Inbound) -> None:
    step = inbound.advance(state, inbound.InboundEvent.RECEIPT_ASKED_AGAIN)
    assert step is not None
    assert step.state is Inbound.RECEIPT_DUE
    assert Effect.ENQUEUE_RECEIPT in step.effects


def test_a_window_that_was_opened_is_met_late_missed_or_dropped_and_then_stays_so() -> None:
    assert set(deadline.TABLE) == set(DeadlineState)
    assert {event for row in deadline.TABLE.values() for event in row} == set(deadline.DeadlineEvent)
    assert set(deadline.TABLE[DeadlineState.OPEN].values()) == set(DeadlineState) - {DeadlineState.OPEN}
    assert set(deadline.WAITING) == {DeadlineState.OPEN, DeadlineState.BREACHED}
    for state in set(DeadlineState) - set(deadline.WAITING):
        assert all(deadline.advance(state, event) is None for event in deadline.DeadlineEvent)


def test_what_came_in_time_meets_a_window_that_was_reported_overdue_before_it_was_read() -> None:
    due = datetime(2026, 3, 2, 9, tzinfo=UTC)
    for came, ended in ((due, DeadlineState.MET), (due + timedelta(seconds=1), DeadlineState.LATE)):
        for before in deadline.WAITING:
            assert deadline.advance(before, deadline.coming(came, due)) is ended
