"""Syntax notes: which elements of a segment, or components of an element, need or exclude each other.

A note is a letter and positions of two digits: P0304 all or none, R0203 at least one, E0203 at most one, C0102 the first needs the
others, L030405 the first needs one of the others.
"""

from collections.abc import Callable

There = Callable[[int], bool]
"""Whether something stands in a position."""


def positions(note: str) -> tuple[int, ...]:
    """The positions that a note is about."""
    return tuple(int(note[at : at + 2]) for at in range(1, len(note), 2))


def lacking(note: str, there: There) -> tuple[int, ...]:
    """The positions that a note asks for and that are empty; the first of them where any one would do."""
    first, *others = numbers = positions(note)
    match note[0]:
        case "P" if any(map(there, numbers)):
            return tuple(number for number in numbers if not there(number))
        case "C" if there(first):
            return tuple(number for number in others if not there(number))
        case "R" if not any(map(there, numbers)):
            return (first,)
        case "L" if there(first) and not any(map(there, others)):
            return (others[0],)
    return ()


def excess(note: str, there: There) -> int | None:
    """The last position that stands beside another one where only one of them may."""
    standing = [number for number in positions(note) if there(number)]
    return max(standing) if note[0] == "E" and len(standing) > 1 else None


def in_words(note: str, tag: str) -> str:
    """A note as a person reads it: "P0304: all of N103, N104, or none"."""
    names = [f"{tag}{number:02}" for number in positions(note)]
    match note[0]:
        case "P":
            rule = f"all of {', '.join(names)}, or none"
        case "R":
            rule = f"at least one of {', '.join(names)}"
        case "E":
            rule = f"at most one of {', '.join(names)}"
        case "C":
            rule = f"where {names[0]} stands, {' and '.join(names[1:])} must stand too"
        case _:
            rule = f"where {names[0]} stands, at least one of {', '.join(names[1:])} must stand too"
    return f"{note}: {rule}"
