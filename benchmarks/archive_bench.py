"""How cost grows with the archive: each query behind the console, the API and the clock, and one received message, by messages kept.

Run:    python benchmarks/archive_bench.py [--sizes 10000,100000,1000000] [--engine sqlite|postgresql|both] [--rounds 7] [--plans]
Prints: for each engine and size: how long each query took, the first time, the best of the rounds, median and worst, and the least
        processor time with the database's; an order received, worked through and answered, beside the same on a store that is all but
        empty, in turns of ten orders: medians of time and processor time; bytes on disk a message. What takes over 100 ms at its best
        is marked.

The archive is an order that two real gateways played and that is copied with numbers of its own (`testing/archive.py`): forty partners, a
year at a million messages, and the trouble of a year. `--plans` prints what the database does for each marked query. On SQLite the
million takes some ten GB of disk; of the payloads only the beginnings are copied there, as no query looks at them. With `--keep` the
archive stays in `--folder`, and the next run begins with it.
"""

import argparse
import gc
import json
import logging
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from archive_questions import Question, questions
from database_server import Server, server_if_any
from processor_time import postmaster
from sqlalchemy import event, text

from edi_gateway.config import load_settings
from edi_gateway.demo import papers
from edi_gateway.demo.homes import Pair, Side, make_pair
from edi_gateway.lifecycle.incidents import Incident, Kind, Weight
from edi_gateway.ports.channels import Answer
from edi_gateway.store import SqlStore
from edi_gateway.store.database import Database
from edi_gateway.store.jobs import SqlJobs
from edi_gateway.store.upgrade import upgrade
from edi_gateway.testing.archive import EVERY, Archive, copy_rows, play_order, po_of
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.pair import Trade, request_of
from edi_gateway.testing.poster import Posted
from edi_gateway.testing.work import drain

LIMIT = 0.1
KEPT_BYTES = 256
WHOLE_UP_TO = 20_000
"""Up to so many messages the payloads are copied whole, so that the disk is measured."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds by the clock, and seconds of processor: this process's and the database's."""

    clock: float
    processor: float

    def since(self, before: "Spent") -> "Spent":
        return Spent(self.clock - before.clock, self.processor - before.processor)

    def __add__(self, other: "Spent") -> "Spent":
        return Spent(self.clock + other.clock, self.processor + other.processor)

    def each(self, count: int) -> "Spent":
        return Spent(self.clock / count, self.processor / count)


@dataclass(frozen=True, slots=True)
class Took:
    """What a query took each time, the first one first. The least of a kind says what it costs where others use the machine as well."""

    name: str
    times: Sequence[Spent]

    @property
    def best(self) -> float:
        return min(one.clock for one in self.times)

    def line(self) -> str:
        clock, processor = [one.clock for one in self.times], min(one.processor for one in self.times)
        parts = {"first": clock[0], "best": self.best, "median": statistics.median(clock), "worst": max(clock), "processor": processor}
        figures = "   ".join(f"{name} {seconds * 1000:7.1f}" for name, seconds in parts.items())
        return f"{self.name:62} {figures} ms{'  <-- slow' if self.best >= LIMIT else ''}"


class Gauge:
    """What was spent until now. `servers` are the processes that those of PostgreSQL are children of."""

    def __init__(self, servers: Sequence[int]) -> None:
        self._servers = servers

    def read(self) -> Spent:
        return Spent(time.perf_counter(), time.process_time() + self._elsewhere())

    def _elsewhere(self) -> float:
        children = [child for one in self._servers for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
        return sum(map(_nanoseconds, children)) / 1e9


def _nanoseconds(process: str) -> int:
    """Of processor time, where `stat` counts hundredths of a second; 0 for one that ended meanwhile, as a vacuum does."""
    try:
        return int(Path(f"/proc/{process}/schedstat").read_text().split()[0])
    except (FileNotFoundError, ProcessLookupError):
        return 0


class Site:
    """A supplier's gateway with its database, the retailer that sends to it, and what it spent on what was sent."""

    def __init__(self, pair: Pair, clock: HandClock, gauge: Gauge) -> None:
        self.trade = Trade(pair)
        self.trade.clock.turn(clock.now() - self.trade.clock.now())
        self.supplier = self.trade.supplier
        self._gauge = gauge
        self._received: list[Spent] = []
        self._elsewhere = Spent(0.0, 0.0)
        self.trade.line.answer = self._timed

    def orders(self, first: int) -> tuple[Spent, ...]:
        """Some orders, one after another, and what answers them: what was spent on each of `PARTS`, of one order."""
        numbers = range(first, first + AT_ONCE)
        for number in numbers:
            self.trade.retailer.drop(f"timed-{number}.csv", self._paper(papers.ORDER, number))
        self.trade.retailer.scan()
        self.trade.retailer.work()
        assert len(self._received) == AT_ONCE
        received = sum(self._received, Spent(0.0, 0.0))
        worked = self._work()
        self.trade.retailer.work()
        for number in numbers:
            for name in ANSWERS:
                self.trade.supplier.drop(f"{name.lower()}-{number}.csv", self._paper(getattr(papers, name), number))
        answered = self._work()
        self.trade.retailer.work()
        self._work()
        self._received.clear()
        return tuple(one.each(AT_ONCE) for one in (received, worked, answered))

    def _work(self) -> Spent:
        """What the supplier spends on all that is due, without what the retailer does meanwhile."""
        self._elsewhere, begun = Spent(0.0, 0.0), self._gauge.read()
        self.supplier.scan()
        work_all(self.supplier.store, self.supplier.handlers, self.trade.clock)
        return self._gauge.read().since(begun + self._elsewhere)

    def _paper(self, paper: str, number: int) -> str:
        return papers.fill(paper, po_of(90_000_000 + number), self.trade.clock.now().date())

    def _timed(self, posted: Posted) -> Answer:
        begun = self._gauge.read()
        to_us = posted.url.startswith(self.supplier.side.url)
        reply = (self.supplier if to_us else self.trade.retailer).receive(request_of(posted))
        spent = self._gauge.read().since(begun)
        if to_us:
            self._received.append(spent)
        else:
            self._elsewhere += spent
        return Answer(status=reply.status, headers=reply.headers, body=reply.body)


def work_all(store: SqlStore, handlers: Any, clock: HandClock) -> None:
    """Every job that is due, in this thread; on PostgreSQL without Procrastinate's own claims, which do not look at the archive."""
    if isinstance(store.jobs, SqlJobs):
        drain(store, handlers, clock)
        return
    database: Database = store.jobs._database
    while True:
        with database.read() as connect:
            due = connect().execute(text("SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")).all()
        if not due:
            return
        for number, task, args in due:
            handlers[task](args["ids"])
            with database.write() as connect:
                connect().execute(text("DELETE FROM procrastinate_jobs WHERE id = :id"), {"id": number})


def ask_all(asked: Iterable[Question], rounds: int, gauge: Gauge) -> Iterator[Took]:
    for name, ask in asked:
        times = []
        for _ in range(rounds):
            begun = gauge.read()
            ask()
            times.append(gauge.read().since(begun))
        yield Took(name, times)


def receive_all(filled: Site, empty: Site, rounds: int) -> Iterator[str]:
    """Of each part: the medians of the filled store and of the empty one, in turns, so that both see the same machine."""
    times: dict[Site, list[tuple[Spent, ...]]] = {filled: [], empty: []}
    # No order has the number of an earlier one: each brought several messages.
    first = 10 + len(empty.trade.retailer.transmissions())
    for number in range(-1, rounds):
        for site in (filled, empty) if number % 2 else (empty, filled):
            gc.collect()
            took = site.orders(first + (number + 1) * AT_ONCE)
            if number >= 0:
                times[site].append(took)
    for at, name in enumerate(PARTS):
        for kind, what in (("", "clock"), ("  of processor time", "processor")):
            ours, theirs = (statistics.median(getattr(took[at], what) for took in times[site]) for site in (filled, empty))
            yield f"{name + kind:76} {ours * 1000:8.2f} ms   empty {theirs * 1000:8.2f} ms   {ours / theirs - 1:+.1%}"


AT_ONCE = 10
"""So many orders are received, worked through and answered in one turn."""
ANSWERS = ("ORDER_RESPONSE", "SHIP_NOTICE", "INVOICE")
PARTS = (
    "an 850 received, committed and answered",
    "… read, acknowledged, mapped, published and its 997 sent",
    "… its 855, 856 and 810 composed, sent and their MDNs judged",
)


def bytes_on_disk(database: Database) -> int:
    if database.file is not None:
        return database.file.stat().st_size
    with database.read() as connect:
        return int(connect().execute(text("SELECT pg_database_size(current_database())")).scalar_one())


def add_incidents(store: SqlStore, now: datetime, count: int) -> None:
    """Some that are open, many that have ended."""
    with store.begin() as uow:
        for number in range(count):
            at = now - timedelta(hours=number)
            key, words = f"document held {number}", "An 812 is held."
            row = Incident(key=key, kind=Kind.DOCUMENT_HELD, weight=Weight.WARNING, since=at, words=words, opened_at=at)
            made = uow.incidents.add(row)
            if number >= 20:
                assert made.id is not None
                uow.incidents.change(made.id, state="recovered", ended_at=at + timedelta(hours=1))


class Bench:
    """One engine: its template, its two sites and its growing archive, all below a folder, where the next run may find them again."""

    def __init__(self, folder: Path, server: Server | None, most: int) -> None:
        self.name = "SQLite" if server is None else "PostgreSQL"
        self._clock = HandClock()
        self._folder = folder
        self._server = server
        note = folder / "bench.json"
        known = json.loads(note.read_text()) if note.exists() else None
        if known is None:
            self._played = make_pair(folder / "played", self._clock.now())
            trade = Trade(self._played)
            play_order(trade)
            trade.close()
            urls = {name: self._site(name) for name in ("filled", "empty")}
            known = {"pair": asdict(self._played), "urls": urls, "whole": most <= WHOLE_UP_TO}
            note.write_text(json.dumps(known, default=str))
        self._clock.turn(timedelta(hours=2))
        self._sides = known["pair"]
        self.whole = known["whole"]
        self.database = Database(known["urls"]["filled"])
        upgrade(self.database)
        self.archive = Archive(self.database, most_bytes=None if self.whole else KEPT_BYTES)
        self._gauge = Gauge(postmaster(None if server is None else known["urls"]["filled"]))
        self._empty = Site(self._pair("empty"), self._clock, self._gauge)

    def _pair(self, name: str) -> Pair:
        sides = {key: Side(**{**side, "home": self._folder / name / key}) for key, side in self._sides.items()}
        return Pair(**sides)

    def _site(self, name: str) -> str:
        """A copy of what was played, on a database of its own: its address."""
        for key in ("supplier", "retailer"):
            shutil.copytree(getattr(self._played, key).home, self._folder / name / key)
        home = self._folder / name / "supplier"
        settings = load_settings(home).database
        if self._server is None:
            return settings.connect_url()
        url = self._server.database()
        source, target = Database(settings.connect_url()), Database(url)
        upgrade(target)
        copy_rows(source, target)
        source.close()
        target.close()
        file = home / "gateway.toml"
        file.write_text(file.read_text().replace("[database]", f'[database]\nurl = "{url}"'))
        return url

    def measure(self, size: int, wanted: argparse.Namespace) -> int:
        begun = time.perf_counter()
        self.archive.grow(size)
        filled = Site(self._pair("filled"), self._clock, self._gauge)
        for site in (filled, self._empty):
            site.trade.clock.turn(self._clock.now() + EVERY * self.archive.orders - site.trade.clock.now())
        if not filled.supplier.store.views.incidents():
            add_incidents(filled.supplier.store, filled.trade.clock.now(), 5000)
        words = f"{self.archive.messages:,} messages, {bytes_on_disk(self.database) / self.archive.messages:,.0f} bytes on disk each"
        print(f"\n## {self.name}: {words}{'' if self.whole else ' without their contents'}, filled in {time.perf_counter() - begun:.0f} s")
        asked = [one for one in questions(filled.supplier, self.archive, filled.trade.clock.now()) if wanted.only in one[0]]
        slow = []
        for one in ask_all(asked, wanted.rounds, self._gauge):
            print(one.line(), flush=True)
            if one.best >= LIMIT:
                slow.append(one.name)
        if wanted.plans:
            for name in slow:
                tell_plans(filled.supplier.store, name, dict(asked)[name])
        for line in receive_all(filled, self._empty, wanted.receives) if wanted.receives else ():
            print(line, flush=True)
        close(filled)
        return len(slow)

    def close(self) -> None:
        close(self._empty)
        self.archive.close()
        self.database.close()


def close(site: Site) -> None:
    site.trade.retailer.house.close()
    site.supplier.house.close()


def tell_plans(store: SqlStore, name: str, ask: Callable[[], Any]) -> None:
    """What the database does for each statement of a query that took over 20 ms."""
    database: Database = store.jobs._database
    seen: list[tuple[float, str, Any]] = []
    begun: list[float] = []

    def before(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        begun.append(time.perf_counter())

    def after(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        seen.append((time.perf_counter() - begun[-1], statement, parameters))

    event.listen(database.reader, "before_cursor_execute", before)
    event.listen(database.reader, "after_cursor_execute", after)
    ask()
    event.remove(database.reader, "before_cursor_execute", before)
    event.remove(database.reader, "after_cursor_execute", after)
    explain = "EXPLAIN QUERY PLAN" if database.file is not None else "EXPLAIN (ANALYZE, BUFFERS)"
    for seconds, statement, parameters in seen:
        if seconds < 0.02:
            continue
        print(f"\n-- {name}: {seconds * 1000:.0f} ms\n{statement}\n{str(parameters)[:400]}")
        with database.read() as connect:
            for row in connect().exec_driver_sql(f"{explain} {statement}", parameters):
                print("   ", row[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="10000", help="how many messages are kept, smallest first: 10000,100000,1000000")
    parser.add_argument("--engine", choices=("sqlite", "postgresql", "both"), default="both")
    parser.add_argument("--rounds", type=int, default=7, help="how often each query is asked")
    parser.add_argument("--receives", type=int, default=20, help="how many turns of ten orders are received at each size")
    parser.add_argument("--postgresql", metavar="URL", help="the server to measure on, instead of one that is started")
    parser.add_argument("--plans", action="store_true", help="print the plan of each query that takes over 100 ms")
    parser.add_argument("--only", default="", help="the queries whose names hold this")
    parser.add_argument("--folder", type=Path, help="where the archive is made; it is removed at the end")
    parser.add_argument("--keep", action="store_true", help="leave the archive in --folder, or begin with the one that is there")
    wanted = parser.parse_args()
    if wanted.keep and wanted.folder is None:
        parser.error("--keep needs a --folder")
    sizes: Sequence[int] = sorted(int(one) for one in wanted.sizes.split(","))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    slow = 0
    with ExitStack() as stack:
        folder = wanted.folder
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
        if not wanted.keep:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edi-gateway-bench-", dir=folder)))
        servers: list[Server | None] = [None] if wanted.engine != "postgresql" else []
        if wanted.engine != "sqlite":
            server = server_if_any(wanted.postgresql, stack, folder if wanted.keep else None)
            servers += [] if server is None else [server]
        for server in servers:
            bench = Bench(folder / ("postgresql" if server else "sqlite"), server, max(sizes))
            for size in sizes:
                slow += bench.measure(size, wanted)
            bench.close()
            if server is None and not wanted.keep:
                shutil.rmtree(folder / "sqlite")
    print(f"\n{slow} queries took 100 ms or more.")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
