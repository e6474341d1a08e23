"""The characters that separate: found in an ISA segment, or chosen for one."""

from dataclasses import dataclass

_ORDINARY = frozenset(" ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")


@dataclass(frozen=True, slots=True, kw_only=True)
class Delimiters:
    """An interchange's delimiters, each one character; `line_end` is what follows every terminator, often nothing.

    Shape:  `repetition` is None before version 00402, and wherever ISA11 holds a letter or digit.
    """

    element: str = "*"
    component: str = ">"
    terminator: str = "~"
    repetition: str | None = None
    line_end: str = ""

    @property
    def all(self) -> str:
        return self.element + self.component + self.terminator + (self.repetition or "")

    @property
    def usable(self) -> bool:
        """Whether they are four (or three) different single characters, none of them a letter, a digit or a blank."""
        single = all(len(one) == 1 for one in (self.element, self.component, self.terminator, self.repetition or "^"))
        return single and len(set(self.all)) == len(self.all) and not _ORDINARY & set(self.all)


def is_ordinary(character: str) -> bool:
    """Whether a character is a letter, digit or blank, which data is made of and which therefore separates nothing."""
    return character in _ORDINARY
