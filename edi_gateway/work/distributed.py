"""The worker on PostgreSQL: Procrastinate's, one of any number on any number of hosts, in an event loop of its own.

Jobs are woken for by LISTEN and NOTIFY; the look now and then is for those that fall due. Handlers run in threads. Where something fails
that Procrastinate does not mend, or its event loop forgets something for good, work begins again in another loop.
"""

import asyncio
import logging
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision, utils
from procrastinate.jobs import Job
from procrastinate.worker import Worker as ProcrastinateWorker
from psycopg import AsyncConnection

from edi_gateway.lifecycle.policy import RetryPolicy
from edi_gateway.lifecycle.retry import interval
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.store import Unavailable
from edi_gateway.ports.work import Handler, SharedQueue
from edi_gateway.work.failing import Failure, deadly, failed
from edi_gateway.work.lanes import RETRIES, Lane
from edi_gateway.work.lasting import PAUSE, keep_on, tell
from edi_gateway.work.progress import CLOSING, Progress
from edi_gateway.work.shared_manager import SharedJobManager, away
from edi_gateway.work.threads import Threads

log = logging.getLogger(__name__)
# Each job's begin and end is a line of its own there; what fails is in our own log, with its code.
logging.getLogger("procrastinate").setLevel(logging.CRITICAL)

POLL = timedelta(seconds=2)
"""How late a job may be seen that falls due without anything being committed."""
HEARTBEAT = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=30)
"""How long a worker may give no sign before its jobs are another's."""
STANDSTILL = timedelta(seconds=60)
"""How long nothing may be seen of an event loop that has something to do: it may wait half of it for a connection."""

_HASTY = {"options": "-c synchronous_commit=off -c lock_timeout=10s"}
"""For claims and ends of jobs: where a crash loses one, the job is done again, and what it did to our rows was committed before."""


async def _autocommitting(connection: AsyncConnection[Any]) -> None:
    """Procrastinate asks one statement at a time: to begin and to commit around each would be two questions more."""
    await connection.set_autocommit(True)


class _Failed(Exception):
    """A work item failed; what is to follow is known."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.fault.line())
        self.failure = failure


class _AsDecided(BaseRetryStrategy):
    """Hands Procrastinate our decision. What failed before or after our code, in a thread that could not be had, is due again."""

    def __init__(self, retries: RetryPolicy) -> None:
        super().__init__()
        self._retries = retries

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        if isinstance(exception, _Failed):
            again = exception.failure.again
            return RetryDecision(retry_at=again) if again is not None else None
        if not isinstance(exception, asyncio.CancelledError):
            tell(f"{job.task_name} {job.queueing_lock}", exception)
        return RetryDecision(retry_at=utils.utcnow() + interval(self._retries, job.attempts + 1))


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
        standstill: timedelta = STANDSTILL,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._queue = queue
        self._handlers = handlers
        self._clock = clock
        self._lanes = {self._queues(lane): lane for lane in lanes}
        self._retries = retries
        self._poll = poll
        self._heartbeat = heartbeat
        self._dead_after = dead_after
        self._standstill = standstill.total_seconds()
        self._draw = draw
        self._stopping = threading.Event()
        self._works = False
        self._workers: list[int] = []
        self._progress = Progress(lanes)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: asyncio.Task[None] | None = None
        self._parts: list[tuple[ProcrastinateWorker | None, asyncio.Task[None]]] = []
        # One more for the loop's own calls: it looks up the database's name in them.
        self._threads = Threads(sum(lane.threads for lane in lanes) + 1)
        self._thread = threading.Thread(target=self._keep_on, name="work", daemon=True)
        self._watch = threading.Thread(target=self._keep_watch, name="work-watch", daemon=True)

    def _queues(self, lane: Lane) -> tuple[str, ...]:
        """A lane's tasks: each has a queue of its own."""
        return tuple(sorted(self._handlers.keys() if lane.tasks is None else self._handlers.keys() & lane.tasks))

    def start(self) -> None:
        self._threads.start()
        self._thread.start()
        self._watch.start()

    def stop(self, timeout: timedelta = timedelta(seconds=30)) -> bool:
        """Lets each thread finish what it is doing; whether all did within the time. What did not is done again by another worker."""
        if not self._stopping.is_set():
            self._stopping.set()
            if self._loop is not None:
                with suppress(RuntimeError):  # It was closed meanwhile.
                    self._loop.call_soon_threadsafe(self._end)
        self._thread.join(timeout.total_seconds())
        return not self._thread.is_alive()

    def _end(self) -> None:
        """Asks for the end. A lane that may have jobs is not cancelled: Procrastinate would no longer write down what they came to.

        What is cancelled may not hear of it (`asyncio.wait_for` loses what comes with a result), and looks whether it is to end as well.
        """
        self._progress.ending = True
        if self._running is not None and not self._parts:
            self._running.cancel()
        for worker, part in self._parts:
            if worker is not None:
                worker.stop()  # type: ignore[no-untyped-call]
            if worker is None or worker.worker_id is None:
                part.cancel()

    def alive(self) -> bool:
        """Whether it takes jobs: for the health check."""
        progress = self._progress
        works = self._works and progress.has_begun() and not progress.stands(self._standstill)
        return works and self._thread.is_alive() and self._watch.is_alive()

    def _keep_on(self) -> None:
        try:
            keep_on("work", self._round, self._stopping)
        finally:
            self._threads.end()

    def _keep_watch(self) -> None:
        keep_on("the look at work", self._look, self._stopping)

    def _look(self) -> None:
        """Ends an event loop that stands still."""
        if self._stopping.wait(self._standstill / 4) or not self._progress.stands(self._standstill):
            return
        loop = self._loop
        if loop is not None:
            log.error("work stands still and begins again")
            loop.call_soon_threadsafe(loop.stop)

    def _round(self) -> None:
        """Works in an event loop until it is time to stop, or until something fails that Procrastinate's worker does not mend by itself."""
        while self._progress.runs():
            # What a loop that was given up had begun is not to be done by the next one meanwhile.
            threading.Event().wait(PAUSE / 10)
        self._parts = []
        self._progress = progress = Progress(list(self._lanes.values()))
        loop = asyncio.new_event_loop()
        try:
            loop.set_default_executor(self._threads)
            self._running = loop.create_task(self._work(progress))
            self._loop = loop
            if self._stopping.is_set():
                loop.call_soon(self._end)
            with suppress(asyncio.CancelledError):
                loop.run_until_complete(self._running)
        except Exception as error:
            if (unavailable := away(error)) is None:
                raise
            raise unavailable from error
        finally:
            self._works = False
            progress.leave()
            _close(loop)
            self._loop = None
        self._stopping.wait(PAUSE)

    async def _work(self, progress: Progress) -> None:
        """Works until it is cancelled, or until one of its parts ends."""
        size = 2 * len(self._lanes) + 2
        connector = PsycopgConnector(conninfo=self._queue.address, kwargs=_HASTY, configure=_autocommitting, min_size=1, max_size=size)
        app = App(connector=connector)
        names = {queues: lane.name for queues, lane in self._lanes.items()}
        app.job_manager = manager = SharedJobManager(connector, progress, names, self._workers)
        for task, handler in self._handlers.items():
            app.task(name=task, queue=task, pass_context=True, retry=_AsDecided(self._retries))(self._attempt(handler, progress))
        async with app.open_async():
            await manager.forget_workers()
            workers = [self._lane(app, queues, lane) for queues, lane in self._lanes.items()]
            self._parts = [(one, asyncio.create_task(self._run(one, progress))) for one in workers]
            self._parts.append((None, asyncio.create_task(self._reap(manager, progress))))
            parts = [part for _, part in self._parts]
            try:
                self._works = True
                await asyncio.wait(parts, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._works = False
                self._end()
                ended = await asyncio.gather(*parts, return_exceptions=True)
            for end in ended:
                if isinstance(end, BaseException) and not isinstance(end, asyncio.CancelledError):
                    raise end

    def _lane(self, app: App, queues: Sequence[str], lane: Lane) -> ProcrastinateWorker:
        return ProcrastinateWorker(
            app,
            queues=list(queues),
            name=lane.name,
            concurrency=lane.threads,
            install_signal_handlers=False,
            delete_jobs="successful",
            fetch_job_polling_interval=self._poll.total_seconds(),
            update_heartbeat_interval=self._heartbeat.total_seconds(),
            stalled_worker_timeout=self._dead_after.total_seconds(),
        )

    async def _run(self, worker: ProcrastinateWorker, progress: Progress) -> None:
        if not progress.ending:
            await worker.run()  # type: ignore[no-untyped-call]

    async def _reap(self, manager: SharedJobManager, progress: Progress) -> None:
        seconds = self._dead_after.total_seconds()
        while not progress.ending:
            await manager.reap(seconds)
            await asyncio.sleep(seconds / 4)

    def _attempt(self, handler: Handler, progress: Progress) -> Callable[..., None]:
        """One attempt of a job, in a thread."""

        def attempt(context: JobContext, *, ids: Mapping[str, int | str], **_: Any) -> None:
            job = context.job
            if progress.left:
                return
            progress.begun(job)
            try:
                failure = self._failure(job, handler, ids)
                if failure is not None:
                    if failure.again is None:
                        progress.parked(job)
                    raise _Failed(failure)
            finally:
                progress.ended(job)

        return attempt

    def _failure(self, job: Job, handler: Handler, ids: Mapping[str, int | str]) -> Failure | None:
        """Does a job; how it failed, None where it succeeded."""
        started, key, attempts = self._clock.now(), job.queueing_lock or "", job.attempts + 1
        fatal = deadly(task=job.task_name, key=key, attempts=attempts, retries=self._retries)
        if fatal is not None:
            return self._noted(job, started, Failure(again=None, fault=fatal))
        try:
            handler(ids)
        except BaseException as error:  # The outer door: whatever one work item does, a panic of a library's Rust even, the others flow.
            return self._decided(job, started, error)
        return None

    def _decided(self, job: Job, started: datetime, error: BaseException) -> Failure:
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


def _close(loop: asyncio.AbstractEventLoop) -> None:
    """Gives up an event loop and what is left in it."""
    # One that memory kept from ending in good order is taken for running, and no other one may run in this thread.
    asyncio._set_running_loop(None)
    try:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            loop.run_until_complete(asyncio.wait(left, timeout=CLOSING))
    finally:
        asyncio._set_running_loop(None)
        loop.close()
