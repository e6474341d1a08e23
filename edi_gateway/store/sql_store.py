"""The store on SQLAlchemy, and the one way to open it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from edi_gateway.ports.channels import Clock
from edi_gateway.store.database import Database
from edi_gateway.store.hold import hold, join
from edi_gateway.store.jobs import SqlJobs
from edi_gateway.store.lookout import SqlLookout
from edi_gateway.store.payloads import scratch
from edi_gateway.store.retention import SqlRetention
from edi_gateway.store.shared_jobs import SharedJobs
from edi_gateway.store.unit import SqlUnitOfWork
from edi_gateway.store.upgrade import upgrade
from edi_gateway.store.views import SqlViews


class SqlStore:
    """Fulfils `ports.store.Store`; `views` `ports.views.Views`, `jobs` a queue of `ports.work`, `lookout` `ports.alerts.Lookout`."""

    def __init__(self, database: Database, payload_folder: Path, clock: Clock) -> None:
        self._database = database
        self._payload_folder = payload_folder if database.file is not None else None
        self._clock = clock
        self.jobs: SqlJobs | SharedJobs = SqlJobs(database) if database.file is not None else SharedJobs(database)
        self.views = SqlViews(database, self._payload_folder, clock)
        self.retention = SqlRetention(database, self._payload_folder)
        self.lookout = SqlLookout(database, self._payload_folder, clock, self.views, self.jobs)

    @property
    def is_shared(self) -> bool:
        """Whether several gateways may be on it at once."""
        return self.jobs.is_shared

    @contextmanager
    def begin(self, *, promising: bool = True) -> Iterator[SqlUnitOfWork]:
        with self._database.write(promising=promising) as connect:
            unit = SqlUnitOfWork(connect, self._payload_folder, self._clock)
            yield unit
            unit.keep()
        if unit.due:
            self.jobs.committed(unit.due)

    @contextmanager
    def read(self) -> Iterator[SqlUnitOfWork]:
        with self._database.read() as connect:
            yield SqlUnitOfWork(connect, self._payload_folder, self._clock)

    def scratch(self) -> BinaryIO:
        return scratch(self._payload_folder)

    @contextmanager
    def hold(self) -> Iterator[None]:
        """Makes this the only gateway on a SQLite file while the block lasts. Errors: Faulty (STO-101) where another one is.

        What a dead predecessor was doing is due again at once. On PostgreSQL, where there may be several, whoever works finds it out.
        """
        if self.is_shared:
            yield
            return
        assert self._database.file is not None
        with hold(self._database.file):
            self.jobs.recover()
            yield

    @contextmanager
    def join(self) -> Iterator[None]:
        """Works beside the gateway that holds a SQLite file, as a process of it, while the block lasts."""
        if self._database.file is None:
            yield
            return
        with join(self._database.file):
            yield

    def recover(self, place: str) -> None:
        """Makes due again what a dead process did, by what the names of its owners begin with; on PostgreSQL whoever works finds it out."""
        self.jobs.recover(place)

    def close(self) -> None:
        """Gives all connections back. Nothing may be under way."""
        self.jobs.close()
        self._database.close()


def open_store(url: str, payload_folder: Path, clock: Clock) -> SqlStore:
    """The store of a database, its tables made or brought up to date.

    Shape:  `url` is "sqlite:///<file>" or "postgresql+psycopg://<user>@<host>/<database>"; `payload_folder` keeps large payloads on SQLite.
    Errors: Faulty (STO-103, STO-104); Unavailable where the database cannot be reached.
    """
    database = Database(url)
    try:
        upgrade(database)
    except BaseException:
        database.close()
        raise
    return SqlStore(database, payload_folder, clock)
