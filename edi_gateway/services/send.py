"""Sending: sealed once, then the same bytes under the same Message-ID on every attempt, and what the answer makes of it."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any, BinaryIO

from structlog.contextvars import bound_contextvars

from edi_gateway import as2
from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.outbound import OutboundEvent
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.partners.agreement import MdnMode, Partner, Transfer
from edi_gateway.ports.channels import Answer, Unreached
from edi_gateway.ports.rows import Attempt, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.ports.web import IN_MEMORY
from edi_gateway.services.access import Access, access_to, authorities_of
from edi_gateway.services.effects import advance_outbound, enqueue_sending
from edi_gateway.services.gate import Wait, enter, told
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.large import Content, digest_of, store
from edi_gateway.services.pauses import is_paused
from edi_gateway.services.receipts import judge, settle_receipt
from edi_gateway.services.retries import after_failure

_UNREACHED = frozenset({"connect", "timeout", "tls"})
"""What says that the address does not answer; other reasons are about what it answers, or ours."""
_TRY_AGAIN = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Claim:
    """A message that is ours to post, now."""

    row: Transmission
    attempt: Attempt
    partner: Partner
    url: str
    body: bytes | BinaryIO
    access: Access

    @property
    def row_id(self) -> int:
        assert self.row.id is not None
        return self.row.id


@dataclass(frozen=True, slots=True, kw_only=True)
class _Body:
    """The bytes to post. `sealed` says how they were made, where it was just now, and `kept` under what they are to be kept."""

    content: bytes | BinaryIO
    sealed: as2.Sealed | as2.SealedFile | None = None
    kept: Content = b""


def send(gateway: Gateway, transmission_id: int) -> None:
    """Posts a message that is ready or due again. Does nothing where there is nothing to do (any more)."""
    with ExitStack() as files:
        claim = _claimed(gateway, transmission_id, files)
        if claim is not None:
            _post(gateway, claim)


def _post(gateway: Gateway, claim: _Claim) -> None:
    """Makes one attempt, and writes down what came of it."""
    terms = claim.partner.as2
    # What proves who we are belongs to the line, not to the message: it is not kept with the headers.
    answer = gateway.poster.post(
        claim.url,
        (*claim.row.headers, *claim.access.headers),
        claim.body,
        timeout=terms.timeout,
        authorities=authorities_of(terms),
        client=claim.access.client,
        chunked=terms.transfer is Transfer.CHUNKED,
    )
    verdict = _verdict(gateway, claim, answer)
    with bound_contextvars(message_id=claim.row.message_id), gateway.store.begin() as uow:
        _answered(gateway, uow, uow.transmissions.get(claim.row_id), claim, answer, verdict)


def _claimed(gateway: Gateway, transmission_id: int, files: ExitStack) -> _Claim | None:
    """The message in state `sending`, sealed, with the attempt that begins; None where it is not to be sent now."""
    with gateway.store.read() as uow:
        row = uow.transmissions.get(transmission_id)
        paused = is_paused(uow, row.partner, Direction.OUT)
    now = gateway.clock.now()
    if row.state is Outbound.SENDING:
        _interrupted(gateway, row, gateway.book.partner(row.partner or ""), now)
        return None
    if row.state not in (Outbound.READY, Outbound.RETRY_WAIT) or (row.next_attempt_at is not None and row.next_attempt_at > now):
        return None
    if paused:  # the resume enqueues it again
        return None
    try:
        partner, url = _terms(gateway, row)
        access = access_to(partner)
        body = _seal(gateway, row, partner, now, files) if row.wire is None else _Body(content=_read(gateway, row.wire, files))
    except Faulty as faulty:
        _stop(gateway, row, faulty.faults, now)
        return None
    return _begin(gateway, row, partner, url, access, body, now)


def _begin(gateway: Gateway, row: Transmission, partner: Partner, url: str, access: Access, body: _Body, now: datetime) -> _Claim | None:
    """Takes the message to `sending` and opens an attempt; None where another worker was first."""
    assert row.id is not None
    with gateway.store.begin() as uow:
        wait = enter(uow, partner, url, now, gateway.draw())
        if wait is not None:
            _postpone(uow, row, partner, wait, now)
            return None
        # Guard and wire bytes are one update: who comes second must not overwrite what is being posted.
        if body.sealed is not None:
            changes = {**_sealed(body.sealed, digest_of(uow, body.kept), partner), "revision": gateway.revision}
        else:
            changes = {}
        # The policy counts from the last time that a person sent it again; an attempt's number counts all that were ever made.
        number = len(uow.attempts.find(transmission_id=row.id)) + 1
        changes |= {"attempts": row.attempts + 1, "next_attempt_at": None, "tried_since": row.tried_since or now, "url": url}
        if not advance_outbound(uow, row, OutboundEvent.CLAIMED, now, partner, **changes):
            return None
        attempt = uow.attempts.add(Attempt(number=number, url=url, started_at=now, transmission_id=row.id))
        return _Claim(row=uow.transmissions.get(row.id), attempt=attempt, partner=partner, url=url, body=body.content, access=access)


def _postpone(uow: UnitOfWork, row: Transmission, partner: Partner, wait: Wait, now: datetime) -> None:
    """Keeps a message where it stands, to be looked at again. The time for its attempts runs meanwhile, and may end."""
    assert row.id is not None
    since = row.tried_since or now
    if now >= since + partner.retry.duration:
        fault = Fault.of("STO-461", value=row.url or partner.as2.url, reason=wait.why)
        if advance_outbound(uow, row, OutboundEvent.FAILED_EXPIRED, now, partner, faults=(*row.faults, fault)):
            _say(uow, row, now, "as2.failed", fault.line())
        return
    until = min(wait.until, since + partner.retry.duration)
    if not uow.transmissions.advance(row.id, row.state, row.state, next_attempt_at=until, tried_since=since):
        return
    enqueue_sending(uow, row.id, until)
    if row.next_attempt_at is None:
        _say(uow, row, now, "as2.postponed", f"Not posted yet, as {wait.why}. It is looked at again at {until:%Y-%m-%d %H:%M:%S} UTC.")


def _terms(gateway: Gateway, row: Transmission) -> tuple[Partner, str]:
    """The partner and its address, as their file says now: what was sealed before is posted to where they listen today.

    Errors: Faulty where they cannot be sent anything.
    """
    partner = gateway.book.partner(row.partner or "")
    if partner is None or not partner.as2.url:
        raise Faulty([Fault.of("STO-423", partner=row.partner, reason="the partner's file is gone, faulty, or names no AS2 address")])
    if not partner.active:
        raise Faulty([Fault.of("STO-432", value=partner.key)])
    return partner, partner.as2.url


def _read(gateway: Gateway, digest: str, files: ExitStack) -> bytes | BinaryIO:
    """Kept bytes: in memory, or as a file where they are too large for it."""
    with gateway.store.read() as uow:
        if uow.payloads.size(digest) <= IN_MEMORY:
            return uow.payloads.get(digest)
        return files.enter_context(uow.payloads.open(digest))


def _seal(gateway: Gateway, row: Transmission, partner: Partner, now: datetime, files: ExitStack) -> _Body:
    """The message signed and encrypted as the agreement says. Errors: Faulty where a key or a certificate is missing."""
    assert row.content is not None
    payload, wanted = _read(gateway, row.content, files), partner.as2.security
    try:
        terms: dict[str, Any] = {
            "as2_from": row.as2_from,
            "as2_to": row.as2_to,
            "message_id": row.message_id,
            "when": now,
            "content_type": row.content_type or "application/edi-x12",
            "filename": row.filename,
            "subject": row.subject,
            "security": wanted.sealing,
            "signing_key": gateway.keys.signing(now) if wanted.sign else None,
            "recipients": [gateway.keys.recipient(partner, now)] if wanted.encrypt else [],
            "mdn": partner.as2.mdn_wanted,
            "extra_headers": tuple(partner.as2.headers.items()),
        }
        if isinstance(payload, bytes):
            sealed = as2.seal(payload, **terms)
            return _Body(content=sealed.body, sealed=sealed, kept=sealed.body)
        body = files.enter_context(gateway.store.scratch())
        in_file = as2.seal_file(payload, body, **terms)
    except ValueError as wrong:
        raise Faulty([Fault.of("STO-423", partner=partner.key, reason=wrong)]) from wrong
    kept = store(gateway.store, body)
    body.seek(0)
    return _Body(content=body, sealed=in_file, kept=kept)


def _sealed(sealed: as2.Sealed | as2.SealedFile, wire: str, partner: Partner) -> dict[str, Any]:
    """What is stored before the first post; from there on the message is never built again, whatever the partner's file says later."""
    used = partner.as2.security
    return {
        "wire": wire,
        "headers": sealed.headers,
        "mic": sealed.mic.value,
        "mic_algorithm": sealed.mic.algorithm,
        "mics": tuple((mic.value, mic.algorithm) for mic in sealed.mics),
        "payload_head": sealed.head.decode("latin-1"),
        "signed": used.sign is not None,
        "encrypted": used.encrypt is not None,
        "compressed": bool(used.compress),
        "digest": used.sign,
        "cipher": used.encrypt,
    }


def _verdict(gateway: Gateway, claim: _Claim, answer: Answer | Unreached) -> as2.MdnVerdict | None:
    """The verdict on the MDN that an answer is; None where it is none."""
    if isinstance(answer, Unreached) or not 200 <= answer.status < 300 or not as2.is_mdn(answer.headers, answer.body):
        return None
    now = gateway.clock.now()
    return judge(gateway, claim.row, claim.partner, answer.headers, answer.body, now, arrival=as2.Arrival.SYNCHRONOUS)


def _answered(
    gateway: Gateway, uow: UnitOfWork, row: Transmission, claim: _Claim, answer: Answer | Unreached, verdict: as2.MdnVerdict | None
) -> None:
    """Writes down how the attempt ended and takes the message on."""
    now = gateway.clock.now()
    attempt, partner = claim.attempt, claim.partner
    unreached = isinstance(answer, Unreached) and answer.reason in _UNREACHED
    told(uow, partner, claim.url, now, reached=not unreached)
    if isinstance(answer, Unreached):
        fault = Fault.of("STO-420", value=row.url, reason=answer.detail)
        _end(uow, attempt, now, answer.reason, None, answer.detail)
        _failed(gateway, uow, row, partner, fault, now, final=answer.reason == "forbidden_address")
        return
    if not 200 <= answer.status < 300:
        fault = Fault.of("STO-421", value=row.url, status=answer.status)
        _end(uow, attempt, now, "refused", answer.status, fault.message)
        _failed(gateway, uow, row, partner, fault, now, final=answer.status < 500 and answer.status not in _TRY_AGAIN)
        return
    if verdict is not None:
        _end(uow, attempt, now, verdict.verdict.value, answer.status, verdict.disposition or "")
        settle_receipt(uow, row, partner, verdict, answer.headers, answer.body, now, asynchronous=False, http_status=answer.status)
        return
    match partner.as2.mdn:
        case MdnMode.NONE:
            _end(uow, attempt, now, "taken", answer.status, "no MDN was asked for")
            advance_outbound(uow, row, OutboundEvent.POSTED_OK_NO_MDN_ASKED, now, partner)
            _say(uow, row, now, "as2.sent", f"Posted, taken with HTTP status {answer.status}; no MDN was asked for.")
        case MdnMode.ASYNC:
            _end(uow, attempt, now, "taken", answer.status, "the MDN is to come by a post")
            advance_outbound(uow, row, OutboundEvent.POSTED_OK_MDN_PENDING, now, partner)
            _say(uow, row, now, "as2.sent", f"Posted, taken with HTTP status {answer.status}; the MDN is to come by a post of its own.")
        case MdnMode.SYNC:
            fault = Fault.of("STO-422", value=row.url, status=answer.status)
            _end(uow, attempt, now, "no_mdn", answer.status, fault.message)
            _failed(gateway, uow, row, partner, fault, now, final=False)


def _failed(gateway: Gateway, uow: UnitOfWork, row: Transmission, partner: Partner, fault: Fault, now: datetime, *, final: bool) -> None:
    event, retry_at = (OutboundEvent.FAILED_FOR_GOOD, None) if final else after_failure(gateway, row, partner, now)
    faults = (*(one for one in row.faults if one.code != fault.code), fault)
    if not advance_outbound(uow, row, event, now, partner, retry_at=retry_at, faults=faults):
        return
    follows = f" Next attempt at {retry_at:%Y-%m-%d %H:%M:%S} UTC." if retry_at else " There is no further attempt."
    _say(uow, row, now, "as2.failed", f"Attempt {row.attempts}: {fault.message}{follows}")


def _interrupted(gateway: Gateway, row: Transmission, partner: Partner | None, now: datetime) -> None:
    """The worker that was sending is gone: whether the post arrived is not known, so the same bytes go again at once."""
    with gateway.store.begin() as uow:
        if advance_outbound(uow, row, OutboundEvent.INTERRUPTED, now, partner, retry_at=now):
            _say(
                uow,
                row,
                now,
                "as2.interrupted",
                f"Attempt {row.attempts} was cut short by a stop of the gateway; the same bytes are posted again.",
            )


def _stop(gateway: Gateway, row: Transmission, faults: tuple[Fault, ...], now: datetime) -> None:
    with gateway.store.begin() as uow:
        if not advance_outbound(uow, row, OutboundEvent.FAILED_FOR_GOOD, now, None, faults=faults):
            return
        for fault in faults:
            _say(uow, row, now, "as2.stopped", fault.line())


def _end(uow: UnitOfWork, attempt: Attempt, now: datetime, outcome: str, status: int | None, detail: str) -> None:
    assert attempt.id is not None
    uow.attempts.change(attempt.id, ended_at=now, outcome=outcome, http_status=status, detail=detail)


def _say(uow: UnitOfWork, row: Transmission, now: datetime, kind: str, words: str) -> None:
    note(uow, now, kind, words, partner=row.partner, transmission_id=row.id)
