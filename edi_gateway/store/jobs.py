"""The queue in the database: jobs with leases, claimed one at a time, one live job a key."""

import threading
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
    Select,
    and_,
    case,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from edi_gateway.faults import Fault
from edi_gateway.ports.work import Job, ParkedJob
from edi_gateway.store.database import Database
from edi_gateway.store.tables import jobs, ticks

WAITING, RUNNING, PARKED = "waiting", "running", "parked"


def in_state(state: str, table: FromClause = jobs) -> ColumnElement[bool]:
    """Jobs in this state, written as the partial indexes are: a bound value would not be recognised as their condition."""
    return table.c.state == literal_column(f"'{state}'")


class WorkSignal:
    """Tells the threads of this process that jobs were committed, and loses none that came between a look and a wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._seen = threading.local()

    def look(self) -> None:
        """This thread is about to look for jobs: what is committed from now on ends its next wait."""
        self._seen.count = self._count

    def wait(self, timeout: timedelta) -> None:
        seen = getattr(self._seen, "count", self._count)
        with self._changed:
            self._changed.wait_for(lambda: self._count != seen, timeout.total_seconds())

    def notify(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()


def enqueue(connection: Connection, task: str, key: str, run_at: datetime, ids: dict[str, int | str]) -> None:
    """Adds a waiting job; where its key already waits, that one runs at the earlier of both times."""
    upsert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    new = upsert(jobs).values(task=task, key=key, ids=ids, state=WAITING, run_at=run_at, attempts=0)
    earlier = case((new.excluded.run_at < jobs.c.run_at, new.excluded.run_at), else_=jobs.c.run_at)
    connection.execute(
        new.on_conflict_do_update(
            index_elements=[jobs.c.key],
            index_where=literal_column("state = 'waiting'"),
            set_={"run_at": earlier},
        )
    )


class SqlJobs:
    """The queue. Fulfils `ports.work.Jobs`; owner and attempt fence off a thread whose lease was reaped."""

    def __init__(self, database: Database, signal: WorkSignal) -> None:
        self._database = database
        self._signal = signal

    def claim(self, now: datetime, *, owner: str, lease: timedelta, tasks: Collection[str] | None = None) -> Job | None:
        self._signal.look()
        # A look that only reads keeps idle workers away from the write lock.
        with self._database.read() as connect:
            if connect().execute(select(_due(now, tasks).limit(1).exists())).scalar() is not True:
                return None
        with self._database.write() as connect:
            chosen = _due(now, tasks).limit(1).with_for_update(skip_locked=True).scalar_subquery()
            claimed = (
                update(jobs)
                .where(jobs.c.id == chosen)
                .values(
                    state=RUNNING,
                    owner=owner,
                    lease_until=now + lease,
                    attempts=jobs.c.attempts + 1,
                    first_at=func.coalesce(jobs.c.first_at, now),
                )
                .returning(jobs)
            )
            found = connect().execute(claimed).one_or_none()
        return _job(found) if found else None

    def done(self, job: Job) -> None:
        with self._database.write() as connect:
            finished = connect().execute(delete(jobs).where(_ours(job))).rowcount
            if finished:
                connect().execute(delete(jobs).where(jobs.c.key == job.key, in_state(PARKED)))

    def retry(self, job: Job, at: datetime, fault: Fault) -> None:
        with self._database.write() as connect:
            _release(connect(), _ours(job), at, fault)
        self._signal.notify()

    def park(self, job: Job, now: datetime, fault: Fault) -> None:
        with self._database.write() as connect:
            parked = {"state": PARKED, "run_at": now, "owner": None, "lease_until": None, "fault": (fault,)}
            connect().execute(update(jobs).where(_ours(job)), parked)

    def parked(self, limit: int = 100) -> list[ParkedJob]:
        with self._database.read() as connect:
            found = connect().execute(select(jobs).where(in_state(PARKED)).order_by(jobs.c.id).limit(limit)).all()
        return [_parked(row) for row in found]

    def free(self, job_id: int, now: datetime) -> bool:
        with self._database.write() as connect:
            parked = and_(jobs.c.id == job_id, in_state(PARKED))
            freed = _release(connect(), parked, now, None)
            if freed:
                connect().execute(update(jobs).where(jobs.c.id == job_id), {"attempts": 0, "first_at": None})
        self._signal.notify()
        return freed > 0

    def renew(self, owner: str, until: datetime) -> None:
        with self._database.write() as connect:
            connect().execute(update(jobs).where(jobs.c.owner == owner, in_state(RUNNING)), {"lease_until": until})

    def reap(self, now: datetime) -> int:
        with self._database.write() as connect:
            reaped = _release(connect(), and_(in_state(RUNNING), jobs.c.lease_until < now), now, None)
        if reaped:
            self._signal.notify()
        return reaped

    def recover(self) -> int:
        with self._database.write() as connect:
            recovered = _release(connect(), in_state(RUNNING), jobs.c.run_at, None)
        self._signal.notify()
        return recovered

    def wait(self, timeout: timedelta) -> None:
        self._signal.wait(timeout)

    def wake(self) -> None:
        self._signal.notify()

    def tick(self, name: str, at: datetime) -> None:
        with self._database.write() as connect:
            if connect().execute(update(ticks).where(ticks.c.name == name), {"at": at}).rowcount == 0:
                connect().execute(insert(ticks), {"name": name, "at": at})


def _due(now: datetime, tasks: Collection[str] | None) -> Select[int]:
    """The ids of waiting jobs whose time has come and whose key is not running, the oldest first."""
    other = jobs.alias("other")
    busy = exists().where(other.c.key == jobs.c.key, in_state(RUNNING, other))
    query = select(jobs.c.id).where(in_state(WAITING), jobs.c.run_at <= now, ~busy)
    if tasks is not None:
        query = query.where(jobs.c.task.in_(sorted(tasks)))
    return query.order_by(jobs.c.run_at, jobs.c.id)


def _ours(job: Job) -> ColumnElement[bool]:
    """The job as long as it is this claim's: SQLite may give the id of a deleted row to another one."""
    return and_(jobs.c.id == job.id, in_state(RUNNING), jobs.c.owner == job.owner, jobs.c.attempts == job.attempts)


def _release(connection: Connection, which: ColumnElement[bool], at: datetime | ColumnElement[datetime], fault: Fault | None) -> int:
    """Makes these jobs wait again; one whose key waits already hands its attempts over to that one and goes. How many."""
    released = 0
    for row in connection.execute(select(jobs).where(which)).all():
        waiting = and_(jobs.c.key == row.key, in_state(WAITING))
        heir = connection.execute(select(jobs.c.id, jobs.c.attempts).where(waiting)).one_or_none()
        remembered = {"first_at": row.first_at} | ({"fault": (fault,)} if fault else {})
        if heir is None:
            again = {"state": WAITING, "run_at": at if isinstance(at, datetime) else row.run_at, "owner": None, "lease_until": None}
            connection.execute(update(jobs).where(jobs.c.id == row.id), again | remembered)
        else:
            connection.execute(delete(jobs).where(jobs.c.id == row.id))
            inherited = {"attempts": max(row.attempts, heir.attempts)} | remembered
            connection.execute(update(jobs).where(jobs.c.id == heir.id), inherited)
        released += 1
    return released


def _job(row: Row[tuple[object, ...]]) -> Job:
    found = row._mapping
    return Job(**{name: found[name] for name in ("id", "task", "key", "ids", "attempts", "first_at", "owner")})


def _parked(row: Row[tuple[object, ...]]) -> ParkedJob:
    found = row._mapping
    named = {name: found[name] for name in ("id", "task", "key", "ids", "attempts")}
    return ParkedJob(**named, parked_at=found["run_at"], fault=next(iter(found["fault"]), None))
