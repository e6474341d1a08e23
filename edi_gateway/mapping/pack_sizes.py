"""Pack sizes: how many of our units are in a partner's, item by item, as a CSV file with the columns item, unit and size."""

import hashlib
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """One line: an item in a unit that holds `size` of ours. Units: both days included; None leaves that side open."""

    item: str
    unit: str
    size: Decimal
    since: date | None
    until: date | None

    def holds(self, day: date | None) -> bool:
        """Whether it holds on a day; on a day that nobody knows, whether it holds on all days."""
        if day is None:
            return self.since is None and self.until is None
        return (self.since is None or self.since <= day) and (self.until is None or day <= self.until)

    def meets(self, other: "Pack") -> bool:
        """Whether there is a day on which both hold."""
        starts = max(self.since or date.min, other.since or date.min)
        return starts <= min(self.until or date.max, other.until or date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """The packs of one day by their item. `label` is what messages call them."""

    packs: Mapping[str, Pack]
    label: str


@dataclass(frozen=True, kw_only=True)
class PackSizes:
    """A whole file. `digest` is of its text."""

    name: str
    file: str
    digest: str
    packs: tuple[Pack, ...]

    def on(self, day: date | None) -> Sizes:
        """The packs as they hold on a day."""
        label = f"{self.name} ({self.file}, {day.isoformat() if day else 'no day known'})"
        return Sizes(packs={pack.item: pack for pack in self.packs if pack.holds(day)}, label=label)

    def whole(self) -> Sizes:
        """Every line, whenever it holds: for looking a map over."""
        return Sizes(packs={pack.item: pack for pack in self.packs}, label=f"{self.name} ({self.file})")

    def epoch(self, day: date | None) -> int:
        """The same number for days on which the same lines hold."""
        return -1 if day is None else bisect_right(self._turns, day)

    @cached_property
    def _turns(self) -> tuple[date, ...]:
        begun = {pack.since for pack in self.packs if pack.since is not None}
        ended = {pack.until + timedelta(1) for pack in self.packs if pack.until is not None and pack.until < date.max}
        return tuple(sorted(begun | ended))


def pack_sizes(text: str, name: str, file: str, packs: tuple[Pack, ...]) -> PackSizes:
    """The pack sizes of a file's text, its lines read."""
    return PackSizes(name=name, file=file, digest=hashlib.sha256(text.encode()).hexdigest(), packs=packs)
