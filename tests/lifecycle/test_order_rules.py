"""The rules of a purchase order's documents: as a table, and as laws over any order of documents."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.lifecycle.order_lines import lines_of, orders_of
from edi_gateway.lifecycle.order_rules import DEFAULTS, Finding, Rule, Treatment, judge, worst
from edi_gateway.lifecycle.order_thread import Entry, Role, balances
from edi_gateway.records import (
    Invoice,
    InvoiceLine,
    LineStatus,
    OrderAcknowledgment,
    OrderChangeAcknowledgment,
    OrderChangeLine,
    OrderLine,
    Pack,
    Pallet,
    PurchaseOrder,
    PurchaseOrderChange,
    Record,
    ResponseLine,
    ShipItem,
    ShipNotice,
    ShippedOrder,
)

PO = "4500017"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TODAY = NOON.date()
AGREED: dict[str, tuple[str, ...]] = {"850": ("855",), "855": (), "856": (), "810": ()}
SETS = {
    PurchaseOrder: "850",
    PurchaseOrderChange: "860",
    OrderAcknowledgment: "855",
    OrderChangeAcknowledgment: "865",
    ShipNotice: "856",
    Invoice: "810",
}


def entry(record: Record, minutes: int = 0) -> Entry:
    return Entry(set_id=SETS[type(record)], number=getattr(record, "id", None) or PO, at=NOON + timedelta(minutes=minutes), record=record)


ORDER = PurchaseOrder(
    id=PO,
    cancel_after_date=date(2026, 3, 10),
    lines=(
        OrderLine(line_id="1", quantity=Decimal(24), unit_code="EA", buyer_item_id="B1", gtin="G1"),
        OrderLine(line_id="2", quantity=Decimal(6), unit_code="CA", seller_item_id="S2", pack_size=Decimal(12)),
    ),
)
RESPONSE = OrderAcknowledgment(
    po_id=PO,
    lines=(
        ResponseLine(
            line_id="1",
            quantity=Decimal(24),
            unit_code="EA",
            statuses=(LineStatus(status="accepted", quantity=Decimal(20)), LineStatus(status="rejected", quantity=Decimal(4))),
        ),
    ),
)


def shipped(first: int, second: int = 0, *, number: str = "SH-1", unit: str = "CA", **head: str) -> ShipNotice:
    """One article in a carton of its own, the other in one on a pallet."""
    carton = Pack(items=(ShipItem(gtin="G1", quantity=Decimal(first), unit_code="EA"),))
    pallet = Pallet(packs=(Pack(items=(ShipItem(seller_item_id="S2", quantity=Decimal(second), unit_code=unit),)),))
    return ShipNotice(id=number, orders=(ShippedOrder(po_id=PO, packs=(carton,), pallets=(pallet,)),), **head)  # type: ignore[arg-type]


def invoiced(first: int, second: int = 0, *, number: str = "IN-1", unit: str = "CA", **head: str) -> Invoice:
    lines = (
        InvoiceLine(line_id="1", buyer_item_id="B1", quantity=Decimal(first), unit_code="EA"),
        InvoiceLine(line_id="2", seller_item_id="S2", quantity=Decimal(second), unit_code=unit),
    )
    return Invoice(id=number, po_id=PO, lines=lines, **head)


def found(*thread: Record, candidate: Record, today: date = TODAY, agreed: dict[str, tuple[str, ...]] | None = None) -> tuple[Finding, ...]:
    entries = [entry(record, minutes) for minutes, record in enumerate(thread)]
    return judge(PO, entries, entry(candidate, 99), rules=DEFAULTS, agreed=AGREED if agreed is None else agreed, today=today)


CANCEL = PurchaseOrderChange(id=PO, purpose="cancel")


@pytest.mark.parametrize(
    ("thread", "candidate", "rules"),
    [
        ((ORDER,), RESPONSE, []),
        ((ORDER,), shipped(20), [Rule.SHIPPED_UNANSWERED]),
        ((ORDER, RESPONSE), shipped(20, 6), []),
        ((ORDER, RESPONSE), shipped(25), [Rule.SHIPPED_TOO_MUCH]),
        ((ORDER, RESPONSE, shipped(20)), shipped(5, number="SH-2"), [Rule.SHIPPED_TOO_MUCH]),
        ((ORDER, RESPONSE, shipped(20)), shipped(24, purpose="replace"), []),
        ((ORDER, RESPONSE, shipped(20), shipped(0, purpose="cancel")), shipped(24, number="SH-2"), []),
        # 72 pieces are the six cases of twelve.
        ((ORDER, RESPONSE), shipped(0, 72, unit="EA"), []),
        ((ORDER, RESPONSE), shipped(0, 73, unit="EA"), [Rule.SHIPPED_TOO_MUCH]),
        ((ORDER, RESPONSE), shipped(0, 1, unit="LB"), [Rule.SHIPPED_TOO_MUCH]),
        ((ORDER, RESPONSE), invoiced(1), [Rule.INVOICED_TOO_MUCH]),
        ((ORDER, RESPONSE, shipped(20, 6)), invoiced(20, 6), []),
        ((ORDER, RESPONSE, shipped(20, 6), invoiced(20)), invoiced(1, number="IN-2"), [Rule.INVOICED_TOO_MUCH]),
        ((ORDER, RESPONSE, shipped(20, 6), invoiced(20), invoiced(5, number="CM", type="credit_memo")), invoiced(5, number="IN-2"), []),
        ((ORDER, RESPONSE, shipped(24)), invoiced(20, number="IN-1"), []),
        ((ORDER, RESPONSE, shipped(24), invoiced(2)), invoiced(3), [Rule.REPEATED]),
        ((ORDER, CANCEL), RESPONSE, [Rule.CLOSED_ORDER]),
        ((ORDER, CANCEL), OrderChangeAcknowledgment(po_id=PO), []),
        ((ORDER, PurchaseOrder(id=PO, purpose="cancel")), RESPONSE, []),
        ((ORDER, CANCEL, ORDER), RESPONSE, []),
        # Nothing is known of the order: it came another way.
        ((), shipped(99), []),
        ((), invoiced(99), []),
    ],
)
def test_a_document_is_held_against_the_rules_of_its_order(thread: tuple[Record, ...], candidate: Record, rules: list[Rule]) -> None:
    assert [one.rule for one in found(*thread, candidate=candidate)] == rules


def test_what_is_agreed_to_answer_a_change_confirms_its_cancellation_and_nothing_else_does() -> None:
    agreed = {**AGREED, "860": ("855", "856")}
    assert found(ORDER, CANCEL, candidate=RESPONSE, agreed=agreed) == ()
    assert Rule.CLOSED_ORDER in [one.rule for one in found(ORDER, CANCEL, candidate=shipped(20), agreed=agreed)]
    assert [one.rule for one in found(ORDER, CANCEL, candidate=invoiced(0), agreed=agreed)] == [Rule.CLOSED_ORDER]


def test_an_answer_after_the_last_day_of_the_order_is_noted() -> None:
    assert [one.rule for one in found(ORDER, candidate=RESPONSE, today=date(2026, 3, 11))] == [Rule.CLOSED_ORDER]
    assert found(ORDER, candidate=RESPONSE, today=date(2026, 3, 10)) == ()


def test_rules_that_rest_on_a_document_that_is_not_agreed_are_quiet() -> None:
    assert found(ORDER, candidate=invoiced(24), agreed={"850": (), "810": ()}) == ()
    assert found(ORDER, candidate=shipped(24), agreed={"850": (), "856": ()}) == ()


def test_a_change_of_the_order_counts() -> None:
    line = OrderChangeLine(line_id="1", change="quantity_increase", quantity=Decimal(30), buyer_item_id="B1")
    more = PurchaseOrderChange(id=PO, lines=(line,))
    less = PurchaseOrderChange(id=PO, lines=(OrderChangeLine(line_id="2", change="delete", seller_item_id="S2"),))
    assert found(ORDER, more, RESPONSE, candidate=shipped(30)) == ()
    assert [one.rule for one in found(ORDER, less, RESPONSE, candidate=shipped(0, 1))] == [Rule.SHIPPED_TOO_MUCH]


def test_units_that_cannot_be_compared_warn_at_most() -> None:
    rules = dict.fromkeys(Rule, Treatment.REFUSE)
    thread = [entry(ORDER), entry(RESPONSE)]
    [one] = judge(PO, thread, entry(shipped(0, 1, unit="LB"), 9), rules=rules, agreed=AGREED, today=TODAY)
    assert (one.fault.code, one.treatment) == ("STO-456", Treatment.WARN)


def test_the_strictest_treatment_decides_and_off_is_silent() -> None:
    thread = [entry(ORDER)]
    rules = {**DEFAULTS, Rule.SHIPPED_UNANSWERED: Treatment.HOLD, Rule.SHIPPED_TOO_MUCH: Treatment.REFUSE}
    assert worst(judge(PO, thread, entry(shipped(99)), rules=rules, agreed=AGREED, today=TODAY)) is Treatment.REFUSE
    off = dict.fromkeys(Rule, Treatment.OFF)
    assert judge(PO, thread, entry(shipped(99)), rules=off, agreed=AGREED, today=TODAY) == ()


def test_the_sums_are_by_article_in_the_orders_unit() -> None:
    first, second = balances(PO, [entry(one, n) for n, one in enumerate((ORDER, RESPONSE, shipped(20, 24, unit="EA"), invoiced(18, 2)))])
    assert [first[role] for role in (Role.ORDER, Role.RESPONSE, Role.SHIPMENT, Role.INVOICE)] == [24, 20, 20, 18]
    assert [second[role] for role in (Role.ORDER, Role.SHIPMENT, Role.INVOICE)] == [6, 2, 2]
    assert first.ids == {"gtin": "G1", "buyer": "B1"}


def test_a_shipment_for_two_orders_is_read_for_each() -> None:
    other = ShippedOrder(po_id="OTHER", items=(ShipItem(gtin="G1", quantity=Decimal(7), unit_code="EA"),))
    notice = replace(shipped(20), orders=(*shipped(20).orders, other))
    assert orders_of(notice) == (PO, "OTHER")
    assert [line.quantity for line in lines_of(notice, "OTHER")] == [7]


quantities = st.integers(0, 30)
moves = st.lists(
    st.one_of(
        st.tuples(st.just("ship"), quantities, quantities, st.sampled_from(["CA", "EA"])),
        st.tuples(st.just("invoice"), quantities, quantities, st.sampled_from(["CA", "EA"])),
    ),
    max_size=12,
)


@given(moves)
def test_whatever_comes_in_whatever_order_no_more_is_invoiced_than_shipped_nor_shipped_than_ordered(
    wanted: list[tuple[str, int, int, str]],
) -> None:
    rules = dict.fromkeys(Rule, Treatment.REFUSE)
    thread = [entry(ORDER), entry(RESPONSE, 1)]
    for number, (kind, first, second, unit) in enumerate(wanted):
        make = shipped if kind == "ship" else invoiced
        candidate = entry(make(first, second, number=f"{kind}-{number}", unit=unit), number + 2)
        if worst(judge(PO, thread, candidate, rules=rules, agreed=AGREED, today=TODAY)) is Treatment.OFF:
            thread.append(candidate)
    for one in balances(PO, thread):
        assert one[Role.INVOICE] <= one[Role.SHIPMENT] <= one[Role.ORDER]
    # And counted by hand, in pieces.
    for role, kind in ((Role.SHIPMENT, ShipNotice), (Role.INVOICE, Invoice)):
        lines = [line for one in thread if isinstance(one.record, kind) for line in lines_of(one.record, PO)]
        pieces = sum(line.quantity * (12 if line.unit == "CA" else 1) for line in lines if ("seller", "S2") in line.ids)
        assert pieces == balances(PO, thread)[1][role] * 12


@given(st.permutations([ORDER, RESPONSE, shipped(20, 6), invoiced(18, 5)]))
def test_the_sums_do_not_depend_on_the_order_in_which_documents_are_read(order: list[Record]) -> None:
    def sums(records: list[Record]) -> list[dict[Role, Fraction]]:
        return [one.sums for one in balances(PO, [entry(one) for one in records])]

    assert sums(order) == sums([ORDER, RESPONSE, shipped(20, 6), invoiced(18, 5)])
