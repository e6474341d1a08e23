"""What comes from outside while a transaction of ours on the same message is not committed yet: it counts as if it came after it."""

import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from time import monotonic

import pytest

from edi_gateway import as2
from edi_gateway.as2 import disposition
from edi_gateway.demo import papers
from edi_gateway.lifecycle.inbound import InboundEvent
from edi_gateway.lifecycle.outbound import OutboundEvent
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, Inbound, Outbound, SetOut
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.channels import Answer, Unreached
from edi_gateway.ports.rows import Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.ports.web import ActionResult, ReceivedRequest
from edi_gateway.services.effects import advance_inbound, advance_outbound
from edi_gateway.services.envelope import envelope_ta1
from edi_gateway.services.orders import queue_up_for
from edi_gateway.services.pauses import pause, resume
from edi_gateway.store.sole_writer import SoleWriter
from edi_gateway.testing.interchanges import acknowledgment, group, interchange, orders
from edi_gateway.testing.pair import Party, Trade
from edi_gateway.testing.poster import Posted
from edi_gateway.tree import Segment

PO = "4500017"
SOON = 10.0
AWAY = Unreached(reason="connect", detail="nobody listens")


class Died(BaseException):
    """The worker that posts ends between the post and what it would have written down."""


@pytest.fixture(params=["sqlite", "postgresql"])
def trade(request: pytest.FixtureRequest, template: Callable, tmp_path: Path) -> Iterator[Trade]:
    """Two gateways with asynchronous MDNs, on the database of the parameter."""
    databases = None if request.param == "sqlite" else request.getfixturevalue("postgresql_databases")
    with template("async").played(tmp_path, databases) as both:
        yield both


def posted_invoice(trade: Trade) -> tuple[Transmission, Posted]:
    """An invoice of the supplier's that was posted, and is in state sending."""

    def die(posted: Posted) -> Answer:
        raise Died

    trade.line.answer = die
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    trade.supplier.scan()
    with pytest.raises(Died):
        trade.supplier.work()
    [row] = trade.supplier.transmissions(direction=Direction.OUT)
    assert row.state is Outbound.SENDING
    return row, trade.line.posted[-1]


def mdn_for(trade: Trade, row: Transmission, posted: Posted) -> ReceivedRequest:
    heading = as2.read_heading(posted.headers)
    assert isinstance(heading, as2.Heading)
    made = as2.make_mdn(
        heading,
        disposition.processed(),
        message_id="<mdn@retailer.example>",
        when=trade.clock.now(),
        mic=as2.Mic(value=row.mic or "", algorithm=row.mic_algorithm or "sha256"),
        signing=as2.Signing(key=trade.retailer.gateway.keys.signing(trade.clock.now())),
    )
    return ReceivedRequest(headers=made.headers, body=made.body, remote_address="127.0.0.1")


def crossing(party: Party, row: Transmission, event: OutboundEvent, comes: Callable[[], object]) -> None:
    """Takes a message on; before that is committed, something comes in another thread, and is done as soon as it can be."""
    assert row.id is not None
    with ThreadPoolExecutor(1) as other:
        with party.store.begin() as uow:
            partner = party.gateway.book.partner(party.partner)
            assert advance_outbound(uow, uow.transmissions.get(row.id), event, party.gateway.clock.now(), partner)
            coming = other.submit(comes)
            until_it_waits(party, coming)
        coming.result(SOON)


def interleaved(
    party: Party, first: Callable[[UnitOfWork], object], rest: Callable[[UnitOfWork], object], comes: Callable[[], object]
) -> None:
    """Does one transaction in two parts; between them something comes in another thread, and is done as soon as it can be."""
    with ThreadPoolExecutor(1) as other:
        with party.store.begin() as uow:
            first(uow)
            coming = other.submit(comes)
            until_it_waits(party, coming)
            rest(uow)
        coming.result(SOON)


def until_it_waits(party: Party, coming: Future[object]) -> None:
    """Returns once another transaction waits for the one that is open."""
    database = party.store._database
    pause, end = threading.Event(), monotonic() + SOON
    while monotonic() < end:
        assert not coming.done(), coming.result()
        if database.file is not None:
            waits = any(frame.f_code is SoleWriter._begin.__code__ for frame in sys._current_frames().values())
        else:
            with database.read() as connect:
                waits = connect().exec_driver_sql("SELECT 1 FROM pg_locks WHERE NOT granted").first() is not None
        if waits:
            return
        pause.wait(0.01)
    raise AssertionError("nothing waits for the transaction")


def test_an_mdn_that_comes_while_its_post_is_written_down_delivers(trade: Trade):
    row, posted = posted_invoice(trade)
    mdn = mdn_for(trade, row, posted)
    crossing(trade.supplier, row, OutboundEvent.POSTED_OK_MDN_PENDING, lambda: trade.supplier.receive(mdn))

    [sent] = trade.supplier.transmissions(direction=Direction.OUT)
    assert sent.state is Outbound.DELIVERED
    assert [one.state for one in trade.supplier.deadlines(kind=DeadlineKind.MDN)] == [DeadlineState.MET]


def test_a_997_that_comes_while_the_mdn_is_taken_accepts(trade: Trade, sealed):
    row, _ = posted_invoice(trade)
    trade.supplier.receive(sealed(trade.retailer, acknowledgment("IN", "1", "A")))
    came = trade.supplier.transmissions(direction=Direction.IN)[0]
    translate = trade.supplier.handlers[Task.TRANSLATE]
    crossing(trade.supplier, row, OutboundEvent.MDN_GOOD, lambda: translate({"id": came.id or 0}))

    [invoice] = trade.supplier.sets(set_id="810")
    assert invoice.state is SetOut.ACCEPTED
    assert [one.state for one in trade.supplier.deadlines(kind=DeadlineKind.FUNCTIONAL_ACK)] == [DeadlineState.MET]


def test_a_ta1_that_rejects_while_the_mdn_is_taken_rejects(trade: Trade, sealed):
    row, _ = posted_invoice(trade)
    trade.supplier.receive(sealed(trade.retailer, interchange([], ta1s=["TA1*000000001*260302*0900*R*006"], control=5)))
    came = trade.supplier.transmissions(direction=Direction.IN)[0]
    translate = trade.supplier.handlers[Task.TRANSLATE]
    crossing(trade.supplier, row, OutboundEvent.MDN_GOOD, lambda: translate({"id": came.id or 0}))

    [invoice] = trade.supplier.sets(set_id="810")
    assert invoice.state is SetOut.REJECTED


def test_a_ta1_that_accepts_while_the_mdn_is_taken_is_awaited_no_more(trade: Trade, sealed):
    trade.agree("supplier", "x12", "expect_ta1: always")
    row, _ = posted_invoice(trade)
    trade.supplier.receive(sealed(trade.retailer, interchange([], ta1s=["TA1*000000001*260302*0900*A*000"], control=5)))
    came = trade.supplier.transmissions(direction=Direction.IN)[0]
    translate = trade.supplier.handlers[Task.TRANSLATE]
    crossing(trade.supplier, row, OutboundEvent.MDN_GOOD, lambda: translate({"id": came.id or 0}))

    assert [one.state for one in trade.supplier.deadlines(kind=DeadlineKind.TA1)] == [DeadlineState.MET]


def paused(trade: Trade) -> Party:
    """The supplier, whose sending to its partner is paused."""
    pause(trade.supplier.gateway, trade.supplier.partner, Direction.OUT, actor="ann", reason="a test")
    return trade.supplier


def resume_sending(party: Party) -> ActionResult:
    return resume(party.gateway, party.partner, Direction.OUT, actor="ann")


def envelope_one(party: Party, uow: UnitOfWork) -> None:
    """Keeps a message that is ready."""
    partner = party.gateway.book.partner(party.partner)
    assert partner is not None
    segment = Segment(("TA1", "000000005", "260302", "0900", "A", "000"))
    assert envelope_ta1(party.gateway, uow, partner, segment, party.gateway.clock.now()) is not None


def test_a_message_of_a_paused_partner_is_no_work(trade: Trade):
    supplier = paused(trade)
    with supplier.store.begin() as uow:
        envelope_one(supplier, uow)
    assert supplier.work() == 0
    assert resume_sending(supplier).words == "Resumed; one message goes on."
    assert supplier.work() == 1
    assert len(trade.line.posted) == 1


def test_a_resume_that_comes_while_a_message_is_enveloped_sends_it(trade: Trade):
    supplier = paused(trade)
    with ThreadPoolExecutor(1) as other:
        with supplier.store.begin() as uow:
            envelope_one(supplier, uow)
            coming = other.submit(resume_sending, supplier)
            until_it_waits(supplier, coming)
        assert coming.result(SOON).words == "Resumed; one message goes on."

    supplier.work()
    assert len(trade.line.posted) == 1


def test_a_message_that_is_enveloped_while_sending_is_resumed_is_sent(trade: Trade):
    supplier = paused(trade)

    def keep_one() -> None:
        with supplier.store.begin() as uow:
            envelope_one(supplier, uow)

    with ThreadPoolExecutor(1) as other:
        with supplier.store.begin() as uow:
            # What a resume does, up to its commit.
            uow.queue_up(f"pause {supplier.partner}")
            [found] = uow.pauses.find(partner=supplier.partner)
            uow.pauses.remove(found.id or 0)
            coming = other.submit(keep_one)
            until_it_waits(supplier, coming)
        coming.result(SOON)

    supplier.work()
    assert len(trade.line.posted) == 1


def test_a_window_that_ends_while_its_mdn_is_taken_is_left_to_the_mdn(trade: Trade):
    """Both want the message and its window: whoever comes second waits, and neither is undone."""
    row, _ = posted_invoice(trade)
    now, partner = trade.clock.now(), trade.supplier.gateway.book.partner(trade.supplier.partner)
    with trade.supplier.store.begin() as uow:
        assert advance_outbound(uow, row, OutboundEvent.POSTED_OK_MDN_PENDING, now, partner)
    ended = trade.clock.turn(timedelta(minutes=2))

    def taken(uow: UnitOfWork) -> None:
        assert advance_outbound(uow, uow.transmissions.get(row.id or 0), OutboundEvent.MDN_GOOD, ended, partner)

    interleaved(trade.supplier, lambda uow: uow.transmissions.locked(id=row.id), taken, trade.supplier.sweep)

    [sent] = trade.supplier.transmissions(direction=Direction.OUT)
    assert sent.state is Outbound.DELIVERED
    assert [one.state for one in trade.supplier.deadlines(kind=DeadlineKind.MDN)] == [DeadlineState.MET]


def test_a_file_for_very_many_orders_takes_no_more_locks_than_a_database_has(trade: Trade):
    with trade.supplier.store.begin() as uow:
        queue_up_for(uow, trade.supplier.partner, (f"PO-{number}" for number in range(20_000)))
        queue_up_for(uow, trade.supplier.partner, ["PO-0"])


def test_an_855_that_is_mapped_while_the_mdn_of_its_850_is_taken_meets_its_window(trade: Trade, sealed):
    file = trade.retailer.side.home / "partners" / "supplier.yaml"
    file.write_text(file.read_text().replace("  send: [850, 812]", "  send:\n    850: {answer: {855: 24h}}\n    812:"))
    trade.restart("retailer")
    trade.line.answer = Answer(status=204, headers=(), body=b"")
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, PO, trade.clock.now().date()))
    trade.retailer.scan()
    trade.retailer.work()
    [row] = trade.retailer.transmissions(direction=Direction.OUT)
    lines = (f"BAK*00*AD*{PO}*20260302", "PO1*1*24*EA*3.1**BP*B000123*VP*SKU-77", "ACK*IA*24*EA", "CTT*1")
    content = interchange(
        [group("PR", "1", [("855", *lines)], sender="SUPPLIER", receiver="RETAILER")], sender="SUPPLIER", receiver="RETAILER"
    )
    trade.retailer.receive(sealed(trade.supplier, content))
    came = trade.retailer.transmissions(direction=Direction.IN)[-1]
    trade.retailer.handlers[Task.TRANSLATE]({"id": came.id or 0})
    [response] = trade.retailer.sets(set_id="855")
    crossing(trade.retailer, row, OutboundEvent.MDN_GOOD, lambda: trade.retailer.handlers[Task.MAP]({"id": response.id or 0}))

    assert [one.state for one in trade.retailer.deadlines(kind=DeadlineKind.ANSWER)] == [DeadlineState.MET]


def exhausting(trade: Trade, sealed: Callable[..., ReceivedRequest]) -> tuple[Transmission, ReceivedRequest]:
    """An order whose MDN the supplier is about to post for the last time, and the order once more."""
    request = sealed(trade.retailer, orders(PO), mdn=as2.MdnWanted(url=f"{trade.retailer.side.url}/as2"))
    trade.line.answer = AWAY
    trade.supplier.receive(request)
    for _ in range(7):
        trade.supplier.work()
        trade.clock.turn(timedelta(seconds=40))
    row = trade.supplier.transmissions(direction=Direction.IN)[0]
    assert row.state is Inbound.RECEIPT_DUE
    return row, request


def mdns(trade: Trade) -> int:
    return sum(as2.is_mdn(one.headers, one.body) for one in trade.line.posted)


def test_a_sender_that_asks_again_while_the_last_attempt_at_its_mdn_is_written_down_gets_it(trade: Trade, sealed):
    row, request = exhausting(trade, sealed)
    assert row.id is not None

    def given_up(uow: UnitOfWork) -> None:
        assert advance_inbound(uow, uow.transmissions.get(row.id or 0), InboundEvent.RECEIPT_EXHAUSTED, trade.clock.now())

    interleaved(trade.supplier, given_up, lambda uow: None, lambda: trade.supplier.receive(request))
    trade.line.answer = trade.deliver
    trade.supplier.work()

    [after] = trade.supplier.transmissions(id=row.id)
    assert after.state is Inbound.RECEIPTED
    assert mdns(trade) == 8


def test_a_sender_that_asks_again_during_the_last_attempt_at_its_mdn_gets_more_of_them(trade: Trade, sealed):
    row, request = exhausting(trade, sealed)

    def asked_meanwhile(posted: Posted) -> Unreached:
        trade.line.answer = trade.deliver
        trade.clock.turn(timedelta(seconds=1))
        trade.supplier.receive(request)
        return AWAY

    trade.line.answer = asked_meanwhile
    trade.supplier.work()
    [after] = trade.supplier.transmissions(id=row.id)
    assert (after.state, mdns(trade)) == (Inbound.RECEIPTED, 9)


def test_a_sender_that_asks_again_before_the_next_attempt_at_its_mdn_is_due_gets_it_at_once(trade: Trade, sealed):
    row, request = exhausting(trade, sealed)
    trade.clock.turn(-timedelta(seconds=39))
    trade.line.answer = trade.deliver
    trade.supplier.work()
    assert mdns(trade) == 7
    trade.supplier.receive(request)
    trade.supplier.work()
    [after] = trade.supplier.transmissions(id=row.id)
    assert (after.state, mdns(trade)) == (Inbound.RECEIPTED, 8)
