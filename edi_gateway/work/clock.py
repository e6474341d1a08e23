"""The clock: turns time into work items. It keeps nothing; windows and retries are rows, and a tick only makes someone look.

Every instance may run one: a tick is enqueued under a key of its own, so that many clocks make one job.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.store import Unavailable
from edi_gateway.ports.work import WorkStore

log = logging.getLogger(__name__)


class SystemClock:
    """The machine's time."""

    def now(self) -> datetime:
        return datetime.now(UTC)


system_clock = SystemClock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A task that is enqueued again and again."""

    task: Task
    every: timedelta


TICKS = (
    Tick(task=Task.SCAN_FOLDERS, every=timedelta(seconds=2)),
    Tick(task=Task.SWEEP_DEADLINES, every=timedelta(seconds=1)),
    Tick(task=Task.RECONCILE, every=timedelta(minutes=1)),
    Tick(task=Task.CHECK_CERTIFICATES, every=timedelta(hours=1)),
)


class Ticker:
    """Enqueues each tick's task at its interval, the first time at once, and keeps when it did."""

    def __init__(self, store: WorkStore, clock: Clock, ticks: Sequence[Tick] = TICKS) -> None:
        self._store = store
        self._clock = clock
        # Ticks that were missed (a sleeping machine, a slow database) are one tick.
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max_workers=1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for tick in ticks:
            self._scheduler.add_job(
                self.tick, "interval", args=(tick.task,), seconds=tick.every.total_seconds(), next_run_time=datetime.now(UTC), id=tick.task
            )

    def start(self) -> None:
        self._scheduler.start()

    def stop(self) -> None:
        self._scheduler.shutdown(wait=True)

    def tick(self, task: Task) -> None:
        """One tick. The time is kept only when the work item is, so that a clock that ticks in vain is seen as standing."""
        try:
            with self._store.begin() as unit:
                unit.enqueue(task, key=f"tick:{task}")
            self._store.jobs.tick(task, self._clock.now())
        except Unavailable as away:
            log.warning("a tick of %s is left out: %s", task, away)
