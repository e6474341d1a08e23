"""The sweep over windows that warn or have ended: each is written down, and what follows from a breach is set off."""

from datetime import datetime

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.outbound import OutboundEvent
from edi_gateway.lifecycle.set_out import SetOutEvent
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, Outbound
from edi_gateway.ports.rows import Deadline, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.effects import advance_outbound, advance_set_out
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.pickup import pickup_is_late
from edi_gateway.services.retries import after_failure

BATCH = 200


def sweep_deadlines(gateway: Gateway) -> int:
    """Breaches every window whose time has come, and warns of those that come near; how many are breached.

    A window that was settled meanwhile is left alone; one that is over already does not warn any more.
    """
    breached = _breach_all(gateway)
    while True:
        with gateway.store.begin() as uow:
            near = uow.due_warnings(gateway.clock.now(), limit=BATCH)
            for deadline in near:
                _warn(gateway, uow, deadline)
        if len(near) < BATCH:
            return breached


def _warn(gateway: Gateway, uow: UnitOfWork, deadline: Deadline) -> None:
    now = gateway.clock.now()
    assert deadline.id is not None
    uow.deadlines.change(deadline.id, warned_at=now)
    ours = deadline.subject == "set" and deadline.kind is DeadlineKind.ANSWER
    set_id = deadline.subject_id if deadline.subject == "set" else None
    transmission_id = uow.sets.get(set_id).transmission_id if set_id is not None else deadline.subject_id
    asked = uow.sets.get(set_id) if set_id is not None else None
    what = f" for the {asked.set_id} {asked.business_key or asked.control_number}" if asked else ""
    who = "is to be sent by us" if ours and asked and asked.direction is Direction.IN else "is to come"
    words = f"The {deadline.expects}{what} {who} until {deadline.due_at:%Y-%m-%d %H:%M} UTC."
    note(uow, now, "window.warned", words, partner=deadline.partner, transmission_id=transmission_id, set_row_id=set_id)


def _breach_all(gateway: Gateway) -> int:
    breached = 0
    while True:
        with gateway.store.begin() as uow:
            due = uow.due_deadlines(gateway.clock.now(), limit=BATCH)
            for deadline in due:
                breached += _breach(gateway, uow, deadline)
        if len(due) < BATCH:
            return breached


def _breach(gateway: Gateway, uow: UnitOfWork, deadline: Deadline) -> bool:
    now = gateway.clock.now()
    assert deadline.id is not None
    if not uow.deadlines.advance(deadline.id, DeadlineState.OPEN, DeadlineState.BREACHED):
        return False
    match deadline.kind:
        case DeadlineKind.MDN:
            _mdn_is_late(gateway, uow, deadline)
        case DeadlineKind.FUNCTIONAL_ACK:
            row = uow.sets.get(deadline.subject_id)
            partner = gateway.book.partner(row.partner or "")
            fault = Fault.of("STO-402", value=row.control_number, set_id=row.set_id, partner=row.partner, expects=deadline.expects)
            advance_set_out(uow, row, SetOutEvent.ACK_WINDOW_PASSED, now, partner, faults=(*row.faults, fault))
            _say(uow, now, fault.line(), row)
        case DeadlineKind.ANSWER:
            asked = uow.sets.get(deadline.subject_id)
            which = asked.business_key or asked.control_number
            code = "STO-403" if asked.direction is Direction.IN else "STO-404"
            fault = Fault.of(code, value=which, set_id=asked.set_id, expects=deadline.expects, partner=asked.partner)
            _say(uow, now, fault.line(), asked)
        case DeadlineKind.TA1:
            carrier = uow.transmissions.get(deadline.subject_id)
            fault = Fault.of("STO-405", value=carrier.subject or carrier.message_id, partner=deadline.partner)
            note(uow, now, "window.breached", fault.line(), partner=deadline.partner, transmission_id=carrier.id)
        case DeadlineKind.PICKUP:
            pickup_is_late(uow, deadline, now)
        case _:
            pass
    return True


def _mdn_is_late(gateway: Gateway, uow: UnitOfWork, deadline: Deadline) -> None:
    now = gateway.clock.now()
    row = uow.transmissions.get(deadline.subject_id)
    if row.state is not Outbound.AWAITING_MDN:
        return
    partner = gateway.book.partner(row.partner or "")
    event, retry_at = after_failure(gateway, row, partner, now)
    fault = Fault.of("STO-401", value=row.message_id, partner=row.partner)
    faults = (*(one for one in row.faults if one.code != fault.code), fault)
    advance_outbound(uow, row, event, now, partner, retry_at=retry_at, faults=faults)
    follows = "the same bytes are posted again" if event is OutboundEvent.FAILED_RETRY else "there is no further attempt"
    note(
        uow,
        now,
        "window.breached",
        f"No MDN came in its window: {follows}.",
        partner=row.partner,
        transmission_id=row.id,
    )


def _say(uow: UnitOfWork, now: datetime, words: str, row: TransactionSet) -> None:
    note(uow, now, "window.breached", words, partner=row.partner, transmission_id=row.transmission_id, set_row_id=row.id)
