"""The queue in the database: jobs with leases, claimed one at a time, one live job a key."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from edi_gateway.faults import Fault
from edi_gateway.ports.work import Job
from edi_gateway.store import job_statements as statements
from edi_gateway.store.database import Database
from edi_gateway.store.job_list import JobList
from edi_gateway.store.job_statements import PARKED, RUNNING, WAITING, in_state
from edi_gateway.store.signal import WorkSignal
from edi_gateway.store.tables import jobs


def enqueue(connection: Connection, task: str, key: str, run_at: datetime, ids: Mapping[str, int | str], *, order: str | None) -> None:
    """Adds a waiting job; where its key already waits, that one runs at the earlier of both times."""
    statements.ENQUEUE.run(connection, {"task": task, "key": key, "ids": ids, "run_at": run_at, "ordering": order})


def progressed(connection: Connection, key: str) -> None:
    """The running job of this key has kept a part of its work: its attempts count anew, this one as the first."""
    statements.PROGRESSED.run(connection, {"job_key": key})


class SqlJobs(JobList):
    """The queue of one gateway on SQLite. Fulfils `ports.work.Jobs`.

    Its owner and the time of its first attempt fence a job off from a thread whose lease was reaped.
    """

    is_shared = False

    def __init__(self, database: Database) -> None:
        super().__init__(database)
        self._signal = WorkSignal()

    def committed(self, tasks: Iterable[str]) -> None:
        self._signal.notify(tasks)

    def claim(self, now: datetime, *, owner: str, lease: timedelta, tasks: Collection[str] | None = None) -> Job | None:
        self._signal.look(tasks)
        # A look that only reads keeps idle workers away from the write lock.
        with self._database.read() as connect:
            if not statements.due(_lane(tasks)).rows(connect(), {"moment": now}):
                return None
        with self._database.write(promising=False) as connect:
            found = _claim(connect(), now, owner, lease, tasks)
        return self._taken(found)

    def done(self, job: Job) -> None:
        with self._database.write(promising=False) as connect:
            _done(connect(), job)

    def exchange(self, job: Job, now: datetime, *, owner: str, lease: timedelta, tasks: Collection[str] | None = None) -> Job | None:
        self._signal.look(tasks)
        with self._database.write(promising=False) as connect:
            _done(connect(), job)
            found = _claim(connect(), now, owner, lease, tasks)
        return self._taken(found)

    def _taken(self, job: Job | None) -> Job | None:
        if job is not None:
            self._signal.took(job.task)
        return job

    def attempts(self, job: Job) -> int:
        with self._database.read() as connect:
            found = connect().execute(select(jobs.c.attempts).where(statements.OURS), _claim_of(job)).scalar()
        return job.attempts if found is None else int(found)

    def retry(self, job: Job, at: datetime, fault: Fault) -> None:
        with self._database.write(promising=False) as connect:
            _release(connect(), statements.OURS, at, fault, **_claim_of(job))
        self._signal.wake()

    def park(self, job: Job, now: datetime, fault: Fault) -> None:
        with self._database.write() as connect:
            parked = {"state": PARKED, "run_at": now, "owner": None, "lease_until": None, "fault": (fault,)}
            connect().execute(update(jobs).where(statements.OURS).values(parked), _claim_of(job))

    def free(self, job_id: int, now: datetime) -> bool:
        with self._database.write() as connect:
            parked = and_(jobs.c.id == job_id, in_state(PARKED))
            freed = _release(connect(), parked, now, None)
            if freed:
                connect().execute(update(jobs).where(jobs.c.id == job_id), {"attempts": 0, "first_at": None})
        self._signal.wake()
        return freed > 0

    def renew(self, owners: Collection[str], until: datetime) -> None:
        if owners:
            with self._database.write(promising=False) as connect:
                connect().execute(update(jobs).where(jobs.c.owner.in_(owners), in_state(RUNNING)), {"lease_until": until})

    def reap(self, now: datetime, lease: timedelta) -> int:
        with self._database.write() as connect:
            reaped = _release(connect(), and_(in_state(RUNNING), jobs.c.lease_until < now), now, None)
        if reaped:
            self._signal.wake()
        return reaped

    def hasten(self, due_by: datetime, now: datetime) -> int:
        with self._database.write() as connect:
            late = and_(in_state(WAITING), jobs.c.run_at > now, jobs.c.run_at <= due_by)
            hastened = connect().execute(update(jobs).where(late).values(run_at=now)).rowcount
        if hastened:
            self._signal.wake()
        return hastened

    def recover(self, place: str = "") -> int:
        running = and_(in_state(RUNNING), jobs.c.owner.startswith(place, autoescape=True)) if place else in_state(RUNNING)
        with self._database.write() as connect:
            recovered = _release(connect(), running, jobs.c.run_at, None)
        self._signal.wake()
        return recovered

    def wait(self, timeout: timedelta) -> None:
        self._signal.wait(timeout)

    def wake(self) -> None:
        self._signal.wake()

    def close(self) -> None:
        """Nothing: what this process commits is told by a call."""


def _lane(tasks: Collection[str] | None) -> frozenset[str] | None:
    return None if tasks is None else frozenset(tasks)


def _claim(connection: Connection, now: datetime, owner: str, lease: timedelta, tasks: Collection[str] | None) -> Job | None:
    found = statements.claim(_lane(tasks)).rows(connection, {"moment": now, "claimant": owner, "until": now + lease})
    return _job(dict(zip(jobs.c.keys(), found[0], strict=True))) if found else None


def _done(connection: Connection, job: Job) -> None:
    """Deletes a job that is done. One of an order that was hinted at while it ran waits anew instead, in its place."""
    done = statements.DONE if job.ordering is None else statements.DONE_UNLESS_HINTED
    ended = done.run(connection, _claim_of(job)).rowcount > 0 or (job.ordering is not None and _again(connection, job))
    if ended:
        statements.DROP_PARKED.run(connection, {"job_key": job.key})


def _again(connection: Connection, job: Job) -> bool:
    """Lets a job wait anew in its place; False where it is another claim's by now."""
    if not _release(connection, statements.OURS, jobs.c.run_at, None, **_claim_of(job)):
        return False
    connection.execute(update(jobs).where(jobs.c.id == job.id), {"attempts": 0, "first_at": None, "fault": None})
    return True


def _claim_of(job: Job) -> dict[str, Any]:
    return {"job_id": job.id, "claimant": job.owner, "begun": job.first_at}


def _release(
    connection: Connection, which: ColumnElement[bool], at: datetime | ColumnElement[datetime], fault: Fault | None, **named: Any
) -> int:
    """Makes these jobs wait again, each in its place; where its key waits already, that hint gives its time and goes. How many."""
    released = 0
    for row in connection.execute(select(jobs).where(which), named).all():
        waiting = and_(jobs.c.key == row.key, in_state(WAITING))
        hint = connection.execute(delete(jobs).where(waiting).returning(jobs.c.attempts, jobs.c.run_at)).one_or_none()
        again: dict[str, Any] = {
            "state": WAITING,
            "run_at": at if isinstance(at, datetime) else row.run_at,
            "owner": None,
            "lease_until": None,
        }
        if hint is not None:
            again |= {"run_at": hint.run_at, "attempts": max(row.attempts, hint.attempts)}
        if fault is not None:
            again["fault"] = (fault,)
        connection.execute(update(jobs).where(jobs.c.id == row.id), again)
        released += 1
    return released


def _job(row: Mapping[str, Any]) -> Job:
    return Job(**{name: row[name] for name in _JOB})


_JOB = tuple(field.name for field in fields(Job))
