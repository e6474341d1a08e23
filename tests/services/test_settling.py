"""What a partner's 997 or TA1 makes of what we sent: in time, late, partial, rejecting, twice, or for nothing of ours."""

from datetime import timedelta

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, SetIn, SetOut
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.testing.interchanges import acknowledgment, group, interchange, order_lines
from edi_gateway.testing.pair import Trade

pytestmark = pytest.mark.both_databases

PO = "4500017"


@pytest.fixture
def delivered(trade: Trade) -> Trade:
    """The supplier's invoice, delivered and not yet acknowledged: the retailer's worker stands still."""
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    trade.supplier.scan()
    trade.supplier.work()
    assert invoice(trade).state is SetOut.SENT
    return trade


def invoice(trade: Trade) -> TransactionSet:
    [row] = trade.supplier.sets(set_id="810")
    return row


def bring(trade: Trade, sealed, content: bytes, number: int = 1) -> None:
    """Posts an interchange of the retailer's to the supplier, who works on it."""
    trade.supplier.receive(sealed(trade.retailer, content, message_id=f"<ack-{number}@retailer.example>"))
    trade.supplier.work()


def windows(trade: Trade) -> list[DeadlineState]:
    return [row.state for row in trade.supplier.deadlines(kind=DeadlineKind.FUNCTIONAL_ACK)]


@pytest.mark.parametrize(
    ("verdict", "state"),
    [("A", SetOut.ACCEPTED), ("E", SetOut.ACCEPTED_WITH_ERRORS), ("R", SetOut.REJECTED), ("M", SetOut.REJECTED)],
)
def test_a_997_for_the_group_settles_its_sets(delivered: Trade, sealed, verdict: str, state: SetOut):
    bring(delivered, sealed, acknowledgment("IN", "1", verdict))

    assert (invoice(delivered).state, windows(delivered)) == (state, [DeadlineState.MET])
    [came] = delivered.supplier.sets(set_id="997", direction=Direction.IN)
    assert came.state is SetIn.SETTLED
    assert invoice(delivered).acknowledged_by == came.id


def test_a_rejecting_997_says_in_words_what_the_partner_noted_and_where(delivered: Trade, sealed):
    notes = ("AK2*810*0001", "AK3*IT1*5**8", "AK4*3*355*7*QQ", "AK5*R*5")
    bring(delivered, sealed, acknowledgment("IN", "1", "R", sets=[notes], counts=(1, 1, 0)))

    [_, element, *_] = [None, *invoice(delivered).faults]
    assert element.code == "STO-427"
    assert (element.place.segment, element.place.element, element.place.position) == ("IT1", 3, 5)
    assert "AK403=7" in element.message
    assert "Invalid code" in element.message


def test_a_999_settles_and_its_context_stands_in_the_notes(delivered: Trade, sealed):
    context = ("CTX*BIG02>INV-1", "IK4*4*234*2", "CTX*SITUATIONAL TRIGGER*IT1*5*IT1*3*235", "IK4*3*355*I6*QQ")
    notes = ("999", "AK1*IN*1", "AK2*810*0001", "IK3*IT1*5**8", *context, "IK5*R*5", "AK9*R*1*1*0")
    content = interchange([group("FA", "900", [notes])], control=900).replace(b"*X*004010~", b"*X*005010~")
    bring(delivered, sealed, content)

    assert (invoice(delivered).state, windows(delivered)) == (SetOut.REJECTED, [DeadlineState.MET])
    said = {fault.place.element: fault.message for fault in invoice(delivered).faults if fault.place.element}
    assert "IK403=2" in said[4]
    assert said[4].endswith("; because of IT103 in segment 5; BIG02 INV-1.")
    assert "IK403=I6: Code that the guide does not use" in said[3]


def test_a_control_number_with_leading_zeros_is_the_same_number(delivered: Trade, sealed):
    bring(delivered, sealed, acknowledgment("IN", "000000001", "A", sets=[("AK2*810*000001", "AK5*A")]))

    assert invoice(delivered).state is SetOut.ACCEPTED


def test_a_partial_997_leaves_open_what_it_does_not_name(delivered: Trade, sealed):
    bring(delivered, sealed, acknowledgment("IN", "1", "P", sets=[("AK2*810*9999", "AK5*R*5")]))
    assert (invoice(delivered).state, windows(delivered)) == (SetOut.SENT, [DeadlineState.OPEN])

    bring(delivered, sealed, acknowledgment("IN", "1", "P", sets=[("AK2*810*0001", "AK5*P")]), number=2)
    assert invoice(delivered).state is SetOut.SENT


def test_a_late_997_closes_what_was_overdue(delivered: Trade, sealed):
    delivered.clock.turn(timedelta(hours=1))
    delivered.supplier.sweep()
    overdue = invoice(delivered)
    assert (overdue.state, overdue.faults[0].code) == (SetOut.ACK_OVERDUE, "STO-402")
    assert windows(delivered) == [DeadlineState.BREACHED]

    bring(delivered, sealed, acknowledgment("IN", "1", "A"))
    assert (invoice(delivered).state, invoice(delivered).faults) == (SetOut.ACCEPTED, ())
    assert windows(delivered) == [DeadlineState.LATE]


def test_a_second_997_that_contradicts_the_first_changes_nothing(delivered: Trade, sealed):
    bring(delivered, sealed, acknowledgment("IN", "1", "A"))
    bring(delivered, sealed, acknowledgment("IN", "1", "R", control=901), number=2)

    assert (invoice(delivered).state, invoice(delivered).verdict) == (SetOut.ACCEPTED, "A")
    with delivered.supplier.look() as uow:
        [sent] = uow.groups.find(direction=Direction.OUT, functional_id="IN")
    assert sent.verdict == "A"
    assert any("It was settled before; nothing changed" in line for line in delivered.supplier.events())


def test_a_partner_may_correct_a_rejection(delivered: Trade, sealed):
    bring(delivered, sealed, acknowledgment("IN", "1", "R"))
    bring(delivered, sealed, acknowledgment("IN", "1", "A", control=901), number=2)

    assert (invoice(delivered).state, invoice(delivered).verdict) == (SetOut.ACCEPTED, "A")


@pytest.mark.parametrize(("functional", "control"), [("IN", "4711"), ("PR", "1")], ids=["number", "functional group code"])
def test_a_997_for_a_group_that_was_not_sent_is_kept_with_a_warning(delivered: Trade, sealed, functional: str, control: str):
    bring(delivered, sealed, acknowledgment(functional, control, "R"))

    assert invoice(delivered).state is SetOut.SENT
    [came] = delivered.supplier.sets(set_id="997", direction=Direction.IN)
    assert (came.state, came.faults[0].code) == (SetIn.SETTLED, "STO-412")


def test_a_997_that_is_itself_broken_settles_nothing(delivered: Trade, sealed):
    bring(delivered, sealed, acknowledgment("IN", "1", "A").replace(b"SE*4*", b"SE*5*"))

    assert invoice(delivered).state is SetOut.SENT
    [came] = delivered.supplier.sets(set_id="997", direction=Direction.IN)
    assert came.state is SetIn.REJECTED


def test_a_997_may_come_before_the_mdn(trade: Trade, sealed):
    def mdn_after_997(posted):
        bring(trade, sealed, acknowledgment("IN", "1", "A"))
        trade.line.answer = trade.deliver
        return trade.deliver(posted)

    trade.line.answer = mdn_after_997
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    trade.supplier.scan()
    trade.supplier.work()

    assert invoice(trade).state is SetOut.ACCEPTED
    assert windows(trade) == []


def test_a_ta1_that_rejects_the_interchange_rejects_its_sets(delivered: Trade, sealed):
    ta1 = interchange([], ta1s=["TA1*000000001*260302*0900*R*006"], control=5)
    bring(delivered, sealed, ta1)

    rejected = invoice(delivered)
    assert (rejected.state, rejected.faults[0].code, windows(delivered)) == (SetOut.REJECTED, "STO-434", [DeadlineState.MET])
    assert "006, Sender ID invalid" in rejected.faults[0].message


def test_a_ta1_that_accepts_leaves_the_sets_to_their_997(delivered: Trade, sealed):
    bring(delivered, sealed, interchange([], ta1s=["TA1*000000001*260302*0900*A*000"], control=5))

    assert (invoice(delivered).state, windows(delivered)) == (SetOut.SENT, [DeadlineState.OPEN])
    assert delivered.supplier.sets(set_id="997", direction=Direction.OUT) == []


def test_a_ta1_for_nothing_of_ours_is_kept_with_a_warning(delivered: Trade, sealed):
    bring(delivered, sealed, interchange([], ta1s=["TA1*000004711*260302*0900*R*006"], control=5))

    assert invoice(delivered).state is SetOut.SENT
    with delivered.supplier.look() as uow:
        [came] = uow.interchanges.find(direction=Direction.IN)
    assert [fault.code for fault in came.faults] == ["STO-433"]


def ta1s(trade: Trade) -> list[str]:
    """The TA1 segments that the supplier sent."""
    with trade.supplier.look() as uow:
        texts = [uow.payloads.get(row.content).decode() for row in uow.transmissions.find(direction=Direction.OUT)]
    return [line for text in texts for line in text.split("~\n") if line.startswith("TA1")]


def test_an_interchange_that_asks_for_a_ta1_gets_one_and_its_sender_settles_by_it(trade: Trade, sealed):
    content = interchange([group("PO", "1", [order_lines(PO)])], control=42, wants_ta1=True)
    bring(trade, sealed, content)
    trade.run()

    assert ta1s(trade) == ["TA1*000000042*260302*0900*A*000"]
    assert len(trade.supplier.published()) == 1
    assert {row.state.value for row in trade.supplier.transmissions(direction=Direction.OUT)} == {"delivered"}


def test_an_interchange_that_was_cut_off_gets_a_ta1_that_says_so(trade: Trade, sealed):
    content = interchange([group("PO", "1", [order_lines(PO)])], control=42)
    bring(trade, sealed, content[: content.index(b"IEA")])

    [segment] = ta1s(trade)
    assert segment.startswith("TA1*000000042*260302*0900*R*0")
    assert trade.supplier.published() == {}


def test_an_interchange_in_good_order_that_asks_for_none_gets_no_ta1(trade: Trade, sealed):
    bring(trade, sealed, interchange([group("PO", "1", [order_lines(PO)])], control=42))

    assert ta1s(trade) == []


def ta1_windows(trade: Trade) -> list[DeadlineState]:
    return [row.state for row in trade.supplier.deadlines(kind=DeadlineKind.TA1)]


def invoiced(trade: Trade, wanted: str) -> str:
    """The ISA14 of an invoice that the supplier has delivered, on these terms."""
    trade.agree("supplier", "x12", f"expect_ta1: {wanted}")
    trade.agree("supplier", "windows", "ta1: 1h")
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    trade.supplier.scan()
    trade.supplier.work()
    with trade.supplier.look() as uow:
        [sent] = uow.transmissions.find(direction=Direction.OUT)
        return uow.payloads.get(sent.content or "").decode().split("*")[14]


ACCEPTING_TA1 = interchange([], ta1s=["TA1*000000001*260302*0900*A*000"], control=5)


@pytest.mark.parametrize(("wanted", "isa14", "opened"), [("never", "0", 0), ("asked", "1", 1), ("always", "0", 1)])
def test_a_ta1_is_awaited_where_one_is_agreed_and_asked_for_by_isa14(trade: Trade, wanted: str, isa14: str, opened: int):
    assert invoiced(trade, wanted) == isa14
    assert ta1_windows(trade) == [DeadlineState.OPEN] * opened


def test_a_ta1_in_time_closes_its_window_and_leaves_that_of_the_997(trade: Trade, sealed):
    invoiced(trade, "asked")
    bring(trade, sealed, ACCEPTING_TA1)
    assert (ta1_windows(trade), windows(trade)) == ([DeadlineState.MET], [DeadlineState.OPEN])
    with trade.supplier.look() as uow:
        assert [row.ta1 for row in uow.interchanges.find(direction=Direction.OUT)] == ["A"]


def test_a_ta1_that_does_not_come_warns_is_breached_and_may_come_late(trade: Trade, sealed):
    invoiced(trade, "always")
    trade.clock.turn(timedelta(minutes=46))
    trade.supplier.sweep()
    assert any(line.startswith("window.warned: The TA1 is to come until") for line in trade.supplier.events())
    trade.clock.turn(timedelta(minutes=15))
    trade.supplier.sweep()
    assert ta1_windows(trade) == [DeadlineState.BREACHED]
    assert any("STO-405" in line and "retailer did not send a TA1" in line for line in trade.supplier.events())
    [line] = [one for one in trade.supplier.store.views.waiting_windows().lines if one.deadline.kind is DeadlineKind.TA1]
    assert line.transmission is not None
    bring(trade, sealed, ACCEPTING_TA1)
    assert ta1_windows(trade) == [DeadlineState.LATE]


def test_a_ta1_may_come_before_the_mdn_and_is_not_awaited_then(trade: Trade, sealed):
    def mdn_after_ta1(posted):
        trade.line.answer = trade.deliver
        bring(trade, sealed, ACCEPTING_TA1)
        return trade.deliver(posted)

    trade.line.answer = mdn_after_ta1
    invoiced(trade, "asked")
    assert (invoice(trade).state, ta1_windows(trade)) == (SetOut.SENT, [])


def test_two_gateways_that_ask_each_other_for_ta1s_come_to_rest(trade: Trade):
    trade.agree("supplier", "x12", "expect_ta1: asked")
    trade.agree("retailer", "x12", "expect_ta1: asked")
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    trade.run()
    for party in (trade.supplier, trade.retailer):
        assert {one.state for one in party.deadlines(kind=DeadlineKind.TA1)} == {DeadlineState.MET}
    # The invoice and its 997 are answered by a TA1 each; a TA1 is answered by nothing.
    assert len(trade.supplier.transmissions()) == 4
