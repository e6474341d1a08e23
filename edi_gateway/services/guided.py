"""What a careful colleague would say of a map beside the guide of the partner it is for, without running it.

Held are the certain rules: which codes may stand, what is required and what is forbidden. A rule about a segment with a qualifier is held
against the rows of that qualifier; what stands at run time alone, such as a length, is not for here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from edi_gateway import x12
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.lifecycle.states import Direction
from edi_gateway.mapping import Map
from edi_gateway.mapping.plan import BoundEnd, BoundRow, Context, Slot, Test
from edi_gateway.partners.agreement import Agreement
from edi_gateway.services.shelf import Shelf

_COUNTED = {"HL": frozenset({1, 2, 4})}
_SHOWN = 8

Link = tuple[str, tuple[Test, ...]]
"""One step from the root: a loop's or segment's tag and the tests of its qualifier."""


def lint_agreement(shelf: Shelf, agreement: Agreement) -> tuple[Fault, ...]:
    """The findings of an agreement's map beside its guide, with its tables; none where it names no guide.

    Errors: Faulty where map or guide cannot be used, or are for different documents.
    """
    if agreement.guide is None:
        return ()
    one, guide = shelf.map(agreement.map, agreement.tables), shelf.guide(agreement.guide)
    comes = agreement.direction is Direction.IN
    return lint_guided(one, guide, reads=comes, writes=not comes)


def lint_guided(one: Map, guide: x12.Guide, *, reads: bool = True, writes: bool = True) -> tuple[Fault, ...]:
    """The findings of a map beside a guide, in the order of its lines, for what is read, what is written, or both.

    Errors: Faulty (CFG-GUIDE-OTHER) where the guide is for another document.
    """
    theirs = f"X12 {guide.release} {guide.set_id}"
    if theirs != one.shape.name:
        raise Faulty([Fault.of("CFG-GUIDE-OTHER", value=guide.name, theirs=theirs, map=one.name, ours=one.shape.name)])
    beside = _Beside(one, guide, reads, writes)
    found = {fault: None for rule in guide.rules for fault in beside.findings(rule)}
    return tuple(sorted(found, key=lambda fault: (fault.place.file or "", fault.place.line or 0, fault.place.column or 0, fault.code)))


@dataclass(frozen=True, slots=True)
class _Written:
    """What rows and equations write of a segment. Shape: `numbers` are its elements, `place` the first row's."""

    numbers: set[int]
    place: Place


class _Beside:
    """A map turned round, so that a guide's paths find its rows."""

    def __init__(self, one: Map, guide: x12.Guide, reads: bool, writes: bool) -> None:
        self._map = one
        self._guide = guide
        self._reads = reads
        self._writes = writes
        self._chains = {slot: tuple(_chain(slot)) for slot in one.plan.slots}
        self._written: dict[Slot, _Written] = {}
        for row in one.plan.rows:
            if row.write is not None:
                self._note(row.write, row.place)
        for equation in one.plan.equations:
            self._note(equation.end, equation.place)
        self._living = set(self._written) | set(self._openings())

    def _note(self, end: BoundEnd, place: Place) -> None:
        found = self._written.setdefault(end.slot, _Written(set(), place))
        run = range(end.slot.run[0], end.slot.run[0] + 2) if end.choices and end.slot.run else (end.number,)
        found.numbers.update(run)

    def _openings(self) -> Iterator[Slot]:
        """The first segments of loops that anything is written in, and of lists and blocks that stand for themselves."""
        for slot in self._written:
            context: Context | None = slot.context
            while context is not None:
                if context.opening is not None:
                    yield context.opening
                context = context.parent
        yield from (slot for slot in self._map.plan.slots if slot.live)

    def findings(self, rule: x12.GuideRule) -> Iterator[Fault]:
        """What one rule finds."""
        if rule.use is x12.Use.REQUIRED and self._writes:
            yield from self._required(rule)
        if rule.use is x12.Use.FORBIDDEN and self._writes:
            yield from self._forbidden(rule)
        if rule.codes:
            for row in self._map.plan.rows:
                yield from self._codes(rule, row)
            if self._reads:
                yield from self._pairs(rule)
            if self._writes:
                yield from self._qualifiers(rule)

    def _required(self, rule: x12.GuideRule) -> Iterator[Fault]:
        possible = [slot for slot in self._living if _may_meet(rule, self._chains[slot])]
        if not rule.at.element:
            around = rule.at.steps[:-1]
            outer = not around or any(_fits(around, self._chains[slot], exact=False) for slot in self._living)
            if not possible and outer:
                yield self._fault("MAP-307", self._map.plan.root.place, rule)
            return
        for slot in possible:
            there = self._written[slot].numbers if slot in self._written else set()
            there = there | {number for number, _ in slot.tests} | _COUNTED.get(slot.shape.tag, frozenset())
            if rule.at.element not in there:
                place = self._written[slot].place if slot in self._written else self._place(slot)
                yield self._fault("MAP-307", place, rule)

    def _forbidden(self, rule: x12.GuideRule) -> Iterator[Fault]:
        for row in self._map.plan.rows:
            end = row.write
            if end is not None and _meets(rule, self._chains[end.slot]) and rule.at.element in (0, end.number) and _component(rule, end):
                yield self._fault("MAP-308", row.place, rule, field=row.path)

    def _codes(self, rule: x12.GuideRule, row: BoundRow) -> Iterator[Fault]:
        """What a row's table reads and writes, and its default, beside the codes that may stand in its element."""
        read, write = (end if end is not None and self._is_of(rule, end) else None for end in (row.read, row.write))
        if self._reads and read is not None and read.table is not None and not read.table.keep:
            missing = sorted(rule.codes - set(read.table.names))
            if missing:
                yield self._fault("MAP-215", row.place, rule, _some(missing), table=read.table.title)
        if self._writes and write is not None:
            strange = sorted(set(write.table.codes.values()) - rule.codes) if write.table is not None else []
            if write.default is not None and write.default not in rule.codes and write.default not in strange:
                strange.append(write.default)
            if strange:
                yield self._fault("MAP-216", row.place, rule, _some(strange), field=row.path, codes=", ".join(sorted(rule.codes)))

    def _pairs(self, rule: x12.GuideRule) -> Iterator[Fault]:
        """A qualifier of a pair that may stand there and that no row asks for."""
        for slot in self._map.plan.slots:
            if slot.run is None or not _meets(rule, self._chains[slot]):
                continue
            start, count = slot.run
            rows = [row for row in self._map.plan.rows if row.read is not None and row.read.slot is slot and row.read.choices]
            asked = {choice.qualifier for row in rows if row.read is not None for choice in row.read.choices}
            missing = sorted(rule.codes - asked)
            if rows and missing and rule.at.element in range(start, start + 2 * count, 2):
                yield self._fault("MAP-309", rows[0].place, rule, _some(missing), segment=slot.shape.tag)

    def _qualifiers(self, rule: x12.GuideRule) -> Iterator[Fault]:
        """A qualifier that a selector writes, beside the codes that may stand there."""
        for slot in self._living:
            if not _meets(rule, self._chains[slot], but=rule.at.element):
                continue
            for number, values in slot.tests:
                if number == rule.at.element and values[0] not in rule.codes:
                    codes = ", ".join(sorted(rule.codes))
                    yield self._fault("MAP-216", self._place(slot), rule, values[0], field="its selector", codes=codes)

    def _is_of(self, rule: x12.GuideRule, end: BoundEnd) -> bool:
        return rule.at.element == end.number and _component(rule, end) and _meets(rule, self._chains[end.slot])

    def _place(self, slot: Slot) -> Place:
        block = next((block for block in self._map.plan.root.blocks() if block.context is slot.context), self._map.plan.root)
        return block.place

    def _fault(self, code: str, place: Place, rule: x12.GuideRule, value: str | None = None, **detail: object) -> Fault:
        note = f" ({rule.note})" if rule.note else ""
        return Fault.of(code, place, value or rule.at.text, path=rule.at.text, guide=self._guide.name, note=note, **detail)


def _chain(slot: Slot) -> Iterator[Link]:
    """The steps from the root to a segment."""
    contexts: list[Context] = []
    context: Context | None = slot.context
    while context is not None and context.parent is not None:
        contexts.insert(0, context)
        context = context.parent
    yield from ((one.tag, one.tests) for one in contexts)
    if slot is not slot.context.opening:
        yield slot.shape.tag, slot.tests


def _meets(rule: x12.GuideRule, chain: tuple[Link, ...], *, but: int = 0) -> bool:
    """Whether every segment of a chain is one that a rule means. Shape: `but` is an element whose value is not asked for."""
    return _fits(rule.at.steps, chain, exact=True, but=but)


def _may_meet(rule: x12.GuideRule, chain: tuple[Link, ...]) -> bool:
    """Whether a segment of a chain may be one that a rule means."""
    return _fits(rule.at.steps, chain, exact=False)


def _fits(steps: tuple[x12.GuideStep, ...], chain: tuple[Link, ...], *, exact: bool, but: int = 0) -> bool:
    if not steps or not chain:
        return not steps and not chain
    step, (tag, tests) = steps[0], chain[0]
    known = dict(tests)
    within = all((value in known[number]) if number in known else not exact for number, value in step.conditions if number != but)
    if step.tag == tag and within and _fits(steps[1:], chain[1:], exact=exact, but=but):
        return True
    # A guide names a level by itself, however deep it stands.
    return tag == "HL" and step.tag == "HL" and len(chain) > 1 and _fits(steps, chain[1:], exact=exact, but=but)


def _component(rule: x12.GuideRule, end: BoundEnd) -> bool:
    return rule.at.component is None or (end.component or 1) == rule.at.component


def _some(codes: list[str]) -> str:
    return ", ".join(codes[:_SHOWN]) + (f" and {len(codes) - _SHOWN} more" if len(codes) > _SHOWN else "")
