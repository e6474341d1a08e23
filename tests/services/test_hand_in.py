"""Files that a person hands in: sent as they are, and settled like everything else that we send."""

import pytest

from edi_gateway.lifecycle.states import Direction, Outbound, SetIn, SetOut
from edi_gateway.services.hand_in import send_interchange
from edi_gateway.testing.interchanges import group, interchange
from edi_gateway.testing.pair import Trade

INVOICE = ("810", "BIG*20260302*INV-1**PO-77", "IT1*1*2*EA*3.1**BP*B000123", "TDS*620", "CTT*1")


def handed_in(trade: Trade, content: bytes) -> None:
    [partner] = trade.supplier.gateway.book.partners
    send_interchange(trade.supplier.gateway, partner, content, "invoice.edi")
    trade.run()


def test_the_partners_997_settles_an_interchange_that_was_handed_in(trade: Trade):
    groups = [group("IN", "0042", [INVOICE], sender="SUPPLIER", receiver="RETAILER")]
    handed_in(trade, interchange(groups, control=4711, sender="SUPPLIER", receiver="RETAILER"))

    [row] = trade.supplier.sets(direction=Direction.OUT)
    assert (row.set_id, row.business_key, row.po_number) == ("810", "INV-1", "PO-77")
    assert (row.state, row.verdict) == (SetOut.ACCEPTED, "A")
    [answer] = trade.supplier.sets(direction=Direction.IN)
    assert (answer.state, answer.faults) == (SetIn.SETTLED, ())
    with trade.supplier.look() as uow:
        [sent] = uow.transmissions.find(direction=Direction.OUT)
        [kept] = uow.interchanges.find(direction=Direction.OUT)
        [enveloped] = uow.groups.find(direction=Direction.OUT)
    assert (sent.state, sent.filename) == (Outbound.DELIVERED, "invoice.edi")
    assert (kept.control_number, enveloped.verdict) == ("000004711", "A")


def test_what_was_handed_in_tells_the_revision_of_the_configuration_that_it_went_by(trade: Trade):
    trade.supplier.configure()
    groups = [group("IN", "0042", [INVOICE], sender="SUPPLIER", receiver="RETAILER")]
    handed_in(trade, interchange(groups, control=4711, sender="SUPPLIER", receiver="RETAILER"))
    for rows in (trade.supplier.transmissions(), trade.supplier.sets()):
        assert [row.revision for row in rows] == [1, 1], "what went out and its 997"


@pytest.mark.parametrize("content", [b"", b"price list as text"])
def test_what_is_no_x12_is_sent_all_the_same(trade: Trade, content: bytes):
    handed_in(trade, content)

    [sent] = trade.supplier.transmissions(direction=Direction.OUT)
    assert sent.state is Outbound.DELIVERED
    assert trade.supplier.sets() == []
