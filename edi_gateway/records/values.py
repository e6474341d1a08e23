"""Values that several documents share: parties, periods, terms, allowances."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person or desk to ask."""

    function: str | None = None
    name: str | None = None
    telephone: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """Who: a buyer, a seller, a place goods go to. `id_scheme` is X12 element 66 (92 assigned by buyer, UL a GLN, 9 a DUNS+4)."""

    id: str | None = None
    id_scheme: str | None = None
    name: str | None = None
    additional_name: str | None = None
    street: str | None = None
    additional_street: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None
    contact: Contact | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From the start date to the end date, both included; either may be open."""

    start: date | None = None
    end: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentTerms:
    """When money is due. Units: percent in hundred (2 is two per cent), days from the invoice date."""

    type_code: str | None = None
    basis_code: str | None = None
    discount_percent: Decimal | None = None
    discount_due_date: date | None = None
    discount_days: int | None = None
    net_due_date: date | None = None
    net_days: int | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowanceCharge:
    """An allowance (off) or a charge (on). `kind` is "allowance" or "charge"."""

    kind: str
    code: str | None = None
    amount: Decimal | None = None
    percent: Decimal | None = None
    percent_basis: str | None = None
    method: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxTotal:
    """One tax of an invoice."""

    type_code: str
    amount: Decimal | None = None
    percent: Decimal | None = None
    jurisdiction_scheme: str | None = None
    jurisdiction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """A further number that a partner knows the document by. `qualifier` is X12 element 128."""

    qualifier: str
    id: str | None = None
    description: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Free text for people."""

    text: str
    subject: str | None = None
