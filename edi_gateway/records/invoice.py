"""The invoice: what a seller asks to be paid. X12 810, UBL Invoice."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from edi_gateway.records.values import AllowanceCharge, Note, Party, PaymentTerms, Reference, TaxTotal


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """One line of an invoice. Units: quantity in `unit_code`, price for one `unit_code`, in the invoice's currency."""

    line_id: str | None = None
    quantity: Decimal | None = None
    unit_code: str | None = None
    unit_price: Decimal | None = None
    price_basis: str | None = None
    buyer_item_id: str | None = None
    seller_item_id: str | None = None
    gtin: str | None = None
    description: str | None = None
    allowance_charges: tuple[AllowanceCharge, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """What a seller asks to be paid. `total_amount` is what the buyer owes, allowances, charges and taxes included."""

    id: str
    issue_date: date | None = None
    po_id: str | None = None
    po_date: date | None = None
    release_number: str | None = None
    type: str | None = None
    currency: str | None = None
    bill_of_lading: str | None = None
    carrier_scac: str | None = None
    transport_mode: str | None = None
    carrier_routing: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    bill_to: Party | None = None
    remit_to: Party | None = None
    ship_to: Party | None = None
    payment_terms: PaymentTerms | None = None
    shipped_date: date | None = None
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    lines: tuple[InvoiceLine, ...] = ()
    taxes: tuple[TaxTotal, ...] = ()
    allowance_charges: tuple[AllowanceCharge, ...] = ()
    total_amount: Decimal | None = None
    total_lines: int | None = None
    hash_total: Decimal | None = None
