"""A column's text in the file to the tree's text and back. The tree holds dates as CCYYMMDD, numbers with a point, times as HHMM."""

import re
from collections.abc import Callable
from datetime import date

from edi_gateway.flatfile.layout import Dialect
from edi_gateway.shape import ElementShape

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)\Z").match
_WHOLE = re.compile(r"-?[0-9]+\Z").match
_TIME = re.compile(r"([01][0-9]|2[0-3]):?([0-5][0-9])(?::?([0-5][0-9]))?\Z").match

Change = Callable[[str], str | None]
"""Text to text, None where it is not of the form."""


def inward(element: ElementShape, dialect: Dialect) -> Change | None:
    """How a cell becomes the tree's text; None where it stays as it is."""
    match element.type:
        case "R":
            return lambda text: as_number(text, dialect.decimal)
        case "N0":
            return lambda text: text if _WHOLE(text) else None
        case "DT":
            return _date_reader(dialect.date)
        case "TM":
            return _time
    return None


def outward(element: ElementShape, dialect: Dialect) -> Change | None:
    """How the tree's text becomes a cell; None where it stays as it is."""
    match element.type:
        case "R" if dialect.decimal != ".":
            return lambda text: text.replace(".", dialect.decimal)
        case "DT" if dialect.date != "CCYYMMDD":
            return _date_writer(dialect.date)
    return None


def wanted(element: ElementShape, dialect: Dialect) -> tuple[str, str]:
    """What a column takes, in words, and an example of it."""
    match element.type:
        case "R":
            return "a number", f"1250{dialect.decimal}50"
        case "N0":
            return "a whole number", "12"
        case "DT":
            example = _date_writer(dialect.date)("20260131")
            return f"a date as {dialect.date}", example or ""
        case "TM":
            return "a time as HHMM, HHMMSS or HH:MM:SS", "1430"
    return "text", "text"


def as_number(text: str, decimal: str) -> str | None:
    """A number with a point, None where the text is none."""
    if decimal != ".":
        if "." in text:
            return None
        text = text.replace(decimal, ".", 1)
    is_plain = text.isascii() and text.replace(".", "", 1).isdecimal()
    return text if is_plain or _NUMBER(text) else None


def _time(text: str) -> str | None:
    found = _TIME(text)
    return "".join(part for part in found.groups() if part) if found else None


def _date_reader(mask: str) -> Change:
    pattern = re.compile(_pattern(mask)).match

    def change(text: str) -> str | None:
        found = pattern(text)
        if found is None:
            return None
        year = found["year"] if "CCYY" in mask else ("19" if found["year"] >= "50" else "20") + found["year"]
        try:
            date(int(year), int(found["month"]), int(found["day"]))
        except ValueError:
            return None
        return f"{year}{found['month']}{found['day']}"

    return change


def _pattern(mask: str) -> str:
    pattern = re.escape(mask)
    pattern = pattern.replace("CCYY", "(?P<year>[0-9]{4})") if "CCYY" in mask else pattern.replace("YY", "(?P<year>[0-9]{2})")
    return pattern.replace("MM", "(?P<month>[0-9]{2})").replace("DD", "(?P<day>[0-9]{2})") + r"\Z"


def _date_writer(mask: str) -> Change:
    def change(text: str) -> str | None:
        if len(text) != 8 or not text.isdecimal():
            return None
        return mask.replace("CCYY", text[:4]).replace("YY", text[2:4]).replace("MM", text[4:6]).replace("DD", text[6:])

    return change
