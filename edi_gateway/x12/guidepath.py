"""Paths in a guide: `BEG/02`, `REF[CR]`, `N1[ST]/N4/03`, `HL[S]/TD5`, `PO1/MEA/04-1`, as in maps."""

import re
from dataclasses import dataclass

from edi_gateway.shape import ElementShape, LoopShape, SegmentShape, Shape
from edi_gateway.tree import Segment

_STEP = re.compile(r"([A-Z][A-Z0-9]{1,2})(?:\[([^\]]+)\])?")
_ELEMENT = re.compile(r"(\d{2})(?:-(\d{1,2}))?")
_CONDITION = re.compile(r"(\d{2})=([^,=]+)")
_OF_LEVELS = 3
"""A level's qualifier is HL03; every other segment's is its first element."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A loop or segment, and the values of elements that pick some of them out."""

    tag: str
    conditions: tuple[tuple[int, str], ...] = ()

    def matches(self, segment: Segment) -> bool:
        return all(segment.get(number) == value for number, value in self.conditions)


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidePath:
    """Loops from the outermost, then a segment (or a loop, which means the segment it is named for), and perhaps an element."""

    text: str
    steps: tuple[Step, ...]
    element: int = 0
    component: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a path means in a shape."""

    slot: SegmentShape | LoopShape
    segment: SegmentShape
    element: ElementShape | None


def parse_path(text: str) -> GuidePath | None:
    """A path from its text; None where it cannot be understood."""
    parts = text.split("/")
    last = _ELEMENT.fullmatch(parts[-1])
    steps = [_parse_step(part) for part in (parts[:-1] if last else parts)]
    if not steps or None in steps:
        return None
    return GuidePath(
        text=text,
        steps=tuple(step for step in steps if step is not None),
        element=int(last.group(1)) if last else 0,
        component=int(last.group(2)) if last and last.group(2) else None,
    )


def _parse_step(text: str) -> Step | None:
    found = _STEP.fullmatch(text)
    if found is None:
        return None
    tag, within = found.groups()
    if within is None:
        return Step(tag=tag)
    conditions = [_CONDITION.fullmatch(part) for part in within.split(",")]
    if len(conditions) == 1 and conditions[0] is None and "=" not in within:
        return Step(tag=tag, conditions=((_OF_LEVELS if tag == "HL" else 1, within),))
    if None in conditions:
        return None
    return Step(tag=tag, conditions=tuple((int(one.group(1)), one.group(2)) for one in conditions if one is not None))


def resolve(path: GuidePath, shape: Shape) -> Found | str:
    """What a path means in a shape, or the step that is not there."""
    loop: LoopShape = shape.root
    for step in path.steps[:-1]:
        inner = loop.loops.get(step.tag)
        if inner is None:
            return step.tag
        loop = inner
    tag = path.steps[-1].tag
    slot: SegmentShape | LoopShape | None = loop.segments.get(tag) or loop.loops.get(tag)
    if slot is None:
        return tag
    segment = slot.segments[tag] if isinstance(slot, LoopShape) else slot
    if not path.element:
        return Found(slot=slot, segment=segment, element=None)
    element = _element(segment, path)
    return Found(slot=slot, segment=segment, element=element) if element else f"{tag}{path.text.rpartition('/')[2]}"


def _element(segment: SegmentShape, path: GuidePath) -> ElementShape | None:
    if path.element > len(segment.elements):
        return None
    element = segment.elements[path.element - 1]
    if path.component is None:
        return element
    return element.components[path.component - 1] if 0 < path.component <= len(element.components) else None
