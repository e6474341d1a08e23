"""Two transaction sets compared by what they mean: delimiters, line ends, control numbers and ways to write a number do not matter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum
from typing import TypeAlias

from edi_gateway.shape import SegmentShape
from edi_gateway.x12.check import is_real
from edi_gateway.x12.interchange import TransactionSet

_NUMBERS = ("N", "R")


class ChangeKind(StrEnum):
    """What happened to a segment between two sets."""

    REMOVED = "removed"
    ADDED = "added"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One difference.

    Shape:  `loops` are the loops around the segment; of a changed segment `element` is the one that differs, and `old` and
            `new` are its values; of others they are the segment's text, and "".
    Units:  positions count segments in their set from one, 0 in the set that lacks it.
    """

    kind: ChangeKind
    tag: str
    loops: tuple[str, ...]
    element: int | None
    old: str
    new: str
    old_position: int
    new_position: int


@dataclass(frozen=True, slots=True)
class _Row:
    """A segment in its place, its elements as they mean."""

    loops: tuple[str, ...]
    texts: tuple[str, ...]
    meanings: tuple[str, ...]
    position: int

    @property
    def key(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.loops, self.meanings


_Pairs: TypeAlias = Iterator[tuple[_Row | None, _Row | None]]


def diff(old: TransactionSet, new: TransactionSet) -> tuple[Change, ...]:
    """What differs between the bodies of two sets, in the order of the old one."""
    before, after = list(_rows(old)), list(_rows(new))
    matcher = SequenceMatcher(a=[row.key for row in before], b=[row.key for row in after], autojunk=False)
    changes: list[Change] = []
    for kind, first, last, start, end in matcher.get_opcodes():
        if kind != "equal":
            for one, other in _paired(before[first:last], after[start:end]):
                changes += _changes(one, other)
    return tuple(changes)


def _rows(one: TransactionSet) -> Iterator[_Row]:
    separator = one.interchange.delimiters.component
    placed = [(segment, visit.shape, tuple(level.tag for level in visit.path)) for segment, visit in one.text.visits()]
    for segment, shape, loops in placed or [(segment, None, ()) for segment in one.text.body()]:
        texts = tuple(str(element) for element in segment)
        meanings = [_meaning(text, shape, number, separator) for number, text in enumerate(texts)]
        while meanings and not meanings[-1]:
            meanings.pop()
        yield _Row(loops, texts, tuple(meanings), segment.position)


def _meaning(text: str, shape: SegmentShape | None, number: int, separator: str) -> str:
    """A value in one way of writing: numbers without needless zeros, components joined alike."""
    if shape is not None and 0 < number <= len(shape.elements):
        element = shape.elements[number - 1]
        if element.type.startswith(_NUMBERS) and is_real(text) and len(text) <= 40:
            return str(Decimal(text).normalize())
        if element.components:
            return "\x1f".join(text.split(separator)).rstrip("\x1f")
    return text


def _paired(before: Sequence[_Row], after: Sequence[_Row]) -> _Pairs:
    """Rows of a changed stretch: those of one tag in one loop go together in their order, the others stand alone."""
    left = list(after)
    for row in before:
        partner = next((one for one in left if one.texts[0] == row.texts[0] and one.loops == row.loops), None)
        if partner is not None:
            left.remove(partner)
        yield row, partner
    yield from ((None, row) for row in left)


def _changes(old: _Row | None, new: _Row | None) -> Iterator[Change]:
    if old is None or new is None:
        row = old or new
        if row is not None:
            kind = ChangeKind.REMOVED if old else ChangeKind.ADDED
            text = "*".join(row.texts)
            yield Change(
                kind=kind,
                tag=row.texts[0],
                loops=row.loops,
                element=None,
                old=text if old else "",
                new=text if new else "",
                old_position=old.position if old else 0,
                new_position=new.position if new else 0,
            )
        return
    for number in range(1, max(len(old.meanings), len(new.meanings))):
        if _at(old.meanings, number) != _at(new.meanings, number):
            yield Change(
                kind=ChangeKind.CHANGED,
                tag=old.texts[0],
                loops=old.loops,
                element=number,
                old=_at(old.texts, number),
                new=_at(new.texts, number),
                old_position=old.position,
                new_position=new.position,
            )


def _at(values: Sequence[str], number: int) -> str:
    return values[number] if number < len(values) else ""
