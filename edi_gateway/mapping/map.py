"""The compiled map: reads a tree into a record and writes a record as a tree."""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, TypeAlias

from edi_gateway.faults import Fault, Faulty, Severity
from edi_gateway.mapping import reading, writing
from edi_gateway.mapping.binding import bind
from edi_gateway.mapping.coverage import Coverage
from edi_gateway.mapping.cross_reference import CrossReference, LoadedReference
from edi_gateway.mapping.definition import Definition
from edi_gateway.mapping.lineage import Origin, read_origins, write_origins
from edi_gateway.mapping.loading import Base, load
from edi_gateway.mapping.pack_sizes import PackSizes
from edi_gateway.mapping.plan import BoundBlock, BoundRow, Plan
from edi_gateway.marked import nearest
from edi_gateway.records import RECORDS, Record, dated_by
from edi_gateway.shape import Shape
from edi_gateway.tree import Loop, Segment

Shapes: TypeAlias = Callable[[str], Shape | None]
"""Finds a shape by the name that a map's `schema:` says."""

Tables: TypeAlias = Callable[[str], LoadedReference | None]
"""Finds a cross-reference by the name that stands after `via`; None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a tree says. Shape: `record` is None where a value could not be read; equations that fail are faults beside a record."""

    record: Record | None
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        return self.record is not None and not any(fault.severity is Severity.ERROR for fault in self.faults)


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """How a record is said. Shape: `tree` is None where a value could not be written; warnings stand beside a tree."""

    tree: Loop | None
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        return self.tree is not None


class Map:
    """A two-way map between one record type and one document shape.

    Shape:  where it uses cross-references, it takes the lines that hold on the document's own day; `day` is the day for a document
            that says none. On no known day only those lines hold that always do.
    """

    def __init__(
        self, definition: Definition, plan: Plan, shape: Shape, digest: str, references: Mapping[str, CrossReference | PackSizes]
    ) -> None:
        self.definition = definition
        self.plan = plan
        self.shape = shape
        self.digest = digest
        self.references = references
        self.name = definition.name
        self.record_type = plan.root.kind
        self._dated: dict[tuple[int, ...], Map] = {}

    def __repr__(self) -> str:
        return f"<Map {self.name}: {self.definition.record} ↔ {self.shape.name}>"

    @cached_property
    def _read(self) -> Callable[..., Any]:
        return reading.reader(self.plan, traced=False)

    @cached_property
    def _write(self) -> Callable[..., Any]:
        return writing.writer(self.plan, traced=False)

    @cached_property
    def _traced_read(self) -> Callable[..., Any]:
        return reading.reader(self.plan, traced=True)

    @cached_property
    def _traced_write(self) -> Callable[..., Any]:
        return writing.writer(self.plan, traced=True)

    @cached_property
    def _coverage(self) -> Coverage:
        return Coverage(self.plan)

    def read(self, tree: Loop, day: date | None = None) -> Reading:
        """The record that a tree says."""
        if tree.repeats and (repeated := self._coverage.repeated(tree)):
            return Reading(record=None, faults=repeated)
        faults: list[Fault] = []
        checks: list[Fault] = []
        used = self._for_tree(tree, day)
        record = used._read(tree, faults, checks, "", None)
        for units in used.plan.units if record is not None else ():
            record = units.read(record, faults)
        if faults and record is not None:
            return Reading(record=None, faults=(*self._placed(faults, tree, day), *checks))
        return Reading(record=record, faults=(*faults, *checks))

    def write(self, record: Record, day: date | None = None) -> Writing:
        """The tree that says a record. Errors: TypeError for a record of another type."""
        if type(record) is not self.record_type:
            raise TypeError(f"the map {self.name} writes {self.record_type.__name__}, not {type(record).__name__}")
        faults: list[Fault] = []
        used = self._for_record(record, day)
        children = used._write(used._sent(record, faults), faults, "", None)
        if any(fault.severity is Severity.ERROR for fault in faults):
            return Writing(tree=None, faults=tuple(faults))
        return Writing(tree=Loop(self.shape.root.tag, children), faults=tuple(faults))

    def unread(self, tree: Loop) -> tuple[Fault, ...]:
        """A warning (MAP-407) for every element of the tree that no row reads."""
        return self._coverage.unread(tree)

    def unread_kinds(self, tree: Loop) -> tuple[tuple[Fault, int], ...]:
        """The first warning (MAP-407) of each kind of element that no row reads, and how many elements of its kind are unread."""
        return self._coverage.unread_kinds(tree)

    def covered(self, tree: Loop) -> tuple[int, int]:
        """How many elements the tree holds, and how many of them rows read."""
        return self._coverage.counts(tree)

    def explain_read(self, tree: Loop, day: date | None = None) -> tuple[Origin, ...]:
        """Per field that is read: the map's row, the segment and the element."""
        if tree.repeats and self._coverage.repeated(tree):
            return ()
        trace: list[tuple[str, int, Segment]] = []
        self._for_tree(tree, day)._traced_read(tree, [], [], "", trace)
        return read_origins(self.plan, trace)

    def explain_write(self, record: Record, day: date | None = None) -> tuple[Origin, ...]:
        """Per field that is written: the map's row, the segment and the element. Nothing where the record cannot be written."""
        trace: list[tuple[str, int, Segment]] = []
        used = self._for_record(record, day)
        children = used._traced_write(used._sent(record, []), [], "", trace)
        return write_origins(self.plan, trace, Loop(self.shape.root.tag, children))

    def _sent(self, record: Record, faults: list[Fault]) -> Record:
        """The record in the units that it is written in."""
        for units in self.plan.units:
            record = units.write(record, faults)
        return record

    def _placed(self, faults: list[Fault], tree: Loop, day: date | None) -> Iterator[Fault]:
        """Faults of the record as a whole, at the elements that the fields they name were read from."""
        origins = {origin.field: origin for origin in self.explain_read(tree, day)}
        for fault in faults:
            origin = origins.get(dict(fault.detail).get("field", ""))
            place = origin and (origin.segment, origin.element, origin.position or None, origin.offset if origin.position else None)
            yield fault.at(**dict(zip(("segment", "element", "position", "offset"), place, strict=True))) if place else fault

    # What holds on the document's day

    def _for_tree(self, tree: Loop, day: date | None) -> "Map":
        return self._on(self._day_in(tree) or day) if self.references else self

    def _for_record(self, record: Record, day: date | None) -> "Map":
        return self._on(getattr(record, dated_by(type(record))) or day) if self.references else self

    def _on(self, day: date | None) -> "Map":
        """The map with what its cross-references hold on a day; one for all days on which that is the same."""
        epoch = tuple(one.epoch(day) for one in self.references.values())
        if epoch not in self._dated:
            plan, _ = bind(self.definition, self.shape, self.record_type, {name: one.on(day) for name, one in self.references.items()})
            assert plan is not None, "what binds with all lines of a table binds with some of them"
            if len(self._dated) >= _EPOCHS:
                self._dated.clear()
            self._dated[epoch] = Map(self.definition, plan, self.shape, self.digest, {})
        return self._dated[epoch]

    def _day_in(self, tree: Loop) -> date | None:
        """The day that a document says it is of."""
        record = self._read_day(tree, [], [], "", None) if self._read_day else None
        return getattr(record, dated_by(self.record_type), None)

    @cached_property
    def _read_day(self) -> Callable[..., Any] | None:
        """Reads the document's day alone; None where no row does."""
        root = self.plan.root
        rows: list[BoundRow | BoundBlock] = [
            item for item in root.items if isinstance(item, BoundRow) and item.field == dated_by(self.record_type)
        ]
        if not any(isinstance(row, BoundRow) and row.read is not None and row.when is None for row in rows):
            return None
        return reading.reader(replace(self.plan, root=replace(root, items=rows, equations=[])), traced=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compiled:
    """What compiling gives: the map, or every fault that stands in its way."""

    map: Map | None
    faults: tuple[Fault, ...] = ()

    def must(self) -> Map:
        """The map. Errors: Faulty where there is none."""
        if self.map is None:
            raise Faulty(self.faults)
        return self.map


_compiled: dict[str, Compiled] = {}
_KEPT = 512
_EPOCHS = 32
_FOLLOWS = "MAP-118"
"""A required field without a row: said only where no row was refused, as the refused one may be it."""


def compile_map(
    source: str,
    *,
    file: str,
    shapes: Shapes,
    base: Base | None = None,
    tables: Tables | None = None,
) -> Compiled:
    """The map of a YAML text.

    Shape: `shapes` finds the shape that `schema:` names; `base` gives text and file of a map that this one extends; `tables` finds
           cross-references, which the map's own tables cover. The result is kept by the content of all of these.
    """
    definition, faults = load(source, file, base)
    if definition is None:
        return Compiled(map=None, faults=tuple(faults))
    kind = RECORDS.get(definition.record)
    if kind is None:
        faults.append(Fault.of("MAP-123", definition.place, definition.record, hint=nearest(definition.record, RECORDS)))
    shape = shapes(definition.schema)
    if shape is None:
        faults.append(Fault.of("MAP-125", definition.place, definition.schema))
    references = _references(definition, tables, faults)
    if kind is None or shape is None or references is None:
        return Compiled(map=None, faults=tuple(faults))
    contents = [(name, one.name, one.digest) for name, one in references.items()]
    digest = hashlib.sha256(repr((definition, contents)).encode()).hexdigest()
    key = f"{digest} {id(shape)}"
    known = _compiled.get(key)
    if known is not None and not faults:
        return known
    plan, unbound = bind(definition, shape, kind, {name: one.whole() for name, one in references.items()})
    faults += [fault for fault in unbound if not faults or fault.code != _FOLLOWS]
    if plan is None or faults:
        return Compiled(map=None, faults=tuple(faults))
    made = Compiled(map=Map(definition, plan, shape, digest, references))
    if len(_compiled) >= _KEPT:
        _compiled.clear()
    _compiled[key] = made
    return made


def _references(definition: Definition, tables: Tables | None, faults: list[Fault]) -> dict[str, CrossReference | PackSizes] | None:
    """The cross-references that a map names, those that are not there left out; None where one has faults."""
    found: dict[str, CrossReference | PackSizes] = {}
    before = len(faults)
    for name in sorted(definition.shared_tables()) if tables is not None else ():
        loaded = tables(name) if tables is not None else None
        if loaded is not None:
            faults += loaded.faults
            if loaded.reference is not None:
                found[name] = loaded.reference
    return found if len(faults) == before else None
