"""An AS2 message that we receive: what each event makes of each state.

    received → opened → receipted | receipt_due        (no MDN asked: it stays opened)
    received → faulted → receipted | receipt_due       (no MDN asked: it stays faulted)
    received → duplicate | not_as2
    receipt_due → receipted | receipt_exhausted ; receipt_exhausted → receipt_due (operator)
    receipted, receipt_exhausted, receipt_due → receipt_due      (the sender asks again)

The events:

    OPENED               decrypted, verified as the partner's terms require, and the EDI payload kept
    OPEN_FAILED          it could not be opened; the faults say why
    NAMELESS             it has no AS2 headers, so nobody can be answered and no partner waits
    REPEATED             this Message-ID was opened before: the first MDN goes out again
    RECEIPT_STORED       the synchronous MDN is stored with the message, and is the response
    RECEIPT_QUEUED       an asynchronous MDN is stored, and a work item to post it
    RECEIPT_POSTED       the asynchronous MDN was taken
    RECEIPT_RETRY        it was not taken; `retry.decide` said when to try again
    RECEIPT_EXHAUSTED    it was not taken, and the attempts or the time for it are used up
    RECEIPT_ASKED_AGAIN  the sender posted the message again: the asynchronous MDN goes out once more, with all its attempts anew
    OPERATOR_RESEND      a person posts the same MDN again
"""

from collections.abc import Mapping
from enum import StrEnum

from edi_gateway.lifecycle.states import Inbound
from edi_gateway.lifecycle.step import Effect, Next, to


class InboundEvent(StrEnum):
    """What can happen to a message that we receive; the module's docstring says what each one means."""

    OPENED = "opened"
    OPEN_FAILED = "open_failed"
    NAMELESS = "nameless"
    REPEATED = "repeated"
    RECEIPT_STORED = "receipt_stored"
    RECEIPT_QUEUED = "receipt_queued"
    RECEIPT_POSTED = "receipt_posted"
    RECEIPT_RETRY = "receipt_retry"
    RECEIPT_EXHAUSTED = "receipt_exhausted"
    RECEIPT_ASKED_AGAIN = "receipt_asked_again"
    OPERATOR_RESEND = "operator_resend"


_E = InboundEvent
_ANSWER: Mapping[InboundEvent, Next[Inbound]] = {
    _E.RECEIPT_STORED: to(Inbound.RECEIPTED, Effect.SETTLE),
    _E.RECEIPT_QUEUED: to(Inbound.RECEIPT_DUE, Effect.ENQUEUE_RECEIPT),
}

_POST_AGAIN = to(Inbound.RECEIPT_DUE, Effect.ENQUEUE_RECEIPT)

TABLE: Mapping[Inbound, Mapping[InboundEvent, Next[Inbound]]] = {
    Inbound.RECEIVED: {
        _E.OPENED: to(Inbound.OPENED, Effect.ENQUEUE_TRANSLATE),
        _E.OPEN_FAILED: to(Inbound.FAULTED, Effect.TELL_OPERATOR),
        _E.NAMELESS: to(Inbound.NOT_AS2, Effect.SETTLE),
        _E.REPEATED: to(Inbound.DUPLICATE, Effect.SETTLE),
    },
    Inbound.OPENED: _ANSWER,
    Inbound.FAULTED: _ANSWER,
    Inbound.RECEIPT_DUE: {
        _E.RECEIPT_POSTED: to(Inbound.RECEIPTED, Effect.SETTLE),
        _E.RECEIPT_RETRY: to(Inbound.RECEIPT_DUE, Effect.SCHEDULE_RETRY),
        _E.RECEIPT_EXHAUSTED: to(Inbound.RECEIPT_EXHAUSTED, Effect.TELL_OPERATOR),
        # Whoever asks waits for it now, and not until the next attempt, which may be the last one.
        _E.RECEIPT_ASKED_AGAIN: _POST_AGAIN,
    },
    Inbound.RECEIPT_EXHAUSTED: {
        _E.RECEIPT_ASKED_AGAIN: _POST_AGAIN,
        _E.OPERATOR_RESEND: _POST_AGAIN,
    },
    Inbound.RECEIPTED: {_E.RECEIPT_ASKED_AGAIN: _POST_AGAIN},
    Inbound.DUPLICATE: {},
    Inbound.NOT_AS2: {},
}


def advance(state: Inbound, event: InboundEvent) -> Next[Inbound] | None:
    """Where the event leads from this state; None where it changes nothing."""
    return TABLE[state].get(event)
