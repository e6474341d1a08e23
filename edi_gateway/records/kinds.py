"""The closed list of record types, by the name that maps and the store know them by."""

from collections.abc import Mapping
from typing import TypeAlias

from edi_gateway.records.adjustment import CreditDebitAdjustment
from edi_gateway.records.advice import ApplicationAdvice, TextMessage
from edi_gateway.records.inventory import InventoryReport, ProductActivity
from edi_gateway.records.invoice import Invoice
from edi_gateway.records.order import PurchaseOrder
from edi_gateway.records.order_change import OrderChangeAcknowledgment, PurchaseOrderChange
from edi_gateway.records.order_response import OrderAcknowledgment
from edi_gateway.records.remittance import Remittance
from edi_gateway.records.routing import RoutingInstructions, RoutingRequest
from edi_gateway.records.shipment import ShipNotice

Record: TypeAlias = (
    PurchaseOrder
    | PurchaseOrderChange
    | OrderAcknowledgment
    | OrderChangeAcknowledgment
    | ShipNotice
    | Invoice
    | CreditDebitAdjustment
    | Remittance
    | InventoryReport
    | ProductActivity
    | ApplicationAdvice
    | TextMessage
    | RoutingRequest
    | RoutingInstructions
)

_KINDS: tuple[type[Record], ...] = (
    PurchaseOrder,
    PurchaseOrderChange,
    OrderAcknowledgment,
    OrderChangeAcknowledgment,
    ShipNotice,
    Invoice,
    CreditDebitAdjustment,
    Remittance,
    InventoryReport,
    ProductActivity,
    ApplicationAdvice,
    TextMessage,
    RoutingRequest,
    RoutingInstructions,
)

RECORDS: dict[str, type[Record]] = {kind.__name__: kind for kind in _KINDS}


def record_type(name: str) -> type[Record]:
    """The record type of a name such as "PurchaseOrder". Errors: KeyError for any other name."""
    return RECORDS[name]


_DATED: Mapping[type[Record], str] = {ShipNotice: "created_date", ProductActivity: "end_date"}


def dated_by(kind: type[Record]) -> str:
    """The field that holds the day a document is of."""
    return _DATED.get(kind, "issue_date")
