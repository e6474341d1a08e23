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
    for name in _field_names(kind):
        value = getattr(record, name)
        if value is not None and value != ():
            plain[name] = _plain(value)
    return plain


def from_json(kind: type[T], plain: Mapping[str, Any]) -> T:
    """The record that `to_json` wrote. Errors: KeyError, TypeError or ValueError for anything else."""
    readers = _readers(kind)  # type: ignore[arg-type]
    return kind(**{name: readers[name](value) for name, value in plain.items()})


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return to_json(value)
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bool | int | str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat()


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


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
