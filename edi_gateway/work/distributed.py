"""The worker on PostgreSQL: Procrastinate's, one of any number on any number of hosts, in an event loop of its own.

Jobs are woken for by LISTEN and NOTIFY; the look now and then is for those that fall due. Handlers run in threads.
"""

import asyncio
import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.jobs import Job

from edi_gateway.lifecycle.policy import RetryPolicy
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.store import Unavailable
from edi_gateway.ports.work import Handler, SharedQueue
from edi_gateway.work.failing import Failure, deadly, failed
from edi_gateway.work.lanes import RETRIES, Lane
from edi_gateway.work.shared_manager import PAUSE, SharedJobManager

log = logging.getLogger(__name__)
# Each job's begin and end is a line of its own there; what fails is in our own log, with its code.
logging.getLogger("procrastinate").setLevel(logging.CRITICAL)

POLL = timedelta(seconds=2)
"""How late a job may be seen that falls due without anything being committed."""
HEARTBEAT = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=30)
"""How long a worker may give no sign before its jobs are another's."""


_HASTY = {"options": "-c synchronous_commit=off"}
"""For claims and ends of jobs: where a crash loses one, the job is done again, and what it did to our rows was committed before."""


class _Failed(Exception):
    """A work item failed; what is to follow is known."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.fault.line())
        self.failure = failure


class _AsDecided(BaseRetryStrategy):
    """Hands Procrastinate our decision."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        again = exception.failure.again if isinstance(exception, _Failed) else None
        return RetryDecision(retry_at=again) if again is not None else None


class SharedWorker:
    """Does work items until it is stopped. When it dies, its jobs are another's as soon as its heart has stopped for long enough."""

    def __init__(
        self,
        queue: SharedQueue,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        lanes: Sequence[Lane] = (Lane(),),
        retries: RetryPolicy = RETRIES,
        poll: timedelta = POLL,
        heartbeat: timedelta = HEARTBEAT,
        dead_after: timedelta = DEAD_AFTER,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._clock = clock
        self._lanes = lanes
        self._retries = retries
        self._poll = poll
        self._heartbeat = heartbeat
        self._dead_after = dead_after
        self._draw = draw
        self._stopping = threading.Event()
        self._works = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=lambda: asyncio.run(self._run()), name="work", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, timeout: timedelta = timedelta(seconds=30)) -> bool:
        """Lets each thread finish what it is doing; whether all did within the time. What did not is done again by another worker."""
        if not self._stopping.is_set():
            self._stopping.set()
            if self._loop is not None and self._thread.is_alive():
                self._loop.call_soon_threadsafe(self._end)
        self._thread.join(timeout.total_seconds())
        return not self._thread.is_alive()

    def _end(self) -> None:
        """Asks for the end once: asked again, Procrastinate would no longer write down what its jobs came to."""
        if self._running is not None:
            self._running.cancel()

    def alive(self) -> bool:
        """Whether it takes jobs: for the health check."""
        return self._thread.is_alive() and self._works

    async def _run(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._loop.set_default_executor(ThreadPoolExecutor(sum(lane.threads for lane in self._lanes), "work"))
        while not self._stopping.is_set():
            self._running = asyncio.create_task(self._work())
            try:
                await self._running
            except asyncio.CancelledError:
                return
            except Exception as error:  # The outer door: whatever the database or the library does, work goes on.
                log.warning("work was interrupted and begins again: %s: %s", type(error).__name__, str(error.__cause__ or error).strip())
            await asyncio.sleep(PAUSE)

    async def _work(self) -> None:
        """Works until it is cancelled, or until something fails that Procrastinate's worker does not mend by itself."""
        size = 2 * len(self._lanes) + 2
        connector = PsycopgConnector(conninfo=self._queue.address, kwargs=_HASTY, min_size=1, max_size=size)
        app = App(connector=connector)
        app.job_manager = manager = SharedJobManager(connector)
        for task, handler in self._handlers.items():
            app.task(name=task, queue=task, pass_context=True, retry=_AsDecided())(self._attempt(handler))
        async with app.open_async():
            parts = [asyncio.create_task(self._lane(app, lane)) for lane in self._lanes]
            parts.append(asyncio.create_task(self._reap(manager)))
            try:
                self._works = True
                await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._works = False
                for part in parts:
                    part.cancel()
                ended = await asyncio.gather(*parts, return_exceptions=True)
            for end in ended:
                if isinstance(end, Exception):
                    raise end

    async def _lane(self, app: App, lane: Lane) -> None:
        tasks = self._handlers.keys() if lane.tasks is None else self._handlers.keys() & lane.tasks
        await app.run_worker_async(
            queues=sorted(tasks),
            name=lane.name,
            concurrency=lane.threads,
            install_signal_handlers=False,
            delete_jobs="successful",
            fetch_job_polling_interval=self._poll.total_seconds(),
            update_heartbeat_interval=self._heartbeat.total_seconds(),
            stalled_worker_timeout=self._dead_after.total_seconds(),
        )

    async def _reap(self, manager: SharedJobManager) -> None:
        seconds = self._dead_after.total_seconds()
        while True:
            await manager.reap(seconds)
            await asyncio.sleep(seconds / 4)

    def _attempt(self, handler: Handler) -> Callable[..., None]:
        """One attempt of a job, in a thread."""

        def attempt(context: JobContext, *, ids: Mapping[str, int | str], **_: Any) -> None:
            job, started = context.job, self._clock.now()
            fatal = deadly(task=job.task_name, key=job.queueing_lock or "", attempts=job.attempts + 1, retries=self._retries)
            if fatal is not None:
                raise _Failed(self._noted(job, started, Failure(again=None, fault=fatal)))
            try:
                handler(ids)
            except Exception as error:  # The outer door: whatever one work item does, the others flow.
                raise _Failed(self._failure(job, started, error)) from error

        return attempt

    def _failure(self, job: Job, started: datetime, error: Exception) -> Failure:
        assert job.id is not None
        key, attempts = job.queueing_lock or "", job.attempts + 1
        now = self._clock.now()
        try:
            first_at = self._queue.first_at(job.id) or started
        except Unavailable:
            first_at = started
        failure = failed(
            error, task=job.task_name, key=key, attempts=attempts, first_at=first_at, now=now, retries=self._retries, draw=self._draw
        )
        return self._noted(job, first_at, failure)

    def _noted(self, job: Job, first_at: datetime, failure: Failure) -> Failure:
        """Keeps why an attempt failed, for whoever lists what is parked."""
        assert job.id is not None
        try:
            self._queue.note(job.id, first_at, self._clock.now(), failure.fault)
        except Unavailable as away:
            log.warning("why a work item failed cannot be kept: %s", away)
        return failure
