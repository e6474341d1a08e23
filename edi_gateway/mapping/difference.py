"""What changes between two versions of a map, by meaning: order, spelling, comments and parts do not count."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from edi_gateway.faults import Place
from edi_gateway.mapping.definition import Block, Definition, End, Row
from edi_gateway.mapping.map import Map
from edi_gateway.mapping.tables import Table


class Change(StrEnum):
    """What became of a thing."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One change. Shape: `subject` is `row lines.gtin`, `list lines`, `table order_type: rush`, `equation CTT/01` or a header's key."""

    change: Change
    subject: str
    before: str = ""
    after: str = ""
    place: Place = Place()

    def words(self) -> str:
        """The change in one line."""
        match self.change:
            case Change.ADDED:
                return f"{self.subject} is new: {self.after}"
            case Change.REMOVED:
                return f"{self.subject} is gone; it was {self.before}"
            case Change.CHANGED:
                return f"{self.subject}: {self.before} becomes {self.after}"


def differences(old: Map, new: Map) -> tuple[Difference, ...]:
    """What is different in `new`, in the order of subjects. Nothing where the two mean the same."""
    before, after = dict(_meaning(old.definition)), dict(_meaning(new.definition))
    found = []
    for subject in sorted(before.keys() | after.keys()):
        was, now = before.get(subject), after.get(subject)
        if was is None and now is not None:
            found.append(Difference(change=Change.ADDED, subject=subject, after=now[0], place=now[1]))
        elif was is not None and now is None:
            found.append(Difference(change=Change.REMOVED, subject=subject, before=was[0], place=was[1]))
        elif was is not None and now is not None and was[0] != now[0]:
            found.append(Difference(change=Change.CHANGED, subject=subject, before=was[0], after=now[0], place=now[1]))
    return tuple(found)


def _meaning(definition: Definition) -> Iterator[tuple[str, tuple[str, Place]]]:
    """Everything that a map says, each under its subject."""
    for key in ("record", "schema"):
        yield key, (getattr(definition, key), definition.place)
    yield from _block(definition.body, "")
    used = set(_tables_used(definition.body))
    for name, table in definition.tables.items():
        if name in used:
            place = definition.table_places.get(name, definition.place)
            for subject, words in _table(table).items():
                yield f"table {name}: {subject}", (words, place)


def _table(table: Table) -> Mapping[str, str]:
    said = dict(table.codes)
    for code, name in table.names.items():
        if table.codes.get(name) != code:
            said[f"{code} on read"] = name
    if table.keep:
        said["other codes"] = "kept"
    return said


def _block(block: Block, path: str) -> Iterator[tuple[str, tuple[str, Place]]]:
    for item in block.items:
        inner = f"{path}.{item.field}" if path else item.field
        if isinstance(item, Row):
            yield f"row {inner}", (_row(item), item.place)
        else:
            yield f"{'list' if item.many else 'block'} {inner}", (item.at.text if item.at else "a group of fields", item.place)
            yield from _block(item, inner)
    for equation in block.equations:
        where = f"{path}: " if path else ""
        checked = "" if equation.checked else " (not checked)" if equation.only is None else f" (in {equation.only!r})"
        yield f"equation {where}{equation.path.text}", (equation.text + checked, equation.place)


def _row(row: Row) -> str:
    both = _end(row.read) if row.read == row.write else f"in {_end(row.read)}, out {_end(row.write)}"
    return both + (f" when {row.when}" if row.when is not None else "")


def _end(end: End | None) -> str:
    if end is None:
        return "nothing"
    return end.path.text + (f" via {end.via}" if end.via else "") + (f" = {end.default}" if end.default is not None else "")


def _tables_used(block: Block) -> Iterator[str]:
    for item in block.items:
        if isinstance(item, Block):
            yield from _tables_used(item)
        else:
            yield from (end.via for end in (item.read, item.write) if end is not None and end.via is not None)
