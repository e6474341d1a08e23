"""The queue on PostgreSQL: Procrastinate's tables, enqueued in the transaction of the rows that the work is about.

Its own worker is an event loop, which costs a job more than the job; threads of ours claim and end jobs by functions in the database that
call its own. Each thread is a worker to it, with a heart that the process beats, and a lock that it holds while it lives.
"""

import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, TextClause, bindparam, text
from sqlalchemy.exc import IntegrityError

from edi_gateway.faults import Fault
from edi_gateway.ports.work import Job
from edi_gateway.store.database import Database
from edi_gateway.store.ear import Ear
from edi_gateway.store.job_list import JobList
from edi_gateway.store.lifeline import Silence
from edi_gateway.store.signal import WorkSignal
from edi_gateway.store.statements import Driven
from edi_gateway.store.types import FAULTS, OBJECT, UtcTime

log = logging.getLogger(__name__)

# A queue a task, so that a worker's lanes choose among them. The lock keeps two jobs of one key, or of one order, from running at once.
# Procrastinate goes by priority within a lock, too: what has one there overtakes what has none, and so it gets none behind such a job.
_ENQUEUE = Driven(
    text(
        """
        INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at)
        VALUES (
            :task, :task,
            CASE WHEN CAST(:is_over AS boolean) AND NOT EXISTS (
                SELECT 1 FROM procrastinate_jobs AS other
                WHERE other.lock = :lock AND other.status IN ('todo', 'doing') AND other.priority = 0
            ) THEN 1 ELSE 0 END,
            :lock, :key,
            jsonb_build_object('ids', coalesce(CAST(:ids AS jsonb), '{}'), 'due', CAST(:run_at AS timestamptz)), :later
        )
        ON CONFLICT (queueing_lock) WHERE status = 'todo' DO UPDATE SET scheduled_at = excluded.scheduled_at, args = excluded.args
        WHERE procrastinate_jobs.scheduled_at > coalesce(excluded.scheduled_at, '-infinity')
        """
    ).bindparams(bindparam("ids", type_=OBJECT), bindparam("run_at", type_=UtcTime), bindparam("later", type_=UtcTime))
)

# Here those are counted that have ended.
_PROGRESSED = Driven(text("UPDATE procrastinate_jobs SET attempts = 0 WHERE queueing_lock = :key AND status = 'doing' AND attempts > 0"))
_ATTEMPTS = text("SELECT attempts + 1 FROM procrastinate_jobs WHERE id = :job_id AND worker_id = :worker AND status = 'doing'")
_CLAIM = Driven(text("SELECT * FROM gateway_claim_job(:worker, CAST(:tasks AS varchar[]))"))
_EXCHANGE = Driven(text("SELECT * FROM gateway_exchange_job(:job_id, :worker, CAST(:tasks AS varchar[]))"))
_DONE = Driven(text("SELECT gateway_finish_job(:job_id, :worker, 'succeeded', true)"))


def _failed(function: str) -> TextClause:
    called = text(f"SELECT {function}(:job_id, :worker, :first_at, :at, :fault)")
    return called.bindparams(bindparam("first_at", type_=UtcTime), bindparam("at", type_=UtcTime), bindparam("fault", type_=FAULTS))


_RETRY, _PARK = _failed("gateway_retry_job"), _failed("gateway_park_job")
_FREE = text("SELECT gateway_free_job(:job_id)")
_REGISTER = text("SELECT worker_id FROM procrastinate_register_worker_v1()")
_BEAT = text("UPDATE procrastinate_workers SET last_heartbeat = now() WHERE id = ANY(:workers) RETURNING id")
_REAP = text("SELECT * FROM gateway_reap_jobs(:seconds)")
_DISMISS = text("SELECT gateway_dismiss_workers(:workers)")

_NO_SUCH_WORKER = "23503"
"""PostgreSQL's code of a foreign key without its row."""
_TRIES = 5


def enqueue(
    connection: Connection, task: str, key: str, run_at: datetime, ids: Mapping[str, int | str], *, now: datetime, order: str | None
) -> None:
    """Adds a waiting job; where its key already waits, that one runs at the earlier of both times.

    What is due is due by the server's clock at once, whatever the difference to ours; what is due since before goes first.
    """
    later = run_at if run_at > now else None
    row = {"task": task, "key": key, "lock": order or key, "ids": ids, "run_at": run_at, "later": later, "is_over": run_at < now}
    _ENQUEUE.run(connection, row)


def progressed(connection: Connection, key: str) -> None:
    """The running job of this key has kept a part of its work: its attempts count anew, this one as the first."""
    _PROGRESSED.run(connection, {"key": key})


class SharedJobs(JobList):
    """The queue of many workers on many hosts. Fulfils `ports.work.Jobs`; what is due is so by the server's clock, whatever `now` says.

    A commit of the queue's own waits for no disk: where a dying server forgets one, the thread's next claim finds it out.
    """

    is_shared = True

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._signal = WorkSignal()
        self._workers: dict[str, int] = {}
        self._ear = Ear(database.writer, self._signal, lambda: list(self._workers.values()))
        self._silence = Silence()

    def committed(self, tasks: Iterable[str]) -> None:
        """Nothing: the server tells this process as it tells the others."""

    def claim(self, now: datetime, *, owner: str, lease: timedelta, tasks: Collection[str] | None = None) -> Job | None:
        self._signal.look(tasks)
        return self._claimed(_CLAIM, now, owner, tasks)

    def exchange(self, job: Job, now: datetime, *, owner: str, lease: timedelta, tasks: Collection[str] | None = None) -> Job | None:
        self._signal.look(tasks)
        return self._claimed(_EXCHANGE, now, owner, tasks, job_id=job.id)

    def done(self, job: Job) -> None:
        with self._database.write(promising=False) as connect:
            _DONE.run(connect(), {"job_id": job.id, "worker": self._workers.get(job.owner)})

    def attempts(self, job: Job) -> int:
        with self._database.read() as connect:
            found = connect().execute(_ATTEMPTS, {"job_id": job.id, "worker": self._workers.get(job.owner)}).scalar()
        return job.attempts if found is None else int(found)

    def retry(self, job: Job, at: datetime, fault: Fault) -> None:
        self._fail(_RETRY, job, at, fault)

    def park(self, job: Job, now: datetime, fault: Fault) -> None:
        self._fail(_PARK, job, now, fault)

    def free(self, job_id: int, now: datetime) -> bool:
        with self._database.write() as connect:
            return bool(connect().execute(_FREE, {"job_id": job_id}).scalar_one())

    def renew(self, owners: Collection[str], until: datetime) -> None:
        """Beats the hearts of all threads of this process, whatever they do."""
        known = dict(self._workers)
        if not known:
            return
        self._ear.open()
        try:
            with self._database.write(promising=False) as connect:
                alive = set(connect().execute(_BEAT, {"workers": list(known.values())}).scalars())
        except BaseException:
            self._silence.forget()
            raise
        for owner, worker in known.items():
            if worker not in alive:
                self._forget(owner, worker)

    def reap(self, now: datetime, lease: timedelta) -> int:
        with self._database.write() as connect:
            self._silence.bury(connect)
            reaped = connect().execute(_REAP, {"seconds": lease.total_seconds()}).all()
        for task, key in reaped:
            log.warning("%s", Fault.of("STO-304", task=task, key=key).line())
        return len(reaped)

    def hasten(self, due_by: datetime, now: datetime) -> int:
        """None: the server's clock was not set back with ours."""
        return 0

    def recover(self, place: str = "") -> int:
        """As the port has it, for owners of this process alone: those of others are reaped, a few looks after they died."""
        known = {owner: worker for owner, worker in list(self._workers.items()) if owner.startswith(place)}
        if not known:
            return 0
        with self._database.write(promising=False) as connect:
            recovered = int(connect().execute(_DISMISS, {"workers": list(known.values())}).scalar_one())
        for owner, worker in known.items():
            self._forget(owner, worker)
        return recovered

    def wait(self, timeout: timedelta) -> None:
        self._ear.open()
        self._signal.wait(timeout)

    def wake(self) -> None:
        self._signal.wake()

    def close(self) -> None:
        """Ends what listens."""
        self._ear.close()

    def _claimed(self, asked: Driven, now: datetime, owner: str, tasks: Collection[str] | None, **of: int) -> Job | None:
        """The job that a statement claims, run anew where another claims the same one, or where the thread is taken for dead."""
        for _ in range(_TRIES):
            worker = self._workers.get(owner) or self._register(owner)
            try:
                with self._database.write(promising=False) as connect:
                    answer = asked.run(connect(), {**of, "worker": worker, "tasks": None if tasks is None else sorted(tasks)})
            except IntegrityError as error:
                if getattr(error.orig, "sqlstate", None) == _NO_SUCH_WORKER:
                    self._forget(owner, worker)
            else:
                # Looked at only now, so that the question and its commit are waited for at once.
                found = answer.fetchall()
                return self._taken(found[0], now, owner) if found else None
        return None

    def _taken(self, found: Sequence[Any], now: datetime, owner: str) -> Job:
        job_id, task, key, ids, attempts, first_at, ordering = found
        self._signal.took(task)
        return Job(id=job_id, task=task, key=key, ids=ids, attempts=attempts, first_at=first_at or now, owner=owner, ordering=ordering)

    def _register(self, owner: str) -> int:
        self._ear.open()
        with self._database.write(promising=False) as connect:
            worker = self._workers[owner] = int(connect().execute(_REGISTER).scalar_one())
        return worker

    def _forget(self, owner: str, worker: int) -> None:
        if self._workers.get(owner) == worker:
            self._workers.pop(owner, None)

    def _fail(self, called: TextClause, job: Job, at: datetime, fault: Fault) -> None:
        claim = {"job_id": job.id, "worker": self._workers.get(job.owner)}
        with self._database.write(promising=False) as connect:
            connect().execute(called, {**claim, "first_at": job.first_at, "at": at, "fault": (fault,)})
