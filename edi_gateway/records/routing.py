"""Asking the buyer for a carrier, and the buyer's answer: X12 753 and 754."""

from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal

from edi_gateway.records.values import Contact, Party, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """A day, and a time of it, of what `qualifier` says. Shape: the qualifiers are X12 elements 432 and 176."""

    qualifier: str | None = None
    day: date | None = None
    time_qualifier: str | None = None
    at_time: time | None = None
    time_zone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedOrder:
    """What of one order is to be carried. Units: quantity in packages of `packaging_code`; weight and volume in their units."""

    reference: str | None = None
    po_id: str | None = None
    further_reference: str | None = None
    packaging_code: str | None = None
    quantity: Decimal | None = None
    weight_unit: str | None = None
    weight: Decimal | None = None
    volume_unit: str | None = None
    volume: Decimal | None = None
    fault_code: str | None = None
    commodity_code: str | None = None
    freight_class: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """One place that goods are to be carried to. `pallets` are the unitized loads, in pieces of `pallet_code`."""

    ship_to: Party | None = None
    references: tuple[Reference, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    pallets: Decimal | None = None
    pallet_code: str | None = None
    pallets_stackable: str | None = None
    orders: tuple[RoutedOrder, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingRequest:
    """A seller's question: which carrier takes these orders from here."""

    id: str
    purpose: str | None = None
    issue_date: date | None = None
    issue_time: time | None = None
    contact: Contact | None = None
    ship_from: Party | None = None
    destinations: tuple[Destination, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadQuantity:
    """One figure of a load. `kind` is X12 element 673."""

    kind: str
    quantity: Decimal | None = None
    unit_code: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedLoad:
    """One load and who carries it when."""

    line_id: str | None = None
    references: tuple[Reference, ...] = ()
    carrier_scac: str | None = None
    carrier_date: date | None = None
    service_level: str | None = None
    freight_payment: str | None = None
    orders: tuple[RoutedOrder, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    several_stops: str | None = None
    stop: int | None = None
    quantities: tuple[LoadQuantity, ...] = ()
    carrier: Party | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingInstructions:
    """The buyer's answer: the loads, their carriers and the appointments."""

    id: str
    purpose: str | None = None
    issue_date: date | None = None
    issue_time: time | None = None
    contact: Contact | None = None
    ship_from: Party | None = None
    ship_to: Party | None = None
    loads: tuple[RoutedLoad, ...] = ()
