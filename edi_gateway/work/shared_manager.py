"""How Procrastinate's worker claims and ends its jobs here: fenced, in their order, and whatever keeping an end meets."""

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import psycopg
from procrastinate import BaseConnector, utils
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from edi_gateway.faults import Fault
from edi_gateway.ports.store import Unavailable
from edi_gateway.work.lasting import PAUSE, tell
from edi_gateway.work.progress import Progress

log = logging.getLogger(__name__)

AGAIN = timedelta(seconds=5)
"""When a job is due again that failed nobody knows of what."""

# Only the attempt that was claimed: an end that was kept unheard is kept once more, and must not end the next attempt.
_FINISH = """
    SELECT coalesce((
        SELECT gateway_finish_job(id, %(worker)s, %(status)s, %(delete)s)
        FROM (SELECT id FROM procrastinate_jobs WHERE id = %(job_id)s AND attempts = %(attempts)s FOR UPDATE) AS job
    ), false) AS ours
"""
_PUT_BACK = """
    SELECT coalesce((
        SELECT gateway_put_back_job(id, %(worker)s, %(at)s)
        FROM (SELECT id FROM procrastinate_jobs WHERE id = %(job_id)s AND attempts = %(attempts)s FOR UPDATE) AS job
    ), false) AS ours
"""
_OURS = """
    SELECT id, status, task_name, priority, lock, queueing_lock, args, scheduled_at, queue_name, attempts, worker_id
    FROM procrastinate_jobs WHERE status = 'doing' AND worker_id = ANY(%(workers)s::bigint[])
"""


def away(error: Exception) -> Unavailable | None:
    """What the store would have said where it is the database that is away."""
    cause = error.__cause__ if isinstance(error, ConnectorException) else error
    if not isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError):
        return None
    return Unavailable([Fault.of("STO-102", reason=str(cause).strip().rstrip("."))])


class SharedJobManager(JobManager):
    """Procrastinate's, with the ends of jobs replaced: its own know no fence, and fail where a hint came meanwhile.

    Shape:  `lanes` are the lanes by their queues; `workers` are those of this process that are registered, the ones before included.
    """

    def __init__(self, connector: BaseConnector, progress: Progress, lanes: Mapping[tuple[str, ...], str], workers: list[int]) -> None:
        super().__init__(connector)
        self._progress = progress
        self._lanes = lanes
        self._workers = workers
        self._suspects: dict[tuple[int | None, int], frozenset[object]] = {}

    async def register_worker(self) -> int:
        worker = await super().register_worker()
        self._workers.append(worker)
        return worker

    async def unregister_worker(self, worker_id: int) -> None:
        """What it still had is without a worker from now on, and put back at the next look."""
        await super().unregister_worker(worker_id)
        self._workers.remove(worker_id)

    async def forget_workers(self) -> None:
        """Unregisters those that are left of an event loop that was given up."""
        for worker in list(self._workers):
            await self.unregister_worker(worker)

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        lane = self._lanes[tuple(queues or ())]
        with self._progress.asking():
            job = await super().fetch_job(queues, worker_id)
            self._progress.looked(lane)
            if job is not None:
                self._progress.claimed(lane, job)
        return job

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        """Parks only what is to be parked: all else that failed on its way to our code and back is due again."""
        if status is Status.SUCCEEDED or self._progress.is_parked(job):
            await self._keep(_FINISH, job, status=status.value, delete=delete_job)
        else:
            await self.retry_job(job, utils.utcnow() + AGAIN)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        await self._keep(_PUT_BACK, job, at=retry_at or utils.utcnow())

    async def reap(self, seconds: float) -> int:
        """Puts back the jobs of workers that gave no sign for so long, and those that only the database takes for ours; how many."""
        reaped = 0
        for job in await self.get_stalled_jobs(seconds_since_heartbeat=seconds):
            if await self._end(_PUT_BACK, job, at=None):
                log.warning("%s", Fault.of("STO-304", task=job.task_name, key=job.queueing_lock).line())
                reaped += 1
        for job in await self._lost():
            if await self._end(_PUT_BACK, job, at=None):
                log.warning("the database forgot what %s %s came to: it is due again", job.task_name, job.queueing_lock)
                reaped += 1
        return reaped

    async def _lost(self) -> list[Job]:
        """Jobs of ours that nobody here holds: the server died with the last ends that it had been given.

        One that is just being claimed looks the same: it is lost where it still is so once all questions of then are answered.
        """
        suspects, lost = {}, []
        for row in await self.connector.execute_query_all_async(_OURS, workers=self._workers):
            job = Job.from_row(row)
            if job.id in self._progress.numbers():
                continue
            questions = self._suspects.get((job.id, job.attempts))
            if questions is None or questions & self._progress.questions():
                suspects[job.id, job.attempts] = self._progress.questions() if questions is None else questions
            else:
                lost.append(job)
        self._suspects = suspects
        return lost

    async def _keep(self, query: str, job: Job, **arguments: Any) -> None:
        """Keeps how a job ended; else it would run until its worker is stopped. Whoever is not its worker any more does nothing."""
        while not self._progress.left:
            try:
                await self._end(query, job, **arguments)
                self._progress.kept(job)
                return
            except Exception as error:  # The outer door: whatever the database says, the job is to come to an end.
                tell("keeping the end of a work item", away(error) or error)
                self._progress.waits(job)
                await asyncio.sleep(PAUSE)

    async def _end(self, query: str, job: Job, **arguments: Any) -> bool:
        """Ends a job; whether it was still ours to end."""
        claim = {"job_id": job.id, "worker": job.worker_id, "attempts": job.attempts}
        row = await self.connector.execute_query_one_async(query, **claim, **arguments)
        return bool(row["ours"])
