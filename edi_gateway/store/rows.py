"""Rows of one table as frozen values: one generic adapter, and documents, whose typed columns are made from their record."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import fields
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, bindparam, delete, update

from edi_gateway.frozen import changed, maker
from edi_gateway.lifecycle.incidents import Incident
from edi_gateway.lifecycle.notices import Notice
from edi_gateway.lifecycle.states import Direction, Inbound, Outbound, SetIn, SetOut
from edi_gateway.ports import rows
from edi_gateway.store import columns, tables
from edi_gateway.store.expected import ExpectedIds
from edi_gateway.store.statements import Asked, Insertion, Statements

T = TypeVar("T")


class Kept(Generic[T]):
    """A table and the frozen value that a row of it is. `states` gives the closed set of `state` where it depends on the direction.

    Shape:  `keys` as `Statements` has them.
    """

    def __init__(
        self, table: Table, kind: type[T], states: Mapping[Direction, Callable[[str], Any]] | None = None, keys: Collection[str] = ()
    ) -> None:
        self.table = table
        self.kind = kind
        self.states = states
        self.names = tuple(field.name for field in fields(kind))  # type: ignore[arg-type]  # T is a dataclass
        self.statements = Statements(table, self.names, keys)
        self.insertion = Insertion(table)
        self._make: Callable[..., T] = maker(kind)
        self._state, self._direction = (self.names.index(name) if states else 0 for name in ("state", "direction"))

    def read(self, found: Sequence[Any]) -> T:
        """The value of a row that `statements.query` gave."""
        values = list(found)
        if self.states is not None:
            values[self._state] = self.states[values[self._direction]](values[self._state])
        return self._make(*values)

    def values(self, row: Any) -> dict[str, Any]:
        """The columns of a value."""
        return {name: getattr(row, name) for name in self.names}


TRANSMISSIONS = Kept(tables.transmissions, rows.Transmission, {Direction.IN: Inbound, Direction.OUT: Outbound})
RECEIPTS = Kept(tables.receipts, rows.Receipt)
ATTEMPTS = Kept(tables.attempts, rows.Attempt)
INTERCHANGES = Kept(tables.interchanges, rows.Interchange)
GROUPS = Kept(tables.groups, rows.Group)
SETS = Kept(tables.sets, rows.TransactionSet, {Direction.IN: SetIn, Direction.OUT: SetOut}, keys=("po_number", "business_key"))
DOCUMENTS = Kept(tables.documents, rows.Document)
ERP_FILES = Kept(tables.erp_files, rows.ErpFile, keys=("name",))
DEADLINES = Kept(tables.deadlines, rows.Deadline)
EVENTS = Kept(tables.events, rows.Event)
PAUSES = Kept(tables.pauses, rows.Pause)
ENDPOINTS = Kept(tables.endpoints, rows.Endpoint)
API_TOKENS = Kept(tables.api_tokens, rows.ApiToken)
INCIDENTS = Kept(tables.incidents, Incident)
NOTICES = Kept(tables.notices, Notice)
REVISIONS = Kept(tables.config_revisions, rows.Revision)


_LINES = Insertion(tables.document_lines)
_DROP_LINES = delete(tables.document_lines).where(tables.document_lines.c.document_id == bindparam("of"))


class SqlRows(Generic[T]):
    """The rows of one table, within one transaction. `connect` gives its connection, opened with the first statement."""

    def __init__(self, connect: Callable[[], Connection], kept: Kept[T], expected: ExpectedIds) -> None:
        self._connect = connect
        self._expected = expected
        self._kept = kept
        self._table = kept.table
        self._statements = kept.statements

    def add(self, row: T) -> T:
        return self._add(row, self._kept.values(row))

    def add_all(self, added: Sequence[T]) -> None:
        if added:
            self._kept.insertion.run_all(self._connect(), [self._kept.values(row) for row in added])

    def get(self, row_id: int) -> T:
        found = self._statements.by_id.rows(self._connect(), {"row_id": row_id})
        if not found:
            raise KeyError(f"{self._table.name} {row_id}")
        return self._kept.read(found[0])

    def find(self, **equal: Any) -> list[T]:
        return self.run(self._statements.equal(equal), equal)

    def ask(self, **equal: Any) -> Callable[[], list[T]]:
        query = self._statements.equal(equal)
        if not isinstance(query, Asked):
            found = self.run(query, equal)
            return lambda: found
        asked = query.ask(self._connect(), equal)
        return lambda: [self._kept.read(one) for one in asked()]

    def locked(self, **equal: Any) -> list[T]:
        return self.run(self._statements.locked(equal), equal)

    def change(self, row_id: int, **changes: Any) -> None:
        self._statements.change(self._connect(), row_id, _checked(self._table, changes))

    def advance(self, row_id: int, before: Any, after: Any, **changes: Any) -> bool:
        return self._statements.advance(self._connect(), row_id, before, _checked(self._table, {**changes, "state": after}))

    def advance_all(self, row_ids: Collection[int], before: Any, after: Any, **changes: Any) -> set[int]:
        column = self._table.c.id
        guarded = update(self._table).where(column.in_(row_ids), self._table.c.state == before)
        moved = guarded.values(_checked(self._table, {**changes, "state": after})).returning(column)
        return set(self._connect().execute(moved).scalars()) if row_ids else set()

    def remove(self, row_id: int) -> None:
        self._connect().execute(delete(self._table).where(self._table.c.id == row_id))

    def select(self, *conditions: ColumnElement[bool]) -> list[T]:
        """The rows that meet all conditions, oldest first."""
        return self.all(self._statements.query.where(*conditions).order_by(self._table.c.id))

    def all(self, query: Select[Any]) -> list[T]:
        """The rows of a query over this table."""
        return self.run(query.with_only_columns(*self._statements.columns), {})

    def run(self, query: Select[Any] | Asked, values: Mapping[str, Any]) -> list[T]:
        """The rows of a query made from `Statements.query`, with these values for its parameters."""
        connection = self._connect()
        found = query.rows(connection, values) if isinstance(query, Asked) else connection.execute(query, values)
        return [self._kept.read(one) for one in found]

    def _add(self, row: T, values: Mapping[str, Any]) -> T:
        row_id = self._expected.next(self._table.name)
        if row_id is None:
            row_id = self._kept.insertion.run(self._connect(), values)
        else:
            self._kept.insertion.run_numbered(self._connect(), {**values, "id": row_id})
        return changed(row, id=row_id)


class DocumentRows(SqlRows[rows.Document]):
    """Documents, with the header and line columns that are made from their record."""

    def __init__(self, connect: Callable[[], Connection], expected: ExpectedIds) -> None:
        super().__init__(connect, DOCUMENTS, expected)

    def add(self, row: rows.Document) -> rows.Document:
        lines = list(columns.lines(row.kind, row.record))
        added = self._add(row, self._kept.values(row) | columns.header(row.kind, row.record, len(lines)))
        assert added.id is not None
        self._add_lines(added.id, lines)
        return added

    def add_all(self, added: Sequence[rows.Document]) -> None:
        for row in added:
            self.add(row)

    def change(self, row_id: int, **changes: Any) -> None:
        if "record" in changes:
            kind = changes.get("kind") or self.get(row_id).kind
            lines = list(columns.lines(kind, changes["record"]))
            changes |= columns.header(kind, changes["record"], len(lines))
            self._connect().execute(_DROP_LINES, {"of": row_id})
            self._add_lines(row_id, lines)
        super().change(row_id, **changes)

    def _add_lines(self, document_id: int, lines: Sequence[columns.Columns]) -> None:
        for line in lines:
            line["document_id"] = document_id
        if lines:
            _LINES.run_all(self._connect(), lines)


class EventRows(SqlRows[rows.Event]):
    """The timeline. Its lines are written together, at the end of the transaction or before one is asked for."""

    def __init__(self, connect: Callable[[], Connection], expected: ExpectedIds) -> None:
        super().__init__(connect, EVENTS, expected)
        self._not_yet: list[rows.Event] = []

    def keep(self) -> None:
        """Writes those that were added."""
        if self._not_yet:
            added, self._not_yet = self._not_yet, []
            self._kept.insertion.run_all(self._connect(), [self._kept.values(one) for one in added])

    def add(self, row: rows.Event) -> rows.Event:
        self.keep()
        return super().add(row)

    def add_all(self, added: Sequence[rows.Event]) -> None:
        self._not_yet += added

    def get(self, row_id: int) -> rows.Event:
        self.keep()
        return super().get(row_id)

    def ask(self, **equal: Any) -> Callable[[], list[rows.Event]]:
        self.keep()
        return super().ask(**equal)

    def run(self, query: Select[Any] | Asked, values: Mapping[str, Any]) -> list[rows.Event]:
        self.keep()
        return super().run(query, values)


def _checked(table: Table, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The changes. Errors: KeyError for a name that is no column: SQLAlchemy would drop some of them without a word."""
    for name in changes:
        table.c[name]
    return dict(changes)
