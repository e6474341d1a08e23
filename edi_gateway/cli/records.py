"""Records as JSON that a person wrote or changed: checked field by field, so that each mistake is named with its path."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

from edi_gateway.cli.files import shown, text_of
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.marked import nearest
from edi_gateway.records import Record, from_json
from edi_gateway.records.codec import field_types

_WANTED = {
    str: "a text",
    bool: "true or false",
    int: "a whole number",
    Decimal: "a number, best in quotes",
    date: "a date as 2026-03-02",
    time: "a time as 09:30:00",
    datetime: "a time as 2026-03-02T09:30:00+00:00",
}


def records_of(name: str, kind: type[Record]) -> list[Record]:
    """The records of a JSON file: one object, or a list of them. Errors: Faulty with every field that does not fit."""
    place = Place(file=shown(name))
    text = text_of(name)
    try:
        found = json.loads(text, parse_float=str, parse_constant=_no_number)
    except json.JSONDecodeError as wrong:
        at = Place(file=shown(name), line=wrong.lineno, column=wrong.colno)
        raise Faulty([Fault.of("CFG-RECORD", at, record=kind.__name__, reason=wrong.msg)]) from None
    except (ValueError, RecursionError) as wrong:
        raise Faulty([Fault.of("CFG-RECORD", place, record=kind.__name__, reason=wrong)]) from None
    plain = found if isinstance(found, list) else [found]
    if not plain or not all(isinstance(one, dict) for one in plain):
        reason = "it holds no object" if not plain else "it holds something else than objects"
        raise Faulty([Fault.of("CFG-RECORD", place, record=kind.__name__, reason=reason)])
    faults = [
        fault.at(file=shown(name))
        for number, one in enumerate(plain, 1)
        for fault in _misfits(kind, one, f"record {number}: " if len(plain) > 1 else "")
    ]
    if faults:
        raise Faulty(faults)
    return [from_json(kind, one) for one in plain]


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is not a number")


def _misfits(kind: type, plain: Mapping[str, Any], path: str) -> Iterator[Fault]:
    """What of an object does not fit a record type."""
    types = field_types(kind)
    prefix = path if not path or path.endswith(": ") else f"{path}."
    for name in plain:
        if name not in types:
            yield _misfit(f"{prefix}{name}", f"is not a field of {kind.__name__}", nearest(name, types))
    for name, (one, many, optional) in types.items():
        if name not in plain:
            if not optional:
                yield _misfit(f"{prefix}{name}", f"is missing; a {kind.__name__} needs it", f"It is {_wanted(one)}.")
        elif not many:
            yield from _misfit_value(one, plain[name], f"{prefix}{name}")
        elif not isinstance(plain[name], list):
            yield _misfit(f"{prefix}{name}", "is not a list", "Put it into [brackets].")
        else:
            for number, item in enumerate(plain[name], 1):
                yield from _misfit_value(one, item, f"{prefix}{name}[{number}]")


def _misfit_value(one: type, value: Any, path: str) -> Iterator[Fault]:
    if is_dataclass(one):
        if isinstance(value, dict):
            yield from _misfits(one, value, path)
        else:
            yield _misfit(path, "is not an object", f"Write the fields of {one.__name__} in {{braces}}.")
    elif not _fits(one, value):
        yield _misfit(path, f"cannot be {json.dumps(value)[:60]}", f"It is {_wanted(one)}.")


def _fits(one: type, value: Any) -> bool:
    if one in (bool, int):
        return type(value) is one
    if one is Decimal:
        return type(value) in (str, int) and _is_decimal(value)
    if not isinstance(value, str) or any("\ud800" <= character <= "\udfff" for character in value):
        return False
    if one in (date, datetime, time):
        try:
            one.fromisoformat(value)
        except ValueError:
            return False
    return True


def _is_decimal(value: str | int) -> bool:
    try:
        return Decimal(value).is_finite()
    except InvalidOperation:
        return False


def _wanted(one: type) -> str:
    return _WANTED.get(one, f"an object with the fields of {one.__name__}")


def _misfit(path: str, reason: str, hint: str) -> Fault:
    return Fault.of("CFG-RECORD-FIELD", None, path, reason=reason, hint=hint)
