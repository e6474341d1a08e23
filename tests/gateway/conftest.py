"""Gateways that run: in threads of the test process, and as processes that can be killed. All on loopback."""

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edi_gateway import as2
from edi_gateway.bootstrap import House, read_terms
from edi_gateway.channels.http import HttpPoster
from edi_gateway.demo.homes import Pair, Side, make_pair
from edi_gateway.ports.channels import Answer, Unreached
from edi_gateway.services.compose import scan_folders
from edi_gateway.web.serve import Server
from edi_gateway.work import Watcher

PROCESS = Path(__file__).with_name("gateway_process.py")
PATIENCE = timedelta(seconds=60)
LOOK = 0.05
LOOK_AT_TROUBLE = timedelta(seconds=1)


@pytest.fixture
def until() -> Callable[[str, Callable[[], bool]], None]:
    """Returns when a condition holds; a failure of the test where it does not in good time."""

    def wait(what: str, condition: Callable[[], bool], patience: timedelta = PATIENCE) -> None:
        pause, end = threading.Event(), datetime.now(UTC) + patience
        while not condition():
            assert datetime.now(UTC) < end, f"not in time: {what}"
            pause.wait(LOOK)

    return wait


class Running:
    """A gateway in threads of this process."""

    def __init__(self, side: Side, partner: str) -> None:
        self.side = side
        self.house = House(read_terms(side.home))
        self.house.prepare_folders()
        self.erp = self.house.settings.erp.folder / partner
        self.store = self.house.store

    @contextmanager
    def running(self) -> Iterator["Running"]:
        worker, ticker, server = self.house.worker(), self.house.ticker(), Server(self.house.web_parts())
        watcher = Watcher(self.store, LOOK_AT_TROUBLE)
        serving = threading.Thread(target=server.run)
        with self.store.hold():
            worker.start()
            ticker.start()
            watcher.start()
            serving.start()
            try:
                yield self
            finally:
                server.stop()
                serving.join()
                watcher.stop()
                ticker.stop()
                assert worker.stop()
        self.house.close()

    def drop(self, name: str, content: str) -> None:
        """A file of the ERP's, looked for at once rather than at the next tick."""
        (self.erp / "in" / name).write_text(content)
        scan_folders(self.house.gateway)


@pytest.fixture
def running() -> Callable[[Side, str], AbstractContextManager[Running]]:
    """Runs a gateway in threads for as long as the block lasts."""
    return lambda side, partner: Running(side, partner).running()


Starter = Callable[[Side, str], subprocess.Popen[str]]


@pytest.fixture(scope="session")
def homes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Pair]:
    """New homes for a test, by how they ask for MDNs."""
    return lambda mdn: make_pair(tmp_path_factory.mktemp("homes"), datetime.now(UTC), mdn=mdn)


@pytest.fixture
def start() -> Iterator[Starter]:
    """Starts a gateway as a process that dies at a point, and gives it when it listens."""
    with ExitStack() as stack:

        def started(side: Side, point: str) -> subprocess.Popen[str]:
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, str(PROCESS), str(side.home), point], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
                )
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            assert process.stdout.readline().startswith("http://")
            return process

        yield started


@pytest.fixture
def post() -> Callable[..., Answer | Unreached]:
    """Posts an interchange over HTTP as the retailer would, the same bytes for the same Message-ID."""
    sealed: dict[str, as2.Sealed] = {}

    def posted(pair: Pair, content: bytes, message_id: str, patience: timedelta = timedelta(seconds=20)) -> Answer | Unreached:
        terms = read_terms(pair.retailer.home)
        now = datetime.now(UTC)
        if message_id not in sealed:
            sealed[message_id] = as2.seal(
                content,
                as2_from=pair.retailer.as2_id,
                as2_to=pair.supplier.as2_id,
                message_id=message_id,
                when=now,
                signing_key=terms.keys.signing(now),
                recipients=[terms.keys.recipient(terms.book.partners[0], now)],
            )
        one = sealed[message_id]
        return HttpPoster().post(f"{pair.supplier.url}/as2", one.headers, one.body, timeout=patience)

    return posted


@pytest.fixture(params=["sqlite", "postgresql"])
def pair(request: pytest.FixtureRequest, homes: Callable[[str], Pair]) -> Pair:
    """Two homes with MDNs in the answer; the supplier's on the database of the parameter."""
    made = homes("sync")
    if request.param == "postgresql":
        on_postgresql(made.supplier, str(request.getfixturevalue("new_postgres")()))
    return made


@pytest.fixture(params=["sqlite", "postgresql"])
def doomed_pair(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Pair, str]:
    """Two homes with asynchronous MDNs; the supplier's on the database of the parameter."""
    pair = patient_pair(tmp_path, mdn="async")
    home = pair.supplier.home
    if request.param == "sqlite":
        return pair, f"sqlite:///{home / 'data' / 'gateway.db'}"
    return pair, on_postgresql(pair.supplier, str(request.getfixturevalue("new_postgres")()))


def patient_pair(folder: Path, *, mdn: str) -> Pair:
    """Two homes that try again every second, for as long as the other is down; the supplier's orders are followed by semaphores."""
    pair = make_pair(folder, datetime.now(UTC), mdn=mdn)
    for side in (pair.supplier, pair.retailer):
        for file in (side.home / "partners").glob("*.yaml"):
            file.write_text(file.read_text().replace("factor: 2, cap: 30s, attempts: 8", "factor: 1, cap: 1s, attempts: 500"))
    orders = pair.supplier.home / "partners" / "retailer.yaml"
    orders.write_text(orders.read_text().replace("    850:\n", "    850:\n      semaphore: true\n"))
    return pair


def on_postgresql(side: Side, url: str) -> str:
    """Sets a home up for a PostgreSQL database; its address as the settings have it."""
    url = url.replace("postgres:@", "postgres@")  # no password: the socket's folder is this user's alone
    settings = side.home / "gateway.toml"
    settings.write_text(settings.read_text().replace("\n[database]", f'\n[database]\nurl = "{url}"'))
    return url
