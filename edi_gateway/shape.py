"""What a document may look like: the schema of a transaction set or the layout of a flat file, as plain values.

`x12` and `flatfile` make shapes from their schema files; `mapping` asks them where an element stands, what type it has
and which codes it takes, and so never needs to know which of the two it works on.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementShape:
    """One element, component or column.

    Shape:  `type` is X12's: AN, ID, DT, TM, R, B, N0…N9 (N2 has two implied decimals); flat files use the same words, and
            DT as CCYYMMDD unless the layout gives a mask. `requirement` is M, O or X (X: a syntax note decides).
            `codes` maps a code to its name; empty where any value goes. `components` is empty for a simple element.
            `repeat` is how often it may stand in its place, 0 for any number.
    Units:  lengths in characters, without sign or decimal point for numbers; 0 as `maximum` means no limit.
    """

    id: str
    name: str
    type: str
    minimum: int = 0
    maximum: int = 0
    requirement: str = "O"
    codes: Mapping[str, str] = field(default_factory=dict)
    components: tuple["ElementShape", ...] = ()
    syntax: tuple[str, ...] = ()
    repeat: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentShape:
    """One segment in its place in a set. `limit` is how often it may stand there, 0 for any number."""

    tag: str
    name: str
    elements: tuple[ElementShape, ...]
    requirement: str = "O"
    limit: int = 1
    syntax: tuple[str, ...] = ()

    def number(self, name: str) -> int | None:
        """The one-based number of the element that has this column name, None where there is none."""
        for number, element in enumerate(self.elements, 1):
            if element.id == name:
                return number
        return None


@dataclass(frozen=True, kw_only=True)
class LoopShape:
    """A loop in its place: a segment that opens it, then segments and loops. `hierarchical` marks the HL loop, which nests."""

    tag: str
    items: tuple["SegmentShape | LoopShape", ...]
    requirement: str = "O"
    limit: int = 1
    hierarchical: bool = False

    @cached_property
    def segments(self) -> dict[str, SegmentShape]:
        """The loop's own segments by tag; the first where a tag stands more than once."""
        found: dict[str, SegmentShape] = {}
        for item in self.items:
            if isinstance(item, SegmentShape):
                found.setdefault(item.tag, item)
        return found

    @cached_property
    def loops(self) -> dict[str, "LoopShape"]:
        """The loop's inner loops by tag; where a tag stands more than once, one with what any of them may hold."""
        found: dict[str, LoopShape] = {}
        for item in self.items:
            if isinstance(item, LoopShape):
                found[item.tag] = _either(found[item.tag], item) if item.tag in found else item
        if self.hierarchical:
            found.setdefault(self.tag, self)
        return found

    def walk(self) -> Iterator["SegmentShape | LoopShape"]:
        """Every item below, in order."""
        for item in self.items:
            yield item
            if isinstance(item, LoopShape):
                yield from item.walk()


def _either(one: LoopShape, other: LoopShape) -> LoopShape:
    """Two loops of one tag as one: what the first may hold, then what the other may hold besides, none of which the first needs."""
    known = {item.tag for item in one.items}
    further = (replace(item, requirement="O") for item in other.items if item.tag not in known)
    return replace(one, items=(*one.items, *further), limit=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """A whole document's shape. `name` is what a map's `schema:` says: "X12 004010 850", "flat order"."""

    name: str
    title: str
    root: LoopShape
