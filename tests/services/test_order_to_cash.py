"""One order from purchase order to credit, between two gateways: every document reaches its final state, once."""

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, Inbound, Outbound, SetIn, SetOut
from edi_gateway.testing.pair import Trade

pytestmark = pytest.mark.both_databases

PO = "4500017"


@pytest.fixture(scope="module")
def played(module_trade: Trade) -> Trade:
    trade = module_trade
    today = trade.clock.now().date()
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, PO, today))
    trade.run()
    for name in ("ORDER_RESPONSE", "SHIP_NOTICE", "INVOICE", "CREDIT"):
        trade.supplier.drop(f"{name.lower()}.csv", papers.fill(getattr(papers, name), PO, today))
    trade.run()
    trade.retailer.drop("claim.csv", papers.fill(papers.CLAIM, PO, today))
    trade.run()
    return trade


def test_every_document_of_an_order_reaches_its_final_state(played: Trade):
    for party in (played.supplier, played.retailer):
        assert {row.state for row in party.transmissions(direction=Direction.OUT)} == {Outbound.DELIVERED}
        assert {row.state for row in party.transmissions(direction=Direction.IN)} == {Inbound.RECEIPTED}
        sets_out = {(row.set_id, row.state) for row in party.sets(direction=Direction.OUT)}
        assert {state for set_id, state in sets_out if set_id != "997"} == {SetOut.ACCEPTED}
        assert {state for set_id, state in sets_out if set_id == "997"} == {SetOut.DONE}
        sets_in = {(row.set_id, row.state) for row in party.sets(direction=Direction.IN)}
        assert {state for set_id, state in sets_in if set_id != "997"} == {SetIn.DELIVERED}
        assert {state for set_id, state in sets_in if set_id == "997"} == {SetIn.SETTLED}
    assert sorted(row.set_id for row in played.retailer.sets(direction=Direction.IN) if row.set_id != "997") == ["810", "812", "855", "856"]
    assert sorted(row.set_id for row in played.supplier.sets(direction=Direction.IN) if row.set_id != "997") == ["812", "850"]


def test_every_document_gives_one_erp_file(played: Trade):
    names = [name.rpartition("_")[0] for name in played.retailer.published()]
    assert sorted(names) == [f"adjustment_CM-{PO}", f"invoice_INV-{PO}", f"order_response_{PO}", f"ship_notice_SHP-{PO}"]
    assert sorted(name.rpartition("_")[0] for name in played.supplier.published()) == [f"adjustment_DM-{PO}", f"order_{PO}"]
    assert played.retailer.result("order.csv")["result"] == "accepted"


def test_every_mdn_bears_the_mic_that_was_sealed(played: Trade):
    for party in (played.supplier, played.retailer):
        with party.look() as uow:
            for row in uow.transmissions.find(direction=Direction.OUT):
                [receipt] = uow.receipts.find(transmission_id=row.id)
                assert (receipt.verdict, receipt.mic, receipt.signed) == ("delivered", row.mic, True)
                assert receipt.disposition == "automatic-action/MDN-sent-automatically; processed"


def test_every_window_of_an_order_is_met(played: Trade):
    windows = [*played.supplier.deadlines(), *played.retailer.deadlines()]
    assert {row.state for row in windows} == {DeadlineState.MET}
    [answer] = played.supplier.deadlines(kind=DeadlineKind.ANSWER)
    assert answer.expects == "855"


def test_what_the_erp_ordered_is_what_the_suppliers_erp_gets(played: Trade):
    [order] = [content for name, content in played.supplier.published().items() if name.startswith("order_")]
    ordered = [line for line in papers.fill(papers.ORDER, PO, played.clock.now().date()).splitlines() if line.startswith("LIN")]
    arrived = [line for line in order.splitlines() if line.startswith("LIN")]
    assert [line.split(",")[1:5] for line in arrived] == [line.split(",")[1:5] for line in ordered]
