"""From what maps see to a delivery's file: items and handling units side by side, numbered, and referring to one another."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile.delivery import (
    HEADER,
    HELD,
    ITEM,
    ITEM_HELD,
    ORDER,
    ORDERED,
    PACK,
    PALLET,
    UNIT,
    UNIT_HELD,
    Columns,
    amount_of,
    changed,
    columns_of,
    key_of,
    opening_of,
    plain,
)
from edi_gateway.shape import Shape
from edi_gateway.tree import Loop, Segment

_STEP, _LAST = 10, 999_999


def referring(trees: Iterable[Loop], shape: Shape) -> tuple[list[Loop], tuple[Fault, ...]]:
    """The trees as the file has them. Errors: faults for what a delivery cannot say."""
    columns = columns_of(shape)
    made: list[Loop] = []
    faults: list[Fault] = []
    for tree in trees:
        children: list[Segment | Loop] = []
        for child in tree.children:
            if isinstance(child, Loop) and child.tag == HEADER:
                referrer = _Referrer(columns)
                children.append(referrer.header(child))
                faults += referrer.faults
            else:
                children.append(child)
        made.append(Loop(tree.tag, children))
    return made, tuple(faults)


@dataclass(slots=True)
class _Row:
    """An item of the file that is being made. `total` is None where its quantity is not to be added to."""

    loop: Loop
    number: str
    total: Decimal | None


class _Referrer:
    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.faults: list[Fault] = []
        self._rows: list[_Row] = []
        self._equal: dict[object, _Row] = {}
        self._units: list[Loop] = []
        self._named: dict[str, tuple[Loop, Segment, str, set[int]]] = {}

    def header(self, header: Loop) -> Loop:
        """The header with its items and units side by side."""
        kept = [child for child in header.children if child.tag != ORDER]
        orders = [child for child in header.children if isinstance(child, Loop) and child.tag == ORDER]
        step = _STEP if _STEP * sum(1 for one in header.walk() if one.tag == ITEM) <= _LAST else 1
        known: set[tuple[tuple[str, ...], ...]] = set()
        for at, order in enumerate(orders):
            opening = [child for child in order.children if isinstance(child, Segment)]
            key = key_of(opening)
            if key in known:
                self._fault(opening[0], "stands twice as an order, with the same number, date and sales order")
            known.add(key)
            self._order(order, opening, at, step)
        for row in self._rows:
            if row.total is not None:
                row.loop.children[0] = changed(opening_of(row.loop), self._columns[ITEM]["lfimg"], str(row.total))
        return Loop(HEADER, [*kept, *(row.loop for row in self._rows), *self._units])

    def _fault(self, segment: Segment, reason: str) -> None:
        value = str(segment.get(self._columns[segment.tag].get("exidv") or self._columns[segment.tag].get("bstnr") or 1))
        self.faults.append(Fault.of("ERP-206", Place(segment=segment.tag), value, reason=reason))

    def _order(self, order: Loop, opening: Sequence[Segment], at: int, step: int) -> None:
        loops = [child for child in order.children if isinstance(child, Loop)]
        if not any(one.tag == ITEM for one in order.walk()):
            self._fault(opening[0], "is an order without an item")
        for child in loops:
            if child.tag == ITEM:
                self._row(child, opening, at, step, packed=False)
            elif child.tag == PACK:
                self._pack(child, opening, at, step, pallet="")
        for child in loops:
            if child.tag == PALLET:
                self._pallet(child, opening, at, step)

    def _row(self, item: Loop, opening: Sequence[Segment], at: int, step: int, *, packed: bool) -> _Row:
        """The item's row in the file: a new one, or the one of an equal item of the order of which a part lies elsewhere."""
        first = opening_of(item)
        amount = amount_of(str(first.get(self._columns[ITEM]["lfimg"])))
        alike = (at, tuple(changed(first, self._columns[ITEM]["lfimg"], "")), tuple(map(plain, item.children[1:])))
        row = self._equal.get(alike) if packed and amount is not None and amount > 0 else None
        if row is not None and row.total is not None and amount is not None:
            row.total += amount
            return row
        number = f"{step * (len(self._rows) + 1):06}"
        together = self._together(item, opening)
        opened = changed(opening_of(together), self._columns[ITEM]["posnr"], number)
        row = _Row(Loop(ITEM, [opened, *together.children[1:]]), number, None)
        self._rows.append(row)
        if amount is not None and amount > 0 and alike not in self._equal:
            row.total = amount
            self._equal[alike] = row
        return row

    def _together(self, item: Loop, opening: Sequence[Segment]) -> Loop:
        """An item with what its order says."""
        line = self._columns[ORDERED]["posex"]
        own = next((child for child in item.children if isinstance(child, Segment) and child.tag == ORDERED), None)
        rest = [child for child in item.children[1:] if child is not own]
        ordered = changed(opening[0], line, str(own.get(line)) if own is not None else "")
        return Loop(ITEM, [item.children[0], *([ordered] if len(ordered) > 1 else []), *opening[1:], *rest])

    def _pack(self, pack: Loop, opening: Sequence[Segment], at: int, step: int, *, pallet: str) -> Loop:
        unit = self._unit(pack, at, pallet)
        items = [child for child in pack.children if isinstance(child, Loop) and child.tag == ITEM]
        if not items:
            self._fault(opening_of(pack), "is a pack without an item, and a delivery does not say of which order it is")
        for item in items:
            row = self._row(item, opening, at, step, packed=True)
            first = opening_of(item)
            amount, measure = (str(first.get(self._columns[ITEM][name])) for name in ("lfimg", "vrkme"))
            unit.children.append(self._reference(velin=ITEM_HELD, posnr=row.number, vemng=amount, vemeh=measure))
        return unit

    def _pallet(self, pallet: Loop, opening: Sequence[Segment], at: int, step: int) -> None:
        number = str(opening_of(pallet).get(self._columns[UNIT]["exidv"]))
        mark = number or f"#{len(self._units)}"
        packs = [child for child in pallet.children if isinstance(child, Loop) and child.tag == PACK]
        made = [self._pack(pack, opening, at, step, pallet=mark) for pack in packs]
        if not packs:
            self._fault(opening_of(pallet), "is a pallet without a pack, and a delivery does not say of which order it is")
        unit = self._unit(pallet, at, "")
        there = {tuple(child) for child in unit.children if isinstance(child, Segment)}
        for one in made:
            name = str(opening_of(one).get(self._columns[UNIT]["exidv"]))
            if not name:
                self._fault(opening_of(one), "is a pack on a pallet without a number of its own, which the pallet would name")
            reference = self._reference(velin=UNIT_HELD, exidv=name)
            if tuple(reference) not in there:
                unit.children.append(reference)

    def _unit(self, loop: Loop, at: int, pallet: str) -> Loop:
        """The unit of a pack or pallet: a new one, or the one of the same number that stands under an order before."""
        first = opening_of(loop)
        name = str(first.get(self._columns[UNIT]["exidv"]))
        if name and name in self._named:
            unit, said, on, orders = self._named[name]
            if list(said) == list(first) and on == pallet and at not in orders:
                orders.add(at)
                return unit
            self._fault(first, "stands twice as the number of a pack or pallet")
        unit = Loop(UNIT, [child for child in loop.children if isinstance(child, Segment)])
        self._units.append(unit)
        self._named.setdefault(name, (unit, first, pallet, {at}))
        return unit

    def _reference(self, **values: str) -> Segment:
        made = Segment([HELD])
        for name, value in values.items():
            made = changed(made, self._columns[HELD][name], value)
        return made
