"""Putting a tree's segments in the order its shape asks for, and numbering its hierarchical levels."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from edi_gateway.faults import Fault, Place
from edi_gateway.shape import LoopShape, Shape
from edi_gateway.tree import Loop, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """A tree's segments in order, and those that have no place (which are left out)."""

    segments: tuple[Segment, ...]
    faults: tuple[Fault, ...]


def arrange(tree: Loop, shape: Shape | None) -> Arranged:
    """The segments of a set's body in the shape's order; what the shape does not order keeps the tree's.

    Shape:  HL01, HL02 and HL04 are written anew from the nesting, whatever stood in them; the tree itself is not changed.
    """
    walker = _Arranger(shape)
    segments = tuple(walker.loop(tree, shape.root if shape else None, ""))
    return Arranged(segments=segments, faults=tuple(walker.faults))


class _Arranger:
    def __init__(self, shape: Shape | None) -> None:
        self._shape = shape
        self._numbers = count(1)
        self.faults: list[Fault] = []

    def loop(self, loop: Loop, shape: LoopShape | None, parent: str) -> Iterator[Segment]:
        """The segments of one loop; `parent` is the HL01 of the level around it."""
        number = parent
        for child in self._ordered(loop, shape):
            if isinstance(child, Loop):
                inner = _inner(shape, child.tag)
                yield from self.loop(child, inner, number)
            elif child.tag == "HL" and loop.tag == "HL":
                number = str(next(self._numbers))
                has_levels = any(isinstance(one, Loop) and one.tag == "HL" for one in loop.children)
                level = [str(child.get(3))] if isinstance(child.get(3), str) else [""]
                yield Segment(["HL", number, parent, *level, "1" if has_levels else "0"], child.position, child.offset)
            else:
                yield child

    def _ordered(self, loop: Loop, shape: LoopShape | None) -> list[Segment | Loop]:
        if shape is None:
            return loop.children
        options = _slots(shape)
        used: dict[int, int] = {}
        placed: list[tuple[int, Segment | Loop]] = []
        last = 0
        for child in loop.children:
            choices = options.get((child.tag, isinstance(child, Loop)))
            if choices is None:
                name = self._shape.name if self._shape else ""
                self.faults.append(Fault.of("X12-604", Place(segment=child.tag), within=f"loop {loop.tag}", shape=name))
                continue
            free = [place for place, limit in choices if not limit or used.get(place, 0) < limit] or [choices[-1][0]]
            last = next((place for place in free if place >= last), free[0])
            used[last] = used.get(last, 0) + 1
            placed.append((last, child))
        placed.sort(key=lambda pair: pair[0])
        return [child for _, child in placed]


def _slots(shape: LoopShape) -> dict[tuple[str, bool], list[tuple[int, int]]]:
    """The places in a loop, with their limits, by tag and by whether a loop stands there."""
    slots: dict[tuple[str, bool], list[tuple[int, int]]] = {}
    for place, item in enumerate(shape.items):
        slots.setdefault((item.tag, isinstance(item, LoopShape)), []).append((place, item.limit))
    if shape.hierarchical:
        slots[shape.tag, True] = [(len(shape.items), 0)]
    return slots


def _inner(shape: LoopShape | None, tag: str) -> LoopShape | None:
    if shape is None:
        return None
    return shape if shape.hierarchical and tag == shape.tag else shape.loops.get(tag)
