"""An interchange line by line, each segment with what it means: for people, in a terminal or in the console."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from edi_gateway.faults import Fault
from edi_gateway.shape import ElementShape, SegmentShape
from edi_gateway.tree import Segment
from edi_gateway.x12.interchange import Group, Interchange, Reading, TransactionSet
from edi_gateway.x12.isa import NAMES
from edi_gateway.x12.schema import Library

ENVELOPE_RELEASE = "004010"
"""Where a group's release has no schema, its envelope is explained by this one's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementLine:
    """One element or component. `designator` reads `PO103`, or `SLN02-1`; `meaning` is what its code means, "" where unknown."""

    designator: str
    name: str
    value: str
    meaning: str
    components: tuple["ElementLine", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One segment.

    Shape:  `text` is the segment without its terminator; `loops` are the loops around it, from the outermost; `depth` is how
            far to indent it; `position` counts in its set from one, 0 outside sets.
    """

    text: str
    tag: str
    name: str
    loops: tuple[str, ...]
    depth: int
    position: int
    offset: int
    elements: tuple[ElementLine, ...]
    faults: tuple[Fault, ...]


def lines(reading: Reading, library: Library) -> Iterator[Line]:
    """Every segment of a reading, in order, with its faults."""
    for interchange in reading.interchanges:
        yield from interchange_lines(interchange, library)


def interchange_lines(interchange: Interchange, library: Library) -> Iterator[Line]:
    """Every segment of one interchange, in order. Trailers that are missing have no line; their faults stand at the header's."""
    explain = _Explainer(library, interchange.delimiters.element, interchange.delimiters.component)
    yield explain.isa(interchange)
    for ta1 in interchange.ta1s:
        yield explain.envelope(ta1, ENVELOPE_RELEASE, 1, ())
    for group in interchange.groups:
        yield from _group_lines(group, explain)
    if interchange.trailer is not None:
        yield explain.envelope(interchange.trailer, ENVELOPE_RELEASE, 0, _with_tag(interchange.faults, "IEA"))


def _group_lines(group: Group, explain: "_Explainer") -> Iterator[Line]:
    if group.elements:
        header = Segment(["GS", *group.elements], 0, group.offset)
        unplaced = group.trailer is None
        faults = tuple(fault for fault in group.faults if unplaced or fault.place.segment != "GE")
        yield explain.envelope(header, group.release, 1, faults)
    for one in group.sets:
        yield from set_lines(one, explain.library, depth=2)
    if group.trailer is not None:
        yield explain.envelope(group.trailer, group.release, 1, _with_tag(group.faults, "GE"))


def set_lines(one: TransactionSet, library: Library, *, depth: int = 0) -> Iterator[Line]:
    """Every segment of one set, in order, loops indented."""
    delimiters = one.interchange.delimiters
    explain = _Explainer(library, delimiters.element, delimiters.component)
    by_position: dict[int, list[Fault]] = {}
    for fault in one.faults:
        by_position.setdefault(min(fault.place.position or 1, len(one.segments)), []).append(fault)
    visits = {segment.position: visit for segment, visit in one.text.visits()}
    levels = _Levels()
    for segment in one.segments:
        visit = visits.get(segment.position)
        loops = tuple(level.tag for level in visit.path) if visit else ()
        shape = visit.shape if visit else library.segment(one.release, segment.tag)
        inside = 1 + levels.depth(segment, loops) if visit else 0
        yield explain.line(segment, shape, depth + inside + len(loops), loops, by_position.get(segment.position, ()))


class _Levels:
    """How deep hierarchical levels are nested in each other, which their loops, being all of one kind, do not show."""

    def __init__(self) -> None:
        self._depths: dict[str, int] = {}
        self._current = 0

    def depth(self, segment: Segment, loops: tuple[str, ...]) -> int:
        if "HL" not in loops:
            return 0
        if segment.tag == "HL":
            self._current = self._depths.get(str(segment.get(2)), -1) + 1
            self._depths[str(segment.get(1))] = self._current
        return self._current


def _with_tag(faults: Sequence[Fault], tag: str) -> tuple[Fault, ...]:
    return tuple(fault for fault in faults if fault.place.segment == tag)


@dataclass(frozen=True, slots=True)
class _Explainer:
    library: Library
    separator: str
    component: str

    def isa(self, interchange: Interchange) -> Line:
        shape = self.library.segment(ENVELOPE_RELEASE, "ISA")
        named = tuple(
            ElementLine(designator=f"ISA{number:02}", name=name, value=value, meaning=_meaning(shape, number, value.strip()))
            for number, (name, value) in enumerate(zip(NAMES, interchange.elements, strict=True), 1)
        )
        is_closed = interchange.trailer is not None
        return Line(
            text=self.separator.join(["ISA", *interchange.elements]),
            tag="ISA",
            name=shape.name if shape else "Interchange Control Header",
            loops=(),
            depth=0,
            position=0,
            offset=interchange.offset,
            elements=named,
            faults=tuple(fault for fault in interchange.faults if not is_closed or fault.place.segment != "IEA"),
        )

    def envelope(self, segment: Segment, release: str, depth: int, faults: Sequence[Fault]) -> Line:
        shape = self.library.segment(release, segment.tag) or self.library.segment(ENVELOPE_RELEASE, segment.tag)
        return self.line(segment, shape, depth, (), faults)

    def line(self, segment: Segment, shape: SegmentShape | None, depth: int, loops: tuple[str, ...], faults: Sequence[Fault]) -> Line:
        shapes: Mapping[int, ElementShape] = dict(enumerate(shape.elements, 1)) if shape else {}
        values = [self._joined(value) for value in segment]
        return Line(
            text=self.separator.join(values),
            tag=segment.tag,
            name=shape.name if shape else "",
            loops=loops,
            depth=depth,
            position=segment.position,
            offset=segment.offset,
            elements=tuple(
                self._element(f"{segment.tag}{number:02}", value, shapes.get(number)) for number, value in enumerate(values[1:], 1) if value
            ),
            faults=tuple(faults),
        )

    def _element(self, designator: str, value: str, shape: ElementShape | None) -> ElementLine:
        if shape is None:
            return ElementLine(designator=designator, name="", value=value, meaning="")
        parts = value.split(self.component) if shape.components else []
        components = tuple(
            self._element(f"{designator}-{number}", part, component)
            for number, (part, component) in enumerate(zip(parts, shape.components, strict=False), 1)
            if part
        )
        return ElementLine(designator=designator, name=shape.name, value=value, meaning=shape.codes.get(value, ""), components=components)

    def _joined(self, value: object) -> str:
        return value if isinstance(value, str) else self.component.join(value) if isinstance(value, tuple) else ""


def _meaning(shape: SegmentShape | None, number: int, value: str) -> str:
    return shape.elements[number - 1].codes.get(value, "") if shape else ""
