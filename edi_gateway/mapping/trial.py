"""Golden cases: a document and the record that it must give, tried both ways, with what the cases cover of the map."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from edi_gateway.faults import Fault
from edi_gateway.mapping.map import Map
from edi_gateway.mapping.replay import record_changes
from edi_gateway.mapping.restoring import Rewritten, Why, rewritten
from edi_gateway.records import Record, from_json
from edi_gateway.tree import Loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A document and the JSON of its record, None where it is not yet known."""

    name: str
    tree: Loop
    record: dict[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """What one case gave.

    Shape:  `changes` are the differences to the golden record; `returns` says whether writing and reading the record gives it back,
            `rewritten` where writing it gives another document than it was read from.
    """

    name: str
    record: Record | None
    faults: tuple[Fault, ...]
    changes: tuple[str, ...]
    returns: bool
    rewritten: tuple[Rewritten, ...]
    elements: int
    elements_read: int

    @property
    def ok(self) -> bool:
        return self.record is not None and not self.changes and self.returns and not self.breaches

    @property
    def breaches(self) -> tuple[Rewritten, ...]:
        """What is written otherwise, and not only in other words."""
        return tuple(one for one in self.rewritten if one.why is Why.BREACH)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What all cases gave. Shape: `idle` are the fields of the rows that no case used."""

    map: str
    results: tuple[CaseResult, ...]
    rows: int
    idle: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return all(result.ok for result in self.results)

    @property
    def elements(self) -> int:
        return sum(result.elements for result in self.results)

    @property
    def elements_read(self) -> int:
        return sum(result.elements_read for result in self.results)


def try_cases(one: Map, cases: Iterable[Case]) -> Trial:
    """Every case read, compared, written and read again; what is written is held against the document, too."""
    results, used = [], set()
    for case in cases:
        used |= {origin.row for origin in one.explain_read(case.tree)}
        results.append(_try(one, case))
    idle = tuple(row.path for row in one.plan.rows if row.read is not None and row.place not in used)
    return Trial(map=one.name, results=tuple(results), rows=len(one.plan.rows), idle=idle)


def _try(one: Map, case: Case) -> CaseResult:
    reading = one.read(case.tree)
    seen, read = one.covered(case.tree)
    changes: tuple[str, ...] = ()
    if case.record is not None:
        changes = record_changes(from_json(one.record_type, case.record), reading.record)
    returns, again = False, None
    faults = reading.faults
    if reading.record is not None:
        writing = one.write(reading.record)
        faults += writing.faults
        again = writing.tree
        if again is not None:
            returns = not _beyond_totals(record_changes(reading.record, one.read(again).record))
    return CaseResult(
        name=case.name,
        record=reading.record,
        faults=faults,
        changes=changes,
        returns=returns,
        rewritten=rewritten(one.plan, case.tree, again) if again is not None else (),
        elements=seen,
        elements_read=read,
    )


def _beyond_totals(changes: tuple[str, ...]) -> bool:
    """Whether more changes than the totals, which writing counts anew."""
    return any(not change.startswith(("total_lines ", "hash_total ")) for change in changes)
