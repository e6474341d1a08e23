"""Reading one interchange: its groups and sets are delimited, counted and handed on, each as soon as it is complete."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields
from typing import Any, NamedTuple

from edi_gateway.faults import Fault, Place
from edi_gateway.tree import Segment
from edi_gateway.x12.check import is_date, is_time
from edi_gateway.x12.diagnose import SHOWN
from edi_gateway.x12.interchange import Group, GroupHeader, Interchange, InterchangeHeader, TransactionSet
from edi_gateway.x12.isa import is_control_number
from edi_gateway.x12.judge import Judge, counts
from edi_gateway.x12.lexis import element_offset, lexis_of
from edi_gateway.x12.rules import Rules
from edi_gateway.x12.schema import RELEASE_LENGTH, Library
from edi_gateway.x12.source import Source

_LONGEST_ENVELOPE_SEGMENT = 4096
_END_OF_FILE = b"\x1a\x00"
_GROUP_ELEMENTS = 8
_TRAILER_ELEMENTS = 2
_BLANKS = re.compile(rb"[ \t\r\n]*")
_NO_GROUP = GroupHeader(functional_id="", sender="", receiver="", date="", time="", control="", release="", elements=(), offset=0)

_GROUP_RULES: tuple[tuple[int, str, Callable[[str], bool], str], ...] = (
    (2, "Application Sender's Code", lambda value: 2 <= len(value) <= 15, "not of 2 to 15 characters"),
    (3, "Application Receiver's Code", lambda value: 2 <= len(value) <= 15, "not of 2 to 15 characters"),
    (4, "Date", is_date, "not a date (CCYYMMDD)"),
    (5, "Time", is_time, "not a time (HHMM)"),
    (7, "Responsible Agency Code", lambda value: value in ("X", "T"), "neither X nor T"),
)


class _Found(NamedTuple):
    """A segment of the envelope: its elements, the tag first, and where it begins and ends in the window."""

    elements: list[str]
    start: int
    end: int

    @property
    def tag(self) -> str:
        return self.elements[0]

    def get(self, number: int) -> str:
        return self.elements[number] if number < len(self.elements) else ""


class InterchangeReader:
    """Reads what follows an ISA segment up to IEA, or to where the interchange breaks off."""

    def __init__(self, source: Source, library: Library, rules: Rules, header: InterchangeHeader, faults: Sequence[Fault]) -> None:
        self._source = source
        self._library = library
        self._rules = rules
        self._header = header
        self._faults: list[Fault] = [fault.at(interchange=header.control_number) for fault in faults]
        self._lexis = lexis_of(header.delimiters, rules.charset)
        self._ta1s: list[Segment] = []
        self._controls: set[str] = set()
        self._groups = 0
        self._is_astray = False
        self._set_start = b"ST" + self._lexis.separator

    def events(self) -> Iterator[TransactionSet | Group | Interchange]:
        """The sets, the groups without their sets, and last the interchange without its groups."""
        trailer: Segment | None = None
        while True:
            found = self._peek()
            if found is None or found.tag == "ISA":
                self._faults.append(self._fault("X12-110", found, "IEA"))
                break
            if found.tag in ("GS", "ST"):
                self._groups += 1
                yield from self._group(found)
                continue
            self._source.at = found.end
            if found.tag == "IEA":
                trailer = self._segment(found)
                self._faults += self._trailer_faults(found)
                break
            if found.tag == "TA1":
                self._is_astray = False
                self._ta1s.append(self._segment(found))
            else:
                self._faults += self._misplaced(found)
        yield Interchange(
            **_header_fields(self._header),
            ta1s=tuple(self._ta1s),
            faults=tuple(self._faults),
            verdict=self._rules.verdict(self._faults),
            trailer=trailer,
            length=self._source.offset(self._source.at) - self._header.offset,
        )

    def _trailer_faults(self, found: _Found) -> Iterator[Fault]:
        if not counts(found.get(1), self._groups):
            yield self._fault("X12-112", found, "IEA", 1, found.get(1), count=self._groups)
        given, expected = found.get(2).strip(), self._header.control_number
        if given != expected:
            code = "X12-120" if _are_same_number(given, expected) else "X12-111"
            yield self._fault(code, found, "IEA", 2, found.get(2), expected=expected)
        yield from self._surplus(found, _TRAILER_ELEMENTS)

    def _group(self, first: _Found) -> Iterator[TransactionSet | Group]:
        header, faults = self._open_group(first)
        judge = Judge(self._library, self._rules, self._lexis, self._source.wrap, self._header, header)
        count, trailer = 0, None
        while True:
            self._source.forget()
            is_at_set = self._source.window.startswith(self._set_start, self._source.at)
            found = None if is_at_set else self._peek()
            if is_at_set or (found is not None and found.tag == "ST"):
                count += 1
                yield self._set(judge)
                continue
            if found is None or found.tag in ("GS", "IEA", "ISA"):
                if header.elements:
                    faults.append(self._fault("X12-203", found, "GE").at(group=header.control))
                break
            self._source.at = found.end
            if found.tag == "GE":
                self._is_astray = False
                trailer = self._segment(found)
                faults += self._group_trailer_faults(found, header, count)
                break
            faults += (fault.at(group=header.control) for fault in self._misplaced(found))
        yield Group(
            **_header_fields(header),
            faults=tuple(faults),
            verdict=self._rules.verdict(faults),
            trailer=trailer,
            received_sets=count,
            length=self._source.offset(self._source.at) - header.offset,
        )

    def _open_group(self, first: _Found) -> tuple[GroupHeader, list[Fault]]:
        offset = self._source.offset(first.start)
        self._is_astray = False
        if first.tag != "GS":
            fields_of_none = {**_header_fields(_NO_GROUP), "offset": offset}
            self._faults.append(self._fault("X12-209", first, "GS"))
            return GroupHeader(**fields_of_none), []
        self._source.at = first.end
        value = [first.get(number).strip() for number in range(9)]
        header = GroupHeader(
            functional_id=value[1],
            sender=value[2],
            receiver=value[3],
            date=value[4],
            time=value[5],
            control=value[6],
            release=value[8],
            elements=tuple(first.elements[1:]),
            offset=offset,
        )
        if not header.is_answerable:
            self._faults.append(self._fault("X12-211", first, "GS", None, self._header.delimiters.element.join(first.elements)))
            return header, []
        return header, [fault.at(group=header.control) for fault in self._group_faults(first, header)]

    def _group_faults(self, found: _Found, header: GroupHeader) -> Iterator[Fault]:
        release = self._rules.release or header.release
        if not self._library.supports(release):
            yield self._fault("X12-201", found, "GS", 8, header.release)
        elif header.functional_id not in self._library.functional_ids(release):
            yield self._fault("X12-202", found, "GS", 1, header.functional_id, release=release[:RELEASE_LENGTH])
        if not is_control_number(header.control):
            yield self._fault("X12-206", found, "GS", 6, header.control)
        elif header.control in self._controls:
            yield self._fault("X12-207", found, "GS", 6, header.control)
        self._controls.add(header.control)
        for number, name, is_good, why in _GROUP_RULES:
            if not is_good(found.get(number).strip()):
                yield self._fault("X12-208", found, "GS", number, found.get(number), name=name, why=why)
        yield from self._surplus(found, _GROUP_ELEMENTS)

    def _group_trailer_faults(self, found: _Found, header: GroupHeader, count: int) -> Iterator[Fault]:
        if not counts(found.get(1), count):
            yield self._fault("X12-205", found, "GE", 1, found.get(1), count=count).at(group=header.control)
        given = found.get(2).strip()
        if header.is_answerable and given != header.control and not _are_same_number(given, header.control):
            yield self._fault("X12-204", found, "GE", 2, found.get(2), expected=header.control).at(group=header.control)
        for fault in self._surplus(found, _TRAILER_ELEMENTS):
            yield fault.at(group=header.control)

    def _set(self, judge: Judge) -> TransactionSet:
        """The set that begins here, to SE or to where it breaks off; the window moves past it."""
        source, start = self._source, self._source.at
        self._is_astray = False
        at, has_trailer = start, False
        while True:
            boundary = self._lexis.boundary.search(source.window, at)
            if boundary is None:
                at = max(source.window.rfind(self._lexis.terminator, at), at)
                if source.fill():
                    continue
                end = len(source.window)
                stop = end - (source.window[-1:] == self._lexis.terminator)
                break
            tag, end = boundary.group(2), boundary.start() + 1
            if tag in (b"BIN", b"BDS"):
                at = self._after_binary(boundary.start(1))
                continue
            stop = boundary.start()
            if tag == b"SE":
                has_trailer = True
                stop = source.find(self._lexis.terminator, boundary.start(1))
                stop = len(source.window) if stop < 0 else stop
                end = min(stop + 1, len(source.window))
            break
        source.at = end
        return judge.judge(source.window[start:stop], source.absolute(start), has_trailer=has_trailer)

    def _after_binary(self, start: int) -> int:
        """Where to look on after a BIN or BDS segment, its data passed over by its declared length."""
        source = self._source
        while source.fill() and len(source.window) - start < 64:
            pass
        end = self._lexis.binary_end(source.window, start)
        if end is None:
            return start
        while end >= len(source.window) and source.fill():
            end = self._lexis.binary_end(source.window, start) or end
        return end

    def _peek(self) -> _Found | None:
        """The next segment, blanks before it passed over; None at the end."""
        source = self._source
        while True:
            match = _BLANKS.match(source.window, source.at)
            source.at = match.end() if match else source.at
            if source.at < len(source.window) or not source.fill():
                break
        source.forget()
        start = source.at
        if start >= len(source.window) or source.window[start] in _END_OF_FILE:
            return None
        end = source.find(self._lexis.terminator, start)
        stop = len(source.window) if end < 0 else end
        text = source.window[start : min(stop, start + _LONGEST_ENVELOPE_SEGMENT)].decode("latin-1")
        elements = text.rstrip("\r\n \t").split(self._header.delimiters.element)
        return _Found(elements=elements, start=start, end=min(stop + 1, len(source.window)))

    def _segment(self, found: _Found) -> Segment:
        return Segment(found.elements, 0, self._source.offset(found.start))

    def _misplaced(self, found: _Found) -> Iterator[Fault]:
        """A fault for a segment that stands outside every set, and none for those that follow it."""
        if not self._is_astray:
            tag = found.tag if found.tag.isalnum() and len(found.tag) <= 3 else ""
            yield self._fault("X12-113", found, tag, None, self._header.delimiters.element.join(found.elements)[:SHOWN])
        self._is_astray = True

    def _surplus(self, found: _Found, limit: int) -> Iterator[Fault]:
        """A fault for an envelope segment with more elements than it has."""
        count = len(found.elements) - 1
        if count > limit:
            yield self._fault("X12-114", found, found.tag, limit + 1, found.get(limit + 1), count=count, limit=limit)

    def _fault(
        self, code: str, found: _Found | None, tag: str, element: int | None = None, value: str | None = None, **detail: object
    ) -> Fault:
        at = found.start + element_offset(found.elements, element or 0) if found else len(self._source.window)
        offset = self._source.offset(at)
        place = Place(interchange=self._header.control_number, segment=tag or None, element=element, offset=offset)
        return Fault.of(code, place, value if value is None else value[:SHOWN], **detail)


def _are_same_number(one: str, other: str) -> bool:
    """Whether two control numbers differ by nothing but leading zeros."""
    return is_control_number(one) and is_control_number(other) and int(one) == int(other)


_FIELDS = {kind: tuple(field.name for field in fields(kind)) for kind in (InterchangeHeader, GroupHeader)}


def _header_fields(header: InterchangeHeader | GroupHeader) -> dict[str, Any]:
    """A header's values by name, for the value that begins with them."""
    return {name: getattr(header, name) for name in _FIELDS[type(header)]}
