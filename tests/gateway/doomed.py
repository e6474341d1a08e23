"""A gateway that is killed and started again while it trades, and the ledger that says whether that did any harm."""

import multiprocessing
import runpy
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from edi_gateway.demo import papers
from edi_gateway.demo.homes import Side
from edi_gateway.lifecycle.states import Direction, Outbound, SetIn, SetOut
from edi_gateway.store import SqlStore, open_store
from edi_gateway.work import system_clock

PROCESS = Path(__file__).with_name("failing_gateway.py")
NURSERY = multiprocessing.get_context("forkserver")
"""Processes forked from one that has read the gateway's modules and done nothing else: reading them takes most of a start."""
NURSERY.set_forkserver_preload(
    [
        "edi_gateway.bootstrap",
        "edi_gateway.web.serve",
        "edi_gateway.web.app",
        "edi_gateway.store.upgrade",
        "alembic.command",
        "alembic.autogenerate",
        "psycopg",
    ]
)


def po(number: int) -> str:
    return f"PO-{number:05}"


def order(number: int) -> str:
    """The retailer's order, as its ERP writes it."""
    return papers.fill(papers.ORDER, po(number), datetime.now(UTC).date())


class Supplier:
    """The gateway that dies: a process that can be started again, and its store looked into from outside."""

    def __init__(self, side: Side, url: str) -> None:
        self.side, self.url = side, url
        self._process: ForkServerProcess | None = None
        self._listens: Connection | None = None

    def start(self) -> None:
        """Starts it, and returns when it listens."""
        self.launch()
        assert self._listens is not None
        try:
            assert self._listens.recv().startswith("http://")
        except EOFError:
            raise AssertionError((self.side.home / "said").read_text()[-2000:]) from None

    def launch(self) -> None:
        """Starts it, although it may die before it listens."""
        self.stop()
        self._listens, ready = NURSERY.Pipe(duplex=False)
        self._process = NURSERY.Process(
            target=runpy.run_path, args=(str(PROCESS), {"given": (self.side.home, ready)}, "__main__"), daemon=True
        )
        self._process.start()
        ready.close()

    def arm(self, point: str) -> None:
        new = self.side.home / "arming"
        new.write_text(point)
        new.rename(self.side.home / "armed")

    def kill(self) -> None:
        assert self._process is not None
        self._process.kill()

    def is_dead(self) -> bool:
        assert self._process is not None
        return self._process.exitcode == -signal.SIGKILL

    def stop(self) -> None:
        """Ends it in good order where it runs."""
        if self._process is not None:
            self._process.terminate()
            self._process.join(30)
            self._process.close()
            self._process = None

    def passed(self) -> set[str]:
        return set((self.side.home / "passed").read_text().splitlines())

    def invoice(self, number: int) -> None:
        """Drops the invoice for an order, as the ERP does: whole, by a rename."""
        inbox = self.side.home / "erp" / "retailer" / "in"
        new = inbox.parent / "work" / f"invoice_{number}.new"
        new.parent.mkdir(exist_ok=True)
        new.write_text(papers.fill(papers.INVOICE, po(number), datetime.now(UTC).date()))
        new.rename(inbox / f"invoice_{number}.csv")

    @contextmanager
    def store(self) -> Iterator[SqlStore]:
        store = open_store(self.url, self.side.home / "data" / "payloads", system_clock)
        try:
            yield store
        finally:
            store.close()


def settled(supplier: Supplier, count: int) -> bool:
    """Whether every order is with the supplier's ERP and every invoice accepted by the retailer."""
    with supplier.store() as store, store.read() as uow:
        delivered = {one.business_key for one in uow.sets.find(set_id="850", direction=Direction.IN, state=SetIn.DELIVERED)}
        accepted = {one.business_key for one in uow.sets.find(set_id="810", direction=Direction.OUT, state=SetOut.ACCEPTED)}
    return len(delivered) == len(accepted) == count


def waiting(supplier: Supplier, retailer_store: SqlStore, count: int) -> list[str]:
    """What is not done yet on either side: messages, files, documents."""
    found = [f"file {path.name}" for path in (supplier.side.home / "erp" / "retailer" / "in").iterdir()]
    with supplier.store() as store, store.read() as uow:
        sent = uow.transmissions.find(direction=Direction.OUT)
        found += [f"message {one.id} {one.subject}: {one.state}" for one in sent if one.state is not Outbound.DELIVERED]
        found += [f"parked {job.task} {job.key}: {job.fault}" for job in store.jobs.parked()]
    with retailer_store.read() as uow:
        delivered = uow.sets.find(set_id="810", direction=Direction.IN, state=SetIn.DELIVERED)
        accepted = uow.sets.find(set_id="850", direction=Direction.OUT, state=SetOut.ACCEPTED)
    return [*found, *(["invoices at the retailer"] if len(delivered) < count else []), *(["orders"] if len(accepted) < count else [])]


def come_to_rest(supplier: Supplier, retailer_store: SqlStore, count: int, until: Callable[..., None], patience: timedelta) -> None:
    """Returns when nothing waits any more; says what does where it does not come to that in time."""
    until("all is settled", lambda: settled(supplier, count), patience)
    try:
        until("nothing waits", lambda: not waiting(supplier, retailer_store, count), patience)
    except AssertionError:
        raise AssertionError(waiting(supplier, retailer_store, count)) from None


def ledger(supplier: Supplier, retailer_store: SqlStore, retailer_erp: Path, count: int) -> None:
    """Everything that was acknowledged is there, and every business effect happened once, on both sides."""
    numbers = [po(number) for number in range(1, count + 1)]
    with retailer_store.read() as uow:
        sent = [one for one in uow.transmissions.find(direction=Direction.OUT) if one.subject.startswith("850")]
        orders = uow.sets.find(set_id="850", direction=Direction.OUT)
        came = uow.sets.find(set_id="810", direction=Direction.IN)
    assert [one.state for one in sent] == [Outbound.DELIVERED] * count
    assert sorted((one.business_key, one.state) for one in orders) == [(number, SetOut.ACCEPTED) for number in numbers]
    assert sorted((one.business_key, one.state) for one in came) == [(f"INV-{number}", SetIn.DELIVERED) for number in numbers]
    with supplier.store() as store, store.read() as uow:
        orders = uow.sets.find(set_id="850", direction=Direction.IN)
        invoices = uow.sets.find(set_id="810", direction=Direction.OUT)
        answers = uow.sets.find(set_id="997", direction=Direction.OUT)
        messages = [one for one in uow.transmissions.find(direction=Direction.OUT) if one.state is not Outbound.DELIVERED]
        controls = [one.control_number for one in uow.interchanges.find(direction=Direction.OUT)]
        parked = store.jobs.parked()
    assert sorted((one.business_key, one.state) for one in orders) == [(number, SetIn.DELIVERED) for number in numbers]
    assert sorted((one.business_key, one.state) for one in invoices) == [(f"INV-{number}", SetOut.ACCEPTED) for number in numbers]
    assert len(answers) == count
    assert messages == []
    assert len(set(controls)) == len(controls)
    assert parked == []
    for folder, word in ((supplier.side.home / "erp" / "retailer", "order"), (retailer_erp, "invoice")):
        names = [path.name for path in (folder / "out").iterdir() if path.name.startswith(word)]
        published = Counter(name.split("_")[1] for name in names if not name.endswith(".done"))
        assert set(published.values()) == {1}, published
        assert len(published) == count
    erp = supplier.side.home / "erp" / "retailer"
    files = {path.name for path in (erp / "out").iterdir() if not path.name.endswith(".done")}
    assert {path.name for path in (erp / "out").glob("*.done")} == {f"{name}.done" for name in files}, "each order has its semaphore"
    assert len(list((erp / "ack").glob("invoice_*.csv.result.json"))) == count
    assert len(list((erp / "archive").rglob("invoice_*.csv"))) == count
