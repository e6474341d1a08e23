"""Putting a tree's segments in the order its shape asks for, and numbering its hierarchical levels."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from edi_gateway.faults import Fault, Place
from edi_gateway.shape import LoopShape, SegmentShape, Shape
from edi_gateway.tree import Loop, Segment

Places: TypeAlias = tuple[tuple[int, int], ...]
"""The slots that a tag has in a loop, each with its limit."""

_MOST_PLANS = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Arranged:
    """A tree's segments in order, and the faults of those that have no place (which are left out)."""

    segments: Sequence[Segment]
    faults: tuple[Fault, ...]


def arrange(tree: Loop, shape: Shape | None) -> Arranged:
    """The segments of a set's body in the shape's order; what the shape does not order keeps the tree's.

    Shape:  HL01, HL02 and HL04 are written anew from the nesting, whatever stood in them; the tree itself is not changed.
    """
    arranger = _Arranger(shape.name if shape else "")
    arranger.loop(tree, _plan(shape) if shape else None, "")
    return Arranged(segments=arranger.segments, faults=tuple(arranger.faults))


class _Plan:
    """A loop's slots by tag, made once for a shape."""

    __slots__ = ("inner", "loops", "only_loops", "only_segments", "segments")

    def __init__(self, shape: LoopShape) -> None:
        segments: dict[str, list[tuple[int, int]]] = {}
        loops: dict[str, list[tuple[int, int]]] = {}
        for place, item in enumerate(shape.items):
            (segments if isinstance(item, SegmentShape) else loops).setdefault(item.tag, []).append((place, item.limit))
        self.inner = {tag: _Plan(inner) for tag, inner in shape.loops.items() if inner is not shape}
        if shape.hierarchical:
            loops[shape.tag] = [(len(shape.items), 0)]
            self.inner[shape.tag] = self
        self.segments: dict[str, Places] = {tag: tuple(places) for tag, places in segments.items()}
        self.loops: dict[str, Places] = {tag: tuple(places) for tag, places in loops.items()}
        self.only_segments = {tag: places[0][0] for tag, places in segments.items() if len(places) == 1}
        self.only_loops = {tag: places[0][0] for tag, places in loops.items() if len(places) == 1}


_PLANS: dict[int, tuple[Shape, _Plan]] = {}
"""Plans by the identity of their shapes, which are kept with them so that no other shape can take their number."""


def _plan(shape: Shape) -> _Plan:
    known = _PLANS.get(id(shape))
    if known is None:
        if len(_PLANS) >= _MOST_PLANS:
            _PLANS.clear()
        known = _PLANS[id(shape)] = (shape, _Plan(shape.root))
    return known[1]


class _Arranger:
    """Walks one tree and gathers its segments."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._levels = 0
        self.segments: list[Segment] = []
        self.faults: list[Fault] = []

    def loop(self, loop: Loop, plan: _Plan | None, parent: str) -> None:
        """The segments of one loop; `parent` is the HL01 of the level around it."""
        number = parent
        for child in self._ordered(loop, plan) if plan else loop.children:
            if isinstance(child, Loop):
                if len(child.children) == 1 and child.children[0].tag == child.tag != "HL" and isinstance(child.children[0], Segment):
                    self.segments.append(child.children[0])
                else:
                    self.loop(child, plan.inner.get(child.tag) if plan else None, number)
            elif child[0] == "HL" and loop.tag == "HL":
                self._levels += 1
                number = str(self._levels)
                has_levels = any(isinstance(one, Loop) and one.tag == "HL" for one in loop.children)
                level = [number, parent, child.get(3), "1" if has_levels else "0"]
                self.segments.append(Segment(["HL", *level], child.position, child.offset))
            else:
                self.segments.append(child)

    def _ordered(self, loop: Loop, plan: _Plan) -> Sequence[Segment | Loop]:
        """The loop's children in the order of its slots; the list itself where they stand so already, each in its only slot."""
        segments, loops, last = plan.only_segments, plan.only_loops, 0
        for child in loop.children:
            at = loops.get(child.tag, -1) if isinstance(child, Loop) else segments.get(child[0], -1)  # type: ignore[arg-type]
            if at < last:
                return self._sorted(loop, plan)
            last = at
        return loop.children

    def _sorted(self, loop: Loop, plan: _Plan) -> Sequence[Segment | Loop]:
        placed: list[tuple[int, int]] = []
        used: dict[int, int] = {}
        last = 0
        for index, child in enumerate(loop.children):
            choices = (plan.loops if isinstance(child, Loop) else plan.segments).get(child.tag)
            if choices is None:
                place = Place(segment=child.tag)
                self.faults.append(Fault.of("X12-604", place, within=f"loop {loop.tag}", shape=self._name))
            else:
                last = _choose(choices, used, last)
                placed.append((last, index))
        return [loop.children[index] for _, index in sorted(placed)]


def _choose(choices: Places, used: dict[int, int], last: int) -> int:
    """A slot for a tag that has several: one with room, not before the last if there is such a one."""
    free = [place for place, limit in choices if not limit or used.get(place, 0) < limit] or [choices[-1][0]]
    at = next((place for place in free if place >= last), free[0])
    used[at] = used.get(at, 0) + 1
    return at
