"""Documents of any size and of any bytes go through both gateways unchanged, the large ones from file to file."""

import hashlib
import io
import random
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway import as2
from edi_gateway.as2 import Attachment, related
from edi_gateway.lifecycle.states import Direction, Inbound, Outbound
from edi_gateway.ports.channels import Unreached
from edi_gateway.ports.rows import Transmission
from edi_gateway.ports.web import IN_MEMORY, LargeRequest
from edi_gateway.services.send import send
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Party, Trade

pytestmark = pytest.mark.both_databases

PIECES = [b"\r", b"\n", b"\r\n", b"--", b"=_", b"\r\n--=_", b"Content-Type: text/plain\r\n\r\n", b"ISA*", bytes(range(256)), b""]


def large(seed: int, size: int = IN_MEMORY + (1 << 20)) -> bytes:
    """More than is handled in memory, with line ends and delimiters on every place."""
    chance = random.Random(seed)
    content = b"".join(chance.choices(PIECES, k=200_000))
    return (content * (size // len(content) + 1))[:size]


def queued(party: Party, content: bytes, number: int, **given: object) -> int:
    """A message that is ready to be sent, whatever its content."""
    partner = party.gateway.book.partner(party.partner)
    assert partner is not None
    with party.store.begin() as uow:
        row = uow.transmissions.add(
            replace(
                Transmission(
                    direction=Direction.OUT,
                    state=Outbound.READY,
                    created_at=party.gateway.clock.now(),
                    partner=party.partner,
                    as2_from=party.side.as2_id,
                    as2_to=partner.as2.id,
                    message_id=f"<any-{number}@sender.example>",
                    content_type="application/octet-stream",
                    content=uow.payloads.put_file(io.BytesIO(content)),
                ),
                **given,
            )
        )
    assert row.id is not None
    return row.id


def arrived(party: Party, number: int) -> tuple[Transmission, bytes]:
    [row] = party.transmissions(direction=Direction.IN, message_id=f"<any-{number}@sender.example>")
    assert row.content is not None
    with party.look() as uow:
        return row, uow.payloads.get(row.content)


def test_a_large_document_is_sent_and_received_whole_from_file_to_file(trade: Trade):
    content = large(1)
    number = queued(trade.retailer, content, 1, filename="große Datei.bin")
    send(trade.retailer.gateway, number)

    row, found = arrived(trade.supplier, 1)
    assert found == content
    assert (row.state, row.faults, row.signed, row.encrypted) == (Inbound.RECEIPTED, (), True, True)
    assert row.filename == "große Datei.bin"
    [sent] = trade.retailer.transmissions(id=number)
    assert sent.state is Outbound.DELIVERED
    assert sent.mic == row.mic
    assert any(f"Received {len(content)} bytes, signed and encrypted" in line for line in trade.supplier.events())


def test_every_attempt_at_a_large_message_posts_the_same_bytes(trade: Trade):
    number = queued(trade.retailer, large(2), 2)
    trade.line.answer = Unreached(reason="connect", detail="nobody listens")
    send(trade.retailer.gateway, number)
    [waiting] = trade.retailer.transmissions(id=number)
    assert waiting.state is Outbound.RETRY_WAIT
    trade.line.answer = trade.deliver
    trade.clock.turn(trade.retailer.gateway.book.partners[0].retry.cap)
    send(trade.retailer.gateway, number)

    first, second = trade.line.posted
    assert (first.body, first.headers) == (second.body, second.headers)
    assert dict(first.headers)["Content-Length"] == str(len(first.body))
    [sent] = trade.retailer.transmissions(id=number)
    assert (sent.state, sent.wire) == (Outbound.DELIVERED, hashlib.sha256(first.body).hexdigest())


def test_a_large_duplicate_gets_the_first_mdn_and_other_content_is_refused(trade: Trade, sealed):
    request, other = sealed(trade.retailer, large(3)), sealed(trade.retailer, large(4))

    def posted(one) -> LargeRequest:
        return LargeRequest(headers=one.headers, body=io.BytesIO(one.body))

    first, again, refused = (trade.supplier.receive(posted(one)) for one in (request, request, other))
    assert first == again
    assert b"processed/error: unexpected-processing-error" in refused.body
    states = [row.state for row in trade.supplier.transmissions(direction=Direction.IN)]
    assert states == [Inbound.RECEIPTED, Inbound.DUPLICATE, Inbound.RECEIPTED]


@pytest.mark.parametrize("harm", ["cut", "changed", "garbage", "clear"])
def test_a_large_message_that_cannot_be_opened_is_kept_and_refused(trade: Trade, sealed, harm: str):
    good = sealed(trade.retailer, large(5))
    changed = bytearray(good.body)
    changed[len(changed) // 2] ^= 1
    body = {
        "cut": good.body[:-1000],
        "changed": bytes(changed),
        "garbage": large(6),
        "clear": large(7),
    }[harm]
    headers = good.headers if harm != "clear" else tuple(one for one in good.headers if one[0] != "Content-Type")
    reply = trade.supplier.receive(LargeRequest(headers=headers, body=io.BytesIO(body)))

    assert reply.status == 200
    assert b"processed/error" in reply.body
    [row] = trade.supplier.transmissions(direction=Direction.IN)
    assert row.content is None
    assert [fault.code[:4] for fault in row.faults] == ["AS2-"]
    with trade.supplier.look() as uow:
        assert row.wire is not None
        assert uow.payloads.get(row.wire) == body


def test_a_large_post_without_as2_names_is_kept_and_refused_in_words(trade: Trade):
    reply = trade.supplier.receive(LargeRequest(headers=(("Content-Type", "text/plain"),), body=io.BytesIO(large(8))))
    assert reply.status == 400
    [row] = trade.supplier.transmissions(direction=Direction.IN)
    assert row.wire == hashlib.sha256(large(8)).hexdigest()


def test_an_order_beside_a_large_attachment_reaches_the_erp(trade: Trade, sealed):
    content, kind = related(
        [
            Attachment(content=large(9), content_type="application/pdf", filename="plan.pdf"),
            Attachment(content=orders("4500017"), content_type="application/edi-x12", filename="order.edi"),
        ]
    )
    gateway = trade.retailer.gateway
    partner, now = gateway.book.partners[0], gateway.clock.now()
    made = as2.seal(
        content,
        as2_from=trade.retailer.side.as2_id,
        as2_to=partner.as2.id,
        message_id="<several@sender.example>",
        when=now,
        content_type=kind,
        signing_key=gateway.keys.signing(now),
        recipients=[gateway.keys.recipient(partner, now)],
    )
    trade.supplier.receive(LargeRequest(headers=made.headers, body=io.BytesIO(made.body)))
    trade.run()

    assert [name.rpartition("_")[0] for name in trade.supplier.published()] == ["order_4500017"]
    assert any("An attachment is no X12 and stays in the message as it came: plan.pdf" in line for line in trade.supplier.events())


PAYLOADS = st.one_of(
    st.binary(max_size=400),
    st.lists(st.sampled_from(PIECES), max_size=60).map(b"".join),
    st.sampled_from([b"", b"\n", b"\r", b"\r\n", b"\r\n\r\n", b"--\r\n", bytes(range(256)), b"ISA*\n" * 50, b"\x00" * 999]),
)


@given(content=PAYLOADS)
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=40)
def test_no_payload_byte_changes_between_two_gateways(module_trade: Trade, content: bytes):
    number = len(module_trade.line.posted) + 1000
    message = queued(module_trade.retailer, content, number)
    send(module_trade.retailer.gateway, message)
    _, found = arrived(module_trade.supplier, number)
    assert found == content


@given(content=PAYLOADS)
@settings(suppress_health_check=list(HealthCheck), deadline=None, max_examples=25)
def test_no_payload_byte_changes_from_file_to_file(module_trade: Trade, sealed, content: bytes):
    number = len(module_trade.supplier.transmissions(direction=Direction.IN)) + 5000
    request = sealed(module_trade.retailer, content, message_id=f"<any-{number}@sender.example>")
    module_trade.supplier.receive(LargeRequest(headers=request.headers, body=io.BytesIO(request.body)))
    _, found = arrived(module_trade.supplier, number)
    assert found == content
