"""Faults laid onto the segments and elements they stand in."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from edi_gateway.faults import Fault
from edi_gateway.ports.views import MessageDetail
from edi_gateway.ports.web import InspectedElement, InspectedSegment


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedFault:
    """A fault of a message, numbered from one for links. `base` is the first byte of its interchange in the content."""

    number: int
    fault: Fault
    base: int = 0
    set_control: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedElement:
    """An element and what is wrong with it."""

    element: InspectedElement
    faults: tuple[PlacedFault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedSegment:
    """A segment, what is wrong with it as a whole, and its elements."""

    segment: InspectedSegment
    elements: tuple[MarkedElement, ...]
    faults: tuple[PlacedFault, ...] = ()

    @property
    def all_faults(self) -> tuple[PlacedFault, ...]:
        return (*self.faults, *(fault for one in self.elements for fault in one.faults))


def faults_of(message: MessageDetail) -> tuple[PlacedFault, ...]:
    """Every fault of a message once: its own, then those of its interchanges, groups, sets and ERP files."""
    bases = {one.id: one.offset for one in message.interchanges}
    found: list[tuple[Fault, int, str]] = [(fault, 0, "") for fault in message.transmission.faults]
    found += [(fault, one.offset, "") for one in message.interchanges for fault in one.faults]
    found += [(fault, bases.get(one.interchange_id, 0), "") for one in message.groups for fault in one.faults]
    found += [(fault, bases.get(one.interchange_id, 0), one.control_number) for one in message.sets for fault in one.faults]
    found += [(fault, 0, "") for one in message.erp_files for fault in one.faults]
    once = list(dict.fromkeys(found))
    return tuple(PlacedFault(number=n, fault=f, base=b, set_control=c) for n, (f, b, c) in enumerate(once, 1))


def mark(segments: Sequence[InspectedSegment], faults: Iterable[PlacedFault]) -> tuple[MarkedSegment, ...]:
    """The segments with their faults; a fault whose place is not among them is in none."""
    finder = _Finder(segments)
    at: dict[int, list[PlacedFault]] = defaultdict(list)
    for placed in faults:
        index = finder.index(placed)
        if index is not None:
            at[index].append(placed)
    return tuple(_marked(segment, at.get(index, [])) for index, segment in enumerate(segments))


class _Finder:
    """Finds the segment of a fault: by byte, or by set and position; a candidate with the fault's own tag goes first."""

    def __init__(self, segments: Sequence[InspectedSegment]) -> None:
        self._segments = segments
        self._offsets = [segment.offset for segment in segments]
        self._positions: dict[tuple[str, int], list[int]] = defaultdict(list)
        for index, segment in enumerate(segments):
            if segment.position:
                self._positions[(segment.set_control, segment.position)].append(index)

    def index(self, placed: PlacedFault) -> int | None:
        place = placed.fault.place
        if place.file is not None:
            return None
        candidates = []
        if place.offset is not None and self._offsets:
            candidates.append(max(bisect_right(self._offsets, place.offset) - 1, 0))
        if place.position is not None:
            control = place.set_control or placed.set_control
            candidates += [index for index in self._positions[(control, place.position)] if self._offsets[index] >= placed.base]
        with_tag = [index for index in candidates if place.segment in (None, self._segments[index].tag)]
        return next(iter(with_tag or candidates), None)


def _marked(segment: InspectedSegment, faults: list[PlacedFault]) -> MarkedSegment:
    by_element: dict[int, list[PlacedFault]] = defaultdict(list)
    whole = []
    elements = _whole(segment)
    for placed in faults:
        number = placed.fault.place.element
        if number is not None and 1 <= number <= len(elements) and placed.fault.place.segment in (None, segment.tag):
            by_element[number].append(placed)
        else:
            whole.append(placed)
    marked = tuple(MarkedElement(element=one, faults=tuple(by_element[number])) for number, one in enumerate(elements, 1))
    return MarkedSegment(segment=segment, elements=marked, faults=tuple(whole))


def _whole(segment: InspectedSegment) -> tuple[InspectedElement, ...]:
    """Every element at its number; an inspection may leave out those that are empty."""
    by_number = {_number(segment.tag, one): one for one in segment.elements}
    return tuple(
        by_number.get(number) or InspectedElement(designator=f"{segment.tag}{number:02}", value="")
        for number in range(1, max(by_number, default=0) + 1)
    )


def _number(tag: str, element: InspectedElement) -> int:
    """3 for `PO103`. Shape: a designator is the tag and at least two digits."""
    return int(element.designator[len(tag) :])
