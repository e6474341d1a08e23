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
    kind: type = type(record)
    return _writer(kind)(record)


def from_json(kind: type[T], plain: Mapping[str, Any]) -> T:
    """The record that `to_json` wrote. Errors: KeyError, TypeError or ValueError for anything else."""
    readers = _readers(kind)  # type: ignore[arg-type]
    return kind(**{name: readers[name](value) for name, value in plain.items()})


@cache
def _writer(kind: type) -> Callable[[Any], dict[str, Any]]:
    """The generated `to_json` of one record type: every order has hundreds of fields, most of them text as it is."""
    lines, names = ["def write(record):", " plain = {}"], dict[str, Any]()
    for name, (one, many, _) in field_types(kind).items():
        write = _value(one, f"write_{name}")
        if is_dataclass(one):
            names[f"write_{name}"] = _writer(one)
        lines += [
            f" value = record.{name}",
            f" if {'value' if many else 'value is not None'}:",
            f"  plain[{name!r}] = {f'[{write} for value in value]' if many else write}",
        ]
    source = "\n".join([*lines, " return plain"])
    exec(compile(source, f"<record {kind.__name__}>", "exec"), names)  # noqa: S102 - the source is written here, from fields' names alone
    written: Callable[[Any], dict[str, Any]] = names["write"]
    return written


def _value(one: type, writer: str) -> str:
    """The expression that makes a JSON value of a field's `value`."""
    if is_dataclass(one):
        return f"{writer}(value)"
    if one in (date, datetime, time):
        return "value.isoformat()"
    return "str(value)" if one is Decimal else "value"


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
