"""Two gateways without a network, on one clock: made once a run, and copied for each test."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from edi_gateway import as2
from edi_gateway.as2 import MdnWanted
from edi_gateway.demo.homes import Pair, Side, make_pair
from edi_gateway.ports.web import ReceivedRequest
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.pair import Party, Trade

SYNCHRONOUS = MdnWanted()
Sealer = Callable[..., ReceivedRequest]


@pytest.fixture(scope="session")
def made_pairs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Pair]:
    """A pair of homes by how they ask for MDNs; making keys takes a while."""
    made: dict[str, Pair] = {}

    def pair(mdn: str) -> Pair:
        if mdn not in made:
            made[mdn] = make_pair(tmp_path_factory.mktemp(mdn), HandClock().now(), mdn=mdn)
        return made[mdn]

    return pair


def moved(pair: Pair, folder: Path) -> Pair:
    """The same homes, copied to another folder."""

    def copied(side: Side) -> Side:
        return replace(side, home=Path(shutil.copytree(side.home, folder / side.name)))

    return Pair(supplier=copied(pair.supplier), retailer=copied(pair.retailer))


@pytest.fixture
def pair(request: pytest.FixtureRequest, made_pairs: Callable[[str], Pair], tmp_path: Path) -> Pair:
    """A pair of homes of this test alone, with synchronous MDNs unless a parameter says "async"."""
    return moved(made_pairs(getattr(request, "param", "sync")), tmp_path)


@pytest.fixture
def trade(pair: Pair) -> Iterator[Trade]:
    both = Trade(pair)
    yield both
    both.close()


@pytest.fixture(scope="module", params=["sync", "async"])
def module_trade(
    request: pytest.FixtureRequest, made_pairs: Callable[[str], Pair], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Trade]:
    """One trade for all tests of a module, which only look at what was played on it."""
    both = Trade(moved(made_pairs(request.param), tmp_path_factory.mktemp("played")))
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
