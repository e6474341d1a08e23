"""The purchase order: what a buyer asks for. X12 850, UBL Order."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from edi_gateway.records.values import AllowanceCharge, Note, Party, PaymentTerms, Period, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One line of an order. Units: quantity in `unit_code` (X12 element 355), price for one `unit_code`, in the order's currency."""

    line_id: str | None = None
    quantity: Decimal | None = None
    unit_code: str | None = None
    unit_price: Decimal | None = None
    price_basis: str | None = None
    buyer_item_id: str | None = None
    seller_item_id: str | None = None
    gtin: str | None = None
    description: str | None = None
    pack_size: Decimal | None = None
    requested_delivery_date: date | None = None
    references: tuple[Reference, ...] = ()
    allowance_charges: tuple[AllowanceCharge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrder:
    """What a buyer asks a seller to deliver."""

    id: str
    purpose: str | None = None
    type: str | None = None
    release_number: str | None = None
    issue_date: date | None = None
    currency: str | None = None
    customer_reference: str | None = None
    department: str | None = None
    promotion_deal: str | None = None
    seller_number: str | None = None
    backorder_allowed: bool | None = None
    freight_terms: str | None = None
    incoterms: str | None = None
    requested_delivery_date: date | None = None
    requested_despatch_date: date | None = None
    cancel_after_date: date | None = None
    requested_delivery_period: Period | None = None
    requested_despatch_period: Period | None = None
    payment_terms: PaymentTerms | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_to: Party | None = None
    bill_to: Party | None = None
    contact_name: str | None = None
    carrier_routing: str | None = None
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    lines: tuple[OrderLine, ...] = ()
    total_lines: int | None = None
    hash_total: Decimal | None = None
    total_amount: Decimal | None = None
