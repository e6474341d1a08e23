"""Reading interchanges: bytes in, judged sets, groups and interchanges out, whatever the bytes are."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

from edi_gateway.faults import Fault, Place
from edi_gateway.x12.envelope import InterchangeReader
from edi_gateway.x12.interchange import Group, Interchange, InterchangeHeader, Reading, TransactionSet
from edi_gateway.x12.isa import Broken, read_isa, wrap_width
from edi_gateway.x12.lexis import element_offset
from edi_gateway.x12.rules import Rules, Verdict
from edi_gateway.x12.schema import Library
from edi_gateway.x12.source import Source

Event: TypeAlias = TransactionSet | Group | Interchange | Fault
"""What a stream gives, each when it is complete: sets, then their group (without its sets), then the interchange
(without its groups); faults are those outside every interchange."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FILLING = re.compile(rb"[\s\x00\x1a]*")
_INTERCHANGE = re.compile(rb"ISA[^A-Za-z0-9\s]")
_OTHER_KINDS = (
    (b"\xff\xfe", "UTF-16 text"),
    (b"\xfe\xff", "UTF-16 text"),
    (b"I\x00S\x00A\x00", "UTF-16 text"),
    (b"\x00I\x00S\x00A", "UTF-16 text"),
    (b"\xc9\xe2\xc1", "EBCDIC text"),
    (b"UNA", "EDIFACT"),
    (b"UNB", "EDIFACT"),
    (b"STX", "TRADACOMS"),
    (b"<", "XML or HTML"),
    (b"{", "JSON"),
    (b"[", "JSON"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"\x1f\x8b", "gzip"),
    (b"%PDF", "a PDF document"),
)
_PROBE = 1024
_KEPT_CUT = 1 << 20
"""Bytes of sets that are kept as they were cut."""


def read(content: bytes, library: Library, *, rules: Rules | None = None) -> Reading:
    """Everything that some bytes hold. Never raises for any bytes: what is wrong is among the faults."""
    return read_chunks([content], library, rules=rules)


def read_chunks(chunks: Iterable[bytes], library: Library, *, rules: Rules | None = None) -> Reading:
    """As `read`, of bytes that arrive in chunks, so that what is no X12 is never in memory whole.

    Of a long content the first sets are kept as they were cut, all others packed.
    """
    interchanges: list[Interchange] = []
    groups: list[Group] = []
    sets: list[TransactionSet] = []
    faults: list[Fault] = []
    size = 0
    for event in stream(chunks, library, rules=rules):
        match event:
            case TransactionSet():
                size += event.length
                sets.append(event if size <= _KEPT_CUT else event.packed())
            case Group():
                groups.append(replace(event, sets=_under(event.verdict, sets)))
                sets.clear()
            case Interchange():
                interchanges.append(replace(event, groups=_groups_under(event.verdict, groups)))
                groups.clear()
            case Fault():
                faults.append(event)
    return Reading(interchanges=tuple(interchanges), faults=tuple(faults))


def _under(verdict: Verdict, sets: Sequence[TransactionSet]) -> tuple[TransactionSet, ...]:
    """The sets, rejected where what is around them is."""
    if verdict is not Verdict.REJECTED:
        return tuple(sets)
    return tuple(replace(one, verdict=Verdict.REJECTED) for one in sets)


def _groups_under(verdict: Verdict, groups: Sequence[Group]) -> tuple[Group, ...]:
    """The groups, their sets rejected where the interchange is."""
    if verdict is not Verdict.REJECTED:
        return tuple(groups)
    return tuple(replace(group, sets=_under(verdict, group.sets)) for group in groups)


def stream(chunks: Iterable[bytes], library: Library, *, rules: Rules | None = None) -> Iterator[Event]:
    """The same from bytes that arrive in chunks, holding no more than the largest set and a few chunks at a time.

    Shape:  a set comes before its trailers are seen, so its verdict is on itself alone; the group's and the interchange's
            verdicts, which come later, may reject it with them.
    """
    return _Reader(Source(chunks), library, rules or Rules()).events()


class _Reader:
    """Reads one source from its start to its end."""

    def __init__(self, source: Source, library: Library, rules: Rules) -> None:
        self._source = source
        self._library = library
        self._rules = rules
        self._numbers: set[tuple[str, ...]] = set()

    def events(self) -> Iterator[Event]:
        """Everything to the end. What follows an ISA without delimiters is passed over without a word: the ISA's fault says why."""
        source = self._source
        source.need(_PROBE)
        if source.window.startswith(_BYTE_ORDER_MARK):
            source.at = len(_BYTE_ORDER_MARK)
            yield Fault.of("X12-115", Place(offset=0))
        is_first, is_broken = True, False
        while True:
            passed = list(self._skip_to_interchange(is_first))
            yield from () if is_broken else passed
            if source.at >= len(source.window):
                return
            is_first, is_broken = False, False
            for event in self._interchange():
                yield event
                is_broken = isinstance(event, Fault)

    def _skip_to_interchange(self, is_first: bool) -> Iterator[Fault]:
        """Moves on to the next ISA or the end, with a fault for what was passed over."""
        source = self._source
        begin = source.offset(source.at)
        filling = self._pass_filling()
        source.need(_PROBE)
        at = source.at
        if at >= len(source.window):
            if is_first:
                yield Fault.of("X12-101", Place(offset=0), size=source.absolute(at))
            elif filling.strip():
                yield Fault.of("X12-117", Place(offset=begin), size=len(filling))
            return
        if _INTERCHANGE.match(source.window, at):
            return
        place, value = Place(offset=source.offset(at)), source.window[at : at + 40].decode("latin-1")
        kind = next((kind for mark, kind in _OTHER_KINDS if source.window.startswith(mark, at)), None)
        size = self._pass_unknown()
        if not is_first or source.at < len(source.window):
            yield Fault.of("X12-103", place, value[:size], size=size)
        elif kind is not None:
            yield Fault.of("X12-102", place, value, kind=kind)
        else:
            yield Fault.of("X12-101", place, value, size=size)

    def _pass_filling(self) -> bytes:
        """Passes over blanks, line ends, NULs and ^Z."""
        source, passed = self._source, b""
        while True:
            match = _FILLING.match(source.window, source.at)
            text = match.group() if match else b""
            passed += text
            source.at += len(text)
            source.forget()
            if source.at < len(source.window) or not source.fill():
                return passed

    def _pass_unknown(self) -> int:
        """Passes over everything up to the next ISA; gives how many bytes that were."""
        source, size = self._source, 0
        while True:
            ahead = _INTERCHANGE.search(source.window, source.at)
            until = ahead.start() if ahead else max(len(source.window) - 3, source.at)
            size += until - source.at
            source.at = until
            if ahead:
                return size
            source.forget()
            if not source.fill():
                size += len(source.window) - source.at
                source.at = len(source.window)
                return size

    def _interchange(self) -> Iterator[Event]:
        source = self._source
        source.forget()
        source.need(_PROBE)
        begin = source.offset(source.at)
        head = source.window[source.at : source.at + _PROBE]
        notes = []
        if (wrapped := wrap_width(head)) is not None:
            source.join_lines()
            source.need(_PROBE)
            head = source.window[source.at : source.at + _PROBE]
            notes.append(Fault.of("X12-116", Place(offset=begin), width=wrapped))
        start, isa = source.at, read_isa(head, begin)
        if isinstance(isa, Broken):
            source.at += len(b"ISA")
            yield _placed(isa.fault, source, start)
            return
        source.at += isa.length
        notes += [_placed(fault, source, start) for fault in (*isa.faults, *self._repeated(isa.header))]
        yield from InterchangeReader(source, self._library, self._rules, isa.header, notes).events()

    def _repeated(self, header: InterchangeHeader) -> Iterator[Fault]:
        """A fault where the sender's number stands on an interchange before this one."""
        number = (header.sender_qualifier, header.sender, header.receiver_qualifier, header.receiver, header.control_number)
        if number in self._numbers:
            place = Place(
                interchange=header.control_number,
                segment="ISA",
                position=1,
                element=13,
                offset=element_offset(("ISA", *header.elements), 13),
            )
            yield Fault.of("X12-121", place, header.control_number)
        self._numbers.add(number)


def _placed(fault: Fault, source: Source, start: int) -> Fault:
    """A fault of an ISA that begins at `start` of the window, with its offset in the content that was read."""
    return fault.at(offset=source.offset(start + (fault.place.offset or 0)))
