"""What we post: the same bytes until the partner's MDN settles them, and nothing but a true MDN of theirs does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from edi_gateway import as2
from edi_gateway.as2 import disposition
from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, Inbound, Outbound, SetOut
from edi_gateway.ports.channels import Answer, Unreached
from edi_gateway.ports.rows import Transmission
from edi_gateway.ports.web import ReceivedRequest
from edi_gateway.services.send import send
from edi_gateway.testing.pair import Trade
from edi_gateway.testing.poster import Posted

pytestmark = pytest.mark.both_databases

PO = "4500017"
AWAY = Unreached(reason="connect", detail="nobody listens")


def drop_invoice(trade: Trade) -> None:
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))


def sent(trade: Trade) -> Transmission:
    """The supplier's message."""
    [row] = [row for row in trade.supplier.transmissions(direction=Direction.OUT) if row.subject.startswith("810")]
    return row


def messages(trade: Trade) -> list[Posted]:
    """What was posted to the retailer, acknowledgments and MDNs left out."""
    message_id = sent(trade).message_id
    return [one for one in trade.line.posted if ("Message-ID", message_id) in one.headers]


def mdn_for(
    trade: Trade,
    posted: Posted,
    *,
    told: as2.Disposition | None = None,
    signed: bool = True,
    wrong_mic: bool = False,
    by: str = "retailer",
    original: str | None = None,
) -> as2.Receipt:
    """An MDN for what was posted, good but for what is asked of it."""
    party = getattr(trade, by)
    headers = [(name, original if original and name == "Message-ID" else value) for name, value in posted.headers]
    heading = as2.read_heading(headers)
    assert isinstance(heading, as2.Heading)
    row = sent(trade)
    mic = as2.Mic(value="AAAA" + (row.mic or "")[4:] if wrong_mic else row.mic or "", algorithm=row.mic_algorithm or "sha256")
    return as2.make_mdn(
        heading,
        told or disposition.processed(),
        message_id=as2.new_message_id("retailer.example"),
        when=trade.clock.now(),
        mic=mic,
        signing=as2.Signing(key=party.gateway.keys.signing(trade.clock.now())) if signed else None,
    )


def answering(receipt: as2.Receipt) -> Answer:
    return Answer(status=200, headers=receipt.headers, body=receipt.body)


def only_the_invoice(trade: Trade, answer: Callable[[Posted], Answer | Unreached]) -> None:
    """The line answers the supplier's message so, and delivers everything else."""
    trade.line.answer = lambda posted: answer(posted) if posted.url.startswith(trade.retailer.side.url) else trade.deliver(posted)


def test_every_attempt_posts_the_same_bytes_under_the_same_message_id(trade: Trade):
    only_the_invoice(trade, lambda posted: AWAY)
    drop_invoice(trade)
    trade.run()
    waiting = sent(trade)
    only_the_invoice(trade, trade.deliver)
    trade.turn(timedelta(minutes=2))

    first, second = messages(trade)
    assert (first.headers, first.body) == (second.headers, second.body)
    assert (waiting.state, waiting.attempts, waiting.faults[0].code) == (Outbound.RETRY_WAIT, 1, "STO-420")
    assert (sent(trade).state, sent(trade).attempts, sent(trade).faults) == (Outbound.DELIVERED, 2, ())
    assert len(trade.retailer.published()) == 1


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (AWAY, "STO-420"),
        (Answer(status=503, headers=(), body=b""), "STO-421"),
        (Answer(status=200, headers=(("Content-Type", "text/html"),), body=b"<p>hello</p>"), "STO-422"),
    ],
    ids=["away", "503", "200 without MDN"],
)
def test_attempts_end_as_agreed_and_a_person_starts_them_anew_with_the_same_bytes(trade: Trade, answer, code: str):
    only_the_invoice(trade, lambda posted: answer)
    drop_invoice(trade)
    trade.run()
    for _ in range(10):
        trade.turn(timedelta(seconds=40))
    ended = sent(trade)
    assert ended.state is Outbound.EXHAUSTED
    assert ended.attempts == 8
    assert ended.faults[-1].code == code

    only_the_invoice(trade, trade.deliver)
    done = trade.supplier.house.operator.resend(ended.id, actor="anna", reason="partner is back")
    trade.run()
    assert done.faults == ()
    assert sent(trade).state is Outbound.DELIVERED
    assert len({one.body for one in messages(trade)}) == 1
    with trade.supplier.look() as uow:
        assert [one.number for one in uow.attempts.find(transmission_id=ended.id)] == list(range(1, 10))
    assert sent(trade).attempts == 1
    refused = trade.supplier.house.operator.resend(ended.id, actor="anna", reason="once more")
    assert refused.faults[0].code == "STO-415"


def test_a_status_that_another_try_cannot_help_stops_at_once(trade: Trade):
    only_the_invoice(trade, lambda posted: Answer(status=404, headers=(), body=b""))
    drop_invoice(trade)
    trade.run()

    assert sent(trade).state is Outbound.STOPPED
    assert "404" in sent(trade).faults[0].message


def test_an_mdn_lost_after_the_partner_took_the_message_costs_no_second_document(trade: Trade):
    """Between POST and recording the answer the gateway dies: the partner has the message, we do not know it."""

    def lost(posted: Posted) -> Answer | Unreached:
        first = trade.deliver(posted)
        return first if len(messages(trade)) > 1 else Unreached(reason="cut_off", detail="the connection ended")

    only_the_invoice(trade, lost)
    drop_invoice(trade)
    trade.run()
    trade.turn(timedelta(minutes=2))

    assert sent(trade).state is Outbound.DELIVERED
    assert len(messages(trade)) == 2
    assert len(trade.retailer.published()) == 1
    states = sorted(row.state for row in trade.retailer.transmissions(message_id=sent(trade).message_id))
    assert states == [Inbound.DUPLICATE, Inbound.RECEIPTED]


@pytest.mark.sqlite
def test_a_send_that_was_cut_short_by_a_stop_goes_out_again(trade: Trade):
    class Stop(BaseException):
        """The process dies."""

    def die(posted: Posted) -> Answer:
        trade.deliver(posted)
        raise Stop

    only_the_invoice(trade, die)
    drop_invoice(trade)
    with pytest.raises(Stop):
        trade.run()
    assert sent(trade).state is Outbound.SENDING

    trade.line.answer = trade.deliver
    supplier = trade.restart("supplier")
    supplier.store.jobs.recover()
    trade.run()
    assert sent(trade).state is Outbound.DELIVERED
    assert any("cut short by a stop" in line for line in supplier.events())
    assert len(trade.retailer.published()) == 1


def test_a_send_run_again_after_it_was_settled_posts_nothing(trade: Trade):
    drop_invoice(trade)
    trade.run()
    before = len(trade.line.posted)
    send(trade.supplier.gateway, sent(trade).id)

    assert len(trade.line.posted) == before


@pytest.mark.parametrize(
    ("flaw", "state", "code"),
    [
        ({"told": disposition.error(as2.Modifier.DECRYPTION_FAILED)}, Outbound.REFUSED, "AS2-MDN-"),
        ({"signed": False}, Outbound.UNVERIFIED, "AS2-MDN-"),
        ({"wrong_mic": True}, Outbound.UNVERIFIED, "AS2-MDN-"),
        ({"by": "supplier"}, Outbound.UNVERIFIED, "AS2-MDN-"),
        ({"original": "<other@supplier.example>"}, Outbound.UNVERIFIED, "AS2-MDN-"),
    ],
    ids=["refusal", "unsigned", "wrong MIC", "signed by another", "for another message"],
)
def test_only_a_true_mdn_settles_a_message(trade: Trade, flaw, state: Outbound, code: str):
    only_the_invoice(trade, lambda posted: answering(mdn_for(trade, posted, **flaw)))
    drop_invoice(trade)
    trade.run()

    assert sent(trade).state is state
    assert sent(trade).faults[0].code.startswith(code), sent(trade).faults
    [row] = trade.supplier.sets(set_id="810")
    assert row.state is SetOut.ENVELOPED
    with trade.supplier.look() as uow:
        [receipt] = uow.receipts.find(transmission_id=sent(trade).id)
        assert receipt.verdict == state.value
        assert uow.payloads.get(receipt.body)


def post_back(trade: Trade, receipt: as2.Receipt) -> int:
    return trade.supplier.receive(ReceivedRequest(headers=receipt.headers, body=receipt.body)).status


@pytest.mark.parametrize("trade", ["async"], indirect=True)
class TestPostedLater:
    """Asynchronous MDNs, which come when they come."""

    @pytest.fixture
    def posted(self, trade: Trade) -> Posted:
        """The supplier's message, taken by a partner that says nothing more."""
        only_the_invoice(trade, lambda posted: Answer(status=204, headers=(), body=b""))
        drop_invoice(trade)
        trade.run()
        assert sent(trade).state is Outbound.AWAITING_MDN
        return messages(trade)[0]

    def test_an_mdn_in_its_window_delivers(self, trade: Trade, posted: Posted):
        assert post_back(trade, mdn_for(trade, posted)) == 200
        assert sent(trade).state is Outbound.DELIVERED
        [window] = trade.supplier.deadlines(kind=DeadlineKind.MDN)
        assert window.state is DeadlineState.MET

    def test_an_mdn_twice_is_kept_twice_and_changes_nothing_the_second_time(self, trade: Trade, posted: Posted):
        receipt = mdn_for(trade, posted)
        assert [post_back(trade, receipt), post_back(trade, receipt)] == [200, 200]
        with trade.supplier.look() as uow:
            assert len(uow.receipts.find(transmission_id=sent(trade).id)) == 2
        assert len(trade.supplier.deadlines(kind=DeadlineKind.FUNCTIONAL_ACK)) == 1
        assert any("this changes nothing" in line for line in trade.supplier.events())

    def test_no_mdn_in_the_window_posts_the_same_bytes_again(self, trade: Trade, posted: Posted):
        trade.turn(timedelta(minutes=3))
        assert sent(trade).faults[0].code == "STO-401"
        trade.turn(timedelta(minutes=1))
        assert [one.body for one in messages(trade)] == [posted.body] * 2
        windows = trade.supplier.deadlines(kind=DeadlineKind.MDN)
        assert [row.state for row in windows] == [DeadlineState.BREACHED, DeadlineState.OPEN]

    def test_a_late_mdn_delivers_after_all_attempts_have_ended(self, trade: Trade, posted: Posted):
        for _ in range(12):
            trade.turn(timedelta(minutes=3))
        assert sent(trade).state in (Outbound.EXPIRED, Outbound.EXHAUSTED)
        post_back(trade, mdn_for(trade, posted))
        assert sent(trade).state is Outbound.DELIVERED
        assert {row.state for row in trade.supplier.deadlines(kind=DeadlineKind.MDN)} == {DeadlineState.LATE}
        assert trade.supplier.sets(set_id="810")[0].state is SetOut.SENT

    def test_an_mdn_that_comes_while_a_person_sends_it_again_is_taken(self, trade: Trade, posted: Posted):
        post_back(trade, mdn_for(trade, posted, wrong_mic=True))
        assert sent(trade).state is Outbound.UNVERIFIED
        trade.supplier.house.operator.resend(sent(trade).id, actor="anna", reason="the MIC was wrong")
        assert sent(trade).state is Outbound.READY
        post_back(trade, mdn_for(trade, posted))
        assert sent(trade).state is Outbound.DELIVERED

    def test_an_mdn_for_an_unknown_message_is_kept_and_moves_nothing(self, trade: Trade, posted: Posted):
        assert post_back(trade, mdn_for(trade, posted, original="<unknown@supplier.example>")) == 200
        assert sent(trade).state is Outbound.AWAITING_MDN
        with trade.supplier.look() as uow:
            [stray] = [row for row in uow.receipts.find(direction=Direction.IN) if row.transmission_id is None]
            assert uow.payloads.get(stray.body)
        assert "AS2-MDN-OTHER-MESSAGE" in stray.reasons[0]

    def test_an_mdn_from_another_partner_moves_nothing(self, trade: Trade, posted: Posted):
        receipt = mdn_for(trade, posted)
        headers = tuple((name, "SOMEBODY" if name == "AS2-From" else value) for name, value in receipt.headers)
        assert post_back(trade, replace(receipt, headers=headers)) == 200
        assert sent(trade).state is Outbound.AWAITING_MDN

    @pytest.mark.parametrize(
        "flaw", [{"wrong_mic": True}, {"signed": False}, {"by": "supplier"}], ids=["wrong MIC", "unsigned", "signed by another"]
    )
    def test_an_mdn_that_proves_nothing_delivers_nothing_until_a_good_one_comes(self, trade: Trade, posted: Posted, flaw):
        assert post_back(trade, mdn_for(trade, posted, **flaw)) == 200
        assert sent(trade).state is Outbound.UNVERIFIED
        assert trade.supplier.sets(set_id="810")[0].state is SetOut.ENVELOPED
        assert post_back(trade, mdn_for(trade, posted)) == 200
        assert sent(trade).state is Outbound.DELIVERED
        with trade.supplier.look() as uow:
            assert [one.verdict for one in uow.receipts.find(transmission_id=sent(trade).id)] == ["unverified", "delivered"]

    def test_a_worker_that_is_slower_than_the_mdn_changes_nothing_any_more(self, trade: Trade):
        def quick(posted: Posted) -> Answer:
            post_back(trade, mdn_for(trade, posted))
            return Answer(status=204, headers=(), body=b"")

        only_the_invoice(trade, quick)
        drop_invoice(trade)
        trade.run()
        assert sent(trade).state is Outbound.DELIVERED
        assert trade.supplier.deadlines(kind=DeadlineKind.MDN) == []


def test_what_is_queued_goes_to_the_address_that_the_partner_file_names_now(trade: Trade):
    only_the_invoice(trade, lambda posted: AWAY)
    drop_invoice(trade)
    trade.run()
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    file.write_text(file.read_text().replace(f"{trade.retailer.side.url}/as2", f"{trade.retailer.side.url}/as2/new"))
    trade.line.answer = trade.deliver
    trade.restart("supplier")
    trade.turn(timedelta(minutes=2))

    assert messages(trade)[-1].url == f"{trade.retailer.side.url}/as2/new"
    assert sent(trade).state is Outbound.DELIVERED
    assert len({one.body for one in messages(trade)}) == 1


@pytest.mark.parametrize("gone", ["file", "active"])
def test_what_is_queued_for_a_partner_who_is_gone_stops_and_says_why(trade: Trade, gone: str):
    only_the_invoice(trade, lambda posted: AWAY)
    drop_invoice(trade)
    trade.run()
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    if gone == "file":
        file.unlink()
    else:
        file.write_text("active: false\n" + file.read_text())
    supplier = trade.restart("supplier")
    trade.clock.turn(timedelta(minutes=2))
    supplier.work()

    assert sent(trade).state is Outbound.STOPPED
    assert sent(trade).faults[0].code == {"file": "STO-423", "active": "STO-432"}[gone]


def test_a_certificate_that_ended_between_queue_and_send_stops_the_message_and_says_so(trade: Trade):
    drop_invoice(trade)
    trade.supplier.scan()
    handle = trade.supplier.handlers["compose"]
    handle({"id": 1})
    trade.clock.turn(timedelta(days=365 * 10))
    trade.supplier.work()

    assert sent(trade).state is Outbound.STOPPED
    assert sent(trade).faults[0].code == "PRT-NO-SIGNING-KEY"


def test_a_sent_message_says_what_protects_it(trade: Trade):
    drop_invoice(trade)
    trade.run()

    row = sent(trade)
    [taken] = [one for one in trade.retailer.transmissions(message_id=row.message_id) if one.direction is Direction.IN]
    for one in (row, taken):
        assert (one.signed, one.encrypted, one.compressed, one.digest, one.cipher) == (True, True, False, "sha256", "aes256-cbc")


def test_a_message_in_clear_says_so(trade: Trade):
    trade.agree("supplier", "as2", "sign: none", "encrypt: none")
    drop_invoice(trade)
    trade.run()

    row = sent(trade)
    assert (row.signed, row.encrypted, row.compressed, row.digest, row.cipher) == (False, False, False, None, None)


def refused(trade: Trade) -> Transmission:
    """The supplier's message, refused by the retailer's MDN."""

    def refuse(posted: Posted) -> Answer:
        told = disposition.error(as2.Modifier.DECRYPTION_FAILED)
        return answering(mdn_for(trade, posted, told=told))

    only_the_invoice(trade, refuse)
    drop_invoice(trade)
    trade.run()
    only_the_invoice(trade, trade.deliver)
    return sent(trade)


def test_a_refused_message_is_sent_anew_with_the_same_interchange_and_settled_by_the_997(trade: Trade):
    old = refused(trade)
    assert old.state is Outbound.REFUSED
    done = trade.supplier.house.operator.send_anew(old.id, actor="anna", reason="they have our new certificate")
    trade.run()

    kept, new = [row for row in trade.supplier.transmissions(direction=Direction.OUT) if row.subject.startswith("810")]
    assert done.faults == ()
    assert f"message {new.id}" in done.words
    assert (kept.state, kept.message_id, kept.wire) == (Outbound.SUPERSEDED, old.message_id, old.wire)
    assert (new.state, new.content) == (Outbound.DELIVERED, old.content)
    assert new.message_id != old.message_id
    [invoice] = trade.supplier.sets(direction=Direction.OUT, set_id="810")
    assert (invoice.transmission_id, invoice.state) == (new.id, SetOut.ACCEPTED)
    assert len(trade.retailer.published()) == 1
    assert any(f"message {old.id} sent anew" in line.lower() for line in trade.supplier.events())


def test_what_was_delivered_cannot_be_sent_anew(trade: Trade):
    drop_invoice(trade)
    trade.run()

    done = trade.supplier.house.operator.send_anew(sent(trade).id, actor="anna", reason="once more")
    assert [fault.code for fault in done.faults] == ["STO-437"]
    with pytest.raises(KeyError):
        trade.supplier.house.operator.send_anew(4711, actor="anna", reason="test")


def test_a_refused_document_may_be_dropped_again_and_is_no_duplicate(trade: Trade):
    refused(trade)
    drop_invoice(trade)
    trade.run()

    assert trade.supplier.result("invoice.csv")["result"] == "accepted"
    assert len(trade.retailer.published()) == 1
