"""Acknowledgments that come in, as typed values: what a partner says of our interchanges, groups and sets."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from edi_gateway.faults import Fault, Place
from edi_gateway.tree import Element, Loop, Segment
from edi_gateway.x12 import context


class Answer(StrEnum):
    """What a partner says of a group or a set. PARTIAL is said of groups alone."""

    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    PARTIAL = "partially_accepted"
    REJECTED = "rejected"


_ANSWERS = {
    "A": Answer.ACCEPTED,
    "E": Answer.ACCEPTED_WITH_ERRORS,
    "P": Answer.PARTIAL,
    "R": Answer.REJECTED,
    "M": Answer.REJECTED,
    "W": Answer.REJECTED,
    "X": Answer.REJECTED,
}
"""M, W and X reject for reasons of security: authentication, assurance, decryption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementNote:
    """An AK4 (IK4): where in the segment, the element's reference number, the code, and the bad data if it was sent back.

    Shape:  `context` is what the CTX segments of a 999 add, in words.
    """

    element: int
    component: int | None
    repetition: int | None
    reference: str
    code: str
    value: str
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentNote:
    """An AK3 (IK3) and the notes on its elements. `position` counts segments in the set from one (ST); `context` as with elements."""

    tag: str
    position: int
    loop: str
    code: str
    elements: tuple[ElementNote, ...]
    context: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSettlement:
    """What is said of one set. `codes` are AK502 to AK506 (IK502 …)."""

    set_id: str
    control: str
    answer: Answer
    codes: tuple[str, ...]
    notes: tuple[SegmentNote, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What one 997 or 999 says of one group. `codes` are AK905 to AK909; counts are None where they are no numbers.

    Shape:  `named` are the sets by their ids and control numbers, these without leading zeros, which some partners drop.
    """

    functional_id: str
    group_control: str
    answer: Answer
    included: int | None
    received: int | None
    accepted: int | None
    codes: tuple[str, ...]
    sets: tuple[SetSettlement, ...]
    faults: tuple[Fault, ...]
    named: Mapping[tuple[str, str], SetSettlement] = field(repr=False)

    def said_of(self, set_id: str, control: str) -> SetSettlement | None:
        """What the loop of a set says; None where it has none. Of several for one set the first counts."""
        return self.named.get((set_id, control.lstrip("0")))

    def answer_for(self, set_id: str, control: str) -> Answer | None:
        """What is said of a set, by its own loop or with its group; None where only some are accepted and it is not named."""
        one = self.said_of(set_id, control)
        if one is not None:
            return one.answer
        return None if self.answer is Answer.PARTIAL else self.answer


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeSettlement:
    """What a TA1 says of one interchange. `code` is TA105, 000 for none."""

    control: str
    date: str
    time: str
    answer: Answer
    code: str
    faults: tuple[Fault, ...]


def settle(tree: Loop) -> Settlement:
    """What a 997's or 999's tree says. A code that the standard does not have counts as a rejection, with a fault."""
    faults: list[Fault] = []
    head = _first(tree, "AK1")
    if head is None:
        faults.append(Fault.of("X12-701", Place(set_id=tree.tag)))
    trailer = _first(tree, "AK9") or Segment(["AK9"])
    answer = _answer(trailer, 1, faults)
    sets = tuple(_set(loop, faults) for loop in _loops(tree, "AK2"))
    return Settlement(
        functional_id=_text(head, 1),
        group_control=_text(head, 2),
        answer=answer,
        included=_number(trailer, 2),
        received=_number(trailer, 3),
        accepted=_number(trailer, 4),
        codes=_codes(trailer, 5),
        sets=sets,
        faults=tuple(faults),
        named={(one.set_id, one.control.lstrip("0")): one for one in reversed(sets)},
    )


def settle_interchange(ta1: Segment) -> InterchangeSettlement:
    """What a TA1 segment says."""
    faults: list[Fault] = []
    return InterchangeSettlement(
        control=_text(ta1, 1),
        date=_text(ta1, 2),
        time=_text(ta1, 3),
        answer=_answer(ta1, 4, faults),
        code=_text(ta1, 5),
        faults=tuple(faults),
    )


def _set(loop: Loop, faults: list[Fault]) -> SetSettlement:
    head = _first(loop, "AK2")
    trailer = _first(loop, "AK5") or _first(loop, "IK5") or Segment(["AK5"])
    return SetSettlement(
        set_id=_text(head, 1),
        control=_text(head, 2),
        answer=_answer(trailer, 1, faults),
        codes=_codes(trailer, 2),
        notes=tuple(_segment_note(inner) for inner in (*_loops(loop, "AK3"), *_loops(loop, "IK3"))),
    )


def _segment_note(loop: Loop) -> SegmentNote:
    head = _first(loop, "AK3") or _first(loop, "IK3")
    return SegmentNote(
        tag=_text(head, 1),
        position=_number(head, 2) or 0 if head else 0,
        loop=_text(head, 3),
        code=_text(head, 4),
        elements=tuple(_element_notes(loop)),
        context=_context(loop),
    )


def _element_notes(loop: Loop) -> Iterator[ElementNote]:
    """The AK4 segments of an AK3 loop, or the IK4 loops of an IK3 loop."""
    for child in loop.children:
        if isinstance(child, Loop):
            yield from (replace(note, context=_context(child)) for note in _element_notes(child))
        elif child.tag in ("AK4", "IK4"):
            yield _element_note(child)


def _context(loop: Loop) -> tuple[str, ...]:
    found = (context.words(child) for child in loop.children if isinstance(child, Segment) and child.tag == "CTX")
    return tuple(words for words in found if words)


def _element_note(segment: Segment) -> ElementNote:
    where = segment.get(1)
    parts = where if isinstance(where, tuple) else (where,)
    numbers = [int(part) if part.isascii() and part.isdecimal() else None for part in parts[:3]]
    element, component, repetition = (*numbers, None, None, None)[:3]
    return ElementNote(
        element=element or 0,
        component=component,
        repetition=repetition,
        reference=_text(segment, 2),
        code=_text(segment, 3),
        value=_text(segment, 4),
    )


def _answer(segment: Segment, number: int, faults: list[Fault]) -> Answer:
    code = _text(segment, number)
    if code not in _ANSWERS:
        place = Place(segment=segment.tag, element=number, position=segment.position or None, offset=segment.offset or None)
        faults.append(Fault.of("X12-702", place, code))
    return _ANSWERS.get(code, Answer.REJECTED)


def _codes(segment: Segment, first: int) -> tuple[str, ...]:
    return tuple(code for number in range(first, first + 5) if (code := _text(segment, number)))


def _first(loop: Loop, tag: str) -> Segment | None:
    return next((child for child in loop.children if isinstance(child, Segment) and child.tag == tag), None)


def _loops(loop: Loop, tag: str) -> Iterator[Loop]:
    return (child for child in loop.children if isinstance(child, Loop) and child.tag == tag)


def _text(segment: Segment | None, number: int) -> str:
    value: Element = segment.get(number) if segment is not None else ""
    return value if isinstance(value, str) else "".join(value[:1])


def _number(segment: Segment, number: int) -> int | None:
    text = _text(segment, number)
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 10 else None
