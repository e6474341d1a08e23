"""Statements that are text for the driver already, run by the driver's own means within SQLAlchemy's transaction.

SQLAlchemy's `exec_driver_sql` costs ten times what SQLite's driver takes for a short statement, and an order is seventy of them. What it
does beside is kept: the failure it would raise, a connection that is gone given up, and who looks at statements sees them.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

if TYPE_CHECKING:
    from edi_gateway.store.pipeline import PipelinedConnection, Sent


def drive(connection: Connection, statement: str, values: Sequence[Any] = ()) -> Any:
    """What a statement came to: `fetchall()` gives its rows, `rowcount` how many it found or changed, `lastrowid` on SQLite the new row's.

    Shape:  on PostgreSQL it is waited for when it is looked at, and at the latest when the transaction is committed.
    Errors: as SQLAlchemy raises them (`DBAPIError`), without the values; of what was not waited for, with the next that is.
    """
    if connection.dialect.name == "postgresql":
        return _Answer(connection, _sent(connection, statement, values))
    return _executed(connection, statement, values, False)


def drive_along(connection: Connection, statement: str, values: Sequence[Any] = ()) -> Any:
    """As `drive`, on PostgreSQL: the statement goes behind whatever is sent before the next wait, so that it has none of its own."""
    dispatch = connection.engine.dispatch
    if dispatch.before_cursor_execute or dispatch.after_cursor_execute:
        return drive(connection, statement, values)
    return _Answer(connection, _pipelined(connection).send_along(statement, values))


def drive_all(connection: Connection, statement: str, many: Sequence[Sequence[Any]]) -> None:
    """Runs a statement once for each, on SQLite. Errors: as `drive`."""
    _executed(connection, statement, many, True)


class _Answer:
    """What PostgreSQL answers to a statement, with SQLAlchemy's failures."""

    __slots__ = ("_connection", "_sent")

    def __init__(self, connection: Connection, sent: "Sent") -> None:
        self._connection = connection
        self._sent = sent

    def fetchall(self) -> list[Any]:
        try:
            return self._sent.fetchall()
        except self._connection.dialect.loaded_dbapi.Error as error:
            raise _failure_sent(self._connection, error) from error

    @property
    def rowcount(self) -> int:
        try:
            return self._sent.rowcount
        except self._connection.dialect.loaded_dbapi.Error as error:
            raise _failure_sent(self._connection, error) from error


def _sent(connection: Connection, statement: str, values: Sequence[Any]) -> "Sent":
    driver, looking = _pipelined(connection), connection.engine.dispatch
    try:
        for look in looking.before_cursor_execute:
            look(connection, driver.raw_cursor(), statement, values, None, False)
        sent = driver.send(statement, values)
        for look in looking.after_cursor_execute:
            driver.settle()
            look(connection, driver.raw_cursor(), statement, values, None, False)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _failure_sent(connection, error) from error
    return sent


def _failure_sent(connection: Connection, error: Any) -> Exception:
    return _failure(connection, None, _pipelined(connection).failed, error)


def _pipelined(connection: Connection) -> "PipelinedConnection":
    return cast("PipelinedConnection", connection.connection.dbapi_connection)


def _executed(connection: Connection, statement: str, values: Any, is_many: bool) -> Any:
    driver, looking = connection.connection.dbapi_connection, connection.engine.dispatch
    assert driver is not None
    cursor = driver.cursor()
    try:
        for look in looking.before_cursor_execute:
            look(connection, cursor, statement, values, None, is_many)
        (cursor.executemany if is_many else cursor.execute)(statement, values)
        for look in looking.after_cursor_execute:
            look(connection, cursor, statement, values, None, is_many)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _failure(connection, cursor, statement, error) from error
    return cursor


def _failure(connection: Connection, cursor: Any, statement: str, error: Any) -> Exception:
    """What SQLAlchemy would raise."""
    dialect = connection.dialect
    gone = dialect.is_disconnect(error, connection.connection.dbapi_connection, cursor)
    if gone:
        connection.invalidate(error)
    base = dialect.loaded_dbapi.Error
    failure: Exception = DBAPIError.instance(
        statement, None, error, base, hide_parameters=True, connection_invalidated=gone, dialect=dialect
    )
    return failure
