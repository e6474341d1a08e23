"""Work done in the calling thread, so that a test sees every failure where it happens."""

import json
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any

from edi_gateway.ports.channels import Clock
from edi_gateway.ports.work import Handler, WorkStore
from edi_gateway.store.jobs import SqlJobs
from edi_gateway.store.shared_jobs import SharedJobs

_MOST = 100_000
_CLAIM = """
    UPDATE procrastinate_jobs SET status = 'doing' WHERE id = (
        SELECT id FROM procrastinate_jobs AS job
        WHERE status = 'todo' AND (%(every)s OR task_name = ANY(%(tasks)s)) AND (args ->> 'due')::timestamptz <= %(now)s AND NOT EXISTS (
            SELECT 1 FROM procrastinate_jobs AS other
            WHERE other.lock = job.lock AND other.id <> job.id AND (other.status = 'doing' OR (other.status = 'todo' AND other.id < job.id))
        )
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id, task_name, (args -> 'ids')::text
"""
_DONE = "DELETE FROM procrastinate_jobs WHERE id = %(id)s"


def drain(store: WorkStore, handlers: Mapping[str, Handler], clock: Clock, tasks: Collection[str] = ()) -> int:
    """Does every job of a store that is due by this clock, and those that they enqueue, until none is due; how many it did.

    Shape:  of these tasks alone where some are named.
    Errors: whatever a handler raises; its job then stays as if its worker had died. KeyError for a task without a handler.
    """
    jobs = store.jobs
    for done in range(_MOST):
        one = _one_of_sqlite if isinstance(jobs, SqlJobs) else _one_of_postgresql
        if not one(jobs, handlers, clock, tasks):
            return done
    raise AssertionError(f"more than {_MOST} jobs: they enqueue each other without end")


def _one_of_sqlite(jobs: Any, handlers: Mapping[str, Handler], clock: Clock, tasks: Collection[str]) -> bool:
    assert isinstance(jobs, SqlJobs)
    job = jobs.claim(clock.now(), owner="drain", lease=timedelta(minutes=5), tasks=frozenset(tasks) or None)
    if job is None:
        return False
    handlers[job.task](job.ids)
    jobs.done(job)
    return True


def _one_of_postgresql(jobs: Any, handlers: Mapping[str, Handler], clock: Clock, tasks: Collection[str]) -> bool:
    """What a worker does there, by a clock that is turned by hand: the queue's own looks at the server's."""
    assert isinstance(jobs, SharedJobs)
    found = _run(jobs, _CLAIM, now=clock.now(), every=not tasks, tasks=[str(one) for one in tasks])
    if not found:
        return False
    [(job_id, task, ids)] = found
    handlers[task](json.loads(ids))
    _run(jobs, _DONE, id=job_id)
    return True


def _run(jobs: SharedJobs, statement: str, **values: int | datetime | list[str]) -> list[Any]:
    with jobs._database.write() as connect:
        result = connect().exec_driver_sql(statement, values)
        return list(result) if result.returns_rows else []
