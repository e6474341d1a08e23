"""Units of measure: a partner's cases as our pieces and back, by pack sizes.

The record is converted whole, after it is read and before it is written, so that the totals of a document are those of its own units.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from edi_gateway.faults import Fault, Place
from edi_gateway.mapping.definition import Units
from edi_gateway.mapping.pack_sizes import Pack, Sizes

_PLACES = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoundUnits:
    """What a block says of units, and where it stands: `path` as "orders[].packs[].items"."""

    path: str
    units: Units
    sizes: Sizes

    def read(self, record: Any, faults: list[Fault]) -> Any:
        """The record in our units."""
        return _each(record, self.path.split("."), "", lambda one, at: self._read(one, at, faults))

    def write(self, record: Any, faults: list[Fault]) -> Any:
        """The record in the partner's units."""
        return _each(record, self.path.split("."), "", lambda one, at: self._write(one, at, faults))

    def _read(self, one: Any, at: str, faults: list[Fault]) -> Any:
        units = self.units
        unit, item = getattr(one, units.unit), getattr(one, units.item)
        if unit is None or unit == units.ours:
            return one
        pack = self.sizes.packs.get(item or "")
        if pack is None or pack.unit != unit:
            told = {"field": f"{at}.{units.unit}", "unit": unit, "table": self.sizes.label, "ours": units.ours, "map": units.place.words()}
            faults.append(Fault.of("MAP-414", Place(), item or "", **told))
            return one
        return self._changed(one, at, pack, units.ours, faults, lambda value: value * pack.size, lambda value: _exactly(value, pack.size))

    def _write(self, one: Any, at: str, faults: list[Fault]) -> Any:
        units = self.units
        pack = self.sizes.packs.get(getattr(one, units.item) or "")
        if pack is None or getattr(one, units.unit) != units.ours:
            return one
        return self._changed(one, at, pack, pack.unit, faults, lambda value: _whole(value, pack.size), lambda value: value * pack.size)

    def _changed(self, one: Any, at: str, pack: Pack, unit: str, faults: list[Fault], quantity: "_Change", price: "_Change") -> Any:
        changes: dict[str, Any] = {self.units.unit: unit}
        for names, change in ((self.units.quantity, quantity), (self.units.price, price)):
            for name in names:
                value = getattr(one, name)
                if value is None:
                    continue
                changes[name] = change(value)
                if changes[name] is None:
                    told = {"field": f"{at}.{name}", "item": pack.item, "unit": pack.unit, "size": pack.size, "table": self.sizes.label}
                    faults.append(Fault.of("MAP-415", Place(), str(value), **told, map=self.units.place.words()))
        return replace(one, **changes)


_Change = Callable[[Decimal], Decimal | None]


def _whole(value: Decimal, size: Decimal) -> Decimal | None:
    made = value / size
    return made.to_integral_value() if made == made.to_integral_value() else None


def _exactly(value: Decimal, size: Decimal) -> Decimal | None:
    made = (value / size).quantize(_PLACES)
    if made * size != value:
        return None
    kept = made.normalize()
    return kept.quantize(Decimal(1)) if kept == kept.to_integral_value() else kept


def _each(record: Any, steps: list[str], at: str, change: Callable[[Any, str], Any]) -> Any:
    """The record with every record at the end of a path changed."""
    if record is None:
        return None
    if not steps:
        return change(record, at)
    name = steps[0].removesuffix("[]")
    here = f"{at}.{name}" if at else name
    value = getattr(record, name)
    if isinstance(value, tuple):
        return replace(record, **{name: tuple(_items(value, steps[1:], here, change))})
    return replace(record, **{name: _each(value, steps[1:], here, change)})


def _items(value: tuple[Any, ...], steps: list[str], here: str, change: Callable[[Any, str], Any]) -> Iterator[Any]:
    for number, one in enumerate(value, 1):
        yield _each(one, steps, f"{here}[{number}]", change)
