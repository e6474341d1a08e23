"""From a delivery's file to what maps see: references followed, every item under its order and pack."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile.delivery import (
    BUYERS_ORDER,
    HEADER,
    HELD,
    ITEM,
    ITEM_HELD,
    ORDER,
    ORDERED,
    PACK,
    PALLET,
    SALES_ORDER,
    SOLD,
    UNIT,
    UNIT_HELD,
    Columns,
    amount_of,
    changed,
    columns_of,
    key_of,
    opening_of,
)
from edi_gateway.shape import Shape
from edi_gateway.tree import Loop, Segment


def nested(tree: Loop, shape: Shape, file: str | None) -> tuple[Loop, tuple[Fault, ...]]:
    """A document's tree as maps see it. Errors: faults for a reference to what is not there, and for units nested in no known way."""
    columns = columns_of(shape)
    children: list[Segment | Loop] = []
    faults: list[Fault] = []
    for child in tree.children:
        if isinstance(child, Loop) and child.tag == HEADER:
            follower = _Follower(child, columns, file)
            children.append(follower.header())
            faults += follower.faults
        else:
            children.append(child)
    return Loop(tree.tag, children), tuple(faults)


@dataclass(slots=True)
class _Order:
    """What is gathered under one order."""

    items: list[Loop] = field(default_factory=list)
    packs: list[Loop] = field(default_factory=list)
    pallets: list[Loop] = field(default_factory=list)


@dataclass(slots=True)
class _Item:
    """One item of the file and how much of it which unit holds."""

    loop: Loop
    order: tuple[Segment, ...]
    held: list[tuple[Loop, Segment]] = field(default_factory=list)


class _Follower:
    def __init__(self, header: Loop, columns: Columns, file: str | None) -> None:
        self._header = header
        self._columns = columns
        self._file = file
        self.faults: list[Fault] = []
        self._orders: dict[tuple[tuple[str, ...], ...], tuple[tuple[Segment, ...], _Order]] = {}
        self._units = [child for child in header.children if isinstance(child, Loop) and child.tag == UNIT]

    def header(self) -> Loop:
        """The header with its orders."""
        kept = [child for child in self._header.children if not (isinstance(child, Loop) and child.tag in (ITEM, UNIT))]
        contents = self._contents(self._items())
        inner = {id(held) for one in self._units for _, held in self._units_in(one) if held is not None}
        for unit in self._units:
            if id(unit) in inner:
                continue
            if any(True for _ in self._units_in(unit)):
                self._pallet(unit, contents)
            else:
                self._pack(unit, contents)
        orders = [Loop(ORDER, [*opening, *order.items, *order.packs, *order.pallets]) for opening, order in self._orders.values()]
        return Loop(HEADER, [*kept, *orders])

    def _fault(self, code: str, segment: Segment, name: str, reason: str) -> None:
        place = Place(file=self._file, position=segment.position, segment=segment.tag, element=self._columns[segment.tag][name])
        self.faults.append(Fault.of(code, place, self._get(segment, name), reason=reason))

    def _get(self, segment: Segment, name: str) -> str:
        return str(segment.get(self._columns[segment.tag][name]))

    def _items(self) -> dict[str, _Item]:
        """The items by their numbers, each order begun where its first item stands."""
        found: dict[str, _Item] = {}
        for child in self._header.children:
            if not isinstance(child, Loop) or child.tag != ITEM:
                continue
            opening = opening_of(child)
            order, loop = self._apart(child)
            number = self._get(opening, "posnr").lstrip("0")
            if number and number in found:
                self._fault("ERP-142", opening, "posnr", "the number of two items")
                continue
            found[number or f"#{len(found)}"] = _Item(loop, order)
            self._orders.setdefault(key_of(order), (order, _Order()))
        return found

    def _apart(self, item: Loop) -> tuple[tuple[Segment, ...], Loop]:
        """An item's order, and the item without what it says of the order."""
        order: list[Segment] = []
        kept: list[Segment | Loop] = []
        line = self._columns[ORDERED]["posex"]
        for child in item.children:
            if isinstance(child, Segment) and child.tag == ORDERED and self._get(child, "quali") in (BUYERS_ORDER, ""):
                order.insert(0, changed(child, line, ""))
                if child.get(line):
                    kept.append(changed(Segment([ORDERED], child.position, child.offset), line, str(child.get(line))))
            elif isinstance(child, Segment) and child.tag == SOLD and self._get(child, "qualf") == SALES_ORDER:
                order.append(child)
            else:
                kept.append(child)
        if not order or order[0].tag != ORDERED:
            first = opening_of(item)
            order.insert(0, Segment([ORDERED], first.position, first.offset))
        return tuple(order), Loop(ITEM, kept)

    def _units_in(self, unit: Loop) -> Iterator[tuple[Segment, Loop | None]]:
        """The references of a unit to other units, each with the unit that it means."""
        for child in unit.children:
            if isinstance(child, Segment) and child.tag == HELD and self._holds_unit(child):
                meant = self._get(child, "exidv")
                yield child, next((one for one in self._units if one is not unit and self._get(opening_of(one), "exidv") == meant), None)

    def _holds_unit(self, held: Segment) -> bool:
        return self._get(held, "velin") == UNIT_HELD or not (self._get(held, "posnr").strip("0") or not self._get(held, "exidv"))

    def _contents(self, items: dict[str, _Item]) -> dict[int, list[tuple[_Item, Loop]]]:
        """What each unit holds, by its identity, in the order of its references; the rest of an item lies loose in its order."""
        for unit in self._units:
            for child in unit.children:
                if not isinstance(child, Segment) or child.tag != HELD:
                    continue
                if self._holds_unit(child) or self._get(child, "velin") not in (ITEM_HELD, ""):
                    continue
                number = self._get(child, "posnr").lstrip("0")
                if number not in items:
                    self._fault("ERP-142", child, "posnr", "an item that the delivery does not have")
                    continue
                items[number].held.append((unit, child))
        parts: dict[int, dict[int, tuple[_Item, Loop]]] = {id(unit): {} for unit in self._units}
        for item in items.values():
            self._share(item, parts)
        return {unit: [part for _, part in sorted(found.items())] for unit, found in parts.items()}

    def _share(self, item: _Item, parts: dict[int, dict[int, tuple[_Item, Loop]]]) -> None:
        """An item's quantity over the units that hold it."""
        _, order = self._orders[key_of(item.order)]
        whole = amount_of(self._get(opening_of(item.loop), "lfimg"))
        amounts = [amount_of(self._get(held, "vemng")) for _, held in item.held]
        if not item.held:
            order.items.append(item.loop)
            return
        if len(item.held) == 1 and (amounts[0] is None or whole is None or amounts[0] == whole):
            unit, held = item.held[0]
            parts[id(unit)][_place(unit, held)] = (item, item.loop)
            return
        measures = {self._get(held, "vemeh") for _, held in item.held} - {"", self._get(opening_of(item.loop), "vrkme")}
        if whole is None or measures or any(amount is None for amount in amounts):
            self._fault("ERP-143", item.held[0][1], "posnr", "not every handling unit says how much of it, in the item's unit")
            return
        rest = whole - sum((amount for amount in amounts if amount is not None), Decimal(0))
        if rest < 0:
            self._fault("ERP-143", item.held[-1][1], "posnr", f"they hold {-rest} more than the item has")
            return
        for holder, held in item.held:
            parts[id(holder)][_place(holder, held)] = (item, self._part(item.loop, self._get(held, "vemng")))
        if rest:
            order.items.append(self._part(item.loop, str(rest)))

    def _part(self, item: Loop, amount: str) -> Loop:
        return Loop(ITEM, [changed(opening_of(item), self._columns[ITEM]["lfimg"], amount), *item.children[1:]])

    def _packs(self, unit: Loop, contents: dict[int, list[tuple[_Item, Loop]]]) -> list[tuple[_Order, Loop]]:
        """A unit that holds items as a pack, under each order that has items in it."""
        found: dict[int, tuple[_Order, list[Segment | Loop]]] = {}
        for item, loop in contents[id(unit)]:
            _, order = self._orders[key_of(item.order)]
            found.setdefault(id(order), (order, []))[1].append(loop)
        opening = [child for child in unit.children if child.tag != HELD]
        if not found:
            self._fault("ERP-144", opening_of(unit), "exidv", "holds no item, so that it belongs to no order")
        return [(order, Loop(PACK, [*opening, *loops])) for order, loops in found.values()]

    def _pack(self, unit: Loop, contents: dict[int, list[tuple[_Item, Loop]]]) -> None:
        for order, pack in self._packs(unit, contents):
            order.packs.append(pack)

    def _pallet(self, unit: Loop, contents: dict[int, list[tuple[_Item, Loop]]]) -> None:
        if contents[id(unit)]:
            self._fault("ERP-144", opening_of(unit), "exidv", "holds items and units side by side")
        found: dict[int, tuple[_Order, list[Segment | Loop]]] = {}
        for held, inner in self._units_in(unit):
            if inner is None:
                self._fault("ERP-142", held, "exidv", "a handling unit that the delivery does not have")
                continue
            if any(True for _ in self._units_in(inner)):
                self._fault("ERP-144", opening_of(unit), "exidv", "holds units that hold units")
                continue
            for order, pack in self._packs(inner, contents):
                found.setdefault(id(order), (order, []))[1].append(pack)
        for order, packs in found.values():
            order.pallets.append(Loop(PALLET, [opening_of(unit), *packs]))


def _place(unit: Loop, held: Segment) -> int:
    return next(at for at, child in enumerate(unit.children) if child is held)
