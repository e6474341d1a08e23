"""What a map leaves unread: every element that stands in a tree and that no row takes. Nothing is lost in silence.

Which slot a segment fills is found by generated functions, one for each loop that the map looks into, as the reader's are.
"""

from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, TypeAlias

from edi_gateway.faults import Fault, Place
from edi_gateway.mapping import run_faults
from edi_gateway.mapping.claiming import look, singles
from edi_gateway.mapping.emitter import Emitter
from edi_gateway.mapping.lineage import shown
from edi_gateway.mapping.plan import BoundEnd, BoundEquation, BoundRow, Claim, Context, Plan, Slot, claims
from edi_gateway.shape import LoopShape
from edi_gateway.tree import Element, Loop, Repeated, Segment

_COUNTED = {"HL": (1, 2, 4)}
"""Elements that the engine itself makes from the nesting."""

_Filled: TypeAlias = tuple["_Taken | None", Segment]
"""A segment and what rows take of the slot that it fills, None where nothing claims it."""
_Filler: TypeAlias = Callable[[Loop, list[_Filled]], None]


class _Taken:
    """What rows take of one slot's segment.

    Shape:  `parts` are number, repetition and component, 0 for the whole; `once` are the elements that a row, or an equation (None),
            reads as one value; `only` are texts that may stand in an element that none reads; `spare` are the elements outside the run
            of pairs that none takes whole, `beyond` the first after those of the shape. A segment that ends before element `first` is
            read whole.
    """

    __slots__ = ("beyond", "first", "once", "only", "partly", "parts", "qualifiers", "run", "slot", "spare", "whole")

    def __init__(self, slot: Slot) -> None:
        self.slot = slot
        start, count = slot.run or (0, 0)
        self.run = range(start, start + 2 * count, 2)
        self.qualifiers: set[str] = set()
        self.once: dict[int, BoundRow | None] = {}
        self.only: dict[int, str] = {}
        self.parts: set[tuple[int, int, int]] = set()
        for number in (*(number for number, _ in slot.tests), *_COUNTED.get(slot.shape.tag, ())):
            self.parts.add((number, 0, 0))

    def take(self, end: BoundEnd, row: BoundRow | None) -> None:
        """Notes what a row takes, or an equation."""
        if end.repetition is None:
            pairs = range(self.run.start, self.run.stop) if end.choices else (end.number,)
            self.once.update(dict.fromkeys(pairs, row))
        if end.choices:
            self.qualifiers.update(choice.qualifier for choice in end.choices)
        else:
            self.parts.add((end.number, end.repetition or 0, end.component or 0))

    def follow(self, equation: BoundEquation) -> None:
        """Notes what an equation writes, and what may stand there when it is read."""
        if equation.only is None:
            self.take(equation.end, None)
        else:
            self.only[equation.end.number] = equation.only

    def close(self) -> None:
        """Makes ready what is asked of every segment, once all rows are noted."""
        self.whole = {number for number, repetition, part in self.parts if not repetition + part}
        self.partly = {number for number, _, _ in self.parts} - self.whole
        paired, self.beyond = range(self.run.start, self.run.stop), len(self.slot.shape.elements) + 1
        self.spare = tuple(one for one in range(1, self.beyond) if one not in self.whole and one not in paired)
        self.first = min((*self.spare, *paired, self.beyond))

    def unread(self, segment: Segment) -> list[int]:
        """The elements that stand in a segment and that no row reads."""
        size, found = len(segment), []
        for number in self.spare if size <= self.beyond else (*self.spare, *range(self.beyond, size)):
            if number >= size:
                break
            if segment[number] and not self._is_read(number, segment[number]):
                found.append(number)
        if self.run:
            found += self._unpaired(segment)
            found.sort()
        return found

    def _unpaired(self, segment: Segment) -> Iterator[int]:
        size = len(segment)
        for at in self.run:
            if at >= size:
                return
            if segment[at] not in self.qualifiers:
                for number in range(at, min(at + 2, size)):
                    if segment[number] and number not in self.whole and not self._is_read(number, segment[number]):
                        yield number

    def _is_read(self, number: int, element: Element) -> bool:
        if number not in self.partly and isinstance(element, str):
            return element == self.only.get(number)
        for repetition, one in enumerate(_repetitions(element), 1):
            components = one if isinstance(one, tuple) else (one,)
            is_whole = (number, repetition, 0) in self.parts
            for at, part in enumerate(components, 1):
                is_taken = is_whole or (number, repetition, at) in self.parts or (repetition == 1 and (number, 0, at) in self.parts)
                if part and not is_taken:
                    return False
        return True


class Coverage:
    """A plan turned round: per slot the elements that rows take."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._taken = {slot: _Taken(slot) for slot in plan.slots}
        for row in plan.rows:
            if row.read is not None:
                self._taken[row.read.slot].take(row.read, row)
        for equation in plan.equations:
            self._taken[equation.end.slot].follow(equation)
        for taken in self._taken.values():
            taken.close()
        # The first of a tag is the one whose names are told.
        self._shapes = {slot.shape.tag: slot.shape for slot in reversed(plan.slots)}
        self._fill = _filler(plan, self._taken, every=False)

    def unread(self, tree: Loop) -> tuple[Fault, ...]:
        """A MAP-407 for every element of the tree that no row reads, in document order."""
        return tuple(self._fault(*one) for one in self._unread(tree))

    def unread_kinds(self, tree: Loop) -> tuple[tuple[Fault, int], ...]:
        """The first MAP-407 of each kind of element that no row reads, and how many elements of its kind are unread."""
        first: dict[tuple[str, int], tuple[Segment, int]] = {}
        times: dict[tuple[str, int], int] = {}
        for segment, number in self._unread(tree):
            kind = (segment.tag, number)
            first.setdefault(kind, (segment, number))
            times[kind] = times.get(kind, 0) + 1
        return tuple((self._fault(*one), times[kind]) for kind, one in first.items())

    def repeated(self, tree: Loop) -> tuple[Fault, ...]:
        """A MAP-411 for every element that is repeated where a row reads one value."""
        return tuple(
            run_faults.repeated(taken.slot, taken.once[number], number, segment)
            for taken, segment in _filled(self._fill_every, tree)
            if taken is not None
            for number, element in enumerate(segment)
            if isinstance(element, Repeated) and number in taken.once
        )

    def counts(self, tree: Loop) -> tuple[int, int]:
        """How many elements the tree holds, and how many of them are read."""
        seen = sum(1 for segment in tree.walk() for element in segment[1:] if element)
        return seen, seen - sum(1 for _ in self._unread(tree))

    def _fault(self, segment: Segment, number: int) -> Fault:
        shape = self._shapes.get(segment.tag)
        name = shape.elements[number - 1].name if shape and number <= len(shape.elements) else "?"
        place = Place(
            segment=segment.tag, element=number, position=segment.position or None, offset=segment.offset if segment.position else None
        )
        designator = f"{segment.tag}{number:02}"
        return Fault.of("MAP-407", place, shown(segment.get(number)), designator=designator, name=name, map=self._plan.name)

    def _unread(self, tree: Loop) -> Iterator[tuple[Segment, int]]:
        for taken, segment in _filled(self._fill, tree):
            for number in _everything(segment) if taken is None else taken.unread(segment):
                yield segment, number

    @cached_property
    def _fill_every(self) -> _Filler:
        return _filler(self._plan, self._taken, every=True)


def _filled(fill: _Filler, tree: Loop) -> list[_Filled]:
    filled: list[_Filled] = []
    fill(tree, filled)
    return filled


def _filler(plan: Plan, taken: dict[Slot, _Taken], *, every: bool) -> _Filler:
    """The generated `fill(loop, filled)` of the root: adds the segments below and what is taken of them, in document order.

    Shape:  `every` segment, or those alone of which something may be left unread: of most documents that is the smaller part.
    """
    out = Emitter({"Loop": Loop})

    def add(slot: Slot) -> None:
        what = taken[slot]
        test = "" if every else f"if len(child) > {what.first}: "
        out.line(f"{test}add(({out.name('taken', what)}, child))")

    def take(claim: Claim) -> None:
        if claim.loop:
            assert claim.context is not None
            out.line(f"fill_{claim.context.number}(child, filled)")
        else:
            slot = claim.slot or (claim.context.opening if claim.context is not None else None)
            assert slot is not None
            add(slot)
        out.line("continue")

    def leave(is_loop: bool) -> None:
        out.line("filled += [(None, one) for one in child.walk()]" if is_loop else "add((None, child))")

    def function(context: Context) -> None:
        for inner in (*context.loops, *context.lists):
            if isinstance(inner.shape, LoopShape):
                function(inner)
        with out.block(f"def fill_{context.number}(loop, filled):"):
            out.line("children, add = loop.children, filled.append")
            if context.opening is not None:
                out.line("child, *children = children")
                add(context.opening)
            for name in singles(context):
                out.line(f"{name} = None")
            look(out, claims(context), "children", take, leave)

    function(plan.root.context)
    fill: Callable[..., Any] = out.compile(plan.name)[f"fill_{plan.root.context.number}"]
    return fill


def _repetitions(element: Element) -> tuple[Element, ...]:
    return tuple(element.one(number) for number in range(1, len(element) + 1)) if isinstance(element, Repeated) else (element,)


def _everything(segment: Segment) -> Iterator[int]:
    counted = _COUNTED.get(segment.tag, ())
    return (number for number, element in enumerate(segment[1:], 1) if element and number not in counted)
