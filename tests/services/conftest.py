"""Two gateways without a network, on one clock: made once a run, and copied for each test.

With EDI_GATEWAY_TEST_POSTGRESQL=1 in the environment both keep their rows in PostgreSQL databases of their own.
"""

import os
import shutil
from collections.abc import Callable, Iterator
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
from edi_gateway.testing.pair import Party, Trade

SYNCHRONOUS = MdnWanted()
Sealer = Callable[..., ReceivedRequest]


class Template:
    """A pair of homes with keys and tables, made once, and the trade that read them."""

    def __init__(self, folder: Path, mdn: str) -> None:
        self.pair = make_pair(folder, HandClock().now(), mdn=mdn)
        self.trade = Trade(self.pair)
        self.trade.close()

    def copied(self, folder: Path, new_database: Callable[[], str] | None = None) -> Trade:
        """A trade between copies of the homes; their rows are in new databases where these are made for them."""

        def moved(side: Side) -> Side:
            home = Path(shutil.copytree(side.home, folder / side.name))
            if new_database is not None:
                settings = home / "gateway.toml"
                settings.write_text(settings.read_text().replace("[database]\n", f'[database]\nurl = "{new_database()}"\n', 1))
            return replace(side, home=home)

        return Trade(Pair(supplier=moved(self.pair.supplier), retailer=moved(self.pair.retailer)), like=self.trade)


@pytest.fixture(scope="session")
def postgresql_databases(postgres: Any) -> Callable[[], str]:
    """Makes a PostgreSQL database with all tables."""
    postgres.psql("CREATE DATABASE trade_template;")
    made = Database(str(postgres.get_uri(database="trade_template")))
    upgrade(made)
    made.close()

    def copied() -> str:
        name = f"trade_{os.urandom(6).hex()}"
        postgres.psql(f"CREATE DATABASE {name} TEMPLATE trade_template;")
        return str(postgres.get_uri(database=name)).replace(":@", "@")

    return copied


@pytest.fixture(scope="session")
def databases(request: pytest.FixtureRequest) -> Callable[[], str] | None:
    """Makes PostgreSQL databases where the environment asks for that; None where trades are on SQLite."""
    found: Callable[[], str] | None = None
    if os.environ.get("EDI_GATEWAY_TEST_POSTGRESQL"):
        found = request.getfixturevalue("postgresql_databases")
    return found


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Template]:
    """The template by how MDNs are asked for: making keys and tables, and compiling maps, takes a while."""
    return cache(lambda mdn: Template(tmp_path_factory.mktemp(mdn), mdn))


@pytest.fixture
def trade(
    request: pytest.FixtureRequest, template: Callable[[str], Template], tmp_path: Path, databases: Callable[[], str] | None
) -> Iterator[Trade]:
    """Two gateways of this test alone, with synchronous MDNs unless a parameter says "async"."""
    both = template(getattr(request, "param", "sync")).copied(tmp_path, databases)
    yield both
    both.close()


@pytest.fixture(scope="module", params=["sync", "async"])
def module_trade(
    request: pytest.FixtureRequest,
    template: Callable[[str], Template],
    tmp_path_factory: pytest.TempPathFactory,
    databases: Callable[[], str] | None,
) -> Iterator[Trade]:
    """One trade for all tests of a module, which only look at what was played on it."""
    both = template(request.param).copied(tmp_path_factory.mktemp("played"), databases)
    yield both
    both.close()


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
