"""Terms of a partner file at work: how messages are sealed and posted, and where receipts may go."""

import base64

import pytest

from edi_gateway import as2
from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.ports.channels import Answer, ClientKey
from edi_gateway.testing.pair import Party, Trade
from edi_gateway.testing.poster import Posted

PO = "4500017"


def agreed(trade: Trade, terms: str) -> Party:
    """The supplier, whose file for the retailer has these terms, too."""
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    file.write_text(file.read_text().replace("as2:\n", f"as2:\n{terms}"))
    return trade.restart("supplier")


def invoice_posted(trade: Trade) -> Posted:
    """The one POST that carries the supplier's invoice."""
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    trade.run()
    [row] = [row for row in trade.supplier.transmissions(direction=Direction.OUT) if row.subject.startswith("810")]
    assert row.state is Outbound.DELIVERED
    [posted] = [one for one in trade.line.posted if ("Message-ID", row.message_id) in one.headers]
    return posted


def opened(trade: Trade, posted: Posted) -> as2.Opened:
    """What the retailer finds in it."""
    gateway = trade.retailer.gateway
    heading = as2.read_heading(posted.headers)
    assert isinstance(heading, as2.Heading)
    partner = gateway.book.partner(trade.retailer.partner)
    assert partner is not None
    result = as2.open_message(
        heading,
        posted.headers,
        posted.body,
        own_keys=gateway.keys.own(),
        partner_certificates=gateway.keys.of(partner),
        when=trade.clock.now(),
    )
    assert isinstance(result, as2.Opened)
    return result


def test_a_message_is_sealed_as_the_file_asks(trade: Trade):
    agreed(trade, "  sign: sha512\n  signature_padding: pss\n  encrypt: aes256-gcm\n  key_transport: oaep\n  compress: after-signing\n")
    layers = opened(trade, invoice_posted(trade)).layers
    assert (layers.digest, layers.cipher, layers.transport) == (as2.Digest.SHA512, as2.Cipher.AES256_GCM, as2.Transport.OAEP)
    assert "pss" in str(layers.scheme).lower()
    assert layers.compressed


def test_a_document_travels_under_the_content_type_agreed_for_it(trade: Trade):
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    text = file.read_text()
    assert "  send: [" in text
    head, _, rest = text.partition("  send: [")
    listed, _, tail = rest.partition("]")
    table = "".join(f"\n    {one.strip()}: {{content_type: application/octet-stream}}" for one in listed.split(","))
    file.write_text(f"{head}  send:{table}{tail}")
    trade.restart("supplier")
    assert opened(trade, invoice_posted(trade)).content_type == "application/octet-stream"


def test_a_preset_fits_what_the_file_leaves_open(trade: Trade):
    agreed(trade, "  quirks: libas2\n  sign: sha256\n")
    layers = opened(trade, invoice_posted(trade)).layers
    assert (layers.cipher, layers.transport, layers.compressed) == (as2.Cipher.AES256_CBC, as2.Transport.PKCS1, False)


def test_a_message_is_posted_in_chunks_where_that_is_agreed(trade: Trade):
    agreed(trade, "  transfer: chunked\n")
    assert invoice_posted(trade).chunked


def test_the_password_goes_over_the_line_and_is_kept_nowhere(trade: Trade):
    (trade.supplier.side.home / "certs" / "retailer.password").write_text("Sésame: open\n")
    agreed(trade, "  basic_auth: {user: brightmill, password: 'file:certs/retailer.password'}\n")
    posted = invoice_posted(trade)
    credentials = base64.b64encode("brightmill:Sésame: open".encode()).decode()
    assert ("Authorization", f"Basic {credentials}") in posted.headers
    rows = trade.supplier.transmissions(direction=Direction.OUT)
    assert rows
    assert credentials not in repr(rows)
    assert credentials not in "".join(trade.supplier.events())


def test_a_message_whose_password_is_missing_stops_with_the_reason(trade: Trade):
    agreed(trade, "  basic_auth: {user: brightmill, password: 'file:certs/none'}\n")
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    trade.run()
    [row] = [row for row in trade.supplier.transmissions(direction=Direction.OUT) if row.subject.startswith("810")]
    assert [fault.code for fault in row.faults] == ["CFG-SECRET-MISSING"]
    assert row.attempts == 0


def test_the_partners_server_is_shown_our_certificate(trade: Trade):
    agreed(trade, "  client_certificate: certs/retailer.pem\n  client_key: certs/own.key.pem\n")
    certs = trade.supplier.side.home / "certs"
    assert invoice_posted(trade).client == ClientKey(certificate=str(certs / "retailer.pem"), key=str(certs / "own.key.pem"))


@pytest.mark.parametrize("trade", ["async"], indirect=True)
@pytest.mark.parametrize(("listed", "trusted"), [(True, True), (False, False)])
def test_a_receipt_goes_to_a_private_address_only_where_the_file_names_the_host(trade: Trade, sealed, listed: bool, trusted: bool):
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    lines = file.read_text().replace("127.0.0.1", "retailer.example").splitlines(keepends=True)
    file.write_text("".join(line for line in lines if listed or "receipt_urls" not in line))
    supplier = trade.restart("supplier")
    url = f"{trade.retailer.side.url}/as2".replace("127.0.0.1", "retailer.example")
    supplier.receive(sealed(trade.retailer, b"ISA", mdn=as2.MdnWanted(url=url)))
    trade.line.answer = Answer(status=200, headers=(), body=b"")
    supplier.work()
    [posted] = [one for one in trade.line.posted if as2.is_mdn(one.headers, one.body)]
    assert (posted.url, posted.allow_private) == (url, trusted)
