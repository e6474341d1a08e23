"""Translating what was received: interchanges, groups and sets kept with their verdicts, and what came as an acknowledgment settled.

What our own maps make of a set is decided later and changes nothing of it.
"""

from dataclasses import dataclass
from datetime import datetime

from edi_gateway import x12
from edi_gateway.faults import Fault, Severity
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.rows import Group, Interchange, TransactionSet, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.acknowledge import acknowledge_groups, acknowledge_interchange
from edi_gateway.services.effects import FUNCTIONAL_ACKNOWLEDGMENTS, advance_set_in
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.naming import named_by
from edi_gateway.services.settle import settle_set
from edi_gateway.services.settle_interchange import settle_ta1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """Where sets come from: the message, and the row of their interchange."""

    transmission: Transmission
    interchange: Interchange
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
        # What is merely noted stands in the timeline: faults on a message ask for a person's attention.
        faults = tuple(fault for fault in reading.faults if fault.severity is not Severity.NOTE)
        if reading.faults:
            uow.transmissions.change(transmission_id, faults=faults)
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
    source = _Source(transmission=transmission, interchange=kept, now=now)
    for segment in found.ta1s:
        settle_ta1(gateway, uow, kept, segment, now)
    groups = {group.offset: _keep_group(gateway, uow, source, group) for group in found.groups}
    if partner is not None and partner.x12.acknowledge:
        acknowledge_interchange(gateway, uow, partner, kept, found, now)
        acknowledge_groups(gateway, uow, partner, groups, found, now)


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
    key, order = named_by(found)
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
            business_key=key,
            po_number=order,
            verdict=found.verdict.letter,
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
