"""TOML with places: `tomllib` says what a file holds, this says where.

Source: TOML 1.0.0, sections Keys, String, Array, Inline Table and Table.
"""

import re
import tomllib
from typing import Any

from edi_gateway.config.placed import Placed
from edi_gateway.faults import Place

_HEADER = re.compile(r"\[\[?[ \t]*")
_PART = re.compile(r"""[ \t]*(?:([A-Za-z0-9_-]+)|"((?:[^"\\]|\\.)*)"|'([^']*)')[ \t]*""")
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_SPACE = re.compile(r"[ \t]*")
_TOKEN = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'|#[^\n]*|[\[\]{}]|[^\"'#\[\]{}\n]+|\n", re.DOTALL
)
_WHERE = re.compile(r"^(.*?) \(at (?:line (\d+), column (\d+)|end of document)\)$", re.DOTALL)

Spots = dict[tuple[str, ...], tuple[int, int]]


class TomlFault(ValueError):
    """Text that is not TOML: the parser's words and the place."""

    def __init__(self, words: str, place: Place) -> None:
        super().__init__(words)
        self.words = words
        self.place = place


def read_toml(text: str, file: str) -> Placed:
    """The tables of a TOML text with the places of keys and values; within an array or inline table, the place it begins at.

    Errors: TomlFault for text that is not TOML.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        found = _WHERE.match(str(wrong))
        words, line, column = found.groups() if found else (str(wrong), None, None)
        last = text.count("\n") + 1
        raise TomlFault(words, Place(file=file, line=int(line) if line else last, column=int(column) if column else None)) from None
    except RecursionError:
        raise TomlFault("lists or tables are nested too deep", Place(file=file, line=1)) from None
    keys, values = _spots(text)

    def place(path: tuple[str, ...], spots: Spots) -> Place:
        while path and path not in spots:
            path = path[:-1]
        offset, _ = spots.get(path, (0, 0))
        line_start = text.rfind("\n", 0, offset) + 1
        return Place(file=file, line=text.count("\n", 0, offset) + 1, column=offset - line_start + 1)

    def mark(content: Any, path: tuple[str, ...]) -> Placed:
        if isinstance(content, dict):
            content = {name: mark(member, (*path, name)) for name, member in content.items()}
        elif isinstance(content, list):
            content = tuple(mark(item, path) for item in content)
        return Placed(content=content, place=place(path, values), key_place=place(path, keys))

    return mark(tables, ())


def _spots(text: str) -> tuple[Spots, Spots]:
    """Offsets of keys and of values by path, in text that is known to be TOML."""
    keys: Spots = {}
    values: Spots = {}
    table: tuple[str, ...] = ()
    at = _end(_BLANK, text, 0)
    while at < len(text):
        start = at
        if header := _HEADER.match(text, at):
            table, at = _dotted(text, header.end())
            for depth in range(1, len(table) + 1):
                keys.setdefault(table[:depth], (start, at))
                values.setdefault(table[:depth], (start, at))
            at = text.find("\n", at)
        else:
            path, at = _dotted(text, at)
            for depth in range(1, len(path) + 1):
                keys.setdefault(table + path[:depth], (start, at))
            at = _end(_SPACE, text, at + 1)
            values[table + path] = (at, at)
            at = _after_value(text, at)
        at = len(text) if at < 0 else _end(_BLANK, text, at)
    return keys, values


def _end(expression: re.Pattern[str], text: str, at: int) -> int:
    match = expression.match(text, at)
    return match.end() if match else at


def _dotted(text: str, at: int) -> tuple[tuple[str, ...], int]:
    """A dotted key and the offset after it. Escapes in quoted keys stay as written: no declared key has any."""
    parts = []
    while match := _PART.match(text, at):
        parts.append(next(group for group in match.groups() if group is not None))
        at = match.end()
        if at >= len(text) or text[at] != ".":
            break
        at += 1
    return tuple(parts), at


def _after_value(text: str, at: int) -> int:
    """The offset of the line end that closes a value, or -1 at the end of the text."""
    depth = 0
    while at < len(text) and (token := _TOKEN.match(text, at)):
        first = token[0][0]
        if first == "\n" and depth == 0:
            return at
        depth += (first in "[{") - (first in "]}")
        at = token.end()
    return -1
