"""The business answer that is owed: its window is met by the document that answers, seen when it is not, and closed late."""

from datetime import timedelta

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Trade

PO = "4500017"


def windows(trade: Trade) -> list[DeadlineState]:
    return [row.state for row in trade.supplier.deadlines(kind=DeadlineKind.ANSWER)]


def answer(trade: Trade, po: str = PO) -> None:
    trade.supplier.drop("response.csv", papers.fill(papers.ORDER_RESPONSE, po, trade.clock.now().date()))
    trade.run()


def test_an_855_in_time_meets_the_window_of_its_850(trade: Trade, sealed):
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    assert windows(trade) == [DeadlineState.OPEN]

    answer(trade)
    assert windows(trade) == [DeadlineState.MET]
    trade.turn(timedelta(hours=25))
    assert windows(trade) == [DeadlineState.MET]


def test_an_855_for_another_order_meets_nothing(trade: Trade, sealed):
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    answer(trade, "4599999")

    assert windows(trade) == [DeadlineState.OPEN]


def test_an_answer_that_does_not_come_is_seen_once_and_may_come_late(trade: Trade, sealed):
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    for _ in range(2):
        trade.turn(timedelta(hours=13))
    assert windows(trade) == [DeadlineState.BREACHED]
    told = [line for line in trade.supplier.events() if "STO-403" in line]
    assert len(told) == 1
    assert f"No 855 was sent in answer to the 850 {PO}" in told[0]

    answer(trade)
    assert windows(trade) == [DeadlineState.LATE]
