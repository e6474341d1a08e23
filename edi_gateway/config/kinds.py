"""The kinds of value that a key may hold: how each is written, and how it is read."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import PurePosixPath, PureWindowsPath
from string import Formatter
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from edi_gateway.config.placed import Bare, Placed
from edi_gateway.marked import nearest

T_co = TypeVar("T_co", covariant=True)
T = TypeVar("T")


class Unfit(Exception):
    """A value that its key cannot hold. `hint` says what was expected."""

    def __init__(self, at: Placed, hint: str) -> None:
        self.at = at
        self.hint = hint
        super().__init__(hint)


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[T_co]):
    """One kind of value. `expects` completes "It needs …"; `read` raises Unfit; `json` is its JSON Schema, for editors."""

    name: str
    expects: str
    read: Callable[[Placed], T_co]
    choices: tuple[str, ...] = ()
    json: Mapping[str, object] = field(default_factory=lambda: {"type": "string"})


def _text(value: Placed) -> str:
    if not isinstance(value.content, str) or not value.content:
        raise Unfit(value, "It needs text, in quotes.")
    if any(ord(character) < 32 or ord(character) == 127 for character in value.content):
        raise Unfit(value, "It needs text without control characters.")
    return str(value.content)


def _separator(value: Placed) -> str:
    if (
        not isinstance(value.content, str)
        or len(value.content) != 1
        or value.content.isalnum()
        or not 0 < ord(value.content) < 127
        or value.content == " "
    ):
        raise Unfit(value, 'It needs one character in quotes, such as "*", that is neither a letter, a digit nor a space.')
    return str(value.content)


def _integer(low: int, high: int) -> Callable[[Placed], int]:
    def read(value: Placed) -> int:
        content = value.content
        if isinstance(content, Bare) and re.fullmatch(r"-?[0-9]{1,18}", content):
            content = int(content)
        if not isinstance(content, int) or isinstance(content, bool) or not low <= content <= high:
            raise Unfit(value, f"It needs a whole number from {low} to {high}.")
        return content

    return read


def _number(low: float, high: float) -> Callable[[Placed], float]:
    def read(value: Placed) -> float:
        content = value.content
        if isinstance(content, Bare) and re.fullmatch(r"[0-9]{1,9}(\.[0-9]{1,9})?", content):
            content = float(content)
        if not isinstance(content, int | float) or isinstance(content, bool) or not low <= content <= high:
            raise Unfit(value, f"It needs a number from {low:g} to {high:g}.")
        return float(content)

    return read


def _share(value: Placed) -> float:
    content = value.content
    if isinstance(content, str) and (match := re.fullmatch(r"([0-9]{1,2}(?:\.[0-9]{1,4})?|100) ?%", content)):
        return float(match[1]) / 100
    raise Unfit(value, "It needs a percentage from 0% to 100%, such as 10%.")


def _boolean(value: Placed) -> bool:
    if isinstance(value.content, bool):
        return value.content
    if isinstance(value.content, Bare) and value.content in ("true", "false"):
        return value.content == "true"
    raise Unfit(value, "It needs true or false.")


_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}


def _duration(value: Placed) -> timedelta:
    content = value.content
    if isinstance(content, str) and re.fullmatch(r"(?:[0-9]{1,6}[smhdw])+", content):
        seconds = sum(int(count) * _UNITS[unit] for count, unit in re.findall(r"([0-9]+)([smhdw])", content))
        if seconds > 0:
            return timedelta(seconds=seconds)
    raise Unfit(value, "It needs a time with its unit (s, m, h, d, w), such as 30m, 24h or 3d.")


_MULTIPLES = {"B": 1, "kB": 1000, "MB": 1000**2, "GB": 1000**3, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3}


def _size(value: Placed) -> int:
    content = value.content
    if isinstance(content, str) and (match := re.fullmatch(r"([1-9][0-9]{0,8}) ?(" + "|".join(_MULTIPLES) + ")", content)):
        return int(match[1]) * _MULTIPLES[match[2]]
    raise Unfit(value, "It needs a size with its unit (B, kB, MB, GB, KiB, MiB, GiB), such as 100MiB.")


def _url(value: Placed) -> str:
    text = _text(value)
    try:
        parts = urlsplit(text)
        well = parts.scheme in ("http", "https") and parts.hostname and parts.username is None and not parts.fragment
        well = well and (parts.port is None or parts.port > 0) and text.isascii() and " " not in text
    except ValueError:
        well = False
    if not well:
        raise Unfit(value, 'It needs an address such as "https://as2.example.com/as2".')
    return text


def _database(value: Placed) -> str:
    text = _text(value)
    try:
        parts = urlsplit(text)
        password = parts.password
    except ValueError:
        raise Unfit(value, "It needs an address such as postgresql+psycopg://edi@db.example.com/edi.") from None
    if not parts.scheme:
        raise Unfit(value, "It needs an address such as postgresql+psycopg://edi@db.example.com/edi.")
    if password is not None:
        raise Unfit(
            Placed(content=f"{parts.scheme}://…", place=value.place),
            'Name the password under database.password, as "env:NAME" or "file:PATH".',
        )
    return text


def _path(value: Placed) -> str:
    text = _text(value)
    if ".." in PurePosixPath(text).parts or ".." in PureWindowsPath(text).parts:
        raise Unfit(value, 'It needs a path without "..", absolute or seen from the gateway\'s home.')
    return text


def _reference(value: Placed) -> str:
    if isinstance(value.content, str) and re.fullmatch(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+", value.content):
        return str(value.content)
    hidden = Placed(content="…", place=value.place)
    raise Unfit(hidden, 'It needs a reference, "env:NAME" or "file:PATH"; the secret itself is never written here.')


def choice(*words: str) -> Kind[str]:
    """One of these words."""

    def read(value: Placed) -> str:
        if value.content not in words:
            raise Unfit(value, nearest(str(value.content), words))
        return str(value.content)

    return Kind(name="word", expects="one of " + ", ".join(words), read=read, choices=words, json={"enum": list(words)})


def pattern(name: str, expects: str, expression: str) -> Kind[str]:
    """Text of a given form."""
    compiled = re.compile(expression)

    def read(value: Placed) -> str:
        if not isinstance(value.content, str) or not compiled.fullmatch(value.content):
            raise Unfit(value, f"It needs {expects}.")
        return str(value.content)

    return Kind(name=name, expects=expects, read=read, json={"type": "string", "pattern": f"^(?:{expression})$"})


def template(*fields: str) -> Kind[str]:
    """Text with fields in braces, each one of these; nothing else of Python's format language."""

    def read(value: Placed) -> str:
        text = _text(value)
        try:
            used = [(name, spec, conversion) for _, name, spec, conversion in Formatter().parse(text) if name is not None]
        except ValueError:
            raise Unfit(value, "A brace is not closed.") from None
        for name, spec, conversion in used:
            if name not in fields:
                raise Unfit(value, f"{{{name}}} is not known. {nearest(name, fields)}")
            if spec or conversion:
                raise Unfit(value, f"Write {{{name}}} alone, without a format.")
        return text

    return Kind(name="template", expects="text with " + ", ".join(f"{{{name}}}" for name in fields), read=read)


def integer(low: int, high: int) -> Kind[int]:
    """A whole number between two limits, both included."""
    limits = {"type": "integer", "minimum": low, "maximum": high}
    return Kind(name="number", expects=f"a whole number from {low} to {high}", read=_integer(low, high), json=limits)


def number(low: float, high: float) -> Kind[float]:
    """A number between two limits, both included."""
    limits = {"type": "number", "minimum": low, "maximum": high}
    return Kind(name="number", expects=f"a number from {low:g} to {high:g}", read=_number(low, high), json=limits)


def list_of(kind: Kind[T]) -> Kind[tuple[T, ...]]:
    """A list of one kind; a lone value is a list of one."""

    def read(value: Placed) -> tuple[T, ...]:
        if value.is_table:
            raise Unfit(value, f"It needs a list, each item {kind.expects}.")
        return tuple(kind.read(item) for item in value.items())

    return Kind(
        name=f"list of {kind.name}",
        expects=f"a list, each item {kind.expects}",
        read=read,
        choices=kind.choices,
        json={"anyOf": [kind.json, {"type": "array", "items": kind.json}]},
    )


TEXT = Kind(name="text", expects="text", read=_text)
SEPARATOR = Kind(name="character", expects="one character", read=_separator, json={"type": "string", "maxLength": 1})
BOOLEAN = Kind(name="true or false", expects="true or false", read=_boolean, json={"type": "boolean"})
DURATION = Kind(name="time", expects="a time such as 30m, 24h or 3d", read=_duration)
SIZE = Kind(name="size", expects="a size such as 100MiB", read=_size)
SHARE = Kind(name="percentage", expects="a percentage such as 10%", read=_share)
URL = Kind(name="address", expects="an http or https address", read=_url)
DATABASE = Kind(name="database address", expects="an SQLAlchemy database address without a password", read=_database)
PATH = Kind(name="path", expects="a path, absolute or seen from the gateway's home", read=_path)
REFERENCE = Kind(name="reference", expects='"env:NAME" or "file:PATH"', read=_reference)
