"""Two gateways without a network, on one clock: made once a run, and copied for each test.

They keep their rows in SQLite. Tests marked `both_databases` are played on PostgreSQL, too, by `make test-slow`; with
EDI_GATEWAY_TEST_POSTGRESQL=1 in the environment all others are as well, but for those marked `sqlite`.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from edi_gateway import as2
from edi_gateway.as2 import MdnWanted
from edi_gateway.demo.homes import Pair, Side, make_pair
from edi_gateway.ports.web import ReceivedRequest
from edi_gateway.store.database import Database
from edi_gateway.store.upgrade import upgrade
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.databases import empty
from edi_gateway.testing.pair import Party, Trade

ASKED = "EDI_GATEWAY_TEST_POSTGRESQL"
SYNCHRONOUS = MdnWanted()
Sealer = Callable[..., ReceivedRequest]


class Databases:
    """PostgreSQL databases with all tables, each emptied before it is lent again: much quicker than a new one for every test."""

    def __init__(self, postgres: Any) -> None:
        self._postgres = postgres
        self._free: list[Database] = []

    @contextmanager
    def lent(self) -> Iterator[Callable[[], str]]:
        """What gives the address of another empty one, at each call; they are given back together."""
        lent: list[Database] = []

        def one() -> str:
            lent.append(self._free.pop() if self._free else self._made())
            empty(lent[-1])
            return str(lent[-1].url.render_as_string(hide_password=False)).replace(":@", "@")

        try:
            yield one
        finally:
            self._free += lent

    def close(self) -> None:
        for one in self._free:
            one.close()

    def _made(self) -> Database:
        name = f"trade_{os.urandom(6).hex()}"
        self._postgres.psql(f"CREATE DATABASE {name};")
        made = Database(str(self._postgres.get_uri(database=name)))
        upgrade(made)
        return made


class Template:
    """A pair of homes with keys and tables, made once, and the trade that read them."""

    def __init__(self, folder: Path, mdn: str) -> None:
        self.pair = make_pair(folder, HandClock().now(), mdn=mdn)
        self.trade = Trade(self.pair)
        self.trade.close()

    @contextmanager
    def played(self, folder: Path, databases: Databases | None = None) -> Iterator[Trade]:
        """A trade between copies of the homes; their rows are in databases of these where there are such."""
        with databases.lent() if databases else nullcontext() as new_database:
            trade = self.copied(folder, new_database)
            try:
                yield trade
            finally:
                trade.close()

    def copied(self, folder: Path, new_database: Callable[[], str] | None = None) -> Trade:
        def moved(side: Side) -> Side:
            home = Path(shutil.copytree(side.home, folder / side.name))
            if new_database is not None:
                settings = home / "gateway.toml"
                settings.write_text(settings.read_text().replace("[database]\n", f'[database]\nurl = "{new_database()}"\n', 1))
            return replace(side, home=home)

        return Trade(Pair(supplier=moved(self.pair.supplier), retailer=moved(self.pair.retailer)), like=self.trade)


@pytest.fixture(scope="session")
def postgresql_databases(postgres: Any) -> Iterator[Databases]:
    """PostgreSQL databases to lend."""
    found = Databases(postgres)
    yield found
    found.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    marks = {mark.name for mark in metafunc.definition.iter_markers()}
    if "databases" in metafunc.fixturenames and "both_databases" in marks and "sqlite" not in marks:
        both = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]
        metafunc.parametrize("databases", both, indirect=True, scope="session")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if os.environ.get(ASKED) and any(item.iter_markers("sqlite")):
        pytest.skip("it is about SQLite")


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Databases | None:
    """PostgreSQL databases where a parameter or the environment asks for them; None where trades are on SQLite."""
    found: Databases | None = None
    if getattr(request, "param", "postgresql" if os.environ.get(ASKED) else "sqlite") == "postgresql":
        found = request.getfixturevalue("postgresql_databases")
    return found


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Template]:
    """The template by how MDNs are asked for: making keys and tables, and compiling maps, takes a while."""
    return cache(lambda mdn: Template(tmp_path_factory.mktemp(mdn), mdn))


@pytest.fixture
def trade(
    request: pytest.FixtureRequest, template: Callable[[str], Template], tmp_path: Path, databases: Databases | None
) -> Iterator[Trade]:
    """Two gateways of this test alone, with synchronous MDNs unless a parameter says "async"."""
    with template(getattr(request, "param", "sync")).played(tmp_path, databases) as both:
        yield both


@pytest.fixture(scope="module", params=["sync", "async"])
def module_trade(
    request: pytest.FixtureRequest,
    template: Callable[[str], Template],
    tmp_path_factory: pytest.TempPathFactory,
    databases: Databases | None,
) -> Iterator[Trade]:
    """One trade for all tests of a module, which only look at what was played on it."""
    with template(request.param).played(tmp_path_factory.mktemp("played"), databases) as both:
        yield both


@pytest.fixture
def sealed() -> Sealer:
    """Seals some content as one side would for the other, and gives it as the other's web would hand it on."""

    def seal(
        sender: Party, content: bytes, *, message_id: str = "<1@sender.example>", mdn: MdnWanted | None = SYNCHRONOUS
    ) -> ReceivedRequest:
        gateway = sender.gateway
        partner = gateway.book.partner(sender.partner)
        assert partner is not None
        now = gateway.clock.now()
        made = as2.seal(
            content,
            as2_from=sender.side.as2_id,
            as2_to=partner.as2.id,
            message_id=message_id,
            when=now,
            signing_key=gateway.keys.signing(now),
            recipients=[gateway.keys.recipient(partner, now)],
            mdn=mdn,
        )
        return ReceivedRequest(headers=made.headers, body=made.body, remote_address="127.0.0.1")

    return seal
