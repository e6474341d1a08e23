"""The credit/debit adjustment: what is taken off or put on after the invoice. X12 812, UBL CreditNote and DebitNote."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from edi_gateway.records.values import Note, Party, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class AdjustmentLine:
    """One adjusted item. `direction` is "credit" or "debit"."""

    reason_code: str | None = None
    direction: str | None = None
    assigned_id: str | None = None
    amount: Decimal | None = None
    quantity: Decimal | None = None
    unit_code: str | None = None
    price_basis: str | None = None
    unit_price: Decimal | None = None
    buyer_item_id: str | None = None
    seller_item_id: str | None = None
    gtin: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditDebitAdjustment:
    """A credit or debit against an invoice. `amount` is without sign; `direction` is "credit" or "debit"."""

    id: str
    issue_date: date | None = None
    handling_code: str | None = None
    amount: Decimal | None = None
    direction: str | None = None
    invoice_date: date | None = None
    invoice_id: str | None = None
    vendor_order_no: str | None = None
    po_date: date | None = None
    po_id: str | None = None
    purpose: str | None = None
    type: str | None = None
    reference_qualifier: str | None = None
    reference: str | None = None
    currency: str | None = None
    buyer: Party | None = None
    seller: Party | None = None
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    lines: tuple[AdjustmentLine, ...] = ()
