"""The database behind the store: how it is opened, and how transactions begin and end on SQLite and on PostgreSQL.

Parameters are kept out of what SQLAlchemy says when a statement fails: they are payloads, and errors are logged.
"""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.pool import NullPool

from edi_gateway.faults import Fault, Faulty
from edi_gateway.ports.store import Unavailable
from edi_gateway.store.connections import Connections
from edi_gateway.store.driver import drive
from edi_gateway.store.sole_writer import SoleWriter, Undone
from edi_gateway.store.write_ahead_log import Unflushed

BUSY_TIMEOUT = timedelta(seconds=10)
"""How long a lock of someone else is waited for, on either database: SQLite's one, or PostgreSQL's of a table or a row."""
_SQLITE_AWAY = (
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
)
# Long values are compressed by whichever method takes the server less, where it has a choice; they are read whatever it was.
_SETTINGS = """
    SELECT set_config('lock_timeout', %s, false), (
        SELECT set_config(name, 'lz4', false) FROM pg_settings WHERE name = 'default_toast_compression' AND 'lz4' = ANY (enumvals)
    )
"""


class Database:
    """Two engines on one database: one that writes and one that only reads."""

    def __init__(self, url: str) -> None:
        self.url = checked_url(url)
        if self.url.get_backend_name() == "sqlite":
            assert self.url.database is not None
            self.file: Path | None = Path(self.url.database)
            self.file.parent.mkdir(parents=True, exist_ok=True)
            self.writer, self.reader = _sqlite_engines(self.url)
            self._sole: SoleWriter | None = SoleWriter(self.writer, self.file)
            self._reading = Connections(self.reader)
        else:
            self.file = None
            self._sole = None
            self.writer = _postgresql_engine(self.url, "BEGIN")
            self.reader = _postgresql_engine(self.url, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            event.listen(self.reader, "connect", _end_without_waiting)
            unhurried = _postgresql_engine(self.url, "BEGIN")
            event.listen(unhurried, "connect", _commit_without_waiting)
            self._promising, self._unhurried = Connections(self.writer), Connections(unhurried)
            self._reading = Connections(self.reader)

    @contextmanager
    def write(self, *, promising: bool = True) -> Iterator[Callable[[], Connection]]:
        """A transaction that writes, begun when its connection is first asked for. Errors: Unavailable.

        Shape:  `promising` as `ports.store.Store.begin` has it.
        """
        with _coded(), self._transaction(promising=promising) as connect:
            yield connect

    def _transaction(self, *, promising: bool) -> AbstractContextManager[Callable[[], Connection]]:
        if self._sole is not None:
            return self._sole.transaction(promising=promising)
        return (self._promising if promising else self._unhurried).transaction()

    @contextmanager
    def read(self) -> Iterator[Callable[[], Connection]]:
        """A transaction that sees one state of the database and cannot write. Errors: Unavailable."""
        with _coded(), self._reading.transaction() as connect:
            yield connect

    def close(self) -> None:
        self._reading.close()
        if self._sole is not None:
            self._sole.close()
        else:
            self._promising.close()
            self._unhurried.close()


def checked_url(url: str) -> URL:
    """The parsed address. Errors: Faulty (STO-104) for one that the store cannot use."""
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise Faulty([Fault.of("STO-104", value=url, reason=error)]) from None
    shown = parsed.render_as_string(hide_password=True)
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise Faulty([Fault.of("STO-104", value=shown, reason=f"{backend} is not supported")])
    if parsed.database in (None, "", ":memory:"):
        raise Faulty([Fault.of("STO-104", value=shown, reason="it names no file, and messages must outlive the process")])
    return parsed


@contextmanager
def _coded() -> Iterator[None]:
    """Makes a database that is away, or cannot write, Unavailable."""
    try:
        yield
    except (DBAPIError, Undone, Unflushed, sqlite3.Error) as error:
        code = _fault_code(error)
        if code is None:
            raise
        raise Unavailable([Fault.of(code, reason=_reason(error.__cause__ if isinstance(error, Unflushed) else error))]) from error


def _fault_code(error: Exception) -> str | None:
    """What an operator has to know of a failed statement; None where it is our own mistake."""
    original = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(original, sqlite3.Error):
        # The low byte is the kind; SQLite has one exception for a full disk and for a wrong column.
        kind = getattr(original, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
        if kind in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return "STO-105"
        return "STO-102" if kind in _SQLITE_AWAY else None
    return "STO-102" if isinstance(error, OperationalError | InterfaceError | Undone | Unflushed) else None


def _reason(error: BaseException | None) -> str:
    first = str(getattr(error, "orig", None) or error).strip().splitlines()
    return (first[0] if first else type(error).__name__).rstrip(".")


def _postgresql_engine(url: URL, begin: str) -> Engine:
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)

    def connect(dialect: object, record: object, arguments: Sequence[Any], options: Mapping[str, Any]) -> Any:
        from edi_gateway.store.pipeline import PipelinedConnection

        # Whenever a table is changed psycopg would drop all that is prepared, the statements of others, too, if it prepared any itself.
        made = PipelinedConnection.connect(*arguments, **{**options, "prepare_threshold": None, "client_encoding": "utf8"})
        encoding = made.info.parameter_status("server_encoding")
        if encoding not in ("UTF8", None):  # A pooler between may not tell.
            made.close()
            raise Faulty([Fault.of("STO-108", value=url.render_as_string(hide_password=True), found=encoding)])
        return made

    def opened(connection: Any, record: object) -> None:
        connection.autocommit = True  # The driver must not begin transactions by itself: we do.
        connection.execute(_SETTINGS, [str(int(BUSY_TIMEOUT.total_seconds() * 1000))])

    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", opened)
    event.listen(engine, "begin", lambda connection: drive(connection, begin))
    return engine


def _end_without_waiting(connection: Any, record: object) -> None:
    connection.waits_for_commit = False


def _commit_without_waiting(connection: Any, record: object) -> None:
    """The server flushes its log a moment later; after a crash of the server the last commits may be gone, in their order."""
    connection.execute("SET synchronous_commit = off")


def _sqlite_engines(url: URL) -> tuple[Engine, Engine]:
    """The writer's one connection is kept by `sole_writer`, as there is one lock; readers have as many as ask, so that none waits."""
    writer = create_engine(url, poolclass=NullPool, hide_parameters=True)
    reader = create_engine(url, poolclass=NullPool, hide_parameters=True)

    def opened(connection: sqlite3.Connection, record: object) -> None:
        # The driver must not begin transactions by itself: we do.
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout = {int(BUSY_TIMEOUT.total_seconds() * 1000)}")
        (journal,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        for pragma in (
            # The log is flushed by `sole_writer`. A file system without shared memory has none.
            f"synchronous = {'NORMAL' if journal == 'wal' else 'FULL'}",
            "foreign_keys = ON",
            "temp_store = MEMORY",
            "cache_size = -16000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    def opened_to_read(connection: sqlite3.Connection, record: object) -> None:
        opened(connection, record)
        connection.execute("PRAGMA query_only = ON")

    event.listen(writer, "connect", opened)
    event.listen(reader, "connect", opened_to_read)
    event.listen(writer, "begin", lambda connection: drive(connection, "BEGIN IMMEDIATE"))
    event.listen(reader, "begin", lambda connection: drive(connection, "BEGIN"))
    return writer, reader
