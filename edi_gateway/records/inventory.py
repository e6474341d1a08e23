"""What is in stock, and what was sold: X12 846 and 852."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from edi_gateway.records.values import Party, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class StockQuantity:
    """One quantity of an item. `kind` is "available", "on_hand" … as the map's table names X12 element 673."""

    kind: str
    quantity: Decimal | None = None
    unit_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryLine:
    """One item and its quantities."""

    line_id: str | None = None
    buyer_item_id: str | None = None
    seller_item_id: str | None = None
    gtin: str | None = None
    description: str | None = None
    available_date: date | None = None
    quantities: tuple[StockQuantity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryReport:
    """What a seller has in stock, for sale or coming."""

    id: str
    purpose: str | None = None
    type: str | None = None
    issue_date: date | None = None
    issue_time: time | None = None
    currency: str | None = None
    warehouse: Party | None = None
    seller: Party | None = None
    buyer: Party | None = None
    references: tuple[Reference, ...] = ()
    lines: tuple[InventoryLine, ...] = ()
    total_lines: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One figure of an item. `kind` is "sold", "on_hand", "on_order" … as the map's table names X12 element 859."""

    kind: str
    quantity: Decimal | None = None
    unit_code: str | None = None
    date_qualifier: str | None = None
    activity_date: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityLine:
    """One item and what became of it."""

    line_id: str | None = None
    buyer_item_id: str | None = None
    seller_item_id: str | None = None
    gtin: str | None = None
    activities: tuple[Activity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ProductActivity:
    """What a retailer sold and holds, from the start date to the end date."""

    handling_code: str
    id: str | None = None
    start_date: date | None = None
    end_date: date | None = None
    seller: Party | None = None
    reporting_location: Party | None = None
    references: tuple[Reference, ...] = ()
    lines: tuple[ActivityLine, ...] = ()
    total_lines: int | None = None
