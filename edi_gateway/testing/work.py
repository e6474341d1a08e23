"""Work done in the calling thread, so that a test sees every failure where it happens."""

from collections.abc import Mapping
from datetime import timedelta

from edi_gateway.ports.channels import Clock
from edi_gateway.ports.work import Handler, WorkStore
from edi_gateway.store.jobs import SqlJobs

_MOST = 100_000


def drain(store: WorkStore, handlers: Mapping[str, Handler], clock: Clock) -> int:
    """Does every job of a SQLite store that is due, and those that they enqueue, until none is due; how many it did.

    Errors: whatever a handler raises; its job then stays as if its worker had died. KeyError for a task without a handler.
    """
    jobs = store.jobs
    assert isinstance(jobs, SqlJobs)
    for done in range(_MOST):
        job = jobs.claim(clock.now(), owner="drain", lease=timedelta(minutes=5))
        if job is None:
            return done
        handlers[job.task](job.ids)
        jobs.done(job)
    raise AssertionError(f"more than {_MOST} jobs: they enqueue each other without end")
