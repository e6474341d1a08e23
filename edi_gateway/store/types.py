"""How values become columns: times in UTC, exact Decimals, closed sets, and JSON for what is only ever read whole."""

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import Date, DateTime, Dialect, Numeric, String, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator, TypeEngine

from edi_gateway.faults import Fault

WHOLE_DIGITS = 20
PART_DIGITS = 20


class Words(TypeDecorator[str]):
    """Text as it came from outside, which may hold what a database refuses: see `storable`."""

    impl = Text
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[str | None], str | None]:
        return _words


class Code(Words):
    """Text that is searched by its beginning: compared by code points, so that a range of an index finds a prefix on both databases."""

    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return postgresql.TEXT(collation="C") if dialect.name == "postgresql" else Text()


def storable(text: str) -> str:
    """The text with U+FFFD for what no database keeps as text: NUL, which PostgreSQL refuses, and halves of surrogate pairs."""
    if not text.isascii():
        text = text.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _words(text: str | None) -> str | None:
    if text is None or (text.isascii() and "\0" not in text):
        return text
    return storable(text)


class UtcTime(TypeDecorator[datetime]):
    """An aware time. Shape: kept in UTC, given back in UTC; SQLite keeps ISO text, which sorts by time."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any]:
        return _iso_utc if dialect.name == "sqlite" else _utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _utc(value: datetime | None) -> datetime | None:
    if value is None or value.tzinfo is UTC:
        return value
    if value.tzinfo is None:
        raise ValueError(f"{value} has no time zone")
    return value.astimezone(UTC)


def _iso_utc(value: datetime | None) -> str | None:
    moment = _utc(value)
    return None if moment is None else moment.replace(tzinfo=None).isoformat(" ", "microseconds")


class Day(TypeDecorator[date]):
    """A date. SQLite keeps ISO text."""

    impl = Date
    cache_ok = True

    def bind_processor(self, dialect: Dialect) -> Callable[[date | None], str | None] | None:
        return _iso if dialect.name == "sqlite" else None


def _iso(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


class Exact(TypeDecorator[Decimal]):
    """A Decimal, exact and in order. Shape: NUMERIC on PostgreSQL; on SQLite text of fixed width, which compares as the number does."""

    impl = Numeric
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(Text())
        return dialect.type_descriptor(Numeric(asdecimal=True))

    def bind_processor(self, dialect: Dialect) -> Callable[[Decimal | None], str | None] | None:
        return _sortable if dialect.name == "sqlite" else None

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        if value is None or dialect.name != "sqlite":
            return None if value is None else Decimal(value)
        return from_sortable(value)


def _sortable(value: Decimal | None) -> str | None:
    return None if value is None else sortable(value)


def fits(value: Decimal) -> bool:
    """Whether `sortable` keeps every digit of this number."""
    whole, _, part = str(value).partition(".")
    if _is_plain(whole, part):
        return True
    if not value.is_finite():
        return False
    _, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    return len(digits) + exponent <= WHOLE_DIGITS and -exponent <= PART_DIGITS


def _is_plain(whole: str, part: str) -> bool:
    """Whether digits before and after the point are all there is of a number, as of all numbers of business; others must be taken apart."""
    return whole.isdecimal() and len(whole) <= WHOLE_DIGITS and len(part) <= PART_DIGITS and (part.isdecimal() or not part)


def sortable(value: Decimal) -> str:
    """Text that sorts as the number does. Errors: ValueError for a number that does not fit.

    Shape:  twenty digits, a point, twenty digits; for negative numbers "-" and every digit's complement to nine.
    """
    whole, _, part = str(value).partition(".")
    if _is_plain(whole, part):
        return f"{whole.zfill(WHOLE_DIGITS)}.{part.ljust(PART_DIGITS, '0')}"
    if not fits(value):
        raise ValueError(f"{value} has more digits than {WHOLE_DIGITS} before and {PART_DIGITS} after the point")
    # `abs` and minus would round to the precision of the thread's context.
    text = f"{value.copy_abs():0{WHOLE_DIGITS + PART_DIGITS + 1}.{PART_DIGITS}f}"
    return "-" + text.translate(_COMPLEMENT) if value < 0 else text


def from_sortable(text: str) -> Decimal:
    """The number that `sortable` wrote, without trailing zeros."""
    plain = text[1:].translate(_COMPLEMENT) if text.startswith("-") else text
    whole, _, part = plain.partition(".")
    part = part.rstrip("0")
    number = Decimal(f"{whole}.{part}" if part else whole)
    return number.copy_negate() if text.startswith("-") else number


_COMPLEMENT = str.maketrans("0123456789", "9876543210")


class Closed(TypeDecorator[StrEnum]):
    """A member of a closed set, by its value."""

    impl = String
    cache_ok = True

    def __init__(self, members: type[StrEnum]) -> None:
        self.members = members
        super().__init__()

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> StrEnum | None:
        return None if value is None else self.members(value)


# Values that were made from trees, as all that is kept was, go round in no circle.
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


class Json(TypeDecorator[Any]):
    """A value as JSON text; NULL where it is empty, so that "has faults" is an index away.

    Shape:  `write` makes JSON values of what is kept, `read` the kept value of JSON values, `empty` stands for NULL.
    """

    impl = Text
    cache_ok = True

    def __init__(self, name: str, write: Callable[[Any], Any], read: Callable[[Any], Any], empty: Callable[[], Any]) -> None:
        self.name = name
        self._write, self._read, self._empty = write, read, empty
        super().__init__()

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        if not value:
            return None
        return storable(_ENCODER.encode(self._write(value)))

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return self._empty() if value is None else self._read(json.loads(value))


def _write_faults(faults: Iterable[Fault]) -> list[dict[str, object]]:
    return [fault.as_json() for fault in faults]


def _read_faults(stored: Iterable[Mapping[str, Any]]) -> tuple[Fault, ...]:
    return tuple(Fault.from_json(one) for one in stored)


def _read_pairs(stored: Iterable[Iterable[str]]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(pair) for pair in stored)


FAULTS = Json("faults", _write_faults, _read_faults, tuple)
PAIRS = Json("pairs", list, _read_pairs, tuple)
TEXTS = Json("texts", list, tuple, tuple)
OBJECT = Json("object", dict, dict, dict)
