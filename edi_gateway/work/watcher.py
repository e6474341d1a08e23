"""What makes the watch look: a thread beside the worker, so that a clock that stands still is told of as well."""

import logging
import threading
from datetime import timedelta

from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.store import Unavailable
from edi_gateway.ports.work import WorkStore

log = logging.getLogger(__name__)

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
        while True:
            try:
                with self._store.begin(promising=False) as unit:
                    unit.enqueue(Task.WATCH, key=f"tick:{Task.WATCH}")
            except Unavailable as away:
                log.warning("a look at what is wrong is left out: %s", away)
            except Exception:  # the outer door of this thread: it must outlive whatever it meets
                log.exception("the watcher was interrupted")
            if self._stopping.wait(self._every.total_seconds()):
                return
