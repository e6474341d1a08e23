"""The clock makes work and keeps nothing."""

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.rows import Transmission
from edi_gateway.ports.store import Unavailable
from edi_gateway.store import SqlStore
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.counting import counts
from edi_gateway.testing.work import drain
from edi_gateway.work import TICKS, Tick, Ticker, system_clock, upkeep_handlers
from edi_gateway.work.clock import _Every


def test_the_machines_time_is_aware_and_in_utc() -> None:
    assert system_clock.now().tzinfo is UTC


def test_a_tick_makes_one_work_item_and_is_kept(store: SqlStore, clock: HandClock) -> None:
    ticker = Ticker(store, clock)
    for _ in range(3):
        ticker.tick(Task.SWEEP_DEADLINES)
        clock.turn(timedelta(seconds=2))
    assert counts(store) == {"job.waiting": 1}
    assert store.views.health()["tick"] == clock.now() - timedelta(seconds=2)


def test_two_clocks_on_one_store_make_one_work_item(store: SqlStore, clock: HandClock) -> None:
    for ticker in (Ticker(store, clock), Ticker(store, clock)):
        ticker.tick(Task.SCAN_FOLDERS)
    assert counts(store) == {"job.waiting": 1}


def test_every_tick_comes_at_once_when_the_clock_starts(store: SqlStore, clock: HandClock) -> None:
    all_seen = threading.Event()
    seen: set[str] = set()
    tick = store.jobs.tick

    def watched(name: str, at: object) -> None:
        tick(name, at)  # type: ignore[arg-type]
        seen.add(name)
        if len(seen) == len(TICKS):
            all_seen.set()

    store.jobs.tick = watched  # type: ignore[method-assign, assignment]
    ticker = Ticker(store, clock)
    ticker.start()
    try:
        assert all_seen.wait(30)
    finally:
        ticker.stop()
    assert seen == {tick.task for tick in TICKS}


class Away:
    """A store whose database is away."""

    jobs = None

    @contextmanager
    def begin(self, *, promising: bool = True) -> Iterator[None]:
        raise Unavailable([Fault.of("STO-102", reason="it is away")])
        yield


def test_a_clock_whose_store_is_away_goes_on_ticking(clock: HandClock) -> None:
    ticker = Ticker(Away(), clock, (Tick(task=Task.RECONCILE, every=timedelta(minutes=1)),))  # type: ignore[arg-type]
    ticker.tick(Task.RECONCILE)


def test_the_reconciler_gives_a_job_to_what_has_none(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        unit.transmissions.add(Transmission(direction=Direction.OUT, state=Outbound.READY, created_at=clock.now()))
    clock.turn(timedelta(minutes=2))
    Ticker(store, clock).tick(Task.RECONCILE)
    sent: list[int | str] = []

    def send(ids: object) -> None:
        sent.append(ids["id"])  # type: ignore[index]

    assert drain(store, {Task.SEND: send, **upkeep_handlers(store, clock)}, clock) == 2
    assert sent == [1]


def threads_of_the_scheduler() -> list[threading.Thread]:
    return [one for one in threading.enumerate() if one.name == "APScheduler"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_clock_whose_thread_dies_begins_again(store: SqlStore, clock: HandClock) -> None:
    ticker = Ticker(store, clock, (Tick(task=Task.RECONCILE, every=timedelta(seconds=0.05)),), standstill=timedelta(seconds=0.3))
    ticked = threading.Event()
    tick = store.jobs.tick

    def watched(name: str, at: object) -> None:
        tick(name, at)  # type: ignore[arg-type]
        ticked.set()

    store.jobs.tick = watched  # type: ignore[method-assign, assignment]
    ticker.start()
    try:
        assert ticked.wait(30)
        [scheduler] = threads_of_the_scheduler()
        # As it dies where memory has run out: an exception from anywhere, where it is not caught by who is called at that moment.
        for _ in range(60):
            ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(scheduler.ident or 0), ctypes.py_object(SystemExit))
            scheduler.join(0.5)
            if not scheduler.is_alive():
                break
        assert not scheduler.is_alive()
        began = threading.Event()
        while not threads_of_the_scheduler():
            began.wait(0.05)
        ticked.clear()
        assert ticked.wait(30)
    finally:
        ticker.stop()
    assert threads_of_the_scheduler() == []


def test_months_that_were_missed_are_one_tick() -> None:
    every, then = _Every(timedelta(seconds=1)), datetime(2026, 1, 1, tzinfo=UTC)
    now = then + timedelta(days=100, seconds=0.4)
    assert every.get_next_fire_time(then, then) == then + timedelta(seconds=1)
    assert every.get_next_fire_time(then, now) == now + timedelta(seconds=1)
