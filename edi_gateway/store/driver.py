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

    Errors: as SQLAlchemy raises them (`DBAPIError`), without the values.
    """
    if connection.dialect.name == "postgresql":
        return _sent(connection, statement, values)
    return _executed(connection, statement, values, False)


def drive_all(connection: Connection, statement: str, many: Sequence[Sequence[Any]]) -> None:
    """Runs a statement once for each. Errors: as `drive`."""
    if connection.dialect.name == "postgresql":
        for values in many:
            _sent(connection, statement, values)
    else:
        _executed(connection, statement, many, True)


def _sent(connection: Connection, statement: str, values: Sequence[Any]) -> "Sent":
    driver, looking = cast("PipelinedConnection", connection.connection.dbapi_connection), connection.engine.dispatch
    try:
        for look in looking.before_cursor_execute:
            look(connection, driver.raw_cursor(), statement, values, None, False)
        sent = driver.send(statement, values)
        driver.settle()
        for look in looking.after_cursor_execute:
            look(connection, driver.raw_cursor(), statement, values, None, False)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _failure(connection, None, statement, error) from error
    return sent


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
