"""Checkers: for each segment a Python function, generated from its shape, that says "good" fast and nothing else.

A checker that refuses leaves it to the diagnoser to say what is wrong; it may refuse a good segment, never pass a bad one.
Characters are checked once for a whole set, so these functions look at presence, length, type, codes and syntax notes only.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from edi_gateway.shape import ElementShape, SegmentShape

Checker = Callable[[Sequence[str]], bool]

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


def checker(shape: SegmentShape, separators: Separators) -> Checker:
    """A function from a segment's elements, the tag first, to whether they are surely good."""
    return _Writer(separators).compile(shape.tag, shape.elements, shape.syntax, first=1)


class _Writer:
    """Writes the source of one checker and collects the names it uses."""

    def __init__(self, separators: Separators) -> None:
        self._separators = separators
        self._names: dict[str, Any] = {
            "dates": _DATES,
            "times": _TIMES,
            "slow_integer": _slow_integer,
            "slow_real": _slow_real,
        }

    def compile(self, name: str, elements: tuple[ElementShape, ...], syntax: tuple[str, ...], first: int) -> Checker:
        """`first` is the index in the list at which the first element stands: 1 after a tag, 0 in a composite."""
        lines = ["def check(e):", " n = len(e)", f" if n > {len(elements) + first}: return False"]
        notes = [(note[0], [int(note[at : at + 2]) for at in range(1, len(note), 2)]) for note in syntax]
        required = max((number for number, element in enumerate(elements, 1) if element.requirement == "M"), default=0)
        required = max([required, *(min(numbers) for kind, numbers in notes if kind == "R")])
        for number, element in enumerate(elements, 1):
            at = number - 1 + first
            anchored = [(kind, [one - 1 + first for one in numbers]) for kind, numbers in notes if min(numbers) == number]
            lines.append(f" if n == {at}: return {number > required}")
            lines.append(f" v = e[{at}]")
            lines += self._element(element, at, anchored)
        lines.append(" return True")
        scope = dict(self._names)
        exec(compile("\n".join(lines), f"<checker {name}>", "exec"), scope)  # noqa: S102 - the source is written above from shapes
        check: Checker = scope["check"]
        return check

    def _element(self, element: ElementShape, at: int, notes: list[tuple[str, list[int]]]) -> list[str]:
        pairs = [next(one for one in numbers if one != at) for kind, numbers in notes if kind == "P" and len(numbers) == 2]
        others = [(kind, numbers) for kind, numbers in notes if kind != "P" or len(numbers) != 2]
        refuse = self._refusal(element, at)
        lines = [" if v:"]
        lines += [f"  if {refuse}: return False"]
        lines += [f"  if n <= {other} or not e[{other}]: return False" for other in pairs]
        if element.requirement == "M":
            lines.append(" else: return False")
        elif pairs:
            lines.append(" elif " + " or ".join(f"n > {other} and e[{other}]" for other in pairs) + ": return False")
        lines += [f" if {_violation(kind, numbers)}: return False" for kind, numbers in others]
        return lines

    def _refusal(self, element: ElementShape, at: int) -> str:
        """An expression that is true where value `v` is not surely good."""
        low, high = element.minimum, element.maximum
        if element.components:
            return self._composite(element, at)
        if element.codes:
            return f"v not in {self._name(f'codes_{element.id}', frozenset(element.codes))}"
        if element.type == "DT":
            return f"not ({low} <= len(v) <= {high} and dates[v])"
        if element.type == "TM":
            return f"not ({low} <= len(v) <= {high} and times[v])"
        if element.type.startswith("N"):
            return f"not ({_within(low, high)} and v.isdecimal()) and not slow_integer(v, {low}, {high})"
        if element.type == "R":
            return f"not ({_within(low + (low > 1), high)} and v.replace('.', '', 1).isdecimal()) and not slow_real(v, {low}, {high})"
        inner = [one for one in (self._separators.component, self._separators.repetition) if one is not None]
        return " or ".join([f"not ({_within(low, high)})", *(f"{one!r} in v" for one in inner)])

    def _composite(self, element: ElementShape, at: int) -> str:
        separator = self._separators.component
        inside = _Writer(Separators(repetition=self._separators.repetition)).compile(
            element.id, element.components, element.syntax, first=0
        )
        name = self._name(f"composite_{at}", inside)
        return f"not {name}(v.split({separator!r}))" if separator else f"not {name}((v,))"

    def _name(self, name: str, value: object) -> str:
        name = "".join(character if character.isalnum() else "_" for character in name)
        self._names[name] = value
        return name


def _within(low: int, high: int) -> str:
    if low <= 1:
        return f"len(v) <= {high}" if high else "True"
    return f"{low} <= len(v) <= {high}" if high else f"{low} <= len(v)"


def _violation(kind: str, numbers: list[int]) -> str:
    """An expression over the list `e` of length `n` that is true where a syntax note is broken."""
    present = [f"(n > {number} and e[{number}] != '')" for number in numbers]
    match kind:
        case "P":
            return f"0 < {' + '.join(present)} < {len(present)}"
        case "R":
            return f"not ({' or '.join(present)})"
        case "E":
            return f"{' + '.join(present)} > 1"
        case "C":
            return f"{present[0]} and not ({' and '.join(present[1:])})"
        case "L":
            return f"{present[0]} and not ({' or '.join(present[1:])})"
        case _:
            raise ValueError(f"syntax note {kind!r}")
