"""The typed columns of every kind of record."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from edi_gateway.lifecycle.states import Direction
from edi_gateway.ports.rows import Document
from edi_gateway.records import (
    RECORDS,
    AdjustmentLine,
    CreditDebitAdjustment,
    Invoice,
    InvoiceLine,
    LineStatus,
    OrderAcknowledgment,
    OrderLine,
    Pack,
    Party,
    PaymentTerms,
    Period,
    PurchaseOrder,
    Record,
    ResponseLine,
    ShipItem,
    ShipNotice,
    ShippedOrder,
    to_json,
)
from edi_gateway.store import SqlStore, tables
from edi_gateway.store.columns import header, lines

ORDER = PurchaseOrder(
    id="4500017",
    type="NE",
    issue_date=date(2026, 3, 2),
    currency="USD",
    requested_delivery_period=Period(start=date(2026, 3, 9), end=date(2026, 3, 12)),
    buyer=Party(id="0812", name="Big Retail"),
    seller=Party(id="V77"),
    ship_to=Party(id="DC4", name="Dock 4"),
    lines=(
        OrderLine(
            line_id="1", quantity=Decimal("12"), unit_code="EA", unit_price=Decimal("9.125"), buyer_item_id="B1", gtin="00012345600012"
        ),
        OrderLine(line_id="2", quantity=Decimal("3"), unit_code="CA", requested_delivery_date=date(2026, 3, 10)),
    ),
    total_amount=Decimal("109.50"),
)


def columns_of(record: Record) -> dict[str, object]:
    return header(type(record).__name__, to_json(record))


def lines_of(record: Record) -> list[dict[str, object]]:
    return list(lines(type(record).__name__, to_json(record)))


def picked(row: dict[str, object], *names: str) -> tuple[object, ...]:
    return tuple(row[name] for name in names)


def test_an_order_is_found_by_its_number_parties_and_dates() -> None:
    found = columns_of(ORDER)
    assert picked(found, "number", "po_number", "issue_date", "po_date", "due_date") == (
        "4500017",
        "4500017",
        date(2026, 3, 2),
        date(2026, 3, 2),
        date(2026, 3, 12),
    )
    assert picked(found, "buyer_id", "buyer_name", "seller_id", "ship_to_id", "line_count") == ("0812", "Big Retail", "V77", "DC4", 2)
    assert found["total_amount"] == Decimal("109.50")


def test_an_order_line_has_its_amount_with_every_digit() -> None:
    first, second = lines_of(ORDER)
    assert picked(first, "position", "line_id", "quantity", "amount", "gtin") == (
        1,
        "1",
        Decimal("12"),
        Decimal("109.500"),
        "00012345600012",
    )
    assert picked(second, "amount", "due_date", "po_number") == (None, date(2026, 3, 10), "4500017")


def test_an_acknowledgment_says_what_becomes_of_each_line() -> None:
    answer = OrderAcknowledgment(
        po_id="4500017",
        ack_type="AC",
        lines=(
            ResponseLine(line_id="1", statuses=(LineStatus(status="accepted", scheduled_date=date(2026, 3, 12)),)),
            ResponseLine(
                line_id="2",
                statuses=(
                    LineStatus(status="accepted", scheduled_date=date(2026, 3, 14)),
                    LineStatus(status="rejected", reject_reason="out_of_stock"),
                ),
            ),
            ResponseLine(line_id="3"),
        ),
    )
    assert picked(columns_of(answer), "number", "po_number", "type") == ("4500017", "4500017", "AC")
    assert [picked(line, "status", "reason_code", "due_date") for line in lines_of(answer)] == [
        ("accepted", None, date(2026, 3, 12)),
        ("split", "out_of_stock", date(2026, 3, 14)),
        (None, None, None),
    ]


def test_a_shipment_has_a_line_for_each_item_of_each_pack() -> None:
    pack = Pack(sscc="000123456000000017", items=(ShipItem(line_id="1", quantity=Decimal(5)), ShipItem(line_id="2", quantity=Decimal(6))))
    notice = ShipNotice(
        id="S1",
        created_date=date(2026, 3, 5),
        estimated_delivery_date=date(2026, 3, 9),
        orders=(ShippedOrder(po_id="A", packs=(pack,)), ShippedOrder(po_id="B", packs=(Pack(items=(ShipItem(line_id="9"),)),))),
    )
    found = columns_of(notice)
    assert picked(found, "number", "po_number", "issue_date", "due_date", "line_count") == (
        "S1",
        None,
        date(2026, 3, 5),
        date(2026, 3, 9),
        3,
    )
    assert [picked(line, "position", "po_number", "sscc", "line_id") for line in lines_of(notice)] == [
        (1, "A", "000123456000000017", "1"),
        (2, "A", "000123456000000017", "2"),
        (3, "B", None, "9"),
    ]


def test_a_shipment_of_one_order_is_found_by_that_order() -> None:
    notice = ShipNotice(id="S1", orders=(ShippedOrder(po_id="A", po_date=date(2026, 3, 2)),))
    assert picked(columns_of(notice), "po_number", "po_date") == ("A", date(2026, 3, 2))


def test_an_invoice_has_its_due_date_and_total() -> None:
    invoice = Invoice(
        id="I1",
        po_id="A",
        total_amount=Decimal("1234567890123.45"),
        payment_terms=PaymentTerms(net_due_date=date(2026, 4, 1)),
        lines=(InvoiceLine(line_id="1", quantity=Decimal("0.5"), unit_price=Decimal("0.0001")),),
    )
    found = columns_of(invoice)
    assert picked(found, "number", "po_number", "due_date", "total_amount") == ("I1", "A", date(2026, 4, 1), Decimal("1234567890123.45"))
    assert lines_of(invoice)[0]["amount"] == Decimal("0.00005")


def test_an_adjustment_says_credit_or_debit() -> None:
    adjustment = CreditDebitAdjustment(
        id="C1",
        po_id="A",
        amount=Decimal("10"),
        direction="credit",
        lines=(
            AdjustmentLine(
                assigned_id="1", reason_code="01", direction="credit", amount=Decimal("10"), quantity=Decimal(2), unit_price=Decimal(4)
            ),
        ),
    )
    assert picked(columns_of(adjustment), "total_amount", "credit_or_debit") == (Decimal("10"), "credit")
    assert picked(lines_of(adjustment)[0], "line_id", "amount", "reason_code", "credit_or_debit") == ("1", Decimal("10"), "01", "credit")


def test_a_remittance_says_which_invoices_it_pays() -> None:
    paid = {"reference": "I1", "paid_amount": "90.00", "adjustment_reason": "01", "po_id": "A"}
    record = {"id": "T1", "total_amount": "90.00", "direction": "credit", "payer": {"id": "0812"}, "groups": [{"lines": [paid]}]}
    found = header("Remittance", record)
    assert picked(found, "number", "total_amount", "buyer_id", "line_count") == ("T1", Decimal("90.00"), "0812", 1)
    (line,) = lines("Remittance", record)
    assert picked(line, "reference", "amount", "reason_code", "po_number") == ("I1", Decimal("90.00"), "01", "A")


def test_an_inventory_has_a_line_for_each_figure_of_each_item() -> None:
    figures = [{"kind": "available", "quantity": "7", "unit_code": "EA"}, {"kind": "on_order", "quantity": "5"}]
    record = {"id": "R1", "lines": [{"line_id": "1", "gtin": "00012345600012", "quantities": figures}, {"line_id": "2"}]}
    assert [picked(line, "position", "line_id", "status", "quantity") for line in lines("InventoryReport", record)] == [
        (1, "1", "available", Decimal(7)),
        (2, "1", "on_order", Decimal(5)),
        (3, "2", None, None),
    ]


def test_an_order_change_says_what_becomes_of_each_line() -> None:
    record = {"id": "A", "issue_date": "2026-03-03", "po_date": "2026-03-02", "lines": [{"line_id": "1", "change": "delete"}]}
    assert picked(header("PurchaseOrderChange", record), "po_number", "issue_date", "po_date") == (
        "A",
        date(2026, 3, 3),
        date(2026, 3, 2),
    )
    assert [line["status"] for line in lines("PurchaseOrderChange", record)] == ["delete"]


def test_advice_names_the_document_and_its_verdict() -> None:
    record = {"id": "V1", "items": [{"result": "rejected", "reference": "I1"}]}
    assert [picked(line, "status", "reference") for line in lines("ApplicationAdvice", record)] == [("rejected", "I1")]


@pytest.mark.parametrize("price", ["99999999999999999999", "123456789012345678901234567890", "0.000000000000000000001"])
def test_a_number_that_is_too_long_is_left_to_the_record(price: str) -> None:
    order = PurchaseOrder(id="1", lines=(OrderLine(quantity=Decimal("99999999999999999999"), unit_price=Decimal(price)),))
    assert lines_of(order)[0]["amount"] is None


@pytest.mark.parametrize("kind", RECORDS)
def test_every_kind_fills_exactly_the_columns_that_there_are(kind: str) -> None:
    own = {"id", "direction", "kind", "record", "created_at", "partner", "map_name", "map_digest", "lineage", "revision"}
    assert set(header(kind, {"id": "1"})) == set(tables.documents.c.keys()) - own
    filled = {"lines": [{}], "orders": [{"packs": [{"items": [{}]}]}], "groups": [{"lines": [{}]}], "items": [{}]}
    for line in lines(kind, filled):
        assert set(line) == set(tables.document_lines.c.keys()) - {"document_id"}


def test_documents_and_their_lines_stand_in_tables(store: SqlStore) -> None:
    document = Document(
        direction=Direction.IN, kind="PurchaseOrder", record=to_json(ORDER), created_at=datetime(2026, 3, 2, tzinfo=UTC), partner="acme"
    )
    documents, of_lines = tables.documents, tables.document_lines
    with store.begin() as unit:
        assert unit.documents.add(document).id == 1
    with store._database.read() as connect:
        total = select(documents.c.total_amount, documents.c.issue_date).where(documents.c.number == "4500017")
        assert connect().execute(total).one() == (Decimal("109.50"), date(2026, 3, 2))
        dear = select(of_lines.c.line_id).where(of_lines.c.unit_price > Decimal("9"), of_lines.c.quantity < Decimal("100"))
        assert connect().execute(dear).scalars().all() == ["1"]


def test_a_record_that_is_changed_has_its_columns_changed(store: SqlStore) -> None:
    document = Document(
        direction=Direction.IN, kind="PurchaseOrder", record=to_json(ORDER), created_at=datetime(2026, 3, 2, tzinfo=UTC), partner="acme"
    )
    with store.begin() as unit:
        unit.documents.add(document)
        unit.documents.change(1, record={"id": "other", "lines": [{"line_id": "7"}]})
    with store._database.read() as connect:
        assert connect().execute(select(tables.documents.c.number, tables.documents.c.line_count)).one() == ("other", 1)
        assert connect().execute(select(tables.document_lines.c.line_id)).scalars().all() == ["7"]
