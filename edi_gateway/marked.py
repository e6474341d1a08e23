"""YAML as values that know where they stand, for the files that people write: maps, layouts, partners.

Every scalar stays the text that was written: a loader that guesses types turns the code NO into false, 01 into 1 and 12:30 into 750.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher, get_close_matches
from enum import StrEnum
from itertools import takewhile
from typing import Any, TypeAlias

import yaml

MAX_DEPTH = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A scalar. Units: line and column from one."""

    value: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list."""

    values: tuple["Node", ...]
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyed:
    """A mapping. Shape: per key its own scalar (for its place) and the value."""

    entries: dict[str, tuple[Text, "Node"]] = field(default_factory=dict)
    line: int
    column: int

    def get(self, key: str) -> "Node | None":
        found = self.entries.get(key)
        return found[1] if found else None


Node: TypeAlias = Text | Items | Keyed


class Trouble(StrEnum):
    """Why a text is not YAML that we take."""

    SYNTAX = "syntax"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What is wrong with the YAML, and where. Shape: `words` is the parser's reason, the key that stands twice, or the feature refused."""

    trouble: Trouble
    words: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A document's root, None where the text holds nothing or no YAML."""

    root: Node | None
    problems: tuple[Problem, ...] = ()


def parse(source: str) -> Parsed:
    """The text's first YAML document with the place of everything in it. Aliases, tags and keys that stand twice are problems."""
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)(source)
    builder = _Builder(loader)
    try:
        root = builder.document()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        builder.problem(Trouble.SYNTAX, " ".join(filter(None, (error.context, error.problem))), line, column)
        root = None
    except yaml.YAMLError as error:
        builder.problem(Trouble.SYNTAX, str(error).splitlines()[0], 1, 1)
        root = None
    finally:
        loader.dispose()
    return Parsed(root=root, problems=tuple(builder.problems))


def nearest(word: str, known: Iterable[str]) -> str:
    """The known name that comes nearest to a mistyped one, or what is known where nothing comes near."""
    options = sorted(known)
    close = _close(word, options) or _close(word.lower(), options)
    if close:
        return f"Did you mean {close}?"
    return f"Known: {', '.join(options[:12])}{' …' if len(options) > 12 else ''}." if options else "There is none yet."


def _close(word: str, options: list[str]) -> str | None:
    """The option that is most like a word; of several, the one that begins like it for the longest."""

    def likeness(one: str) -> tuple[float, int]:
        alike = takewhile(lambda pair: pair[0] == pair[1], zip(one, word, strict=False))
        return SequenceMatcher(None, one, word).ratio(), len(list(alike))

    return max(sorted(get_close_matches(word, options, n=12, cutoff=0.6)), key=likeness, default=None)


class _Builder:
    def __init__(self, loader: yaml.BaseLoader) -> None:
        self._loader = loader
        self.problems: list[Problem] = []

    def problem(self, trouble: Trouble, words: str, line: int, column: int) -> None:
        self.problems.append(Problem(trouble=trouble, words=words, line=line, column=column))

    def _next(self) -> Any:
        return self._loader.get_event()  # type: ignore[no-untyped-call]

    def document(self) -> Node | None:
        self._next()
        if self._loader.check_event(yaml.StreamEndEvent):
            return None
        self._next()
        return self._node(0)

    def _node(self, depth: int) -> Node:
        event = self._next()
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if depth > MAX_DEPTH:
            raise yaml.MarkedYAMLError(problem=f"nested deeper than {MAX_DEPTH}", problem_mark=event.start_mark)
        if isinstance(event, yaml.AliasEvent):
            self.problem(Trouble.REFUSED, "an alias (*)", line, column)
            return Text(value="", line=line, column=column)
        if event.tag is not None and event.tag != "!":
            self.problem(Trouble.REFUSED, f"a tag ({event.tag})", line, column)
        if isinstance(event, yaml.ScalarEvent):
            return Text(value=event.value, line=line, column=column)
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(values=self._items(depth), line=line, column=column)
        return self._keyed(depth, line, column)

    def _items(self, depth: int) -> tuple[Node, ...]:
        values = []
        while not self._loader.check_event(yaml.SequenceEndEvent):
            values.append(self._node(depth + 1))
        self._next()
        return tuple(values)

    def _keyed(self, depth: int, line: int, column: int) -> Keyed:
        entries: dict[str, tuple[Text, Node]] = {}
        while not self._loader.check_event(yaml.MappingEndEvent):
            key = self._node(depth + 1)
            value = self._node(depth + 1)
            if not isinstance(key, Text):
                self.problem(Trouble.REFUSED, "a key that is not plain text", key.line, key.column)
            elif key.value in entries:
                self.problem(Trouble.DUPLICATE, key.value, key.line, key.column)
            else:
                entries[key.value] = (key, value)
        self._next()
        return Keyed(entries=entries, line=line, column=column)
