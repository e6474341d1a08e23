"""Cross-references: tables that are kept as CSV files because they are long and change, such as our SKU for their ASIN.

The file's first line names its columns: `record` (the word in the record), `document` (the code in the document), and where
they are wanted `from` and `to` (CCYY-MM-DD, both days included) and `direction` (`both`, or `read` for a further code that is
only read). A map takes of it what holds on the document's day.
"""

import csv
import hashlib
import io
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.mapping.pack_sizes import Pack, PackSizes, pack_sizes
from edi_gateway.mapping.tables import Table
from edi_gateway.marked import nearest

COLUMNS = ("record", "document", "from", "to", "direction")
SIZE_COLUMNS = ("item", "unit", "size", "from", "to")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a cross-reference. Units: both days included; None leaves that side open."""

    name: str
    code: str
    since: date | None
    until: date | None
    read_only: bool
    line: int

    def holds(self, day: date | None) -> bool:
        """Whether it holds on a day; on a day that nobody knows, whether it holds on all days."""
        if day is None:
            return self.since is None and self.until is None
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def meets(self, other: "Entry") -> bool:
        """Whether there is a day on which both hold."""
        return (self.since is None or other.until is None or self.since <= other.until) and (
            other.since is None or self.until is None or other.since <= self.until
        )


@dataclass(frozen=True, kw_only=True)
class CrossReference:
    """A whole file. `digest` is of its text."""

    name: str
    file: str
    digest: str
    entries: tuple[Entry, ...]

    def on(self, day: date | None) -> Table:
        """The table as it holds on a day."""
        label = f"{self.name} ({self.file}, {day.isoformat() if day else 'no day known'})"
        return self._table((entry for entry in self.entries if entry.holds(day)), label)

    def whole(self) -> Table:
        """Every line's word and code, whenever it holds: for looking a map over."""
        return self._table(self.entries, f"{self.name} ({self.file})")

    def epoch(self, day: date | None) -> int:
        """The same number for days on which the same lines hold."""
        return -1 if day is None else bisect_right(self._turns, day)

    @cached_property
    def _turns(self) -> tuple[date, ...]:
        """The days on which a line begins to hold or no longer holds."""
        begun = {entry.since for entry in self.entries if entry.since is not None}
        ended = {entry.until + timedelta(1) for entry in self.entries if entry.until is not None and entry.until < date.max}
        return tuple(sorted(begun | ended))

    def _table(self, entries: Iterable[Entry], label: str) -> Table:
        held = tuple(entries)
        return Table(
            name=self.name,
            names={entry.code: entry.name for entry in held},
            codes={entry.name: entry.code for entry in held if not entry.read_only},
            label=label,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedReference:
    """What loading gives: the cross-reference, or every fault in its lines."""

    reference: CrossReference | PackSizes | None
    faults: tuple[Fault, ...] = ()

    def must(self) -> CrossReference | PackSizes:
        """The cross-reference. Errors: Faulty where there is none."""
        if self.reference is None:
            raise Faulty(self.faults)
        return self.reference


def load_cross_reference(text: str, *, name: str, file: str) -> LoadedReference:
    """The cross-reference of a CSV text, or the pack sizes where its first line names items."""
    faults: list[Fault] = []
    lines = list(_lines(text, file, faults))
    if faults:
        return LoadedReference(reference=None, faults=tuple(faults))
    heading = [cell.strip() for cell in lines[0][1]] if lines else []
    columns = SIZE_COLUMNS if "item" in heading else COLUMNS
    faults += _heading_faults(heading, columns, file)
    if faults:
        return LoadedReference(reference=None, faults=tuple(faults))
    rows = list(_rows(heading, lines[1:], file, faults))
    if columns is SIZE_COLUMNS:
        packs = [(pack, line) for cells, line in rows if (pack := _pack(cells, line, file, faults)) is not None]
        _refuse_double_packs(packs, name, file, faults)
        sizes = pack_sizes(text, name, file, tuple(pack for pack, _ in packs))
        return LoadedReference(reference=None if faults else sizes, faults=tuple(faults))
    entries = [entry for cells, line in rows if (entry := _entry(cells, line, file, faults)) is not None]
    _refuse_doubles(entries, name, file, faults)
    if faults:
        return LoadedReference(reference=None, faults=tuple(faults))
    digest = hashlib.sha256(text.encode()).hexdigest()
    return LoadedReference(reference=CrossReference(name=name, file=file, digest=digest, entries=tuple(entries)))


def _rows(heading: list[str], lines: list[tuple[int, list[str]]], file: str, faults: list[Fault]) -> Iterable[tuple[dict[str, str], int]]:
    """The cells of each line by their column, and its number; blank lines left out."""
    for number, cells in lines:
        if len(cells) > len(heading):
            wanted = f"expected: the first line has {len(heading)} columns"
            place = Place(file=file, line=number, column=len(heading) + 1)
            faults.append(Fault.of("MAP-213", place, cells[len(heading)], column="a further cell", wanted=wanted))
        elif any(cell.strip() for cell in cells):
            yield dict(zip(heading, map(str.strip, cells), strict=False)), number


def _lines(text: str, file: str, faults: list[Fault]) -> Iterable[tuple[int, list[str]]]:
    """Each line's number and cells."""
    reader = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        faults.append(Fault.of("MAP-210", Place(file=file, line=number, column=1), str(error)))


def _heading_faults(heading: list[str], columns: tuple[str, ...], file: str) -> Iterable[Fault]:
    for column, cell in enumerate(heading, 1):
        if cell not in columns:
            yield Fault.of("MAP-211", Place(file=file, line=1, column=column), cell, hint=nearest(cell, columns))
    for cell, count in Counter(heading).items():
        if count > 1 and cell in columns:
            yield Fault.of("MAP-211", Place(file=file, line=1, column=len(heading)), cell, hint="It stands twice; take one out.")
    yield from (
        Fault.of("MAP-212", Place(file=file, line=1, column=1), needed)
        for needed in columns[: -2 if columns is SIZE_COLUMNS else 2]
        if needed not in heading
    )


def _days(cells: dict[str, str], place: Place, faults: list[Fault]) -> tuple[date | None, date | None]:
    days: list[date | None] = []
    for key in ("from", "to"):
        text = cells.get(key, "")
        try:
            days.append(date.fromisoformat(text) if text else None)
        except ValueError:
            faults.append(Fault.of("MAP-213", _cell(place, cells, key), text, column=key, wanted="a day as CCYY-MM-DD"))
            days.append(None)
    return days[0], days[1]


def _needed(cells: dict[str, str], columns: Iterable[str], place: Place, faults: list[Fault]) -> None:
    missing = [key for key in columns if not cells.get(key)]
    faults += [Fault.of("MAP-213", _cell(place, cells, key), "", column=key, wanted="a value") for key in missing]


def _cell(place: Place, cells: dict[str, str], key: str) -> Place:
    """The place of a line's cell. Units: columns count cells; one that is not there stands behind the others."""
    return replace(place, column=list(cells).index(key) + 1 if key in cells else len(cells) + 1)


def _entry(cells: dict[str, str], line: int, file: str, faults: list[Fault]) -> Entry | None:
    place = Place(file=file, line=line)
    before = len(faults)
    since, until = _days(cells, place, faults)
    _needed(cells, COLUMNS[:2], place, faults)
    direction = cells.get("direction") or "both"
    if direction not in ("both", "read"):
        faults.append(Fault.of("MAP-213", _cell(place, cells, "direction"), direction, column="direction", wanted="both or read"))
    if len(faults) > before:
        return None
    return Entry(name=cells["record"], code=cells["document"], since=since, until=until, read_only=direction == "read", line=line)


def _pack(cells: dict[str, str], line: int, file: str, faults: list[Fault]) -> Pack | None:
    place = Place(file=file, line=line)
    before = len(faults)
    since, until = _days(cells, place, faults)
    _needed(cells, SIZE_COLUMNS[:3], place, faults)
    size = cells.get("size", "")
    if size and not (size.isascii() and size.isdecimal() and int(size) > 0):
        faults.append(Fault.of("MAP-213", _cell(place, cells, "size"), size, column="size", wanted="a whole number above 0"))
    if len(faults) > before:
        return None
    return Pack(item=cells["item"], unit=cells["unit"], size=Decimal(size), since=since, until=until)


def _refuse_double_packs(packs: list[tuple[Pack, int]], name: str, file: str, faults: list[Fault]) -> None:
    """Two sizes of an item on the same day."""
    by_item: dict[str, list[tuple[Pack, int]]] = {}
    for pack, line in packs:
        same = [first for other, first in by_item.setdefault(pack.item, []) if other.meets(pack)]
        by_item[pack.item].append((pack, line))
        if same:
            faults.append(Fault.of("MAP-214", Place(file=file, line=line, column=1), pack.item, table=name, first=same[0]))


def _refuse_doubles(entries: list[Entry], name: str, file: str, faults: list[Fault]) -> None:
    """A code for two names, or a name written as two codes, on the same day."""
    by_code: dict[str, list[Entry]] = {}
    by_name: dict[str, list[Entry]] = {}
    for entry in entries:
        same = [other for other in by_code.setdefault(entry.code, []) if other.meets(entry)]
        if not entry.read_only:
            same += [other for other in by_name.setdefault(entry.name, []) if other.meets(entry)]
            by_name[entry.name].append(entry)
        by_code[entry.code].append(entry)
        if same:
            place = Place(file=file, line=entry.line, column=1)
            faults.append(Fault.of("MAP-214", place, f"{entry.name}, {entry.code}", table=name, first=same[0].line))
