"""The play: two gateways as processes of their own, an order to cash, and what was seen of it."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edi_gateway.bootstrap import read_terms
from edi_gateway.demo import papers
from edi_gateway.demo.homes import Pair, Side, make_pair
from edi_gateway.demo.watch import Passage, Watched
from edi_gateway.faults import Fault, Faulty
from edi_gateway.ports.channels import Clock

LOOK = 0.1
"""Seconds between two looks at the stores."""
START, STEP = 20.0, 30.0
"""Seconds that a gateway may take to start, and a step to come to its end."""

Tell = Callable[[str, str, str], None]
"""Is told each step: who, what kind, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What the play came to: every document's passage, in the order they were sent."""

    pair: Pair
    passages: tuple[Passage, ...]
    missing: tuple[str, ...]

    @property
    def good(self) -> bool:
        return not self.missing and all(passage.final for passage in self.passages)


def play(folder: Path, clock: Clock, tell: Tell, *, mdn: str = "sync") -> Outcome:
    """Plays order to cash in a new folder. Errors: Faulty where the folder is taken or a gateway does not start."""
    now = clock.now()
    pair = make_pair(folder, now, mdn=mdn)
    tell("demo", "home", f"Two homes with new keys: {pair.supplier.home} and {pair.retailer.home}")
    with ExitStack() as stack:
        for side in (pair.supplier, pair.retailer):
            stack.enter_context(_running(side))
            tell(side.name, "serve", f"Listening on {side.url}")
        watched = [Watched(side.name, read_terms(side.home), clock) for side in (pair.supplier, pair.retailer)]
        for one in watched:
            stack.callback(one.close)
        return _Stage(pair, watched[0], watched[1], tell, now).play()


class _Stage:
    """Both sides under way, with the demonstration in the part of their ERP systems."""

    def __init__(self, pair: Pair, supplier: Watched, retailer: Watched, tell: Tell, now: datetime) -> None:
        self._pair = pair
        self._supplier, self._retailer = supplier, retailer
        self._tell = tell
        self._today = now.date()
        self._po = f"45{now:%m%d%H%M}"
        self._missing: list[str] = []

    def play(self) -> Outcome:
        """The documents in the order of the trade: each follows once the one before has reached the other's ERP."""
        retailer, supplier = (self._retailer, self._supplier), (self._supplier, self._retailer)
        self._step(*retailer, "850", "order.csv", papers.ORDER)
        self._step(*supplier, "855", "order_response.csv", papers.ORDER_RESPONSE)
        self._step(*supplier, "856", "ship_notice.csv", papers.SHIP_NOTICE)
        self._step(*supplier, "810", "invoice.csv", papers.INVOICE)
        self._step(*supplier, "812", "credit.csv", papers.CREDIT)
        self._step(*retailer, "812", "claim.csv", papers.CLAIM)
        return Outcome(pair=self._pair, passages=tuple(self._passages()), missing=tuple(self._missing))

    def _step(self, sender: Watched, receiver: Watched, set_id: str, name: str, paper: str) -> None:
        """The sender's ERP drops a file; waits until the document is accepted and lies in the receiver's ERP folder."""
        side, other = (self._pair.supplier, self._pair.retailer) if sender is self._supplier else (self._pair.retailer, self._pair.supplier)
        before = len(sender.sent())
        _drop(side.home / "erp" / other.name / "in", name, papers.fill(paper, self._po, self._today))
        self._tell(side.name, "erp.drop", f"The ERP drops {name} for {other.name}")

        def arrived() -> bool:
            fresh = sender.sent()[before:]
            return bool(fresh) and all(sender.passage(row, receiver).final for row in fresh)

        if not self._until(arrived):
            self._missing.append(f"{set_id} from {side.name}: not final after {STEP:.0f} seconds")

    def _until(self, reached: Callable[[], bool]) -> bool:
        end = time.monotonic() + STEP
        while time.monotonic() < end:
            self._report()
            if reached():
                self._report()
                return True
            time.sleep(LOOK)
        return False

    def _report(self) -> None:
        for one in (self._supplier, self._retailer):
            for event in one.news():
                self._tell(one.name, event.kind, event.words)

    def _passages(self) -> Iterator[Passage]:
        rows = [(row.created_at, one, other, row) for one, other in self._both() for row in one.sent()]
        for _, one, other, row in sorted(rows, key=lambda entry: entry[0]):
            yield one.passage(row, other)

    def _both(self) -> tuple[tuple[Watched, Watched], tuple[Watched, Watched]]:
        return (self._supplier, self._retailer), (self._retailer, self._supplier)


@contextmanager
def _running(side: Side) -> Iterator[None]:
    """A gateway on a home as a process of its own, while the block lasts. Errors: Faulty where it does not answer in time."""
    log = side.home / "data" / "serve.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "edi_gateway", "serve", "--home", str(side.home)]
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603 - our own command
        try:
            _await_ready(side, process, log)
            yield
        finally:
            process.terminate()
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _await_ready(side: Side, process: "subprocess.Popen[bytes]", log: Path) -> None:
    end = time.monotonic() + START
    while time.monotonic() < end:
        if process.poll() is not None:
            break
        try:
            with urllib.request.urlopen(f"{side.url}/healthz", timeout=1) as answer:  # noqa: S310 - our own address
                json.load(answer)
                return
        except (OSError, ValueError):
            time.sleep(LOOK)
    last = log.read_text(errors="replace").strip().splitlines()[-1:] or ["it said nothing"]
    raise Faulty([Fault.of("CFG-NOT-STARTED", value=side.name, log=log, last=last[0])])


def _drop(folder: Path, name: str, content: str) -> None:
    """Drops a file as an ERP should: under another name first, then renamed."""
    folder.mkdir(parents=True, exist_ok=True)
    unfinished = folder / f"{name}.tmp"
    unfinished.write_text(content, encoding="utf-8")
    unfinished.rename(folder / name)
