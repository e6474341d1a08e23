"""Brings a database's tables to what this release expects, in one transaction."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, func, inspect, select, text

from edi_gateway.faults import Fault, Faulty
from edi_gateway.store import engine_schema, statistics
from edi_gateway.store.database import Database

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0018"
"""The newest migration; a test holds it to the folder."""
_LOCK = 7_301_145_892_004_417
"""Any number: the lock under which gateways that start together on one PostgreSQL go one by one, however long one takes."""
REVISION = text("SELECT version_num FROM alembic_version")
"""From Alembic's own table. Only an upgrade needs Alembic itself, whose import would be a part of every start."""


def upgrade(database: Database) -> None:
    """Makes the tables, or changes them, as the migrations say. Errors: Faulty (STO-103, STO-106) for a database of a newer release."""
    shared = database.file is None
    with database.read() as connect:
        if _revision(connect()) == HEAD and (not shared or engine_schema.is_current(connect())):
            return
    with database.write() as connect:
        connection = connect()
        if shared:
            connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        found = _revision(connection)
        if found is not None and found > HEAD:
            raise Faulty([Fault.of("STO-103", found=found, known=HEAD)])
        migrate(connection, "head")
        if not shared:
            statistics.tell(connection)
        if shared and not engine_schema.is_current(connection):
            engine_schema.bring_up(connection)


def migrate(connection: Connection, revision: str) -> None:
    """Brings the tables to a revision, on a connection whose transaction is open."""
    from alembic import command

    command.upgrade(alembic_config(connection), revision)


def alembic_config(connection: Connection) -> "Config":
    """Alembic's settings for the migrations of this package, on a connection whose transaction is open."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    """The migration that the tables are at; None where there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.execute(REVISION).scalar()
    return found
