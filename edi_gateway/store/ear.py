"""What hears on PostgreSQL that jobs are due, wherever they were committed: one connection that listens, for all threads of a process.

It stays open for as long as the process lives, and so is what the server knows of its life by.
"""

import logging
import threading
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Engine

from edi_gateway.store.lifeline import Lifeline
from edi_gateway.store.signal import WorkSignal

log = logging.getLogger(__name__)

CHANNEL = "gateway_jobs"
LOOK = 0.25
"""Seconds after which it looks whether it is to end."""
TOGETHER = 0.005
"""Seconds between two wakes: what is told meanwhile is heard at once, and a busy process is not woken for each."""
REST = 1.0
"""Seconds of rest after a failure."""


class Ear:
    """A thread that passes on what it hears, from the first `open` until `close`. Hints only: who misses one looks again in a moment."""

    def __init__(self, engine: Engine, signal: WorkSignal, workers: Callable[[], Collection[int]]) -> None:
        """Shape: `workers` gives those of this process, as the database numbers them."""
        self._engine = engine
        self._signal = signal
        self._workers = workers
        self._closing = threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def open(self) -> None:
        """Begins, or begins anew where it has died."""
        if self._thread is None or not self._thread.is_alive():
            with self._lock:
                if not self._closing.is_set() and (self._thread is None or not self._thread.is_alive()):
                    self._thread = threading.Thread(target=self._run, name="work-ear", daemon=True)
                    self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closing.is_set():
            try:
                self._hear()
            except Exception as failure:  # The outer door: a database that is away comes back.
                log.debug("the ear for work begins anew: %s", failure)
                self._closing.wait(REST)

    def _hear(self) -> None:
        with self._engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute(f"LISTEN {CHANNEL}")
            # What was told before is not told again.
            self._signal.wake()
            lifeline = Lifeline(driver)
            while not self._closing.is_set():
                lifeline.hold(self._workers())
                for told in driver.notifies(timeout=LOOK, stop_after=1):
                    self._signal.hint(told.payload)
                self._closing.wait(TOGETHER)
