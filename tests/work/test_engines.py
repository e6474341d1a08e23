"""What both engines promise, played on each with a real database: threads on SQLite, Procrastinate's workers on PostgreSQL."""

import statistics
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway.lifecycle.policy import RetryPolicy
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.rows import Transmission
from edi_gateway.ports.work import Job
from edi_gateway.store import SharedJobs
from edi_gateway.work import Lane, Tick, Ticker, system_clock, upkeep_handlers

from .conftest import PATIENCE, Engine

SOON = PATIENCE.total_seconds()
PROCESS = Path(__file__).with_name("work_process.py")


class Recorder:
    """A handler that keeps what it did, and whether it did two of one group at once."""

    def __init__(self, fails: Mapping[int, int] | None = None, group: int = 1_000_000) -> None:
        self.done: list[int] = []
        self.starts: list[int] = []
        self.together = 0
        self._fails = Counter(fails or {})
        self._group = group
        self._running: Counter[int] = Counter()
        self._lock = threading.Lock()

    def __call__(self, ids: Mapping[str, Any]) -> None:
        number = ids["id"]
        with self._lock:
            self.starts.append(number)
            self._running[number % self._group] += 1
            self.together += self._running[number % self._group] > 1
        try:
            with self._lock:
                if self._fails[number] > 0:
                    self._fails[number] -= 1
                    raise ValueError(f"{number} cannot be done yet")
                self.done.append(number)
        finally:
            with self._lock:
                self._running[number % self._group] -= 1


def test_what_is_committed_is_done_and_what_is_rolled_back_is_not(engine: Engine) -> None:
    seen = Recorder()
    engine.start({"send": seen})

    def roll_back() -> None:
        with engine.store.begin() as unit:
            unit.enqueue("send", key="send:1", id=1)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        roll_back()
    engine.enqueue(2)
    engine.until(lambda: seen.done == [2], "the one that was committed")
    engine.idle()
    assert seen.starts == [2]
    assert engine.counts() == {}


def test_a_key_that_waits_is_one_job(engine: Engine) -> None:
    for _ in range(3):
        engine.enqueue(1)
    assert engine.counts() == {"waiting": 1}
    seen = Recorder()
    engine.start({"send": seen})
    engine.idle()
    assert seen.starts == [1]


def test_a_hint_while_the_job_runs_is_done_after_it_and_never_beside_it(engine: Engine) -> None:
    begun, go_on = threading.Event(), threading.Event()
    seen = Recorder()

    def slow(ids: Mapping[str, Any]) -> None:
        if not begun.is_set():
            begun.set()
            assert go_on.wait(SOON)
        seen(ids)

    engine.start({"send": slow})
    engine.enqueue(1)
    assert begun.wait(SOON)
    engine.enqueue(1)
    assert engine.counts() == {"running": 1, "waiting": 1}
    assert seen.starts == []
    go_on.set()
    engine.idle()
    assert (seen.starts, seen.together) == ([1, 1], 0)


def test_a_job_for_later_runs_at_its_time_and_the_earlier_of_two_times_counts(engine: Engine) -> None:
    now = system_clock.now()
    times: dict[int, timedelta] = {}
    engine.enqueue(1, run_at=now + timedelta(seconds=0.8))
    engine.enqueue(2, run_at=now + timedelta(hours=1))
    engine.enqueue(2, run_at=now + timedelta(seconds=0.8))
    engine.enqueue(2, run_at=now + timedelta(hours=2))
    engine.enqueue(3, run_at=now + timedelta(hours=1))
    engine.start({"send": lambda ids: times.update({int(ids["id"]): system_clock.now() - now})})
    engine.until(lambda: times.keys() == {1, 2}, "both that fell due")
    assert min(times.values()) >= timedelta(seconds=0.8)
    engine.until(lambda: engine.counts() == {"waiting": 1}, "the third waits alone")
    engine.enqueue(3)
    engine.until(lambda: 3 in times, "the one that is wanted at once now")


def test_a_job_that_fails_is_tried_again_until_it_succeeds(engine: Engine) -> None:
    seen = Recorder(fails={1: 2})
    engine.start({"send": seen})
    engine.enqueue(1)
    engine.until(lambda: seen.done == [1], "the third attempt")
    engine.idle()
    assert seen.starts == [1, 1, 1]
    assert engine.store.jobs.parked() == []


def test_the_interval_to_the_next_attempt_is_kept(engine: Engine) -> None:
    times: list[float] = []

    def fails_once(ids: Mapping[str, Any]) -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            raise ValueError

    engine.start({"send": fails_once}, retries=RetryPolicy(first=timedelta(seconds=1), attempts=3, jitter=0))
    engine.enqueue(1)
    engine.until(lambda: len(times) == 2, "the second attempt")
    assert times[1] - times[0] >= 0.9


def test_a_poison_message_is_parked_with_its_reason_and_the_others_flow(engine: Engine) -> None:
    seen = Recorder(fails={1: 100})
    engine.start({"send": seen})
    engine.enqueue(1, 2, 3)
    engine.idle()
    assert sorted(seen.done) == [2, 3]
    assert seen.starts.count(1) == 3
    (parked,) = engine.store.jobs.parked()
    assert (parked.task, parked.key, dict(parked.ids), parked.attempts) == ("send", "send:1", {"id": 1}, 3)
    assert parked.fault is not None
    assert parked.fault.code == "STO-302"
    assert "1 cannot be done yet" in parked.fault.message
    assert abs(parked.parked_at - system_clock.now()) < timedelta(minutes=1)
    assert engine.store.views.health()["parked"] == 1


def test_a_parked_job_that_is_freed_begins_anew(engine: Engine) -> None:
    seen = Recorder(fails={1: 3})
    engine.start({"send": seen})
    engine.enqueue(1)
    engine.until(lambda: engine.counts() == {"parked": 1}, "it is parked")
    [parked] = engine.store.jobs.parked()
    assert engine.store.jobs.free(parked.id, system_clock.now())
    engine.until(lambda: seen.done == [1], "it is done")
    engine.idle()
    assert not engine.store.jobs.free(parked.id, system_clock.now())
    assert engine.counts() == {}


def test_what_is_parked_goes_when_its_key_succeeds_and_freeing_it_beside_a_hint_leaves_one(engine: Engine) -> None:
    seen = Recorder(fails={1: 3, 2: 3})
    first = engine.start({"send": seen})
    engine.enqueue(1, 2)
    engine.until(lambda: engine.counts() == {"parked": 2}, "both are parked")
    assert first.stop(PATIENCE)
    engine.enqueue(1, 2)
    [one, _] = engine.store.jobs.parked()
    assert engine.store.jobs.free(one.id, system_clock.now())
    assert engine.counts() == {"waiting": 2, "parked": 1}
    engine.start({"send": seen})
    engine.idle()
    assert sorted(seen.done) == [1, 2]
    assert engine.counts() == {}


def test_a_worker_that_is_killed_loses_nothing_and_its_job_is_anothers(engine: Engine) -> None:
    engine.enqueue(7)
    command = [sys.executable, str(PROCESS), engine.url, str(engine._folder), "2"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "7\n"
        seen = Recorder()
        engine.start({"send": seen})
        process.kill()
        died = time.monotonic()
    engine.until(lambda: seen.done == [7], "another worker has done it")
    # Two seconds without a sign, and a look every half.
    assert time.monotonic() - died < 15
    engine.idle()
    assert seen.starts == [7]


def test_a_job_over_which_every_worker_died_is_parked_and_not_begun_again(engine: Engine) -> None:
    engine.enqueue(1)
    # As three workers would have left it: begun each time, and never ended.
    table = "procrastinate_jobs" if isinstance(engine.store.jobs, SharedJobs) else "jobs"
    with engine.store._database.write() as connect:
        connect().exec_driver_sql(f"UPDATE {table} SET attempts = 3")
    seen = Recorder()
    engine.start({"send": seen})
    engine.enqueue(2)
    engine.idle()
    assert seen.starts == [2]
    [parked] = engine.store.jobs.parked()
    assert parked.fault is not None
    assert parked.fault.code == "STO-305"
    assert engine.store.jobs.free(parked.id, system_clock.now())
    engine.idle()
    assert seen.starts == [2, 1]


def test_only_the_deaths_since_a_part_of_a_job_was_kept_count(engine: Engine) -> None:
    engine.enqueue(1)
    jobs, lease, seen = engine.store.jobs, timedelta(minutes=5), []

    def claimed() -> Job:
        job = jobs.claim(system_clock.now(), owner="one", lease=lease)
        assert job is not None
        seen.append(job.attempts)
        return job

    for number in range(5):
        job = claimed()
        if number == 1:
            with suppress(RuntimeError), engine.store.begin() as uow:
                uow.progressed(job.key)
                raise RuntimeError("what was to be kept is not")
        if number == 2:
            with engine.store.begin() as uow:
                uow.progressed(job.key)
                uow.progressed("send:2")
        assert jobs.recover() == 1
    assert seen == [1, 2, 3, 2, 3]

    last = claimed()
    with engine.store.begin() as uow:
        uow.progressed(last.key)
    jobs.done(last)
    assert jobs.claim(system_clock.now(), owner="two", lease=lease) is None
    assert jobs.recover() == 0, "its end was its own, although its attempts began anew"


@pytest.mark.parametrize(("further", "attempts"), [((), 3), ((1,), 3), ((3,), 5), ((2, 4, 6), 8)])
def test_only_the_failures_since_a_part_of_a_job_was_kept_count(engine: Engine, further: tuple[int, ...], attempts: int) -> None:
    starts = []

    def fails(ids: Mapping[str, Any]) -> None:
        starts.append(ids["id"])
        if len(starts) in further:
            with engine.store.begin() as uow:
                uow.progressed("send:1")
        raise ValueError("it goes no further")

    engine.start({"send": fails})
    engine.enqueue(1)
    engine.idle()
    # Three are allowed, and the one that came further is the first of them.
    assert len(starts) == attempts
    [parked] = engine.store.jobs.parked()
    assert parked.fault is not None
    assert (parked.attempts, parked.fault.code) == (3, "STO-302")
    assert "failed 3 times" in parked.fault.message


def test_a_job_that_takes_longer_than_a_worker_may_be_silent_stays_its_own(engine: Engine) -> None:
    silent = timedelta(seconds=0.8)
    go_on, starts = threading.Event(), []

    def slow(ids: Mapping[str, Any]) -> None:
        starts.append(ids["id"])
        assert go_on.wait(SOON)

    engine.start({"send": slow}, dead_after=silent)
    engine.start({"send": slow}, dead_after=silent, store=engine.opened())
    engine.enqueue(1)
    assert not go_on.wait(2.5 * silent.total_seconds())
    assert starts == [1]
    go_on.set()
    engine.idle()
    assert starts == [1]


def test_two_workers_never_do_one_job_at_once_and_leave_none(engine: Engine) -> None:
    seen = Recorder()
    for _ in range(2):
        engine.start({"send": seen}, store=engine.opened())
    for start in range(0, 200, 20):
        engine.enqueue(*range(start, start + 20))
    engine.until(lambda: len(seen.done) >= 200, "all are done")
    engine.idle()
    assert sorted(seen.starts) == list(range(200))
    assert seen.together == 0


def test_a_commit_elsewhere_wakes_a_worker_at_once(engine: Engine) -> None:
    elsewhere = engine.opened() if isinstance(engine.store.jobs, SharedJobs) else engine.store
    begun, seen = [], []
    worker = engine.start({"send": lambda ids: seen.append(time.monotonic())}, poll=timedelta(seconds=5))
    engine.until(worker.alive, "the worker works")
    # It may begin to listen a moment after its first look.
    engine.enqueue(0)
    engine.until(lambda: len(seen) == 1, "it has begun")
    seen.clear()
    for number in range(1, 11):
        begun.append(time.monotonic())
        with elsewhere.begin() as unit:
            unit.enqueue("send", key=f"send:{number}", id=number)
        engine.until(lambda: len(seen) == len(begun), f"job {number}")
    assert statistics.median(after - before for before, after in zip(begun, seen, strict=True)) < 0.3


def test_a_slow_lane_does_not_hold_up_another(engine: Engine) -> None:
    slow, quick = threading.Event(), threading.Event()
    lanes = (Lane(name="send", threads=1, tasks=frozenset({"send"})), Lane(name="map", threads=1, tasks=frozenset({"map"})))
    engine.start({"send": lambda ids: slow.wait(SOON), "map": lambda ids: quick.set()}, lanes=lanes)
    engine.enqueue(1, 2, 3)
    engine.enqueue(4, task="map")
    assert quick.wait(SOON)
    slow.set()


def test_stopping_lets_what_runs_finish_and_leaves_the_rest_to_others(engine: Engine) -> None:
    started, go_on, finished = threading.Event(), threading.Event(), threading.Event()

    def handle(ids: Mapping[str, Any]) -> None:
        started.set()
        assert go_on.wait(SOON)
        finished.set()

    worker = engine.start({"send": handle}, threads=1)
    engine.enqueue(1, 2)
    assert started.wait(SOON)
    assert worker.alive()
    assert not worker.stop(timedelta(0))
    go_on.set()
    assert worker.stop(PATIENCE)
    assert finished.is_set()
    assert engine.counts() == {"waiting": 1}
    assert not worker.alive()
    seen = Recorder()
    engine.start({"send": seen})
    engine.idle()
    assert len(seen.done) == 1


def test_clocks_on_many_hosts_make_one_job_a_tick(engine: Engine) -> None:
    clocks = [Ticker(engine.opened() if isinstance(engine.store.jobs, SharedJobs) else engine.store, system_clock) for _ in range(3)]
    for clock in clocks:
        clock.tick(Task.SWEEP_DEADLINES)
    assert engine.counts() == {"waiting": 1}
    seen: list[object] = []
    engine.start({Task.SWEEP_DEADLINES: seen.append})
    engine.idle()
    assert seen == [{}]


def test_the_reconciler_gives_a_job_to_what_has_none(engine: Engine) -> None:
    long_ago = system_clock.now() - timedelta(minutes=5)
    with engine.store.begin() as unit:
        row = unit.transmissions.add(Transmission(direction=Direction.OUT, state=Outbound.READY, created_at=long_ago))
    seen = Recorder()
    engine.start({Task.SEND: seen, **upkeep_handlers(engine.store, system_clock)})
    Ticker(engine.store, system_clock).tick(Task.RECONCILE)
    engine.until(lambda: seen.done == [row.id], "what stood still is worked on")
    engine.idle()


def test_running_clocks_enqueue_their_ticks(engine: Engine) -> None:
    ticks = (Tick(task=Task.RECONCILE, every=timedelta(minutes=1)),)
    clocks = [Ticker(engine.store, system_clock, ticks) for _ in range(2)]
    for clock in clocks:
        clock.start()
    try:
        engine.until(lambda: engine.counts() == {"waiting": 1}, "one job of two clocks")
    finally:
        for clock in clocks:
            clock.stop()


def test_work_that_there_has_been_since_before_goes_before_what_falls_due_from_now_on(engine: Engine) -> None:
    now = system_clock.now()
    engine.enqueue(1)
    engine.enqueue(2)
    engine.enqueue(3, run_at=now - timedelta(seconds=20))
    engine.enqueue(4, run_at=now - timedelta(seconds=10))
    seen = Recorder()
    engine.start({"send": seen}, lanes=(Lane(threads=1),))
    engine.idle()
    assert seen.starts == [3, 4, 1, 2]


def test_what_there_has_been_since_before_overtakes_nothing_of_its_order(engine: Engine) -> None:
    engine.enqueue(1, order="PO 7")
    engine.enqueue(2, order="PO 7", run_at=system_clock.now() - timedelta(seconds=20))
    engine.enqueue(3)
    seen = Recorder()
    engine.start({"send": seen}, lanes=(Lane(threads=1),))
    engine.idle()
    assert seen.starts == [1, 2, 3]


orders = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.booleans()), min_size=2, max_size=12)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(orders)
def test_no_job_of_an_order_overtakes_another_whatever_fails(engine: Engine, jobs: list[tuple[int, int, bool]]) -> None:
    """Each job is of one order, fails so often before it succeeds, and may be there since before; the last digit is its order's."""
    numbers = [position * 10 + order for position, (order, _, _) in enumerate(jobs)]
    seen = Recorder(fails={number: fails for number, (_, fails, _) in zip(numbers, jobs, strict=True)}, group=10)
    quick = RetryPolicy(first=timedelta(milliseconds=5), factor=1, cap=timedelta(milliseconds=5), attempts=5, jitter=0)
    workers = [engine.start({"send": seen}, retries=quick, poll=timedelta(milliseconds=20), store=store) for store in (engine.store,) * 2]
    before = system_clock.now() - timedelta(seconds=20)
    for number, (_, _, is_older) in zip(numbers, jobs, strict=True):
        engine.enqueue(number, order=f"order {number % 10}", run_at=before if is_older else None)
    engine.idle()
    for worker in workers:
        assert worker.stop(PATIENCE)
    by_order: dict[int, list[int]] = defaultdict(list)
    for number in seen.starts:
        by_order[number % 10].append(number)
    assert all(starts == sorted(starts) for starts in by_order.values())
    assert sorted(seen.done) == numbers
    assert seen.together == 0


def test_what_is_parked_does_not_hold_up_its_order(engine: Engine) -> None:
    seen = Recorder(fails={1: 100})
    engine.start({"send": seen})
    engine.enqueue(1, 2, order="PO 7")
    engine.idle()
    assert seen.starts == [1, 1, 1, 2]
    assert engine.counts() == {"parked": 1}


def test_a_hint_does_not_cost_a_failed_job_its_place(engine: Engine) -> None:
    begun, go_on = threading.Event(), threading.Event()
    seen = Recorder()

    def fails_once(ids: Mapping[str, Any]) -> None:
        if not begun.is_set():
            begun.set()
            assert go_on.wait(SOON)
            raise ValueError("not yet")
        seen(ids)

    engine.start({"send": fails_once})
    engine.enqueue(1, order="PO 7")
    assert begun.wait(SOON)
    engine.enqueue(2, order="PO 7")
    engine.enqueue(1, order="PO 7")
    go_on.set()
    engine.idle()
    assert seen.starts == [1, 2]


def test_a_job_that_was_hinted_at_while_it_ran_runs_again_before_what_came_after_it(engine: Engine) -> None:
    begun, go_on = threading.Event(), threading.Event()
    seen = Recorder()

    def enqueues_itself(ids: Mapping[str, Any]) -> None:
        seen(ids)
        if not begun.is_set():
            begun.set()
            assert go_on.wait(SOON)
            engine.enqueue(1, order="PO 7", run_at=system_clock.now() + timedelta(seconds=0.6))

    engine.start({"send": enqueues_itself})
    engine.enqueue(1, order="PO 7")
    assert begun.wait(SOON)
    engine.enqueue(2, order="PO 7")
    go_on.set()
    engine.idle()
    assert seen.starts == [1, 1, 2]
