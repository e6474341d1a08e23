"""Records to JSON and back, exactly: Decimals as strings, dates in ISO 8601, what is absent left out."""

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import cache
from types import NoneType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


def to_json(record: Any) -> dict[str, Any]:
    """The record as JSON values. Shape: absent fields and empty lists are left out; Decimals keep their digits as strings."""
    plain: dict[str, Any] = {}
    kind: type = type(record)
    for name, write in _writers(kind):
        value = getattr(record, name)
        if value is not None and value != ():
            plain[name] = value if write is None else write(value)
    return plain


def from_json(kind: type[T], plain: Mapping[str, Any]) -> T:
    """The record that `to_json` wrote. Errors: KeyError, TypeError or ValueError for anything else."""
    readers = _readers(kind)  # type: ignore[arg-type]
    return kind(**{name: readers[name](value) for name, value in plain.items()})


@cache
def _writers(kind: type) -> tuple[tuple[str, Callable[[Any], Any] | None], ...]:
    """What makes a JSON value of each field, None where it is one already."""
    return tuple((name, _writer(one, many)) for name, (one, many, _) in field_types(kind).items())


def _writer(one: type, many: bool) -> Callable[[Any], Any] | None:
    if many:
        single = _writer(one, False)
        return list if single is None else lambda values: [single(value) for value in values]
    if is_dataclass(one):
        return to_json
    if one in (date, datetime, time):
        return one.isoformat
    return str if one is Decimal else None


@cache
def field_types(kind: type) -> dict[str, tuple[type, bool, bool]]:
    """Per field of a record type: the type of one value, whether it is a list, whether it may be absent."""
    hints = get_type_hints(kind)
    found = {}
    for field in fields(kind):
        hint = hints[field.name]
        many = get_origin(hint) is tuple
        options = [arm for arm in get_args(hint) if arm is not NoneType] if not many else [get_args(hint)[0]]
        one = options[0] if options else hint
        optional = field.default is not MISSING or field.default_factory is not MISSING
        found[field.name] = (one, many, optional)
    return found


@cache
def _readers(kind: type) -> dict[str, Callable[[Any], Any]]:
    return {name: _reader(one, many) for name, (one, many, _) in field_types(kind).items()}


def _reader(one: type, many: bool) -> Callable[[Any], Any]:
    if many:
        single = _reader(one, False)
        return lambda value: tuple(single(item) for item in value)
    if is_dataclass(one):
        return lambda value: from_json(one, value)
    if one in (date, datetime, time):
        return one.fromisoformat
    if one is Decimal:
        return Decimal
    return lambda value: value
