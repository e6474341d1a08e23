"""What is posted to us: kept whatever it is, answered once it is kept, and the same message answered as the first time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from edi_gateway import as2
from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.ports.channels import Unreached
from edi_gateway.ports.views import MessageFilter
from edi_gateway.ports.web import HttpReply, ReceivedRequest
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Party, Trade


def refusal(reply: HttpReply) -> str:
    """What an MDN says became of the message."""
    text = reply.body.decode("latin-1")
    return next(line.partition(";")[2].strip() for line in text.splitlines() if line.startswith("Disposition:"))


def wire(party: Party) -> list[bytes]:
    """The bytes that were posted to a party, as they were kept."""
    with party.look() as uow:
        return [uow.payloads.get(row.wire) for row in uow.transmissions.find(direction=Direction.IN) if row.wire]


def takes_an_order(trade: Trade, sealed) -> bool:
    """Whether the next message goes through to the supplier's ERP."""
    before = len(trade.supplier.published())
    trade.supplier.receive(sealed(trade.retailer, orders("NEXT-1", control=77), message_id="<next@sender.example>"))
    trade.run()
    return len(trade.supplier.published()) == before + 1


def test_fifty_equal_posts_at_once_are_one_order_and_equal_mdns(trade: Trade, sealed):
    request = sealed(trade.retailer, orders("4500017"))
    with ThreadPoolExecutor(50) as threads:
        replies = list(threads.map(lambda _: trade.supplier.receive(request), range(50)))
    trade.run()

    assert len({(reply.status, reply.headers, reply.body) for reply in replies}) == 1
    assert replies[0].status == 200
    states = sorted(row.state for row in trade.supplier.transmissions(direction=Direction.IN) if row.message_id == "<1@sender.example>")
    assert states == [Inbound.DUPLICATE] * 49 + [Inbound.RECEIPTED]
    assert len(trade.supplier.published()) == 1


def test_an_mdn_of_ours_is_kept_with_the_certificate_that_signed_it(trade: Trade, sealed):
    trade.supplier.receive(sealed(trade.retailer, orders("4500017")))
    with trade.supplier.look() as uow:
        (receipt,) = uow.receipts.find(direction=Direction.OUT)
    ours = trade.supplier.gateway.keys.own()[0].certificate
    assert (receipt.signed, receipt.signer, receipt.signer_fingerprint) == (True, ours.subject, ours.fingerprint_shown)
    assert (receipt.signer_not_before, receipt.signer_not_after) == (ours.not_before, ours.not_after)


def test_a_duplicate_after_days_gets_the_first_mdn_byte_for_byte(trade: Trade, sealed):
    request = sealed(trade.retailer, orders("4500017"))
    first = trade.supplier.receive(request)
    trade.run()
    supplier = trade.restart("supplier")

    assert supplier.receive(request) == first
    trade.run()
    assert len(supplier.published()) == 1


def test_other_content_under_a_known_message_id_is_refused_and_kept(trade: Trade, sealed):
    trade.supplier.receive(sealed(trade.retailer, orders("4500017")))
    other = sealed(trade.retailer, orders("4500018"))
    reply = trade.supplier.receive(other)
    trade.run()

    assert refusal(reply) == "processed/error: unexpected-processing-error"
    [_, refused] = trade.supplier.transmissions(message_id="<1@sender.example>")
    assert (refused.state, refused.faults[0].code) == (Inbound.RECEIPTED, "AS2-DUPLICATE")
    assert other.body in wire(trade.supplier)
    assert [name.rpartition("_")[0] for name in trade.supplier.published()] == ["order_4500017"]


def test_a_failed_first_try_does_not_block_the_corrected_one(trade: Trade, sealed):
    good = sealed(trade.retailer, orders("4500017"))
    broken = replace(good, body=good.body[:-200])
    first, second = trade.supplier.receive(broken), trade.supplier.receive(good)
    trade.run()

    assert refusal(first).startswith("processed/error:")
    assert refusal(second) == "processed"
    assert len(trade.supplier.published()) == 1


@pytest.mark.parametrize("body", [b"", b"\x00garbage\xff" * 10, b"ISA*not*sealed"], ids=["empty", "garbage", "in clear"])
def test_a_body_that_cannot_be_opened_is_kept_refused_by_mdn_and_harms_no_other(trade: Trade, sealed, body: bytes):
    good = sealed(trade.retailer, orders("4500017"))
    reply = trade.supplier.receive(replace(good, body=body))

    assert refusal(reply).startswith("processed/error:")
    [row] = trade.supplier.transmissions(direction=Direction.IN)
    assert [fault.code[:4] for fault in row.faults] == ["AS2-"]
    assert wire(trade.supplier) == [body]
    assert takes_an_order(trade, sealed)


@pytest.mark.parametrize(("name", "value"), [("AS2-From", "NOBODY"), ("AS2-To", "SOMEBODY")])
def test_an_unknown_as2_name_is_told_so_and_its_bytes_are_kept(trade: Trade, sealed, name: str, value: str):
    good = sealed(trade.retailer, orders("4500017"))
    headers = tuple((key, value if key == name else found) for key, found in good.headers)
    reply = trade.supplier.receive(replace(good, headers=headers))

    assert refusal(reply) == "processed/error: unknown-trading-relationship"
    [row] = trade.supplier.transmissions(direction=Direction.IN)
    assert row.faults[0].code == "AS2-UNKNOWN-PARTNER"
    assert value in row.faults[0].message
    assert wire(trade.supplier) == [good.body]
    assert takes_an_order(trade, sealed)


def test_a_post_without_as2_names_is_kept_and_refused_in_words(trade: Trade, sealed):
    reply = trade.supplier.receive(ReceivedRequest(headers=(("Content-Type", "text/plain"),), body=b"hello"))

    assert reply.status == 400
    assert b"AS2-From" in reply.body
    assert wire(trade.supplier) == [b"hello"]
    assert takes_an_order(trade, sealed)


def test_a_post_that_names_nobody_is_counted_apart_and_asks_for_nobodys_attention(trade: Trade):
    for headers in ((("Content-Type", "text/plain"),), (("AS2-From", "RETAILER"),)):
        trade.supplier.receive(ReceivedRequest(headers=headers, body=b"hello"))

    views = trade.supplier.store.views
    states = [line.transmission.state for line in views.messages(MessageFilter(attention=True)).lines]
    assert states == [Inbound.FAULTED]
    assert len(trade.supplier.transmissions(state=Inbound.NOT_AS2)) == 1
    assert "transmission.in.not_as2" not in views.open_counts()


def test_a_message_by_a_certificate_that_we_do_not_have_is_refused(trade: Trade, sealed):
    certificates = trade.supplier.side.home / "certs"
    (certificates / "retailer.pem").write_bytes((certificates / "own.cert.pem").read_bytes())
    supplier = trade.restart("supplier")
    reply = supplier.receive(sealed(trade.retailer, orders("4500017")))

    assert refusal(reply).startswith("processed/error:")
    [row] = supplier.transmissions(direction=Direction.IN)
    assert "no certificate of the partner in force made this signature" in row.faults[0].line()
    assert supplier.published() == {}


def test_a_partner_whose_certificate_file_is_gone_is_left_out_and_the_message_kept(trade: Trade, sealed):
    (trade.supplier.side.home / "certs" / "retailer.pem").unlink()
    supplier = trade.restart("supplier")
    request = sealed(trade.retailer, orders("4500017"))
    reply = supplier.receive(request)

    assert any("retailer.pem" in fault.line() for fault in supplier.gateway.book.faults)
    assert refusal(reply) == "processed/error: unknown-trading-relationship"
    assert wire(supplier) == [request.body]


def test_an_inactive_partners_message_is_kept_and_refused(trade: Trade, sealed):
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    file.write_text("active: false\n" + file.read_text())
    supplier = trade.restart("supplier")
    request = sealed(trade.retailer, orders("4500017"))
    reply = supplier.receive(request)

    assert refusal(reply) == "processed/error: unknown-trading-relationship"
    [row] = supplier.transmissions(direction=Direction.IN)
    assert row.faults[0].code == "STO-432"
    assert wire(supplier) == [request.body]


@pytest.mark.parametrize("trade", ["async"], indirect=True)
def test_a_refusal_too_is_posted_where_the_mdn_was_asked_for(trade: Trade, sealed):
    url = f"{trade.retailer.side.url}/as2"
    good = sealed(trade.retailer, orders("4500017"), mdn=as2.MdnWanted(url=url))
    reply = trade.supplier.receive(replace(good, body=b"garbage"))
    trade.supplier.work()

    assert reply == HttpReply(status=204)
    assert [posted.url for posted in trade.line.posted] == [url]
    assert [row.state for row in trade.supplier.transmissions(direction=Direction.IN)] == [Inbound.RECEIPTED]


def test_an_mdn_is_never_posted_to_an_address_that_the_partner_file_does_not_name(trade: Trade, sealed):
    request = sealed(trade.retailer, orders("4500017"), mdn=as2.MdnWanted(url="http://127.0.0.1:1/elsewhere"))
    reply = trade.supplier.receive(request)
    trade.supplier.work()

    assert refusal(reply) == "processed/error: unexpected-processing-error"
    assert trade.line.posted == []
    with trade.supplier.look() as uow:
        [receipt] = uow.receipts.find(direction=Direction.OUT)
    assert not receipt.asynchronous


@pytest.mark.parametrize("trade", ["async"], indirect=True)
def test_an_asynchronous_mdn_that_is_not_taken_is_posted_again_with_the_same_bytes(trade: Trade, sealed):
    url = f"{trade.retailer.side.url}/as2"
    trade.line.answer = Unreached(reason="connect", detail="nobody listens")
    trade.supplier.receive(sealed(trade.retailer, orders("4500017"), mdn=as2.MdnWanted(url=url)))
    trade.supplier.work()
    trade.clock.turn(trade.supplier.gateway.book.partners[0].retry.cap)
    trade.line.answer = trade.deliver
    trade.supplier.work()

    mdns = [posted.body for posted in trade.line.posted if as2.is_mdn(posted.headers, posted.body)]
    assert len(mdns) == 2
    assert mdns[0] == mdns[1]
    [row] = trade.supplier.transmissions(direction=Direction.IN, message_id="<1@sender.example>")
    assert row.state is Inbound.RECEIPTED


@pytest.mark.parametrize("trade", ["async"], indirect=True)
def test_an_asynchronous_mdn_is_posted_by_the_partners_own_certificate_authority(trade: Trade, sealed):
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    file.write_text(file.read_text().replace("as2:\n", "as2:\n  ca_file: certs/retailer.pem\n"))
    supplier = trade.restart("supplier")
    supplier.receive(sealed(trade.retailer, orders("4500017"), mdn=as2.MdnWanted(url=f"{trade.retailer.side.url}/as2")))
    supplier.work()

    assert trade.line.posted[0].authorities == (trade.supplier.side.home / "certs" / "retailer.pem").read_text()


@pytest.mark.parametrize("trade", ["async"], indirect=True)
def test_posting_an_mdn_ends_as_agreed_and_a_person_sets_it_off_again(trade: Trade, sealed):
    request = sealed(trade.retailer, orders("4500017"), mdn=as2.MdnWanted(url=f"{trade.retailer.side.url}/as2"))
    trade.line.answer = Unreached(reason="connect", detail="nobody listens")
    trade.supplier.receive(request)
    trade.supplier.work()
    for _ in range(10):
        trade.clock.turn(timedelta(seconds=40))
        trade.supplier.work()
    [row] = trade.supplier.transmissions(message_id="<1@sender.example>")
    mdns = [posted.body for posted in trade.line.posted if as2.is_mdn(posted.headers, posted.body)]
    assert (row.state, row.faults[-1].code) == (Inbound.RECEIPT_EXHAUSTED, "STO-420")
    assert len(mdns) == 8
    assert len(set(mdns)) == 1
    assert len(trade.supplier.published()) == 1

    trade.line.answer = trade.deliver
    assert trade.supplier.house.operator.resend(row.id, actor="anna", reason="partner is back").faults == ()
    trade.supplier.work()
    [posted] = trade.supplier.transmissions(id=row.id)
    assert (posted.state, posted.faults) == (Inbound.RECEIPTED, ())


@pytest.mark.parametrize("trade", ["async"], indirect=True)
def test_a_duplicate_of_an_asynchronous_message_has_the_same_mdn_posted_again(trade: Trade, sealed):
    request = sealed(trade.retailer, orders("4500017"), mdn=as2.MdnWanted(url=f"{trade.retailer.side.url}/as2"))
    for _ in range(2):
        assert trade.supplier.receive(request).status == 204
        trade.supplier.work()

    mdns = [posted.body for posted in trade.line.posted if as2.is_mdn(posted.headers, posted.body)]
    assert len(mdns) == 2
    assert mdns[0] == mdns[1]


def test_a_message_that_asks_for_no_mdn_gets_none(trade: Trade, sealed):
    good = sealed(trade.retailer, orders("4500017"), mdn=None)

    assert trade.supplier.receive(good) == HttpReply(status=200)
    assert trade.supplier.receive(replace(good, body=b"")).status == 400
    with trade.supplier.look() as uow:
        assert uow.receipts.find() == []
