"""What a partner's MDN makes of a message we sent: recorded whole, judged, and the message taken a step on.

The same for an MDN in the response to our own post and for one that is posted to us later.
"""

from datetime import datetime

from edi_gateway import as2
from edi_gateway.faults import Fault
from edi_gateway.lifecycle.outbound import OutboundEvent
from edi_gateway.lifecycle.states import Direction
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.rows import Headers, Receipt, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.ports.web import IN_MEMORY, HttpReply, ReceivedRequest
from edi_gateway.services.effects import advance_outbound
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note

_BY_RESPONSE = {
    as2.Verdict.DELIVERED: OutboundEvent.POSTED_OK_MDN_GOOD,
    as2.Verdict.REFUSED: OutboundEvent.POSTED_OK_MDN_REFUSED,
    as2.Verdict.UNVERIFIED: OutboundEvent.POSTED_OK_MDN_UNVERIFIED,
}
_BY_POST = {
    as2.Verdict.DELIVERED: OutboundEvent.MDN_GOOD,
    as2.Verdict.REFUSED: OutboundEvent.MDN_REFUSED,
    as2.Verdict.UNVERIFIED: OutboundEvent.MDN_UNVERIFIED,
}


def receive_receipt(gateway: Gateway, request: ReceivedRequest, heading: as2.Heading, now: datetime) -> HttpReply:
    """Takes an MDN that is posted to us. It is kept whatever it says; only one of the partner it is from moves a message on."""
    partner = gateway.book.by_as2(heading.as2_from, heading.as2_to)
    original = as2.original_message_id(request.headers, request.body) or ""
    with gateway.store.read() as uow:
        sent = _sent(uow, heading, original)
    if partner is None or sent is None or sent.id is None:
        with gateway.store.begin() as uow:
            _keep_stray(uow, request, heading, original, partner, now)
        return HttpReply(status=200)
    verdict = judge(gateway, sent, partner, request.headers, request.body, now, arrival=as2.Arrival.ASYNCHRONOUS)
    with gateway.store.begin() as uow:
        [row] = uow.transmissions.locked(id=sent.id)
        settle_receipt(uow, row, partner, verdict, request.headers, request.body, now, asynchronous=True)
    return HttpReply(status=200)


def judge(
    gateway: Gateway, row: Transmission, partner: Partner, headers: Headers, body: bytes, now: datetime, *, arrival: as2.Arrival
) -> as2.MdnVerdict:
    """The verdict on an MDN for a message of ours, against what was sealed then and the partner's certificates now in force.

    It reads the payload and computes, so it belongs before the transaction that writes.
    """
    with gateway.store.read() as uow:
        explains = row.content is not None and uow.payloads.size(row.content) <= IN_MEMORY
        payload = uow.payloads.get(row.content) if row.content and explains else None
    return as2.read_mdn(
        headers,
        body,
        expected=as2.Expected(
            message_id=row.message_id,
            mics=tuple(as2.Mic(value=value, algorithm=algorithm) for value, algorithm in row.mics),
            signed=partner.as2.mdn_signed,
            legacy=partner.as2.security.legacy,
            payload=payload,
            head=row.payload_head.encode("latin-1"),
        ),
        partner_certificates=gateway.keys.of(partner),
        when=now,
        arrival=arrival,
    )


def settle_receipt(
    uow: UnitOfWork,
    row: Transmission,
    partner: Partner,
    verdict: as2.MdnVerdict,
    headers: Headers,
    body: bytes,
    now: datetime,
    *,
    asynchronous: bool,
    http_status: int | None = None,
) -> None:
    """Keeps an MDN with its verdict and takes the message on. Nothing changes for a message that is settled already."""
    uow.receipts.add(_receipt(uow, row, verdict, headers, body, now, asynchronous=asynchronous, http_status=http_status))
    event = (_BY_POST if asynchronous else _BY_RESPONSE)[verdict.verdict]
    # What made earlier attempts fail is in the attempts; from here on only the MDN says what is wrong.
    moved = advance_outbound(uow, row, event, now, partner, faults=verdict.faults)
    words = (
        f"MDN {'posted to us' if asynchronous else 'in the response'}: {verdict.verdict.value}, {verdict.disposition or 'no disposition'}"
    )
    for fault in verdict.faults:
        words += f". {fault.message}"
    if not moved:
        words += f". The message is {row.state.value.replace('_', ' ')}; this changes nothing"
    note(uow, now, f"mdn.{verdict.verdict.value}", words, partner=row.partner, transmission_id=row.id)


def _receipt(
    uow: UnitOfWork,
    row: Transmission,
    verdict: as2.MdnVerdict,
    headers: Headers,
    body: bytes,
    now: datetime,
    *,
    asynchronous: bool,
    http_status: int | None,
) -> Receipt:
    signer, mic = verdict.signer, verdict.mic_received
    return Receipt(
        direction=Direction.IN,
        created_at=now,
        transmission_id=row.id,
        partner=row.partner,
        message_id=verdict.message_id or "",
        original_message_id=verdict.original_message_id or "",
        disposition=verdict.disposition or "",
        verdict=verdict.verdict.value,
        reasons=tuple(fault.line() for fault in verdict.faults),
        mic=mic.value if mic else None,
        mic_algorithm=mic.algorithm if mic else None,
        signed=verdict.signature is not as2.Signature.ABSENT,
        signer=signer.subject if signer else None,
        signer_serial=signer.serial if signer else None,
        signer_fingerprint=signer.fingerprint_shown if signer else None,
        signer_not_before=signer.not_before if signer else None,
        signer_not_after=signer.not_after if signer else None,
        dated=verdict.date,
        asynchronous=asynchronous,
        http_status=http_status,
        headers=headers,
        body=uow.payloads.put(body),
    )


def _sent(uow: UnitOfWork, heading: as2.Heading, original: str) -> Transmission | None:
    """The message that an MDN is for: of ours, by its Message-ID, and sent to the one whom the MDN is from."""
    found = uow.transmissions.find(direction=Direction.OUT, message_id=original)
    mine = [row for row in found if row.as2_from == heading.as2_to and row.as2_to == heading.as2_from and row.wire is not None]
    return mine[0] if mine else None


def _keep_stray(
    uow: UnitOfWork, request: ReceivedRequest, heading: as2.Heading, original: str, partner: Partner | None, now: datetime
) -> None:
    """An MDN for nothing that we know: kept, as a late look may explain it; it moves nothing."""
    fault = Fault.of("AS2-MDN-OTHER-MESSAGE", value=original or "nothing", expected="a message that was sent from here")
    uow.receipts.add(
        Receipt(
            direction=Direction.IN,
            created_at=now,
            partner=partner.key if partner else None,
            message_id=heading.message_id,
            original_message_id=original,
            verdict=as2.Verdict.UNVERIFIED.value,
            reasons=(fault.line(),),
            asynchronous=True,
            headers=request.headers,
            body=uow.payloads.put(request.body),
        )
    )
    note(
        uow,
        now,
        "mdn.stray",
        f"MDN from {heading.as2_from} for {original or 'no message'}. {fault.message}",
        partner=partner.key if partner else None,
    )
