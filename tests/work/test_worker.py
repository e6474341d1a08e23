"""The worker: whatever a work item does, the others flow and nothing is lost."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

import pytest

from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.policy import RetryPolicy
from edi_gateway.ports.store import Unavailable
from edi_gateway.ports.work import Handler, Job
from edi_gateway.store import SqlStore
from edi_gateway.store.jobs import SqlJobs
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.counting import counts
from edi_gateway.work import Lane, Pace, Worker
from edi_gateway.work import lasting as lasting_module
from edi_gateway.work import worker as worker_module

RETRIES = RetryPolicy(first=timedelta(seconds=10), factor=2, cap=timedelta(seconds=30), attempts=3, jitter=0)
POLL = timedelta(seconds=0.5)
SOON = 30
"""Seconds after which a thread that should have done something will not do it any more."""


def worker(store: SqlStore, clock: HandClock, handlers: Mapping[str, Handler], **more: object) -> Worker:
    return Worker(store.jobs, handlers, clock, retries=RETRIES, **more)  # type: ignore[arg-type]


def pace(lease: timedelta) -> Pace:
    return Pace(poll=POLL, lease=lease, look=lease / 5)


@contextmanager
def running(one: Worker) -> Iterator[Worker]:
    one.start()
    try:
        yield one
    finally:
        assert one.stop(timedelta(seconds=SOON))


def enqueue(store: SqlStore, *row_ids: int, task: str = "send") -> None:
    with store.begin() as unit:
        for row_id in row_ids:
            unit.enqueue(task, key=f"{task}:{row_id}", id=row_id)


def failing(ids: Mapping[str, int | str]) -> None:
    raise ValueError("the map has no segment N1\nand more that nobody needs")


def test_a_job_that_succeeds_is_gone(store: SqlStore, clock: HandClock) -> None:
    done: list[int | str] = []
    enqueue(store, 7)
    one = worker(store, clock, {"send": lambda ids: done.append(ids["id"])})
    assert one.run_one("me")
    assert not one.run_one("me")
    assert done == [7]
    assert counts(store) == {}


def test_a_job_that_fails_is_tried_again_later_and_later(store: SqlStore, clock: HandClock) -> None:
    enqueue(store, 1)
    one = worker(store, clock, {"send": failing})
    for seconds in (10, 20):
        assert one.run_one("me")
        clock.turn(timedelta(seconds=seconds - 1))
        assert not one.run_one("me")
        clock.turn(timedelta(seconds=1))
    assert one.run_one("me")
    assert counts(store) == {"job.parked": 1}


def test_a_poison_message_is_parked_with_its_reason_and_the_others_flow(store: SqlStore, clock: HandClock) -> None:
    done: list[int | str] = []
    enqueue(store, 1, task="poison")
    enqueue(store, 1, 2, 3)
    one = worker(store, clock, {"poison": failing, "send": lambda ids: done.append(ids["id"])})
    for _ in range(3):
        while one.run_one("me"):
            pass
        clock.turn(timedelta(minutes=1))
    assert done == [1, 2, 3]
    (parked,) = store.jobs.parked()
    assert parked.fault is not None
    assert parked.fault.code == "STO-302"
    assert "ValueError: the map has no segment N1." in parked.fault.message
    assert "nobody needs" not in parked.fault.message


def test_a_task_that_nobody_knows_is_parked_at_once(store: SqlStore, clock: HandClock) -> None:
    enqueue(store, 1, task="dance")
    assert worker(store, clock, {}).run_one("me")
    assert [job.fault.code for job in store.jobs.parked() if job.fault] == ["STO-303"]


def test_a_failure_is_logged_with_its_code_and_trace(store: SqlStore, clock: HandClock, caplog: pytest.LogCaptureFixture) -> None:
    enqueue(store, 1)
    worker(store, clock, {"send": failing}).run_one("me")
    (record,) = caplog.records
    assert record.getMessage().startswith("STO-301  send send:1 failed on attempt 1")
    assert record.exc_info is not None


def test_threads_do_what_is_committed_without_being_asked(store: SqlStore, clock: HandClock) -> None:
    seen: set[int | str] = set()
    everything = threading.Event()

    def handle(ids: Mapping[str, int | str]) -> None:
        seen.add(ids["id"])
        if len(seen) == 40:
            everything.set()

    with running(worker(store, clock, {"send": handle})) as one:
        assert one.alive()
        enqueue(store, *range(20))
        enqueue(store, *range(20, 40))
        assert everything.wait(SOON)
    assert counts(store) == {}


def test_a_slow_lane_does_not_hold_up_another(store: SqlStore, clock: HandClock) -> None:
    slow, quick = threading.Event(), threading.Event()
    lanes = (Lane(name="send", threads=1, tasks=frozenset({"send"})), Lane(name="map", threads=1, tasks=frozenset({"map"})))

    def map_one(ids: Mapping[str, int | str]) -> None:
        quick.set()

    def send(ids: Mapping[str, int | str]) -> None:
        assert slow.wait(SOON)

    with running(worker(store, clock, {"send": send, "map": map_one}, lanes=lanes)):
        enqueue(store, 1, 2, 3)
        enqueue(store, 4, task="map")
        assert quick.wait(SOON)
        slow.set()


def test_stopping_lets_what_runs_finish(store: SqlStore, clock: HandClock) -> None:
    started, go_on, finished = threading.Event(), threading.Event(), threading.Event()

    def handle(ids: Mapping[str, int | str]) -> None:
        started.set()
        assert go_on.wait(SOON)
        finished.set()

    one = worker(store, clock, {"send": handle}, lanes=(Lane(threads=1),))
    one.start()
    enqueue(store, 1, 2)
    assert started.wait(SOON)
    assert not one.stop(timedelta(0))
    go_on.set()
    assert one.stop(timedelta(seconds=SOON))
    assert finished.is_set()
    assert counts(store) == {"job.waiting": 1}
    assert not one.alive()


def test_the_lease_of_what_runs_for_long_is_renewed_and_a_dead_workers_job_taken_over(store: SqlStore, clock: HandClock) -> None:
    started, go_on, taken = threading.Event(), threading.Event(), threading.Event()
    lease = timedelta(seconds=0.5)
    enqueue(store, 1, task="dead")
    store.jobs.claim(clock.now(), owner="dead", lease=lease)

    starts: list[int | str] = []

    def slow(ids: Mapping[str, int | str]) -> None:
        starts.append(ids["id"])
        started.set()
        assert go_on.wait(SOON)

    def take_over(ids: Mapping[str, int | str]) -> None:
        taken.set()

    with running(worker(store, clock, {"send": slow, "dead": take_over}, pace=pace(lease), lanes=(Lane(threads=2),))):
        enqueue(store, 1)
        assert started.wait(SOON)
        clock.turn(lease * 1.1)
        assert taken.wait(SOON)
        # By the clock both leases had ended; the one whose worker lives was renewed before the other was taken over.
        assert store.jobs.reap(clock.now(), lease) == 0
        go_on.set()
    assert starts == [1]


def test_a_clock_that_is_set_back_delays_no_job_that_was_due(store: SqlStore, clock: HandClock) -> None:
    busy, go_on, late = threading.Event(), threading.Event(), threading.Event()

    def slow(ids: Mapping[str, int | str]) -> None:
        busy.set()
        assert go_on.wait(SOON)

    def handle(ids: Mapping[str, int | str]) -> None:
        late.set()

    enqueue(store, 1, task="slow")
    one = worker(store, clock, {"slow": slow, "send": handle}, pace=pace(timedelta(seconds=0.5)), lanes=(Lane(threads=1),))
    with running(one):
        assert busy.wait(SOON)
        enqueue(store, 2)
        clock.turn(-timedelta(hours=1))
        go_on.set()
        assert late.wait(SOON)


class Away:
    """Jobs whose database is away for the first calls of one kind."""

    def __init__(self, jobs: SqlJobs, failing: str, times: int) -> None:
        self._jobs, self._failing, self._left = jobs, failing, times

    def __getattr__(self, name: str) -> Callable[..., object]:
        if name == self._failing and self._left:
            self._left -= 1
            raise Unavailable([Fault.of("STO-102", reason="it is away")])
        return getattr(self._jobs, name)  # type: ignore[no-any-return]


@pytest.mark.parametrize("call", ["claim", "exchange"])
def test_a_database_that_is_away_for_a_while_costs_nothing_but_time(
    store: SqlStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    monkeypatch.setattr(worker_module, "PAUSE", 0.01)
    monkeypatch.setattr(lasting_module, "PAUSE", 0.01)
    done: list[int | str] = []
    both = threading.Event()

    def handle(ids: Mapping[str, int | str]) -> None:
        done.append(ids["id"])
        if len(done) == 2:
            both.set()

    enqueue(store, 1, 2)
    away = Away(store.jobs, call, 3)
    with running(Worker(away, {"send": handle}, clock, lanes=(Lane(threads=1),))):  # type: ignore[arg-type]
        assert both.wait(SOON)
    assert done == [1, 2]
    assert counts(store) == {}


def test_a_mistake_of_ours_in_the_queue_ends_no_thread(
    store: SqlStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lasting_module, "PAUSE", 0.01)
    done = threading.Event()
    claim, wrong = store.jobs.claim, iter([True, True])

    def wrong_at_first(*args: object, **named: object) -> Job | None:
        if next(wrong, False):
            raise ZeroDivisionError
        return claim(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(store.jobs, "claim", wrong_at_first)

    def handle(ids: Mapping[str, int | str]) -> None:
        done.set()

    enqueue(store, 1)
    with running(worker(store, clock, {"send": handle}, lanes=(Lane(threads=1),))):
        assert done.wait(SOON)
    assert [record.exc_info is not None for record in caplog.records] == [True, True]


class Panic(BaseException):
    """As a panic of a library's Rust comes up: no Exception."""


@pytest.mark.parametrize("failure", [MemoryError, Panic])
@pytest.mark.parametrize("call", ["claim", "exchange"])
def test_a_claim_that_its_thread_never_learnt_of_is_due_again_at_once(
    store: SqlStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch, call: str, failure: type[BaseException]
) -> None:
    monkeypatch.setattr(lasting_module, "PAUSE", 0.01)
    done: list[int | str] = []
    both = threading.Event()

    def handle(ids: Mapping[str, int | str]) -> None:
        done.append(ids["id"])
        if len(done) == 2:
            both.set()

    enqueue(store, 1, 2)
    claim, fails = getattr(store.jobs, call), iter([True])

    def kept_and_lost(*args: object, **named: object) -> object:
        job = claim(*args, **named)
        if job is not None and next(fails, False):
            raise failure
        return job

    monkeypatch.setattr(store.jobs, call, kept_and_lost)
    with running(worker(store, clock, {"send": handle}, lanes=(Lane(threads=1),))) as one:
        assert both.wait(SOON)
        assert one.alive()
    assert done == [1, 2]
    assert counts(store) == {}


def test_a_thread_that_was_interrupted_gives_back_its_own_and_nothing_of_others(
    store: SqlStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lasting_module, "PAUSE", 0.01)
    began: list[int | str] = []
    all_busy, last, go_on = threading.Barrier(11), threading.Event(), threading.Event()

    def handle(ids: Mapping[str, int | str]) -> None:
        began.append(ids["id"])
        is_first = threading.current_thread().name == "work-all-1"
        if ids["id"] == 99:
            last.set()
        elif began.count(ids["id"]) == 1:
            all_busy.wait(SOON)
            if is_first:
                raise Panic
            assert go_on.wait(SOON)

    with running(worker(store, clock, {"send": handle}, lanes=(Lane(threads=11),))):
        enqueue(store, *range(11))
        enqueue(store, 99)
        assert last.wait(SOON)
        assert len(began) == 13, "work-1 gave back what work-10 and work-11 do"
        go_on.set()
    assert counts(store) == {}


def test_a_thread_goes_on_where_its_failure_cannot_even_be_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lasting_module, "PAUSE", 0.01)
    stopping, steps = threading.Event(), iter(range(5))

    def without_memory(*args: object, **named: object) -> None:
        raise MemoryError

    def step() -> None:
        if next(steps) == 4:
            stopping.set()
        raise MemoryError

    monkeypatch.setattr(lasting_module.log, "error", without_memory)
    lasting_module.keep_on("work", step, stopping)
    assert list(steps) == []


def test_what_a_faulty_says_is_the_reason(store: SqlStore, clock: HandClock) -> None:
    def refuse(ids: Mapping[str, int | str]) -> None:
        raise Faulty([Fault.of("STO-202", value="c0ffee", file="payloads/c0/ff")])

    enqueue(store, 1)
    once = RetryPolicy(attempts=1)
    assert Worker(store.jobs, {"send": refuse}, clock, retries=once).run_one("me")
    (parked,) = store.jobs.parked()
    assert parked.fault is not None
    assert "STO-202" in parked.fault.message


def test_a_job_knows_when_it_was_first_tried(store: SqlStore, clock: HandClock) -> None:
    first = clock.now()
    enqueue(store, 1)
    worker(store, clock, {"send": failing}).run_one("me")
    clock.turn(timedelta(minutes=1))
    job = store.jobs.claim(clock.now(), owner="me", lease=timedelta(minutes=1))
    assert isinstance(job, Job)
    assert job.first_at == first
