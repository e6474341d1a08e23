"""Procrastinate's workers when the world is against them: a database that goes, a worker that is taken for dead and is not, no memory."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import procrastinate.utils
import pytest
from procrastinate import PsycopgConnector
from procrastinate.manager import JobManager

from edi_gateway.store import SharedJobs
from edi_gateway.work import shared_manager as manager_module
from edi_gateway.work import threads as threads_module

from .conftest import PATIENCE, Engine

SOON = PATIENCE.total_seconds()
THROW_OUT = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


@pytest.fixture
def engine(emptied_postgres: str, tmp_path: Path) -> Iterator[Engine]:
    with ExitStack() as stack:
        yield Engine(emptied_postgres, tmp_path / "payloads", stack)


def run(engine: Engine, statement: str) -> None:
    with engine.store._database.write() as connect:
        connect().exec_driver_sql(statement)


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


def test_a_worker_that_was_taken_for_dead_does_not_end_the_job_of_the_next(engine: Engine) -> None:
    first, second, go_on = threading.Event(), threading.Event(), threading.Event()
    starts = threading.Semaphore(0)

    def handle(ids: Mapping[str, Any]) -> None:
        starts.release()
        assert (second if first.is_set() else first).wait(SOON)
        assert go_on.wait(SOON)

    # The first is silent for an hour between two heartbeats; the others think it dead when its row is gone.
    lost = engine.start({"send": handle}, threads=1, dead_after=timedelta(hours=1))
    engine.enqueue(1)
    assert starts.acquire(timeout=SOON)
    run(engine, "DELETE FROM procrastinate_workers")
    engine.start({"send": handle}, threads=1)
    first.set()
    assert starts.acquire(timeout=SOON), "the second worker has the job"
    second.set()
    go_on.set()
    assert lost.stop(PATIENCE)
    engine.idle()
    assert engine.counts() == {}


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


def test_the_address_that_the_engine_connects_to_keeps_the_password(engine: Engine) -> None:
    assert isinstance(engine.store.jobs, SharedJobs)
    assert engine.store.jobs.address.startswith("postgresql://")
    assert "***" not in engine.store.jobs.address


class Panic(BaseException):
    """As a panic of a library's Rust comes up: no Exception."""


HOURS = timedelta(hours=1)
"""A worker's silence that no test waits for: what is done again was given back by the worker itself."""


def fails_at_first(call: Callable[..., Any], failure: BaseException, times: int = 1, *, after: bool = False) -> Callable[..., Any]:
    """A call that fails so often, before it does anything or once it has done it."""
    left = iter(range(times))

    if asyncio.iscoroutinefunction(call):

        async def awaited(*arguments: Any, **named: Any) -> Any:
            result = await call(*arguments, **named) if after else None
            if next(left, None) is not None:
                raise failure
            return result if after else await call(*arguments, **named)

        return awaited

    def called(*arguments: Any, **named: Any) -> Any:
        result = call(*arguments, **named) if after else None
        if next(left, None) is not None:
            raise failure
        return result if after else call(*arguments, **named)

    return called


@pytest.mark.parametrize("failure", [MemoryError(), RuntimeError("can't start new thread")], ids=["no memory", "no thread"])
def test_a_job_that_failed_before_it_came_to_its_handler_is_tried_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, failure: BaseException
) -> None:
    monkeypatch.setattr(procrastinate.utils, "sync_to_async", fails_at_first(procrastinate.utils.sync_to_async, failure, 2))
    done: list[int] = []
    engine.start({"send": lambda ids: done.append(ids["id"])})
    engine.enqueue(1)
    engine.idle()
    assert done == [1]
    assert engine.counts() == {}


def test_a_job_that_fails_at_each_attempt_before_it_comes_to_its_handler_is_parked(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procrastinate.utils, "sync_to_async", fails_at_first(procrastinate.utils.sync_to_async, MemoryError(), 3))
    engine.start({"send": lambda ids: None})
    engine.enqueue(1)
    engine.idle()
    [parked] = engine.store.jobs.parked()
    assert parked.fault is not None
    assert parked.fault.code == "STO-305"


def test_a_panic_of_a_library_is_a_failed_attempt(engine: Engine) -> None:
    done: list[int] = []
    engine.start({"send": fails_at_first(lambda ids: done.append(ids["id"]), Panic("no memory"), 2)})
    engine.enqueue(1)
    engine.idle()
    assert done == [1]


def test_a_failed_attempt_of_which_even_the_decision_fails_is_no_parked_job(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manager_module, "AGAIN", timedelta(seconds=0.1))
    monkeypatch.setattr("edi_gateway.work.distributed.interval", fails_at_first(lambda *_: timedelta(0), MemoryError()))
    monkeypatch.setattr(procrastinate.utils, "sync_to_async", fails_at_first(procrastinate.utils.sync_to_async, MemoryError()))
    done: list[int] = []
    engine.start({"send": lambda ids: done.append(ids["id"])})
    engine.enqueue(1)
    engine.idle()
    assert done == [1]
    assert engine.counts() == {}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("succeeds", [True, False])
def test_the_end_of_a_job_is_kept_whatever_keeping_it_meets(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, succeeds: bool, after: bool
) -> None:
    monkeypatch.setattr(manager_module, "PAUSE", 0.05)
    execute = PsycopgConnector.execute_query_one_async
    failing = fails_at_first(execute, MemoryError(), 3, after=after)

    async def executed(connector: PsycopgConnector, query: str, **arguments: Any) -> Any:
        keeps = "gateway_finish_job" in query or "gateway_put_back_job" in query
        return await (failing if keeps else execute)(connector, query, **arguments)

    monkeypatch.setattr(PsycopgConnector, "execute_query_one_async", executed)
    done: list[int] = []

    def handle(ids: Mapping[str, Any]) -> None:
        done.append(ids["id"])
        if not succeeds and len(done) == 1:
            raise ValueError

    engine.start({"send": handle}, dead_after=HOURS)
    engine.enqueue(1)
    engine.idle()
    assert done == [1] * (1 if succeeds else 2)
    assert engine.counts() == {}


def test_a_job_whose_end_the_server_forgot_as_it_died_is_done_again(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    execute, forgets = PsycopgConnector.execute_query_one_async, iter([True])

    async def executed(connector: PsycopgConnector, query: str, **arguments: Any) -> Any:
        forgotten = "gateway_finish_job" in query and next(forgets, False)
        return {"ours": True} if forgotten else await execute(connector, query, **arguments)

    monkeypatch.setattr(PsycopgConnector, "execute_query_one_async", executed)
    done: list[int] = []
    worker = engine.start({"send": lambda ids: done.append(ids["id"])}, dead_after=timedelta(seconds=4))
    engine.enqueue(1, 2)
    engine.idle()
    assert sorted(done) in ([1, 1, 2], [1, 2, 2])
    assert worker.alive()


def test_a_claim_that_is_long_on_its_way_is_no_lost_one(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch = JobManager.fetch_job

    async def slowly(*arguments: Any, **named: Any) -> Any:
        job = await fetch(*arguments, **named)
        if job is not None:
            await asyncio.sleep(2)
        return job

    monkeypatch.setattr(JobManager, "fetch_job", slowly)
    done: list[int] = []
    engine.start({"send": lambda ids: done.append(ids["id"])}, dead_after=timedelta(seconds=0.8))
    engine.enqueue(1)
    engine.idle()
    assert done == [1]


def test_a_claim_that_the_worker_never_learnt_of_is_due_again_at_once(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[int] = []
    fetch = JobManager.fetch_job
    lost = iter([True])

    async def claimed_and_lost(*arguments: Any, **named: Any) -> Any:
        job = await fetch(*arguments, **named)
        if job is not None and next(lost, False):
            raise MemoryError
        return job

    monkeypatch.setattr(JobManager, "fetch_job", claimed_and_lost)
    worker = engine.start({"send": lambda ids: done.append(ids["id"])}, dead_after=HOURS)
    engine.enqueue(1, 2)
    engine.idle()
    assert sorted(done) == [1, 2]
    engine.until(worker.alive, "the worker works again")


@pytest.mark.parametrize("failure", [MemoryError, Panic])
def test_a_thread_that_cannot_tell_what_a_job_came_to_lives_and_the_job_is_done_again(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, failure: type[BaseException]
) -> None:
    """As without memory: the event loop never learns that the job has ended, and nothing fails."""

    class Forgetful(Future[Any]):
        set_result = fails_at_first(Future.set_result, failure(), 2)

    monkeypatch.setattr(threads_module, "Future", Forgetful)
    done: list[int] = []
    worker = engine.start({"send": lambda ids: done.append(ids["id"])}, threads=2, dead_after=HOURS, standstill=timedelta(seconds=1))
    engine.enqueue(1, 2, 3)
    engine.until(lambda: not worker.alive(), "it says that it stands still")
    engine.idle()
    assert sorted(set(done)) == [1, 2, 3]
    assert len(done) == 5, "two were done again, once each"
    engine.until(worker.alive, "the worker works again")


def test_a_lane_that_forgets_to_look_is_found_out(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    fetch, forgets = JobManager.fetch_job, threading.Event()

    async def forgotten(*arguments: Any, **named: Any) -> Any:
        if forgets.is_set():
            forgets.clear()
            await asyncio.get_running_loop().create_future()
        return await fetch(*arguments, **named)

    monkeypatch.setattr(JobManager, "fetch_job", forgotten)
    done: list[int] = []
    worker = engine.start({"send": lambda ids: done.append(ids["id"])}, dead_after=HOURS, standstill=timedelta(seconds=1))
    engine.until(worker.alive, "it works")
    forgets.set()
    engine.until(lambda: not forgets.is_set(), "it forgets")
    engine.enqueue(1)
    engine.idle()
    assert done == [1]


def test_what_an_abandoned_loop_had_begun_is_not_begun_again_before_it_has_ended(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    class Forgetful(Future[Any]):
        set_result = fails_at_first(Future.set_result, MemoryError())

    monkeypatch.setattr(threads_module, "Future", Forgetful)
    slow, go_on, lost = threading.Event(), threading.Event(), threading.Event()
    running: list[int] = []
    together: list[int] = []

    def handle(ids: Mapping[str, Any]) -> None:
        running.append(ids["id"])
        together.append(running.count(ids["id"]))
        if ids["id"] == 1:
            slow.set()
            assert go_on.wait(SOON)
        else:
            lost.set()
        running.remove(ids["id"])

    worker = engine.start({"send": handle}, threads=2, dead_after=HOURS, standstill=timedelta(seconds=0.5))
    engine.enqueue(1)
    assert slow.wait(SOON)
    engine.enqueue(2)
    assert lost.wait(SOON)
    engine.until(lambda: not worker.alive(), "it stands still")
    assert not go_on.wait(2), "time enough to begin again"
    go_on.set()
    engine.idle()
    assert set(together) == {1}


def test_a_worker_that_met_what_it_does_not_know_can_still_be_stopped(
    engine: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(JobManager, "register_worker", fails_at_first(JobManager.register_worker, Panic(), 1))
    worker = engine.start({"send": lambda ids: None})
    engine.until(worker.alive, "it works")
    assert worker.stop(PATIENCE)
    assert not worker.alive()
    assert [record.levelno for record in caplog.records if "was interrupted" in record.getMessage()] == [logging.ERROR]


def test_an_event_loop_that_could_not_end_in_good_order_does_not_stand_in_the_way_of_the_next(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, ends_badly = asyncio.BaseEventLoop.run_forever, iter([True, True])

    def left_running(loop: asyncio.BaseEventLoop) -> None:
        run(loop)
        if next(ends_badly, False):
            asyncio._set_running_loop(loop)

    monkeypatch.setattr(asyncio.BaseEventLoop, "run_forever", left_running)
    monkeypatch.setattr(JobManager, "register_worker", fails_at_first(JobManager.register_worker, MemoryError()))
    done: list[int] = []
    engine.start({"send": lambda ids: done.append(ids["id"])})
    engine.enqueue(1)
    engine.idle()
    assert done == [1]
