"""What was committed on SQLite made durable: the disk is asked once for all who wait for it, and nobody else waits meanwhile.

With `synchronous=NORMAL` a commit writes the log and does not flush it; a checkpoint flushes the log before it copies from it and the
database afterwards (SQLite's documentation, "Write-Ahead Logging" and PRAGMA synchronous). The log is written front to back, so who
flushes it makes durable what was committed, and all that was committed before.
"""

import os
import sqlite3
import threading
from pathlib import Path

_flush = getattr(os, "fdatasync", os.fsync)


class Unflushed(Exception):
    """The disk did not take what was committed, for the cause of this exception: it may outlast a loss of power, or not."""


class WriteAheadLog:
    """The write-ahead log of a database file.

    Once a flush has failed the log is in doubt: the system may have dropped what it could not write, and call the next flush a success.
    """

    def __init__(self, file: Path) -> None:
        self._path = file.with_name(f"{file.name}-wal")
        self._handle = -1
        self._turn = threading.Lock()
        self._begun = 0
        # What follows belongs to the thread whose turn it is; flushes are numbered as they begin.
        self._ended = 0
        self._failed = 0
        self._failure: Exception | None = None
        self._in_doubt = False

    def flush(self) -> None:
        """Returns once all that was committed before is durable. Errors: Unflushed."""
        # One that has begun may not have seen our commit.
        before = self._begun
        with self._turn:
            if self._ended <= before:
                self._run()
            if self._failed > before:
                raise Unflushed from self._failure

    def settle(self, driver: sqlite3.Connection) -> None:
        """Takes a log that is in doubt out of use: all of it into the database, which is flushed. Errors: Unflushed, sqlite3.Error."""
        if self._in_doubt:
            busy, _, _ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if busy:
                raise Unflushed("somebody still reads from the log that is in doubt")
            self._in_doubt = False

    def close(self) -> None:
        """Gives the file back; a second time does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1

    def _run(self) -> None:
        number = self._begun + 1
        self._begun = number
        try:
            self._open()
            _flush(self._handle)
        except FileNotFoundError:
            pass  # A database that keeps no log was flushed at its commit.
        except Exception as failure:
            self._failed, self._failure, self._in_doubt = number, failure, True
        self._ended = number

    def _open(self) -> None:
        """Opens the log anew where it is another file than before: SQLite removes it when the last connection closes."""
        if self._handle >= 0 and os.fstat(self._handle).st_nlink == 0:
            self.close()
        if self._handle < 0:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CLOEXEC)
