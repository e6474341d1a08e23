"""Control numbers that come again or are left out: nothing is ordered twice, and what is missing is told."""

from datetime import timedelta

import pytest

from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.testing.interchanges import acknowledgment, group, interchange, order_lines, orders
from edi_gateway.testing.pair import Trade

pytestmark = pytest.mark.both_databases


def post(trade: Trade, sealed, content: bytes, number: int) -> None:
    trade.supplier.receive(sealed(trade.retailer, content, message_id=f"<{number}@sender.example>"))
    trade.supplier.work()


def answers(trade: Trade) -> list[str]:
    """The TA1, AK1 and AK9 segments that the supplier queued, oldest first."""
    with trade.supplier.look() as uow:
        contents = [uow.payloads.get(row.content).decode() for row in uow.transmissions.find(direction=Direction.OUT)]
    return [line for text in contents for line in text.split("~\n") if line.startswith(("TA1", "AK1", "AK9"))]


def published(trade: Trade) -> list[str]:
    return [name.rpartition("_")[0] for name in trade.supplier.published()]


def test_the_same_interchange_under_a_new_message_id_is_no_second_order(trade: Trade, sealed):
    post(trade, sealed, orders("A1"), 1)
    post(trade, sealed, orders("A1"), 2)

    assert published(trade) == ["order_A1"]
    assert [row.state for row in trade.supplier.sets(direction=Direction.IN)] == [SetIn.DELIVERED, SetIn.REJECTED]
    # Only the interchange is answered: a 997 of its group would be read as taking the first one back.
    assert answers(trade) == ["AK1*PO*1", "AK9*A*1*1*1", "TA1*000000001*260302*0900*R*025"]
    with trade.supplier.look() as uow:
        first, second = uow.interchanges.find(direction=Direction.IN)
    assert first.faults == ()
    assert [(fault.code, dict(fault.detail)["earlier"]) for fault in second.faults] == [("X12-118", "2026-03-02 09:00 UTC")]


def test_two_interchanges_of_one_number_in_one_message_are_one_order(trade: Trade, sealed):
    post(trade, sealed, orders("A1") + orders("A1"), 1)

    assert published(trade) == ["order_A1"]


def test_a_group_number_that_was_taken_before_rejects_the_group_alone(trade: Trade, sealed):
    post(trade, sealed, interchange([group("PO", "7", [order_lines("A1")])], control=1), 1)
    post(trade, sealed, interchange([group("PO", "7", [order_lines("A1")]), group("PO", "8", [order_lines("B1")])], control=2), 2)

    assert published(trade) == ["order_A1", "order_B1"]
    assert answers(trade)[2:] == ["AK1*PO*7", "AK9*R*1*1*0*6", "AK1*PO*8", "AK9*A*1*1*1"]
    with trade.supplier.look() as uow:
        assert [[fault.code for fault in one.faults] for one in uow.groups.find(direction=Direction.IN)] == [[], ["X12-210"], []]


def test_what_was_rejected_may_come_again_under_its_number(trade: Trade, sealed):
    post(trade, sealed, orders("A1").replace(b"IEA*1*", b"IEA*2*"), 1)
    assert published(trade) == []
    post(trade, sealed, orders("A1"), 2)

    assert published(trade) == ["order_A1"]


def test_a_number_may_come_again_after_the_days_agreed(trade: Trade, sealed):
    trade.agree("supplier", "x12", "duplicate_days: 7")
    for number, days in enumerate((0, 6, 2), 1):
        trade.clock.turn(timedelta(days=days))
        post(trade, sealed, orders(f"A{number}"), number)

    assert published(trade) == ["order_A1", "order_A3"]


@pytest.mark.parametrize("line", ["duplicate_days: 0", "tolerate: [X12-118, X12-210]"])
def test_repeated_numbers_are_taken_where_the_partner_file_says_so(trade: Trade, sealed, line: str):
    trade.agree("supplier", "x12", line)
    post(trade, sealed, orders("A1"), 1)
    post(trade, sealed, orders("A2"), 2)

    assert published(trade) == ["order_A1", "order_A2"]


def test_where_it_is_agreed_the_number_of_a_set_that_was_taken_before_rejects_that_set_alone(trade: Trade, sealed):
    trade.agree("supplier", "x12", "duplicate_sets: true")
    post(trade, sealed, interchange([group("PO", "1", [order_lines("A1")])], control=1), 1)
    post(trade, sealed, interchange([group("PO", "2", [order_lines("A2"), order_lines("B1")])], control=2), 2)

    assert published(trade) == ["order_A1", "order_B1"]
    assert answers(trade)[2:] == ["AK1*PO*2", "AK9*P*2*2*1"]
    [repeated] = trade.supplier.sets(direction=Direction.IN, state=SetIn.REJECTED)
    assert [fault.code for fault in repeated.faults] == ["X12-310"]


def test_a_number_of_a_set_that_may_come_again_saves_no_set_of_a_group_that_is_rejected(trade: Trade, sealed):
    trade.agree("supplier", "x12", "duplicate_sets: true", "tolerate: [X12-310]")
    post(trade, sealed, interchange([group("PO", "1", [order_lines("A1")])], control=1), 1)
    post(trade, sealed, interchange([group("PO", "2", [order_lines("A2")])], control=2).replace(b"GE*1*2", b"GE*9*2"), 2)

    assert published(trade) == ["order_A1"]
    assert answers(trade)[2:] == ["AK1*PO*2", "AK9*R*9*1*0*5"]


def test_a_set_number_comes_again_in_the_next_group_where_nothing_else_is_agreed(trade: Trade, sealed):
    post(trade, sealed, interchange([group("PO", "1", [order_lines("A1")])], control=1), 1)
    post(trade, sealed, interchange([group("PO", "2", [order_lines("A2")])], control=2), 2)

    assert published(trade) == ["order_A1", "order_A2"]


def test_an_acknowledgment_that_comes_again_is_no_fault(trade: Trade, sealed):
    post(trade, sealed, acknowledgment("IN", "4711", "A"), 1)
    post(trade, sealed, acknowledgment("IN", "4711", "A"), 2)

    assert [row.state for row in trade.supplier.sets(set_id="997", direction=Direction.IN)] == [SetIn.SETTLED, SetIn.SETTLED]
    assert answers(trade) == []


def test_interchanges_that_are_left_out_are_noted_and_ask_for_nobody(trade: Trade, sealed):
    for number in (5, 6, 9, 7, 10, 12):
        post(trade, sealed, orders(f"A{number}", control=number), number)

    gaps = [line for line in trade.supplier.events() if line.startswith("x12.gap")]
    assert len(gaps) == 2
    assert "000000007 to 000000008 did not come" in gaps[0]
    assert "000000011 did not come" in gaps[1]
    assert [row.faults for row in trade.supplier.transmissions(direction=Direction.IN)] == [()] * 6


def test_numbers_that_begin_anew_are_no_gap(trade: Trade, sealed):
    for number in (999_999_999, 1, 2, 4):
        post(trade, sealed, orders(f"A{number}", control=number), number)

    assert len([line for line in trade.supplier.events() if line.startswith("x12.gap")]) == 1
