"""What is in the queue, whichever engine works on it: on PostgreSQL `jobs` is a view over Procrastinate's table."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from edi_gateway.ports.work import ParkedJob
from edi_gateway.store.database import Database
from edi_gateway.store.job_statements import PARKED, in_state
from edi_gateway.store.tables import jobs, ticks


class JobList:
    """The part of a queue that both engines share."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def parked(self, limit: int = 100) -> list[ParkedJob]:
        with self._database.read() as connect:
            found = connect().execute(select(jobs).where(in_state(PARKED)).order_by(jobs.c.id).limit(limit)).all()
        return [_parked(row) for row in found]

    def tick(self, name: str, at: datetime) -> None:
        with self._database.write(promising=False) as connect:
            keep_tick(connect(), name, at)


def keep_tick(connection: Connection, name: str, at: datetime) -> None:
    """Keeps when something that comes again and again last came."""
    if connection.execute(update(ticks).where(ticks.c.name == name), {"at": at}).rowcount == 0:
        connection.execute(insert(ticks), {"name": name, "at": at})


def _parked(row: Row[tuple[object, ...]]) -> ParkedJob:
    found: Any = row._mapping
    named = {name: found[name] for name in ("id", "task", "key", "ids", "attempts")}
    return ParkedJob(**named, parked_at=found["run_at"], fault=next(iter(found["fault"]), None))
