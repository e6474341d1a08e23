"""A transaction set's shape as a machine: where each segment may come next.

The states are the slots of the shape's tree; a transition is worked out when it is first taken. The same search serves the
fast machine, which knows valid moves only, and the exact walk, which also asks what was left out on the way.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import TypeAlias

from edi_gateway.shape import LoopShape, SegmentShape, Shape
from edi_gateway.x12.check import Checker, Separators


class Level:
    """A loop in its place in the tree: its slots, and where it hangs in the loop around it."""

    __slots__ = ("depth", "index", "limit", "number", "parent", "shape", "slots")

    def __init__(self, shape: LoopShape, parent: "Level | None", index: int, numbers: Iterator[int]) -> None:
        self.shape = shape
        self.limit = shape.limit
        self.parent = parent
        self.index = index
        self.depth: int = parent.depth + 1 if parent else 0
        self.number = next(numbers)
        self.slots: tuple[SegmentShape | Level, ...] = tuple(
            Level(item, self, place, numbers) if isinstance(item, LoopShape) else item for place, item in enumerate(shape.items)
        )

    @property
    def tag(self) -> str:
        return self.shape.tag

    @property
    def path(self) -> tuple["Level", ...]:
        """The loops from the outermost to this one, the root left out."""
        return (*self.parent.path, self) if self.parent else ()

    def slot(self, index: int) -> SegmentShape:
        """The segment at a slot. Errors: TypeError where a loop stands there."""
        found = self.slots[index]
        if isinstance(found, Level):
            raise TypeError(f"slot {index} of {self.tag} is loop {found.tag}")
        return found

    def walk(self) -> Iterator["Level"]:
        yield self
        for slot in self.slots:
            if isinstance(slot, Level):
                yield from slot.walk()


class Move(Enum):
    """How a segment follows the one before it."""

    STAY = auto()
    """the same slot again"""
    NEXT = auto()
    """a later slot of an open loop"""
    OPEN = auto()
    """a loop that was not open"""
    REPEAT = auto()
    """another turn of an open loop"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """One place a segment could take, and the mandatory slots that would then have been left out."""

    level: Level
    index: int
    move: Move
    missing: tuple[tuple[Level, str], ...]


def candidates(level: Level, index: int, tag: str) -> Iterator[Candidate]:
    """The places `tag` could take after slot `index` of `level` (-1 before the first), the nearest first.

    The segment that opens a loop stands there once: another is another turn of the loop.
    """
    missing: list[tuple[Level, str]] = []
    here: Level | None = level
    while here is not None:
        for place in range(max(index, 0), len(here.slots)):
            slot = here.slots[place]
            current = place == index
            if slot.tag == tag:
                if isinstance(slot, Level):
                    yield Candidate(slot, 0, Move.REPEAT if current else Move.OPEN, tuple(missing))
                elif not (current and place == 0 and here.parent):
                    yield Candidate(here, place, Move.STAY if current else Move.NEXT, tuple(missing))
            if not current and requirement(slot) == "M":
                missing.append((here, slot.tag))
        index, here = here.index, here.parent


def left_out(level: Level, index: int) -> tuple[tuple[Level, str], ...]:
    """The mandatory slots still to come after slot `index` of `level` when the set ends there."""
    missing: list[tuple[Level, str]] = []
    here: Level | None = level
    while here is not None:
        missing += ((here, slot.tag) for slot in here.slots[index + 1 :] if requirement(slot) == "M")
        index, here = here.index, here.parent
    return tuple(missing)


def requirement(slot: SegmentShape | Level) -> str:
    return slot.shape.requirement if isinstance(slot, Level) else slot.requirement


Nest: TypeAlias = "tuple[int, str | None, bool] | None"
"""How the tree's stack of open loops changes: keep so many, then open one of that tag, hierarchical or not; None: no change."""

Step: TypeAlias = "tuple[State, Checker, int]"
"""Next state, checker and count.

The count is 0 where nothing is counted, the most uses of the slot where a segment stays in it, and below zero for limited
loops: -2 * number - 1 opens loop `number`, -2 * number - 2 is another turn of it.
"""

Growth: TypeAlias = "tuple[State, Nest, tuple[int, ...]]"
"""Next state, nesting, and which elements are composites: what a tree needs of a step."""


class State(dict[str, Step]):
    """A slot of the machine: the valid steps from it by tag, worked out when they are first taken."""

    __slots__ = ("final", "grammar", "growths", "index", "level")

    def __init__(self, grammar: "Grammar", level: Level, index: int) -> None:
        super().__init__()
        self.grammar = grammar
        self.level = level
        self.index = index
        self.growths: dict[str, Growth] = {}
        self.final = not left_out(level, index)

    def learn(self, tag: str) -> "Step | None":
        """The valid step for a tag, remembered; None where there is none."""
        found = self.grammar.move(self, tag)
        if found is None:
            return None
        slot = found.level.slot(found.index)
        state = self.grammar.state(found.level, found.index)
        composites = tuple(number for number, element in enumerate(slot.elements, 1) if element.components)
        self.growths[tag] = (state, _nest(self.level, found), composites)
        step = self[tag] = (state, self.grammar.checker(slot), _count(found, slot))
        return step


class Grammar:
    """The machine of one transaction set for one choice of inner separators."""

    def __init__(self, shape: Shape, separators: Separators) -> None:
        self.shape = shape
        self.separators = separators
        self.root = Level(shape.root, None, -1, iter(range(1_000_000)))
        self.levels = tuple(self.root.walk())
        self.limits = tuple(level.limit for level in self.levels)
        self.is_hierarchical = any(level.shape.hierarchical for level in self.levels)
        self.homes: dict[str, tuple[tuple[Level, int], ...]] = _homes(self.levels)
        self._places: dict[tuple[int, int, str], tuple[Candidate, ...]] = {}
        self._states: dict[tuple[int, int], State] = {}
        self._checkers: dict[int, Checker] = {}
        self.start = self.state(self.root, -1)

    def accepts(self, body: Sequence[str], separator: str) -> bool:
        """Whether a body's segments are surely in order, within limits and good; characters are taken for allowed."""
        state, uses, limits = self.start, 1, self.limits
        turns = [0] * len(limits)
        for text in body:
            elements = text.split(separator)
            step = state.get(elements[0]) or state.learn(elements[0])
            if step is None:
                return False
            state, checks, count = step
            if not checks[len(elements)](elements):
                return False
            if count > 0:
                uses += 1
                if uses > count:
                    return False
                continue
            uses = 1
            if count:
                number, is_repeat = divmod(-count - 1, 2)
                turns[number] = turns[number] + 1 if is_repeat else 1
                if turns[number] > limits[number]:
                    return False
        return state.final

    def places(self, level: Level, index: int, tag: str) -> tuple[Candidate, ...]:
        """All `candidates`, remembered; none for a tag that stands nowhere in the set."""
        if tag not in self.homes:
            return ()
        key = (level.number, index, tag)
        if key not in self._places:
            self._places[key] = tuple(candidates(level, index, tag))
        return self._places[key]

    def move(self, state: State, tag: str) -> Candidate | None:
        """Where a tag goes from a state when that leaves nothing out; None where it goes nowhere, or that is not sure."""
        for found in candidates(state.level, state.index, tag):
            limit = found.level.limit if found.move is Move.REPEAT else found.level.slot(found.index).limit
            if found.move in (Move.STAY, Move.REPEAT) and limit == 1:
                continue
            return None if found.missing else found
        return None

    def state(self, level: Level, index: int) -> State:
        key = (level.number, index)
        if key not in self._states:
            self._states[key] = State(self, level, index)
        return self._states[key]

    def checker(self, slot: SegmentShape) -> Checker:
        """The slot's checker. Slots of one segment share one, unless a guide narrows some of them."""
        key = id(slot.elements)
        if key not in self._checkers:
            self._checkers[key] = Checker(slot, self.separators)
        return self._checkers[key]


def _homes(levels: tuple[Level, ...]) -> dict[str, tuple[tuple[Level, int], ...]]:
    """Every slot of a set by its segment's tag."""
    homes: dict[str, tuple[tuple[Level, int], ...]] = {}
    for level in levels:
        for index, slot in enumerate(level.slots):
            if isinstance(slot, SegmentShape):
                homes[slot.tag] = (*homes.get(slot.tag, ()), (level, index))
    return homes


def _count(found: Candidate, slot: SegmentShape) -> int:
    match found.move:
        case Move.STAY:
            return slot.limit
        case Move.OPEN if found.level.limit:
            return -2 * found.level.number - 1
        case Move.REPEAT if found.level.limit:
            return -2 * found.level.number - 2
        case _:
            return 0


def _nest(level: Level, found: Candidate) -> Nest:
    if found.move in (Move.OPEN, Move.REPEAT):
        return (found.level.depth, found.level.tag, found.level.shape.hierarchical)
    if found.level is not level:
        return (found.level.depth + 1, None, False)
    return None
