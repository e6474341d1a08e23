"""A map as it was written, before it is bound to a shape and a record: rows, blocks, equations and tables with their places."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from edi_gateway.faults import Place
from edi_gateway.mapping.paths import Path
from edi_gateway.mapping.tables import Table


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """One side of a row as its text says it: `PATH [via TABLE] [= default]`. `via` starts with "!" for a codec, "?" for a check."""

    path: Path
    via: str | None = None
    default: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A field is an element. `read` and `write` are the same end unless the row says `in:` and `out:`."""

    field: str
    place: Place
    read: End | None
    write: End | None
    when: str | None = None
    when_place: Place = Place()


@dataclass(frozen=True, slots=True, kw_only=True)
class Equation:
    """An element that follows from the record: written on write, and on read checked unless the map says `out:`.

    Shape:  `only` is the one text that may stand there on read without being told as unread, None where any may.
    """

    path: Path
    text: str
    place: Place
    checked: bool = True
    only: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """How a block's quantities and prices go between our unit and the partner's.

    Shape:  `table` is one of pack sizes, `ours` our unit; all else are fields.
    """

    place: Place
    quantity: tuple[str, ...]
    unit: str
    item: str
    table: str
    ours: str
    price: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A field that is a record of its own, or a list of them. `at` is None where the block stays in the loop that it stands in."""

    field: str
    place: Place
    at: Path | None
    many: bool
    items: "tuple[Row | Block, ...]"
    equations: tuple[Equation, ...] = ()
    units: Units | None = None


Item: TypeAlias = Row | Block


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A whole map. `files` are the file it stands in and those that it extends, nearest first."""

    name: str
    record: str
    schema: str
    place: Place
    body: Block
    tables: Mapping[str, Table] = field(default_factory=dict)
    table_places: Mapping[str, Place] = field(default_factory=dict)
    files: tuple[str, ...] = ()

    def shared_tables(self) -> frozenset[str]:
        """The names after `via` that are neither codecs nor tables of its own."""
        found = frozenset(units.table for units in _units(self.body))
        return found | frozenset(end.via for end in _ends(self.body) if end.via and end.via[0] not in "!?" and end.via not in self.tables)


def _ends(block: Block) -> Iterator[End]:
    for item in block.items:
        if isinstance(item, Block):
            yield from _ends(item)
        else:
            yield from (end for end in (item.read, item.write) if end is not None)


def _units(block: Block) -> Iterator[Units]:
    if block.units is not None:
        yield block.units
    for item in block.items:
        if isinstance(item, Block):
            yield from _units(item)
