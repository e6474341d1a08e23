"""The names that people know documents by: their business key, the order they belong to, the file they stand in."""

import re
from collections.abc import Mapping

from edi_gateway import x12
from edi_gateway.faults import Fault, Faulty
from edi_gateway.flatfile import Format, Layout
from edi_gateway.partners.agreement import Agreement
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.records import (
    ApplicationAdvice,
    CreditDebitAdjustment,
    InventoryReport,
    Invoice,
    OrderAcknowledgment,
    OrderChangeAcknowledgment,
    ProductActivity,
    PurchaseOrder,
    PurchaseOrderChange,
    Record,
    Remittance,
    RoutingInstructions,
    RoutingRequest,
    ShipNotice,
    TextMessage,
)

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
DEFAULT_TEMPLATE = "{layout}_{key}_{control}."
_ENDINGS: Mapping[Format, str] = {
    Format.XLSX: "xlsx",
    Format.JSON: "json",
    Format.JSONL: "jsonl",
    Format.XML: "xml",
    Format.IDOC: "idoc",
    Format.IDOC_XML: "xml",
}
"""What the name of a file ends in; csv for files of lines."""
_ORDERS: Mapping[str, tuple[str, int]] = {
    "753": ("OID", 2),
    "754": ("OID", 2),
    "810": ("BIG", 4),
    "812": ("BCD", 10),
    "850": ("BEG", 3),
    "855": ("BAK", 3),
    "856": ("PRF", 1),
    "860": ("BCH", 3),
    "865": ("BCA", 3),
}
"""The element that names the order a set belongs to, by the set."""
_LONGEST = 80
"""What is longer is no number, but a fault of the sender."""


def named_by(found: x12.TransactionSet) -> tuple[str | None, str | None]:
    """The business key and the order number that a set's own segments name, read without a map: also of a set that is rejected."""
    number = x12.business_number(found)
    return number.value[:_LONGEST] if number else None, _order(found)


def _order(found: x12.TransactionSet) -> str | None:
    tag, number = _ORDERS.get(found.set_id, ("", 0))
    segment = found.first(tag)
    return str(segment.get(number)).strip()[:_LONGEST] or None if segment is not None else None


def business_key(record: Record) -> str | None:
    """The number that people search for: of the order, invoice, shipment or adjustment."""
    match record:
        case OrderAcknowledgment() | OrderChangeAcknowledgment():
            return record.po_id
        case TextMessage():
            return record.messages[0].id if record.messages else None
        case _:
            return record.id


def po_number(record: Record) -> str | None:
    """The order that a document belongs to; None where it names none. A shipment for several orders goes by the first."""
    match record:
        case PurchaseOrder() | PurchaseOrderChange():
            return record.id
        case OrderAcknowledgment() | OrderChangeAcknowledgment() | Invoice() | CreditDebitAdjustment():
            return record.po_id
        case ShipNotice():
            return record.orders[0].po_id if record.orders else None
        case RoutingRequest():
            return next((order.po_id for place in record.destinations for order in place.orders), None)
        case RoutingInstructions():
            return next((order.po_id for load in record.loads for order in load.orders), None)
        case Remittance() | InventoryReport() | ProductActivity() | ApplicationAdvice() | TextMessage():
            return None


def erp_file_name(agreement: Agreement, row: TransactionSet, layout: Layout) -> str:
    """The name of the file that the ERP gets. Shape: unique, as it ends in the row's own number; safe on every file system.

    Errors: Faulty (STO-431) for a template that names something else than its fields.
    """
    fields = {
        "set": row.set_id,
        "layout": layout.name,
        "partner": row.partner or "",
        "key": row.business_key or "",
        "control": row.control_number,
        "date": f"{row.created_at:%Y%m%d}",
        "id": str(row.id),
    }
    try:
        name = (agreement.filename or DEFAULT_TEMPLATE + _ENDINGS.get(layout.format, "csv")).format_map(fields)
    except (KeyError, ValueError, IndexError) as wrong:
        raise Faulty([Fault.of("STO-431", value=agreement.filename, known=", ".join(fields))]) from wrong
    stem, dot, ending = _UNSAFE.sub("-", name).rpartition(".")
    return f"{stem}-{row.id}.{ending}" if dot else f"{ending}-{row.id}"
