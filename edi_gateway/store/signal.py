"""How a commit wakes the worker threads of the same process."""

import threading
from datetime import timedelta


class WorkSignal:
    """Tells the threads of this process that jobs were committed, and loses none that came between a look and a wait."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0
        self._seen = threading.local()

    def look(self) -> None:
        """This thread is about to look for jobs: what is committed from now on ends its next wait."""
        self._seen.count = self._count

    def wait(self, timeout: timedelta) -> None:
        """Returns once something was committed since this thread's last look, or after the time-out."""
        seen = getattr(self._seen, "count", self._count)
        with self._changed:
            self._changed.wait_for(lambda: self._count != seen, timeout.total_seconds())

    def notify(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()
