"""Guides: what one partner asks of a transaction set beyond the standard, read from YAML and held against the set's tree.

A guide may only tighten. Its rules have codes of their own, so that a 999 can say "not in the implementation" where a 997 has
no such word, and so that a person sees whether the standard or the partner asked for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from edi_gateway.faults import Fault, Place
from edi_gateway.tree import Loop, Repeated, Segment
from edi_gateway.x12.delimiters import Delimiters
from edi_gateway.x12.guidepath import GuidePath, Step


class Use(StrEnum):
    """What a guide makes of an optional part."""

    REQUIRED = "required"
    FORBIDDEN = "forbidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class GuideRule:
    """One rule.

    Shape:  `loop` are the loops around what it is about, `reference` is that element's number.
    Units:  `shortest` and `longest` count characters, 0 where the standard's stand; `most` counts uses, 0 for the same.
    """

    at: GuidePath
    loop: str = ""
    reference: str = ""
    use: Use | None = None
    codes: frozenset[str] = frozenset()
    shortest: int = 0
    longest: int = 0
    most: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guide:
    """A partner's guide to one set of one release. `uncertain` are rules that are written down but not applied."""

    name: str
    title: str
    release: str
    set_id: str
    source: str
    date: str
    rules: tuple[GuideRule, ...]
    uncertain: tuple[GuideRule, ...] = ()

    def faults(self, tree: Loop, delimiters: Delimiters) -> tuple[Fault, ...]:
        """Where a set's tree does not do what the guide asks; places lack the interchange's and the set's names."""
        return tuple(fault for rule in self.rules for fault in _Holding(self, rule, delimiters).faults(tree))


@dataclass(frozen=True, slots=True)
class _Holding:
    """One rule held against one tree."""

    guide: Guide
    rule: GuideRule
    delimiters: Delimiters

    def faults(self, tree: Loop) -> Iterator[Fault]:
        *around, last = self.rule.at.steps
        for context in _contexts(tree, around):
            found = list(_instances(context, last))
            if self.rule.at.element:
                for segment in found:
                    yield from self._element(segment)
            else:
                yield from self._segments(context, found)

    def _segments(self, context: Loop, found: list[Segment]) -> Iterator[Fault]:
        rule = self.rule
        if rule.use is Use.REQUIRED and not found:
            *_, last = [Segment(["ST"], 1), *context.walk()]
            around = "/".join(step.tag for step in rule.at.steps[:-1])
            place = Place(segment=rule.at.steps[-1].tag, position=last.position + 1, loop=around or None, offset=last.offset or None)
            yield self._fault("X12-451", place, None)
        if rule.use is Use.FORBIDDEN:
            for segment in found:
                yield self._fault("X12-452", self._place(segment), str(segment.get(1)) or None)
        if rule.most and len(found) > rule.most:
            yield self._fault("X12-453", self._place(found[rule.most]), None, limit=rule.most)

    def _element(self, segment: Segment) -> Iterator[Fault]:
        """Holds the rule against the element, and against each of its repetitions where it is repeated."""
        at, value = self.rule.at, segment.get(self.rule.at.element)
        parts = [value.one(number) for number in range(1, len(value) + 1)] if isinstance(value, Repeated) else [value]
        for number, part in enumerate(parts, 1):
            components = part.split(self.delimiters.component) if isinstance(part, str) else part
            repetition = number if len(parts) > 1 else None
            place = replace(self._place(segment), element=at.element, component=at.component, repetition=repetition)
            yield from self._value(_component(components, at.component), place)

    def _value(self, value: str, place: Place) -> Iterator[Fault]:
        rule = self.rule
        if not value:
            if rule.use is Use.REQUIRED:
                yield self._fault("X12-551", place, None)
            return
        if rule.use is Use.FORBIDDEN:
            yield self._fault("X12-552", place, value)
        elif rule.codes and value not in rule.codes:
            yield self._fault("X12-553", place, value, codes=", ".join(sorted(rule.codes)))
        elif len(value) < rule.shortest:
            yield self._fault("X12-554", place, value, length=len(value), limit=rule.shortest)
        elif rule.longest and len(value) > rule.longest:
            yield self._fault("X12-555", place, value, length=len(value), limit=rule.longest)

    def _place(self, segment: Segment) -> Place:
        return Place(segment=segment.tag, position=segment.position, loop=self.rule.loop or None, offset=segment.offset)

    def _fault(self, code: str, place: Place, value: str | None, **detail: object) -> Fault:
        rule = self.rule
        note = f" ({rule.note})" if rule.note else ""
        return Fault.of(code, place, value, guide=self.guide.name, path=rule.at.text, note=note, reference=rule.reference, **detail)


def _contexts(tree: Loop, around: list[Step]) -> Iterator[Loop]:
    """The loops that a rule's path leads to, before its last step."""
    if not around:
        yield tree
        return
    for loop in _loops(tree, around[0]):
        yield from _contexts(loop, around[1:])


def _loops(loop: Loop, step: Step) -> Iterator[Loop]:
    """Inner loops that a step means; hierarchical levels at any depth."""
    for child in loop.children:
        if isinstance(child, Loop) and child.tag == step.tag:
            head = child.children[0]
            if isinstance(head, Segment) and step.matches(head):
                yield child
            if step.tag == "HL":
                yield from _loops(child, step)


def _instances(loop: Loop, step: Step) -> Iterator[Segment]:
    """The segments that a path's last step means: in the loop itself, or at the head of its inner loops."""
    for child in loop.children:
        if isinstance(child, Segment) and child.tag == step.tag and step.matches(child):
            yield child
    for inner in _loops(loop, step):
        head = inner.children[0]
        if isinstance(head, Segment):
            yield head


def _component(parts: Sequence[str], component: int | None) -> str:
    if component is None:
        return "".join(parts)
    return parts[component - 1] if component <= len(parts) else ""
