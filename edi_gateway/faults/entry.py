"""One line of the register: what a code means and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a fault weighs where nothing else says otherwise."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The meaning of one code.

    Shape:  `words` and `fix` are `str.format` templates over the fault's value, place and detail by name, e.g.
            "{segment}{element:02} holds {value!r}, which is not a date."; a name that is missing reads as "?".
    """

    code: str
    title: str
    words: str
    fix: str
    severity: Severity = Severity.ERROR
