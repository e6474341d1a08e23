"""Threads that wait for each other share a commit, and nobody goes on before it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.ports.rows import Event, Transmission
from edi_gateway.ports.store import Unavailable
from edi_gateway.store import SqlStore, open_store
from edi_gateway.store.group_commit import MOST
from edi_gateway.store.unit import SqlUnitOfWork
from edi_gateway.testing.clock import HandClock

SOON = 20


@pytest.fixture
def store(fresh_sqlite: Path, tmp_path: Path, clock: HandClock) -> Iterator[SqlStore]:
    shutil.copy(fresh_sqlite, tmp_path / "gateway.db")
    opened = open_store(f"sqlite:///{tmp_path / 'gateway.db'}", tmp_path / "payloads", clock)
    yield opened
    opened.close()


@pytest.fixture
def commits(store: SqlStore) -> list[object]:
    """Grows by one with each commit."""
    seen: list[object] = []
    event.listen(store._database.writer, "commit", seen.append)
    return seen


class Writing:
    """A thread that writes one message; `within` is done in its transaction, after the row."""

    def __init__(self, store: SqlStore, subject: str, within: Callable[[SqlUnitOfWork], object] = lambda unit: None) -> None:
        self.subject = subject
        self.problem: Exception | None = None
        self.ended = threading.Event()
        self._store, self._within = store, within
        threading.Thread(target=self._write, daemon=True).start()

    def _write(self) -> None:
        try:
            with self._store.begin() as unit:
                now = HandClock().now()
                unit.transmissions.add(Transmission(direction=Direction.OUT, state=Outbound.READY, created_at=now, subject=self.subject))
                self._within(unit)
        except Exception as problem:
            self.problem = problem
        self.ended.set()

    def outcome(self) -> Exception | None:
        assert self.ended.wait(SOON)
        return self.problem


class Held:
    """A writer that stays in its transaction until it is let go; others queue up behind it."""

    def __init__(self, store: SqlStore) -> None:
        self._store = store
        self._free, self._inside = threading.Event(), threading.Event()
        self.writing = Writing(store, "held", self._hold)
        assert self._inside.wait(SOON)

    def _hold(self, unit: SqlUnitOfWork) -> None:
        self._inside.set()
        assert self._free.wait(SOON)

    def then(self, *within: Callable[[SqlUnitOfWork], object]) -> list[Writing]:
        """Those that wait behind it, each with what it does, in no certain order."""
        writers = [Writing(self._store, str(number), one) for number, one in enumerate(within)]
        wait_until(lambda: waiting(self._store) == len(writers))
        return writers

    def let_go(self) -> None:
        self._free.set()


def waiting(store: SqlStore) -> int:
    group = store._database._group
    assert group is not None
    return group._waiting


def wait_until(true: Callable[[], bool]) -> None:
    turn = threading.Event()
    for _ in range(SOON * 1000):
        if true():
            return
        turn.wait(0.001)
    raise AssertionError("it does not come about")


def kept(store: SqlStore) -> set[str]:
    with store.read() as unit:
        return {one.subject for one in unit.transmissions.find()}


def nothing(unit: SqlUnitOfWork) -> None:
    pass


def refuse(unit: SqlUnitOfWork) -> None:
    raise ZeroDivisionError


def test_those_who_wait_share_one_commit(store: SqlStore, commits: list[object]) -> None:
    held = Held(store)
    others = held.then(nothing, nothing, nothing)
    held.let_go()
    assert [one.outcome() for one in (held.writing, *others)] == [None] * 4
    assert kept(store) == {"held", "0", "1", "2"}
    assert len(commits) == 1


def test_a_commit_is_not_put_off_for_more_than_so_many(store: SqlStore, commits: list[object]) -> None:
    held = Held(store)
    others = held.then(*[nothing] * (MOST + 3))
    held.let_go()
    assert all(one.outcome() is None for one in (held.writing, *others))
    assert len(kept(store)) == MOST + 4
    assert len(commits) == 2


def test_nobody_goes_on_before_the_commit(store: SqlStore) -> None:
    held = Held(store)
    inside, free = threading.Event(), threading.Event()

    def stay(unit: SqlUnitOfWork) -> None:
        inside.set()
        assert free.wait(SOON)

    (second,) = held.then(stay)
    held.let_go()
    assert inside.wait(SOON)
    assert not held.writing.ended.is_set()
    assert kept(store) == set()
    free.set()
    assert (held.writing.outcome(), second.outcome()) == (None, None)
    assert kept(store) == {"held", "0"}


@pytest.mark.parametrize("order", [(nothing, refuse, nothing), (refuse, refuse), (refuse,)])
def test_a_part_that_fails_takes_nothing_of_the_others_with_it(store: SqlStore, order: tuple[Callable[[SqlUnitOfWork], None], ...]) -> None:
    held = Held(store)
    others = held.then(*order)
    held.let_go()
    problems = [one.outcome() for one in others]
    assert [type(one) for one in problems] == [ZeroDivisionError if one is refuse else type(None) for one in order]
    assert held.writing.outcome() is None
    assert kept(store) == {"held", *(str(number) for number, one in enumerate(order) if one is nothing)}


def test_a_first_part_that_fails_leaves_the_next_ones_their_own_transaction(store: SqlStore) -> None:
    inside, free = threading.Event(), threading.Event()

    def fail_later(unit: SqlUnitOfWork) -> None:
        inside.set()
        assert free.wait(SOON)
        raise ZeroDivisionError

    first = Writing(store, "first", fail_later)
    assert inside.wait(SOON)
    second = Writing(store, "second")
    wait_until(lambda: waiting(store) == 1)
    free.set()
    assert isinstance(first.outcome(), ZeroDivisionError)
    assert second.outcome() is None
    assert kept(store) == {"second"}


def test_a_commit_that_fails_fails_for_all_whose_parts_are_in_it(store: SqlStore) -> None:
    """A foreign key is wrong, and is looked at only when all is to be committed."""

    def wrong_at_the_end(unit: SqlUnitOfWork) -> None:
        unit._connect().exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        unit.events.add(Event(at=HandClock().now(), kind="no", words="message", transmission_id=999))

    held = Held(store)
    others = held.then(wrong_at_the_end, nothing)
    held.let_go()
    assert all(isinstance(one.outcome(), Exception) for one in (held.writing, *others))
    assert kept(store) == set()
    assert Writing(store, "after").outcome() is None
    assert kept(store) == {"after"}


def test_a_full_disk_loses_no_part_that_was_said_to_be_kept(store: SqlStore) -> None:
    with store._database.write() as connect:
        connect().exec_driver_sql("PRAGMA max_page_count = 130")

    def too_much(unit: SqlUnitOfWork) -> None:
        for number in range(9):
            unit.payloads.put(bytes([number]) * 200_000)

    held = Held(store)
    others = held.then(nothing, too_much, nothing)
    held.let_go()
    outcomes = {one.subject: one.outcome() for one in (held.writing, *others)}
    assert isinstance(outcomes["1"], Unavailable)
    assert all(one is None or isinstance(one, Unavailable) for one in outcomes.values())
    assert kept(store) == {subject for subject, problem in outcomes.items() if problem is None}
    with store._database.write() as connect:
        connect().exec_driver_sql("PRAGMA max_page_count = 1000000")
    assert Writing(store, "after").outcome() is None
