"""Translating what was received: interchanges, groups and sets kept with their verdicts, and the acknowledgment queued, always.

The acknowledgment answers the syntax. What our own maps make of a set is decided later and never changes it.
"""

from dataclasses import dataclass
from datetime import datetime

from edi_gateway import x12
from edi_gateway.faults import Fault
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.rows import Group, Interchange, TransactionSet, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.effects import FUNCTIONAL_ACKNOWLEDGMENTS, advance_set_in
from edi_gateway.services.envelope import Outgoing, envelope
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.settle import settle_set


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where sets come from: the message, the partner, the rows of the envelope."""

    transmission: Transmission
    partner: Partner | None
    interchange: Interchange
    stranger: Fault | None
    now: datetime


def translate(gateway: Gateway, transmission_id: int) -> None:
    """Reads a received message's content and keeps all that it holds. Does nothing for one that was translated before."""
    with gateway.store.read() as uow:
        row = uow.transmissions.get(transmission_id)
        if row.content is None:
            return
        content = uow.payloads.get(row.content)
    reading = x12.read(content, gateway.library)
    with gateway.store.begin() as uow:
        row = uow.transmissions.get(transmission_id)
        if uow.interchanges.find(transmission_id=transmission_id) or row.faults:
            return
        now = gateway.clock.now()
        partner = gateway.book.partner(row.partner or "")
        if reading.faults:
            uow.transmissions.change(transmission_id, faults=reading.faults)
            for fault in reading.faults:
                note(uow, now, "x12.unreadable", fault.line(), partner=row.partner, transmission_id=row.id)
        for interchange in reading.interchanges:
            _keep(gateway, uow, row, partner, interchange, now)


def _keep(
    gateway: Gateway, uow: UnitOfWork, transmission: Transmission, partner: Partner | None, found: x12.Interchange, now: datetime
) -> None:
    kept = uow.interchanges.add(
        Interchange(
            direction=Direction.IN,
            control_number=found.control_number,
            created_at=now,
            transmission_id=transmission.id,
            partner=transmission.partner,
            sender_qualifier=found.sender_qualifier,
            sender_id=found.sender,
            receiver_qualifier=found.receiver_qualifier,
            receiver_id=found.receiver,
            version=found.version,
            usage=found.usage,
            content=transmission.content,
            offset=found.offset,
            length=found.length,
            faults=(*found.faults, *_misaddressed(gateway, found)),
        )
    )
    source = _Source(transmission=transmission, partner=partner, interchange=kept, stranger=_stranger(partner, found), now=now)
    groups = {group.offset: _keep_group(gateway, uow, source, group) for group in found.groups}
    if partner is not None and partner.x12.acknowledge:
        for acknowledgment in x12.acknowledge(found):
            _acknowledge(gateway, uow, source, groups, acknowledgment)


def _keep_group(gateway: Gateway, uow: UnitOfWork, source: _Source, found: x12.Group) -> Group:
    kept = uow.groups.add(
        Group(
            direction=Direction.IN,
            functional_id=found.functional_id,
            control_number=found.control,
            created_at=source.now,
            interchange_id=source.interchange.id,
            transmission_id=source.transmission.id,
            partner=source.transmission.partner,
            release=found.release,
            sender=found.sender,
            receiver=found.receiver,
            set_count=len(found.sets),
            faults=found.faults,
        )
    )
    for one in found.sets:
        _keep_set(gateway, uow, source, kept, one)
    return kept


def _keep_set(gateway: Gateway, uow: UnitOfWork, source: _Source, group: Group, found: x12.TransactionSet) -> None:
    row = uow.sets.add(
        TransactionSet(
            direction=Direction.IN,
            state=SetIn.PARSED,
            set_id=found.set_id,
            control_number=found.control,
            created_at=source.now,
            group_id=group.id,
            interchange_id=source.interchange.id,
            transmission_id=source.transmission.id,
            partner=source.transmission.partner,
            verdict=found.verdict.value,
            offset=found.offset,
            length=found.length,
            segment_count=len(found.segments),
            faults=found.faults,
        )
    )
    what = f"{row.set_id} {row.control_number}"
    if found.verdict is x12.Verdict.REJECTED:
        advance_set_in(uow, row, SetInEvent.FOUND_INVALID)
        _say(uow, source, "x12.rejected", f"{what} rejected: {_count(found.faults)}.", row)
    elif found.set_id in FUNCTIONAL_ACKNOWLEDGMENTS:
        settle_set(gateway, uow, row, found.tree(), source.now)
    else:
        advance_set_in(uow, row, SetInEvent.FOUND_VALID)
        _say(uow, source, "x12.valid", f"{what} is {found.verdict.value.replace('_', ' ')}.", row)
        if source.stranger is not None:
            _hold(uow, uow.sets.get(_id(row)), source, source.stranger)


def _hold(uow: UnitOfWork, row: TransactionSet, source: _Source, fault: Fault) -> None:
    advance_set_in(uow, row, SetInEvent.HELD, held_code=fault.code, faults=(*row.faults, fault))
    _say(uow, source, "set.held", fault.line(), row)


def _acknowledge(gateway: Gateway, uow: UnitOfWork, source: _Source, groups: dict[int, Group], acknowledgment: x12.Acknowledgment) -> None:
    """Queues the acknowledgment of one group, and notes on the group which message carries it."""
    assert source.partner is not None
    group = groups[acknowledgment.group.offset]
    sent = envelope(
        gateway,
        uow,
        source.partner,
        Outgoing(
            set_id=acknowledgment.form.value,
            release=source.partner.x12.release,
            tree=acknowledgment.body,
            business_key=f"{group.functional_id} {group.control_number}",
        ),
        source.now,
    )
    assert group.id is not None
    uow.groups.change(group.id, verdict=acknowledgment.verdict, acknowledged_by=sent.set.id, acknowledged_at=source.now)
    for row in uow.sets.find(group_id=group.id):
        uow.sets.change(_id(row), acknowledged_by=sent.set.id)
    words = f"Group {group.functional_id} {group.control_number} acknowledged {acknowledgment.verdict} by {acknowledgment.form.value}"
    note(
        uow,
        source.now,
        "ack.queued",
        f"{words} in message {sent.transmission.id}.",
        partner=source.partner.key,
        transmission_id=source.transmission.id,
    )


def _stranger(partner: Partner | None, found: x12.Interchange) -> Fault | None:
    """The fault where an interchange names another sender than the partner whose message it is; None where it does not."""
    if partner is None:
        return None
    theirs = partner.x12.identity
    if (found.sender_qualifier.strip(), found.sender.strip()) == (theirs.qualifier, theirs.id):
        return None
    return Fault.of(
        "STO-413", value=f"{found.sender_qualifier} {found.sender.strip()}", partner=partner.key, expected=f"{theirs.qualifier} {theirs.id}"
    )


def _misaddressed(gateway: Gateway, found: x12.Interchange) -> tuple[Fault, ...]:
    ours = gateway.book.identity.x12
    if (found.receiver_qualifier.strip(), found.receiver.strip()) == (ours.qualifier, ours.id):
        return ()
    value = f"{found.receiver_qualifier} {found.receiver.strip()}"
    return (Fault.of("STO-414", value=value, expected=f"{ours.qualifier} {ours.id}"),)


def _say(uow: UnitOfWork, source: _Source, kind: str, words: str, row: TransactionSet) -> None:
    note(uow, source.now, kind, words, partner=row.partner, transmission_id=source.transmission.id, set_row_id=row.id)


def _count(faults: tuple[Fault, ...]) -> str:
    return "1 fault" if len(faults) == 1 else f"{len(faults)} faults"


def _id(row: TransactionSet) -> int:
    assert row.id is not None
    return row.id
