"""The state that a row's recorded events lead to: by the tables alone, from the first state on. Pure."""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar

from edi_gateway.lifecycle import inbound, outbound, set_in, set_out
from edi_gateway.lifecycle.states import Direction, Inbound, Outbound, SetIn, SetOut
from edi_gateway.lifecycle.step import Next

S = TypeVar("S", bound=StrEnum)
E = TypeVar("E", bound=StrEnum)


def message_state(direction: Direction, history: str) -> Inbound | Outbound:
    """The state of a message after these events. Errors: ValueError for an event that the table does not take there."""
    if direction is Direction.IN:
        return _replayed(Inbound.RECEIVED, history, inbound.InboundEvent, inbound.advance)
    return _replayed(Outbound.READY, history, outbound.OutboundEvent, outbound.advance)


def set_state(direction: Direction, history: str) -> SetIn | SetOut:
    """The state of a set after these events. Errors: ValueError for an event that the table does not take there."""
    if direction is Direction.IN:
        return _replayed(SetIn.PARSED, history, set_in.SetInEvent, set_in.advance)
    return _replayed(SetOut.COMPOSED, history, set_out.SetOutEvent, set_out.advance)


def _replayed(start: S, history: str, kind: Callable[[str], E], advance: Callable[[S, E], Next[S] | None]) -> S:
    state = start
    for word in history.split():
        step = advance(state, kind(word))
        if step is None:
            raise ValueError(f"{word} is nothing that happens to {state.value}")
        state = step.state
    return state
