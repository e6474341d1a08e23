"""Canonical records: what a business document says, whatever format it came in or leaves in.

Names are UBL's nouns; a line's identifiers are flat (`gtin`, `buyer_item_id`) because that is how maps, tables and people ask for them.
"""

from edi_gateway.records.adjustment import AdjustmentLine, CreditDebitAdjustment
from edi_gateway.records.advice import AdviceError, AdviceItem, ApplicationAdvice, Message, TextMessage
from edi_gateway.records.codec import from_json, to_json
from edi_gateway.records.inventory import Activity, ActivityLine, InventoryLine, InventoryReport, ProductActivity, StockQuantity
from edi_gateway.records.invoice import Invoice, InvoiceLine
from edi_gateway.records.kinds import RECORDS, Record, dated_by, record_type
from edi_gateway.records.order import OrderLine, PurchaseOrder
from edi_gateway.records.order_change import ChangeResponseLine, OrderChangeAcknowledgment, OrderChangeLine, PurchaseOrderChange
from edi_gateway.records.order_response import LineStatus, OrderAcknowledgment, ResponseLine
from edi_gateway.records.remittance import Remittance, RemittanceAdjustment, RemittanceGroup, RemittanceLine
from edi_gateway.records.routing import (
    Appointment,
    Destination,
    LoadQuantity,
    RoutedLoad,
    RoutedOrder,
    RoutingInstructions,
    RoutingRequest,
)
from edi_gateway.records.shipment import ItemPack, Pack, Pallet, ShipItem, ShipNotice, ShippedOrder
from edi_gateway.records.values import AllowanceCharge, Contact, Note, Party, PaymentTerms, Period, Reference, TaxTotal

__all__ = [
    "RECORDS",
    "Activity",
    "ActivityLine",
    "AdjustmentLine",
    "AdviceError",
    "AdviceItem",
    "AllowanceCharge",
    "ApplicationAdvice",
    "Appointment",
    "ChangeResponseLine",
    "Contact",
    "CreditDebitAdjustment",
    "Destination",
    "InventoryLine",
    "InventoryReport",
    "Invoice",
    "InvoiceLine",
    "ItemPack",
    "LineStatus",
    "LoadQuantity",
    "Message",
    "Note",
    "OrderAcknowledgment",
    "OrderChangeAcknowledgment",
    "OrderChangeLine",
    "OrderLine",
    "Pack",
    "Pallet",
    "Party",
    "PaymentTerms",
    "Period",
    "ProductActivity",
    "PurchaseOrder",
    "PurchaseOrderChange",
    "Record",
    "Reference",
    "Remittance",
    "RemittanceAdjustment",
    "RemittanceGroup",
    "RemittanceLine",
    "ResponseLine",
    "RoutedLoad",
    "RoutedOrder",
    "RoutingInstructions",
    "RoutingRequest",
    "ShipItem",
    "ShipNotice",
    "ShippedOrder",
    "StockQuantity",
    "TaxTotal",
    "TextMessage",
    "dated_by",
    "from_json",
    "record_type",
    "to_json",
]
