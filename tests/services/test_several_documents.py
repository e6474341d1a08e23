"""One message that carries several documents: each interchange is translated, and what is no X12 is told of."""

from edi_gateway import as2
from edi_gateway.lifecycle.states import SetIn
from edi_gateway.ports.web import ReceivedRequest
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Trade


def message(trade: Trade, *documents: as2.Attachment) -> ReceivedRequest:
    """A message of the retailer's with these documents in it."""
    payload, content_type = as2.related(documents)
    gateway = trade.retailer.gateway
    partner = gateway.book.partner(trade.retailer.partner)
    assert partner is not None
    now = gateway.clock.now()
    made = as2.seal(
        payload,
        as2_from=trade.retailer.side.as2_id,
        as2_to=partner.as2.id,
        message_id="<several@retailer.example>",
        when=now,
        content_type=content_type,
        signing_key=gateway.keys.signing(now),
        recipients=[gateway.keys.recipient(partner, now)],
    )
    return ReceivedRequest(headers=made.headers, body=made.body, remote_address="127.0.0.1")


def x12(content: bytes, name: str) -> as2.Attachment:
    return as2.Attachment(content=content, content_type="application/edi-x12", filename=name)


PICTURE = as2.Attachment(content=b"%PDF-1.7 a drawing", content_type="application/pdf", filename="drawing.pdf")


def test_each_document_of_a_message_is_translated(trade: Trade):
    reply = trade.supplier.receive(message(trade, x12(orders("4500017"), "a.edi"), x12(orders("4500018", control=2), "b.edi")))
    trade.supplier.work()
    assert reply.status == 200
    assert [(one.business_key, one.state) for one in trade.supplier.sets(set_id="850")] == [
        ("4500017", SetIn.DELIVERED),
        ("4500018", SetIn.DELIVERED),
    ]
    assert len(trade.supplier.published()) == 2


def test_an_attachment_that_is_no_x12_is_told_of_and_disturbs_nothing(trade: Trade):
    trade.supplier.receive(message(trade, PICTURE, x12(orders("4500017"), "a.edi")))
    trade.supplier.work()
    [row] = trade.supplier.transmissions(message_id="<several@retailer.example>")
    assert (row.faults, row.filename) == ((), "a.edi")
    assert len(trade.supplier.published()) == 1
    assert [one for one in trade.supplier.events() if "drawing.pdf" in one]


def test_a_message_of_several_documents_sent_twice_is_a_duplicate(trade: Trade):
    request = message(trade, x12(orders("4500017"), "a.edi"), PICTURE)
    first, second = trade.supplier.receive(request), trade.supplier.receive(request)
    trade.supplier.work()
    assert first == second
    assert len(trade.supplier.published()) == 1
