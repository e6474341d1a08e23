"""Answering the syntax of what was received: a 997 for each functional group, a TA1 for an interchange that is owed one.

An acknowledgment that cannot be written is a fault on what it would have answered; it never holds up a good document.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from edi_gateway import x12
from edi_gateway.faults import Fault, Severity
from edi_gateway.partners.agreement import Partner, Ta1
from edi_gateway.ports.rows import Group, Interchange
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.envelope import Outgoing, delimiters, envelope, envelope_ta1, judge_outgoing
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledging:
    """The acknowledgment of a group, ready to be sent. Shape: `faults` are those that forbid it."""

    outgoing: Outgoing
    verdict: str
    faults: tuple[Fault, ...]


def acknowledgment_of(gateway: Gateway, partner: Partner, found: x12.Interchange, group: x12.Group, now: datetime) -> Acknowledging | None:
    """The acknowledgment that a group is owed; None where it is owed none. Nothing is claimed or stored."""
    terms = partner.x12
    if not terms.acknowledge:
        return None
    alone = replace(found, groups=(group,))
    made = x12.acknowledge(alone, form=terms.acknowledgment, detail=terms.acknowledge_detail, delimiters=delimiters(partner))
    if not made:
        return None
    [acknowledgment] = made
    outgoing = Outgoing(
        set_id=acknowledgment.form.value,
        release=terms.acknowledgment_release or terms.release,
        tree=acknowledgment.body,
        business_key=f"{group.functional_id} {group.control}",
    )
    faults = tuple(fault for fault in judge_outgoing(gateway, partner, outgoing, now) if fault.severity is Severity.ERROR)
    return Acknowledging(outgoing=outgoing, verdict=acknowledgment.verdict, faults=faults)


def acknowledge_group(gateway: Gateway, uow: UnitOfWork, partner: Partner, group: Group, made: Acknowledging, now: datetime) -> None:
    """Queues the acknowledgment of a group, and notes on the group which set carries it, or why it cannot be written."""
    assert group.id is not None
    form = made.outgoing.set_id
    which = f"group {group.functional_id} {group.control_number}"
    if made.faults:
        uow.groups.change(group.id, verdict=made.verdict, faults=(*group.faults, *made.faults))
        words = f"The {form} for {which} cannot be written. {made.faults[0].line()}"
        note(uow, now, "ack.failed", words, partner=partner.key, transmission_id=group.transmission_id)
        return
    sent = envelope(gateway, uow, partner, made.outgoing, now)
    uow.groups.change(group.id, verdict=made.verdict, acknowledged_by=sent.set.id, acknowledged_at=now)
    words = f"The {form} for {which} is message {sent.transmission.id}: {made.verdict}."
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
