"""How Procrastinate's worker ends its jobs here: fenced, in their order, and as soon as the database is there again."""

import asyncio
import logging
from datetime import datetime
from typing import Any

import psycopg
from procrastinate import utils
from procrastinate.exceptions import ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

from edi_gateway.faults import Fault

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds between looks at a database that is away."""

_FINISH = "SELECT gateway_finish_job(%(job_id)s, %(worker)s, %(status)s, %(delete)s) AS ours"
_PUT_BACK = "SELECT gateway_put_back_job(%(job_id)s, %(worker)s, %(at)s) AS ours"


class SharedJobManager(JobManager):
    """Procrastinate's, with the ends of jobs replaced: its own know no fence, and fail where a hint came meanwhile."""

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        await self._keep(_FINISH, job_id=job.id, worker=job.worker_id, status=status.value, delete=delete_job)

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        await self._keep(_PUT_BACK, job_id=job.id, worker=job.worker_id, at=retry_at or utils.utcnow())

    async def reap(self, seconds: float) -> int:
        """Puts back the jobs of workers that gave no sign for so long; how many."""
        reaped = 0
        for job in await self.get_stalled_jobs(seconds_since_heartbeat=seconds):
            row = await self.connector.execute_query_one_async(_PUT_BACK, job_id=job.id, worker=job.worker_id, at=None)
            if row["ours"]:
                log.warning("%s", Fault.of("STO-304", task=job.task_name, key=job.queueing_lock).line())
                reaped += 1
        return reaped

    async def _keep(self, query: str, **arguments: Any) -> None:
        """Keeps how a job ended; else it would run until its worker is stopped. Whoever is not its worker any more does nothing."""
        while True:
            try:
                await self.connector.execute_query_one_async(query, **arguments)
                return
            except ConnectorException as error:
                if not isinstance(error.__cause__, psycopg.OperationalError | psycopg.InterfaceError):
                    raise
                log.warning("the end of a work item cannot be kept: %s", str(error.__cause__).strip())
                await asyncio.sleep(PAUSE)
