"""The slow look at one set: what exactly is wrong with its order, its elements and its levels, and where."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from edi_gateway.faults import Fault, Place
from edi_gateway.x12.diagnose import SHOWN, Diagnoser
from edi_gateway.x12.grammar import Grammar
from edi_gateway.x12.guide import Guide
from edi_gateway.x12.text import SetText
from edi_gateway.x12.walk import Finding, Walk

_NOT_IN_THIS_SET = "X12-406"
"""What a segment holds that the set has no place for is not looked at: the segment alone is in the wrong."""


class Inspection:
    """The slow look at one set; offsets are worked out when a fault needs them."""

    def __init__(self, text: SetText, place: Place) -> None:
        self._text = text
        self._place = place
        self._offsets: list[int] = []

    @property
    def encoding(self) -> str:
        """What the set's bytes were read as."""
        return self._text.cut.encoding

    def pinpointed(self, fault: Fault) -> Fault:
        """The fault with the byte of the element, repetition and component that it names, not just of its segment."""
        place = fault.place
        if place.element is None or place.position is None:
            return fault
        return fault.at(offset=self._text.offset_of(place.position, place.element, place.component, place.repetition))

    def fault(self, code: str, position: int, tag: str, value: str | None, element: int | None = None, **detail: object) -> Fault:
        place = replace(self._at(position, tag), element=element)
        return Fault.of(code, place, value if value is None else value[:SHOWN], **detail)

    def content(self, grammar: Grammar, diagnoser: Diagnoser) -> list[Fault]:
        """The faults of order and of elements, by the exact walk, without those that only follow from others."""
        return _without_consequences(self._content(grammar, diagnoser))

    def _content(self, grammar: Grammar, diagnoser: Diagnoser) -> Iterator[Fault]:
        separator = self._text.context.lexis.delimiters.element
        walk = Walk(grammar, self._text.context.lookup, self._text.context.release)
        position = 1
        for position, piece in self._body():
            elements = piece.split(separator)
            if not elements[0]:
                yield self.fault("X12-409", position, "", piece or None)
                continue
            (visit,) = walk.visits(elements[:1])
            for finding in visit.findings:
                yield self._finding(finding, position, elements)
            if visit.shape is None or any(finding.code == _NOT_IN_THIS_SET for finding in visit.findings):
                continue
            if not (self._text.cut.is_plain and grammar.checker(visit.shape)(elements)):
                loop = "/".join(level.tag for level in visit.path)
                yield from diagnoser.faults(elements, visit.shape, self._at(position, elements[0], loop))
        for finding in walk.missing_at_end():
            yield self._finding(finding, position + 1, [""])

    def levels(self) -> Iterator[Fault]:
        """The faults of HL numbering: a level named twice, a parent that does not exist."""
        separator = self._text.context.lexis.delimiters.element
        seen: set[str] = set()
        for position, piece in self._body():
            if piece.startswith("HL" + separator):
                number, parent = (*piece.split(separator)[1:3], "", "")[:2]
                if number and number in seen:
                    yield self.fault("X12-410", position, "HL", number, element=1, reference="628").at(loop="HL")
                if parent and parent not in seen:
                    yield self.fault("X12-408", position, "HL", parent, element=2, reference="734").at(loop="HL")
                seen.add(number)

    def held_against(self, guide: Guide) -> Iterator[Fault]:
        """What a guide asks that the set does not do."""
        for fault in guide.faults(self._text.tree(guide.set_id), self._text.context.lexis.delimiters):
            found = fault.place
            yield replace(
                fault,
                place=replace(
                    self._place,
                    segment=found.segment,
                    position=found.position,
                    loop=found.loop,
                    element=found.element,
                    component=found.component,
                    repetition=found.repetition,
                    offset=found.offset,
                ),
            )

    def _body(self) -> Iterator[tuple[int, str]]:
        pieces = self._text.cut.pieces
        last = len(pieces) - 1 if pieces[-1].split(self._text.context.lexis.delimiters.element)[0] == "SE" else len(pieces)
        for index in range(1, last):
            yield index + 1, pieces[index]

    def _finding(self, finding: Finding, position: int, elements: Sequence[str]) -> Fault:
        place = self._at(position, finding.tag, finding.path)
        detail = dict(finding.detail)
        if finding.code == "X12-403":
            known = self._text.context.lookup(finding.tag)
            detail["name"] = known.name if known else finding.tag
            detail["where"] = f" before {elements[0]}" if elements[0] else " at the end"
        return Fault.of(finding.code, place, self._text.context.lexis.delimiters.element.join(elements)[:SHOWN] or None, **detail)

    def _at(self, position: int, tag: str, loop: str = "") -> Place:
        if not self._offsets:
            self._offsets = list(self._text.offsets())
        offset = self._offsets[min(position, len(self._offsets)) - 1]
        return replace(self._place, segment=tag or None, position=position, loop=loop or None, offset=offset)


def _without_consequences(faults: Iterable[Fault]) -> list[Fault]:
    """The faults without the missing segments and loops that were found out of sequence later on."""
    found = list(faults)
    late = {(loop, fault.place.segment) for fault in found if fault.code == "X12-407" for loop in _around(fault.place.loop or "")}
    return [fault for fault in found if fault.code != "X12-403" or (fault.place.loop or "", fault.place.segment) not in late]


def _around(loop: str) -> tuple[str, str]:
    """A loop and the loop around it: a segment that opens a loop is missed by the one around it."""
    return loop, loop.rpartition("/")[0]
