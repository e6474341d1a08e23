"""What writing a record again makes of the document that it was read from: the second law, for the part that the map covers.

A map may say the same in other words: a total is counted anew, a default stands where nothing stood, one of several codes is the one
that it writes. Such differences are told and are no breach; an element that changes its meaning, or is not written at all, is.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import zip_longest

from edi_gateway.faults import Place
from edi_gateway.mapping.lineage import shown
from edi_gateway.mapping.plan import BoundEnd, BoundEquation, BoundRow, Claim, Context, Plan, Slot, assigned, claims
from edi_gateway.mapping.values import BAD, component, repetition
from edi_gateway.shape import LoopShape
from edi_gateway.tree import Loop, Segment


class Why(StrEnum):
    """Why something is written otherwise than it stood."""

    COUNTED = "counted anew"
    SAME = "the same in the map's own words"
    DEFAULT = "the map's default"
    ONE_WAY = "a row for one direction"
    BREACH = "not as it stood"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """One element that is written otherwise.

    Shape:  `element` is "" where the whole segment is meant, `before` or `after` where nothing stands.
    """

    segment: str
    element: str
    before: str
    after: str
    why: Why
    place: Place

    def words(self) -> str:
        """The difference as a sentence without its end."""
        name = self.segment + self.element
        if not self.element:
            return f"{name} is not written again" if not self.after else f"{name} is written, and did not stand there"
        after = f"written again it is {self.after!r}" if self.after else "it is not written again"
        return f"{name} is {self.before!r}, {after}" if self.before else f"{name} is empty, {after}"


def rewritten(plan: Plan, before: Loop, after: Loop) -> tuple[Rewritten, ...]:
    """Where a tree that was read, and the one written of its record, differ in what the map covers; in the order of the first."""
    return tuple(_Comparison(plan).loops(plan.root.context, before, after))


class _Comparison:
    def __init__(self, plan: Plan) -> None:
        self._rows: dict[Slot, list[tuple[BoundRow, BoundEnd]]] = {}
        self._equations: dict[Slot, list[BoundEquation]] = {}
        self._measured = {name for one in plan.units for name in (*one.units.quantity, *one.units.price, one.units.unit)}
        for row in plan.rows:
            if row.read is not None:
                self._rows.setdefault(row.read.slot, []).append((row, row.read))
        for equation in plan.equations:
            self._equations.setdefault(equation.end.slot, []).append(equation)

    def loops(self, context: Context, before: Loop, after: Loop) -> Iterator[Rewritten]:
        """Two loops of a context: what each claim took of one beside what it took of the other."""
        if context.opening is not None:
            yield from self._segments(context.opening, before.children[0], after.children[0])
        old, new = _taken(context, before), _taken(context, after)
        for number, claim in sorted(enumerate(claims(context)), key=lambda one: _first(old.get(one[0]))):
            for one, other in zip_longest(old.get(number, ()), new.get(number, ())):
                yield from self._children(claim, one, other)

    def _children(self, claim: Claim, before: Segment | Loop | None, after: Segment | Loop | None) -> Iterator[Rewritten]:
        inner = claim.context
        slot = claim.slot or (inner.opening if inner is not None else None)
        assert slot is not None
        if isinstance(before, Loop) and isinstance(after, Loop) and inner is not None:
            yield from self.loops(inner, before, after)
        elif isinstance(before, Segment) and isinstance(after, Segment):
            yield from self._segments(slot, before, after)
        elif before is not None:
            if not isinstance(before, Segment) or self._says(slot, before):
                yield self._whole(slot, before, Why.BREACH, is_written=False)
        elif after is not None and not self._is_ours(slot, inner, after):
            yield self._whole(slot, after, Why.BREACH, is_written=True)

    def _segments(self, slot: Slot, before: object, after: object) -> Iterator[Rewritten]:
        assert isinstance(before, Segment)
        assert isinstance(after, Segment)
        said: set[int] = set()
        for row, end in self._rows.get(slot, ()):
            said.add(end.number)
            old, new = text_of(end, before), text_of(end, after)
            if old != new:
                yield self._element(slot, before, _designator(end), old, new, self._why(row, end, old, new))
        for equation in self._equations.get(slot, ()):
            old, new = text_of(equation.end, before), text_of(equation.end, after)
            if old != new and equation.end.number not in said:
                yield self._element(slot, before, _designator(equation.end), old, new, Why.COUNTED)
        for number, _ in slot.tests:
            old, new = shown(before.get(number)), shown(after.get(number))
            if old != new and number not in said:
                yield self._element(slot, before, f"{number:02}", old, new, Why.SAME)

    def _why(self, row: BoundRow, end: BoundEnd, old: str, new: str) -> Why:
        if any(equation.end.number == end.number for equation in self._equations.get(end.slot, ())):
            return Why.COUNTED
        if row.write is not end:
            return Why.ONE_WAY
        if not old and new == end.default:
            return Why.DEFAULT
        if old and new and row.field in self._measured:
            return Why.SAME
        value = end.value(old) if old else BAD
        return Why.SAME if value is not BAD and new and value == end.value(new) else Why.BREACH

    def _says(self, slot: Slot, segment: Segment) -> bool:
        """Whether a segment that is gone held anything for a row, or was there for its own sake."""
        return bool(slot.live) or any(text_of(end, segment) and row.write is end for row, end in self._rows.get(slot, ()))

    def _is_ours(self, slot: Slot, context: Context | None, after: Segment | Loop) -> bool:
        """Whether a segment or loop that appears holds nothing but totals and defaults."""
        opening = after.children[0] if isinstance(after, Loop) else after
        assert isinstance(opening, Segment)
        given = {equation.end.number for equation in self._equations.get(slot, ())}
        rows = [(row, end) for row, end in self._rows.get(slot, ()) if end.number not in given]
        mine = all(text_of(end, opening) in ("", end.default) for _, end in rows)
        if not isinstance(after, Loop) or context is None or not isinstance(context.shape, LoopShape):
            return mine
        inside = _taken(context, after)
        return mine and all(
            self._is_ours(found, claim.context, child)
            for number, claim in enumerate(claims(context))
            for child in inside.get(number, ())
            if (found := claim.slot or (claim.context.opening if claim.context is not None else None)) is not None
        )

    def _whole(self, slot: Slot, child: Segment | Loop, why: Why, *, is_written: bool) -> Rewritten:
        segment = child.children[0] if isinstance(child, Loop) else child
        assert isinstance(segment, Segment)
        text = "*".join(shown(one) for one in segment)
        before, after = ("", text) if is_written else (text, "")
        return Rewritten(segment=_named(slot), element="", before=before, after=after, why=why, place=_place(segment))

    def _element(self, slot: Slot, segment: Segment, element: str, before: str, after: str, why: Why) -> Rewritten:
        return Rewritten(segment=_named(slot), element=element, before=before, after=after, why=why, place=_place(segment))


def text_of(end: BoundEnd, segment: Segment) -> str:
    """What stands where an end reads, "" where nothing does."""
    if end.choices:
        assert end.slot.run is not None
        start, count = end.slot.run
        pairs = {segment.get(at): segment.get(at + 1) for at in range(start, start + 2 * count, 2)}
        return next((shown(pairs[one.qualifier]) for one in end.choices if pairs.get(one.qualifier)), "")
    element = segment.get(end.number)
    if end.repetition is not None:
        element = repetition(element, end.repetition)
    return component(element, end.component) if end.component is not None else shown(element)


def _taken(context: Context, loop: Loop) -> dict[int, list[Segment | Loop]]:
    """What each claim of a context takes, by the claim's number."""
    found: dict[int, list[Segment | Loop]] = {}
    for number, child in assigned(context, loop):
        if number is not None:
            found.setdefault(number, []).append(child)
    return found


def _first(children: list[Segment | Loop] | None) -> int:
    """Where the first of them stands, behind all others where there is none."""
    if not children:
        return 1 << 30
    one = children[0]
    return next(one.walk()).position if isinstance(one, Loop) else one.position


def _designator(end: BoundEnd) -> str:
    if end.choices:
        return f"/pair[{'|'.join(choice.qualifier for choice in end.choices)}]"
    return f"{end.number:02}" + (f"^{end.repetition}" if end.repetition else "") + (f"-{end.component}" if end.component else "")


def _named(slot: Slot) -> str:
    return slot.shape.tag + (f"[{','.join('|'.join(values) for _, values in slot.tests)}]" if slot.tests else "")


def _place(segment: Segment) -> Place:
    return Place(segment=segment.tag, position=segment.position or None, offset=segment.offset if segment.position else None)
