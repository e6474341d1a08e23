"""Answering the syntax of what was received: a 997 for each functional group, a TA1 for an interchange that is owed one.

An acknowledgment that cannot be written is a fault on what it would have answered; it never holds up a good document.
"""

from collections.abc import Mapping
from datetime import datetime

from edi_gateway import x12
from edi_gateway.faults import Severity
from edi_gateway.partners.agreement import Partner, Ta1
from edi_gateway.ports.rows import Group, Interchange
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.envelope import Outgoing, delimiters, envelope, envelope_ta1, judge_outgoing
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note


def acknowledge_groups(
    gateway: Gateway, uow: UnitOfWork, partner: Partner, groups: Mapping[int, Group], found: x12.Interchange, now: datetime
) -> None:
    """Queues the acknowledgment of every group that is owed one. Shape: `groups` are the rows by the offset of their GS."""
    terms = partner.x12
    made = x12.acknowledge(found, form=terms.acknowledgment, detail=terms.acknowledge_detail, delimiters=delimiters(partner))
    for acknowledgment in made if terms.acknowledge else ():
        _acknowledge(gateway, uow, partner, groups[acknowledgment.group.offset], acknowledgment, now)


def _acknowledge(
    gateway: Gateway, uow: UnitOfWork, partner: Partner, group: Group, acknowledgment: x12.Acknowledgment, now: datetime
) -> None:
    """Queues the acknowledgment of one group, and notes on the group which message carries it."""
    assert group.id is not None
    form = acknowledgment.form.value
    outgoing = Outgoing(
        set_id=form,
        release=partner.x12.acknowledgment_release or partner.x12.release,
        tree=acknowledgment.body,
        business_key=f"{group.functional_id} {group.control_number}",
    )
    which = f"group {group.functional_id} {group.control_number}"
    faults = tuple(fault for fault in judge_outgoing(gateway, partner, outgoing, now) if fault.severity is Severity.ERROR)
    if faults:
        uow.groups.change(group.id, verdict=acknowledgment.verdict, faults=(*group.faults, *faults))
        words = f"The {form} for {which} cannot be written. {faults[0].line()}"
        note(uow, now, "ack.failed", words, partner=partner.key, transmission_id=group.transmission_id)
        return
    sent = envelope(gateway, uow, partner, outgoing, now)
    uow.groups.change(group.id, verdict=acknowledgment.verdict, acknowledged_by=sent.set.id, acknowledged_at=now)
    for row in uow.sets.find(group_id=group.id):
        assert row.id is not None
        uow.sets.change(row.id, acknowledged_by=sent.set.id)
    words = f"The {form} for {which} is message {sent.transmission.id}: {acknowledgment.verdict}."
    note(uow, now, "ack.queued", words, partner=partner.key, transmission_id=group.transmission_id)


def acknowledge_interchange(
    gateway: Gateway, uow: UnitOfWork, partner: Partner, kept: Interchange, found: x12.Interchange, now: datetime
) -> None:
    """Queues a TA1 where the interchange asks for one or its envelope is at fault, as far as the partner wants them."""
    if not _is_owed_ta1(partner.x12.ta1, found):
        return
    segment = x12.ta1(found)
    sent = envelope_ta1(gateway, uow, partner, segment, now)
    verdict = f"{found.verdict.letter} {segment.get(5)}"
    if sent is not None:
        assert kept.id is not None
        uow.interchanges.change(kept.id, ta1=found.verdict.letter)
    if sent is None:
        kind, words = "ack.failed", f"The TA1 for interchange {kept.control_number} cannot be written: its own values do not fit."
    else:
        kind, words = "ack.queued", f"Interchange {kept.control_number} answered {verdict} by TA1 in message {sent.id}."
    note(uow, now, kind, words, partner=partner.key, transmission_id=kept.transmission_id)


def _is_owed_ta1(wanted: Ta1, found: x12.Interchange) -> bool:
    match wanted:
        case Ta1.ASKED:
            return x12.is_owed_ta1(found)
        case Ta1.FAULT:
            return x12.is_owed_ta1(found) and found.verdict is x12.Verdict.REJECTED
        case Ta1.NEVER:
            return False
