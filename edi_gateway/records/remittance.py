"""The remittance: which invoices a payment pays, and what it takes off. X12 820, UBL RemittanceAdvice."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from edi_gateway.records.values import Party, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceAdjustment:
    """Money taken off or added: a chargeback, a shortage, an allowance. `amount` has its sign."""

    amount: Decimal | None = None
    reason_code: str | None = None
    reference_qualifier: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceLine:
    """One open item that the payment settles. `paid_amount` is what is paid, `invoice_amount` what was asked."""

    reference_qualifier: str | None = None
    reference: str | None = None
    paid_amount: Decimal | None = None
    invoice_amount: Decimal | None = None
    discount_amount: Decimal | None = None
    adjustment_reason: str | None = None
    adjustment_amount: Decimal | None = None
    po_id: str | None = None
    invoice_date: date | None = None
    references: tuple[Reference, ...] = ()
    adjustments: tuple[RemittanceAdjustment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RemittanceGroup:
    """The lines for one entity of the payee."""

    number: int | None = None
    lines: tuple[RemittanceLine, ...] = ()
    adjustments: tuple[RemittanceAdjustment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """What one payment pays. `id` is the trace number that the payment itself carries."""

    id: str
    handling_code: str | None = None
    total_amount: Decimal | None = None
    direction: str | None = None
    payment_method: str | None = None
    issue_date: date | None = None
    currency: str | None = None
    payer: Party | None = None
    payee: Party | None = None
    references: tuple[Reference, ...] = ()
    groups: tuple[RemittanceGroup, ...] = ()
