"""Changes to an order, by the buyer and as the seller answers them. X12 860 and 865, UBL OrderChange."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from edi_gateway.records.order_response import LineStatus
from edi_gateway.records.values import Note, Party, Period, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChangeLine:
    """One line as it is to be. `change` is "add", "delete", "change", "quantity_increase" … as the map's table names them."""

    line_id: str | None = None
    change: str | None = None
    quantity: Decimal | None = None
    quantity_left: Decimal | None = None
    unit_code: str | None = None
    unit_price: Decimal | None = None
    price_basis: str | None = None
    buyer_item_id: str | None = None
    seller_item_id: str | None = None
    gtin: str | None = None
    description: str | None = None
    pack_size: Decimal | None = None
    requested_delivery_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseOrderChange:
    """What a buyer changes in an order. `id` is the order's number, `change_number` counts its changes."""

    id: str
    purpose: str | None = None
    type: str | None = None
    release_number: str | None = None
    change_number: str | None = None
    po_date: date | None = None
    issue_date: date | None = None
    currency: str | None = None
    customer_reference: str | None = None
    department: str | None = None
    requested_delivery_period: Period | None = None
    buyer: Party | None = None
    seller: Party | None = None
    ship_to: Party | None = None
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    lines: tuple[OrderChangeLine, ...] = ()
    total_lines: int | None = None
    hash_total: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeResponseLine:
    """The answer to one changed line; several statuses share out its quantity."""

    line_id: str | None = None
    change: str | None = None
    quantity: Decimal | None = None
    quantity_left: Decimal | None = None
    unit_code: str | None = None
    unit_price: Decimal | None = None
    price_basis: str | None = None
    buyer_item_id: str | None = None
    seller_item_id: str | None = None
    gtin: str | None = None
    description: str | None = None
    statuses: tuple[LineStatus, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderChangeAcknowledgment:
    """What a seller answers to a change, or asks to be changed."""

    po_id: str
    purpose: str | None = None
    ack_type: str | None = None
    release_number: str | None = None
    change_number: str | None = None
    po_date: date | None = None
    id: str | None = None
    issue_date: date | None = None
    currency: str | None = None
    seller: Party | None = None
    buyer: Party | None = None
    ship_to: Party | None = None
    references: tuple[Reference, ...] = ()
    notes: tuple[Note, ...] = ()
    lines: tuple[ChangeResponseLine, ...] = ()
    total_lines: int | None = None
    hash_total: Decimal | None = None
