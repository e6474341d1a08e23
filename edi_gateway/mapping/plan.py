"""A map bound to its shape and record: every row knows its segment, element, type and conversion.

The plan has two sides. Blocks follow the record: which field is made of which rows. Contexts follow the tree: which
loops a map looks into and which segments it claims there. Code is generated from the two together.
"""

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from edi_gateway.faults import Place
from edi_gateway.mapping.codecs import Codec
from edi_gateway.mapping.expressions import Expression
from edi_gateway.mapping.paths import Choice
from edi_gateway.mapping.tables import Table
from edi_gateway.mapping.units import BoundUnits
from edi_gateway.mapping.values import BAD, Bad, Conversion
from edi_gateway.shape import ElementShape, LoopShape, SegmentShape
from edi_gateway.tree import Loop, Segment

Test: TypeAlias = tuple[int, tuple[str, ...]]
"""One condition on a segment: the element's number and the values it may hold."""


@dataclass(eq=False, slots=True, kw_only=True)
class Slot:
    """One segment that rows read or write: in its loop the first that meets the tests.

    Shape:  `run` is the first element and the number of pairs where rows ask for qualified pairs, None where none do;
            `live` are the blocks whose presence alone writes the segment.
    """

    number: int
    shape: SegmentShape
    tests: tuple[Test, ...]
    context: "Context"
    order: int
    run: tuple[int, int] | None = None
    live: list["BoundBlock"] = dataclasses.field(default_factory=list)


@dataclass(eq=False, slots=True, kw_only=True)
class Context:
    """A loop that the map looks into, the root, or a segment that repeats.

    Shape:  `slots`, `loops` and `lists` are what is claimed among the children; `opening` is the slot of the segment that opens it.
    """

    number: int
    shape: LoopShape | SegmentShape
    tests: tuple[Test, ...] = ()
    parent: "Context | None" = None
    order: int = 0
    many: bool = False
    opening: Slot | None = None
    slots: list[Slot] = dataclasses.field(default_factory=list)
    loops: list["Context"] = dataclasses.field(default_factory=list)
    lists: list["Context"] = dataclasses.field(default_factory=list)
    live: list["BoundBlock"] = dataclasses.field(default_factory=list)

    @property
    def tag(self) -> str:
        return self.shape.tag


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundEnd:
    """Where one side of a row stands and how its value converts. Shape: `number` is 0 for a pair."""

    slot: Slot
    number: int
    component: int | None
    repetition: int | None
    choices: tuple[Choice, ...]
    element: ElementShape
    conversion: Conversion
    table: Table | None = None
    codec: Codec | None = None
    check: Codec | None = None
    default: str | None = None

    @property
    def designator(self) -> str:
        return f"{self.slot.shape.tag}{self.number:02}" if self.number else f"{self.slot.shape.tag}/{self.choices[0].qualifier}"

    def value(self, text: str) -> object:
        """What a field gets for an element's text, BAD where it cannot be read. The slow form of what generated code does."""
        word: str | Bad = text
        if self.table is not None:
            word = self.table.names.get(text, text if self.table.keep else BAD)
        elif self.codec is not None:
            word = self.codec.decode(text)
        return word if isinstance(word, Bad) or self.conversion.read is None else self.conversion.read(word)


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundRow:
    """A row with its ends bound.

    Shape:  `number` is its index in the plan's rows; `when` is over the fields read so far, `when_record` the same over the record `r`.
    """

    number: int
    field: str
    path: str
    place: Place
    one: type
    required: bool
    read: BoundEnd | None
    write: BoundEnd | None
    when: Expression | None = None
    when_record: Expression | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundEquation:
    """An equation with its element bound and its expression compiled over the record `r`. `only` as the definition has it."""

    number: int
    path: str
    place: Place
    end: BoundEnd
    expression: Expression
    text: str
    checked: bool = True
    only: str | None = None


@dataclass(eq=False, slots=True, kw_only=True)
class BoundBlock:
    """A record, or a list of records, that a block makes. `path` is its field's path in the whole record, "" for the root."""

    number: int
    field: str
    path: str
    place: Place
    kind: type
    many: bool
    required: bool
    context: Context
    slot: Slot | None = None
    grouped: bool = False
    items: list["BoundRow | BoundBlock"] = dataclasses.field(default_factory=list)
    equations: list[BoundEquation] = dataclasses.field(default_factory=list)

    def rows(self) -> Iterator[BoundRow]:
        """Every row of the block and of those within it."""
        for item in self.items:
            if isinstance(item, BoundBlock):
                yield from item.rows()
            else:
                yield item

    def blocks(self) -> Iterator["BoundBlock"]:
        """The block and every block within it."""
        yield self
        for item in self.items:
            if isinstance(item, BoundBlock):
                yield from item.blocks()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A bound map, ready for code. Shape: `rows` and `equations` in the order of their numbers."""

    name: str
    root: BoundBlock
    rows: tuple[BoundRow, ...]
    equations: tuple[BoundEquation, ...]
    slots: tuple[Slot, ...]
    contexts: tuple[Context, ...]
    units: tuple[BoundUnits, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What takes a child of a loop: a slot, a loop or a list. A single one takes the first child that meets its tests."""

    tag: str
    tests: tuple[Test, ...]
    slot: Slot | None = None
    context: Context | None = None

    @property
    def single(self) -> bool:
        return self.slot is not None or (self.context is not None and not self.context.many)

    @property
    def loop(self) -> bool:
        return self.context is not None and isinstance(self.context.shape, LoopShape)


def claims(context: Context) -> list[Claim]:
    """What is claimed among a loop's children, in the order in which it may claim: the more exact selector first, lists after singles."""
    made = [Claim(tag=slot.shape.tag, tests=slot.tests, slot=slot) for slot in context.slots]
    made += [Claim(tag=inner.tag, tests=inner.tests, context=inner) for inner in (*context.loops, *context.lists)]
    return sorted(made, key=lambda claim: (-len(claim.tests), not claim.single))


def assigned(context: Context, loop: Loop) -> Iterator[tuple[int | None, Segment | Loop]]:
    """Every child of a loop and the number of the claim that takes it, None where none does; without the segment that opens the loop."""
    claimed = claims(context)
    filled: set[int] = set()
    for index, child in enumerate(loop.children):
        if index == 0 and context.opening is not None and isinstance(child, Segment):
            continue
        opening = child.children[0] if isinstance(child, Loop) else child
        assert isinstance(opening, Segment)
        taker = None
        for number, claim in enumerate(claimed):
            if claim.tag != child.tag or claim.loop != isinstance(child, Loop) or (claim.single and number in filled):
                continue
            if all(opening.get(at) in values for at, values in claim.tests):
                filled.add(number)
                taker = number
                break
        yield taker, child
