"""A store to work on, and both engines: the queue of one gateway on SQLite, Procrastinate's tables on PostgreSQL."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edi_gateway.lifecycle.policy import RetryPolicy
from edi_gateway.ports.work import Handler, Jobs
from edi_gateway.store import SqlStore, open_store
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.counting import counts
from edi_gateway.work import Lane, Pace, Worker, system_clock

RETRIES = RetryPolicy(first=timedelta(milliseconds=50), factor=1, cap=timedelta(milliseconds=50), attempts=3, jitter=0)
PATIENCE = timedelta(seconds=30)
DEAD_AFTER = timedelta(seconds=2)


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'gateway.db'}", tmp_path / "payloads", clock)
    yield opened
    opened.close()


class Engine:
    """A store and the workers on it. What is left running at the end of a test is stopped then."""

    def __init__(self, url: str, folder: Path, stack: ExitStack) -> None:
        self.url = url
        self._folder = folder
        self._stack = stack
        self.store = self.opened()

    def opened(self) -> SqlStore:
        """The store anew, as another process or host would open it."""
        store = open_store(self.url, self._folder, system_clock)
        self._stack.callback(store.close)
        return store

    def start(
        self,
        handlers: Mapping[str, Handler],
        *,
        threads: int = 4,
        lanes: tuple[Lane, ...] = (),
        retries: RetryPolicy = RETRIES,
        poll: timedelta = timedelta(milliseconds=300),
        dead_after: timedelta = DEAD_AFTER,
        look: timedelta | None = None,
        store: SqlStore | None = None,
        queue: Jobs | None = None,
    ) -> Worker:
        """A worker that works, on the store or the queue of its own where one is given."""
        queue, pace = queue or (store or self.store).jobs, Pace(poll=poll, lease=dead_after, look=look or dead_after / 5)
        worker = Worker(queue, handlers, system_clock, lanes=lanes or (Lane(threads=threads),), retries=retries, pace=pace)
        worker.start()
        self._stack.callback(worker.stop, PATIENCE)
        return worker

    def enqueue(self, *numbers: int, task: str = "send", order: str | None = None, run_at: datetime | None = None) -> None:
        """A work item for each number, in one transaction."""
        with self.store.begin() as unit:
            for number in numbers:
                unit.enqueue(task, key=f"{task}:{number}", id=number, order=order, run_at=run_at)

    def counts(self) -> dict[str, int]:
        """How many jobs are in which state."""
        return {name.removeprefix("job."): count for name, count in counts(self.store).items() if name.startswith("job.")}

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Returns when a condition holds; a failure of the test where it does not in good time."""
        pause, end = threading.Event(), datetime.now(UTC) + PATIENCE
        while not condition():
            assert datetime.now(UTC) < end, f"not in time: {what}"
            pause.wait(0.01)

    def idle(self) -> None:
        """Returns when nothing waits and nothing runs."""
        self.until(lambda: not self.counts().keys() & {"waiting", "running"}, "the queue is empty")


@pytest.fixture(params=["embedded", "distributed"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    url = f"sqlite:///{tmp_path / 'work.db'}" if request.param == "embedded" else request.getfixturevalue("emptied_postgres")
    with ExitStack() as stack:
        yield Engine(url, tmp_path / "payloads", stack)
