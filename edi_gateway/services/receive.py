"""Receiving an AS2 message: opened, then kept with its MDN and its work in one commit, then answered.

The MDN is a promise, so nothing is answered before the commit; and whatever is wrong with a message, its bytes are kept.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from structlog.contextvars import bound_contextvars

from edi_gateway import as2
from edi_gateway.as2 import disposition
from edi_gateway.faults import Fault, Faulty
from edi_gateway.frozen import changed
from edi_gateway.lifecycle.inbound import InboundEvent
from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.rows import Receipt, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.ports.web import HttpReply, Received, ReceivedRequest
from edi_gateway.services.effects import arrive
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.large import digest_of
from edi_gateway.services.opened import Taken, kept_as_it_came, open_received
from edi_gateway.services.receipts import receive_receipt
from edi_gateway.services.send_receipt import post_again
from edi_gateway.services.trace import traced


@dataclass(frozen=True, slots=True, kw_only=True)
class _Arrival:
    """One message on its way in: what came, from whom, and what became of it."""

    request: Received
    heading: as2.Heading
    partner: Partner | None
    taken: Taken
    revision: int | None
    now: datetime

    @property
    def outcome(self) -> as2.Opened | as2.OpenedFile | as2.Refused:
        return self.taken.outcome

    @property
    def asynchronous(self) -> bool:
        """Whether the MDN is to be posted: asked for so, and to an address that the agreement allows."""
        wanted = self.heading.mdn
        if wanted is None or wanted.url is None or self.partner is None:
            return False
        return self.partner.as2.takes_receipt_at(wanted.url)


def receive(gateway: Gateway, request: Received) -> HttpReply:
    """Takes one POST to the AS2 endpoint, a message or an asynchronous MDN, and gives the reply byte for byte."""
    now = gateway.clock.now()
    heading = as2.read_heading(request.headers)
    if isinstance(heading, as2.Refused):
        return _not_as2(gateway, request, heading.fault, now)
    with traced(), bound_contextvars(message_id=heading.message_id):
        if isinstance(request, ReceivedRequest) and as2.is_mdn(request.headers, request.body):
            return receive_receipt(gateway, request, heading, now)
        return _receive_message(gateway, request, heading, now)


def _receive_message(gateway: Gateway, request: Received, heading: as2.Heading, now: datetime) -> HttpReply:
    """Opens a message, keeps it with its MDN, and gives the reply."""
    partner = gateway.book.by_as2(heading.as2_from, heading.as2_to)
    taken = open_received(gateway, request, heading, partner, now)
    outcome = taken.outcome
    arrival = _Arrival(request=request, heading=heading, partner=partner, taken=taken, revision=gateway.revision, now=now)
    mdn = _mdn(gateway, arrival)
    with gateway.store.begin() as uow:
        row = _row(uow, arrival)
        uow.expect(transmissions=1, receipts=0 if mdn is None else 1)
        first = uow.first_receipt(heading.as2_from, heading.as2_to, heading.message_id) if taken.carried else None
        if first is None:
            return _keep(uow, row, arrival, mdn)
        if row.content == first[0].content:
            return _keep_again(uow, row, arrival, *first)
        other = replace(arrival, taken=replace(taken, outcome=_not_the_same(heading, outcome.layers), carried=None))
        return _keep(uow, _row(uow, other), other, _mdn(gateway, other))


def _not_the_same(heading: as2.Heading, layers: as2.Layers) -> as2.Refused:
    """The refusal of other content under a Message-ID that was taken before: the first MDN would promise what was not kept."""
    fault = Fault.of("AS2-DUPLICATE", value=heading.message_id)
    return as2.Refused(fault=fault, disposition=disposition.error(as2.Modifier.UNEXPECTED), layers=layers)


def _mdn(gateway: Gateway, arrival: _Arrival) -> as2.Receipt | None:
    """The MDN that answers the message; None where none is asked for. It is unsigned only where we have no key in force."""
    wanted = arrival.heading.mdn
    if wanted is None:
        return None
    outcome = arrival.outcome
    opened_mic = arrival.taken.mic
    signing = None
    if wanted.signed:
        digest = opened_mic.digest if opened_mic and opened_mic.digest and not opened_mic.digest.weak else as2.Digest.SHA256
        try:
            signing = as2.Signing(key=gateway.keys.signing(arrival.now), digest=digest)
        except Faulty:
            signing = None
    return as2.make_mdn(
        arrival.heading,
        outcome.disposition if isinstance(outcome, as2.Refused) else disposition.processed(),
        message_id=gateway.new_message_id(),
        when=arrival.now,
        mic=opened_mic,
        signing=signing,
    )


def _keep(uow: UnitOfWork, row: Transmission, arrival: _Arrival, mdn: as2.Receipt | None) -> HttpReply:
    """Message, payload, MDN and work item in this transaction; the reply may leave once it is committed."""
    now = arrival.now
    events = [InboundEvent.OPEN_FAILED if isinstance(arrival.outcome, as2.Refused) else InboundEvent.OPENED]
    if mdn is not None:
        events.append(InboundEvent.RECEIPT_QUEUED if arrival.asynchronous else InboundEvent.RECEIPT_STORED)
    row = arrive(uow, row, events, now, arrival.partner)
    _tell(uow, row, arrival)
    if mdn is None:
        return _without_mdn(arrival.outcome)
    receipt = uow.receipts.add(_receipt(uow, row, arrival, mdn))
    if arrival.asynchronous:
        _say(uow, row, now, "mdn.queued", f"MDN stored, to be posted to {receipt.url}: {receipt.disposition}")
        return HttpReply(status=204)
    _say(uow, row, now, "mdn.sent", f"MDN stored and answered: {receipt.disposition}")
    return HttpReply(status=200, headers=mdn.headers, body=mdn.body)


def _keep_again(uow: UnitOfWork, row: Transmission, arrival: _Arrival, first: Transmission, receipt: Receipt | None) -> HttpReply:
    """The same message once more: kept as a duplicate, answered with the first MDN byte for byte, not processed again."""
    row = arrive(uow, replace(row, duplicate_of=first.id), [InboundEvent.REPEATED], arrival.now)
    _say(uow, row, arrival.now, "as2.duplicate", f"The same Message-ID as message {first.id}: answered as then, not processed again.")
    if receipt is None:
        return HttpReply(status=200)
    if receipt.asynchronous:
        [opened] = uow.transmissions.locked(id=_id(first))
        post_again(uow, opened, InboundEvent.RECEIPT_ASKED_AGAIN, arrival.now)
        return HttpReply(status=204)
    assert receipt.body is not None
    return HttpReply(status=200, headers=receipt.headers, body=uow.payloads.get(receipt.body))


def _not_as2(gateway: Gateway, request: Received, fault: Fault, now: datetime) -> HttpReply:
    """A POST whose sender or receiver cannot be told: kept, and refused in words, as no MDN can be addressed."""
    wire = kept_as_it_came(gateway, request)
    with gateway.store.begin() as uow:
        kept = Transmission(
            direction=Direction.IN,
            state=Inbound.RECEIVED,
            created_at=now,
            revision=gateway.revision,
            headers=request.headers,
            remote_address=request.remote_address,
            wire=digest_of(uow, wire),
            faults=(fault,),
        )
        # Where even one of the names is there, somebody tried to send us a message, and a person should know.
        event = InboundEvent.OPEN_FAILED if _names_anybody(request) else InboundEvent.NAMELESS
        row = arrive(uow, kept, [event], now)
        _say(uow, row, now, "as2.refused", fault.line())
    return _in_words(400, fault)


def _names_anybody(request: Received) -> bool:
    return any(name.lower() in ("as2-from", "as2-to") and value.strip() for name, value in request.headers)


def _row(uow: UnitOfWork, arrival: _Arrival) -> Transmission:
    heading, outcome, layers = arrival.heading, arrival.outcome, arrival.outcome.layers
    row = Transmission(
        direction=Direction.IN,
        state=Inbound.RECEIVED,
        created_at=arrival.now,
        revision=arrival.revision,
        partner=arrival.partner.key if arrival.partner else None,
        as2_from=heading.as2_from,
        as2_to=heading.as2_to,
        message_id=heading.message_id,
        subject=heading.subject,
        headers=arrival.request.headers,
        remote_address=arrival.request.remote_address,
        wire=digest_of(uow, arrival.taken.wire),
        signed=layers.signed,
        encrypted=layers.encrypted,
        compressed=layers.compressed,
        digest=layers.digest.value if layers.digest else None,
        cipher=layers.cipher.value if layers.cipher else None,
        signer=layers.signer.subject if layers.signer else None,
    )
    if isinstance(outcome, as2.Refused):
        return replace(row, faults=(outcome.fault,))
    carried = arrival.taken.carried
    assert carried is not None
    return changed(
        row,
        content=digest_of(uow, carried.content),
        content_type=carried.content_type,
        filename=carried.filename,
        mic=outcome.mic.value,
        mic_algorithm=outcome.mic.algorithm,
    )


def _receipt(uow: UnitOfWork, row: Transmission, arrival: _Arrival, mdn: as2.Receipt) -> Receipt:
    outcome, wanted = arrival.outcome, arrival.heading.mdn
    told = outcome.disposition if isinstance(outcome, as2.Refused) else disposition.processed()
    return Receipt(
        direction=Direction.OUT,
        created_at=arrival.now,
        transmission_id=row.id,
        partner=row.partner,
        message_id=mdn.message_id,
        original_message_id=row.message_id,
        disposition=told.verbatim,
        verdict="processed" if told.good else "refused",
        mic=row.mic,
        mic_algorithm=row.mic_algorithm,
        signed=mdn.signer is not None,
        signer=mdn.signer.subject if mdn.signer else None,
        signer_serial=mdn.signer.serial if mdn.signer else None,
        signer_fingerprint=mdn.signer.fingerprint_shown if mdn.signer else None,
        signer_not_before=mdn.signer.not_before if mdn.signer else None,
        signer_not_after=mdn.signer.not_after if mdn.signer else None,
        asynchronous=arrival.asynchronous,
        url=wanted.url if wanted else None,
        headers=mdn.headers,
        body=uow.payloads.put(mdn.body),
    )


def _without_mdn(outcome: as2.Opened | as2.OpenedFile | as2.Refused) -> HttpReply:
    """The sender asked for no MDN, so the HTTP status is all that it learns; a refusal must not look like success."""
    if isinstance(outcome, as2.Refused):
        return HttpReply(status=400, headers=_TEXT, body=b"The message was refused.\n")
    return HttpReply(status=200)


def _in_words(status: int, fault: Fault) -> HttpReply:
    return HttpReply(status=status, headers=_TEXT, body=f"{fault.message} {fault.fix}\n".encode())


def _tell(uow: UnitOfWork, row: Transmission, arrival: _Arrival) -> None:
    outcome = arrival.outcome
    if isinstance(outcome, as2.Refused):
        _say(uow, row, arrival.now, "as2.refused", outcome.fault.line())
        return
    how = [word for word, found in (("signed", row.signed), ("encrypted", row.encrypted), ("compressed", row.compressed)) if found]
    _say(uow, row, arrival.now, "as2.received", f"Received {arrival.taken.size} bytes, {' and '.join(how) or 'in clear'}.")
    for one in arrival.taken.carried.others if arrival.taken.carried else ():
        named = one.filename or one.content_type or "without a name"
        _say(uow, row, arrival.now, "as2.attachment", f"An attachment is no X12 and stays in the message as it came: {named}.")


def _say(uow: UnitOfWork, row: Transmission, now: datetime, kind: str, words: str) -> None:
    note(uow, now, kind, words, partner=row.partner, transmission_id=row.id)


def _id(row: Transmission) -> int:
    assert row.id is not None
    return row.id


_TEXT = (("Content-Type", "text/plain; charset=utf-8"),)
