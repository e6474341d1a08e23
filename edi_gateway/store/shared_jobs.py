"""The queue on PostgreSQL: Procrastinate's table, written in the transaction of the rows that the work is about.

Its workers are in `work.distributed`; this is what needs the store's own connection. Procrastinate's own `defer` would end our
transaction with an error for a key that waits already, and cannot move that one to an earlier time: hence a statement of our own.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, text

from edi_gateway.faults import Fault
from edi_gateway.store.job_list import JobList
from edi_gateway.store.statements import Driven
from edi_gateway.store.types import FAULTS, OBJECT, UtcTime

# A queue a task, so that a worker's lanes choose among them. The lock keeps two jobs of one key, or of one order, from running at once.
_ENQUEUE = Driven(
    text(
        """
        INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, scheduled_at)
        VALUES (
            :task, :task, :lock, :key,
            jsonb_build_object('ids', coalesce(CAST(:ids AS jsonb), '{}'), 'due', CAST(:run_at AS timestamptz)), :later
        )
        ON CONFLICT (queueing_lock) WHERE status = 'todo' DO UPDATE SET scheduled_at = excluded.scheduled_at, args = excluded.args
        WHERE procrastinate_jobs.scheduled_at > coalesce(excluded.scheduled_at, '-infinity')
        """
    ).bindparams(bindparam("ids", type_=OBJECT), bindparam("run_at", type_=UtcTime), bindparam("later", type_=UtcTime))
)

_NOTE = text(
    """
    INSERT INTO gateway_job_notes (job_id, first_at, at, fault) VALUES (:job_id, :started, :at, :fault)
    ON CONFLICT (job_id) DO UPDATE SET at = excluded.at, fault = excluded.fault
    """
).bindparams(bindparam("started", type_=UtcTime), bindparam("at", type_=UtcTime), bindparam("fault", type_=FAULTS))
_FIRST = text("SELECT first_at FROM gateway_job_notes WHERE job_id = :job_id").columns(first_at=UtcTime)
_FREE = text("SELECT gateway_free_job(:job_id)")


def enqueue(
    connection: Connection, task: str, key: str, run_at: datetime, ids: Mapping[str, int | str], *, now: datetime, order: str | None
) -> None:
    """Adds a waiting job; where its key already waits, that one runs at the earlier of both times.

    What is due is due by the server's clock at once, whatever the difference to ours.
    """
    later = run_at if run_at > now else None
    row = {"task": task, "key": key, "lock": order or key, "ids": ids, "run_at": run_at, "later": later}
    _ENQUEUE.run(connection, row)


class SharedJobs(JobList):
    """The queue of many workers on many hosts. Fulfils `ports.work.SharedQueue`."""

    @property
    def address(self) -> str:
        return self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)

    def free(self, job_id: int, now: datetime) -> bool:
        with self._database.write() as connect:
            return bool(connect().execute(_FREE, {"job_id": job_id}).scalar_one())

    def first_at(self, job_id: int) -> datetime | None:
        with self._database.read() as connect:
            first: datetime | None = connect().execute(_FIRST, {"job_id": job_id}).scalar()
            return first

    def note(self, job_id: int, started: datetime, now: datetime, fault: Fault) -> None:
        with self._database.write() as connect:
            connect().execute(_NOTE, {"job_id": job_id, "started": started, "at": now, "fault": (fault,)})
