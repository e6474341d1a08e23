"""What a reading gives: interchanges, functional groups and transaction sets, as values.

All offsets count bytes in the content that was read, from zero.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from edi_gateway.faults import Fault, Severity
from edi_gateway.shape import Shape
from edi_gateway.tree import Loop, Segment
from edi_gateway.x12.delimiters import Delimiters
from edi_gateway.x12.rules import Verdict
from edi_gateway.x12.text import SetText


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeHeader:
    """An ISA segment, its values without padding. `elements` are ISA01 to ISA16 as they stood."""

    delimiters: Delimiters
    sender_qualifier: str
    sender: str
    receiver_qualifier: str
    receiver: str
    date: str
    time: str
    version: str
    control_number: str
    ack_requested: bool
    usage: str
    elements: tuple[str, ...]
    offset: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupHeader:
    """A GS segment. `elements` are GS01 to GS08 as they stood; all is "" where transaction sets came without a GS."""

    functional_id: str
    sender: str
    receiver: str
    date: str
    time: str
    control: str
    release: str
    elements: tuple[str, ...]
    offset: int

    @property
    def is_answerable(self) -> bool:
        """Whether an acknowledgment can name it: AK101 has two characters, AK102 one to nine."""
        name = self.functional_id + self.control
        return len(self.functional_id) == 2 and 1 <= len(self.control) <= 9 and name.isascii() and name.isalnum()


@dataclass(frozen=True, kw_only=True)
class TransactionSet:
    """One transaction set, read and judged.

    Shape:  `release` is what it was read as (GS08, or what the rules say); `shape` is None where there is no schema for it.
    """

    set_id: str
    control: str
    release: str
    interchange: InterchangeHeader
    group: GroupHeader
    shape: Shape | None
    faults: tuple[Fault, ...]
    verdict: Verdict
    offset: int
    length: int
    text: SetText

    @cached_property
    def segments(self) -> tuple[Segment, ...]:
        """Every segment, ST and SE among them, each with its position and offset; elements as they stood."""
        return self.text.segments()

    @property
    def segment_count(self) -> int:
        """How many segments there are, ST and SE among them."""
        return len(self.text.cut.pieces)

    def first(self, tag: str) -> Segment | None:
        """The first segment of a tag, None where there is none."""
        return self.text.first(tag)

    @property
    def convention(self) -> str:
        """ST03, the reference of the implementation convention that the set keeps to; "" where there is none."""
        return "".join(self.text.cut.pieces[0].split(self.interchange.delimiters.element)[3:4])

    def packed(self) -> "TransactionSet":
        """The same in less memory: its segments are cut anew when they are asked for."""
        return replace(self, text=replace(self.text, kept=None))

    def unpacked(self) -> "TransactionSet":
        """The same, cut once for all that is asked of it."""
        return self if self.text.kept else replace(self, text=replace(self.text, kept=self.text.cut))

    def tree(self) -> Loop:
        """The set's body as a tree: HL loops nested by HL02, composites as tuples, unknown segments where they stood.

        A new tree at every call, so that the caller may change it. A set without a shape gives its segments in one loop.
        """
        return self.text.tree(self.set_id)

    def locate(self, fault: Fault) -> Fault:
        """A fault found in the tree, at this set and at the byte of the element that it names."""
        place, offset = fault.place, fault.place.offset
        if place.position is not None and place.element is not None:
            offset = self.text.offset_of(place.position, place.element, place.component, place.repetition)
        return fault.at(set_id=self.set_id, set_control=self.control, offset=offset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(GroupHeader):
    """A functional group.

    Shape:  `verdict` is on the group's own envelope; where it rejects, all its sets are rejected. `declared_sets` is GE01 as
            it stood, None without a GE; `received_sets` counts what came; `trailer` is the GE segment.
    """

    sets: tuple[TransactionSet, ...] = ()
    faults: tuple[Fault, ...] = ()
    verdict: Verdict = Verdict.ACCEPTED
    trailer: Segment | None = None
    received_sets: int = 0
    length: int = 0

    @property
    def declared_sets(self) -> str | None:
        return None if self.trailer is None else str(self.trailer.get(1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Interchange(InterchangeHeader):
    """An interchange.

    Shape:  `verdict` is on the interchange's own envelope; where it rejects, all its sets are rejected. `ta1s` are its TA1
            segments; `trailer` is the IEA segment, None without one.
    """

    groups: tuple[Group, ...] = ()
    ta1s: tuple[Segment, ...] = ()
    faults: tuple[Fault, ...] = ()
    verdict: Verdict = Verdict.ACCEPTED
    trailer: Segment | None = None
    length: int = 0

    @property
    def sets(self) -> tuple[TransactionSet, ...]:
        """The transaction sets of all groups."""
        return tuple(one for group in self.groups for one in group.sets)

    def all_faults(self) -> Iterator[Fault]:
        """Its own faults, then its groups' and their sets'."""
        yield from self.faults
        for group in self.groups:
            yield from group.faults
            for one in group.sets:
                yield from one.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """All that some bytes held. `faults` are those outside every interchange."""

    interchanges: tuple[Interchange, ...]
    faults: tuple[Fault, ...]

    def all_faults(self) -> Iterator[Fault]:
        """Every fault, in the order of the content's parts."""
        yield from self.faults
        for interchange in self.interchanges:
            yield from interchange.all_faults()

    @property
    def is_clean(self) -> bool:
        """Whether nothing worse than notes was found."""
        return all(fault.severity is Severity.NOTE for fault in self.all_faults())
