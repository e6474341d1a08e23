"""What a map leaves unread: every element that stands in a tree and that no row takes. Nothing is lost in silence."""

from collections.abc import Iterator

from edi_gateway.faults import Fault, Place
from edi_gateway.mapping.lineage import shown
from edi_gateway.mapping.plan import BoundEnd, Context, Plan, Slot, claims
from edi_gateway.shape import LoopShape
from edi_gateway.tree import Loop, Segment

_COUNTED = {"HL": (1, 2, 4)}
"""Elements that the engine itself makes from the nesting."""


class Coverage:
    """A plan turned round: per slot the elements that rows take."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._taken: dict[Slot, set[tuple[int, int]]] = {}
        self._qualifiers: dict[Slot, set[str]] = {}
        ends = [row.read for row in plan.rows] + [equation.end for equation in plan.equations]
        for end in ends:
            if end is not None:
                self._take(end)
        for slot in plan.slots:
            taken = self._taken.setdefault(slot, set())
            taken.update((number, 0) for number, _ in slot.tests)
            taken.update((number, 0) for number in _COUNTED.get(slot.shape.tag, ()))

    def _take(self, end: BoundEnd) -> None:
        if end.choices:
            self._qualifiers.setdefault(end.slot, set()).update(choice.qualifier for choice in end.choices)
        else:
            self._taken.setdefault(end.slot, set()).add((end.number, end.component or 0))

    def unread(self, tree: Loop) -> tuple[Fault, ...]:
        """A MAP-407 for every element of the tree that no row reads, in document order."""
        return tuple(self._fault(*one) for one in self._loop(self._plan.root.context, tree))

    def counts(self, tree: Loop) -> tuple[int, int]:
        """How many elements the tree holds, and how many of them are read."""
        seen = sum(1 for segment in tree.walk() for element in segment[1:] if element)
        return seen, seen - sum(1 for _ in self._loop(self._plan.root.context, tree))

    def _fault(self, segment: Segment, number: int) -> Fault:
        shape = next((slot.shape for slot in self._plan.slots if slot.shape.tag == segment.tag), None)
        name = shape.elements[number - 1].name if shape and number <= len(shape.elements) else "?"
        place = Place(
            segment=segment.tag, element=number, position=segment.position or None, offset=segment.offset if segment.position else None
        )
        designator = f"{segment.tag}{number:02}"
        return Fault.of("MAP-407", place, shown(segment.get(number)), designator=designator, name=name, map=self._plan.name)

    def _loop(self, context: Context, loop: Loop) -> Iterator[tuple[Segment, int]]:
        claimed = claims(context)
        filled: set[int] = set()
        for index, child in enumerate(loop.children):
            if index == 0 and context.opening is not None and isinstance(child, Segment):
                yield from self._segment(context.opening, child)
                continue
            opening = child.children[0] if isinstance(child, Loop) else child
            assert isinstance(opening, Segment)
            tag = child.tag
            for number, claim in enumerate(claimed):
                if claim.tag != tag or claim.loop != isinstance(child, Loop) or (claim.single and number in filled):
                    continue
                if all(opening.get(at) in values for at, values in claim.tests):
                    filled.add(number)
                    yield from self._claimed(claim.slot, claim.context, child)
                    break
            else:
                yield from _everything(child)

    def _claimed(self, slot: Slot | None, context: Context | None, child: Segment | Loop) -> Iterator[tuple[Segment, int]]:
        if slot is not None and isinstance(child, Segment):
            yield from self._segment(slot, child)
        elif context is not None and isinstance(context.shape, LoopShape) and isinstance(child, Loop):
            yield from self._loop(context, child)
        elif context is not None and context.opening is not None and isinstance(child, Segment):
            yield from self._segment(context.opening, child)

    def _segment(self, slot: Slot, segment: Segment) -> Iterator[tuple[Segment, int]]:
        taken, qualifiers = self._taken[slot], self._qualifiers.get(slot, set())
        paired: set[int] = set()
        if slot.run is not None:
            start, count = slot.run
            for at in range(start, start + 2 * count, 2):
                if segment.get(at) in qualifiers:
                    paired |= {at, at + 1}
        for number, element in enumerate(segment[1:], 1):
            if not element or number in paired or (number, 0) in taken:
                continue
            if isinstance(element, tuple):
                if any(part and (number, at) not in taken for at, part in enumerate(element, 1)):
                    yield segment, number
            elif (number, 1) not in taken:
                yield segment, number


def _everything(child: Segment | Loop) -> Iterator[tuple[Segment, int]]:
    for segment in child.walk() if isinstance(child, Loop) else (child,):
        for number, element in enumerate(segment[1:], 1):
            if element and number not in _COUNTED.get(segment.tag, ()):
                yield segment, number
