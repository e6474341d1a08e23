"""Procrastinate's workers when the world is against them: a database that goes, a worker that is taken for dead and is not."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.store import SharedJobs

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
