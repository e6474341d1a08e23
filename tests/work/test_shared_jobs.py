"""The queue on PostgreSQL when the world is against it: a database that goes, a worker that is only taken for dead, answers unheard."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import ProgrammingError

from edi_gateway.faults import Fault
from edi_gateway.ports.store import Unavailable
from edi_gateway.ports.work import Job, Jobs
from edi_gateway.store import SharedJobs
from edi_gateway.store.lifeline import LOOKS
from edi_gateway.work import lasting as lasting_module
from edi_gateway.work import system_clock
from edi_gateway.work import worker as worker_module

from .conftest import PATIENCE, Engine

SOON = PATIENCE.total_seconds()
PROCESS = Path(__file__).with_name("work_process.py")
LEASE = timedelta(seconds=30)
HOURS = timedelta(hours=1)
"""A silence, or a pause between two looks, that no test waits for."""
THROW_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def engine(emptied_postgres: str, tmp_path: Path) -> Iterator[Engine]:
    with ExitStack() as stack:
        yield Engine(emptied_postgres, tmp_path / "payloads", stack)


@pytest.fixture
def queue(engine: Engine) -> SharedJobs:
    jobs = engine.store.jobs
    assert isinstance(jobs, SharedJobs)
    return jobs


@pytest.fixture
def restless(monkeypatch: pytest.MonkeyPatch) -> None:
    """No long rests after failures."""
    monkeypatch.setattr(worker_module, "PAUSE", 0.01)
    monkeypatch.setattr(lasting_module, "PAUSE", 0.01)


def run(engine: Engine, statement: str) -> None:
    with engine.store._database.write() as connect:
        connect().exec_driver_sql(statement)


def claim(queue: Jobs, owner: str) -> Job | None:
    return queue.claim(system_clock.now(), owner=owner, lease=LEASE, tasks=["send"])


def exchange(queue: Jobs, job: Job) -> Job | None:
    return queue.exchange(job, system_clock.now(), owner=job.owner, lease=LEASE, tasks=["send"])


def test_a_database_that_throws_everybody_out_costs_nothing_but_time(engine: Engine) -> None:
    begun, go_on = threading.Event(), threading.Event()
    done: list[int] = []

    def handle(ids: Mapping[str, Any]) -> None:
        if ids["id"] == 1:
            begun.set()
            assert go_on.wait(SOON)
        done.append(ids["id"])

    worker = engine.start({"send": handle})
    engine.enqueue(1)
    assert begun.wait(SOON)
    run(engine, THROW_OUT)
    go_on.set()
    engine.enqueue(2, 3)
    engine.idle()
    assert sorted(done) == [1, 2, 3]
    engine.until(worker.alive, "the worker works again")


def test_a_process_that_was_cut_off_while_it_listened_listens_again(engine: Engine) -> None:
    done: list[int] = []
    engine.start({"send": lambda ids: done.append(ids["id"])}, poll=HOURS)
    for number in range(3):
        engine.enqueue(number)
        engine.until(lambda number=number: done == list(range(number + 1)), f"job {number} is heard of")  # type: ignore[misc]
        run(engine, THROW_OUT)


def test_a_worker_that_was_taken_for_dead_does_not_end_the_job_of_the_next(engine: Engine) -> None:
    first, second, go_on = threading.Event(), threading.Event(), threading.Event()
    starts = threading.Semaphore(0)

    def handle(ids: Mapping[str, Any]) -> None:
        starts.release()
        assert (second if first.is_set() else first).wait(SOON)
        assert go_on.wait(SOON)

    # The first beats its heart once an hour; the others think it dead when its row is gone.
    lost = engine.start({"send": handle}, threads=1, dead_after=5 * HOURS)
    engine.enqueue(1)
    assert starts.acquire(timeout=SOON)
    run(engine, "DELETE FROM procrastinate_workers")
    engine.start({"send": handle}, threads=1, store=engine.opened())
    first.set()
    assert starts.acquire(timeout=SOON), "the second worker has the job"
    second.set()
    go_on.set()
    assert lost.stop(PATIENCE)
    engine.idle()
    assert engine.counts() == {}


def test_a_thread_whose_worker_is_gone_becomes_another_and_goes_on(engine: Engine, queue: SharedJobs) -> None:
    engine.enqueue(1, 2)
    first = claim(queue, "a")
    assert first is not None
    run(engine, "DELETE FROM procrastinate_workers")
    second = exchange(queue, first)
    assert second is not None
    assert second.ids == {"id": 2}
    assert queue.reap(system_clock.now(), LEASE) == 1, "the first is nobody's"
    assert engine.counts() == {"running": 1, "waiting": 1}


def test_the_steps_of_a_job_that_nobody_reads_are_not_written(engine: Engine) -> None:
    steps: list[int] = []

    def handle(ids: Mapping[str, Any]) -> None:
        with engine.store._database.read() as connect:
            steps.append(connect().exec_driver_sql("SELECT count(*) FROM procrastinate_events").scalar_one())

    engine.start({"send": handle})
    engine.enqueue(1)
    engine.idle()
    assert steps == [0]


def test_a_task_that_this_release_does_not_know_waits_for_one_that_does(engine: Engine) -> None:
    seen: list[object] = []
    engine.start({"send": seen.append})
    engine.enqueue(1, task="dance")
    engine.enqueue(2)
    engine.until(lambda: seen == [{"id": 2}], "what is known is done")
    engine.until(lambda: engine.counts() == {"waiting": 1}, "what is not known waits alone")
    engine.start({"dance": seen.append})
    engine.idle()
    assert seen == [{"id": 2}, {"id": 1}]


def test_a_heart_beats_for_every_thread_whatever_it_does_and_who_gives_no_sign_loses_its_job(engine: Engine, queue: SharedJobs) -> None:
    engine.enqueue(1)
    assert claim(queue, "a") is not None
    for beats in (True, False):
        run(engine, "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '31 seconds'")
        if beats:
            queue.renew([], system_clock.now() + LEASE)
        assert queue.reap(system_clock.now(), LEASE) == (0 if beats else 1)
    again = claim(engine.opened().jobs, "b")
    assert again is not None
    assert (again.ids, again.attempts) == ({"id": 1}, 2)


def holders(engine: Engine) -> list[int]:
    """The connections that hold locks of workers, once for each."""
    with engine.store._database.read() as connect:
        return list(connect().exec_driver_sql("SELECT pid FROM pg_locks WHERE locktype = 'advisory'").scalars())


def locks(engine: Engine) -> int:
    return len(holders(engine))


def looks(queue: Jobs, times: int) -> list[int]:
    """How many jobs were given back at each look."""
    return [queue.reap(system_clock.now(), LEASE) for _ in range(times)]


@pytest.mark.slow
@pytest.mark.parametrize("is_there", [True, False], ids=["that works already", "that is started after it"])
def test_what_a_killed_process_had_is_anothers_long_before_its_lease_ends(engine: Engine, is_there: bool) -> None:
    engine.enqueue(7)
    seen: list[object] = []

    def start() -> None:
        engine.start({"send": seen.append}, dead_after=HOURS, look=timedelta(seconds=0.1))

    command = [sys.executable, str(PROCESS), engine.url, str(engine._folder), str(HOURS.total_seconds())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "7\n"
        engine.until(lambda: locks(engine) > 0, "it holds its locks")
        if is_there:
            start()
        process.kill()
    if not is_there:
        start()
    engine.until(lambda: seen == [{"id": 7}], "another worker has done it")


def test_a_worker_that_holds_its_lock_is_not_dead_however_seldom_its_heart_beats(engine: Engine, queue: SharedJobs) -> None:
    engine.enqueue(1)
    assert claim(queue, "a") is not None
    engine.until(lambda: locks(engine) == 1, "its process holds it")
    assert looks(engine.opened().jobs, 2 * LOOKS) == [0] * 2 * LOOKS


def test_a_worker_whose_connection_is_cut_is_not_dead_while_its_heart_beats(engine: Engine, queue: SharedJobs) -> None:
    engine.enqueue(1)
    job = claim(queue, "a")
    assert job is not None
    queue.close()
    engine.until(lambda: locks(engine) == 0, "it is without its lock")
    other = engine.opened().jobs
    for _ in range(2 * LOOKS):
        queue.renew([], system_clock.now() + LEASE)
        assert looks(other, 1) == [0]
    assert looks(other, LOOKS) == [*[0] * (LOOKS - 2), 1, 0], "from here on it is silent"
    queue.done(job)
    assert engine.counts() == {"waiting": 1}, "and its end is not another's"


def test_a_worker_whose_connection_was_cut_takes_its_lock_again(engine: Engine, queue: SharedJobs) -> None:
    engine.enqueue(1)
    assert claim(queue, "a") is not None
    engine.until(lambda: locks(engine) == 1, "its process holds it")
    before = holders(engine)
    run(engine, THROW_OUT)
    engine.until(lambda: locks(engine) == 1 and holders(engine) != before, "and holds it anew")
    assert looks(engine.opened().jobs, LOOKS + 1) == [0] * (LOOKS + 1)


@pytest.mark.parametrize("call", ["renew", "reap"])
def test_who_was_cut_off_himself_takes_nobody_for_dead_before_he_has_looked_anew(engine: Engine, queue: SharedJobs, call: str) -> None:
    engine.enqueue(1)
    assert claim(queue, "a") is not None
    queue.close()
    engine.until(lambda: locks(engine) == 0, "it is without its lock")
    other = engine.opened()
    assert claim(other.jobs, "b") is None
    assert looks(other.jobs, LOOKS - 1) == [0] * (LOOKS - 1)
    run(engine, "ALTER TABLE procrastinate_workers RENAME TO away")
    try:
        with pytest.raises(ProgrammingError):
            other.jobs.renew([], system_clock.now() + LEASE) if call == "renew" else looks(other.jobs, 1)
    finally:
        run(engine, "ALTER TABLE away RENAME TO procrastinate_workers")
    assert looks(other.jobs, LOOKS) == [*[0] * (LOOKS - 1), 1]


def test_an_end_that_is_told_twice_ends_no_other_attempt(engine: Engine, queue: SharedJobs) -> None:
    """Who did not hear what an exchange came to tells the end again, and claims by itself."""
    engine.enqueue(1)
    job = claim(queue, "a")
    assert job is not None
    engine.enqueue(1)
    assert exchange(queue, job) is None, "it was hinted at, and waits anew: it is not claimed along"
    for _ in range(2):
        queue.done(job)
    assert engine.counts() == {"waiting": 1}
    again = claim(queue, "a")
    assert again is not None
    queue.done(again)
    assert engine.counts() == {}


def test_a_claim_that_its_thread_was_not_told_of_is_due_again_with_its_next(engine: Engine, queue: SharedJobs) -> None:
    engine.enqueue(1, 2)
    lost = claim(queue, "a")
    found = claim(queue, "a")
    assert lost is not None
    assert found is not None
    assert lost.id == found.id
    assert (lost.attempts, found.attempts) == (1, 2), "it counts, as nobody knows how far it came"
    assert engine.counts() == {"running": 1, "waiting": 1}


def test_a_worker_that_stops_in_good_order_leaves_no_trace(engine: Engine) -> None:
    def workers() -> int:
        with engine.store._database.read() as connect:
            return int(connect().exec_driver_sql("SELECT count(*) FROM procrastinate_workers").scalar_one())

    worker = engine.start({"send": lambda ids: None})
    engine.until(lambda: workers() == 4, "each thread is one to the queue")
    assert worker.stop(PATIENCE)
    assert workers() == 0


class Unlucky:
    """A queue one of whose calls fails at first, before it does anything or once it has done it."""

    def __init__(self, jobs: Jobs, failing: str, failure: BaseException, *, after: bool, times: int = 1) -> None:
        self._jobs, self._failing, self._failure, self._after = jobs, failing, failure, after
        self._left = iter(range(times))

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._jobs, name)
        return self._fails(call) if name == self._failing else call

    def _fails(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def called(*arguments: Any, **named: Any) -> Any:
            result = call(*arguments, **named) if self._after else None
            # A look that found nothing has nothing to lose.
            if (result is not None or not self._after) and next(self._left, None) is not None:
                raise self._failure
            return result if self._after else call(*arguments, **named)

        return called


class Panic(BaseException):
    """As a panic of a library's Rust comes up: no Exception."""


AWAY = Unavailable([Fault.of("STO-102", reason="it is away")])


@pytest.mark.usefixtures("restless")
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("failure", [AWAY, MemoryError(), Panic()], ids=["away", "no memory", "panic"])
@pytest.mark.parametrize("call", ["claim", "exchange"])
def test_whatever_a_claim_or_an_end_meets_no_job_is_lost(engine: Engine, call: str, failure: BaseException, after: bool) -> None:
    done: list[int] = []
    engine.enqueue(1, 2, 3)
    unlucky: Any = Unlucky(engine.store.jobs, call, failure, after=after)
    worker = engine.start({"send": lambda ids: done.append(ids["id"])}, threads=1, dead_after=HOURS, queue=unlucky)
    engine.idle()
    assert sorted(set(done)) == [1, 2, 3]
    # What ended before the failure was told is done once; else once more, as its end was not kept.
    assert len(done) == (4 if call == "exchange" and not after and failure is not AWAY else 3)
    assert worker.alive()


@pytest.mark.usefixtures("restless")
@pytest.mark.parametrize("call", ["retry", "park"])
def test_the_end_of_a_failed_attempt_is_kept_as_soon_as_the_database_is_there(engine: Engine, call: str) -> None:
    def fails(ids: Mapping[str, Any]) -> None:
        raise ValueError("not yet")

    engine.enqueue(1)
    unlucky: Any = Unlucky(engine.store.jobs, call, AWAY, after=False, times=3)
    engine.start({"send": fails}, threads=1, dead_after=HOURS, queue=unlucky)
    engine.until(lambda: engine.counts() == {"parked": 1}, "it is parked")
    [parked] = engine.store.jobs.parked()
    assert parked.attempts == 3


@pytest.mark.usefixtures("restless")
def test_a_panic_of_a_library_is_an_attempt_that_counts(engine: Engine) -> None:
    starts: list[int] = []

    def panics(ids: Mapping[str, Any]) -> None:
        starts.append(ids["id"])
        raise Panic

    engine.start({"send": panics}, dead_after=HOURS)
    engine.enqueue(1)
    engine.until(lambda: engine.counts() == {"parked": 1}, "it is given up")
    [parked] = engine.store.jobs.parked()
    assert starts == [1, 1, 1]
    assert parked.fault is not None
    assert parked.fault.code == "STO-305"


def test_a_job_whose_end_the_server_forgot_as_it_died_is_done_again(engine: Engine) -> None:
    """A server that dies forgets the last commits that waited for no disk."""
    done: list[int] = []

    class Forgetful(Unlucky):
        def _fails(self, call: Callable[..., Any]) -> Callable[..., Any]:
            return lambda *arguments, **named: None if next(self._left, None) is not None else call(*arguments, **named)

    forgetful: Any = Forgetful(engine.store.jobs, "exchange", AWAY, after=False)
    worker = engine.start({"send": lambda ids: done.append(ids["id"])}, threads=1, dead_after=HOURS, queue=forgetful)
    engine.enqueue(1, 2)
    engine.idle()
    assert sorted(done) in ([1, 1, 2], [1, 2, 2])
    assert worker.alive()
