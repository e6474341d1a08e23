"""Statements that are text for the driver already, run by its own cursor within SQLAlchemy's transaction.

SQLAlchemy's `exec_driver_sql` costs ten times what SQLite's driver takes for a short statement, and an order is seventy of them. What it
does beside is kept: the failure it would raise, a connection that is gone given up, and who looks at statements sees them.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import DBAPIError

Values: TypeAlias = Sequence[Any] | Mapping[str, Any]
"""A statement's parameters as its driver takes them, in order or by name."""


def drive(connection: Connection, statement: str, values: Values = ()) -> DBAPICursor:
    """The driver's cursor after a statement. Errors: as SQLAlchemy raises them (`DBAPIError`), without the parameters."""
    return _driven(connection, statement, values, False)


def drive_all(connection: Connection, statement: str, many: Sequence[Values]) -> None:
    """Runs a statement once for each. Errors: as `drive`."""
    _driven(connection, statement, many, True)


def _driven(connection: Connection, statement: str, values: Any, is_many: bool) -> DBAPICursor:
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


def _failure(connection: Connection, cursor: DBAPICursor, statement: str, error: Any) -> Exception:
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
