"""Translating what was received: interchanges, groups and sets kept with their verdicts, and what came as an acknowledgment settled.

What our own maps make of a set is decided later and changes nothing of it.
"""

from dataclasses import dataclass
from datetime import datetime

from edi_gateway import x12
from edi_gateway.faults import Fault, Faulty, Severity
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.rows import Group, Interchange, TransactionSet, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.acknowledge import acknowledge_groups, acknowledge_interchange
from edi_gateway.services.effects import FUNCTIONAL_ACKNOWLEDGMENTS, begin_set
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.naming import named_by
from edi_gateway.services.pauses import is_paused
from edi_gateway.services.repeats import is_repeated, left_out, with_repeats
from edi_gateway.services.settle import settle_set
from edi_gateway.services.settle_interchange import settle_ta1

_CHUNK = 1 << 20


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
        if row.content is None or is_paused(uow, row.partner, Direction.IN):  # the resume enqueues it again
            return
        content = uow.payloads.open(row.content)
    rules, unread = _rules(gateway, gateway.book.partner(row.partner or ""))
    with content:
        reading = x12.read_chunks(iter(lambda: content.read(_CHUNK), b""), gateway.library, rules=rules)
    gateway.readings.keep(row.content, reading)
    with gateway.store.begin(promising=False) as uow:
        row = uow.transmissions.get(transmission_id)
        if uow.interchanges.find(transmission_id=transmission_id) or row.faults:
            return
        now = gateway.clock.now()
        partner = gateway.book.partner(row.partner or "")
        # What is merely noted stands in the timeline: faults on a message ask for a person's attention.
        faults = (*unread, *(fault for fault in reading.faults if fault.severity is not Severity.NOTE))
        if faults or reading.faults:
            uow.transmissions.change(transmission_id, faults=faults)
            for fault in (*unread, *reading.faults):
                note(uow, now, "x12.unreadable", fault.line(), partner=row.partner, transmission_id=row.id)
        for interchange in reading.interchanges:
            if partner is None:
                _keep(gateway, uow, row, partner, interchange, now)
                continue
            # Asked first: it lets the partner's messages go one by one, so that of two with the same number one is the first.
            missing = left_out(uow, partner, interchange)
            if missing is not None:
                note(uow, now, "x12.gap", missing.line(), partner=row.partner, transmission_id=row.id)
            _keep(gateway, uow, row, partner, with_repeats(uow, partner, interchange, rules, now), now)


def _rules(gateway: Gateway, partner: Partner | None) -> tuple[x12.Rules, tuple[Fault, ...]]:
    """How the partner's sets are judged, their guides among it; and what is wrong with guides that cannot be used."""
    if partner is None:
        return x12.Rules(), ()
    guides: list[x12.Guide] = []
    faults: list[Fault] = []
    for agreement in partner.agreements:
        if agreement.direction is Direction.IN and agreement.guide:
            try:
                guides.append(gateway.shelf.guide(agreement.guide))
            except Faulty as faulty:
                faults += faulty.faults
    terms = partner.x12
    rules = x12.Rules(mode=terms.mode, charset=terms.charset, tolerated=terms.tolerate, rejecting=terms.reject, guides=tuple(guides))
    return rules, tuple(faults)


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
        settle_ta1(gateway, uow, kept, segment, transmission.created_at, now)
    groups = {group.offset: _keep_group(gateway, uow, source, group) for group in found.groups}
    if partner is None:
        return
    acknowledge_interchange(gateway, uow, partner, kept, found, now)
    # The groups of what came before were acknowledged then: to reject them now would be read as being about those.
    if not is_repeated(found):
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
            verdict=found.verdict.letter if found.verdict is x12.Verdict.REJECTED else "",
            faults=found.faults,
        )
    )
    for one in found.sets:
        _keep_set(gateway, uow, source, kept, one)
    return kept


def _keep_set(gateway: Gateway, uow: UnitOfWork, source: _Source, group: Group, found: x12.TransactionSet) -> None:
    key, order = named_by(found)
    row = TransactionSet(
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
        segment_count=found.segment_count,
        revision=gateway.revision,
        faults=found.faults,
    )
    what = f"{row.set_id} {row.control_number}"
    if found.verdict is x12.Verdict.REJECTED:
        row = begin_set(uow, row, SetInEvent.FOUND_INVALID)
        why = _count(found.faults) if found.faults else "what is around it is"
        _say(uow, source, "x12.rejected", f"{what} rejected: {why}.", row)
    elif found.set_id in FUNCTIONAL_ACKNOWLEDGMENTS:
        settle_set(gateway, uow, uow.sets.add(row), found.tree(), source.transmission.created_at, source.now)
    else:
        row = begin_set(uow, row, SetInEvent.FOUND_VALID)
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
