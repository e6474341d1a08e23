"""The ship notice: what left, in which packs, for which orders. X12 856, UBL DespatchAdvice."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from edi_gateway.records.values import Party, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemPack:
    """The carton of one item, with its own way to the consumer: drop ship. Units: weight in `weight_unit`."""

    tracking_number: str | None = None
    carrier_scac: str | None = None
    ship_method: str | None = None
    """The buyer's own code for carrier and service."""
    ready_date: date | None = None
    shipped_date: date | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipItem:
    """One item in a pack. Units: quantity in `unit_code`."""

    line_id: str | None = None
    buyer_item_id: str | None = None
    seller_item_id: str | None = None
    gtin: str | None = None
    quantity: Decimal | None = None
    unit_code: str | None = None
    ordered_quantity: Decimal | None = None
    description: str | None = None
    lot: str | None = None
    expiry_date: date | None = None
    pack: ItemPack | None = None
    """The item's own carton, where packs stand under items. An item that left in two cartons is two items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One carton. `sscc` is the 18-digit serial shipping container code."""

    sscc: str | None = None
    tracking_number: str | None = None
    packaging_code: str | None = None
    weight: Decimal | None = None
    weight_unit: str | None = None
    items: tuple[ShipItem, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pallet:
    """A pallet that holds packs. `sscc` is its own serial shipping container code."""

    sscc: str | None = None
    packaging_code: str | None = None
    packs: tuple[Pack, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShippedOrder:
    """The part of a shipment that answers one purchase order: loose items, packs, and packs on pallets."""

    po_id: str
    po_date: date | None = None
    release_number: str | None = None
    department: str | None = None
    vendor_order_no: str | None = None
    ship_from: Party | None = None
    """Where the order has a place of its own that it left from, not the shipment."""
    items: tuple[ShipItem, ...] = ()
    packs: tuple[Pack, ...] = ()
    pallets: tuple[Pallet, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipNotice:
    """One shipment: what left, when, with whom, in which packs."""

    id: str
    purpose: str | None = None
    created_date: date | None = None
    created_time: time | None = None
    structure: str | None = None
    shipped_date: date | None = None
    shipped_time: time | None = None
    shipped_time_zone: str | None = None
    """As X12 writes zones (element 623): ET, CS, UT, 20. None where it is the receiver's own."""
    estimated_delivery_date: date | None = None
    bill_of_lading: str | None = None
    pro_number: str | None = None
    carrier_scac: str | None = None
    transport_mode: str | None = None
    carrier_routing: str | None = None
    packaging_code: str | None = None
    lading_quantity: int | None = None
    gross_weight: Decimal | None = None
    weight_unit: str | None = None
    ship_from: Party | None = None
    ship_to: Party | None = None
    references: tuple[Reference, ...] = ()
    orders: tuple[ShippedOrder, ...] = ()
    total_lines: int | None = None
    hash_total: Decimal | None = None
