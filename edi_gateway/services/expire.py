"""The sweep over windows that warn or have ended: each is written down, and what follows from a breach is set off."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.outbound import OutboundEvent
from edi_gateway.lifecycle.set_out import SetOutEvent
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, Outbound
from edi_gateway.ports.rows import Deadline, Event, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.conditions import held_where
from edi_gateway.services.effects import advance_outbound, advance_set_out
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note_all
from edi_gateway.services.retries import after_failure

BREACHED = "window.breached"
BATCH = 500
"""So many windows end in one transaction, and are read and written by a handful of statements: after an outage thousands end at once."""


def sweep_deadlines(gateway: Gateway) -> int:
    """Breaches every window whose time has come, and warns of those that come near; how many are breached.

    A window that was settled meanwhile is left alone; one that is over already does not warn any more.
    """
    breached = 0
    while True:
        with gateway.store.begin() as uow:
            due = uow.due_deadlines(gateway.clock.now(), limit=BATCH)
            breached += _breach(gateway, uow, due)
        if len(due) < BATCH:
            break
    while True:
        with gateway.store.begin() as uow:
            near = uow.due_warnings(gateway.clock.now(), limit=BATCH)
            _warn(gateway, uow, near)
        if len(near) < BATCH:
            return breached


def _moved(uow: UnitOfWork, found: Sequence[Deadline], after: DeadlineState, **changes: Any) -> list[Deadline]:
    """Those of these windows that are open still, and are not in what `after` and `changes` say."""
    moved = uow.deadlines.advance_all([one.id for one in found if one.id is not None], DeadlineState.OPEN, after, **changes)
    return [one for one in found if one.id in moved]


def _sets(uow: UnitOfWork, found: Sequence[Deadline]) -> dict[int | None, TransactionSet]:
    """The sets that these windows are about."""
    numbers = sorted({one.subject_id for one in found if one.subject == "set"})
    return {row.id: row for row in uow.sets.find(id=numbers)} if numbers else {}


def _warn(gateway: Gateway, uow: UnitOfWork, near: Sequence[Deadline]) -> None:
    now = gateway.clock.now()
    warned = _moved(uow, near, DeadlineState.OPEN, warned_at=now)
    sets = _sets(uow, warned)
    held = uow.held_answers(warned, sets)
    told = [_warning(now, one, sets.get(one.subject_id) if one.subject == "set" else None, held.get(one.id or 0)) for one in warned]
    note_all(uow, told)


def _warning(now: datetime, deadline: Deadline, asked: TransactionSet | None, held: TransactionSet | None) -> Event:
    which = (asked.business_key or asked.control_number) if asked else ""
    ours = asked is not None and asked.direction is Direction.IN and deadline.kind is DeadlineKind.ANSWER
    what = f" for the {asked.set_id} {which}" if asked else ""
    if deadline.kind is DeadlineKind.DEPARTURE:
        ours, what = True, f" {which}"
    who = "is to be sent by us" if ours else "is to come"
    if held is not None:
        who = f"is here, but {held_where(held)}; it is to count"
    return Event(
        at=now,
        kind="window.warned",
        words=f"The {deadline.expects}{what} {who} until {deadline.due_at:%Y-%m-%d %H:%M} UTC.",
        partner=deadline.partner,
        transmission_id=asked.transmission_id if asked else deadline.subject_id,
        set_row_id=asked.id if asked else None,
    )


def _breach(gateway: Gateway, uow: UnitOfWork, due: Sequence[Deadline]) -> int:
    # First what they are about and then the windows, as whatever comes from outside takes them: else each waits for the other.
    carriers = [one.subject_id for one in due if one.kind is DeadlineKind.MDN]
    if carriers:
        uow.transmissions.locked(id=sorted(carriers))
    about = sorted({one.subject_id for one in due if one.subject == "set"})
    sets = {row.id: row for row in uow.sets.locked(id=about)} if about else {}
    breached = _moved(uow, due, DeadlineState.BREACHED)
    held = uow.held_answers(breached, sets)
    told = [_breached(gateway, uow, one, sets, held.get(one.id or 0)) for one in breached]
    note_all(uow, [event for event in told if event is not None])
    return len(breached)


def _breached(
    gateway: Gateway, uow: UnitOfWork, deadline: Deadline, sets: Mapping[int | None, TransactionSet], held: TransactionSet | None
) -> Event | None:
    """Sets off what follows from a breach; what is to be written down, None where that is done."""
    now = gateway.clock.now()
    match deadline.kind:
        case DeadlineKind.MDN:
            return _mdn_is_late(gateway, uow, deadline)
        case DeadlineKind.FUNCTIONAL_ACK:
            row = sets[deadline.subject_id]
            partner = gateway.book.partner(row.partner or "")
            fault = Fault.of("STO-402", value=row.control_number, set_id=row.set_id, partner=row.partner, expects=deadline.expects)
            advance_set_out(uow, row, SetOutEvent.ACK_WINDOW_PASSED, now, partner, faults=(*row.faults, fault))
            return _told(now, fault.line(), row)
        case DeadlineKind.ANSWER:
            asked = sets[deadline.subject_id]
            which = asked.business_key or asked.control_number
            if held is not None:
                here = Fault.of("STO-407", value=which, set_id=asked.set_id, expects=deadline.expects, held=held_where(held))
                return _told(now, here.line(), asked)
            code = "STO-403" if asked.direction is Direction.IN else "STO-404"
            fault = Fault.of(code, value=which, set_id=asked.set_id, expects=deadline.expects, partner=asked.partner)
            return _told(now, fault.line(), asked)
        case DeadlineKind.DEPARTURE:
            notice = sets[deadline.subject_id]
            fault = Fault.of("STO-406", value=notice.business_key, set_id=notice.set_id, partner=deadline.partner)
            return _told(now, fault.line(), notice)
        case DeadlineKind.TA1:
            carrier = uow.transmissions.get(deadline.subject_id)
            fault = Fault.of("STO-405", value=carrier.subject or carrier.message_id, partner=deadline.partner)
            return Event(at=now, kind=BREACHED, words=fault.line(), partner=deadline.partner, transmission_id=carrier.id)
        case DeadlineKind.PICKUP:
            # The overdue list has it until the ERP takes the file.
            file_of = sets[deadline.subject_id]
            return _told(now, Fault.of("STO-438", value=deadline.expects).line(), file_of, erp_file_id=file_of.erp_file_id)


def _mdn_is_late(gateway: Gateway, uow: UnitOfWork, deadline: Deadline) -> Event | None:
    now = gateway.clock.now()
    row = uow.transmissions.get(deadline.subject_id)
    if row.state is not Outbound.AWAITING_MDN:
        return None
    partner = gateway.book.partner(row.partner or "")
    event, retry_at = after_failure(gateway, row, partner, now)
    fault = Fault.of("STO-401", value=row.message_id, partner=row.partner)
    faults = (*(one for one in row.faults if one.code != fault.code), fault)
    advance_outbound(uow, row, event, now, partner, retry_at=retry_at, faults=faults)
    follows = "the same bytes are posted again" if event is OutboundEvent.FAILED_RETRY else "there is no further attempt"
    words = f"No MDN came in its window: {follows}."
    return Event(at=now, kind=BREACHED, words=words, partner=row.partner, transmission_id=row.id)


def _told(now: datetime, words: str, row: TransactionSet, *, erp_file_id: int | None = None) -> Event:
    return Event(
        at=now,
        kind=BREACHED,
        words=words,
        partner=row.partner,
        transmission_id=row.transmission_id,
        set_row_id=row.id,
        erp_file_id=erp_file_id,
    )
