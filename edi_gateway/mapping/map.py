"""The compiled map: reads a tree into a record and writes a record as a tree."""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeAlias

from edi_gateway.faults import Fault, Faulty, Severity
from edi_gateway.mapping import reading, writing
from edi_gateway.mapping.binding import bind
from edi_gateway.mapping.coverage import Coverage
from edi_gateway.mapping.definition import Definition
from edi_gateway.mapping.lineage import Origin, read_origins, write_origins
from edi_gateway.mapping.loading import Base, load
from edi_gateway.mapping.plan import Plan
from edi_gateway.mapping.tables import Table
from edi_gateway.marked import nearest
from edi_gateway.records import RECORDS, Record
from edi_gateway.shape import Shape
from edi_gateway.tree import Loop, Segment

Shapes: TypeAlias = Callable[[str], Shape | None]
"""Finds a shape by the name that a map's `schema:` says."""


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
    """How a record is said. Shape: `tree` is None where a value could not be written."""

    tree: Loop | None
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        return self.tree is not None


class Map:
    """A two-way map between one record type and one document shape."""

    def __init__(self, definition: Definition, plan: Plan, shape: Shape, digest: str) -> None:
        self.definition = definition
        self.plan = plan
        self.shape = shape
        self.digest = digest
        self.name = definition.name
        self.record_type = plan.root.kind

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

    def read(self, tree: Loop) -> Reading:
        """The record that a tree says."""
        faults: list[Fault] = []
        checks: list[Fault] = []
        record = self._read(tree, faults, checks, "", None)
        return Reading(record=record, faults=(*faults, *checks))

    def write(self, record: Record) -> Writing:
        """The tree that says a record. Errors: TypeError for a record of another type."""
        if type(record) is not self.record_type:
            raise TypeError(f"the map {self.name} writes {self.record_type.__name__}, not {type(record).__name__}")
        faults: list[Fault] = []
        children = self._write(record, faults, "", None)
        if faults:
            return Writing(tree=None, faults=tuple(faults))
        return Writing(tree=Loop(self.shape.root.tag, children))

    def unread(self, tree: Loop) -> tuple[Fault, ...]:
        """A warning (MAP-407) for every element of the tree that no row reads."""
        return self._coverage.unread(tree)

    def covered(self, tree: Loop) -> tuple[int, int]:
        """How many elements the tree holds, and how many of them rows read."""
        return self._coverage.counts(tree)

    def explain_read(self, tree: Loop) -> tuple[Origin, ...]:
        """Per field that is read: the map's row, the segment and the element."""
        trace: list[tuple[str, int, Segment]] = []
        self._traced_read(tree, [], [], "", trace)
        return read_origins(self.plan, trace)

    def explain_write(self, record: Record) -> tuple[Origin, ...]:
        """Per field that is written: the map's row, the segment and the element. Nothing where the record cannot be written."""
        trace: list[tuple[str, int, Segment]] = []
        children = self._traced_write(record, [], "", trace)
        return write_origins(self.plan, trace, Loop(self.shape.root.tag, children))


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
_FOLLOWS = "MAP-118"
"""A required field without a row: said only where no row was refused, as the refused one may be it."""


def compile_map(
    source: str,
    *,
    file: str,
    shapes: Shapes,
    base: Base | None = None,
    tables: Mapping[str, Table] | None = None,
) -> Compiled:
    """The map of a YAML text.

    Shape: `shapes` finds the shape that `schema:` names; `base` gives text and file of a map that this one extends;
           `tables` are shared tables, which the map's own cover. The result is kept by the content of all of these.
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
    if kind is None or shape is None:
        return Compiled(map=None, faults=tuple(faults))
    digest = hashlib.sha256(repr((definition, sorted((tables or {}).items()))).encode()).hexdigest()
    key = f"{digest} {id(shape)}"
    known = _compiled.get(key)
    if known is not None and not faults:
        return known
    plan, unbound = bind(definition, shape, kind, tables or {})
    faults += [fault for fault in unbound if not faults or fault.code != _FOLLOWS]
    if plan is None or faults:
        return Compiled(map=None, faults=tuple(faults))
    made = Compiled(map=Map(definition, plan, shape, digest))
    if len(_compiled) >= _KEPT:
        _compiled.clear()
    _compiled[key] = made
    return made
