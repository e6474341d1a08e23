"""What a map leaves unread: every element that stands in a tree and that no row takes. Nothing is lost in silence."""

from collections.abc import Iterator

from edi_gateway.faults import Fault, Place
from edi_gateway.mapping import run_faults
from edi_gateway.mapping.lineage import shown
from edi_gateway.mapping.plan import BoundEnd, BoundRow, Claim, Context, Plan, Slot, assigned, claims
from edi_gateway.shape import LoopShape
from edi_gateway.tree import Element, Loop, Repeated, Segment

_COUNTED = {"HL": (1, 2, 4)}
"""Elements that the engine itself makes from the nesting."""


class Coverage:
    """A plan turned round: per slot the elements that rows take."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._taken: dict[Slot, set[tuple[int, int, int]]] = {}
        self._once: dict[Slot, dict[int, BoundRow | None]] = {}
        self._qualifiers: dict[Slot, set[str]] = {}
        self._claims_in: dict[Context, list[Claim]] = {}
        for row in plan.rows:
            if row.read is not None:
                self._take(row.read, row)
        for equation in plan.equations:
            self._take(equation.end, None)
        for slot in plan.slots:
            taken = self._taken.setdefault(slot, set())
            taken.update((number, 0, 0) for number, _ in slot.tests)
            taken.update((number, 0, 0) for number in _COUNTED.get(slot.shape.tag, ()))
        self._whole = {slot: {number for number, repetition, part in taken if not repetition + part} for slot, taken in self._taken.items()}

    def _take(self, end: BoundEnd, row: BoundRow | None) -> None:
        if end.repetition is None:
            run = range(end.slot.run[0], end.slot.run[0] + 2 * end.slot.run[1]) if end.choices and end.slot.run else (end.number,)
            self._once.setdefault(end.slot, {}).update(dict.fromkeys(run, row))
        if end.choices:
            self._qualifiers.setdefault(end.slot, set()).update(choice.qualifier for choice in end.choices)
        else:
            self._taken.setdefault(end.slot, set()).add((end.number, end.repetition or 0, end.component or 0))

    def unread(self, tree: Loop) -> tuple[Fault, ...]:
        """A MAP-407 for every element of the tree that no row reads, in document order."""
        return tuple(self._fault(*one) for one in self._unread(tree))

    def repeated(self, tree: Loop) -> tuple[Fault, ...]:
        """A MAP-411 for every element that is repeated where a row reads one value."""
        return tuple(
            run_faults.repeated(slot, self._once[slot][number], number, segment)
            for slot, segment in self._claims(self._plan.root.context, tree)
            if slot is not None
            for number, element in enumerate(segment)
            if isinstance(element, Repeated) and number in self._once.get(slot, {})
        )

    def counts(self, tree: Loop) -> tuple[int, int]:
        """How many elements the tree holds, and how many of them are read."""
        seen = sum(1 for segment in tree.walk() for element in segment[1:] if element)
        return seen, seen - sum(1 for _ in self._unread(tree))

    def _fault(self, segment: Segment, number: int) -> Fault:
        shape = next((slot.shape for slot in self._plan.slots if slot.shape.tag == segment.tag), None)
        name = shape.elements[number - 1].name if shape and number <= len(shape.elements) else "?"
        place = Place(
            segment=segment.tag, element=number, position=segment.position or None, offset=segment.offset if segment.position else None
        )
        designator = f"{segment.tag}{number:02}"
        return Fault.of("MAP-407", place, shown(segment.get(number)), designator=designator, name=name, map=self._plan.name)

    def _unread(self, tree: Loop) -> Iterator[tuple[Segment, int]]:
        for slot, segment in self._claims(self._plan.root.context, tree):
            yield from self._segment(slot, segment) if slot is not None else _everything(segment)

    def _claims(self, context: Context, loop: Loop) -> Iterator[tuple[Slot | None, Segment]]:
        """Every segment and the slot that it fills, None where nothing claims it."""
        claimed = self._claims_in.get(context)
        if claimed is None:
            claimed = self._claims_in[context] = claims(context)
        if context.opening is not None and loop.children and isinstance(first := loop.children[0], Segment):
            yield context.opening, first
        for number, child in assigned(context, loop, claimed):
            if number is not None:
                yield from self._claimed(claimed[number].slot, claimed[number].context, child)
            else:
                yield from ((None, segment) for segment in (child.walk() if isinstance(child, Loop) else (child,)))

    def _claimed(self, slot: Slot | None, context: Context | None, child: Segment | Loop) -> Iterator[tuple[Slot | None, Segment]]:
        if slot is not None and isinstance(child, Segment):
            yield slot, child
        elif context is not None and isinstance(context.shape, LoopShape) and isinstance(child, Loop):
            yield from self._claims(context, child)
        elif context is not None and context.opening is not None and isinstance(child, Segment):
            yield context.opening, child

    def _segment(self, slot: Slot, segment: Segment) -> Iterator[tuple[Segment, int]]:
        taken, whole, qualifiers = self._taken[slot], self._whole[slot], self._qualifiers.get(slot, set())
        paired: set[int] = set()
        if slot.run is not None:
            start, count = slot.run
            for at in range(start, start + 2 * count, 2):
                if segment.get(at) in qualifiers:
                    paired |= {at, at + 1}
        for number, element in enumerate(segment[1:], 1):
            if element and number not in whole and number not in paired and not self._is_read(taken, number, element):
                yield segment, number

    def _is_read(self, taken: set[tuple[int, int, int]], number: int, element: Element) -> bool:
        for repetition, one in enumerate(_repetitions(element), 1):
            components = one if isinstance(one, tuple) else (one,)
            is_whole = (number, repetition, 0) in taken
            for at, part in enumerate(components, 1):
                if part and not is_whole and (number, repetition, at) not in taken and (repetition > 1 or (number, 0, at) not in taken):
                    return False
        return True


def _repetitions(element: Element) -> tuple[Element, ...]:
    return tuple(element.one(number) for number in range(1, len(element) + 1)) if isinstance(element, Repeated) else (element,)


def _everything(segment: Segment) -> Iterator[tuple[Segment, int]]:
    for number, element in enumerate(segment[1:], 1):
        if element and number not in _COUNTED.get(segment.tag, ()):
            yield segment, number
