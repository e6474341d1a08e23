"""Work on many hosts: the order of jobs on both databases, and Procrastinate's queue on PostgreSQL.

On PostgreSQL `jobs` becomes a view over Procrastinate's table, so that whoever looks at the queue looks at one place.
What waited in the table goes along.
"""

import sqlalchemy as sa
from alembic import op

from edi_gateway.store import engine_schema

revision = "0003"
down_revision = "0002"

_NOTES = """
CREATE TABLE gateway_job_notes (
    job_id bigint PRIMARY KEY REFERENCES procrastinate_jobs (id) ON DELETE CASCADE,
    first_at timestamptz NOT NULL,
    at timestamptz NOT NULL,
    fault text
)
"""

_INDEXES = (
    # Procrastinate looks for what stands before a job by its lock, and we for a job by its key.
    "CREATE INDEX gateway_jobs_lock ON procrastinate_jobs (lock, id) WHERE status IN ('todo', 'doing')",
    "CREATE INDEX gateway_jobs_key ON procrastinate_jobs (queueing_lock)",
)

_PLAN = (
    # A queue's statistics are never those of the moment: the oldest job is to be found by the index that has it, not by sorting all.
    "ALTER FUNCTION procrastinate_fetch_job_v2 SET enable_bitmapscan = off",
    "ALTER FUNCTION procrastinate_fetch_job_v2 SET enable_seqscan = off",
    "ALTER FUNCTION procrastinate_fetch_job_v2 SET enable_hashjoin = off",
    "ALTER FUNCTION procrastinate_fetch_job_v2 SET enable_mergejoin = off",
    "ALTER TABLE procrastinate_jobs SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000)",
    "ALTER TABLE procrastinate_events SET (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)",
)

# A job that fell due by an update wakes the workers as a new one does.
_WAKE_MOVED = """
CREATE TRIGGER gateway_jobs_moved AFTER UPDATE OF scheduled_at ON procrastinate_jobs
FOR EACH ROW WHEN (new.status = 'todo' AND (new.scheduled_at IS NULL OR new.scheduled_at <= now()))
EXECUTE FUNCTION procrastinate_notify_queue_job_inserted_v1()
"""

# So does the next one in an order, or of a key, once the one before it has ended.
_NEXT = """
CREATE FUNCTION gateway_wake_next_job() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    _next record;
BEGIN
    SELECT id, queue_name INTO _next FROM procrastinate_jobs WHERE lock = OLD.lock AND status = 'todo' ORDER BY id LIMIT 1;
    IF FOUND THEN
        PERFORM pg_notify('procrastinate_queue_v1#' || _next.queue_name,
                          json_build_object('type', 'job_inserted', 'job_id', _next.id)::text);
    END IF;
    RETURN NULL;
END;
$$
"""
_WAKE_NEXT = (
    "CREATE TRIGGER gateway_jobs_done AFTER DELETE ON procrastinate_jobs"
    " FOR EACH ROW WHEN (old.status = 'doing') EXECUTE FUNCTION gateway_wake_next_job()",
    "CREATE TRIGGER gateway_jobs_parked AFTER UPDATE OF status ON procrastinate_jobs"
    " FOR EACH ROW WHEN (old.status = 'doing' AND new.status = 'failed') EXECUTE FUNCTION gateway_wake_next_job()",
)

# Only who has a job may end it: its worker may have been taken for dead. What succeeds takes along what was parked under its key,
# and waits anew, in its place, where it was hinted at while it ran.
_FINISH = """
CREATE FUNCTION gateway_finish_job(_id bigint, _worker bigint, _status procrastinate_job_status, _delete boolean)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    _key text;
    _hint record;
BEGIN
    LOOP
        SELECT queueing_lock INTO _key FROM procrastinate_jobs
        WHERE id = _id AND status = 'doing' AND worker_id = _worker FOR UPDATE;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        BEGIN
            IF _status = 'succeeded' THEN
                DELETE FROM procrastinate_jobs WHERE queueing_lock = _key AND status = 'failed';
                DELETE FROM procrastinate_jobs WHERE queueing_lock = _key AND status = 'todo' RETURNING args, scheduled_at INTO _hint;
                IF FOUND THEN
                    PERFORM procrastinate_retry_job_v2(_id, _hint.scheduled_at, NULL, NULL, NULL);
                    UPDATE procrastinate_jobs SET attempts = 0, args = _hint.args WHERE id = _id;
                    DELETE FROM gateway_job_notes WHERE job_id = _id;
                    RETURN true;
                END IF;
            END IF;
            PERFORM procrastinate_finish_job_v1(_id, _status, _delete);
            RETURN true;
        EXCEPTION WHEN unique_violation THEN
            NULL;
        END;
    END LOOP;
END;
$$
"""

# A job keeps its place in the order when it is put back: a hint that came meanwhile gives its time to it and goes.
# Another hint may come between the two steps: then both are done again.
_PUT_BACK = """
CREATE FUNCTION gateway_put_back_job(_id bigint, _worker bigint, _at timestamptz)
RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    _key text;
    _hint timestamptz;
BEGIN
    LOOP
        SELECT queueing_lock INTO _key FROM procrastinate_jobs
        WHERE id = _id AND status = 'doing' AND worker_id IS NOT DISTINCT FROM _worker FOR UPDATE;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        BEGIN
            DELETE FROM procrastinate_jobs WHERE queueing_lock = _key AND status = 'todo' RETURNING scheduled_at INTO _hint;
            IF FOUND THEN
                _at := _hint;
            END IF;
            PERFORM procrastinate_retry_job_v2(_id, _at, NULL, NULL, NULL);
            RETURN true;
        EXCEPTION WHEN unique_violation THEN
            NULL;
        END;
    END LOOP;
END;
$$
"""
_FREE = """
CREATE FUNCTION gateway_free_job(_id bigint) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    _key text;
BEGIN
    LOOP
        SELECT queueing_lock INTO _key FROM procrastinate_jobs WHERE id = _id AND status = 'failed' FOR UPDATE;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        BEGIN
            DELETE FROM procrastinate_jobs WHERE queueing_lock = _key AND status = 'todo';
            UPDATE procrastinate_jobs SET status = 'todo', attempts = 0, scheduled_at = NULL WHERE id = _id;
            DELETE FROM gateway_job_notes WHERE job_id = _id;
            RETURN true;
        EXCEPTION WHEN unique_violation THEN
            NULL;
        END;
    END LOOP;
END;
$$
"""

_TAKE_ALONG = (
    """
    INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, scheduled_at, status, attempts)
    SELECT DISTINCT ON (key)
        task, task, key, key, jsonb_build_object('ids', coalesce(ids, '{}')::jsonb, 'due', run_at), run_at, 'todo', attempts
    FROM jobs WHERE state IN ('waiting', 'running') ORDER BY key, state DESC
    """,
    """
    WITH gone AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, attempts)
        SELECT task, task, key, key, jsonb_build_object('ids', coalesce(ids, '{}')::jsonb, 'due', run_at), 'failed', attempts
        FROM jobs WHERE state = 'parked' RETURNING id, queueing_lock
    )
    INSERT INTO gateway_job_notes (job_id, first_at, at, fault)
    SELECT DISTINCT ON (gone.id) gone.id, coalesce(jobs.first_at, jobs.run_at), jobs.run_at, jobs.fault
    FROM gone JOIN jobs ON jobs.key = gone.queueing_lock AND jobs.state = 'parked' ORDER BY gone.id, jobs.id
    """,
    "DROP TABLE jobs",
)

_VIEW = """
CREATE VIEW jobs AS
SELECT
    job.id,
    job.task_name::text AS task,
    job.queueing_lock AS key,
    (job.args -> 'ids')::text AS ids,
    CASE job.status WHEN 'todo' THEN 'waiting' WHEN 'doing' THEN 'running' ELSE 'parked' END AS state,
    CASE job.status WHEN 'failed' THEN note.at ELSE coalesce(job.scheduled_at, (job.args ->> 'due')::timestamptz) END AS run_at,
    job.attempts::bigint AS attempts,
    note.first_at,
    job.worker_id::text AS owner,
    NULL::timestamptz AS lease_until,
    note.fault,
    job.lock AS ordering
FROM procrastinate_jobs AS job LEFT JOIN gateway_job_notes AS note ON note.job_id = job.id
WHERE job.status IN ('todo', 'doing', 'failed')
"""


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        op.add_column("jobs", sa.Column("ordering", sa.Text(), nullable=True))
        op.create_index("ix_jobs_ordering", "jobs", ["ordering", "id"], sqlite_where=sa.text("ordering IS NOT NULL"))
        return
    engine_schema.install(connection)
    for statement in (_NOTES, *_INDEXES, *_PLAN, _WAKE_MOVED, _NEXT, *_WAKE_NEXT, _FINISH, _PUT_BACK, _FREE, *_TAKE_ALONG, _VIEW):
        connection.exec_driver_sql(statement)
