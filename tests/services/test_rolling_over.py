"""A certificate is rolled over while messages are under way in both directions: nothing is sealed anew, and nothing is lost."""

from datetime import timedelta

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.ports.channels import Unreached
from edi_gateway.testing.keys import own_key, write_key
from edi_gateway.testing.pair import Party, Trade

PO = "4500017"


def rolls_over(trade: Trade, name: str) -> None:
    """One side gets a new key, signs with it at once and keeps the old one; the other side takes both certificates."""
    party: Party = getattr(trade, name)
    other: Party = getattr(trade, party.partner)
    began = trade.clock.now() - timedelta(hours=2)
    write_key(party.side.home / "certs", "fresh", began)
    settings = party.side.home / "gateway.toml"
    text = settings.read_text()
    for kind in ("key", "cert"):
        assert f'["certs/own.{kind}.pem"]' in text
        file = {"key": "fresh.key.pem", "cert": "fresh.pem"}[kind]
        text = text.replace(f'["certs/own.{kind}.pem"]', f'["certs/{file}", "certs/own.{kind}.pem"]')
    settings.write_text(text)
    write_key(other.side.home / "certs", "fresh", began)
    file = other.side.home / "partners" / f"{name}.yaml"
    file.write_text(file.read_text().replace(f"certificates: certs/{name}.pem", f"certificates: [certs/fresh.pem, certs/{name}.pem]"))
    trade.restart("supplier")
    trade.restart("retailer")


@pytest.mark.parametrize("who", ["supplier", "retailer"])
def test_what_was_sealed_before_a_roll_over_arrives_and_what_comes_after_it_goes_by_the_new_key(trade: Trade, who: str):
    day = trade.clock.now().date()
    trade.line.answer = lambda posted: Unreached(reason="connect", detail="nobody listens")
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, day))
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, PO, day))
    trade.run()
    before = {posted.body for posted in trade.line.posted}
    rolls_over(trade, who)
    trade.line.answer = trade.deliver
    trade.turn(timedelta(minutes=2))

    fresh = own_key("fresh", trade.clock.now() - timedelta(hours=2, minutes=2)).certificate.fingerprint_shown
    for party, document in ((trade.supplier, "810"), (trade.retailer, "850")):
        [row] = [one for one in party.transmissions(direction=Direction.OUT) if one.subject.startswith(document)]
        assert row.state is Outbound.DELIVERED
        with party.look() as uow:
            [receipt] = uow.receipts.find(transmission_id=row.id)
            assert uow.payloads.get(row.wire or "") in before
        assert (receipt.signer_fingerprint == fresh) == (party.side.name != who)
    assert [name.split("_")[0] for name in trade.supplier.published()] == ["order"]
    assert [name.split("_")[0] for name in trade.retailer.published()] == ["invoice"]

    rolled, other = (trade.supplier, trade.retailer) if who == "supplier" else (trade.retailer, trade.supplier)
    for file in ("own.key.pem", "own.cert.pem"):
        (rolled.side.home / "certs" / file).unlink()
    settings = rolled.side.home / "gateway.toml"
    settings.write_text(settings.read_text().replace(', "certs/own.key.pem"', "").replace(', "certs/own.cert.pem"', ""))
    file = other.side.home / "partners" / f"{who}.yaml"
    file.write_text(file.read_text().replace(f", certs/{who}.pem]", "]"))
    trade.restart("supplier")
    trade.restart("retailer")
    trade.supplier.drop("invoice2.csv", papers.fill(papers.INVOICE, "4500018", day))
    trade.retailer.drop("order2.csv", papers.fill(papers.ORDER, "4500018", day))
    trade.run()
    assert len(trade.supplier.published()) == len(trade.retailer.published()) == 2
    for party in (trade.supplier, trade.retailer):
        assert {one.state for one in party.transmissions(direction=Direction.OUT)} == {Outbound.DELIVERED}
