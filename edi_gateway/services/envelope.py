"""Putting a set or a TA1 into its envelope: control numbers claimed, bytes rendered once, rows and work kept in one transaction."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from edi_gateway import x12
from edi_gateway.faults import Fault, Faulty, Severity
from edi_gateway.lifecycle.precedence import order_of_set
from edi_gateway.lifecycle.set_out import SetOutEvent
from edi_gateway.lifecycle.states import Direction, Outbound, SetOut
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.partners.agreement import Partner, TheirTa1
from edi_gateway.ports.rows import Group, Interchange, TransactionSet, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.effects import advance_set_out, begin_set, enqueue
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.pauses import ask_whether_paused
from edi_gateway.tree import Loop, Segment

_PROVISIONAL = "0001"
"""The control number that a set is judged with before it claims its own."""
_TA1 = "TA1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One set to send. `business_key` is what people search for; `po_number` ties it to its order."""

    set_id: str
    release: str
    tree: Loop
    business_key: str | None = None
    po_number: str | None = None
    document_id: int | None = None
    erp_file_id: int | None = None
    composed: TransactionSet | None = None
    """The row of a set that was kept before it is enveloped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Enveloped:
    """What was made of it: the message that waits to be sent, and the rows of its envelope."""

    transmission: Transmission
    interchange: Interchange
    group: Group
    set: TransactionSet


def judge_outgoing(gateway: Gateway, partner: Partner, outgoing: Outgoing, now: datetime) -> tuple[Fault, ...]:
    """The faults that the partner would find in a set, found before anything is claimed or sent."""
    schema = gateway.library.set_schema(outgoing.release, outgoing.set_id)
    if schema is None:
        return (_no_schema(outgoing),)
    one = x12.SetOut(set_id=outgoing.set_id, control=_PROVISIONAL, body=outgoing.tree, shape=schema.shape)
    header = _envelope(gateway, partner, outgoing.release, "1", now)
    try:
        rules = x12.Rules(charset=partner.x12.charset, guides=_guides(gateway, partner, outgoing.set_id))
    except Faulty as faulty:
        return faulty.faults
    found = x12.validate(one, header, gateway.library, rules=rules)
    if any(fault.severity is Severity.ERROR for fault in found):
        return found
    # What the set holds was written to be judged; of the envelope around it only its own values are still to be tried.
    return (*found, *x12.render(header, [x12.GroupOut(functional_id=schema.functional_id, control="1", sets=())]).faults)


def _guides(gateway: Gateway, partner: Partner, set_id: str) -> tuple[x12.Guide, ...]:
    """The partner's guide for a set that we send, if there is one. Errors: Faulty where it cannot be read."""
    agreement = partner.agreement(set_id, Direction.OUT)
    return (gateway.shelf.guide(agreement.guide),) if agreement and agreement.guide else ()


def envelope(gateway: Gateway, uow: UnitOfWork, partner: Partner, outgoing: Outgoing, now: datetime) -> Enveloped:
    """Envelopes one set for a partner, stores bytes and rows, and enqueues the sending, unless that is paused.

    Errors: Faulty with what the renderer refuses; `judge_outgoing` finds that before anything is claimed.
    """
    schema = gateway.library.set_schema(outgoing.release, outgoing.set_id)
    if schema is None:
        raise Faulty([_no_schema(outgoing)])
    uow.expect(transmissions=1, interchanges=1, groups=1, sets=1 if outgoing.composed is None else 0)
    stays_paused = ask_whether_paused(uow, partner.key, Direction.OUT)
    isa, gs, st = _claim(uow, partner, "isa", "gs", "st")
    header = _envelope(gateway, partner, outgoing.release, isa, now, asks_ta1=partner.x12.expect_ta1 is TheirTa1.ASKED)
    body = x12.SetOut(set_id=outgoing.set_id, control=st.zfill(4), body=outgoing.tree, shape=schema.shape)
    rendered = x12.render(header, [x12.GroupOut(functional_id=schema.functional_id, control=gs, sets=(body,))])
    if rendered.faults:
        raise Faulty(rendered.faults)
    subject = f"{outgoing.set_id} {outgoing.business_key or isa.zfill(9)}"
    order = order_of_set(partner.key, outgoing.set_id, outgoing.po_number)
    transmission, interchange = _keep(gateway, uow, partner, header, rendered.content, outgoing.set_id, subject, stays_paused, order)
    group = uow.groups.add(
        Group(
            direction=Direction.OUT,
            functional_id=schema.functional_id,
            control_number=gs,
            created_at=now,
            interchange_id=interchange.id,
            transmission_id=transmission.id,
            partner=partner.key,
            release=outgoing.release,
            sender=header.group_sender,
            receiver=header.group_receiver,
            set_count=1,
        )
    )
    kept = _keep_set(uow, partner, outgoing, st.zfill(4), transmission, interchange, group, now)
    numbers = f"interchange {interchange.control_number}, group {gs}, set {kept.control_number}"
    note(
        uow,
        now,
        "x12.enveloped",
        f"{outgoing.set_id} {outgoing.business_key or ''} enveloped: {numbers}.",
        partner=partner.key,
        transmission_id=transmission.id,
        set_row_id=kept.id,
        erp_file_id=outgoing.erp_file_id,
    )
    return Enveloped(transmission=transmission, interchange=interchange, group=group, set=kept)


def envelope_ta1(gateway: Gateway, uow: UnitOfWork, partner: Partner, segment: Segment, now: datetime) -> Transmission | None:
    """An interchange of nothing but a TA1, stored and on its way; None where the envelope's own terms cannot be written."""
    release = partner.x12.release
    if x12.render(_envelope(gateway, partner, release, "1", now), [], ta1s=[segment]).faults:
        return None
    uow.expect(transmissions=1, interchanges=1)
    stays_paused = ask_whether_paused(uow, partner.key, Direction.OUT)
    [isa] = _claim(uow, partner, "isa")
    header = _envelope(gateway, partner, release, isa, now)
    rendered = x12.render(header, [], ta1s=[segment])
    transmission, _ = _keep(gateway, uow, partner, header, rendered.content, _TA1, f"TA1 {segment.get(1)}", stays_paused)
    return transmission


def _keep(
    gateway: Gateway,
    uow: UnitOfWork,
    partner: Partner,
    header: x12.Envelope,
    content: bytes,
    what: str,
    subject: str,
    stays_paused: Callable[[], bool],
    order: str | None = None,
) -> tuple[Transmission, Interchange]:
    """The rows of a message that is ready, and the work item that sends it, unless sending is paused."""
    control = header.control_number.zfill(9)
    digest = uow.payloads.put(content)
    agreed = partner.agreement(what, Direction.OUT)
    transmission = uow.transmissions.add(
        Transmission(
            direction=Direction.OUT,
            state=Outbound.READY,
            created_at=header.at,
            revision=gateway.revision,
            partner=partner.key,
            as2_from=gateway.book.identity.as2_id,
            as2_to=partner.as2.id,
            message_id=gateway.new_message_id(),
            subject=subject,
            filename=f"{what}_{control}.edi",
            content_type=agreed.content_type if agreed else "application/edi-x12",
            url=partner.as2.url,
            content=digest,
        )
    )
    interchange = uow.interchanges.add(
        Interchange(
            direction=Direction.OUT,
            control_number=control,
            created_at=header.at,
            transmission_id=transmission.id,
            partner=partner.key,
            sender_qualifier=header.sender_qualifier,
            sender_id=header.sender,
            receiver_qualifier=header.receiver_qualifier,
            receiver_id=header.receiver,
            version=header.version,
            usage=header.usage,
            content=digest,
            length=len(content),
            # What holds nothing but a TA1 is answered by none.
            expects_ta1=what != _TA1 and partner.x12.expect_ta1 is not TheirTa1.NEVER,
        )
    )
    assert transmission.id is not None
    if not stays_paused():  # the resume enqueues what waits
        enqueue(uow, Task.SEND, transmission.id, order=order)
    return transmission, interchange


def _keep_set(
    uow: UnitOfWork,
    partner: Partner,
    outgoing: Outgoing,
    control: str,
    transmission: Transmission,
    interchange: Interchange,
    group: Group,
    now: datetime,
) -> TransactionSet:
    envelope: dict[str, Any] = {
        "control_number": control,
        "group_id": group.id,
        "interchange_id": interchange.id,
        "transmission_id": transmission.id,
        "segment_count": sum(1 for _ in outgoing.tree.walk()) + 2,
        "revision": transmission.revision,
    }
    if outgoing.composed is not None:
        advance_set_out(uow, outgoing.composed, SetOutEvent.ENVELOPED, now, partner, **envelope)
        return replace(outgoing.composed, **envelope)
    row = TransactionSet(
        direction=Direction.OUT,
        state=SetOut.COMPOSED,
        set_id=outgoing.set_id,
        created_at=now,
        document_id=outgoing.document_id,
        erp_file_id=outgoing.erp_file_id,
        partner=partner.key,
        business_key=outgoing.business_key,
        po_number=outgoing.po_number,
        **envelope,
    )
    return begin_set(uow, row, SetOutEvent.ENVELOPED)


def _claim(uow: UnitOfWork, partner: Partner, *kinds: str) -> list[str]:
    """The next control numbers of these kinds ("isa", "gs", "st") with this partner."""
    scopes = [f"{kind}:{partner.key}" for kind in kinds]
    return [str(one) for one in uow.control_numbers.claim_all(scopes, low=partner.x12.control_low, high=partner.x12.control_high)]


def delimiters(partner: Partner) -> x12.Delimiters:
    """The delimiters of what we send to a partner."""
    terms = partner.x12
    return x12.Delimiters(
        element=terms.element,
        component=terms.component,
        terminator=terms.terminator,
        repetition=terms.repetition if terms.version >= "00402" else None,
        line_end=terms.suffix,
    )


def _envelope(gateway: Gateway, partner: Partner, release: str, isa: str, now: datetime, *, asks_ta1: bool = False) -> x12.Envelope:
    ours, theirs, terms = gateway.book.identity.x12, partner.x12.identity, partner.x12
    return x12.Envelope(
        sender_qualifier=ours.qualifier,
        sender=ours.id,
        receiver_qualifier=theirs.qualifier,
        receiver=theirs.id,
        control_number=isa,
        at=now,
        group_sender=ours.group_id,
        group_receiver=theirs.group_id,
        release=release,
        version=terms.version,
        ack_requested=asks_ta1,
        usage=terms.usage,
        delimiters=delimiters(partner),
        charset=terms.charset,
    )


def _no_schema(outgoing: Outgoing) -> Fault:
    return Fault.of("STO-426", value=outgoing.set_id, release=outgoing.release)
