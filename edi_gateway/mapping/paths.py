"""Paths: how a map says where in a tree a value stands. `BEG/03`, `REF[DP]/02`, `N1[ST]/N4/01`, `PO1/pair[VN|SK]`."""

import re
from dataclasses import dataclass

_STEP = re.compile(r"(?P<tag>[A-Z][A-Z0-9_]{0,15})(?:\[(?P<selector>[^\[\]]*)\])?\Z")
_NUMBERED = re.compile(r"(?P<element>[0-9]{1,2})(?:\^(?P<repetition>[1-9]))?(?:-(?P<component>[0-9]{1,2}))?\Z")
_NAMED = re.compile(r"[a-z][a-z0-9_]*\Z")
_PAIR = re.compile(r"pair\[(?P<choices>[^\[\]]*)\]\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One test of a selector. Shape: `element` is a number, a column name, or None for the segment's usual qualifier."""

    element: str | None
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A segment or loop by its tag and what its opening segment must hold."""

    tag: str
    conditions: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One qualifier of a pair. Units: `length` is the number of characters of the values it is written for, None for any."""

    qualifier: str
    length: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What of the segment is meant: an element by number or column name, one repetition or component of it, or a qualified pair's value."""

    element: str | None = None
    repetition: int | None = None
    component: int | None = None
    choices: tuple[Choice, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Path:
    """A whole path. Shape: the last step is the segment, those before it are loops; `target` is None for the path of a loop."""

    text: str
    steps: tuple[Step, ...]
    target: Target | None


class PathTrouble(ValueError):
    """A path that cannot be read; its text says why."""


def parse_path(text: str) -> Path:
    """The path of a row. Errors: PathTrouble."""
    *steps, last = text.split("/")
    if not steps:
        raise PathTrouble("a path names a segment and an element, such as BEG/03")
    return Path(text=text, steps=tuple(_step(step) for step in steps), target=_target(last))


def parse_loop_path(text: str) -> Path:
    """The path of a block: loops and segments only. Errors: PathTrouble."""
    return Path(text=text, steps=tuple(_step(step) for step in text.split("/")), target=None)


def _step(text: str) -> Step:
    found = _STEP.match(text)
    if found is None:
        raise PathTrouble(f"{text!r} is not a segment or loop such as REF or REF[DP]")
    selector = found["selector"]
    if selector is None:
        return Step(tag=found["tag"])
    return Step(tag=found["tag"], conditions=tuple(_condition(part, text) for part in selector.split(",")))


def _condition(text: str, step: str) -> Condition:
    element, equals, values = text.strip().rpartition("=")
    if equals and not (_NUMBERED.match(element) or _NAMED.match(element)):
        raise PathTrouble(f"{element!r} in {step} is not an element's number or a column's name")
    choices = tuple(value.strip() for value in values.split("|"))
    if not all(choices):
        raise PathTrouble(f"{step} has an empty selector")
    return Condition(element=element or None, values=choices)


def _target(text: str) -> Target:
    if numbered := _NUMBERED.match(text):
        component, repetition = numbered["component"], numbered["repetition"]
        return Target(
            element=numbered["element"],
            repetition=int(repetition) if repetition else None,
            component=int(component) if component else None,
        )
    if paired := _PAIR.match(text):
        return Target(choices=tuple(_choice(part.strip(), text) for part in paired["choices"].split("|")))
    if _NAMED.match(text):
        return Target(element=text)
    raise PathTrouble(f"{text!r} is not an element (03), a component (03-2), a repetition (03^1), a column (quantity) or a pair (pair[VN])")


def _choice(text: str, path: str) -> Choice:
    qualifier, colon, length = text.partition(":")
    if not qualifier or (colon and not length.isdecimal()):
        raise PathTrouble(f"{path} does not name its qualifiers as VN or VN|SK or UP:12|EN:13")
    return Choice(qualifier=qualifier, length=int(length) if colon else None)
