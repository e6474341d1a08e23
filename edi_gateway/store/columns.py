"""The typed columns of a canonical record: what people search, sum and join, taken from the record's JSON. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from decimal import Context, Decimal, InvalidOperation
from typing import Any, TypeAlias

from edi_gateway.store.types import PART_DIGITS, WHOLE_DIGITS, fits

Columns: TypeAlias = dict[str, Any]
Record: TypeAlias = Mapping[str, Any]


def header(kind: str, record: Record, line_count: int | None = None) -> Columns:
    """The columns of `documents` beside the record; a kind that is not known here has those that all kinds share.

    Shape:  `line_count` is how many `lines` there are, where they were made before.
    """
    shared: Columns = {
        "number": record.get("id"),
        "po_number": record.get("po_id"),
        "issue_date": _date(record.get("issue_date")),
        "po_date": _date(record.get("po_date")),
        "due_date": None,
        "purpose": record.get("purpose"),
        "type": record.get("type"),
        "currency": record.get("currency"),
        "total_amount": _number(record.get("total_amount")),
        "credit_or_debit": None,
        "reference": None,
        "line_count": sum(1 for _ in lines(kind, record)) if line_count is None else line_count,
        **_party("buyer", record),
        **_party("seller", record),
        **_party("ship_to", record),
    }
    own = _HEADERS.get(kind)
    return {**shared, **own(record)} if own else shared


def lines(kind: str, record: Record) -> Iterator[Columns]:
    """The rows of `document_lines`, in the order of the record; `position` counts from one."""
    own = _LINES.get(kind, _no_lines)
    for position, line in enumerate(own(record), start=1):
        line["position"] = position
        yield line


def _order(record: Record) -> Columns:
    period = record.get("requested_delivery_period", {})
    return {
        "po_number": record.get("id"),
        "po_date": _date(record.get("issue_date")),
        "due_date": _date(period.get("end") or period.get("start")),
    }


def _order_change(record: Record) -> Columns:
    return {**_order(record), "issue_date": _date(record.get("issue_date")), "po_date": _date(record.get("po_date"))}


def _response(record: Record) -> Columns:
    return {"number": record.get("id") or record.get("po_id"), "type": record.get("ack_type")}


def _shipment(record: Record) -> Columns:
    orders = record.get("orders", ())
    only = orders[0] if len(orders) == 1 else {}
    return {
        "po_number": only.get("po_id"),
        "po_date": _date(only.get("po_date")),
        "issue_date": _date(record.get("created_date") or record.get("shipped_date")),
        "due_date": _date(record.get("estimated_delivery_date")),
    }


def _invoice(record: Record) -> Columns:
    return {"due_date": _date(record.get("payment_terms", {}).get("net_due_date"))}


def _adjustment(record: Record) -> Columns:
    amount = _number(record.get("amount"))
    return {"total_amount": amount, "credit_or_debit": record.get("direction"), "reference": record.get("invoice_id")}


def _remittance(record: Record) -> Columns:
    payer, payee = record.get("payer", {}), record.get("payee", {})
    return {
        "credit_or_debit": record.get("direction"),
        "buyer_id": payer.get("id"),
        "buyer_name": payer.get("name"),
        "seller_id": payee.get("id"),
        "seller_name": payee.get("name"),
    }


def _activity(record: Record) -> Columns:
    return {"issue_date": _date(record.get("end_date") or record.get("start_date"))}


_HEADERS: Mapping[str, Callable[[Record], Columns]] = {
    "PurchaseOrder": _order,
    "PurchaseOrderChange": _order_change,
    "OrderAcknowledgment": _response,
    "OrderChangeAcknowledgment": _response,
    "ShipNotice": _shipment,
    "Invoice": _invoice,
    "CreditDebitAdjustment": _adjustment,
    "Remittance": _remittance,
    "ProductActivity": _activity,
}


def _item(line: Record) -> Columns:
    """All columns of a line, those empty that a kind of document fills itself."""
    quantity, price = _number(line.get("quantity")), _number(line.get("unit_price"))
    return {
        "line_id": line.get("line_id"),
        "quantity": quantity,
        "ordered_quantity": _number(line.get("ordered_quantity")),
        "unit_code": line.get("unit_code"),
        "unit_price": price,
        "amount": _product(quantity, price),
        "buyer_item_id": line.get("buyer_item_id"),
        "seller_item_id": line.get("seller_item_id"),
        "gtin": line.get("gtin"),
        "description": line.get("description"),
        "po_number": None,
        "status": None,
        "reason_code": None,
        "credit_or_debit": None,
        "due_date": None,
        "sscc": None,
        "reference": None,
    }


def _order_lines(record: Record) -> Iterator[Columns]:
    for line in record.get("lines", ()):
        due = _date(line.get("requested_delivery_date"))
        yield {**_item(line), "po_number": record.get("id"), "due_date": due, "status": line.get("change")}


def _response_lines(record: Record) -> Iterator[Columns]:
    for line in record.get("lines", ()):
        statuses = line.get("statuses", ())
        yield {
            **_item(line),
            "po_number": record.get("po_id"),
            "status": _one_of(status.get("status") for status in statuses),
            "reason_code": _one_of(status.get("reject_reason") for status in statuses),
            "due_date": min((due for status in statuses if (due := _date(status.get("scheduled_date")))), default=None),
        }


def _shipment_lines(record: Record) -> Iterator[Columns]:
    for order in record.get("orders", ()):
        loose: Record = {"items": order.get("items", ())}
        pallets = (pack for pallet in order.get("pallets", ()) for pack in pallet.get("packs", ()))
        for pack in (loose, *order.get("packs", ()), *pallets):
            for item in pack.get("items", ()):
                yield {**_item(item), "po_number": order.get("po_id"), "sscc": pack.get("sscc")}


def _invoice_lines(record: Record) -> Iterator[Columns]:
    for line in record.get("lines", ()):
        yield {**_item(line), "po_number": record.get("po_id")}


def _adjustment_lines(record: Record) -> Iterator[Columns]:
    for line in record.get("lines", ()):
        yield {
            **_item(line),
            "line_id": line.get("assigned_id"),
            "po_number": record.get("po_id"),
            "amount": _number(line.get("amount")),
            "reason_code": line.get("reason_code"),
            "credit_or_debit": line.get("direction"),
        }


def _remittance_lines(record: Record) -> Iterator[Columns]:
    for group in record.get("groups", ()):
        for line in group.get("lines", ()):
            yield {
                **_item(line),
                "po_number": line.get("po_id"),
                "amount": _number(line.get("paid_amount")),
                "reason_code": line.get("adjustment_reason"),
                "reference": line.get("reference"),
            }


def _figure_lines(record: Record) -> Iterator[Columns]:
    """A row for each figure of each item: what there is, or what became of it."""
    for line in record.get("lines", ()):
        for figure in (*line.get("quantities", ()), *line.get("activities", ())) or ({},):
            quantity = {"quantity": _number(figure.get("quantity")), "unit_code": figure.get("unit_code")}
            yield {**_item(line), **quantity, "status": figure.get("kind"), "due_date": _date(figure.get("date"))}


def _advice_lines(record: Record) -> Iterator[Columns]:
    for item in record.get("items", ()):
        yield {**_item(item), "status": item.get("result"), "reference": item.get("reference")}


def _text_lines(record: Record) -> Iterator[Columns]:
    for message in record.get("messages", ()):
        yield {**_item({}), "description": message.get("subject"), "reference": message.get("id")}


def _no_lines(record: Record) -> Iterator[Columns]:
    return iter(())


_LINES: Mapping[str, Callable[[Record], Iterator[Columns]]] = {
    "PurchaseOrder": _order_lines,
    "PurchaseOrderChange": _order_lines,
    "OrderAcknowledgment": _response_lines,
    "OrderChangeAcknowledgment": _response_lines,
    "ShipNotice": _shipment_lines,
    "Invoice": _invoice_lines,
    "CreditDebitAdjustment": _adjustment_lines,
    "Remittance": _remittance_lines,
    "InventoryReport": _figure_lines,
    "ProductActivity": _figure_lines,
    "ApplicationAdvice": _advice_lines,
    "TextMessage": _text_lines,
}


def _party(role: str, record: Record) -> Columns:
    party = record.get(role, {})
    return {f"{role}_id": party.get("id"), f"{role}_name": party.get("name")}


def _one_of(words: Iterable[str | None]) -> str | None:
    """The one word that all share, "split" where they differ."""
    known = {word for word in words if word is not None}
    if len(known) > 1:
        return "split"
    return known.pop() if known else None


def _date(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def _number(text: str | None) -> Decimal | None:
    """The number; None where it has more digits than a column holds: the record beside has them all."""
    if text is None:
        return None
    number = Decimal(text)
    # Most are so short that they fit whatever they are.
    return number if (len(text) <= PART_DIGITS and text.replace(".", "").isdecimal()) or fits(number) else None


_EVERY_DIGIT = Context(prec=2 * (WHOLE_DIGITS + PART_DIGITS))


def _product(quantity: Decimal | None, price: Decimal | None) -> Decimal | None:
    """Quantity times price with every digit; None where either is not known, or the product does not fit a column."""
    if quantity is None or price is None:
        return None
    try:
        amount = _EVERY_DIGIT.multiply(quantity, price)
    except InvalidOperation:
        return None
    return amount if fits(amount) else None
