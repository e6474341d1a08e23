"""Doing what belongs to a step of the state tables, in the transaction that stores the step."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from edi_gateway.frozen import changed
from edi_gateway.lifecycle import inbound, outbound, set_in, set_out
from edi_gateway.lifecycle.inbound import InboundEvent
from edi_gateway.lifecycle.outbound import OutboundEvent
from edi_gateway.lifecycle.precedence import changes_another, order_of_messages, order_of_set
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.set_out import SetOutEvent
from edi_gateway.lifecycle.states import DeadlineKind, Direction, Inbound, Outbound, SetIn, SetOut
from edi_gateway.lifecycle.step import Effect, Next
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.lifecycle.windows import ends
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.rows import TransactionSet, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services import departures
from edi_gateway.services.answers import SHIP_NOTICE, answered, await_answers, drop_answers, look_again, unanswered
from edi_gateway.services.trace import carried
from edi_gateway.services.windows import drop_windows, open_window, settle_windows

FUNCTIONAL_ACKNOWLEDGMENTS = frozenset({"997", "999"})
_AT_ONCE = 100
"""A message of ours with more sets is long. What we make ourselves holds one; a file that a person hands in may hold any number."""
_AHEAD = timedelta(minutes=5)
"""No work on a set looks as if it had waited for longer than this: its message may have come before a pause of days."""
_WITHOUT_MDN = (Outbound.STOPPED, Outbound.CANCELLED, Outbound.SUPERSEDED)
"""States that a person takes a message to: its window closes, and nothing has come."""


def enqueue(uow: UnitOfWork, task: Task, row_id: int, run_at: datetime | None = None, order: str | None = None) -> None:
    """Hints that there is work on one row, in an order where it must not overtake other work."""
    uow.enqueue(task, key=task.key(row_id), run_at=run_at, order=order, id=row_id, **carried())


def order_of(row: TransactionSet) -> str | None:
    """The order that the work on a set belongs to."""
    return order_of_set(row.partner, row.set_id, row.po_number)


def enqueue_sending(uow: UnitOfWork, transmission_id: int, run_at: datetime | None = None) -> None:
    """Hints that a message is to be posted, in its order."""
    enqueue(uow, Task.SEND, transmission_id, run_at, _order_of_sending(uow, transmission_id))


def _order_of_sending(uow: UnitOfWork, transmission_id: int) -> str | None:
    """The order that a message is posted in: its set's, where it carries one."""
    sets = uow.sets.find(transmission_id=transmission_id)
    return order_of(sets[0]) if len(sets) == 1 else None


def _after(row: Transmission | TransactionSet, event: StrEnum) -> str | None:
    """The row's history with one more event: with the state, so that the one always leads to the other."""
    return None if row.history is None else f"{row.history} {event.value}".lstrip()


def advance_outbound(
    uow: UnitOfWork,
    row: Transmission,
    event: OutboundEvent,
    now: datetime,
    partner: Partner | None,
    *,
    retry_at: datetime | None = None,
    **changes: Any,
) -> bool:
    """Takes a sent message one step on, with all that belongs to it; False where the event changes nothing (any more).

    Shape:  `retry_at` goes with the events whose step schedules a retry.
    """
    assert row.id is not None
    assert isinstance(row.state, Outbound)
    step = outbound.advance(row.state, event)
    if step is None:
        return False
    if Effect.SETTLE in step.effects:
        changes["settled_at"] = now
    if Effect.SCHEDULE_RETRY in step.effects:
        changes["next_attempt_at"] = retry_at or now
    if not uow.transmissions.advance(row.id, row.state, step.state, history=_after(row, event), **changes):
        return False
    for effect in step.effects:
        if effect is Effect.CLOSE_MDN_WINDOW and step.state in _WITHOUT_MDN:
            drop_windows(uow, now, subject="transmission", subject_id=row.id)
        else:
            _do_outbound(uow, effect, row.id, now, partner, retry_at)
    return True


def _do_outbound(uow: UnitOfWork, effect: Effect, row_id: int, now: datetime, partner: Partner | None, retry_at: datetime | None) -> None:
    match effect:
        case Effect.ENQUEUE_SEND:
            enqueue(uow, Task.SEND, row_id, order=_order_of_sending(uow, row_id))
        case Effect.SCHEDULE_RETRY:
            enqueue(uow, Task.SEND, row_id, retry_at or now, _order_of_sending(uow, row_id))
        case Effect.OPEN_MDN_WINDOW if partner is not None:
            open_window(
                uow,
                now,
                DeadlineKind.MDN,
                ends(partner.windows.mdn, partner.calendar, now),
                subject="transmission",
                subject_id=row_id,
                partner=partner.key,
                expects="MDN",
            )
        case Effect.CLOSE_MDN_WINDOW:
            settle_windows(uow, now, DeadlineKind.MDN, subject="transmission", subject_id=row_id)
        case Effect.SETS_DELIVERED:
            _await_ta1(uow, row_id, partner, now)
            _sets_delivered(uow, row_id, now, partner)
        case Effect.SETS_CANCELLED:
            for one in uow.sets.find(transmission_id=row_id):
                advance_set_out(uow, one, SetOutEvent.CANCELLED, now, partner, held_code="STO-410")
        case _:
            pass


def _await_ta1(uow: UnitOfWork, transmission_id: int, partner: Partner | None, now: datetime) -> None:
    """The partner has an interchange of ours: its TA1 is awaited where one was agreed, unless it was here before the MDN."""
    if partner is None or not any(one.expects_ta1 and not one.ta1 for one in uow.interchanges.locked(transmission_id=transmission_id)):
        return
    found = ends(partner.windows.ta1, partner.calendar, now)
    open_window(uow, now, DeadlineKind.TA1, found, subject="transmission", subject_id=transmission_id, partner=partner.key, expects="TA1")


def _sets_delivered(uow: UnitOfWork, transmission_id: int, now: datetime, partner: Partner | None) -> None:
    """The partner has the sets of a message: at once, or those of a long one by a work item that takes some at a time."""
    if sum(one.set_count for one in uow.groups.find(transmission_id=transmission_id)) > _AT_ONCE:
        uow.transmissions.change(transmission_id, parts_kept=0)
        enqueue(uow, Task.TELL_DELIVERED, transmission_id)
        return
    for one in uow.sets.find(transmission_id=transmission_id):
        tell_delivered(uow, one, now, partner)


def tell_delivered(uow: UnitOfWork, row: TransactionSet, now: datetime, partner: Partner | None) -> None:
    """The partner has a set of ours: a 997 is awaited, unless it is one itself, or its 997 was here before the MDN."""
    final = row.set_id in FUNCTIONAL_ACKNOWLEDGMENTS or partner is None or not partner.x12.expect_acknowledgment
    advance_set_out(uow, row, SetOutEvent.DELIVERED_FINALLY if final else SetOutEvent.DELIVERED, now, partner)


def _counts(uow: UnitOfWork, row: TransactionSet, now: datetime, partner: Partner | None) -> None:
    """The partner has a document: what waited for it has come, and its own answers are waited for."""
    if row.set_id == SHIP_NOTICE:
        departures.sent(uow, row, now)
    if partner is not None:
        answered(uow, row, now, partner)
        await_answers(uow, row, partner, None, now)
        look_again(uow, row, now, partner)


def _counts_no_more(uow: UnitOfWork, row: TransactionSet, now: datetime, partner: Partner | None) -> None:
    """The partner rejected a document: what waited for it waits again, and nobody waits for its answers."""
    if row.set_id == SHIP_NOTICE:
        departures.rejected(uow, row, now)
    unanswered(uow, row, now, partner)
    drop_answers(uow, row, now)
    if partner is not None:
        look_again(uow, row, now, partner)


def begin_set(uow: UnitOfWork, row: TransactionSet, event: SetInEvent | SetOutEvent, came: datetime | None = None) -> TransactionSet:
    """Adds a set in the state that its first event leads to, with all that belongs to it: one row written once.

    Shape:  `came` is when its message came; the work on it goes before that on messages which came later.
    """
    step: Next[SetIn] | Next[SetOut] | None
    if isinstance(event, SetInEvent):
        assert isinstance(row.state, SetIn)
        step = set_in.advance(row.state, event)
    else:
        assert isinstance(row.state, SetOut)
        step = set_out.advance(row.state, event)
    assert step is not None
    row = uow.sets.add(changed(row, state=step.state, history=_after(row, event)))
    if Effect.ENQUEUE_MAP in step.effects:
        _enqueue_map(uow, row, came)
    return row


def advance_set_out(
    uow: UnitOfWork, row: TransactionSet, event: SetOutEvent, now: datetime, partner: Partner | None, **changes: Any
) -> bool:
    """Takes a set that we send one step on; False where the event changes nothing.

    Shape:  `now` is when the event happened: of a 997, when it came.
    """
    assert row.id is not None
    assert isinstance(row.state, SetOut)
    step = set_out.advance(row.state, event)
    if step is None or not uow.sets.advance(row.id, row.state, step.state, history=_after(row, event), **changes):
        return False
    if Effect.OPEN_ACK_WINDOW in step.effects and partner is not None:
        agreement = partner.agreement(row.set_id, Direction.OUT)
        found = ends((agreement.windows if agreement else partner.windows).functional_ack, partner.calendar, now)
        expects = partner.x12.acknowledgment.value
        open_window(uow, now, DeadlineKind.FUNCTIONAL_ACK, found, subject="set", subject_id=row.id, partner=partner.key, expects=expects)
    if Effect.ENQUEUE_ENVELOPE in step.effects:
        enqueue(uow, Task.ENVELOPE, row.id)
    if Effect.CLOSE_ACK_WINDOW in step.effects:
        settle_windows(uow, now, DeadlineKind.FUNCTIONAL_ACK, subject="set", subject_id=row.id)
    if Effect.COUNTS in step.effects:
        _counts(uow, row, now, partner)
    if Effect.COUNTS_NO_MORE in step.effects:
        _counts_no_more(uow, row, now, partner)
    if step.state is SetOut.CANCELLED:
        departures.given_up(uow, row, now)
    return True


def advance_set_in(uow: UnitOfWork, row: TransactionSet, event: SetInEvent, **changes: Any) -> TransactionSet | None:
    """Takes a set that we received one step on; the set as it is then, None where the event changes nothing."""
    assert row.id is not None
    assert isinstance(row.state, SetIn)
    step = set_in.advance(row.state, event)
    changes["history"] = _after(row, event)
    if step is None or not uow.sets.advance(row.id, row.state, step.state, **changes):
        return None
    if Effect.ENQUEUE_MAP in step.effects:
        _enqueue_map(uow, row)
    return changed(row, state=step.state, **changes)


def _enqueue_map(uow: UnitOfWork, row: TransactionSet, came: datetime | None = None) -> None:
    assert row.id is not None
    since = None if came is None else max(came, row.created_at - _AHEAD)
    enqueue(uow, Task.MAP, row.id, since, order_of(row))


def arrive(
    uow: UnitOfWork, row: Transmission, events: Sequence[InboundEvent], now: datetime, partner: Partner | None = None
) -> Transmission:
    """Adds a received message in the state that its first events lead to, with all that belongs to them: one row written once.

    The messages of a partner who sends changes are read in the order in which they came.
    """
    effects: list[Effect] = []
    for event in events:
        assert isinstance(row.state, Inbound)
        step = inbound.advance(row.state, event)
        assert step is not None
        effects += step.effects
        row = changed(row, state=step.state, history=_after(row, event))
    row = uow.transmissions.add(changed(row, settled_at=now) if Effect.SETTLE in effects else row)
    ordered = partner is not None and any(one.direction is Direction.IN and changes_another(one.set_id) for one in partner.agreements)
    _do_inbound(uow, row, effects, order=order_of_messages(partner.key) if partner is not None and ordered else None)
    return row


def advance_inbound(uow: UnitOfWork, row: Transmission, event: InboundEvent, now: datetime, **changes: Any) -> bool:
    """Takes a received message one step on; False where the event changes nothing."""
    assert row.id is not None
    assert isinstance(row.state, Inbound)
    step = inbound.advance(row.state, event)
    if step is None:
        return False
    if Effect.SETTLE in step.effects:
        changes["settled_at"] = now
    if not uow.transmissions.advance(row.id, row.state, step.state, history=_after(row, event), **changes):
        return False
    _do_inbound(uow, row, step.effects, changes.get("next_attempt_at"))
    return True


def _do_inbound(
    uow: UnitOfWork, row: Transmission, effects: Sequence[Effect], retry_at: datetime | None = None, order: str | None = None
) -> None:
    assert row.id is not None
    if Effect.ENQUEUE_TRANSLATE in effects:
        enqueue(uow, Task.TRANSLATE, row.id, order=order)
    if Effect.ENQUEUE_RECEIPT in effects:
        enqueue(uow, Task.SEND_RECEIPT, row.id)
    if Effect.SCHEDULE_RETRY in effects:
        enqueue(uow, Task.SEND_RECEIPT, row.id, retry_at)
