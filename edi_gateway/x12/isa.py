"""Reading an ISA segment: the delimiters it brings, and what is wrong with its elements."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from edi_gateway.faults import Fault, Place
from edi_gateway.x12.check import is_date, is_time
from edi_gateway.x12.delimiters import Delimiters, is_ordinary
from edi_gateway.x12.interchange import InterchangeHeader
from edi_gateway.x12.lexis import element_offset

LENGTH = 106
WIDTHS = (2, 10, 2, 10, 2, 15, 2, 15, 6, 4, 1, 5, 9, 1, 1, 1)
"""The fixed lengths of ISA01 to ISA16."""

NAMES = (
    "Authorization Information Qualifier",
    "Authorization Information",
    "Security Information Qualifier",
    "Security Information",
    "Interchange ID Qualifier",
    "Interchange Sender ID",
    "Interchange ID Qualifier",
    "Interchange Receiver ID",
    "Interchange Date",
    "Interchange Time",
    "Repetition Separator",
    "Interchange Control Version Number",
    "Interchange Control Number",
    "Acknowledgment Requested",
    "Usage Indicator",
    "Component Element Separator",
)

REPEATS_FROM = "00402"
"""Before this version ISA11 is a standards identifier, not the repetition separator."""

_NO_COMPONENT = "\x1f"
"""Stands in for a component separator that is missing: a control character that no data holds."""

_SEPARATORS_AT = tuple(3 + sum(WIDTHS[:count]) + count for count in range(16))
_QUALIFIERS = frozenset((*(f"{number:02}" for number in (*range(1, 5), *range(7, 39))), "AM", "NR", "SA", "SN", "ZZ"))
_VERSION = re.compile(r"00[2-9]0[0-9]").fullmatch
_LINE_END = re.compile(rb"\r?\n|\r")


@dataclass(frozen=True, slots=True, kw_only=True)
class Isa:
    """An ISA segment as found: its header, how many bytes it takes with its terminator, and its faults.

    Units:  the faults' offsets count from the segment's first byte.
    """

    header: InterchangeHeader
    length: int
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """An ISA segment that gives no usable delimiters: why. Its offset too counts from the segment's first byte."""

    fault: Fault


def is_fixed(content: bytes) -> bool:
    """Whether the bytes begin with an ISA segment of the fixed layout."""
    return _has_separators(content) and len(content) >= LENGTH and content.count(content[3], 0, LENGTH - 1) == len(WIDTHS)


def _has_separators(content: bytes) -> bool:
    """Whether the element separator stands wherever the fixed layout has it."""
    return len(content) > _SEPARATORS_AT[-1] and all(content[at] == content[3] for at in _SEPARATORS_AT)


def wrap_width(content: bytes) -> int | None:
    """The width of the first line where an ISA segment is broken across lines; None where it is not."""
    found = _LINE_END.search(content[: LENGTH - 1])
    if found is None or is_fixed(content) or not is_fixed(content.translate(None, b"\r\n")):
        return None
    return found.start()


def read_isa(content: bytes, offset: int) -> Isa | Broken:
    """The ISA segment that `content` begins with, at its fixed layout or, where padding is missing, by its separators."""
    place = Place(segment="ISA", offset=0)
    separator = content[3:4].decode("latin-1")
    if not separator or is_ordinary(separator) or separator in "\r\n":
        return Broken(fault=Fault.of("X12-105", place, separator))
    if is_fixed(content):
        elements, end = content[4:105].decode("latin-1").split(separator), 105
    else:
        elements = content[4:].decode("latin-1").split(separator)[:16]
        end = 4 + sum(len(element) + 1 for element in elements[:15]) + 1
        elements[15:] = [one[:1] or separator for one in elements[15:]]
        if len(elements) < 16 or any(len(element) > 60 for element in elements):
            return Broken(fault=Fault.of("X12-104", place))
    terminator = content[end : end + 1].decode("latin-1")
    lacking: tuple[Fault, ...] = ()
    if _lacks_component(content, end, elements[15], terminator):
        lacking = (Fault.of("X12-119", Place(segment="ISA", element=16, offset=end - 1), elements[15]),)
        elements[15], terminator, end = _NO_COMPONENT, elements[15], end - 1
    if broken := _unusable(separator, elements[15], terminator):
        if not _has_separators(content):
            return Broken(fault=Fault.of("X12-104", place))
        return Broken(fault=Fault.of(broken[0], place, broken[1], why=broken[2]))
    delimiters = Delimiters(
        element=separator,
        component=elements[15],
        terminator=terminator,
        repetition=_repetition(elements, separator + elements[15] + terminator),
        line_end=_line_end(content, end + 1, terminator),
    )
    header = _header(delimiters, tuple(elements), offset)
    return Isa(header=header, length=end + 1, faults=(*lacking, *_faults(header.elements)))


def _line_end(content: bytes, at: int, terminator: str) -> str:
    """What follows a terminator. After one that is a line end itself comes a blank line; only CR and LF are one line end together."""
    found = _LINE_END.match(content, at)
    text = found.group().decode("latin-1") if found else ""
    return text if terminator not in "\r\n" or terminator + text[:1] == "\r\n" else ""


def _lacks_component(content: bytes, end: int, component: str, terminator: str) -> bool:
    """Whether ISA16 is empty, so that what stands in its place is the terminator: the next line too ends in that character."""
    if terminator not in "\r\n" or is_ordinary(component):
        return False
    following = content[end + 1 :].lstrip(b"\r\n").splitlines()
    return len(following) > 1 and following[0].rstrip(b" ").endswith(component.encode("latin-1"))


def _unusable(separator: str, component: str, terminator: str) -> tuple[str, str, str] | None:
    if not terminator:
        return "X12-107", terminator, "the end of the file"
    if is_ordinary(terminator):
        return "X12-107", terminator, "a letter, a digit or a blank"
    if terminator == separator:
        return "X12-107", terminator, "the element separator"
    if component in (separator, terminator):
        return "X12-106", component, "another delimiter too"
    return None


def _repetition(elements: list[str], taken: str) -> str | None:
    """The repetition separator, where the version has one and ISA11 holds a character that can be one."""
    given = elements[10]
    if elements[11] < REPEATS_FROM or len(given) != 1 or is_ordinary(given) or given in taken:
        return None
    return given


def _header(delimiters: Delimiters, elements: tuple[str, ...], offset: int) -> InterchangeHeader:
    value = [element.strip() for element in elements]
    return InterchangeHeader(
        delimiters=delimiters,
        sender_qualifier=value[4],
        sender=value[5],
        receiver_qualifier=value[6],
        receiver=value[7],
        date=value[8],
        time=value[9],
        version=value[11],
        control_number=value[12],
        ack_requested=value[13] == "1",
        usage=value[14],
        elements=elements,
        offset=offset,
    )


def is_control_number(value: str) -> bool:
    return value.isascii() and value.isdecimal() and 1 <= len(value) <= 9


_RULES: Mapping[int, tuple[Callable[[str], bool], str]] = {
    1: (lambda value: value in {f"0{digit}" for digit in range(9)}, "not one of 00 to 08"),
    3: (lambda value: value in ("00", "01"), "neither 00 nor 01"),
    5: (_QUALIFIERS.__contains__, "not a qualifier"),
    6: (lambda value: bool(value.strip()), "blank"),
    7: (_QUALIFIERS.__contains__, "not a qualifier"),
    8: (lambda value: bool(value.strip()), "blank"),
    9: (lambda value: len(value) == 6 and is_date(value), "not a date (YYMMDD)"),
    10: (lambda value: len(value) == 4 and is_time(value), "not a time (HHMM)"),
    12: (lambda value: _VERSION(value) is not None, "not a version such as 00401"),
    13: (is_control_number, "not a number of nine digits"),
    14: (lambda value: value in ("0", "1"), "neither 0 nor 1"),
    15: (lambda value: value in ("P", "T", "I"), "not P, T or I"),
}


def _faults(elements: tuple[str, ...]) -> tuple[Fault, ...]:
    """What is wrong with the elements; a fault's offset counts from the segment's first byte."""
    return tuple(
        fault.at(offset=element_offset(("ISA", *elements), number))
        for number, element in enumerate(elements, 1)
        for fault in (*_faults_of(number, element), *(_faults_of_standard(element, elements[11]) if number == 11 else ()))
    )


@lru_cache(maxsize=4096)
def _faults_of(number: int, element: str) -> tuple[Fault, ...]:
    """What is wrong with one element. Remembered, since a partner's ISA hardly changes from one interchange to the next."""
    place = Place(segment="ISA", position=1, element=number)
    faults = []
    width, (is_good, why) = WIDTHS[number - 1], _RULES.get(number, (_anything, ""))
    if len(element) != width:
        faults.append(Fault.of("X12-108", place, element, length=len(element), expected=width))
    if not is_good(element.strip() if len(element) != width else element):
        faults.append(Fault.of("X12-109", place, element, name=NAMES[number - 1], why=why))
    return tuple(faults)


def _faults_of_standard(element: str, version: str) -> Iterator[Fault]:
    """What is wrong with ISA11 where it names the standard, which from 00402 on it does not."""
    if len(element) == 1 and element != "U" and version < REPEATS_FROM and _VERSION(version):
        place = Place(segment="ISA", position=1, element=11)
        yield Fault.of(
            "X12-109", place, element, name="Interchange Control Standards Identifier", why="not U, as it is before version 00402"
        )


def _anything(_: str) -> bool:
    return True
