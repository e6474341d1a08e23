"""The faults that generated code gives: what could not be read or written, with the field, the map's row and the place."""

from collections.abc import Iterable
from typing import Any

from edi_gateway.faults import Fault, Place
from edi_gateway.mapping.lineage import shown
from edi_gateway.mapping.plan import BoundEnd, BoundEquation, BoundRow, Slot
from edi_gateway.tree import Element, Segment

_SHOWN = 40


def _place(end: BoundEnd, segment: Segment | None) -> Place:
    return Place(
        segment=end.slot.shape.tag,
        element=end.number or None,
        component=end.component,
        repetition=end.repetition,
        position=segment.position or None if segment is not None else None,
        offset=segment.offset if segment is not None and segment.position else None,
    )


def unreadable(row: BoundRow, at: str, text: Element, segment: Segment) -> Fault:
    """An element that a row cannot read."""
    end = row.read
    assert end is not None
    told = _told(row, end, at)
    if end.table is not None:
        return Fault.of("MAP-402", _place(end, segment), shown(text), **told, table=end.table.title, known=_some(end.table.names))
    if end.codec is not None:
        return Fault.of("MAP-405", _place(end, segment), shown(text), **told, wanted=end.codec.title)
    return Fault.of("MAP-405", _place(end, segment), shown(text), **told, wanted=end.conversion.word)


def _some(known: Iterable[str]) -> str:
    """The first of a table's words or codes: a long one's would fill the message."""
    names = sorted(known)
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def missing(row: BoundRow, at: str, segment: Segment | None) -> Fault:
    """A required field whose element is absent."""
    end = row.read
    assert end is not None
    return Fault.of("MAP-404", _place(end, segment), **_told(row, end, at))


def differs(equation: BoundEquation, text: Element, want: Any, segment: Segment) -> Fault:
    """An equation that the document contradicts."""
    return Fault.of("MAP-401", _place(equation.end, segment), shown(text), want=want, equation=equation.text, map=equation.place.words())


def _told(row: BoundRow, end: BoundEnd, at: str) -> dict[str, str]:
    return {"field": at + row.field, "designator": end.designator, "map": row.place.words(), "name": end.element.name}


def unwritable(row: BoundRow, at: str, value: object) -> Fault:
    """A value that its element cannot hold."""
    end = row.write
    assert end is not None
    place = Place(segment=end.slot.shape.tag, element=end.number or None, component=end.component)
    if end.table is not None:
        return Fault.of("MAP-403", place, str(value), **_told(row, end, at), table=end.table.title, known=_some(end.table.codes))
    wanted = end.codec.title if end.codec is not None else end.conversion.word
    return Fault.of("MAP-406", place, str(value), **_told(row, end, at), wanted=wanted)


def odd_read(row: BoundRow, at: str, text: Element, segment: Segment) -> Fault:
    """A number that is read though its check digit, or its length, is wrong."""
    end = row.read
    assert end is not None
    assert end.check is not None
    return Fault.of("MAP-413", _place(end, segment), shown(text), **_told(row, end, at), wanted=end.check.title)


def odd_written(row: BoundRow, at: str, value: object) -> Fault:
    """A number that is written though its check digit, or its length, is wrong."""
    end = row.write
    assert end is not None
    assert end.check is not None
    return Fault.of("MAP-413", _place(end, None), str(value), **_told(row, end, at), wanted=end.check.title)


def unqualified(row: BoundRow, at: str, value: object) -> Fault:
    """A value that fits none of its qualifiers."""
    end = row.write
    assert end is not None
    lengths = ", ".join(f"{choice.qualifier} for {choice.length}" for choice in end.choices)
    return Fault.of("MAP-408", Place(segment=end.slot.shape.tag), str(value), **_told(row, end, at), lengths=lengths)


def unequal(equation: BoundEquation, given: str, want: str) -> Fault:
    """A field that contradicts the equation of its element."""
    place = Place(segment=equation.end.slot.shape.tag, element=equation.end.number)
    return Fault.of("MAP-401", place, given, want=want, equation=equation.text, map=equation.place.words())


def uncountable(equation: BoundEquation, want: object) -> Fault:
    """An equation's value that its element cannot hold."""
    place = Place(segment=equation.end.slot.shape.tag, element=equation.end.number)
    wanted = equation.end.conversion.word
    told = {"field": equation.path, "designator": equation.end.designator, "map": equation.place.words()}
    return Fault.of("MAP-406", place, str(want), **told, wanted=wanted, name=equation.end.element.name)


def repeated(slot: Slot, row: BoundRow | None, number: int, segment: Segment) -> Fault:
    """An element that is repeated where a row or an equation reads one value."""
    element = slot.shape.elements[number - 1]
    place = Place(segment=segment.tag, element=number, position=segment.position or None, offset=segment.offset)
    told = {"name": element.name, "designator": f"{segment.tag}{number:02}", "count": len(segment[number])}
    return Fault.of("MAP-411", place, shown(segment[number]), **told, map=row.place.words() if row is not None else "an equation")


def gap(slot: Slot, number: int, at: str) -> Fault:
    """A repetition to be written after one that is empty."""
    place = Place(segment=slot.shape.tag, element=number)
    return Fault.of("MAP-412", place, at.rstrip(".") or None, designator=f"{slot.shape.tag}{number:02}")


def crowded(slot: Slot, at: str) -> Fault:
    """More qualified values than a segment has room for."""
    return Fault.of("MAP-409", Place(segment=slot.shape.tag), at.rstrip("."), segment=slot.shape.tag)


def taken(segment: Segment, at: str, other: str) -> Fault:
    """A list's item that another row would read."""
    return Fault.of("MAP-410", Place(segment=segment.tag), "*".join(str(one) for one in segment), field=at.rstrip("."), other=other)
