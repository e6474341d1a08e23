"""Canonical records: what a business document says, whatever format it came in or leaves in.

Names are UBL's nouns; a line's identifiers are flat (`gtin`, `buyer_item_id`) because that is how maps, tables and people ask for them.
"""

from edi_gateway.records.adjustment import AdjustmentLine, CreditDebitAdjustment
from edi_gateway.records.codec import from_json, to_json
from edi_gateway.records.invoice import Invoice, InvoiceLine
from edi_gateway.records.kinds import RECORDS, Record, record_type
from edi_gateway.records.order import OrderLine, PurchaseOrder
from edi_gateway.records.order_response import LineStatus, OrderAcknowledgment, ResponseLine
from edi_gateway.records.shipment import Pack, Pallet, ShipItem, ShipNotice, ShippedOrder
from edi_gateway.records.values import AllowanceCharge, Contact, Note, Party, PaymentTerms, Period, Reference, TaxTotal

__all__ = [
    "RECORDS",
    "AdjustmentLine",
    "AllowanceCharge",
    "Contact",
    "CreditDebitAdjustment",
    "Invoice",
    "InvoiceLine",
    "LineStatus",
    "Note",
    "OrderAcknowledgment",
    "OrderLine",
    "Pack",
    "Pallet",
    "Party",
    "PaymentTerms",
    "Period",
    "PurchaseOrder",
    "Record",
    "Reference",
    "ResponseLine",
    "ShipItem",
    "ShipNotice",
    "ShippedOrder",
    "TaxTotal",
    "from_json",
    "record_type",
    "to_json",
]
