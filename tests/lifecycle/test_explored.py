"""Every sequence of events of a small scope, walked: a message, its set and windows; a partner that answers early, late, twice or never.

The services' own conduct is modelled in `World`: which event follows which effect. Walked is every order in which the world outside, a
crash and a person may come in between. The set is a document that the partner owes an answer to; it is an answer itself, which we owe
them until they cancel what they asked; and it is the notice of a shipment.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache
from itertools import combinations, product
from typing import Any

import pytest

from edi_gateway.lifecycle import deadline, inbound, outbound, set_in, set_out, waits
from edi_gateway.lifecycle.deadline import WAITING, DeadlineEvent
from edi_gateway.lifecycle.inbound import InboundEvent as Receipt
from edi_gateway.lifecycle.outbound import OutboundEvent as Message
from edi_gateway.lifecycle.replay import message_state, set_state
from edi_gateway.lifecycle.set_out import COUNTING
from edi_gateway.lifecycle.set_out import SetOutEvent as Set
from edi_gateway.lifecycle.states import DeadlineState, Direction, Inbound, Outbound, SetIn, SetOut
from edi_gateway.lifecycle.step import Effect


class Word(StrEnum):
    """What else the partner says."""

    TA1 = "ta1"
    ANSWER = "answer"
    """Their answer to the document."""
    QUESTION = "question"
    """The document of theirs that ours answers; it may have been held up here."""
    CANCELLATION = "cancellation"
    """They take that document back; it may overtake it."""


class Wanted(StrEnum):
    """What a window waits for."""

    MDN = "mdn_window"
    ACK = "ack_window"
    TA1 = "ta1_window"
    ANSWER = "answer_window"
    """Of the partner."""
    OWED = "owed_window"
    """Our answer to what they asked."""
    DEPARTURE = "departure_window"


class Person(StrEnum):
    """What a person does to windows: closes one, as nothing is to come any more, and opens it again."""

    CLOSES_ACK = "closes_ack_window"
    REOPENS_ACK = "reopens_ack_window"
    CLOSES_OWED = "closes_owed_window"
    REOPENS_OWED = "reopens_owed_window"


CLOSES = {Person.CLOSES_ACK: Wanted.ACK, Person.CLOSES_OWED: Wanted.OWED}
REOPENS = {Person.REOPENS_ACK: Wanted.ACK, Person.REOPENS_OWED: Wanted.OWED}
"""Walked of two kinds: the one that its set's state goes with, and the one that comes, is withdrawn and owed again; others do less."""
Event = Message | Set | Word | Wanted | Person
"""Of a window: its end passes."""
Windows = frozenset[tuple[Wanted, DeadlineState]]
CLOSED = tuple(state for state in DeadlineState if state not in WAITING)
REOPENED = frozenset({DeadlineState.DROPPED, DeadlineState.WITHDRAWN})
"""A window that ended so is opened anew where its document comes to count."""


@dataclass(frozen=True, slots=True)
class World:
    """One message of ours and the set in it."""

    message: Outbound = Outbound.READY
    set: SetOut = SetOut.ENVELOPED
    job: bool = True
    """Whether a work item of it is live."""
    windows: Windows = frozenset()
    """Those that wait, and how the last one ended, of each kind."""
    came: frozenset[Word] = frozenset()
    awaits_ack: bool = True

    def of(self, wanted: Wanted) -> frozenset[DeadlineState]:
        return frozenset(state for one, state in self.windows if one is wanted)

    def waits_for(self, wanted: Wanted) -> bool:
        return any(state in WAITING for state in self.of(wanted))

    @property
    def counts(self) -> bool:
        return self.set in COUNTING


def happen(world: World, event: Event) -> World | None:
    """The world after one event, with all effects of its step done; None where it changes nothing."""
    after: World | None
    match event:
        case Message.OPERATOR_SEND_ANEW:
            after = _message(world, event)
            # Another message takes its place, and has its set.
            return None if after is None else replace(after, message=Outbound.READY, job=True)
        case Message():
            return _message(world, event)
        case Set.MENDED:
            # Enveloped anew, in a message of its own; what answered an earlier one of its number does not answer this one.
            again = replace(world, message=Outbound.READY, job=True, came=world.came & {Word.QUESTION, Word.CANCELLATION})
            after = _set(again, event) if world.set is SetOut.HELD else None
            return None if after is None else _set(after, Set.ENVELOPED)
        case Set():
            return _set(world, event)
        case Wanted():
            after = _ended(world, event, DeadlineEvent.PASSED)
            if after is not None and event is Wanted.ACK:
                after = _set(after, Set.ACK_WINDOW_PASSED) or after
            return after
        case Word():
            return _word(world, event)
        case Person() if event in CLOSES:
            wanted = CLOSES[event]
            closed = _closed(world, wanted, dict.fromkeys(WAITING, DeadlineEvent.CLOSED))
            after = (_set(closed, Set.ACK_WAIVED) or closed) if wanted is Wanted.ACK else closed
            return None if closed == world else after
        case Person():
            return _reopened(world, REOPENS[event])


def _reopened(world: World, wanted: Wanted) -> World | None:
    """As the services do: only what a person closed, and only as long as what it waits for is to come."""
    if DeadlineState.CLOSED not in world.of(wanted):
        return None
    if wanted is Wanted.ACK:
        awaited = _set(world, Set.ACK_AWAITED)
        return None if awaited is None else _opened(awaited, wanted)
    return None if world.counts or Word.CANCELLATION in world.came else _opened(world, wanted)


def _message(world: World, event: Message) -> World | None:
    step = outbound.advance(world.message, event)
    if step is None:
        return None
    after = replace(world, message=step.state, job=False)
    for effect in step.effects:
        after = _message_effect(after, effect)
    # Claimed: the work item lives as long as the attempt; a dead worker's is freed by the end of its lease.
    return replace(after, job=True) if step.state is Outbound.SENDING else after


def _message_effect(world: World, effect: Effect) -> World:
    match effect:
        case Effect.ENQUEUE_SEND | Effect.SCHEDULE_RETRY:
            return replace(world, job=True)
        case Effect.OPEN_MDN_WINDOW:
            return _opened(world, Wanted.MDN)
        case Effect.CLOSE_MDN_WINDOW:
            without = world.message in (Outbound.STOPPED, Outbound.CANCELLED, Outbound.SUPERSEDED)
            return _dropped(world, Wanted.MDN) if without else _came(world, Wanted.MDN)
        case Effect.SETS_DELIVERED:
            awaited = world if Word.TA1 in world.came else _opened(world, Wanted.TA1)
            return _set(awaited, Set.DELIVERED if world.awaits_ack else Set.DELIVERED_FINALLY) or awaited
        case Effect.SETS_CANCELLED:
            return _set(world, Set.CANCELLED) or world
    return world


def _set(world: World, event: Set) -> World | None:
    step = set_out.advance(world.set, event)
    if step is None:
        return None
    after = replace(world, set=step.state)
    for effect in step.effects:
        after = _set_effect(after, effect)
    return _dropped(after, Wanted.DEPARTURE) if step.state is SetOut.CANCELLED else after


def _set_effect(world: World, effect: Effect) -> World:
    match effect:
        case Effect.OPEN_ACK_WINDOW:
            return _opened(world, Wanted.ACK)
        case Effect.CLOSE_ACK_WINDOW:
            return _came(world, Wanted.ACK)
        case Effect.COUNTS:
            after = _came(_came(world, Wanted.DEPARTURE), Wanted.OWED)
            if not after.of(Wanted.ANSWER) - REOPENED:
                after = _opened(after, Wanted.ANSWER)
            return _came(after, Wanted.ANSWER) if Word.ANSWER in world.came else after
        case Effect.COUNTS_NO_MORE:
            after = _dropped(_opened_again(world, Wanted.DEPARTURE), Wanted.ANSWER)
            return after if Word.CANCELLATION in world.came else _opened_again(after, Wanted.OWED)
    return world


def _word(world: World, word: Word) -> World | None:
    ours = word not in (Word.QUESTION, Word.CANCELLATION)
    if word in world.came or (ours and world.set in (SetOut.HELD, SetOut.CANCELLED)):
        return None
    after = replace(world, came=world.came | {word})
    match word:
        case Word.TA1:
            return _came(after, Wanted.TA1)
        case Word.ANSWER:
            return _came(after, Wanted.ANSWER)
        case Word.QUESTION if Word.CANCELLATION in world.came:
            return after
        case Word.QUESTION:
            asked = _opened(after, Wanted.OWED)
            return _came(asked, Wanted.OWED) if world.counts else asked
        case Word.CANCELLATION:
            return _closed(after, Wanted.OWED, dict.fromkeys(WAITING, DeadlineEvent.WITHDRAWN))


def _opened(world: World, wanted: Wanted) -> World:
    """As `open_window` does: one that is open is dropped first."""
    before = frozenset(one for one in world.windows if one[0] is not wanted or one[1] is DeadlineState.BREACHED)
    return replace(world, windows=before | {(wanted, DeadlineState.OPEN)})


def _opened_again(world: World, wanted: Wanted) -> World:
    return _opened(world, wanted) if world.of(wanted) & {DeadlineState.MET, DeadlineState.LATE} and not world.waits_for(wanted) else world


def _came(world: World, wanted: Wanted) -> World:
    """What is open is met, what is over late."""
    return _closed(world, wanted, {DeadlineState.BREACHED: DeadlineEvent.CAME_LATE, DeadlineState.OPEN: DeadlineEvent.CAME})


def _dropped(world: World, wanted: Wanted) -> World:
    return _closed(world, wanted, dict.fromkeys(WAITING, DeadlineEvent.DROPPED))


def _closed(world: World, wanted: Wanted, events: Mapping[DeadlineState, DeadlineEvent]) -> World:
    for before, event in events.items():
        world = _ended(world, wanted, event, before) or world
    return world


def _ended(world: World, wanted: Wanted, event: DeadlineEvent, before: DeadlineState = DeadlineState.OPEN) -> World | None:
    """Takes a window in a state on to where the event leads, in place of those that ended before."""
    after = deadline.advance(before, event)
    if after is None or (wanted, before) not in world.windows:
        return None
    gone = {(wanted, state) for state in (*CLOSED, before)}
    return replace(world, windows=world.windows - gone | {(wanted, after)})


def possible(world: World) -> Iterator[Event]:
    """What may happen next: what our own work does where it has work, what the clock does where a window is open, and all else always."""
    if world.job and world.message in (Outbound.READY, Outbound.RETRY_WAIT):
        yield from (Message.CLAIMED, Message.FAILED_FOR_GOOD, Message.FAILED_EXPIRED)
    if world.message is Outbound.SENDING:
        yield from (one for one in Message if one.value.startswith(("posted_", "failed_")))
        yield Message.INTERRUPTED
    if world.message is Outbound.AWAITING_MDN and DeadlineState.BREACHED in world.of(Wanted.MDN):
        yield from (Message.FAILED_RETRY, Message.FAILED_EXHAUSTED, Message.FAILED_EXPIRED)
    yield from (wanted for wanted, state in world.windows if state is DeadlineState.OPEN)
    yield from (Message.MDN_GOOD, Message.MDN_REFUSED, Message.MDN_UNVERIFIED)
    yield from (Message.OPERATOR_RESEND, Message.OPERATOR_STOP, Message.OPERATOR_CANCEL, Message.OPERATOR_SEND_ANEW)
    # What accepts with errors leads where what accepts leads; the law on that is below.
    yield from (Set.ACK_ACCEPTED, Set.ACK_REJECTED, Set.MENDED, Set.GIVEN_UP)
    yield from Word
    yield from Person


@cache
def explored() -> dict[World, dict[Event, World]]:
    """Every world that can be reached, and what may happen in it and where that leads.

    Walked where a law asks for it, not where the file is only looked through: each worker looks through every file.
    """
    answer = World()
    notice = World(windows=frozenset({(Wanted.DEPARTURE, DeadlineState.OPEN)}), came=frozenset({Word.QUESTION}))
    edge = [replace(world, awaits_ack=awaits) for world in (answer, notice) for awaits in (True, False)]
    found: dict[World, dict[Event, World]] = {world: {} for world in edge}
    while edge:
        world = edge.pop()
        found[world] = {event: after for event in possible(world) if (after := happen(world, event)) is not None}
        for after in found[world].values():
            if after not in found:
                found[after] = {}
                edge.append(after)
    return found


SAID = (Message.MDN_GOOD, Set.ACK_ACCEPTED, Word.TA1, Word.ANSWER, Word.QUESTION, Word.CANCELLATION)
"""What comes of a document that all goes well with; in any order."""


def after(world: World, *events: Event) -> World:
    """The world after these events, those left out that change nothing."""
    for event in events:
        world = explored()[world].get(event, world)
    return world


def test_every_order_of_events_of_one_message_was_walked() -> None:
    assert {world.message for world in explored()} == set(Outbound) - {Outbound.SUPERSEDED}
    assert {world.set for world in explored()} == set(SetOut) - {SetOut.COMPOSED, SetOut.ACCEPTED_WITH_ERRORS}
    states = {(wanted, state) for wanted in Wanted for state in DeadlineState}
    # A 997 is settled with its set, and their order stays the partner's, whatever becomes of our answer; they alone take it back.
    never = {(Wanted.ACK, DeadlineState.DROPPED), (Wanted.OWED, DeadlineState.DROPPED), (Wanted.TA1, DeadlineState.DROPPED)}
    never |= {(wanted, DeadlineState.WITHDRAWN) for wanted in Wanted if wanted is not Wanted.OWED}
    never |= {(wanted, DeadlineState.CLOSED) for wanted in Wanted if wanted not in CLOSES.values()}
    assert {one for world in explored() for one in world.windows} == states - never


def test_nothing_waits_for_nothing() -> None:
    """Wherever a message stands, a work item, a window or a person moves it on."""
    for world in explored():
        wait = waits.OUTBOUND[world.message]
        if isinstance(wait, waits.Work):
            assert world.job, world
        if isinstance(wait, waits.Window):
            assert world.waits_for(Wanted.MDN), world
        if isinstance(waits.SET_OUT[world.set], waits.Window):
            assert world.waits_for(Wanted.ACK), world


def test_what_is_final_holds_no_window_open() -> None:
    for world in explored():
        if world.message in (Outbound.DELIVERED, Outbound.REFUSED, Outbound.CANCELLED):
            assert not world.waits_for(Wanted.MDN), world
            assert not world.job, world
        if world.set in (SetOut.ACCEPTED, SetOut.REJECTED, SetOut.HELD, SetOut.CANCELLED):
            assert not world.waits_for(Wanted.ACK), world


def test_a_ta1_is_waited_for_from_the_delivery_until_it_comes() -> None:
    for world in explored():
        assert world.waits_for(Wanted.TA1) == (world.message is Outbound.DELIVERED and Word.TA1 not in world.came), world


def test_an_answer_is_waited_for_from_when_the_partner_has_the_document_until_it_comes_or_they_reject_it() -> None:
    """Whichever came first: the MDN, the 997, or the answer itself."""
    for world in explored():
        assert world.waits_for(Wanted.ANSWER) == (world.counts and Word.ANSWER not in world.came), world


def test_an_answer_of_ours_is_owed_from_when_they_asked_until_they_have_one_that_they_do_not_reject_or_they_cancel() -> None:
    for world in explored():
        asked = Word.QUESTION in world.came and Wanted.DEPARTURE not in {wanted for wanted, _ in world.windows}
        asked = asked and Word.CANCELLATION not in world.came and DeadlineState.CLOSED not in world.of(Wanted.OWED)
        assert world.waits_for(Wanted.OWED) == (asked and not world.counts), world


def test_a_ship_notice_is_due_until_they_have_one_that_they_do_not_reject_or_a_person_gives_it_up() -> None:
    for world in explored():
        if world.of(Wanted.DEPARTURE):
            assert world.waits_for(Wanted.DEPARTURE) == (not world.counts and world.set is not SetOut.CANCELLED), world


def test_what_comes_in_another_order_ends_the_same() -> None:
    """Any two things that do not contradict each other may overtake one another; only what was never waited for leaves no trace."""
    for world, follows in explored().items():
        for one, other in combinations([event for event in SAID if event in follows], 2):
            first, second = after(world, one, other), after(world, other, one)
            assert (first.message, first.set, first.came) == (second.message, second.set, second.came), (world, one, other)
            assert waiting(first) == waiting(second), (world, one, other)


def waiting(world: World) -> Windows:
    return frozenset((wanted, state) for wanted, state in world.windows if state in WAITING)


def test_from_everywhere_all_that_was_to_come_leads_to_the_end() -> None:
    for world in explored():
        if world.message in (Outbound.CANCELLED, Outbound.REFUSED):
            continue
        ended = after(world, *SAID)
        assert ended.message is Outbound.DELIVERED
        assert ended.set is SetOut.ACCEPTED
        assert not waiting(ended), world


def test_every_window_that_is_open_ends_with_its_time() -> None:
    for world in explored():
        passed = after(world, *Wanted)
        assert all(state is not DeadlineState.OPEN for _, state in passed.windows), world


def test_what_comes_twice_changes_nothing_the_second_time() -> None:
    for world, follows in explored().items():
        for event in (Message.MDN_GOOD, Message.MDN_REFUSED, Set.ACK_ACCEPTED, Set.ACK_REJECTED, *Word):
            if event in follows:
                assert event not in explored()[follows[event]], (world, event)


def test_an_acceptance_with_errors_is_one_that_a_person_is_told_of() -> None:
    for state, row in set_out.TABLE.items():
        plain, noted = row.get(Set.ACK_ACCEPTED), row.get(Set.ACK_ACCEPTED_WITH_ERRORS)
        assert (plain is None) == (noted is None), state
        if plain is not None and noted is not None:
            assert (plain.state, noted.state) == (SetOut.ACCEPTED, SetOut.ACCEPTED_WITH_ERRORS)
            assert set(noted.effects) == {*plain.effects, Effect.TELL_OPERATOR}
    assert set_out.TABLE[SetOut.ACCEPTED] == set_out.TABLE[SetOut.ACCEPTED_WITH_ERRORS]


@dataclass(frozen=True, slots=True)
class Owed:
    """A message that came in, and its asynchronous MDN."""

    state: Inbound = Inbound.RECEIPT_DUE
    job: bool = True
    under_way: bool = False
    """Whether an attempt to post it is."""
    asked: bool = True
    """Whether the sender has asked for it since the last attempt began."""


def owed_next(owed: Owed) -> Iterator[Owed]:
    """All that may happen next. Shape: as the services do, an attempt is the last one only where nobody asked while it was under way."""
    if owed.job and not owed.under_way:
        due = owed.state is Inbound.RECEIPT_DUE
        yield replace(owed, job=False, under_way=due, asked=owed.asked and not due)
    if owed.under_way:
        done = replace(owed, under_way=False)
        yield told(done, Receipt.RECEIPT_POSTED, asked=False)
        yield told(done, Receipt.RECEIPT_RETRY)
        if not owed.asked:
            yield told(done, Receipt.RECEIPT_EXHAUSTED)
    yield told(owed, Receipt.RECEIPT_ASKED_AGAIN, asked=True)
    yield told(owed, Receipt.OPERATOR_RESEND)


def told(owed: Owed, event: Receipt, **changes: bool) -> Owed:
    step = inbound.advance(owed.state, event)
    if step is None:
        return replace(owed, **changes)
    works = bool({Effect.ENQUEUE_RECEIPT, Effect.SCHEDULE_RETRY} & set(step.effects))
    return replace(owed, state=step.state, job=owed.job or works, **changes)


def test_an_mdn_that_was_asked_for_is_posted_or_waits_for_a_person_and_never_stands_still() -> None:
    found, edge = {Owed()}, [Owed()]
    while edge:
        for after in owed_next(edge.pop()):
            if after not in found:
                found.add(after)
                edge.append(after)
    assert {owed.state for owed in found} == {Inbound.RECEIPT_DUE, Inbound.RECEIPTED, Inbound.RECEIPT_EXHAUSTED}
    for owed in found:
        assert owed.state is not Inbound.RECEIPT_DUE or owed.job or owed.under_way, owed
        assert owed.state is Inbound.RECEIPT_DUE or not owed.asked, owed


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
