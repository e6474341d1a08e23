"""What exactly is wrong with the elements of one segment: slow, complete, and only asked when a checker refused."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from edi_gateway.faults import Fault, Place
from edi_gateway.shape import ElementShape, SegmentShape
from edi_gateway.syntax import excess, in_words, lacking, positions
from edi_gateway.x12.charset import Charset, is_allowed
from edi_gateway.x12.check import Separators, digits, is_date, is_integer, is_real, is_time

SHOWN = 60
"""A fault carries this much of a value, so that a run-away segment does not fill a report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnoser:
    """Diagnoses segments of one set. `encoding` is what the set's bytes were read as."""

    separators: Separators
    charset: Charset
    encoding: str

    def faults(self, elements: Sequence[str], shape: SegmentShape, place: Place) -> tuple[Fault, ...]:
        """Every fault of a segment's elements, by element number. `elements` has the tag first."""
        return tuple(
            replace(fault, place=replace(place, element=at.element, component=at.component, repetition=at.repetition))
            for fault in self._segment(elements, shape)
            if (at := fault.place)
        )

    def _segment(self, elements: Sequence[str], shape: SegmentShape) -> Iterator[Fault]:
        given = len(elements) - 1
        for number, element in enumerate(shape.elements, 1):
            value = elements[number] if number <= given else ""
            yield from self._element(value, element, _Spot(number))
            for code, note, trigger in _notes(number, elements[1:], shape.syntax):
                by = {"trigger": trigger, "trigger_reference": shape.elements[trigger - 1].id} if trigger else {}
                yield _fault(code, _Spot(number), value or None, element, note=in_words(note, shape.tag), **by)
        if given > len(shape.elements):
            extra = Place(element=len(shape.elements) + 1)
            yield Fault.of("X12-503", extra, elements[len(shape.elements) + 1][:SHOWN], count=given, limit=len(shape.elements))

    def _element(self, value: str, element: ElementShape, spot: "_Spot") -> Iterator[Fault]:
        if element.requirement == "M" and _is_blank(value):
            yield _fault("X12-501", spot, value or None, element)
            return
        if not value:
            return
        repetition = self.separators.repetition
        parts = value.split(repetition) if repetition and repetition in value else [value]
        if 0 < element.repeat < len(parts):
            yield _fault("X12-512", spot, value, element, count=len(parts), limit=element.repeat)
            return
        for number, part in enumerate(parts, 1):
            where = spot._replace(repetition=number) if len(parts) > 1 else spot
            if _is_blank(part) and len(parts) > 1:
                yield _fault("X12-504", where, part, element, length=0, limit=max(element.minimum, 1))
            elif element.components:
                yield from self._composite(part, element, where)
            else:
                yield from self._simple(part, element, where)

    def _composite(self, value: str, element: ElementShape, spot: "_Spot") -> Iterator[Fault]:
        parts = value.split(self.separators.component) if self.separators.component else [value]
        for number, component in enumerate(element.components, 1):
            where = spot._replace(component=number)
            part = parts[number - 1] if number <= len(parts) else ""
            if component.requirement == "M" and _is_blank(part):
                yield _fault("X12-501", where, part or None, component)
            elif part:
                yield from self._simple(part, component, where)
            for code, note, trigger in _notes(number, parts, element.syntax):
                by = {"trigger": f"{spot.element}-{trigger}", "trigger_reference": element.components[trigger - 1].id} if trigger else {}
                yield _fault(code, where, part or None, component, note=in_words(note, element.id), **by)
        if len(parts) > len(element.components):
            yield _fault("X12-513", spot, value, element, count=len(parts), limit=len(element.components))

    def _simple(self, value: str, element: ElementShape, spot: "_Spot") -> Iterator[Fault]:
        separator = self.separators.component
        if separator and separator in value:
            yield _fault("X12-511", spot, value, element)
        elif not is_allowed(value, self.charset):
            yield _fault("X12-514", spot, value, element, charset=self.charset.value)
        elif self.encoding == "latin-1" and self.charset is Charset.UTF8 and not value.isascii():
            yield _fault("X12-515", spot, value, element)
        elif element.type.startswith("N") and not is_integer(value):
            yield _fault("X12-506", spot, value, element, expected="a whole number")
        elif element.type == "R" and not is_real(value):
            yield _fault("X12-506", spot, value, element, expected="a decimal number")
        else:
            yield from _content(value, element, spot)


def _is_blank(value: str) -> bool:
    """Whether a value holds nothing: a string has at least one character that is no blank."""
    return not value or value.isspace()


class _Spot(NamedTuple):
    """Where in a segment."""

    element: int
    component: int | None = None
    repetition: int | None = None


def _content(value: str, element: ElementShape, spot: _Spot) -> Iterator[Fault]:
    length = digits(value) if element.type.startswith(("N", "R")) else len(value)
    if length < element.minimum:
        yield _fault("X12-504", spot, value, element, length=length, limit=element.minimum)
    elif element.maximum and length > element.maximum:
        yield _fault("X12-505", spot, value, element, length=length, limit=element.maximum)
    elif element.codes and value not in element.codes:
        yield _fault("X12-507", spot, value, element)
    elif element.type == "DT" and not is_date(value):
        yield _fault("X12-508", spot, value, element)
    elif element.type == "TM" and not is_time(value):
        yield _fault("X12-509", spot, value, element)


def _notes(anchor: int, values: Sequence[str], syntax: Sequence[str]) -> Iterator[tuple[str, str, int | None]]:
    """The broken syntax notes whose fault stands at position `anchor`: the fault's code, the note, and what stands there against it."""

    def there(number: int) -> bool:
        return number <= len(values) and values[number - 1] != ""

    for note in syntax:
        code = "X12-502" if anchor in lacking(note, there) else "X12-510" if anchor == excess(note, there) else None
        if code is not None:
            yield code, note, next((number for number in positions(note) if number != anchor and there(number)), None)


def _fault(code: str, spot: _Spot, value: str | None, element: ElementShape, **detail: object) -> Fault:
    place = Place(element=spot.element, component=spot.component, repetition=spot.repetition)
    shown = value if value is None else value[:SHOWN]
    return Fault.of(code, place, shown, name=element.name, reference=element.id, **detail)
