"""The order acknowledgment: what a seller answers to an order. X12 855, UBL OrderResponse."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from edi_gateway.records.values import Note, Party, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class LineStatus:
    """What becomes of a part of a line. `status` is "accepted", "backordered", "rejected" … as the map's table names them."""

    status: str
    quantity: Decimal | None = None
    unit_code: str | None = None
    date_qualifier: str | None = None
    scheduled_date: date | None = None
    reject_reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseLine:
    """The answer to one order line. Units: ordered quantity in `unit_code`; several statuses share it out."""

    line_id: str | None = None
    quantity: Decimal | None = None
    unit_code: str | None = None
    unit_price: Decimal | None = None
    price_basis: str | None = None
    buyer_item_id: str | None = None
    seller_item_id: str | None = None
    gtin: str | None = None
    description: str | None = None
    statuses: tuple[LineStatus, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAcknowledgment:
    """What a seller answers to an order."""

    po_id: str
    purpose: str | None = None
    ack_type: str | None = None
    po_date: date | None = None
    release_number: str | None = None
    id: str | None = None
    issue_date: date | None = None
    currency: str | None = None
    seller: Party | None = None
    buyer: Party | None = None
    ship_to: Party | None = None
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    lines: tuple[ResponseLine, ...] = ()
    total_lines: int | None = None
    hash_total: Decimal | None = None
