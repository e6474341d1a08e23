"""Every sequence of events of a small scope, walked: a message, its set and windows; a partner that answers early, late, twice or never.

The services' own conduct is modelled in `World`: which event follows which effect. Walked is every order in which the world outside, a
crash and a person may come in between.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from edi_gateway.lifecycle import inbound, outbound, set_in, set_out, waits
from edi_gateway.lifecycle.outbound import OutboundEvent as Message
from edi_gateway.lifecycle.replay import message_state, set_state
from edi_gateway.lifecycle.set_out import SetOutEvent as Set
from edi_gateway.lifecycle.states import Direction, Inbound, Outbound, SetIn, SetOut
from edi_gateway.lifecycle.step import Effect

DEPTH = 9


@dataclass(frozen=True, slots=True)
class World:
    """One message of ours and the set in it."""

    message: Outbound = Outbound.READY
    set: SetOut = SetOut.ENVELOPED
    job: bool = True
    """Whether a work item of it is live."""
    mdn_window: bool = False
    ack_window: bool = False
    delivered: bool = False
    """Whether the partner has told us that they have it."""


def happen(world: World, event: Message | Set) -> World | None:
    """The world after one event, with all effects of its step done; None where it changes nothing."""
    if isinstance(event, Message):
        step = outbound.advance(world.message, event)
        if step is None:
            return None
        after = replace(world, message=step.state, job=False)
        for effect in step.effects:
            after = _message_effect(after, effect)
        # Claimed: the work item lives as long as the attempt; a dead worker's is freed by the end of its lease.
        return replace(after, job=True) if step.state is Outbound.SENDING else after
    found = set_out.advance(world.set, event)
    if found is None:
        return None
    after = replace(world, set=found.state)
    for one in found.effects:
        after = _set_effect(after, one)
    return after


def _message_effect(world: World, effect: Effect) -> World:
    match effect:
        case Effect.ENQUEUE_SEND | Effect.SCHEDULE_RETRY:
            return replace(world, job=True)
        case Effect.OPEN_MDN_WINDOW:
            return replace(world, mdn_window=True)
        case Effect.CLOSE_MDN_WINDOW:
            return replace(world, mdn_window=False)
        case Effect.SETS_DELIVERED:
            return happen(replace(world, delivered=True), Set.DELIVERED) or replace(world, delivered=True)
        case Effect.SETS_CANCELLED:
            return happen(world, Set.CANCELLED) or world
    return world


def _set_effect(world: World, effect: Effect) -> World:
    match effect:
        case Effect.OPEN_ACK_WINDOW:
            return replace(world, ack_window=True)
        case Effect.CLOSE_ACK_WINDOW:
            return replace(world, ack_window=False)
    return world


def possible(world: World) -> Iterator[Message | Set]:
    """What may happen next: what our own work does where it has work, what the clock does where a window is open, and all else always."""
    if world.job and world.message in (Outbound.READY, Outbound.RETRY_WAIT):
        yield from (Message.CLAIMED, Message.FAILED_FOR_GOOD, Message.FAILED_EXPIRED)
    if world.message is Outbound.SENDING:
        yield from (one for one in Message if one.value.startswith(("posted_", "failed_")))
        yield Message.INTERRUPTED
    if world.mdn_window and world.message is Outbound.AWAITING_MDN:
        yield from (Message.FAILED_RETRY, Message.FAILED_EXHAUSTED, Message.FAILED_EXPIRED)
    if world.ack_window:
        yield Set.ACK_WINDOW_PASSED
    yield from (Message.MDN_GOOD, Message.MDN_REFUSED, Message.MDN_UNVERIFIED)
    yield from (Message.OPERATOR_RESEND, Message.OPERATOR_STOP, Message.OPERATOR_CANCEL)
    yield from (Set.ACK_ACCEPTED, Set.ACK_ACCEPTED_WITH_ERRORS, Set.ACK_REJECTED)


def explored() -> dict[World, int]:
    """Every world that can be reached, with the fewest events to it."""
    found, edge = {World(): 0}, [World()]
    for depth in range(1, DEPTH + 1):
        reached = {after for world in edge for event in possible(world) if (after := happen(world, event)) is not None}
        edge = [world for world in reached if world not in found]
        found |= dict.fromkeys(edge, depth)
    assert not edge, "the scope is larger than what was walked"
    return found


WORLDS = explored()


def test_every_order_of_events_of_one_message_was_walked() -> None:
    assert {world.message for world in WORLDS} == set(Outbound) - {Outbound.SUPERSEDED}
    assert {world.set for world in WORLDS} >= set(SetOut) - {SetOut.COMPOSED, SetOut.DONE, SetOut.CANCELLED}


def test_nothing_waits_for_nothing() -> None:
    """Wherever a message stands, a work item, a window or a person moves it on."""
    for world in WORLDS:
        wait = waits.OUTBOUND[world.message]
        if isinstance(wait, waits.Work):
            assert world.job, world
        if isinstance(wait, waits.Window):
            assert world.mdn_window, world
        if isinstance(waits.SET_OUT[world.set], waits.Window):
            assert world.ack_window, world


def test_what_is_final_holds_no_window_open() -> None:
    for world in WORLDS:
        if world.message in (Outbound.DELIVERED, Outbound.REFUSED, Outbound.CANCELLED):
            assert not world.mdn_window, world
            assert not world.job, world
        if world.set in (SetOut.ACCEPTED, SetOut.ACCEPTED_WITH_ERRORS, SetOut.REJECTED):
            assert not world.ack_window, world


def test_from_everywhere_a_good_mdn_and_a_997_lead_to_the_end() -> None:
    for world in WORLDS:
        if world.message in (Outbound.CANCELLED, Outbound.REFUSED):
            continue
        after = happen(world, Message.MDN_GOOD) or world
        after = happen(after, Set.ACK_ACCEPTED) or after
        assert after.message is Outbound.DELIVERED
        assert after.set in (SetOut.ACCEPTED, SetOut.ACCEPTED_WITH_ERRORS)


def test_what_comes_twice_changes_nothing_the_second_time() -> None:
    for world in WORLDS:
        for event in (Message.MDN_GOOD, Message.MDN_REFUSED, Set.ACK_ACCEPTED, Set.ACK_REJECTED):
            once = happen(world, event)
            if once is not None:
                assert happen(once, event) is None


MACHINES: tuple[tuple[Any, Any, Any, Any], ...] = (
    (outbound.advance, outbound.OutboundEvent, Outbound.READY, lambda history: message_state(Direction.OUT, history)),
    (inbound.advance, inbound.InboundEvent, Inbound.RECEIVED, lambda history: message_state(Direction.IN, history)),
    (set_out.advance, set_out.SetOutEvent, SetOut.COMPOSED, lambda history: set_state(Direction.OUT, history)),
    (set_in.advance, set_in.SetInEvent, SetIn.PARSED, lambda history: set_state(Direction.IN, history)),
)


@pytest.mark.parametrize("machine", MACHINES, ids=["outbound", "inbound", "set_out", "set_in"])
def test_every_sequence_of_four_events_replays_to_where_it_led(machine: tuple[Any, Any, Any, Any]) -> None:
    advance, events, start, replayed = machine
    for sequence in product(events, repeat=4):
        state: StrEnum = start
        kept: list[str] = []
        for event in sequence:
            step = advance(state, event)
            if step is not None:
                state = step.state
                kept.append(event.value)
        assert replayed(" ".join(kept)) is state


def test_a_history_that_no_table_takes_is_refused() -> None:
    with pytest.raises(ValueError, match="mdn_good is nothing that happens to delivered"):
        message_state(Direction.OUT, "mdn_good mdn_good")
