"""A record as a person reads it on paper: facts, parties, and tables of lines with their money."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

_OWN_SECTION = frozenset({"orders", "packs"})
_NUMBERS = frozenset({
    "quantity", "ordered_quantity", "pack_size", "unit_price", "amount", "line_amount", "total_amount",
    "percent", "discount_percent", "gross_weight", "weight", "lading_quantity",
    "hash_total", "total_lines", "net_days", "discount_days",
})  # fmt: skip
_PRICE_FOR_ONE = frozenset({None, "PE", "UM"})
_LABELS: Mapping[str, str] = {
    "id": "Number",
    "po_id": "PO number",
    "po_date": "PO date",
    "gtin": "GTIN",
    "sscc": "SSCC",
    "line_id": "Line",
    "unit_code": "Unit",
    "buyer_item_id": "Buyer's item",
    "seller_item_id": "Seller's item",
    "carrier_scac": "Carrier (SCAC)",
    "pro_number": "PRO number",
    "line_amount": "Amount",
    "id_scheme": "Kind of number",
    "additional_name": "Name 2",
    "additional_street": "Street 2",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value. `number` is set right, so that digits stand under digits."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Lines under columns. `computed` names the columns that are ours and not in the record."""

    title: str
    columns: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    computed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A part of a record: its facts, its parties and other small groups, its tables, and the parts inside it."""

    title: str
    facts: tuple[tuple[str, Cell], ...]
    groups: tuple["Sheet", ...] = ()
    tables: tuple[Table, ...] = ()
    inside: tuple["Sheet", ...] = ()


def sheet(title: str, record: Mapping[str, Any]) -> Sheet:
    """The record, or a part of it, laid out."""
    facts, groups, tables, inside = [], [], [], []
    for name, value in record.items():
        match value:
            case Mapping():
                groups.append(sheet(label(name), value))
            case list() | tuple() if name in _OWN_SECTION:
                inside += [sheet(f"{label(name).removesuffix('s')} {number}", part) for number, part in enumerate(value, 1)]
            case list() | tuple():
                tables.append(_table(name, value))
            case _:
                facts.append((label(name), _cell(name, value)))
    return Sheet(title=title, facts=tuple(facts), groups=tuple(groups), tables=tuple(tables), inside=tuple(inside))


def kind_in_words(kind: str) -> str:
    """ "Purchase order" for "PurchaseOrder"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", kind).capitalize()


def label(name: str) -> str:
    """A field's name in words."""
    return _LABELS.get(name) or name.replace("_", " ").capitalize()


def _table(name: str, lines: Sequence[Mapping[str, Any]]) -> Table:
    columns = list(dict.fromkeys(key for line in lines for key in line))
    computed = []
    if {"quantity", "unit_price"} <= set(columns) and "line_amount" not in columns:
        columns.insert(columns.index("unit_price") + 1, "line_amount")
        lines = [{**line, "line_amount": _line_amount(line)} for line in lines]
        computed.append(label("line_amount"))
    return Table(
        title=label(name),
        columns=tuple(Cell(text=label(column), number=column in _NUMBERS) for column in columns),
        rows=tuple(tuple(_cell(column, line.get(column)) for column in columns) for line in lines),
        computed=tuple(computed),
    )


def _line_amount(line: Mapping[str, Any]) -> str:
    """Quantity times price; "" where either is missing or the price basis says that the price is not for one unit."""
    if line.get("price_basis") not in _PRICE_FOR_ONE:
        return ""
    try:
        return f"{Decimal(line['quantity']) * Decimal(line['unit_price']):.2f}"
    except (KeyError, InvalidOperation, TypeError):
        return ""


def _cell(name: str, value: Any) -> Cell:
    return Cell(text=_text(value), number=name in _NUMBERS)


def _text(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return _joined(value.values())
        case list() | tuple():
            return "; ".join(_text(one) for one in value)
        case _:
            return str(value)


def _joined(values: Iterable[Any]) -> str:
    return " ".join(text for value in values if (text := _text(value)))
