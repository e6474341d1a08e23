"""An element's text to a record's value and back, exactly: by the element's type and the field's.

A conversion gives BAD where it cannot be made; the generated code turns that into a fault. Nothing here raises on any text.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from typing import Any, Final

from edi_gateway.shape import ElementShape
from edi_gateway.tree import Element, Repeated


class Bad:
    """The type of BAD, which no record ever holds."""

    def __repr__(self) -> str:
        return "BAD"


BAD: Final = Bad()
ZERO: Final = Decimal(0)
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z").match
_WHOLE = re.compile(r"-?[0-9]+\Z").match
_DIGITS = re.compile(r"[0-9]+\Z").match


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """How one pairing of element type and field type converts. None stands for "the text as it is"."""

    read: Callable[[str], Any] | None
    write: Callable[[Any], Any] | None
    word: str


def conversion(element: ElementShape, field: type) -> Conversion | None:
    """The conversion between an element and a field's type, None where the two do not go together."""
    kind = element.type
    implied = int(kind[1:]) if kind[:1] == "N" and kind[1:].isdecimal() else 0
    if field is str:
        return Conversion(read=None, write=write_text, word="text") if not implied else None
    if field is bool:
        return Conversion(read=read_bool, write=write_bool, word="Y or N") if kind in ("AN", "ID") else None
    if field is Decimal and (kind in ("R", "AN") or kind[:1] == "N"):
        if implied:
            return Conversion(
                read=lambda text: read_implied(text, implied),
                write=lambda value: write_implied(value, implied),
                word=f"a number with {implied} implied decimals",
            )
        return Conversion(
            read=read_whole if kind == "N0" else read_decimal, write=write_whole if kind == "N0" else write_decimal, word="a number"
        )
    if field is int and (kind in ("R", "AN", "N0", "N")):
        return Conversion(read=read_int, write=write_int, word="a whole number")
    if field is date and kind in ("DT", "AN"):
        short = element.maximum == 6
        return Conversion(
            read=read_short_date if short else read_date,
            write=write_short_date if short else write_date,
            word="a date as YYMMDD" if short else "a date as CCYYMMDD",
        )
    if field is time and kind in ("TM", "AN"):
        return Conversion(read=read_time, write=write_time, word="a time as HHMM or HHMMSS")
    return None


def named_conversion(field: type) -> Conversion | None:
    """The conversion between a table's name and a field's type."""
    if field is bool:
        return Conversion(read=read_bool, write=write_truth, word="true or false")
    return conversion(ElementShape(id="", name="", type="AN"), field)


def component(element: Element, number: int) -> str:
    """A component of a composite, "" where it is absent; a simple element is its own first component."""
    if isinstance(element, tuple):
        return element[number - 1] if number <= len(element) else ""
    return element if number == 1 else ""


def repetition(element: Element, number: int) -> Element:
    """One repetition of an element, "" where it is absent; an element that is not repeated is its own first."""
    if isinstance(element, Repeated):
        return element.one(number)
    return element if number == 1 else ""


def read_decimal(text: str) -> Decimal | Bad:
    is_plain = text.isascii() and text.replace(".", "", 1).isdecimal()
    return Decimal(text) if is_plain or _NUMBER(text) else BAD


def read_whole(text: str) -> Decimal | Bad:
    return Decimal(text) if _WHOLE(text) else BAD


def read_implied(text: str, places: int) -> Decimal | Bad:
    return Decimal(text).scaleb(-places) if _WHOLE(text) and len(text) < 28 else BAD


def read_int(text: str) -> int | Bad:
    if _WHOLE(text) and len(text) < 19:
        return int(text)
    number = read_decimal(text)
    return int(number) if isinstance(number, Decimal) and len(text) < 19 and number == int(number) else BAD


def read_date(text: str) -> date | Bad:
    if len(text) == 6:
        return read_short_date(text)
    if len(text) != 8 or not (text.isascii() and text.isdecimal()):
        return BAD
    try:
        return date.fromisoformat(text)
    except ValueError:
        return BAD


def read_short_date(text: str) -> date | Bad:
    """A date as YYMMDD: years 50 to 99 are of the last century, as the standard's users take them."""
    if len(text) != 6 or not _DIGITS(text):
        return BAD
    return read_date(("19" if text >= "50" else "20") + text)


def read_time(text: str) -> time | Bad:
    """A time as HHMM, HHMMSS, or HHMMSS with tenths or hundredths of a second."""
    if len(text) not in (4, 6, 7, 8) or not _DIGITS(text):
        return BAD
    try:
        return time(int(text[:2]), int(text[2:4]), int(text[4:6] or 0), int(text[6:].ljust(6, "0")) if len(text) > 6 else 0)
    except ValueError:
        return BAD


def read_bool(text: str) -> bool | Bad:
    return True if text in ("Y", "true") else False if text in ("N", "false") else BAD


def write_text(value: Any) -> str | Bad:
    return value if isinstance(value, str) else BAD


def write_decimal(value: Any) -> str | Bad:
    text = str(value)
    if "E" in text or "N" in text or "I" in text:
        return format(value, "f") if isinstance(value, Decimal) and value.is_finite() else BAD
    return text


def write_whole(value: Any) -> str | Bad:
    text = write_decimal(value)
    if isinstance(text, Bad):
        return text
    whole, _, rest = text.partition(".")
    return whole if not rest.strip("0") else BAD


def write_implied(value: Any, places: int) -> str | Bad:
    if not isinstance(value, Decimal) or not value.is_finite() or value.adjusted() > 24:
        return BAD
    return write_whole(value.scaleb(places))


def write_int(value: Any) -> str | Bad:
    return str(value) if isinstance(value, int) else BAD


def write_date(value: Any) -> str | Bad:
    return date.isoformat(value).replace("-", "") if isinstance(value, date) else BAD


def write_short_date(value: Any) -> str | Bad:
    return f"{value:%y%m%d}" if isinstance(value, date) and 1950 <= value.year <= 2049 else BAD


def write_time(value: Any) -> str | Bad:
    if not isinstance(value, time) or value.microsecond % 10_000:
        return BAD
    if value.microsecond:
        return f"{value:%H%M%S}{value.microsecond // 10_000:02}"
    return f"{value:%H%M%S}" if value.second else f"{value:%H%M}"


def write_bool(value: Any) -> str | Bad:
    return {True: "Y", False: "N"}.get(value, BAD)


def write_truth(value: Any) -> str | Bad:
    return {True: "true", False: "false"}.get(value, BAD)
