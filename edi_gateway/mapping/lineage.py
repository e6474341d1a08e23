"""Where every value came from or went to: the field, the map's row, the segment and element."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from edi_gateway.faults import Place
from edi_gateway.mapping.plan import BoundEnd, BoundRow, Plan
from edi_gateway.mapping.values import component, repetition
from edi_gateway.tree import Element, Loop, Repeated, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """One value's way between record and document.

    Units:  `field` counts list items from one ("lines[3].unit_price"); `position` is the segment's own where it was read, and
            its number in the tree from one where it was written; `offset` is the segment's byte, 0 where it was written.
    """

    field: str
    row: Place
    segment: str
    element: int
    component: int | None
    repetition: int | None
    position: int
    offset: int
    value: str


def read_origins(plan: Plan, trace: Iterable[tuple[str, int, Segment]]) -> tuple[Origin, ...]:
    """The origins of a traced read."""
    made = []
    for field, number, segment in trace:
        row = plan.rows[number]
        assert row.read is not None
        made.append(_origin(field, row, row.read, segment, segment.position))
    return tuple(made)


def write_origins(plan: Plan, trace: Iterable[tuple[str, int, Segment]], tree: Loop) -> tuple[Origin, ...]:
    """The origins of a traced write."""
    ordinals = {id(segment): number for number, segment in enumerate(tree.walk(), 1)}
    made = []
    for field, number, segment in trace:
        row = plan.rows[number]
        assert row.write is not None
        if id(segment) in ordinals:
            made.append(_origin(field, row, row.write, segment, ordinals[id(segment)]))
    return tuple(made)


def _origin(field: str, row: BoundRow, end: BoundEnd, segment: Segment, position: int) -> Origin:
    element = end.number or next(_paired(end, segment), 0)
    value = segment.get(element)
    if end.repetition is not None:
        value = repetition(value, end.repetition)
    if end.component is not None:
        value = component(value, end.component)
    return Origin(
        field=field,
        row=row.place,
        segment=segment.tag,
        element=element,
        component=end.component,
        repetition=end.repetition,
        position=position,
        offset=segment.offset,
        value=shown(value),
    )


def _paired(end: BoundEnd, segment: Segment) -> Iterator[int]:
    """The elements that hold the value of a pair, the one that is read first."""
    run = end.slot.run
    assert run is not None
    start, count = run
    for choice in end.choices:
        for number in range(start + 2 * (count - 1), start - 1, -2):
            if segment.get(number) == choice.qualifier and segment.get(number + 1):
                yield number + 1


def shown(value: Element) -> str:
    """An element as one text, components and repetitions joined."""
    if isinstance(value, Repeated):
        return "^".join(shown(value.one(number)) for number in range(1, len(value) + 1))
    return value if isinstance(value, str) else ":".join(value)
