"""A transaction set that we receive: what each event makes of each state.

    parsed → valid → mapped → delivered
    parsed → rejected
    parsed, valid → settled                   (an acknowledgment: it has settled what it names)
    valid → rejected                         (a rule of its order refuses it)
    valid, mapped → held → valid              (our map failed; mended, then replayed)

The events:

    FOUND_VALID      validated without a fault that rejects it
    FOUND_INVALID    validated and rejected; the 997 says so
    SETTLED          it is an acknowledgment, and what it names is settled
    MAPPED           its canonical record is stored
    HELD             a map of ours fails on it, or no agreement covers it; `held_code` says which
    REFUSED          a rule of its order refuses it: the 997 stays an acceptance, the ERP does not get it
    DELIVERED        its ERP file is published
    OPERATOR_REPLAY  a person maps it again after mending
"""

from collections.abc import Mapping
from enum import StrEnum

from edi_gateway.lifecycle.states import SetIn
from edi_gateway.lifecycle.step import Effect, Next, to


class SetInEvent(StrEnum):
    """What can happen to a set that we receive; the module's docstring says what each one means."""

    FOUND_VALID = "found_valid"
    FOUND_INVALID = "found_invalid"
    SETTLED = "settled"
    MAPPED = "mapped"
    HELD = "held"
    REFUSED = "refused"
    DELIVERED = "delivered"
    OPERATOR_REPLAY = "operator_replay"


_E = SetInEvent
_HELD = to(SetIn.HELD, Effect.TELL_OPERATOR)
_SETTLED = to(SetIn.SETTLED)

TABLE: Mapping[SetIn, Mapping[SetInEvent, Next[SetIn]]] = {
    SetIn.PARSED: {
        _E.FOUND_VALID: to(SetIn.VALID, Effect.ENQUEUE_MAP),
        _E.FOUND_INVALID: to(SetIn.REJECTED, Effect.TELL_OPERATOR),
        _E.SETTLED: _SETTLED,
    },
    SetIn.VALID: {
        _E.MAPPED: to(SetIn.MAPPED),
        _E.HELD: _HELD,
        _E.REFUSED: to(SetIn.REJECTED, Effect.TELL_OPERATOR),
        _E.SETTLED: _SETTLED,
    },
    SetIn.MAPPED: {_E.DELIVERED: to(SetIn.DELIVERED), _E.HELD: _HELD},
    SetIn.HELD: {_E.OPERATOR_REPLAY: to(SetIn.VALID, Effect.ENQUEUE_MAP)},
    SetIn.REJECTED: {},
    SetIn.DELIVERED: {},
    SetIn.SETTLED: {},
}


def advance(state: SetIn, event: SetInEvent) -> Next[SetIn] | None:
    """Where the event leads from this state; None where it changes nothing."""
    return TABLE[state].get(event)
