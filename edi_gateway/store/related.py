"""Which other messages belong to one: duplicates, and acknowledgments both ways.

`acknowledged_by` of a group, or of a set of ours, is the row id of the acknowledgment's transaction set (the 997's), wherever that stands.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, select

from edi_gateway.ports import rows
from edi_gateway.store.tables import groups, sets, transmissions
from edi_gateway.store.unit import SqlUnitOfWork

Related = tuple[tuple[str, rows.Transmission], ...]


def related(unit: SqlUnitOfWork, transmission: rows.Transmission) -> Related:
    """Pairs of a relation and the other message, each once, oldest first within a relation."""
    found: list[tuple[str, rows.Transmission]] = []
    for relation, condition in _relations(transmission):
        found += [(relation, other) for other in unit.transmissions.select(condition) if other.id != transmission.id]
    return tuple(found)


def _relations(transmission: rows.Transmission) -> Iterator[tuple[str, ColumnElement[bool]]]:
    here, other = transmission.id, transmissions.c.id
    if transmission.duplicate_of is not None:
        yield "duplicate of", other == transmission.duplicate_of
    yield "duplicated by", transmissions.c.duplicate_of == here
    answers = [select(table.c.acknowledged_by).where(table.c.transmission_id == here) for table in (groups, sets)]
    yield "acknowledged by", other.in_(_carrying(sets.c.id.in_(answers[0].union(answers[1]))))
    own_sets = select(sets.c.id).where(sets.c.transmission_id == here)
    asked = [select(table.c.transmission_id).where(table.c.acknowledged_by.in_(own_sets)) for table in (groups, sets)]
    yield "acknowledges", other.in_(asked[0].union(asked[1]))


def _carrying(which: ColumnElement[bool]) -> Any:
    """The transmissions that carry these sets."""
    return select(sets.c.transmission_id).where(which)
