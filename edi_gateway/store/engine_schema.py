"""Procrastinate's own tables on PostgreSQL: made and brought up to date by our upgrade, each of its migrations recorded.

What they are is Procrastinate's affair: a new database gets the whole schema of the installed release, an older one its migrations.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from edi_gateway.faults import Fault, Faulty

if TYPE_CHECKING:
    from procrastinate.schema import SchemaManager

_RECORD = text("INSERT INTO gateway_job_schema (name) VALUES (:name)")
_NEWEST = text("SELECT max(name) FROM gateway_job_schema")


def install(connection: Connection) -> None:
    """Makes Procrastinate's tables, in the transaction that is open. Errors: Faulty (STO-107) where it is not installed."""
    connection.exec_driver_sql("CREATE TABLE gateway_job_schema (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())")
    _run(connection, _schema())
    for file in _migrations():
        connection.execute(_RECORD, {"name": file.stem})


def is_current(connection: Connection) -> bool:
    """Whether the tables are those of the installed Procrastinate. Errors: Faulty (STO-106) where they are of a newer one."""
    found, known = connection.execute(_NEWEST).scalar_one(), _migrations()[-1].stem
    if found > known:
        raise Faulty([Fault.of("STO-106", found=found, known=known)])
    return bool(found == known)


def bring_up(connection: Connection) -> None:
    """Applies the migrations that the installed Procrastinate has and the database has not."""
    found = connection.execute(_NEWEST).scalar_one()
    for file in _migrations():
        if file.stem > found:
            _run(connection, file.read_text(encoding="utf-8"))
            connection.execute(_RECORD, {"name": file.stem})


def _migrations() -> list[Path]:
    """Procrastinate's migrations in order: their names begin with the release that they lead to."""
    return sorted(Path(_manager().get_migrations_path()).glob("*.sql"))


def _schema() -> str:
    return str(_manager().get_schema())


def _manager() -> "type[SchemaManager]":
    try:
        from procrastinate.schema import SchemaManager
    except ImportError as missing:
        raise Faulty([Fault.of("STO-107", reason=missing)]) from None
    return SchemaManager


def _run(connection: Connection, script: str) -> None:
    """Many statements at once, as only the driver takes them."""
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute(script)
