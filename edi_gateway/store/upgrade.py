"""Brings a database's tables to what this release expects, in one transaction."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select

from edi_gateway.faults import Fault, Faulty
from edi_gateway.store import engine_schema
from edi_gateway.store.database import Database

HEAD = "0010"
"""The newest migration; a test holds it to the folder."""
_LOCK = 7_301_145_892_004_417
"""Any number: the lock under which gateways that start together on one PostgreSQL go one by one."""


def upgrade(database: Database) -> None:
    """Makes the tables, or changes them, as the migrations say. Errors: Faulty (STO-103, STO-106) for a database of a newer release."""
    shared = database.file is None
    with database.read() as connect:
        if _revision(connect()) == HEAD and (not shared or engine_schema.is_current(connect())):
            return
    with database.write() as connect:
        connection = connect()
        if shared:
            connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        found = _revision(connection)
        if found is not None and found > HEAD:
            raise Faulty([Fault.of("STO-103", found=found, known=HEAD)])
        command.upgrade(alembic_config(connection), "head")
        if shared and not engine_schema.is_current(connection):
            engine_schema.bring_up(connection)


def alembic_config(connection: Connection) -> Config:
    """Alembic's settings for the migrations of this package, on a connection whose transaction is open."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
