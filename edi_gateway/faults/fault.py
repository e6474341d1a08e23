"""The fault value itself, the place it stands in, and the one exception that carries faults out of a call."""

import string
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from edi_gateway.faults.entry import Entry, Severity
from edi_gateway.faults.register import entry, register


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a fault stands: in X12 terms, in file terms, or both. What does not apply is None.

    Units:  line, column, position, element, component and repetition count from one; `position` is the segment's
            number in its set (ST is 1); `offset` is the byte in the file or interchange, from zero: of the element or component
            where one is named, else of the segment.
    """

    file: str | None = None
    line: int | None = None
    column: int | None = None
    interchange: str | None = None
    group: str | None = None
    set_id: str | None = None
    set_control: str | None = None
    segment: str | None = None
    position: int | None = None
    loop: str | None = None
    element: int | None = None
    component: int | None = None
    repetition: int | None = None
    offset: int | None = None

    def known(self) -> dict[str, str | int]:
        """The parts that are set, in the order they are declared."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name)) is not None}

    def words(self) -> str:
        """The place as a person reads it: `orders.csv:12:5`, or `PO103 in segment 7, byte 412`; "" where unknown."""
        parts = []
        if self.file is not None:
            parts.append(":".join(str(p) for p in (self.file, self.line, self.column) if p is not None))
        elif self.line is not None:
            parts.append(f"line {self.line}" + (f", column {self.column}" if self.column is not None else ""))
        if self.set_id is not None:
            parts.append(f"set {self.set_id}" + (f" {self.set_control}" if self.set_control else ""))
        if self.segment is not None:
            designator = self.segment + (f"{self.element:02}" if self.element is not None else "")
            if self.component is not None:
                designator += f"-{self.component}"
            parts.append(designator)
        if self.position is not None:
            parts.append(f"segment {self.position}")
        if self.offset is not None:
            parts.append(f"byte {self.offset}")
        return ", ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Something a partner, an ERP system or an operator got wrong.

    Shape:  `code` is in the register; `value` is what stood there, cut by whoever shows it; `detail` are further
            named facts that the register's words use.
    """

    code: str
    place: Place = Place()
    value: str | None = None
    detail: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, code: str, place: Place | None = None, value: str | None = None, **detail: object) -> Self:
        """A fault of a registered code. Errors: KeyError for a code that the register does not know."""
        entry(code)
        return cls(
            code=code,
            place=place or Place(),
            value=value,
            detail=tuple((name, str(fact)) for name, fact in detail.items()),
        )

    @property
    def severity(self) -> Severity:
        return self._entry.severity

    @property
    def title(self) -> str:
        return self._entry.title

    @property
    def message(self) -> str:
        """What is wrong, in the register's words."""
        return _fill(self._entry.words, self._facts())

    @property
    def fix(self) -> str:
        """What to do about it."""
        return _fill(self._entry.fix, self._facts())

    def at(self, **parts: Any) -> Self:
        """The same fault with more known of its place."""
        return replace(self, place=replace(self.place, **parts))

    def line(self) -> str:
        """One line for a terminal or a log: code, place, message and fix."""
        where = self.place.words()
        return f"{self.code}  {where + ': ' if where else ''}{self.message} {self.fix}".rstrip()

    def as_json(self) -> dict[str, object]:
        """The stable form that `--json`, result files and the database hold."""
        entry, place, detail = self._entry, self.place.known(), dict(self.detail)
        facts = {"value": self.value, **place, **detail}
        return {
            "code": self.code,
            "severity": str(entry.severity),
            "place": place,
            "value": self.value,
            "detail": detail,
            "message": _fill(entry.words, facts),
            "fix": _fill(entry.fix, facts),
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The fault that `as_json` wrote; a code since retired still reads, so this does not ask the register."""
        return cls(
            code=stored["code"],
            place=Place(**stored["place"]),
            value=stored["value"],
            detail=tuple(stored["detail"].items()),
        )

    @property
    def _entry(self) -> Entry:
        """Its line in the register; for a code retired since it was stored, one that says so."""
        known = register().get(self.code)
        return known or Entry(code=self.code, title=self.code, words="This code is no longer in use.", fix="The facts stand beside it.")

    def _facts(self) -> dict[str, object]:
        return {"value": self.value, **self.place.known(), **dict(self.detail)}


class Faulty(Exception):
    """Carries faults out of a call that cannot give its result: at the edges (commands, start-up), never within the core."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(fault.line() for fault in self.faults))


class _Forgiving(string.Formatter):
    """Formats what is known; a missing name reads as "?", so that words never fail where a fault is shown."""

    def get_value(self, key: int | str, args: Any, kwargs: Any) -> Any:
        return kwargs.get(key, "?") if isinstance(key, str) else "?"

    def format_field(self, value: Any, format_spec: str) -> Any:
        try:
            return super().format_field(value, format_spec)
        except (ValueError, TypeError):
            return str(value)


_formatter = _Forgiving()


def _fill(template: str, facts: Mapping[str, object]) -> str:
    return _formatter.vformat(template, (), facts) if "{" in template or "}" in template else template
