"""`edi-gateway serve` as a process whose surroundings a test may spoil, and what its orders came to."""

import os
import resource
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from edi_gateway.config.settings import load_settings
from edi_gateway.demo.homes import Side
from edi_gateway.lifecycle.states import Direction, Inbound, SetIn
from edi_gateway.store import SqlStore, open_store
from edi_gateway.work import system_clock


class Serving:
    """A gateway on a home: started, spoilt, killed, started again."""

    def __init__(self, side: Side, surroundings: Mapping[str, str]) -> None:
        self.side = side
        self._surroundings = {**os.environ, **surroundings}
        self._log = side.home.parent / f"{side.name}.log"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "edi_gateway", "serve", "--home", str(self.side.home)]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True, env=self._surroundings)
        assert self._process.stdout is not None
        assert "listens at" in self._process.stdout.readline(), self.said()[-2000:]

    def said(self) -> str:
        """Its log."""
        return self._log.read_text()

    @property
    def process(self) -> subprocess.Popen[str]:
        assert self._process is not None
        return self._process

    def is_dead(self) -> bool:
        return self.process.poll() is not None

    def limit(self, what: int, to: int) -> None:
        """Lets it have no more of something from now on; `resource.RLIM_INFINITY` lets it have all there is."""
        _, hard = resource.prlimit(self.process.pid, what)
        resource.prlimit(self.process.pid, what, (hard if to == resource.RLIM_INFINITY else to, hard))

    def data(self) -> int:
        """The memory of its own that it has, which RLIMIT_DATA bounds. Units: bytes."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData"))

    def handles(self) -> int:
        """The highest file handle it has open."""
        return max(int(path.name) for path in Path(f"/proc/{self.process.pid}/fd").iterdir())

    def kill(self) -> None:
        self.process.kill()
        self._end()

    def stop(self) -> None:
        if self._process is not None and self._process.stdout is not None and not self._process.stdout.closed:
            self.process.terminate()
            self._end()

    def _end(self) -> None:
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()


@contextmanager
def serving(side: Side, surroundings: Mapping[str, str] | None = None) -> Iterator[Serving]:
    """A running gateway; whatever became of it, it is gone afterwards."""
    gateway = Serving(side, surroundings or {})
    gateway.start()
    try:
        yield gateway
    finally:
        gateway.stop()


@contextmanager
def store_of(side: Side) -> Iterator[SqlStore]:
    """The store of a gateway, looked into from outside."""
    database = load_settings(side.home).database
    store = open_store(database.connect_url(), database.payloads, system_clock)
    try:
        yield store
    finally:
        store.close()


def published(side: Side) -> Counter[str]:
    """The orders in the ERP's folder: how often each."""
    names = (path.name for path in (side.home / "erp" / "retailer" / "out").iterdir())
    return Counter(name.split("_")[1] for name in names if name.startswith("order_"))


def each_is_delivered_once(
    side: Side, numbers: Sequence[str], until: Callable[..., None], patience: timedelta = timedelta(seconds=60)
) -> None:
    """Returns when these orders and no others are with the ERP, each once, and no work is parked."""
    until("all orders are with the ERP", lambda: set(published(side)) >= set(numbers), patience)
    with store_of(side) as store:

        def settled() -> bool:
            with store.read() as uow:
                return {one.state for one in uow.sets.find(set_id="850")} == {SetIn.DELIVERED}

        until("all sets are delivered", settled)
        with store.read() as uow:
            orders = Counter(one.business_key for one in uow.sets.find(set_id="850"))
            opened = [str(one.message_id) for one in uow.transmissions.find(direction=Direction.IN) if one.state is Inbound.RECEIPTED]
        assert store.jobs.parked() == []
    assert published(side) == orders == Counter(numbers)
    assert sorted(one for one in opened if one.endswith("@retailer.example>")) == sorted(
        f"<{number.rpartition('-')[2]}@retailer.example>" for number in numbers
    )
