"""Checkers: for each segment Python functions, generated from its shape, that say "good" fast and nothing else.

A checker that refuses leaves it to the diagnoser to say what is wrong; it may refuse a good segment, never pass a bad one.
Characters are checked once for a whole set, so these functions look at presence, length, type, codes and syntax notes only.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from edi_gateway.shape import ElementShape, SegmentShape

Check = Callable[[Sequence[str]], bool]
"""From a segment's elements, the tag first, to whether they are surely good."""

_INTEGER = re.compile(r"-?[0-9]+").fullmatch
_REAL = re.compile(r"-?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:E-?[0-9]+)?").fullmatch
_TIME = re.compile(r"(?:[01][0-9]|2[0-3])[0-5][0-9](?:[0-5][0-9][0-9]{0,2})?").fullmatch
_REMEMBERED = 20_000


def is_integer(value: str) -> bool:
    return _INTEGER(value) is not None


def is_real(value: str) -> bool:
    return _REAL(value) is not None


def digits(value: str) -> int:
    """A number's length as X12 counts it: without sign, decimal point and the sign of exponents."""
    return sum(character in "0123456789" for character in value)


def is_date(value: str) -> bool:
    """Whether a value is a day of the calendar, as CCYYMMDD or YYMMDD."""
    if not (value.isascii() and value.isdecimal() and len(value) in (6, 8)):
        return False
    century = "20" if len(value) == 6 else ""
    year, month, day = int(century + value[:-4]), int(value[-4:-2]), int(value[-2:])
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def is_time(value: str) -> bool:
    """Whether a value is a time of day, as HHMM, HHMMSS, HHMMSSD or HHMMSSDD."""
    return _TIME(value) is not None


class _Remembered(dict[str, bool]):
    """A predicate with a memory: few different dates and times stand in a file of many."""

    def __init__(self, predicate: Callable[[str], bool]) -> None:
        super().__init__()
        self._predicate = predicate

    def __missing__(self, value: str) -> bool:
        good = self._predicate(value)
        if good and len(self) < _REMEMBERED:
            self[value] = True
        return good


_DATES = _Remembered(is_date)
_TIMES = _Remembered(is_time)


def _slow_integer(value: str, minimum: int, maximum: int) -> bool:
    return is_integer(value) and minimum <= digits(value) and (not maximum or digits(value) <= maximum)


def _slow_real(value: str, minimum: int, maximum: int) -> bool:
    return is_real(value) and minimum <= digits(value) and (not maximum or digits(value) <= maximum)


@dataclass(frozen=True, slots=True, kw_only=True)
class Separators:
    """What may stand inside an element. None where the set's text holds none of them, which makes checkers shorter."""

    component: str | None = None
    repetition: str | None = None


def refuse(_: Sequence[str]) -> bool:
    """The checker that passes nothing."""
    return False


class Checker(dict[int, Check]):
    """One segment's checkers, one for each number of elements (the tag counted), written when that number first occurs."""

    def __init__(self, shape: SegmentShape, separators: Separators) -> None:
        super().__init__()
        self._shape = shape
        self._separators = separators

    def __missing__(self, length: int) -> Check:
        if length > len(self._shape.elements) + 1:
            return refuse
        shape = self._shape
        check = self[length] = _Writer(self._separators).write(shape.tag, shape.elements, shape.syntax, ("_",), length)
        return check

    def __call__(self, elements: Sequence[str]) -> bool:
        """Whether a segment's elements, the tag first, are surely good."""
        return self[len(elements)](elements)


class _Composite(dict[int, Check]):
    """The same for a composite, whose list has no tag."""

    def __init__(self, shape: ElementShape, separators: Separators) -> None:
        super().__init__()
        self._shape = shape
        self._separators = separators

    def __missing__(self, length: int) -> Check:
        if length > len(self._shape.components):
            return refuse
        shape = self._shape
        check = self[length] = _Writer(self._separators).write(shape.id, shape.components, shape.syntax, (), length)
        return check

    def __call__(self, components: Sequence[str]) -> bool:
        return self[len(components)](components)


class _Repeated:
    """The same for an element that is repeated: each repetition must be there, and good as one that is not repeated."""

    def __init__(self, shape: ElementShape, component: str | None, repetition: str) -> None:
        once = replace(shape, requirement="M", repeat=1)
        self._check = _Writer(Separators(component=component)).write(shape.id, (once,), (), (), 1)
        self._limit = shape.repeat
        self._repetition = repetition

    def __call__(self, value: str) -> bool:
        parts = value.split(self._repetition)
        return not 0 < self._limit < len(parts) and all(self._check((part,)) for part in parts)


class _Writer:
    """Writes the source of one checker, one expression over the values by name, and collects the names it uses."""

    def __init__(self, separators: Separators) -> None:
        self._separators = separators
        self._names: dict[str, Any] = {
            "dates": _DATES,
            "times": _TIMES,
            "slow_integer": _slow_integer,
            "slow_real": _slow_real,
        }

    def write(self, name: str, elements: tuple[ElementShape, ...], syntax: tuple[str, ...], before: tuple[str, ...], length: int) -> Check:
        """A checker for lists of this length; `before` are names for what stands in the list before the first element."""
        given = length - len(before)
        if any(element.requirement == "M" for element in elements[given:]):
            return refuse
        names = [f"v{number}" for number in range(1, given + 1)]
        faults = [self._element(element, value) for element, value in zip(elements, names, strict=False)]
        faults += [_violation(note, given) for note in syntax]
        source = "\n".join(
            (
                "def check(e):",
                f" {', '.join((*before, *names))}, = e",
                f" return not ({' or '.join(fault for fault in faults if fault != 'False') or 'False'})",
            )
        )
        scope = dict(self._names)
        exec(compile(source, f"<checker {name}>", "exec"), scope)  # noqa: S102 - the source is written here, from shapes alone
        check: Check = scope["check"]
        return check

    def _element(self, element: ElementShape, value: str) -> str:
        """An expression that is true where a value, repeated or not, is not surely good."""
        once, separator = self._once(element, value), self._separators.repetition
        if separator is None or element.repeat == 1:
            return once
        repeated = self._name(f"repeated_{element.id}_{element.repeat}", _Repeated(element, self._separators.component, separator))
        return f"(not {repeated}({value}) if {separator!r} in {value} else {once})"

    def _once(self, element: ElementShape, value: str) -> str:
        is_mandatory = element.requirement == "M"
        if element.codes and not element.components:
            codes = frozenset(element.codes) | ({""} if not is_mandatory else set())
            return f"{value} not in {self._name(f'codes_{element.id}_{element.requirement}', codes)}"
        low, high = element.minimum, element.maximum
        if element.type in ("AN", "ID", "B") and not element.components and low <= 1 and not is_mandatory:
            return " or ".join(([f"len({value}) > {high}"] if high else []) + self._inner(value)) or "False"
        refusal = self._refusal(element, value)
        if is_mandatory and element.type in ("AN", "ID") and not element.components:
            return f"(not {value} or {value}.isspace() or {refusal})"
        return f"(not {value} or {refusal})" if is_mandatory else f"({value} and ({refusal}))"

    def _refusal(self, element: ElementShape, value: str) -> str:
        low, high = element.minimum, element.maximum
        if element.components:
            inside = _Composite(element, Separators(repetition=self._separators.repetition))
            name = self._name(f"composite_{element.id}", inside)
            separator = self._separators.component
            return f"not {name}({value}.split({separator!r}))" if separator else f"not {name}(({value},))"
        if element.type == "DT":
            return f"not ({low} <= len({value}) <= {high} and dates[{value}])"
        if element.type == "TM":
            return f"not ({low} <= len({value}) <= {high} and times[{value}])"
        if element.type.startswith("N"):
            return f"not ({_within(value, low, high)} and {value}.isdecimal()) and not slow_integer({value}, {low}, {high})"
        if element.type == "R":
            good = f"{_within(value, low + (low > 1), high)} and {value}.replace('.', '', 1).isdecimal()"
            return f"not ({good}) and not slow_real({value}, {low}, {high})"
        return " or ".join([f"not ({_within(value, low, high)})", *self._inner(value)])

    def _inner(self, value: str) -> list[str]:
        return [f"{one!r} in {value}" for one in (self._separators.component, self._separators.repetition) if one is not None]

    def _name(self, name: str, value: object) -> str:
        self._names[name] = value
        return name


def _within(value: str, low: int, high: int) -> str:
    if low <= 1:
        return f"len({value}) <= {high}" if high else "True"
    return f"{low} <= len({value}) <= {high}" if high else f"{low} <= len({value})"


def _violation(note: str, given: int) -> str:
    """An expression that is true where a syntax note is broken, when only the first `given` values are there."""
    kind, numbers = note[0], [int(note[at : at + 2]) for at in range(1, len(note), 2)]
    values = [f"v{number}" for number in numbers if number <= given]
    present = [f"({value} != '')" for value in values]
    match kind:
        case "P" if len(values) == len(numbers):
            return f"0 < {' + '.join(present)} < {len(present)}" if len(values) > 2 else f"{present[0]} is not {present[1]}"
        case "P":
            return _any(values)
        case "R":
            return f"not {_any(values)}"
        case "E":
            return f"{' + '.join(present)} > 1" if len(values) > 1 else "False"
        case "C" | "L":
            return _condition(kind, numbers, given)
        case _:
            raise ValueError(f"syntax note {note!r}")


def _condition(kind: str, numbers: list[int], given: int) -> str:
    first, *others = numbers
    if first > given:
        return "False"
    there = [f"v{number}" for number in others if number <= given]
    if kind == "L":
        return f"v{first} and not {_any(there)}"
    if len(there) < len(others):
        return f"v{first}"
    return f"v{first} and not ({' and '.join(there)})"


def _any(values: list[str]) -> str:
    return f"({' or '.join(values) or 'False'})"
