"""Transactions of several threads in one commit: what SQLite's one writer needs where a commit waits for a disk.

Writers queue at a lock: those of this process, and at a file's lock those of the gateway's other processes and of commands beside it.
SQLite's own busy handler is unfair. A thread that has done its part and sees another one waiting does not commit: it hands the
open transaction on, and waits until one of the next has committed for all. Nobody goes on before what it wrote is durable. Each
part after the first lies in a savepoint, so that one that fails takes nothing of the others with it.
"""

import fcntl
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

MOST = 16
"""So many parts at most in one commit: other processes wait for it too."""


class _Part:
    """A part that is done and waits for its commit."""

    def __init__(self) -> None:
        self._committed = threading.Event()
        self._failure: BaseException | None = None

    def end(self, failure: BaseException | None) -> None:
        self._failure = failure
        self._committed.set()

    def wait(self) -> None:
        """Returns once the part is durable. Errors: LostPart where it is not kept."""
        self._committed.wait()
        if self._failure is not None:
            raise LostPart from self._failure


class LostPart(Exception):
    """The commit that a part was in failed, for the cause of this exception."""


class GroupCommit:
    """The writers of one database file. Errors: RuntimeError for one that waits for itself."""

    def __init__(self, engine: Engine, file: Path) -> None:
        self._engine = engine
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._turn = threading.Lock()
        self._counting = threading.Lock()
        self._waiting = 0
        # What follows belongs to the thread whose turn it is.
        self._owner: int | None = None
        self._connection: Connection | None = None
        self._parts: list[_Part] = []

    @contextmanager
    def part(self) -> Iterator[Callable[[], Connection]]:
        """A part, begun when its connection is first asked for; durable when the block has ended. Errors: LostPart, and as the commit."""
        begun: list[Connection] = []

        def connect() -> Connection:
            if not begun:
                begun.append(self._begin())
            return begun[0]

        try:
            yield connect
        except BaseException as why:
            if begun:
                self._abandon(begun[0], why)
            raise
        if begun:
            self._finish(begun[0])

    def close(self) -> None:
        """Gives the file back; a second time does nothing."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _begin(self) -> Connection:
        if self._owner == threading.get_ident():
            raise RuntimeError("a transaction that writes was begun within another one of the same thread")
        with self._counting:
            self._waiting += 1
        try:
            self._turn.acquire()
        finally:
            with self._counting:
                self._waiting -= 1
        self._owner = threading.get_ident()
        try:
            if self._connection is None:
                fcntl.flock(self._file, fcntl.LOCK_EX)
                self._connection = self._engine.connect()
                self._connection.begin()
            else:
                self._connection.exec_driver_sql("SAVEPOINT part")
        except BaseException as failure:
            self._close(failure)
            raise
        return self._connection

    def _finish(self, connection: Connection) -> None:
        """Hands the transaction on and waits, or commits it for all."""
        part = _Part()
        try:
            if not _is_open(connection):
                raise LostPart("the database has undone the transaction")
            if self._parts:
                connection.exec_driver_sql("RELEASE part")
            handed_on = self._waiting > 0 and len(self._parts) + 1 < MOST
            if not handed_on:
                connection.commit()
        except BaseException as failure:
            self._close(failure)
            raise
        if handed_on:
            self._parts.append(part)
            self._hand_on()
            part.wait()
        else:
            self._close(None)

    def _abandon(self, connection: Connection, why: BaseException) -> None:
        """Undoes this part and nothing else, unless the database has undone all: it may do so where the disk is full."""
        if not self._parts or not _is_open(connection):
            self._close(why)
            return
        try:
            connection.exec_driver_sql("ROLLBACK TO part")
            connection.exec_driver_sql("RELEASE part")
            handed_on = self._waiting > 0
            if not handed_on:
                connection.commit()
        except BaseException as failure:
            self._close(failure)
            return
        if handed_on:
            self._hand_on()
        else:
            self._close(None)

    def _hand_on(self) -> None:
        self._owner = None
        self._turn.release()

    def _close(self, failure: BaseException | None) -> None:
        """Ends the transaction, which is rolled back where it was not committed, and tells all whose parts were in it."""
        connection, parts = self._connection, self._parts
        self._connection, self._parts = None, []
        try:
            if connection is not None:
                _undo(connection)
                connection.close()
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)
            self._hand_on()
            for one in parts:
                one.end(failure)


def _is_open(connection: Connection) -> bool:
    return bool(_driver(connection).in_transaction)


def _undo(connection: Connection) -> None:
    """Rolls back what is still open: where a commit fails, SQLAlchemy takes the transaction for ended, and SQLite does not."""
    if _is_open(connection):
        _driver(connection).rollback()


def _driver(connection: Connection) -> sqlite3.Connection:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    return driver
