"""What is still owed on an order that its buyer cancels: as a table, and as laws over any documents in any order."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.lifecycle.order_thread import ROLES, Entry, Role
from edi_gateway.lifecycle.withdrawal import CANCELLING, cancellation_of, is_cancellation, is_cancelled, withdrawn_by
from edi_gateway.records import (
    Invoice,
    OrderAcknowledgment,
    OrderChangeAcknowledgment,
    OrderChangeLine,
    PurchaseOrder,
    PurchaseOrderChange,
    Record,
    ShipNotice,
)

PO = "4500017"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
DAY = date(2026, 3, 2)
SETS = {
    PurchaseOrder: "850",
    PurchaseOrderChange: "860",
    OrderAcknowledgment: "855",
    OrderChangeAcknowledgment: "865",
    ShipNotice: "856",
    Invoice: "810",
}
ANSWERS = ("855", "865", "856", "810", "824")

ORDER = PurchaseOrder(id=PO, purpose="original", issue_date=DAY)
CHANGE = PurchaseOrderChange(id=PO, purpose="change", po_date=DAY)
ALL_DELETED = replace(CHANGE, lines=(OrderChangeLine(line_id="1", change="delete"), OrderChangeLine(line_id="2", change="delete")))
CANCEL = PurchaseOrderChange(id=PO, purpose="cancel", po_date=DAY)
CANCEL_BY_850 = PurchaseOrder(id=PO, purpose="cancel", issue_date=DAY)
TO_BE_REISSUED = replace(CANCEL, purpose="17")
RESPONSE = OrderAcknowledgment(po_id=PO)
SHIPPED = ShipNotice(id="SH-1")
TAKEN_BACK = ShipNotice(id="SH-1", purpose="cancel")
INVOICE = Invoice(id="IN-1", po_id=PO)


def thread_of(*records: Record) -> list[Entry]:
    return [
        Entry(set_id=SETS[type(one)], number=getattr(one, "id", None) or PO, at=NOON + timedelta(minutes=minutes), record=one)
        for minutes, one in enumerate(records)
    ]


def owed(thread: Sequence[Entry], at: int) -> set[str]:
    """Of all that may be agreed, what the document at this place is still owed."""
    return {answer for answer in ANSWERS if withdrawn_by(thread[at], answer, thread) is None}


EVERYTHING = set(ANSWERS)


@pytest.mark.parametrize(
    ("records", "at", "still_owed"),
    [
        pytest.param((ORDER,), 0, EVERYTHING, id="nothing is cancelled"),
        pytest.param((ORDER, CANCEL), 0, {"824"}, id="an 860 cancels the order"),
        pytest.param((ORDER, CANCEL_BY_850), 0, {"824"}, id="an 850 cancels the order"),
        pytest.param((ORDER, TO_BE_REISSUED), 0, {"824"}, id="it is to be issued anew"),
        pytest.param((ORDER, CANCEL), 1, {"855", "865", "824"}, id="the cancellation itself is answered"),
        pytest.param((ORDER, CANCEL_BY_850), 1, {"855", "865", "824"}, id="and that by an 850, too"),
        pytest.param((ORDER, CHANGE, CANCEL), 1, {"824"}, id="a change before it goes with the order"),
        pytest.param((ORDER, ALL_DELETED), 0, EVERYTHING, id="deleted lines cancel no order"),
        pytest.param((ORDER, SHIPPED, CANCEL), 0, {"810", "824"}, id="what was shipped is invoiced"),
        pytest.param((ORDER, CANCEL, SHIPPED), 0, {"810", "824"}, id="and what crossed with the cancellation"),
        pytest.param((ORDER, SHIPPED, TAKEN_BACK, CANCEL), 0, {"824"}, id="but no shipment that was taken back"),
        pytest.param((ORDER, CANCEL, ORDER), 2, EVERYTHING, id="what is ordered anew stands"),
        pytest.param((ORDER, CANCEL, ORDER), 0, {"824"}, id="and what was cancelled before does not"),
        pytest.param((CANCEL, ORDER), 1, {"824"}, id="a cancellation may overtake its order"),
        pytest.param((CANCEL, replace(ORDER, issue_date=date(2026, 9, 1))), 1, EVERYTHING, id="but not one of another day"),
        pytest.param((replace(CANCEL, po_date=None), replace(ORDER, issue_date=None)), 1, EVERYTHING, id="nor where no day is named"),
        pytest.param((replace(ORDER, release_number="7"), replace(CANCEL, release_number="7")), 0, {"824"}, id="of its release"),
        pytest.param((replace(ORDER, release_number="7"), replace(CANCEL, release_number="8")), 0, EVERYTHING, id="of another release"),
        pytest.param((replace(ORDER, release_number="7"), CANCEL), 0, {"824"}, id="of all releases"),
        pytest.param((ORDER, SHIPPED, CANCEL), 1, EVERYTHING, id="what the buyer owes the seller stays"),
    ],
)
def test_what_is_still_owed(records: tuple[Record, ...], at: int, still_owed: set[str]) -> None:
    assert owed(thread_of(*records), at) == still_owed


@pytest.mark.parametrize(
    ("records", "cancelled"),
    [
        ((ORDER,), False),
        ((ORDER, ALL_DELETED), False),
        ((ORDER, CANCEL), True),
        ((CANCEL,), True),
        ((CANCEL, ORDER), True),
        ((ORDER, CANCEL, ORDER), False),
        ((ORDER, CANCEL, ORDER, CANCEL_BY_850), True),
    ],
)
def test_an_order_is_cancelled_until_it_is_ordered_anew(records: tuple[Record, ...], cancelled: bool) -> None:
    assert is_cancelled(thread_of(*records)) is cancelled


threads = st.lists(
    st.sampled_from([ORDER, CHANGE, ALL_DELETED, CANCEL, CANCEL_BY_850, TO_BE_REISSUED, RESPONSE, SHIPPED, TAKEN_BACK, INVOICE]), max_size=7
).map(lambda records: thread_of(*records))


@given(threads)
def test_whatever_came_what_is_withdrawn_is_withdrawn_by_a_cancellation(thread: list[Entry]) -> None:
    for asked in thread:
        for answer in ANSWERS:
            by = withdrawn_by(asked, answer, thread)
            assert by is None or (is_cancellation(by) and by in thread)
            if by is not None:
                assert by.purpose in CANCELLING
                assert asked.role in (Role.ORDER, Role.CHANGE)


@given(threads)
def test_the_answer_to_a_cancellation_is_never_withdrawn(thread: list[Entry]) -> None:
    for asked in filter(is_cancellation, thread):
        assert withdrawn_by(asked, "865", thread) is None
        assert withdrawn_by(asked, "855", thread) is None
        assert cancellation_of(asked, thread) is None


@given(threads)
def test_what_is_on_its_way_is_to_be_invoiced_whatever_is_cancelled(thread: list[Entry]) -> None:
    shipped = [*thread, Entry(set_id="856", number="SH-2", at=NOON + timedelta(hours=1), record=ShipNotice(id="SH-2"))]
    assert all(withdrawn_by(asked, "810", shipped) is None for asked in shipped)


@given(threads)
def test_what_the_seller_says_changes_nothing_but_a_ship_notice_what_is_invoiced(thread: list[Entry]) -> None:
    by_the_buyer = [one for one in thread if one.role in (Role.ORDER, Role.CHANGE)]
    for asked in by_the_buyer:
        for answer in ANSWERS:
            if ROLES.get(answer) is not Role.INVOICE:
                assert withdrawn_by(asked, answer, thread) is withdrawn_by(asked, answer, by_the_buyer)


@given(threads)
def test_an_order_is_cancelled_exactly_where_none_of_its_orders_is_owed_a_confirmation(thread: list[Entry]) -> None:
    orders = [one for one in thread if one.role is Role.ORDER and not is_cancellation(one)]
    if orders:
        assert is_cancelled(thread) == all(withdrawn_by(one, "855", thread) is not None for one in orders)


@pytest.mark.parametrize("records", [(ORDER, CANCEL, SHIPPED), (ORDER, CANCEL_BY_850, RESPONSE), (ORDER, CANCEL, INVOICE, SHIPPED)])
def test_in_whatever_order_they_come_the_order_is_owed_the_same(records: tuple[Record, ...]) -> None:
    ways = [thread_of(*one) for one in permutations(records)]
    assert len({frozenset(owed(way, next(at for at, one in enumerate(way) if one.record is ORDER))) for way in ways}) == 1
