"""What one document says of one order's lines: which article, how many, in which unit. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from edi_gateway.records import (
    AdjustmentLine,
    ChangeResponseLine,
    CreditDebitAdjustment,
    Invoice,
    InvoiceLine,
    LineStatus,
    OrderAcknowledgment,
    OrderChangeAcknowledgment,
    OrderChangeLine,
    OrderLine,
    PurchaseOrder,
    PurchaseOrderChange,
    Record,
    Remittance,
    ResponseLine,
    ShipItem,
    ShipNotice,
    ShippedOrder,
)

_CREDITS = frozenset({"credit_memo", "CR"})
_NOT_COMING = frozenset({"rejected", "deleted", "IR", "ID", "R1", "R2", "R3", "R4"})
_PACKS = frozenset({"CA", "CS", "CT", "BX", "PK", "PA", "CR"})
_SINGLES = frozenset({"EA", "UN", "PC"})

_Lined = OrderLine | OrderChangeLine | ResponseLine | ChangeResponseLine | ShipItem | InvoiceLine | AdjustmentLine


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line. Shape: `ids` are pairs of a kind ("gtin") and an id. Units: `quantity` in `unit`; `pack_size` singles in a pack."""

    line_id: str | None
    ids: tuple[tuple[str, str], ...]
    quantity: Decimal
    unit: str | None
    pack_size: Decimal | None = None
    is_deleted: bool = False


def orders_of(record: Record) -> tuple[str, ...]:
    """The numbers of the orders that a document speaks of, each once."""
    match record:
        case PurchaseOrder() | PurchaseOrderChange():
            found: Iterable[str | None] = (record.id,)
        case OrderAcknowledgment() | OrderChangeAcknowledgment() | Invoice() | CreditDebitAdjustment():
            found = (record.po_id,)
        case ShipNotice():
            found = (one.po_id for one in record.orders)
        case Remittance():
            found = (line.po_id for group in record.groups for line in group.lines)
        case _:
            found = ()
    return tuple(dict.fromkeys(one for one in found if one))


def lines_of(record: Record, po: str) -> tuple[Line, ...]:
    """The lines that a document has for an order; what stands for less (a credit memo) has its quantities below zero."""
    match record:
        case PurchaseOrder() | PurchaseOrderChange():
            return tuple(_order_line(one) for one in record.lines)
        case OrderAcknowledgment() | OrderChangeAcknowledgment():
            return tuple(replace(_line(one), quantity=_confirmed(one.quantity, one.statuses)) for one in record.lines)
        case ShipNotice():
            return tuple(_line(item) for order in record.orders if order.po_id == po for item in _items(order))
        case Invoice():
            sign = -1 if record.type in _CREDITS else 1
            return tuple(replace(line, quantity=sign * line.quantity) for line in map(_line, record.lines))
        case CreditDebitAdjustment():
            return tuple(_line(one) for one in record.lines)
        case _:
            return ()


def in_unit(line: Line, unit: str | None, pack_size: Decimal | None) -> Fraction | None:
    """The line's quantity in another unit, exact; None where the two cannot be compared. Units: `pack_size` singles in a pack."""
    quantity, size = Fraction(line.quantity), Fraction(pack_size or line.pack_size or 0)
    if line.unit == unit or line.unit is None or unit is None:
        return quantity
    if line.unit in _SINGLES and unit in _SINGLES:
        return quantity
    if size and line.unit in _PACKS and unit in _SINGLES:
        return quantity * size
    if size and line.unit in _SINGLES and unit in _PACKS:
        return quantity / size
    return None


def _line(one: _Lined) -> Line:
    line_id = one.assigned_id if isinstance(one, AdjustmentLine) else one.line_id
    named = (("gtin", one.gtin), ("buyer", one.buyer_item_id), ("seller", one.seller_item_id))
    return Line(
        line_id=line_id,
        ids=tuple((kind, value) for kind, value in named if value),
        quantity=one.quantity or Decimal(0),
        unit=one.unit_code,
    )


def _order_line(one: OrderLine | OrderChangeLine) -> Line:
    deleted = isinstance(one, OrderChangeLine) and one.change == "delete"
    return replace(_line(one), pack_size=one.pack_size, is_deleted=deleted)


def _confirmed(quantity: Decimal | None, statuses: tuple[LineStatus, ...]) -> Decimal:
    if not statuses:
        return quantity or Decimal(0)
    return sum((one.quantity or quantity or Decimal(0) for one in statuses if one.status not in _NOT_COMING), Decimal(0))


def _items(order: ShippedOrder) -> Iterator[ShipItem]:
    yield from order.items
    for pack in (*order.packs, *(pack for pallet in order.pallets for pack in pallet.packs)):
        yield from pack.items
