"""`edi-gateway map explain`: from a field to its element, byte or column, and from there back to the field."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from edi_gateway.cli.mapdocuments import Document, documents_of, map_of
from edi_gateway.cli.maptrials import TOLERANT
from edi_gateway.cli.options import json_option, own_files_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, emit, end, table, tell
from edi_gateway.faults import Fault, Place
from edi_gateway.mapping import Map
from edi_gateway.marked import nearest
from edi_gateway.services.shelf import shelf_of

_NOBODY = "(no row reads it)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One value of a document: where it stands and which field it fills. Shape: `field` is None, as is `row`, where no row reads it."""

    field: str | None
    value: str
    place: Place
    row: Place | None

    @property
    def designator(self) -> str:
        part = "".join(f"{sign}{number}" for sign, number in (("^", self.place.repetition), ("-", self.place.component)) if number)
        return f"{self.place.segment}{self.place.element or 0:02}{part}"

    @property
    def start(self) -> tuple[int, int]:
        """Line and column in a flat file; zero and the byte in an interchange."""
        return (self.place.line, self.place.column or 1) if self.place.line is not None else (0, self.place.offset or 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a person points: a byte of an interchange; a line of a flat file and a column of it, or the whole line."""

    line: int
    column: int | None

    @classmethod
    def read(cls, written: str, is_flat: bool) -> "Spot":
        """Errors: click's usage error for what is no place in such a file."""
        line, colon, column = written.partition(":")
        if not line.isdecimal() or (colon and not (is_flat and column.isdecimal())):
            wanted = "a line, or a line and column such as 3:7" if is_flat else "a byte, counted from 0, such as 412"
            raise click.BadParameter(f"write {wanted}.", param_hint="--at")
        return cls(line=int(line), column=int(column) if colon else None) if is_flat else cls(line=0, column=int(line))

    def among(self, told: list[Told]) -> list[Told]:
        """What stands there."""
        if self.column is None:
            return [one for one in told if one.start[0] == self.line]
        before = [one for one in told if one.start[0] == self.line and one.start[1] <= self.column]
        nearest = max((one.start for one in before), default=None)
        # In an interchange what lies behind a value is another element's; in a line the quotes around a value belong to it.
        return [one for one in before if one.start == nearest and (self.line or self.column <= one.start[1] + len(one.value.encode()))]


@click.command()
@click.argument("map_name", metavar="MAP")
@click.argument("file", metavar="FILE")
@click.option("--field", metavar="PATH", help="Only this field, such as lines[2].quantity, and what is below it.")
@click.option("--element", metavar="NAME", help="Only this element, such as PO102, and the fields that it fills.")
@click.option("--at", metavar="PLACE", help="Only what stands there: a byte of X12, LINE or LINE:COLUMN of a flat file.")
@own_files_option
@json_option
def explain(map_name: str, file: str, field: str | None, element: str | None, at: str | None, home: Path | None, as_json: bool) -> None:
    """Say of every field where it comes from, and of an element or a place which field it fills.

    Told are the element, its byte or its line and column, and the row of the map.

    \b
    Example:  edi-gateway map explain x12/004010/850 samples/maps/850.edi --field lines[2].quantity
              edi-gateway map explain x12/004010/850 samples/maps/850.edi --element PO102
    """
    shelf = shelf_of(home)
    used = map_of(shelf, map_name)
    spot = Spot.read(at, used.shape.name.startswith("flat ")) if at is not None else None
    documents = list(documents_of(shelf, used, file, TOLERANT))
    tell(fault for one in documents if one.tree is None for fault in one.faults)
    told = [(one, list(_told(used, one))) for one in documents if one.tree is not None]
    explained = [(one, _wanted(values, field, element, spot)) for one, values in told]
    is_found = any(found for _, found in explained)
    if as_json:
        emit(
            {"map": used.name, "documents": [{"document": one.name, "fields": [_json(told) for told in found]} for one, found in explained]}
        )
    else:
        for one, found in explained:
            if len(explained) > 1:
                click.echo(one.name)
            if found:
                table(("field", "value", "from", "where", "row of the map"), map(_cells, found))
    if (field or element or at) and not is_found:
        click.echo(f"No value stands there. {_hint([one for _, values in told for one in values], field, element)}".strip(), err=True)
        end(FINDINGS)
    end(GOOD if explained and len(explained) == len(documents) else FINDINGS)


def _told(used: Map, one: Document) -> Iterator[Told]:
    """Every value that a row reads, then those that none reads."""
    assert one.tree is not None
    for origin in used.explain_read(one.tree):
        place = Place(
            segment=origin.segment,
            element=origin.element,
            component=origin.component,
            repetition=origin.repetition,
            position=origin.position,
            offset=origin.offset,
        )
        here = one.locate(Fault.of("MAP-407", place, origin.value)).place
        yield Told(field=origin.field, value=origin.value, place=here, row=origin.row)
    for fault in used.unread(one.tree):
        yield Told(field=None, value=fault.value or "", place=one.locate(fault).place, row=None)


def _hint(told: list[Told], field: str | None, element: str | None) -> str:
    """The name of a value that was perhaps meant."""
    if field is not None:
        return nearest(field, {one.field for one in told if one.field is not None})
    return nearest(element, {one.designator for one in told}) if element is not None else ""


def _wanted(told: list[Told], field: str | None, element: str | None, spot: Spot | None) -> list[Told]:
    found = spot.among(told) if spot is not None else told
    if element is not None:
        found = [one for one in found if one.designator == element or one.designator.startswith((f"{element}-", f"{element}^"))]
    elif spot is None:
        found = [one for one in found if one.field is not None]
    return [one for one in found if field is None or _is_below(one.field, field)]


def _is_below(one: str | None, field: str) -> bool:
    return one is not None and (one == field or one.startswith((f"{field}.", f"{field}[")))


def _cells(one: Told) -> tuple[object, ...]:
    place = one.place
    where = f"segment {place.position}, byte {place.offset}" if place.line is None else f"line {place.line}"
    if place.line is not None and place.column is not None:
        where += f", column {place.column}"
    return one.field or _NOBODY, one.value, one.designator, where, one.row.words() if one.row else ""


def _json(one: Told) -> dict[str, Any]:
    named = ("segment", "element", "component", "repetition", "position", "offset", "line", "column")
    where = {name: getattr(one.place, name) for name in named}
    return {"field": one.field, "value": one.value, **where, "row": one.row.known() if one.row else None}
