"""What makes the watch look: a thread beside the worker, so that a clock that stands still is told of as well."""

import threading
from datetime import timedelta

from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.work import WorkStore
from edi_gateway.work.lasting import keep_on

EVERY = timedelta(seconds=30)


class Watcher:
    """Enqueues a look now and then, the first one at once. Several watchers make one look: its work item has one key."""

    def __init__(self, store: WorkStore, every: timedelta = EVERY) -> None:
        self._store = store
        self._every = every
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="watcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        keep_on("the look at what is wrong", self._look, self._stopping)

    def _look(self) -> None:
        with self._store.begin(promising=False) as unit:
            unit.enqueue(Task.WATCH, key=f"tick:{Task.WATCH}")
        self._stopping.wait(self._every.total_seconds())
