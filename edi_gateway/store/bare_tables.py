"""PostgreSQL's tables without their indexes and keys while many rows are added: made once of all rows, they take a part of the time.

A key that refers to another table is looked at for each row, too, and what is to be looked at is kept in the server's memory until then.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, text

_OF_TABLES = "IN (SELECT to_regclass(name) FROM unnest(CAST(:tables AS text[])) AS name)"
# Primary keys come first: others refer to them.
_KEYS = text(
    f"""
    SELECT conrelid::regclass::text AS of, quote_ident(conname) AS name, pg_get_constraintdef(oid) AS made
    FROM pg_constraint WHERE contype IN ('p', 'u', 'f') AND conrelid {_OF_TABLES} ORDER BY contype = 'f', oid
    """  # noqa: S608 - our words
)
_INDEXES = text(
    f"""
    SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made FROM pg_index WHERE indrelid {_OF_TABLES}
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u')) ORDER BY indexrelid
    """  # noqa: S608 - our words
)
_MEMORY = "SET LOCAL maintenance_work_mem = '256MB'"


@contextmanager
def bare(connection: Connection, tables: Sequence[str], say: Callable[[str], None]) -> Iterator[None]:
    """Takes what these tables have, and makes it again as it was, within the transaction that is open.

    Errors: as the making, where rows were added that have no place under a key; the transaction is to be rolled back then.
    """
    keys = connection.execute(_KEYS, {"tables": list(tables)}).all()
    indexes = connection.execute(_INDEXES, {"tables": list(tables)}).all()
    for key in reversed(keys):
        _run(connection, f"ALTER TABLE {key.of} DROP CONSTRAINT {key.name}")
    for index in indexes:
        _run(connection, f"DROP INDEX {index.name}")
    yield
    _run(connection, _MEMORY)
    wanted = [f"ALTER TABLE {key.of} ADD CONSTRAINT {key.name} {key.made}" for key in keys] + [index.made for index in indexes]
    for number, statement in enumerate(wanted, 1):
        _run(connection, statement)
        if number % 10 == 0 or number == len(wanted):
            say(f"indexes and keys: {number} of {len(wanted)}")


def _run(connection: Connection, statement: str) -> None:
    """By the driver: what is in a definition is no parameter."""
    driver: Any = connection.connection.driver_connection
    driver.execute(statement)
