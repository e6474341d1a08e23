"""SQLite's one writer: nobody goes on before what it promised is durable, and nobody else waits for the disk meanwhile."""

import errno
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.ports.rows import Event, Transmission
from edi_gateway.ports.store import Unavailable
from edi_gateway.store import SqlStore, open_store, write_ahead_log
from edi_gateway.store.unit import SqlUnitOfWork
from edi_gateway.testing.clock import HandClock

SOON = 20


@pytest.fixture
def store(fresh_sqlite: Path, tmp_path: Path, clock: HandClock) -> Iterator[SqlStore]:
    shutil.copy(fresh_sqlite, tmp_path / "gateway.db")
    opened = open_store(f"sqlite:///{tmp_path / 'gateway.db'}", tmp_path / "payloads", clock)
    yield opened
    opened.close()


class Disk:
    """A disk whose flushes wait until they are let, and fail when told to."""

    def __init__(self) -> None:
        self.flushes = 0
        self.failure: OSError | None = None
        self.begun, self.free = threading.Semaphore(0), threading.Event()
        self.free.set()

    def flush(self, handle: int) -> None:
        assert os.fstat(handle).st_size
        self.flushes += 1
        self.begun.release()
        assert self.free.wait(SOON)
        if self.failure is not None:
            raise self.failure


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch, store: SqlStore) -> Disk:
    made = Disk()
    monkeypatch.setattr(write_ahead_log, "_flush", made.flush)
    return made


def nothing(unit: SqlUnitOfWork) -> None:
    pass


class Writing:
    """A thread that writes one message; `within` is done in its transaction, after the row."""

    def __init__(
        self, store: SqlStore, subject: str, within: Callable[[SqlUnitOfWork], object] = nothing, *, promising: bool = True
    ) -> None:
        self.subject = subject
        self.problem: Exception | None = None
        self.ended = threading.Event()
        self._store, self._within, self._promising = store, within, promising
        threading.Thread(target=self._write, daemon=True).start()

    def _write(self) -> None:
        try:
            with self._store.begin(promising=self._promising) as unit:
                now = HandClock().now()
                unit.transmissions.add(Transmission(direction=Direction.OUT, state=Outbound.READY, created_at=now, subject=self.subject))
                self._within(unit)
        except Exception as problem:
            self.problem = problem
        self.ended.set()

    def outcome(self) -> Exception | None:
        assert self.ended.wait(SOON)
        return self.problem


def kept(store: SqlStore) -> set[str]:
    with store.read() as unit:
        return {one.subject for one in unit.transmissions.find()}


def eventually(true: Callable[[], bool]) -> None:
    turn = threading.Event()
    for _ in range(SOON * 1000):
        if true():
            return
        turn.wait(0.001)
    raise AssertionError("it does not come about")


def test_nobody_goes_on_before_the_disk_has_what_it_promised(store: SqlStore, disk: Disk) -> None:
    disk.free.clear()
    writing = Writing(store, "promised")
    assert disk.begun.acquire(timeout=SOON)
    assert not writing.ended.is_set()
    disk.free.set()
    assert writing.outcome() is None


def test_others_write_while_one_waits_for_the_disk(store: SqlStore, disk: Disk) -> None:
    disk.free.clear()
    first = Writing(store, "first")
    assert disk.begun.acquire(timeout=SOON)
    assert Writing(store, "second", promising=False).outcome() is None
    assert kept(store) == {"first", "second"}
    assert not first.ended.is_set()
    disk.free.set()
    assert first.outcome() is None


def test_what_promises_nothing_is_not_flushed(store: SqlStore, disk: Disk) -> None:
    assert Writing(store, "later", promising=False).outcome() is None
    assert disk.flushes == 0


def test_those_who_wait_for_the_disk_share_the_next_flush(store: SqlStore, disk: Disk) -> None:
    disk.free.clear()
    first = Writing(store, "first")
    assert disk.begun.acquire(timeout=SOON)
    others = [Writing(store, str(number)) for number in range(5)]
    eventually(lambda: len(kept(store)) == 6)
    disk.free.set()
    assert [one.outcome() for one in (first, *others)] == [None] * 6
    # Who commits just as the second one begins may need a third.
    assert disk.flushes in (2, 3)


def test_a_flush_that_was_under_way_at_a_commit_does_not_count_for_it(store: SqlStore, disk: Disk) -> None:
    disk.free.clear()
    first = Writing(store, "first")
    assert disk.begun.acquire(timeout=SOON)
    second = Writing(store, "second")
    eventually(lambda: kept(store) == {"first", "second"})
    disk.free.set()
    assert [first.outcome(), second.outcome()] == [None, None]
    assert disk.flushes == 2


def test_where_the_disk_refuses_nothing_is_promised_and_the_log_is_emptied_before_the_next_is_written(
    store: SqlStore, disk: Disk, tmp_path: Path
) -> None:
    disk.failure = OSError(errno.EIO, "Input/output error")
    refused = Writing(store, "refused").outcome()
    assert isinstance(refused, Unavailable)
    assert "Input/output error" in str(refused)
    size = (tmp_path / "gateway.db-wal").stat().st_size
    assert size
    disk.failure = None
    emptied: list[bool] = []
    assert Writing(store, "after", lambda unit: emptied.append((tmp_path / "gateway.db-wal").stat().st_size == 0)).outcome() is None
    assert emptied == [True]
    # What was not promised may be there nevertheless, as after any answer that is lost.
    assert kept(store) == {"refused", "after"}


def test_a_log_in_doubt_that_somebody_reads_is_written_no_further(store: SqlStore, disk: Disk) -> None:
    assert Writing(store, "before").outcome() is None
    disk.failure = OSError(errno.EIO, "Input/output error")
    with store.read() as reading:
        assert len(reading.transmissions.find()) == 1
        assert isinstance(Writing(store, "refused").outcome(), Unavailable)
        disk.failure = None
        assert isinstance(_at_once(store), Unavailable)
    assert Writing(store, "after").outcome() is None
    assert kept(store) == {"before", "refused", "after"}


def _at_once(store: SqlStore) -> Exception | None:
    """Writes on a connection that waits for no reader."""
    sole = store._database._sole
    assert sole is not None
    connection = sole._connection
    assert connection is not None
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("PRAGMA busy_timeout = 10")
    return Writing(store, "too early").outcome()


def test_a_transaction_that_fails_takes_nothing_of_the_next_with_it(store: SqlStore) -> None:
    inside, free = threading.Event(), threading.Event()

    def fail_later(unit: SqlUnitOfWork) -> None:
        inside.set()
        assert free.wait(SOON)
        raise ZeroDivisionError

    first = Writing(store, "first", fail_later)
    assert inside.wait(SOON)
    second = Writing(store, "second")
    free.set()
    assert isinstance(first.outcome(), ZeroDivisionError)
    assert second.outcome() is None
    assert kept(store) == {"second"}


def test_a_commit_that_fails_keeps_nothing(store: SqlStore) -> None:
    """A foreign key is wrong, and is looked at only when all is to be committed."""

    def wrong_at_the_end(unit: SqlUnitOfWork) -> None:
        unit._connect().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        unit.events.add(Event(at=HandClock().now(), kind="no", words="message", transmission_id=999))

    assert Writing(store, "wrong", wrong_at_the_end).outcome() is not None
    assert Writing(store, "after").outcome() is None
    assert kept(store) == {"after"}


def test_a_full_disk_keeps_nothing_of_what_was_refused(store: SqlStore) -> None:
    with store._database.write() as connect:
        connect().exec_driver_sql("PRAGMA max_page_count = 130")

    def too_much(unit: SqlUnitOfWork) -> None:
        for number in range(9):
            unit.payloads.put(bytes([number]) * 200_000)

    assert isinstance(Writing(store, "too much", too_much).outcome(), Unavailable)
    assert kept(store) == set()
    with store._database.write() as connect:
        connect().exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert Writing(store, "after").outcome() is None
    assert kept(store) == {"after"}


def test_a_transaction_within_another_one_is_refused_rather_than_waited_for(store: SqlStore) -> None:
    def again(unit: SqlUnitOfWork) -> None:
        with store.begin() as inner:
            inner.transmissions.find()
            inner.payloads.put(b"never")

    assert isinstance(Writing(store, "outer", again).outcome(), RuntimeError)
    assert Writing(store, "after").outcome() is None
