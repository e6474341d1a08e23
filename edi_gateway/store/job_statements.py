"""The queue's statements, built once: they are what the gateway does most, and building one costs more than running it."""

from functools import cache

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Select,
    Update,
    and_,
    bindparam,
    delete,
    exists,
    func,
    literal_column,
    or_,
    select,
    text,
    update,
)

from edi_gateway.store.statements import Asked, Driven
from edi_gateway.store.tables import jobs
from edi_gateway.store.types import OBJECT, UtcTime

WAITING, RUNNING, PARKED = "waiting", "running", "parked"


def in_state(state: str, table: FromClause = jobs) -> ColumnElement[bool]:
    """Jobs in this state, written as the partial indexes are: a bound value would not be recognised as their condition."""
    return table.c.state == literal_column(f"'{state}'")


def _due(*lane: ColumnElement[bool]) -> Select[int]:
    """The id of the waiting job that is due the longest, whose key is not running, and before which none lives in its order."""
    other, older = jobs.alias("other"), jobs.alias("older")
    busy = exists().where(other.c.key == jobs.c.key, in_state(RUNNING, other))
    # One that was parked and freed may find a newer one running.
    before = or_(and_(older.c.id < jobs.c.id, older.c.state != PARKED), in_state(RUNNING, older))
    behind = exists().where(older.c.ordering == jobs.c.ordering, before)
    due = jobs.c.run_at <= bindparam("moment", type_=UtcTime)
    return select(jobs.c.id).where(in_state(WAITING), due, ~busy, ~behind, *lane).order_by(jobs.c.run_at, jobs.c.id).limit(1)


def _claim(due: Select[int]) -> Update:
    return (
        update(jobs)
        .where(jobs.c.id == due.scalar_subquery())
        .values(
            state=RUNNING,
            owner=bindparam("claimant"),
            lease_until=bindparam("until", type_=UtcTime),
            attempts=jobs.c.attempts + 1,
            first_at=func.coalesce(jobs.c.first_at, bindparam("moment", type_=UtcTime)),
        )
        .returning(jobs)
    )


@cache
def due(tasks: frozenset[str] | None) -> Asked:
    """Gives the id of the job to claim, of these tasks where there are any: a worker's lanes are few, and always the same."""
    return Asked(_due(*_in_lane(tasks)))


@cache
def claim(tasks: frozenset[str] | None) -> Asked:
    """Claims that job, and gives its row."""
    return Asked(_claim(_due(*_in_lane(tasks))))


def _in_lane(tasks: frozenset[str] | None) -> list[ColumnElement[bool]]:
    return [] if tasks is None else [or_(*(jobs.c.task == task for task in sorted(tasks)))]


OURS = and_(
    jobs.c.id == bindparam("job_id"),
    in_state(RUNNING),
    jobs.c.owner == bindparam("claimant"),
    jobs.c.first_at == bindparam("begun", type_=UtcTime),
)
"""A job as long as it is one claim's: SQLite may give the id of a deleted row to another one, and attempts may begin anew meanwhile."""

_HINT = jobs.alias("hint")
HINTED = exists().where(_HINT.c.key == jobs.c.key, in_state(WAITING, _HINT))
"""Whether a job of the same key waits: one that was enqueued while this one ran."""

PROGRESSED = Driven(update(jobs).where(jobs.c.key == bindparam("job_key"), in_state(RUNNING), jobs.c.attempts > 1).values(attempts=1))

DONE = Driven(delete(jobs).where(OURS))
DONE_UNLESS_HINTED = Driven(delete(jobs).where(OURS, ~HINTED))
DROP_PARKED = Driven(delete(jobs).where(jobs.c.key == bindparam("job_key"), in_state(PARKED)))

# Written out: SQLAlchemy has no way to name a partial index as what is in conflict.
ENQUEUE = Driven(
    text(
        """
        INSERT INTO jobs (task, "key", ids, state, run_at, attempts, ordering)
        VALUES (:task, :key, :ids, 'waiting', :run_at, 0, :ordering)
        ON CONFLICT ("key") WHERE state = 'waiting'
        DO UPDATE SET run_at = CASE WHEN excluded.run_at < jobs.run_at THEN excluded.run_at ELSE jobs.run_at END
        """
    ).bindparams(bindparam("ids", type_=OBJECT), bindparam("run_at", type_=UtcTime))
)
