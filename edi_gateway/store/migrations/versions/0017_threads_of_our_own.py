"""Work on PostgreSQL is claimed and ended by threads of our own, in one question each; one channel tells of what is due."""

from collections.abc import Sequence

from alembic import op

revision: str = "0017"
down_revision: str | Sequence[str] | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

# One notice a task and transaction, whatever their number, on the one channel that a process listens to. Procrastinate's two a job are for
# its own worker, and its look for periodic jobs at each end is for those who have some.
_TELL = """
CREATE FUNCTION gateway_tell_of_job() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('gateway_jobs', NEW.queue_name);
    RETURN NULL;
END;
$$
"""
_DUE = "(new.status = 'todo' AND (new.scheduled_at IS NULL OR new.scheduled_at <= now()))"
_NEXT = """
CREATE OR REPLACE FUNCTION gateway_wake_next_job() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    _task text;
BEGIN
    SELECT queue_name INTO _task FROM procrastinate_jobs WHERE lock = OLD.lock AND status = 'todo' ORDER BY id LIMIT 1;
    IF FOUND THEN
        PERFORM pg_notify('gateway_jobs', _task);
    END IF;
    RETURN NULL;
END;
$$
"""
_TRIGGERS = (
    "ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_jobs_notify_queue_job_inserted_v1",
    "ALTER TABLE procrastinate_jobs DISABLE TRIGGER procrastinate_trigger_delete_jobs_v1",
    "DROP TRIGGER gateway_jobs_moved ON procrastinate_jobs",
    f"CREATE TRIGGER gateway_jobs_new AFTER INSERT ON procrastinate_jobs FOR EACH ROW WHEN {_DUE} EXECUTE FUNCTION gateway_tell_of_job()",
    "CREATE TRIGGER gateway_jobs_moved AFTER UPDATE OF scheduled_at ON procrastinate_jobs"
    f" FOR EACH ROW WHEN {_DUE} EXECUTE FUNCTION gateway_tell_of_job()",
)

# A thread has one job at a time: whatever else the table takes for its own, it was never told of, or the server forgot that it had ended.
_CLAIM = """
CREATE FUNCTION gateway_claim_job(_worker bigint, _tasks varchar[])
RETURNS TABLE (job_id bigint, job_task text, job_key text, job_ids jsonb, attempt integer, first_attempt_at timestamptz, job_order text)
LANGUAGE plpgsql AS $$
DECLARE
    _job procrastinate_jobs;
BEGIN
    PERFORM gateway_put_back_job(id, _worker, NULL) FROM procrastinate_jobs WHERE worker_id = _worker AND status = 'doing';
    _job := procrastinate_fetch_job_v2(_tasks, _worker);
    IF _job.id IS NOT NULL THEN
        RETURN QUERY SELECT
            _job.id, _job.task_name::text, _job.queueing_lock, _job.args -> 'ids', _job.attempts + 1,
            CASE WHEN _job.attempts > 0 THEN (SELECT note.first_at FROM gateway_job_notes AS note WHERE note.job_id = _job.id) END,
            nullif(_job.lock, _job.queueing_lock);
    END IF;
END;
$$
"""

# A job that was hinted at while it ran is not claimed along with its end: who asks again, not having heard the answer, would end it anew.
_EXCHANGE = """
CREATE FUNCTION gateway_exchange_job(_id bigint, _worker bigint, _tasks varchar[])
RETURNS TABLE (job_id bigint, job_task text, job_key text, job_ids jsonb, attempt integer, first_attempt_at timestamptz, job_order text)
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM procrastinate_jobs AS job
    WHERE job.id = _id AND job.status = 'doing' AND job.worker_id = _worker AND NOT EXISTS (
        SELECT 1 FROM procrastinate_jobs AS other WHERE other.queueing_lock = job.queueing_lock AND other.id <> job.id
    );
    IF NOT FOUND AND gateway_finish_job(_id, _worker, 'succeeded', true) THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT * FROM gateway_claim_job(_worker, _tasks);
END;
$$
"""

_PARK = """
CREATE FUNCTION gateway_park_job(_id bigint, _worker bigint, _first_at timestamptz, _at timestamptz, _fault text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT gateway_finish_job(_id, _worker, 'failed', false) THEN
        RETURN false;
    END IF;
    PERFORM gateway_note_job(_id, _first_at, _at, _fault);
    RETURN true;
END;
$$
"""
_RETRY = """
CREATE FUNCTION gateway_retry_job(_id bigint, _worker bigint, _first_at timestamptz, _at timestamptz, _fault text)
RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF NOT gateway_put_back_job(_id, _worker, _at) THEN
        RETURN false;
    END IF;
    PERFORM gateway_note_job(_id, _first_at, now(), _fault);
    RETURN true;
END;
$$
"""
_NOTE = """
CREATE FUNCTION gateway_note_job(_id bigint, _first_at timestamptz, _at timestamptz, _fault text) RETURNS void LANGUAGE sql AS $$
    INSERT INTO gateway_job_notes (job_id, first_at, at, fault) VALUES (_id, _first_at, _at, _fault)
    ON CONFLICT (job_id) DO UPDATE SET at = excluded.at, fault = excluded.fault
$$
"""

# What workers have that are gone, or that gave no sign for so long. Two that look at once share the jobs out.
_REAP = """
CREATE FUNCTION gateway_reap_jobs(_seconds double precision) RETURNS TABLE (job_task text, job_key text) LANGUAGE plpgsql AS $$
DECLARE
    _job record;
BEGIN
    FOR _job IN
        SELECT job.id, job.worker_id, job.task_name, job.queueing_lock
        FROM procrastinate_jobs AS job LEFT JOIN procrastinate_workers AS worker ON worker.id = job.worker_id
        WHERE job.status = 'doing' AND (worker.id IS NULL OR worker.last_heartbeat < now() - make_interval(secs => _seconds))
        FOR UPDATE OF job SKIP LOCKED
    LOOP
        IF gateway_put_back_job(_job.id, _job.worker_id, NULL) THEN
            job_task := _job.task_name;
            job_key := _job.queueing_lock;
            RETURN NEXT;
        END IF;
    END LOOP;
    PERFORM procrastinate_prune_stalled_workers_v1(_seconds);
END;
$$
"""
_DISMISS = """
CREATE FUNCTION gateway_dismiss_workers(_workers bigint[]) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    _count bigint;
BEGIN
    SELECT count(*) FILTER (WHERE gateway_put_back_job(id, worker_id, NULL)) INTO _count
    FROM procrastinate_jobs WHERE worker_id = ANY(_workers) AND status = 'doing';
    DELETE FROM procrastinate_workers WHERE id = ANY(_workers);
    RETURN _count;
END;
$$
"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for statement in (_TELL, _NEXT, *_TRIGGERS, _CLAIM, _EXCHANGE, _NOTE, _PARK, _RETRY, _REAP, _DISMISS):
            op.get_bind().exec_driver_sql(statement)
