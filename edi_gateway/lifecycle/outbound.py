"""An AS2 message that we send: what each event makes of each state.

    ready → sending | expired | stopped
    sending → delivered | awaiting_mdn | retry_wait | exhausted | expired | refused | unverified | stopped
    awaiting_mdn → delivered | refused | unverified | retry_wait | exhausted | expired
    retry_wait → sending | expired | stopped
    refused, exhausted, expired, stopped, unverified → superseded (operator)
    exhausted, expired, stopped, unverified → ready (operator) | cancelled (operator) | delivered (a late good MDN) | refused

The events:

    CLAIMED                   a worker takes it to post it
    POSTED_OK_MDN_GOOD        the response was a verified MDN: processed, MIC equal
    POSTED_OK_MDN_REFUSED     the response was a verified MDN that refuses the message
    POSTED_OK_MDN_UNVERIFIED  the response was an MDN whose signature or MIC does not verify
    POSTED_OK_MDN_PENDING     the post was taken; the MDN comes by a post of its own
    POSTED_OK_NO_MDN_ASKED    the post was taken and no MDN was asked for
    FAILED_RETRY              the post failed, or no MDN came in its window; `retry.decide` said when to try again
    FAILED_EXHAUSTED          the same, and the attempts are used up
    FAILED_EXPIRED            the same, and the time for it is over; also when that time ends during a wait
    FAILED_FOR_GOOD           another try cannot help (certificate expired, address forbidden, 401 …): a person must act
    INTERRUPTED               the worker that was sending is gone; whether the post arrived is not known
    MDN_GOOD                  an asynchronous MDN, verified: processed, MIC equal; at any time, in any state
    MDN_REFUSED               an asynchronous MDN, verified, that refuses the message
    MDN_UNVERIFIED            an asynchronous MDN whose signature or MIC does not verify
    OPERATOR_RESEND           a person sends the same bytes again under the same Message-ID
    OPERATOR_STOP             a person stops further attempts
    OPERATOR_CANCEL           a person gives the message up
    OPERATOR_SEND_ANEW        a person sends its interchange in a message of its own, under a new Message-ID
"""

from collections.abc import Mapping
from enum import StrEnum

from edi_gateway.lifecycle.states import Outbound
from edi_gateway.lifecycle.step import Effect, Next, to


class OutboundEvent(StrEnum):
    """What can happen to a message that we send; the module's docstring says what each one means."""

    CLAIMED = "claimed"
    POSTED_OK_MDN_GOOD = "posted_ok_mdn_good"
    POSTED_OK_MDN_REFUSED = "posted_ok_mdn_refused"
    POSTED_OK_MDN_UNVERIFIED = "posted_ok_mdn_unverified"
    POSTED_OK_MDN_PENDING = "posted_ok_mdn_pending"
    POSTED_OK_NO_MDN_ASKED = "posted_ok_no_mdn_asked"
    FAILED_RETRY = "failed_retry"
    FAILED_EXHAUSTED = "failed_exhausted"
    FAILED_EXPIRED = "failed_expired"
    FAILED_FOR_GOOD = "failed_for_good"
    INTERRUPTED = "interrupted"
    MDN_GOOD = "mdn_good"
    MDN_REFUSED = "mdn_refused"
    MDN_UNVERIFIED = "mdn_unverified"
    OPERATOR_RESEND = "operator_resend"
    OPERATOR_STOP = "operator_stop"
    OPERATOR_CANCEL = "operator_cancel"
    OPERATOR_SEND_ANEW = "operator_send_anew"


_E = OutboundEvent
_DELIVERED = to(Outbound.DELIVERED, Effect.SETTLE, Effect.CLOSE_MDN_WINDOW, Effect.SETS_DELIVERED)
_REFUSED = to(Outbound.REFUSED, Effect.SETTLE, Effect.CLOSE_MDN_WINDOW, Effect.TELL_OPERATOR)
_UNVERIFIED = to(Outbound.UNVERIFIED, Effect.CLOSE_MDN_WINDOW, Effect.TELL_OPERATOR)
_RETRY = to(Outbound.RETRY_WAIT, Effect.SCHEDULE_RETRY)
_EXHAUSTED = to(Outbound.EXHAUSTED, Effect.TELL_OPERATOR)
_EXPIRED = to(Outbound.EXPIRED, Effect.TELL_OPERATOR)
_STOPPED = to(Outbound.STOPPED, Effect.TELL_OPERATOR)
_SENDING = to(Outbound.SENDING)
_RESEND = to(Outbound.READY, Effect.ENQUEUE_SEND)
_SUPERSEDED = to(Outbound.SUPERSEDED, Effect.SETTLE, Effect.CLOSE_MDN_WINDOW)
_CANCELLED = to(Outbound.CANCELLED, Effect.SETTLE, Effect.CLOSE_MDN_WINDOW, Effect.SETS_CANCELLED)

# An MDN may come while no attempt of ours is under way: after a crash, after a person's resend, after the end of all attempts.
_MDN_ANY_TIME: Mapping[OutboundEvent, Next[Outbound]] = {_E.MDN_GOOD: _DELIVERED, _E.MDN_REFUSED: _REFUSED}
_FOR_A_PERSON: Mapping[OutboundEvent, Next[Outbound]] = {
    **_MDN_ANY_TIME,
    _E.OPERATOR_RESEND: _RESEND,
    _E.OPERATOR_CANCEL: _CANCELLED,
    _E.OPERATOR_SEND_ANEW: _SUPERSEDED,
}

TABLE: Mapping[Outbound, Mapping[OutboundEvent, Next[Outbound]]] = {
    Outbound.READY: {
        **_MDN_ANY_TIME,
        _E.CLAIMED: _SENDING,
        _E.FAILED_FOR_GOOD: _STOPPED,
        _E.FAILED_EXPIRED: _EXPIRED,
        _E.OPERATOR_STOP: to(Outbound.STOPPED),
    },
    Outbound.SENDING: {
        **_MDN_ANY_TIME,
        _E.POSTED_OK_MDN_GOOD: _DELIVERED,
        _E.POSTED_OK_MDN_REFUSED: _REFUSED,
        _E.POSTED_OK_MDN_UNVERIFIED: _UNVERIFIED,
        _E.POSTED_OK_MDN_PENDING: to(Outbound.AWAITING_MDN, Effect.OPEN_MDN_WINDOW),
        _E.POSTED_OK_NO_MDN_ASKED: _DELIVERED,
        _E.FAILED_RETRY: _RETRY,
        _E.FAILED_EXHAUSTED: _EXHAUSTED,
        _E.FAILED_EXPIRED: _EXPIRED,
        _E.FAILED_FOR_GOOD: _STOPPED,
        _E.INTERRUPTED: _RETRY,
        _E.MDN_UNVERIFIED: _UNVERIFIED,
    },
    Outbound.AWAITING_MDN: {
        **_MDN_ANY_TIME,
        _E.FAILED_RETRY: _RETRY,
        _E.FAILED_EXHAUSTED: _EXHAUSTED,
        _E.FAILED_EXPIRED: _EXPIRED,
        _E.MDN_UNVERIFIED: _UNVERIFIED,
        _E.OPERATOR_STOP: to(Outbound.STOPPED, Effect.CLOSE_MDN_WINDOW),
    },
    Outbound.RETRY_WAIT: {
        **_MDN_ANY_TIME,
        _E.CLAIMED: _SENDING,
        _E.FAILED_EXHAUSTED: _EXHAUSTED,
        _E.FAILED_EXPIRED: _EXPIRED,
        _E.FAILED_FOR_GOOD: _STOPPED,
        _E.OPERATOR_RESEND: _RESEND,
        _E.OPERATOR_STOP: to(Outbound.STOPPED),
    },
    Outbound.UNVERIFIED: _FOR_A_PERSON,
    Outbound.STOPPED: _FOR_A_PERSON,
    Outbound.EXHAUSTED: _FOR_A_PERSON,
    Outbound.EXPIRED: _FOR_A_PERSON,
    Outbound.DELIVERED: {},
    Outbound.REFUSED: {_E.OPERATOR_SEND_ANEW: _SUPERSEDED},
    Outbound.CANCELLED: {},
    Outbound.SUPERSEDED: {},
}


def advance(state: Outbound, event: OutboundEvent) -> Next[Outbound] | None:
    """Where the event leads from this state; None where it changes nothing (a second MDN, a resend of what was delivered)."""
    return TABLE[state].get(event)
