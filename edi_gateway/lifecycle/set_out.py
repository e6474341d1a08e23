"""A transaction set that we send: what each event makes of each state.

    composed → enveloped → sent → accepted | accepted_with_errors | rejected | ack_overdue     (an acknowledgment of ours: done)
    enveloped → accepted | accepted_with_errors | rejected          (a 997 that overtakes the MDN)
    ack_overdue → accepted | accepted_with_errors | rejected        (a late 997 still closes it)
    done → accepted | accepted_with_errors | rejected               (a 997 that nobody awaits)
    sent, ack_overdue → done → sent                                 (a person closes the window of the 997, and opens it again)
    rejected → accepted | accepted_with_errors                      (the partner corrects its verdict)
    composed, enveloped → held → composed | cancelled

It counts, once the partner has said that they have it: by an MDN, or by a 997 that accepts it, whichever comes first. Which of the two
that was makes no difference afterwards.

The events:

    HELD                     it may not go on: a rule, or a map or guide of ours that fails; `held_code` says which
    MENDED                   a person replays it after mending
    ENVELOPED                it stands in an interchange, its control numbers claimed
    DELIVERED                its transmission was delivered, and a 997 is awaited
    DELIVERED_FINALLY        its transmission was delivered, and nothing answers it (our own 997, or none was agreed)
    CANCELLED                its transmission was cancelled
    GIVEN_UP                 a person gives it up while it is held
    ACK_ACCEPTED             the partner's 997 accepts it; it may come before the MDN, and late
    ACK_ACCEPTED_WITH_ERRORS the partner's 997 accepts it and notes errors
    ACK_REJECTED             the partner's 997, or its TA1, rejects it
    ACK_WINDOW_PASSED        no 997 came in its window
    ACK_WAIVED               a person says that no 997 is waited for any more
    ACK_AWAITED              a person says that it is again
"""

from collections.abc import Mapping
from enum import StrEnum

from edi_gateway.lifecycle.states import SetOut
from edi_gateway.lifecycle.step import Effect, Next, to


class SetOutEvent(StrEnum):
    """What can happen to a set that we send; the module's docstring says what each one means."""

    HELD = "held"
    MENDED = "mended"
    ENVELOPED = "enveloped"
    DELIVERED = "delivered"
    DELIVERED_FINALLY = "delivered_finally"
    CANCELLED = "cancelled"
    GIVEN_UP = "given_up"
    ACK_ACCEPTED = "ack_accepted"
    ACK_ACCEPTED_WITH_ERRORS = "ack_accepted_with_errors"
    ACK_REJECTED = "ack_rejected"
    ACK_WINDOW_PASSED = "ack_window_passed"
    ACK_WAIVED = "ack_waived"
    ACK_AWAITED = "ack_awaited"


_E = SetOutEvent
_HELD = to(SetOut.HELD, Effect.TELL_OPERATOR)
_ACCEPTED = to(SetOut.ACCEPTED, Effect.CLOSE_ACK_WINDOW)
_WITH_ERRORS = to(SetOut.ACCEPTED_WITH_ERRORS, Effect.CLOSE_ACK_WINDOW, Effect.TELL_OPERATOR)
_REJECTED = to(SetOut.REJECTED, Effect.CLOSE_ACK_WINDOW, Effect.TELL_OPERATOR)
_COUNTING_FROM_NOW: Mapping[SetOutEvent, Next[SetOut]] = {
    _E.ACK_ACCEPTED: to(_ACCEPTED.state, *_ACCEPTED.effects, Effect.COUNTS),
    _E.ACK_ACCEPTED_WITH_ERRORS: to(_WITH_ERRORS.state, *_WITH_ERRORS.effects, Effect.COUNTS),
}
_COUNTING_UNTIL_NOW: Mapping[SetOutEvent, Next[SetOut]] = {
    _E.ACK_ACCEPTED: _ACCEPTED,
    _E.ACK_ACCEPTED_WITH_ERRORS: _WITH_ERRORS,
    _E.ACK_REJECTED: to(_REJECTED.state, *_REJECTED.effects, Effect.COUNTS_NO_MORE),
}
_WAIVABLE: Mapping[SetOutEvent, Next[SetOut]] = {**_COUNTING_UNTIL_NOW, _E.ACK_WAIVED: to(SetOut.DONE)}

TABLE: Mapping[SetOut, Mapping[SetOutEvent, Next[SetOut]]] = {
    SetOut.HELD: {_E.MENDED: to(SetOut.COMPOSED, Effect.ENQUEUE_ENVELOPE), _E.GIVEN_UP: to(SetOut.CANCELLED)},
    SetOut.COMPOSED: {_E.HELD: _HELD, _E.ENVELOPED: to(SetOut.ENVELOPED)},
    SetOut.ENVELOPED: {
        **_COUNTING_FROM_NOW,
        _E.ACK_REJECTED: _REJECTED,
        _E.DELIVERED: to(SetOut.SENT, Effect.OPEN_ACK_WINDOW, Effect.COUNTS),
        _E.DELIVERED_FINALLY: to(SetOut.DONE, Effect.COUNTS),
        _E.CANCELLED: _HELD,
    },
    SetOut.SENT: {**_WAIVABLE, _E.ACK_WINDOW_PASSED: to(SetOut.ACK_OVERDUE, Effect.TELL_OPERATOR)},
    SetOut.ACK_OVERDUE: _WAIVABLE,
    SetOut.DONE: {**_COUNTING_UNTIL_NOW, _E.ACK_AWAITED: to(SetOut.SENT)},
    SetOut.REJECTED: _COUNTING_FROM_NOW,
    SetOut.ACCEPTED: {},
    SetOut.ACCEPTED_WITH_ERRORS: {},
    SetOut.CANCELLED: {},
}
COUNTING = (SetOut.SENT, SetOut.ACCEPTED, SetOut.ACCEPTED_WITH_ERRORS, SetOut.ACK_OVERDUE, SetOut.DONE)
"""The states of a set that the partner has, and has not rejected."""


def advance(state: SetOut, event: SetOutEvent) -> Next[SetOut] | None:
    """Where the event leads from this state; None where it changes nothing (a second 997, a window that closed in time)."""
    return TABLE[state].get(event)
