"""The worker: threads that claim jobs from the store and call what does them, alone on its queue or one of many.

Lanes keep slow work from standing before quick work: a partner that takes a minute to answer holds up other posts, but no translation.
"""

import logging
import os
import random
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.policy import RetryPolicy
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.store import Unavailable
from edi_gateway.ports.work import Handler, Job, Jobs
from edi_gateway.work.failing import Failure, deadly, failed
from edi_gateway.work.lanes import ALONE, AMONG_OTHERS, RETRIES, Lane, Pace
from edi_gateway.work.lasting import PAUSE, keep_on

log = logging.getLogger(__name__)


def place_of(process: int) -> str:
    """What the names of all owners in a process of this machine begin with; they end as it does, so that none begins another."""
    return f"{socket.gethostname()}:{process}:"


class Worker:
    """Does work items until it is stopped. Nothing it does is lost when it dies: leases end, and what ran is due again."""

    def __init__(
        self,
        jobs: Jobs,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        lanes: Sequence[Lane] = (Lane(),),
        retries: RetryPolicy = RETRIES,
        pace: Pace | None = None,
        draw: Callable[[], float] = random.random,
    ) -> None:
        self._jobs = jobs
        self._handlers = handlers
        self._clock = clock
        self._retries = retries
        self._pace = pace or (AMONG_OTHERS if jobs.is_shared else ALONE)
        self._draw = draw
        self._stopping = threading.Event()
        self._since: dict[str, datetime] = {}
        self._place = f"{place_of(os.getpid())}{os.urandom(3).hex()}"
        self._threads = [self._thread(lane, number) for lane in map(self._known, lanes) for number in range(1, lane.threads + 1)]
        self._threads.append(threading.Thread(target=self._keep_leases, name="work-leases", daemon=True))

    def _known(self, lane: Lane) -> Lane:
        """The lane without tasks that are another's to do; what nobody else can have left behind is parked with a word."""
        if not self._jobs.is_shared:
            return lane
        return replace(lane, tasks=frozenset(self._handlers if lane.tasks is None else self._handlers.keys() & lane.tasks))

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self, timeout: timedelta = timedelta(seconds=30)) -> bool:
        """Lets each thread finish what it is doing; whether all did within the time. What did not is done again by another worker."""
        self._stopping.set()
        self._jobs.wake()
        end = time.monotonic() + timeout.total_seconds()
        for thread in self._threads:
            thread.join(max(end - time.monotonic(), 0))
        if any(thread.is_alive() for thread in self._threads):
            return False
        with suppress(Unavailable):  # Its signs of life end in any case.
            self._jobs.recover(self._place)
        return True

    def alive(self) -> bool:
        """Whether every thread runs: for the health check."""
        return all(thread.is_alive() for thread in self._threads)

    def run_one(self, owner: str, tasks: frozenset[str] | None = None) -> bool:
        """Does the job that is due the longest; False where none is due. Errors: Unavailable where the store is away."""
        job = self._claim(owner, tasks)
        if job is not None:
            self._run(job, lambda: self._jobs.done(job))
        return job is not None

    def _run_all(self, owner: str, tasks: frozenset[str] | None) -> bool:
        """Does jobs until none is due, the end of each kept together with the claim of the next; False where none was due."""

        def exchange(done: Job) -> Job | None:
            if not self._stopping.is_set():
                return self._jobs.exchange(done, self._clock.now(), owner=owner, lease=self._pace.lease, tasks=tasks)
            self._jobs.done(done)
            return None

        first = job = self._claim(owner, tasks)
        while job is not None:
            job = self._run(job, partial(exchange, job))
        return first is not None

    def _claim(self, owner: str, tasks: frozenset[str] | None) -> Job | None:
        return self._jobs.claim(self._clock.now(), owner=owner, lease=self._pace.lease, tasks=tasks)

    def _run(self, job: Job, succeed: Callable[[], Job | None]) -> Job | None:
        """Does a job and keeps how it ended, by `succeed` where it succeeded; the job that was claimed with that."""
        self._since[job.owner] = self._clock.now()
        try:
            failed = self._outcome(job)
            return self._settle(failed or succeed, failed or (lambda: self._jobs.done(job)))
        finally:
            self._since.pop(job.owner, None)

    def _thread(self, lane: Lane, number: int) -> threading.Thread:
        name = f"{lane.name}-{number}"
        return threading.Thread(target=self._work, args=(f"{self._place}:{name}:", lane), name=f"work-{name}", daemon=True)

    def _work(self, owner: str, lane: Lane) -> None:
        interrupted = False

        def step() -> None:
            nonlocal interrupted
            if interrupted:
                # What this thread had claimed, or was about to, nobody would do before the end of its lease.
                self._jobs.recover(owner)
            interrupted = True
            if not self._run_all(owner, lane.tasks):
                self._jobs.wait(self._pace.poll)
            interrupted = False

        keep_on("work", step, self._stopping)

    def _outcome(self, job: Job) -> Callable[[], None] | None:
        """Runs the job's handler; how its failure is to be kept, None where it succeeded."""
        handler = self._handlers.get(job.task)
        if handler is None:
            unknown = Fault.of("STO-303", task=job.task, key=job.key)
            log.error("%s", unknown.line())
            return lambda: self._jobs.park(job, self._clock.now(), unknown)
        fatal = deadly(task=job.task, key=job.key, attempts=job.attempts, retries=self._retries)
        if fatal is not None:
            return lambda: self._jobs.park(job, self._clock.now(), fatal)
        try:
            handler(job.ids)
        except Exception as error:  # The outer door: whatever one work item does, the others flow.
            return self._failed(job, error)
        return None

    def _failed(self, job: Job, error: Exception) -> Callable[[], None]:
        now = self._clock.now()
        decided: Failure | None = None

        def keep() -> None:
            nonlocal decided
            # Asked here, where it is asked again if the store is away: it may have kept a part of its work before it failed.
            failure = decided = decided or self._decide(job, error, now)
            if failure.again is not None:
                self._jobs.retry(job, failure.again, failure.fault)
            else:
                self._jobs.park(job, now, failure.fault)

        return keep

    def _decide(self, job: Job, error: Exception, now: datetime) -> Failure:
        return failed(
            error,
            task=job.task,
            key=job.key,
            attempts=self._jobs.attempts(job),
            first_at=job.first_at,
            now=now,
            retries=self._retries,
            draw=self._draw,
        )

    def _settle(self, outcome: Callable[[], Job | None], again: Callable[[], None]) -> Job | None:
        """Keeps how a job ended, as soon as the store is there again: else it would wait for the end of its lease.

        Shape:  `again` claims no other job: one that was claimed unheard could be the same job anew, and would be ended by the next try.
        """
        is_last = False
        while True:
            try:
                return outcome()
            except Unavailable as away:
                log.warning("the end of a work item cannot be kept: %s", away)
                if is_last:
                    return None
                is_last, outcome = self._stopping.wait(PAUSE), again

    def _keep_leases(self) -> None:
        """Lengthens the leases of what runs for long, and frees what dead workers left. Not a job itself: those can be stuck."""
        last, every = self._clock.now(), self._pace.look

        def step() -> None:
            nonlocal last
            if self._stopping.wait(every.total_seconds()):
                return
            now = self._clock.now()
            if now < last:
                # Set back: what was due since the last look, or before, would wait until the clock comes there again.
                log.warning("the clock was set back by %s", last - now)
                self._jobs.hasten(last + 2 * every, now)
            lease = self._pace.lease
            self._jobs.renew([owner for owner, since in list(self._since.items()) if now - since > lease / 4], now + lease)
            self._jobs.reap(now, lease)
            last = now

        keep_on("the look at leases", step, self._stopping)
