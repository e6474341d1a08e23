"""How a commit wakes the worker threads of the same process: one thread a job, and only those whose lane it is in."""

import threading
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import timedelta


class WorkSignal:
    """Counts the jobs that were committed and not yet looked for, by task. A hint: who misses one looks again after its time-out."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._fresh: Counter[str] = Counter()
        self._calls = 0
        self._looked = threading.local()

    def look(self, lane: Collection[str] | None) -> None:
        """This thread is about to look for jobs of these tasks: a wake from now on ends its next wait."""
        self._looked.lane, self._looked.calls = lane, self._calls

    def took(self, task: str) -> None:
        """A job of this task was found: nobody needs to be woken for it."""
        with self._changed:
            self._take(task)

    def wait(self, timeout: timedelta) -> None:
        """Returns once there is a fresh job of the tasks that this thread looks for, after a wake, or after the time-out."""
        lane, calls = getattr(self._looked, "lane", None), getattr(self._looked, "calls", self._calls)
        with self._changed:
            self._changed.wait_for(lambda: self._calls != calls or self._fresh_in(lane) is not None, timeout.total_seconds())
            task = self._fresh_in(lane)
            if task is not None:
                self._take(task)

    def notify(self, tasks: Iterable[str]) -> None:
        """Jobs of these tasks were committed and are due."""
        with self._changed:
            self._fresh.update(tasks)
            self._changed.notify_all()

    def wake(self) -> None:
        """Everybody is to look again."""
        with self._changed:
            self._calls += 1
            self._changed.notify_all()

    def _fresh_in(self, lane: Collection[str] | None) -> str | None:
        return next((task for task in self._fresh if lane is None or task in lane), None)

    def _take(self, task: str) -> None:
        if self._fresh[task] > 1:
            self._fresh[task] -= 1
        else:
            del self._fresh[task]
