"""The clock: turns time into work items. It keeps nothing; windows and retries are rows, and a tick only makes someone look.

Every instance may run one: a tick is enqueued under a key of its own, so that many clocks make one job.
"""

import logging
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.store import Unavailable
from edi_gateway.ports.work import WorkStore
from edi_gateway.work.lasting import keep_on

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
RETAINING = Tick(task=Task.RETAIN, every=timedelta(minutes=10))
"""Where the settings name a time of day: it only asks whether that has come."""


class _Every(BaseTrigger):  # type: ignore[misc]
    """At an interval. Ticks that were missed are none: APScheduler's own would count each second of a clock that is set on by months."""

    def __init__(self, interval: timedelta) -> None:
        self._interval = interval

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        following = (previous_fire_time or now) + self._interval
        return following if following > now else now + self._interval


STANDSTILL = timedelta(seconds=10)
"""After so long without a tick the clock begins again."""


class Ticker:
    """Enqueues each tick's task at its interval, the first time at once, and keeps when it did.

    The scheduler waits for times of day: where the machine's clock is set back by an hour it would wait for an hour, and where its
    thread dies, for ever. A keeper beside it goes by a clock that nobody sets, and puts another scheduler in its place.
    """

    def __init__(self, store: WorkStore, clock: Clock, ticks: Sequence[Tick] = TICKS, standstill: timedelta = STANDSTILL) -> None:
        self._store = store
        self._clock = clock
        self._ticks = tuple(ticks)
        self._patience = max(standstill, 3 * min(tick.every for tick in ticks)).total_seconds()
        self._beat = time.monotonic()
        self._ticking = False
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="clock-keeper", daemon=True)
        self._scheduler = self._made()

    def _made(self) -> BackgroundScheduler:
        # Ticks that were missed (a sleeping machine, a slow database) are one tick.
        scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(max_workers=1)},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        for tick in self._ticks:
            scheduler.add_job(self._timed, _Every(tick.every), args=(tick.task,), next_run_time=datetime.now(UTC), id=tick.task)
        return scheduler

    def start(self) -> None:
        self._beat = time.monotonic()
        self._scheduler.start()
        self._keeper.start()

    def stop(self) -> None:
        self._stopping.set()
        self._keeper.join()
        self._scheduler.shutdown(wait=True)

    def _keep(self) -> None:
        keep_on("the look at the clock", self._look, self._stopping)

    def _look(self) -> None:
        """Looks whether the clock ticks; a tick that takes long is one that ticks."""
        if self._stopping.wait(self._patience / 4):
            return
        silent = time.monotonic() - self._beat
        if silent <= self._patience or self._ticking:
            return
        log.warning("the clock has not ticked for %.0f seconds and begins again: was the time set back?", silent)
        self._beat = time.monotonic()
        before, self._scheduler = self._scheduler, self._made()
        self._scheduler.start()
        if before.running:
            before.shutdown(wait=False)

    def _timed(self, task: Task) -> None:
        self._ticking = True
        try:
            self.tick(task)
        finally:
            self._beat = time.monotonic()
            self._ticking = False

    def tick(self, task: Task) -> None:
        """One tick. The time is kept only when the work item is, so that a clock that ticks in vain is seen as standing."""
        try:
            with self._store.begin(promising=False) as unit:
                unit.enqueue(task, key=f"tick:{task}")
            self._store.jobs.tick(task, self._clock.now())
        except Unavailable as away:
            log.warning("a tick of %s is left out: %s", task, away)
