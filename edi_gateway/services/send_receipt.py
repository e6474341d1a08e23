"""Posting an asynchronous MDN: a message of its own, the same bytes on every attempt, with retries and an end."""

from datetime import datetime

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.inbound import InboundEvent
from edi_gateway.lifecycle.policy import RetryPolicy
from edi_gateway.lifecycle.retry import RetryAt, decide
from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.ports.channels import Answer, Unreached
from edi_gateway.ports.rows import Attempt, Receipt, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.access import authorities_of
from edi_gateway.services.effects import advance_inbound
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note

_NOT_TAKEN = ("STO-420", "STO-421")
"""What is wrong with a message whose MDN could not be posted, until it could."""


def send_receipt(gateway: Gateway, transmission_id: int) -> None:
    """Posts the MDN that is due for a received message. Does nothing where none is due (any more)."""
    now = gateway.clock.now()
    with gateway.store.begin() as uow:
        row = uow.transmissions.get(transmission_id)
        receipts = uow.receipts.find(transmission_id=transmission_id, direction=Direction.OUT)
        if row.state is not Inbound.RECEIPT_DUE or not receipts:
            return
        receipt = receipts[0]
        if row.next_attempt_at is not None and row.next_attempt_at > now:
            return
        assert receipt.id is not None
        assert receipt.body is not None
        number = receipt.attempts + 1
        uow.receipts.change(receipt.id, attempts=number)
        attempt = uow.attempts.add(Attempt(number=number, url=receipt.url or "", started_at=now, receipt_id=receipt.id))
        body = uow.payloads.get(receipt.body)
    partner = gateway.book.partner(row.partner or "")
    if partner is None or receipt.url is None or not partner.as2.takes_receipt_at(receipt.url):
        answer: Answer | Unreached = Unreached(reason="forbidden_address", detail="the address is not on the partner's list")
    else:
        terms = partner.as2
        answer = gateway.poster.post(
            receipt.url,
            receipt.headers,
            body,
            timeout=terms.timeout,
            authorities=authorities_of(terms),
            allow_private=terms.trusts_host_of(receipt.url),
        )
    with gateway.store.begin() as uow:
        [row] = uow.transmissions.locked(id=transmission_id)
        _answered(gateway, uow, row, receipt, attempt, answer)


def post_again(uow: UnitOfWork, row: Transmission, event: InboundEvent, now: datetime) -> bool:
    """Lets the MDN of a message be posted at once, with all its attempts and their whole time anew; False where it has none.

    Shape:  an attempt that is under way is not one of those: where it fails, they follow.
    """
    return advance_inbound(uow, row, event, now, next_attempt_at=None, tried_since=now)


def _answered(gateway: Gateway, uow: UnitOfWork, row: Transmission, receipt: Receipt, attempt: Attempt, answer: Answer | Unreached) -> None:
    now = gateway.clock.now()
    assert attempt.id is not None
    assert receipt.id is not None
    if isinstance(answer, Answer) and 200 <= answer.status < 300:
        uow.attempts.change(attempt.id, ended_at=now, outcome="taken", http_status=answer.status)
        uow.receipts.change(receipt.id, sent_at=now, http_status=answer.status)
        advance_inbound(uow, row, InboundEvent.RECEIPT_POSTED, now, faults=tuple(one for one in row.faults if one.code not in _NOT_TAKEN))
        _say(uow, row, now, "mdn.posted", f"MDN posted to {receipt.url}, taken with HTTP status {answer.status}.")
        return
    if isinstance(answer, Answer):
        fault = Fault.of("STO-421", value=receipt.url, status=answer.status)
        uow.attempts.change(attempt.id, ended_at=now, outcome="refused", http_status=answer.status, detail=fault.message)
    else:
        fault = Fault.of("STO-420", value=receipt.url, reason=answer.detail)
        uow.attempts.change(attempt.id, ended_at=now, outcome=answer.reason, detail=answer.detail)
    partner = gateway.book.partner(row.partner or "")
    policy = partner.retry if partner else RetryPolicy()
    since = row.tried_since or receipt.created_at
    made = sum(one.started_at >= since for one in uow.attempts.find(receipt_id=receipt.id))
    # Made none: it was asked for again during this attempt, and the work item of that is waiting.
    decision = decide(policy, made, since, now, gateway.draw()) if made else RetryAt(at=now)
    if isinstance(decision, RetryAt):
        advance_inbound(uow, row, InboundEvent.RECEIPT_RETRY, now, next_attempt_at=decision.at)
        follows = f"Next attempt at {decision.at:%Y-%m-%d %H:%M:%S} UTC."
    else:
        advance_inbound(uow, row, InboundEvent.RECEIPT_EXHAUSTED, now, faults=(*row.faults, fault))
        follows = "There is no further attempt."
    _say(uow, row, now, "mdn.failed", f"Attempt {attempt.number} to post the MDN: {fault.message} {follows}")


def _say(uow: UnitOfWork, row: Transmission, now: datetime, kind: str, words: str) -> None:
    note(uow, now, kind, words, partner=row.partner, transmission_id=row.id)
