"""The closed list of record types, by the name that maps and the store know them by."""

from typing import TypeAlias

from edi_gateway.records.adjustment import CreditDebitAdjustment
from edi_gateway.records.invoice import Invoice
from edi_gateway.records.order import PurchaseOrder
from edi_gateway.records.order_response import OrderAcknowledgment
from edi_gateway.records.shipment import ShipNotice

Record: TypeAlias = PurchaseOrder | OrderAcknowledgment | ShipNotice | Invoice | CreditDebitAdjustment

RECORDS: dict[str, type[Record]] = {
    kind.__name__: kind for kind in (PurchaseOrder, OrderAcknowledgment, ShipNotice, Invoice, CreditDebitAdjustment)
}


def record_type(name: str) -> type[Record]:
    """The record type of a name such as "PurchaseOrder". Errors: KeyError for any other name."""
    return RECORDS[name]
