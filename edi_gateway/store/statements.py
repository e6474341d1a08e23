"""A table's statements, built once: to build one costs more than to run it, and what services ask for comes again and again."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import (
    BigInteger,
    Boolean,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Delete,
    Dialect,
    Insert,
    Integer,
    Numeric,
    Select,
    Table,
    TextClause,
    Update,
    bindparam,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.sql.compiler import SQLCompiler

from edi_gateway.store.driver import drive, drive_all, drive_along

Bound: TypeAlias = Callable[[Mapping[str, Any]], list[Any]]
"""Makes a driver's parameters, in order, of values by name."""
_ByShape: TypeAlias = "dict[tuple[tuple[str, str], ...], Select[Any] | Asked]"
_Compiled: TypeAlias = tuple[str, Bound, Sequence[tuple[int, Callable[[Any], Any]]]]
"""The text for the driver, its parameters, and by their number the columns whose values are made into those of their types."""


def plain(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column that no index knows: few rows are left to ask it of, and they are not to be looked up among all that have its value."""
    return func.coalesce(column, column)


class Statements:
    """The statements on one table. `names` are the columns that a row of it has; others are made by the store.

    Shape:  few rows share a value of one of the `keys`: by its index they are looked up, whatever else they are to be equal in. PostgreSQL
            takes any index for as good as another until it has counted its rows.
    """

    def __init__(self, table: Table, names: Sequence[str], keys: Collection[str] = ()) -> None:
        self.columns = [table.c[name] for name in names]
        self._table = table
        self._keys = keys
        self._by_shape: _ByShape = {}
        self._locking: _ByShape = {}
        self._changes: dict[tuple[str, ...], Driven] = {}
        self._advances: dict[tuple[str, ...], Driven] = {}
        self.query = select(*self.columns)
        """All rows, the columns in the order of `names`."""
        self._for_update = self.query.with_for_update()
        self.by_id = Asked(self.query.where(table.c.id == bindparam("row_id")))
        self._change = update(table).where(table.c.id == bindparam("row_id"))
        self._from_one = self._change.where(table.c.state == bindparam("before")) if "state" in table.c else None
        self._from_any = self._change.where(table.c.state.in_(bindparam("before", expanding=True))) if "state" in table.c else None

    def change(self, connection: Connection, row_id: int, changes: Mapping[str, Any]) -> None:
        """Sets columns of a row."""
        shape = tuple(changes)
        found = self._changes.get(shape)
        if found is None:
            found = self._changes[shape] = Driven(self._change, ("row_id", *shape))
        found.run(connection, {"row_id": row_id, **changes})

    def advance(self, connection: Connection, row_id: int, before: Any, changes: Mapping[str, Any]) -> bool:
        """Sets columns of a row that is in a state, or in one of several; whether it was."""
        values = {"row_id": row_id, "before": before, **changes}
        if isinstance(before, tuple | list | set | frozenset):
            assert self._from_any is not None
            return connection.execute(self._from_any, {**values, "before": list(before)}).rowcount == 1
        assert self._from_one is not None
        shape = tuple(changes)
        found = self._advances.get(shape)
        if found is None:
            found = self._advances[shape] = Driven(self._from_one, ("row_id", "before", *shape))
        return bool(found.run(connection, values).rowcount == 1)

    def equal(self, wanted: Mapping[str, Any]) -> "Select[Any] | Asked":
        """The rows whose columns equal parameters of their names, oldest first. A list stands for any of its values."""
        return self._found(self._by_shape, self.query, wanted)

    def locked(self, wanted: Mapping[str, Any]) -> "Select[Any] | Asked":
        """As `equal`, and the rows locked until the transaction ends. SQLite has no such clause: its one writer needs none."""
        return self._found(self._locking, self._for_update, wanted)

    def _found(self, known: "_ByShape", query: Select[Any], wanted: Mapping[str, Any]) -> "Select[Any] | Asked":
        shape = tuple((name, _kind(value)) for name, value in wanted.items())
        found = known.get(shape)
        if found is None:
            query = query.where(*self._conditions(shape)).order_by(self._table.c.id)
            found = known[shape] = query if any(kind == "any" for _, kind in shape) else Asked(query)
        return found

    def _conditions(self, shape: Iterable[tuple[str, str]]) -> Iterator[ColumnElement[bool]]:
        by_key = any(name in self._keys and kind != "none" for name, kind in shape)
        for name, kind in shape:
            column = self._table.c[name]
            yield _equals(plain(column) if by_key and name not in self._keys else column, name, kind)


def _kind(value: Any) -> str:
    if value is None:
        return "none"
    return "any" if isinstance(value, tuple | list | set | frozenset) else "one"


def _equals(column: ColumnElement[Any], name: str, kind: str) -> ColumnElement[bool]:
    if kind == "none":
        return column.is_(None)
    return column == bindparam(name) if kind == "one" else column.in_(bindparam(name, expanding=True))


class Driven:
    """A statement compiled once for each kind of database and run by its driver: a small part of what SQLAlchemy's own way costs.

    Shape:  gives no rows with types; `names` are the columns that an INSERT of rows, or an UPDATE, is to set.
    """

    def __init__(self, statement: Insert | Update | Delete | TextClause, names: Sequence[str] | None = None) -> None:
        self._statement = statement
        self._names = names
        self._compiled: dict[str, tuple[str, Bound]] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """What it came to, as `drive` gives it."""
        written, bound = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        return drive(connection, written, bound(values))

    def run_along(self, connection: Connection, values: Mapping[str, Any]) -> Any:
        """As `run`, on PostgreSQL, without a wait of its own."""
        written, bound = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        return drive_along(connection, written, bound(values))

    def run_all(self, connection: Connection, many: Iterable[Mapping[str, Any]]) -> None:
        """Runs it once for each."""
        written, bound = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        drive_all(connection, written, [bound(values) for values in many])

    def _compile(self, dialect: Dialect) -> tuple[str, Bound]:
        found = self._compiled[dialect.name] = _bound(
            self._statement.compile(dialect=_numbering(dialect), column_keys=self._names), dialect
        )
        return found


class Asked:
    """A query, or an UPDATE that gives rows back, compiled and run in the same way; its rows are plain lists of values with types."""

    def __init__(self, query: Select[Any] | Update) -> None:
        self._query = query
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, connection: Connection, values: Mapping[str, Any]) -> list[list[Any]]:
        return self.ask(connection, values)()

    def ask(self, connection: Connection, values: Mapping[str, Any]) -> Callable[[], list[list[Any]]]:
        """What reads the rows: where another question is asked before they are read, both are waited for at once."""
        written, bound, made = self._compiled.get(connection.dialect.name) or self._compile(connection.dialect)
        answer = drive(connection, written, bound(values))

        def rows() -> list[list[Any]]:
            found = [list(row) for row in answer.fetchall()]
            for row in found:
                for number, make in made:
                    row[number] = make(row[number])
            return found

        return rows

    def _compile(self, dialect: Dialect) -> _Compiled:
        makers = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in self._query.exported_columns]
        made: list[tuple[int, Callable[[Any], Any]]] = [(number, make) for number, make in enumerate(makers) if make is not None]
        found = self._compiled[dialect.name] = (*_bound(self._query.compile(dialect=_numbering(dialect)), dialect), made)
        return found


def _numbering(dialect: Dialect) -> Dialect:
    """The dialect as it writes statements for `drive`: with `$1` for a value, where the database is PostgreSQL."""
    options: dict[str, Any] = {"paramstyle": "numeric_dollar"}
    return type(dialect)(**options) if dialect.name == "postgresql" else dialect


def _bound(compiled: Any, dialect: Dialect) -> tuple[str, Bound]:
    """The text for the driver, and what makes its parameters of values by name. Shape: values that stand in the statement are kept."""
    assert isinstance(compiled, SQLCompiler)
    names = compiled.positiontup
    assert names is not None
    # How each value is made into what the driver takes; None where it is that already.
    binds = [(name, compiled.binds[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in names]
    own = {name: compiled.binds[name].value for name in names if not compiled.binds[name].required}

    made = [(place, bind) for place, (name, bind) in enumerate(binds) if bind is not None]

    def in_order(values: Mapping[str, Any]) -> list[Any]:
        values = {**own, **values} if own else values
        bound = [values[name] for name in names]
        for place, bind in made:
            if bound[place] is not None:
                bound[place] = bind(bound[place])
        return bound

    return str(compiled), in_order


class Insertion:
    """A row added to a table, of all columns but the id, which the database gives, unless it was asked for before."""

    def __init__(self, table: Table) -> None:
        names = [column.name for column in table.c if column.name != "id"]
        self._plain = Driven(insert(table), names)
        self._returning = Driven(insert(table).returning(*table.primary_key), names)
        self._numbered = Driven(insert(table), ["id", *names])
        self._arrays = Driven(_of_arrays(table, names))
        self._kinds = [(name, table.c[name].type) for name in names]
        self._bound: dict[str, list[tuple[str, Callable[[Any], Any] | None]]] = {}

    def run(self, connection: Connection, values: Mapping[str, Any]) -> int:
        """The new row's id."""
        if connection.dialect.name == "sqlite":
            # The driver knows the id without a result that would have to be read.
            return int(self._plain.run(connection, values).lastrowid)
        [[row_id]] = self._returning.run(connection, values).fetchall()
        return int(row_id)

    def run_numbered(self, connection: Connection, values: Mapping[str, Any]) -> None:
        """Adds a row whose id is among the values."""
        self._numbered.run(connection, values)

    def run_all(self, connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Adds many rows, in one statement where a server would be asked for each."""
        if connection.dialect.name == "sqlite":
            self._plain.run_all(connection, rows)
            return
        arrays = {}
        for name, bind in self._binds(connection.dialect):
            values = [row[name] for row in rows]
            arrays[name] = array_of(values if bind is None else [bind(value) for value in values])
        self._arrays.run(connection, arrays)

    def _binds(self, dialect: Dialect) -> list[tuple[str, Callable[[Any], Any] | None]]:
        found = self._bound.get(dialect.name)
        if found is None:
            found = [(name, kind.dialect_impl(dialect).bind_processor(dialect)) for name, kind in self._kinds]
            self._bound[dialect.name] = found
        return found


def array_of(values: Sequence[Any]) -> str:
    """Values as PostgreSQL reads an array; an empty one where all are NULL, as `unnest` fills up what is shorter than others."""
    written = ["NULL" if value is None else _quoted(value) if isinstance(value, str) else str(value) for value in values]
    return f"{{{','.join(written)}}}" if any(one != "NULL" for one in written) else "{}"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _of_arrays(table: Table, names: Sequence[str]) -> TextClause:
    """An INSERT on PostgreSQL of rows that are given as an array a column."""
    arrays = ", ".join(f"CAST(:{name} AS {_array_of(table.c[name].type)})" for name in names)
    quoted = ", ".join(f'"{name}"' for name in names)
    return text(f"INSERT INTO {table.name} ({quoted}) SELECT * FROM unnest({arrays})")  # noqa: S608 - names of our own columns


def _array_of(kind: Any) -> str:
    plain = getattr(kind, "impl", kind)
    if isinstance(plain, BigInteger):
        return "bigint[]"
    if isinstance(plain, Integer):
        return "integer[]"
    if isinstance(plain, Date):
        return "date[]"
    if isinstance(plain, Boolean):
        return "boolean[]"
    if isinstance(plain, DateTime):
        return "timestamptz[]"
    return "numeric[]" if isinstance(plain, Numeric) else "text[]"
