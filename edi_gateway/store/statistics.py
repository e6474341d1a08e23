"""What SQLite's planner is told of the rows: those of an archive of a million messages, whatever is kept now.

Without it the planner takes every index for as good as another of as many columns, and walks all documents of a partner where it could look
for a number. It is told, not left to count: so a plan never changes behind anyone's back, and tests see the plans of a large archive.
"""

from math import prod

from sqlalchemy import Connection, Index, Table, text

from edi_gateway.store import tables
from edi_gateway.store.indexes import INDEXES

ROWS = 1_000_000
"""Of each table that grows with the messages; that some hold a few times as many makes no difference to a plan."""
GROWING: tuple[Table, ...] = (
    tables.transmissions,
    tables.receipts,
    tables.attempts,
    tables.interchanges,
    tables.groups,
    tables.sets,
    tables.documents,
    tables.document_lines,
    tables.erp_files,
    tables.deadlines,
    tables.events,
)
_VALUES = {
    "direction": 2,
    "kind": 10,
    "subject": 3,
    "set_id": 20,
    "partner": 100,
    "state": 10_000,
    "control_number": 10_000,
    "po_number": 100_000,
}
"""How many values such a column has; every other one has one for each row. A state that is asked for by its index is a rare one."""
_PARTIAL = 1000
"""So many rows are in an index of only some, but for one of those that have a value in its first column: these are most."""


def tell(connection: Connection) -> None:
    """Writes it where the planner looks. A database that has other figures, counted by a person, has these from then on."""
    connection.execute(text("ANALYZE ticks"))  # makes the table
    connection.execute(text("DELETE FROM sqlite_stat1"))
    rows = [{"tbl": one.table.name, "idx": one.name, "stat": _stat(one)} for one in INDEXES if one.table in GROWING]
    connection.execute(text("INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES (:tbl, :idx, :stat)"), rows)
    connection.execute(text("ANALYZE sqlite_schema"))  # reads it


def _stat(index: Index) -> str:
    """The rows of an index, and how many have the same first column, the same first two, and so on."""
    only = index.dialect_options["sqlite"]["where"]
    rows = ROWS if only is None or str(only) == f"{index.columns[0].name} IS NOT NULL" else _PARTIAL
    values = [_VALUES.get(column.name, rows) for column in index.columns]
    return " ".join(str(number) for number in (rows, *(max(1, rows // prod(values[: last + 1])) for last in range(len(values)))))
