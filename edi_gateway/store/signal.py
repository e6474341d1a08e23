"""How a commit wakes the worker threads of the same process: one thread a job, and only those whose lane it is in.

Of plain locks: a Condition is Python, and where memory is short it may keep its own lock for good.
"""

import threading
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import timedelta


class _Waiter:
    """A thread that waits for jobs of its lane. `hint` is the task that it was woken for."""

    def __init__(self, lane: Collection[str] | None) -> None:
        self.lane = lane
        self.hint: str | None = None
        self.latch = threading.Lock()
        self.latch.acquire()

    def is_for(self, task: str) -> bool:
        return self.lane is None or task in self.lane


class _Mine(threading.local):
    """What a thread knows of itself: what it looks for, how many wakes it has seen, and the task that it was woken for."""

    lane: Collection[str] | None = None
    calls = 0
    hint: str | None = None


class WorkSignal:
    """Counts the jobs that were committed and that nobody was woken for. A hint: who misses one looks again after its time-out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._fresh: Counter[str] = Counter()
        self._calls = 0
        self._waiting: list[_Waiter] = []
        self._mine = _Mine()

    def look(self, lane: Collection[str] | None) -> None:
        """This thread is about to look for jobs of these tasks: a wake from now on ends its next wait."""
        self._mine.lane, self._mine.calls = lane, self._calls

    def took(self, task: str) -> None:
        """A job of this task was found: nobody needs to be woken for it."""
        hinted, self._mine.hint = self._mine.hint == task, None
        if not hinted:
            with self._lock:
                self._take(task)

    def wait(self, timeout: timedelta) -> None:
        """Returns once there is a fresh job of the tasks that this thread looks for, after a wake, or after the time-out."""
        mine, waiter = self._mine, _Waiter(self._mine.lane)
        with self._lock:
            if self._calls != mine.calls:
                return
            mine.hint = next(filter(waiter.is_for, self._fresh), None)
            if mine.hint is not None:
                self._take(mine.hint)
                return
            self._waiting.append(waiter)
        try:
            waiter.latch.acquire(timeout=timeout.total_seconds())
        finally:
            with self._lock:
                if waiter in self._waiting:
                    self._waiting.remove(waiter)
        mine.hint = waiter.hint

    def notify(self, tasks: Iterable[str]) -> None:
        """Jobs of these tasks were committed and are due."""
        with self._lock:
            for task in tasks:
                waiter = self._waiter_for(task)
                if waiter is None:
                    self._fresh[task] += 1
                else:
                    self._wake_for(waiter, task)

    def hint(self, task: str) -> None:
        """There may be a job of this task: other processes heard of it as well, and nobody knows how many are left for this one."""
        with self._lock:
            waiter = self._waiter_for(task)
            if waiter is None:
                self._fresh[task] = 1
            else:
                self._wake_for(waiter, task)

    def wake(self) -> None:
        """Everybody is to look again."""
        with self._lock:
            self._calls += 1
            while self._waiting:
                self._waiting.pop().latch.release()

    def _waiter_for(self, task: str) -> _Waiter | None:
        return next((one for one in self._waiting if one.is_for(task)), None)

    def _wake_for(self, waiter: _Waiter, task: str) -> None:
        waiter.hint = task
        self._waiting.remove(waiter)
        waiter.latch.release()

    def _take(self, task: str) -> None:
        if self._fresh[task] > 1:
            self._fresh[task] -= 1
        else:
            del self._fresh[task]
