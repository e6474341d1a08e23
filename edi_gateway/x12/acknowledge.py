"""Acknowledgments to send: the 997 or 999 of each functional group, the TA1 of an interchange."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from edi_gateway.faults import Fault, Severity
from edi_gateway.tree import Element, Loop, Segment
from edi_gateway.x12.acks import (
    NO_ERROR,
    SEGMENT_HAS_ELEMENT_FAULTS,
    SET_HAS_GUIDE_FAULTS,
    SET_HAS_SEGMENT_FAULTS,
    Form,
    Note,
    ack_code,
    is_of_guide,
)
from edi_gateway.x12.business import business_number
from edi_gateway.x12.context import business_unit, triggers
from edi_gateway.x12.delimiters import Delimiters
from edi_gateway.x12.interchange import Group, GroupHeader, Interchange, TransactionSet
from edi_gateway.x12.rules import Verdict

ACKNOWLEDGMENT_GROUP = "FA"
"""The functional identifier that acknowledgments travel under; such a group is never acknowledged itself."""

_MOST_CODES = 5
_MOST_ELEMENT_NOTES = 99
_MOST_COPIED = 99


class Detail(StrEnum):
    """Which sets an acknowledgment speaks of."""

    EVERY_SET = "every_set"
    FAULTY_SETS = "faulty_sets"
    """only sets that are not simply accepted"""
    GROUP_ONLY = "group_only"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgment:
    """The acknowledgment of one group: the body of a 997 or 999, to be rendered in a group of functional id FA.

    Shape:  `verdict` is AK901: A, E, P or R.
    """

    group: GroupHeader
    form: Form
    verdict: str
    body: Loop


def acknowledge(
    interchange: Interchange,
    *,
    form: Form = Form.FUNCTIONAL,
    detail: Detail = Detail.EVERY_SET,
    delimiters: Delimiters | None = None,
) -> tuple[Acknowledgment, ...]:
    """An acknowledgment for every group that it can name and that is not itself one of acknowledgments.

    Shape:  `delimiters` are those the acknowledgment will be written with; bad data that holds one is not copied into it.
    """
    writer = _Writer(form, detail, delimiters or interchange.delimiters)
    return tuple(writer.group(group) for group in interchange.groups if group.is_answerable and group.functional_id != ACKNOWLEDGMENT_GROUP)


def is_owed_ta1(interchange: Interchange) -> bool:
    """Whether a TA1 is due: it was asked for, or the interchange is rejected. Never for one that only brings TA1s."""
    brings_only_ta1s = bool(interchange.ta1s) and not interchange.groups
    return not brings_only_ta1s and (interchange.ack_requested or interchange.verdict is Verdict.REJECTED)


def ta1(interchange: Interchange) -> Segment:
    """The TA1 segment for an interchange, with the first of its gravest faults, or its groups', that TA105 has a code for."""
    faults = [*interchange.faults, *(fault for group in interchange.groups for fault in group.faults)]
    gravest = sorted(_told(faults), key=lambda fault: fault.severity is not Severity.ERROR)
    codes = [found.code for fault in gravest if (found := ack_code(fault)) and found.note is Note.INTERCHANGE]
    verdict = Verdict.ACCEPTED_WITH_ERRORS if codes and interchange.verdict is Verdict.ACCEPTED else interchange.verdict
    elements = interchange.elements
    return Segment(["TA1", elements[12], elements[8], elements[9], verdict.letter, codes[0] if codes else NO_ERROR])


@dataclass(frozen=True, slots=True)
class _Writer:
    form: Form
    detail: Detail
    delimiters: Delimiters

    def group(self, group: Group) -> Acknowledgment:
        accepted = sum(one.verdict is not Verdict.REJECTED for one in group.sets)
        verdict = _group_verdict(group, accepted)
        codes = self._codes(group.faults, Note.GROUP)
        declared = group.declared_sets or ""
        included = declared if declared.isascii() and declared.isdecimal() and len(declared) <= 6 else str(group.received_sets)
        release = [group.release] if self.form is Form.IMPLEMENTATION else []
        body = Loop(
            self.form.value,
            [
                Segment(["AK1", group.functional_id, group.control, *release]),
                *(self._set(one) for one in group.sets if self._is_told(one)),
                Segment(["AK9", verdict, included, str(group.received_sets), str(accepted), *codes]),
            ],
        )
        return Acknowledgment(group=group, form=self.form, verdict=verdict, body=body)

    def _is_told(self, one: TransactionSet) -> bool:
        if self.detail is Detail.FAULTY_SETS:
            return one.verdict is not Verdict.ACCEPTED
        return self.detail is Detail.EVERY_SET

    def _set(self, one: TransactionSet) -> Loop:
        notes = list(self._segment_notes(one.faults))
        if self.form is Form.IMPLEMENTATION:
            self._add_business_unit(one, notes)
        codes = self._codes(one.faults, Note.SET)
        if notes:
            codes = [*codes[: _MOST_CODES - 1], self._of_segments(one.faults)]
        trailer = Segment([self._tag("AK5"), one.verdict.letter, *codes])
        convention = [one.convention] if one.convention and self.form is Form.IMPLEMENTATION else []
        return Loop("AK2", [Segment(["AK2", one.set_id, one.control, *convention]), *notes, trailer])

    def _add_business_unit(self, one: TransactionSet, notes: Sequence[Loop]) -> None:
        """Puts the document's number into the notes on the segments from the one that has it on."""
        number = business_number(one) if notes else None
        if number is None or not self._safe(number.value):
            return
        for note in notes:
            head = note.children[0]
            if isinstance(head, Segment) and int(str(head[2])) >= number.position:
                note.children.insert(1, business_unit(number))

    def _of_segments(self, faults: Sequence[Fault]) -> str:
        """The set's code for what is wrong with its segments."""
        of_segments = (fault for fault in _told(faults) if fault.code.startswith(("X12-4", "X12-5")))
        if self.form is Form.IMPLEMENTATION and all(map(is_of_guide, of_segments)):
            return SET_HAS_GUIDE_FAULTS
        return SET_HAS_SEGMENT_FAULTS

    def _codes(self, faults: Iterable[Fault], note: Note) -> list[str]:
        found = (ack_code(fault, self.form) for fault in _told(faults))
        return list(dict.fromkeys(one.code for one in found if one and one.note is note))[:_MOST_CODES]

    def _segment_notes(self, faults: Sequence[Fault]) -> Iterator[Loop]:
        """A loop for each fault of a segment, and one for all faults of its elements."""
        for position, group in groupby(_told(faults), key=lambda fault: fault.place.position):
            of_elements: list[Fault] = []
            for fault in group:
                found = ack_code(fault, self.form)
                if found and found.note is Note.SEGMENT:
                    yield Loop(self._tag("AK3"), [self._segment_note(fault, position, found.code)])
                elif found and found.note is Note.ELEMENT:
                    of_elements.append(fault)
            if of_elements:
                head = self._segment_note(of_elements[0], position, SEGMENT_HAS_ELEMENT_FAULTS)
                yield self._element_notes(head, of_elements[:_MOST_ELEMENT_NOTES])

    def _segment_note(self, fault: Fault, position: int | None, code: str) -> Segment:
        loop = (fault.place.loop or "").rpartition("/")[2]
        tag = "".join(character for character in fault.place.segment or "" if character.isascii() and character.isalnum())
        return Segment([self._tag("AK3"), tag[:3].ljust(2, "?"), str(position or 1), loop[:4], code])

    def _element_notes(self, head: Segment, faults: Sequence[Fault]) -> Loop:
        if self.form is Form.IMPLEMENTATION:
            return Loop("IK3", [head, *(Loop("IK4", [self._element_note(fault), *triggers(fault, head)]) for fault in faults)])
        return Loop("AK3", [head, *(self._element_note(fault) for fault in faults)])

    def _element_note(self, fault: Fault) -> Segment:
        place, found = fault.place, ack_code(fault, self.form)
        reference = dict(fault.detail).get("reference", "")
        numbers = (place.element, place.component, place.repetition if self.form is Form.IMPLEMENTATION else None)
        position = [str(number) if number is not None else "" for number in numbers]
        while position and not position[-1]:
            position.pop()
        where: Element = tuple(position)
        code = found.code if found else ""
        elements: list[Element] = [self._tag("AK4"), where, reference if reference.isdecimal() else "", code]
        return Segment([*elements, self._safe(fault.value or "")[:_MOST_COPIED]])

    def _safe(self, value: str) -> str:
        """A value that may be copied into the acknowledgment, "" where it may not."""
        is_safe = value.isascii() and value.isprintable() and not set(value) & set(self.delimiters.all)
        return value if is_safe else ""

    def _tag(self, tag: str) -> str:
        return "I" + tag[1:] if self.form is Form.IMPLEMENTATION else tag


def _told(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Faults that an acknowledgment speaks of: notes are between us and our operator."""
    return (fault for fault in faults if fault.severity is not Severity.NOTE)


def _group_verdict(group: Group, accepted: int) -> str:
    if group.verdict is Verdict.REJECTED or (group.sets and not accepted):
        return "R"
    if accepted < len(group.sets):
        return "P"
    is_noted = group.verdict is not Verdict.ACCEPTED or any(one.verdict is not Verdict.ACCEPTED for one in group.sets)
    return "E" if is_noted else "A"
