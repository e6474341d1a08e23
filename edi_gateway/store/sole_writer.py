"""SQLite's one writer at a time: threads of this process, and processes beside it, take turns; the disk is waited for outside of it.

Writers queue at a lock: those of this process, and at a file's lock those of the gateway's other processes and of commands beside it.
SQLite's own busy handler is unfair. A transaction that promises something is flushed once it is committed and the turn is given on, so
that the next one writes while this one waits for the disk.

Where memory is short anything here may fail; a turn that is not given on then would be the last one.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from edi_gateway.store.write_ahead_log import WriteAheadLog


class Undone(Exception):
    """The database has undone a transaction by itself, as it may do where the disk is full."""


class SoleWriter:
    """The writers of one database file. Errors: RuntimeError for one that waits for itself."""

    def __init__(self, engine: Engine, file: Path) -> None:
        self._engine = engine
        self._file = os.open(file.with_name(f"{file.name}.write"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._log = WriteAheadLog(file)
        self._turn = threading.Lock()
        # What follows belongs to the thread whose turn it is.
        self._owner: int | None = None
        self._connection: Connection | None = None
        self._driver: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self, *, promising: bool) -> Iterator[Callable[[], Connection]]:
        """One that is begun when its connection is first asked for, and committed when the block has ended.

        Shape:  a `promising` one is durable by then; what another one wrote is gone after a loss of power, if anything is, together
                with all that was written after it.
        Errors: Undone; Unflushed where the disk does not take it; and as the commit.
        """
        begun: Connection | None = None

        def connect() -> Connection:
            nonlocal begun
            if begun is None:
                begun = self._begin()
            return begun

        try:
            yield connect
            if begun is not None:
                self._commit(begun)
        except BaseException:
            if begun is not None:
                self._abandon()
            raise
        if begun is not None:
            self._give_on()
            if promising:
                self._log.flush()

    def close(self) -> None:
        """Gives connection and files back; a second time does nothing."""
        self._disconnect()
        self._log.close()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _begin(self) -> Connection:
        us = threading.get_ident()
        if self._owner == us:
            raise RuntimeError("a transaction that writes was begun within another one of the same thread")
        self._turn.acquire()
        try:
            self._owner = us
            fcntl.flock(self._file, fcntl.LOCK_EX)
            if self._connection is None:
                self._disconnect()
                self._connection = self._engine.connect()
                self._driver = _driver(self._connection)
            assert self._driver is not None
            self._log.settle(self._driver)
            self._connection.begin()
        except BaseException:
            self._abandon()
            raise
        return self._connection

    def _commit(self, connection: Connection) -> None:
        assert self._driver is not None
        if not self._driver.in_transaction:
            raise Undone("the database has undone the transaction")
        connection.commit()

    def _give_on(self) -> None:
        try:
            self._owner = None
            fcntl.flock(self._file, fcntl.LOCK_UN)
        finally:
            self._turn.release()

    def _abandon(self) -> None:
        """Gives the turn on after a failure, without the connection that it was met on."""
        try:
            self._disconnect()
        finally:
            self._give_on()

    def _disconnect(self) -> None:
        """Rolls back what is open: where a commit fails, SQLAlchemy takes the transaction for ended, and SQLite does not.

        The driver's connection is forgotten only once it is closed: as long as it is open it may have the lock that we are to give on.
        """
        connection, self._connection = self._connection, None
        driver = self._driver
        if driver is not None:
            if driver.in_transaction:
                driver.rollback()
            driver.close()
            self._driver = None
        if connection is not None:
            connection.invalidate()
            connection.close()


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
