"""All documents of one purchase order, and what they add up to: ordered, confirmed, shipped, invoiced. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from edi_gateway.lifecycle.order_lines import Line, in_unit, lines_of
from edi_gateway.records import PurchaseOrder, PurchaseOrderChange, Record


class Role(StrEnum):
    """What a document does for its order."""

    ORDER = "ordered"
    CHANGE = "changed"
    RESPONSE = "confirmed"
    SHIPMENT = "shipped"
    INVOICE = "invoiced"
    ADJUSTMENT = "adjusted"
    OTHER = "other"


ROLES = {
    "850": Role.ORDER,
    "860": Role.CHANGE,
    "855": Role.RESPONSE,
    "865": Role.RESPONSE,
    "856": Role.SHIPMENT,
    "810": Role.INVOICE,
    "812": Role.ADJUSTMENT,
}
ROLE_ORDER = tuple(Role)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One document of the thread that counts: neither rejected, nor refused, nor given up."""

    set_id: str
    number: str | None
    at: datetime
    record: Record

    @property
    def role(self) -> Role:
        return ROLES.get(self.set_id, Role.OTHER)

    @property
    def purpose(self) -> str | None:
        return getattr(self.record, "purpose", None)


@dataclass(slots=True)
class Balance:
    """What is known of one article of the order. Units: quantities in `unit`, that of the order where there is one.

    Shape:  `unlike` are the sets whose unit cannot be compared with it; their quantities are in no sum.
    """

    line_id: str | None
    ids: dict[str, str]
    unit: str | None
    pack_size: Decimal | None
    sums: dict[Role, Fraction] = field(default_factory=dict)
    unlike: list[str] = field(default_factory=list)

    def __getitem__(self, role: Role) -> Fraction:
        return self.sums.get(role, Fraction(0))

    def text(self, role: Role) -> str:
        """A sum as people write it."""
        return as_text(self[role])

    @property
    def name(self) -> str:
        """The article as people name it."""
        return self.ids.get("seller") or self.ids.get("buyer") or self.ids.get("gtin") or self.line_id or "?"


def as_text(quantity: Fraction) -> str:
    """A quantity in decimals, cut after the sixth: parts of a pack may have no end."""
    return f"{round(Decimal(quantity.numerator) / Decimal(quantity.denominator), 6).normalize():f}"


def in_force(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The documents, without those that a later one of the same number replaces or cancels, oldest first."""
    kept: list[Entry] = []
    for entry in sorted(entries, key=lambda one: one.at):
        if entry.purpose in ("replace", "cancel") and entry.role not in (Role.ORDER, Role.CHANGE):
            kept = [one for one in kept if (one.set_id, one.number) != (entry.set_id, entry.number)]
            if entry.purpose == "cancel":
                continue
        kept.append(entry)
    return tuple(kept)


def balances(po: str, entries: Iterable[Entry]) -> tuple[Balance, ...]:
    """What each article of the order adds up to, in the order's own order. An answer replaces the one before it, line by line."""
    book = _Book()
    for entry in sorted(in_force(entries), key=lambda one: (ROLE_ORDER.index(one.role), one.at)):
        told: dict[int, Fraction] = {}
        for line in lines_of(entry.record, po):
            balance = book.find(line)
            quantity = in_unit(line, balance.unit, balance.pack_size)
            if quantity is None:
                balance.unlike.append(entry.set_id)
            else:
                told[id(balance)] = told.get(id(balance), Fraction(0)) + (Fraction(0) if line.is_deleted else quantity)
        for balance in book.balances:
            if id(balance) in told:
                _add(balance, entry, told[id(balance)])
    return tuple(book.balances)


def _add(balance: Balance, entry: Entry, quantity: Fraction) -> None:
    match entry.record:
        case PurchaseOrder() | PurchaseOrderChange():
            balance.sums[Role.ORDER] = quantity
        case _ if entry.role is Role.RESPONSE:
            balance.sums[Role.RESPONSE] = quantity
        case _:
            balance.sums[entry.role] = balance[entry.role] + quantity


class _Book:
    """Finds the article that a line is about: by any id that is known of it, else by its line number where no id speaks against it."""

    def __init__(self) -> None:
        self.balances: list[Balance] = []
        self._by_id: dict[tuple[str, str], Balance] = {}
        self._by_line: dict[str, Balance] = {}

    def find(self, line: Line) -> Balance:
        found = next((self._by_id[one] for one in line.ids if one in self._by_id), None) or self._same_line(line)
        if found is None:
            found = Balance(line_id=line.line_id, ids={}, unit=line.unit, pack_size=line.pack_size)
            self.balances.append(found)
            if line.line_id is not None:
                self._by_line.setdefault(line.line_id, found)
        for kind, value in line.ids:
            found.ids.setdefault(kind, value)
            self._by_id.setdefault((kind, value), found)
        found.unit = found.unit or line.unit
        found.pack_size = found.pack_size or line.pack_size
        return found

    def _same_line(self, line: Line) -> Balance | None:
        found = self._by_line.get(line.line_id or "")
        return found if found is not None and not any(kind in found.ids for kind, _ in line.ids) else None
