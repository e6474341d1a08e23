"""A table's statements, built once: to build one costs more than to run it, and what services ask for comes again and again."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Dialect,
    Insert,
    Select,
    Table,
    TextClause,
    Update,
    bindparam,
    insert,
    select,
    update,
)
from sqlalchemy.sql.compiler import SQLCompiler


class Statements:
    """The statements on one table. `names` are the columns that a row of it has; others are made by the store."""

    def __init__(self, table: Table, names: Sequence[str]) -> None:
        self.columns = [table.c[name] for name in names]
        self._table = table
        self._by_shape: dict[tuple[tuple[str, str], ...], Select[Any]] = {}
        self.query = select(*self.columns)
        """All rows, the columns in the order of `names`."""
        self.by_id = self.query.where(table.c.id == bindparam("row_id"))
        self.change = update(table).where(table.c.id == bindparam("row_id"))
        """Sets the columns that it is run with."""
        self._from_one = self.change.where(table.c.state == bindparam("before")) if "state" in table.c else None
        self._from_any = self.change.where(table.c.state.in_(bindparam("before", expanding=True))) if "state" in table.c else None

    def advance(self, before: Any) -> tuple[Update, Any]:
        """The change of a row that is in a state, or in one of several; and the value of its parameter `before`."""
        assert self._from_one is not None
        assert self._from_any is not None
        return (self._from_any, list(before)) if isinstance(before, tuple | list | set | frozenset) else (self._from_one, before)

    def equal(self, wanted: Mapping[str, Any]) -> Select[Any]:
        """The rows whose columns equal parameters of their names, oldest first. A list stands for any of its values."""
        shape = tuple((name, _kind(value)) for name, value in wanted.items())
        found = self._by_shape.get(shape)
        if found is None:
            found = self.query.where(*(_equals(self._table, *one) for one in shape)).order_by(self._table.c.id)
            self._by_shape[shape] = found
        return found


def _kind(value: Any) -> str:
    if value is None:
        return "none"
    return "any" if isinstance(value, tuple | list | set | frozenset) else "one"


def _equals(table: Table, name: str, kind: str) -> ColumnElement[bool]:
    column = table.c[name]
    if kind == "none":
        return column.is_(None)
    return column == bindparam(name) if kind == "one" else column.in_(bindparam(name, expanding=True))


class Driven:
    """A statement compiled once for each kind of database and run by its driver: half the cost of SQLAlchemy's own way.

    Shape:  gives no rows with types; `names` are the columns that an INSERT of rows is to set.
    """

    def __init__(self, statement: Insert | TextClause, names: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, tuple[str, Callable[[Mapping[str, Any]], Any]]] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> CursorResult[Any]:
        text, bound = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        return connection.exec_driver_sql(text, bound(values))

    def _compile(self, dialect: Dialect) -> tuple[str, Callable[[Mapping[str, Any]], Any]]:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._names)
        assert isinstance(compiled, SQLCompiler)
        # How each value is made into what the driver takes; None where it is that already.
        names = compiled.positiontup if compiled.positiontup is not None else list(compiled.binds)
        binds = [(name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]

        def by_name(values: Mapping[str, Any]) -> dict[str, Any]:
            return {name: values[name] if bind is None else bind(values[name]) for name, bind in binds}

        def in_order(values: Mapping[str, Any]) -> tuple[Any, ...]:
            return tuple([values[name] if bind is None else bind(values[name]) for name, bind in binds])

        found = self._compiled[dialect.name] = (str(compiled), in_order if compiled.positional else by_name)
        return found


class Insertion:
    """A row added to a table, of all columns but the id, which the database gives."""

    def __init__(self, table: Table) -> None:
        names = [column.name for column in table.c if column.name != "id"]
        self._plain = Driven(insert(table), names)
        self._returning = Driven(insert(table).returning(table.c.id), names)

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """The new row's id."""
        if connection.dialect.name == "sqlite":
            # The driver knows the id without a result that would have to be read.
            return int(self._plain.run(connection, values).lastrowid)
        return int(self._returning.run(connection, values).scalar_one())
