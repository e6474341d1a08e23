"""JSON with places: every value knows its line and column. Numbers stay the text that was written, so that they stay exact.

Source: RFC 8259 for the grammar; a name that stands twice in an object is refused.
"""

import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]

from edi_gateway.marked import Items, Keyed, Node, Text

_BLANK = re.compile(r"[ \t\n\r]*").match
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?").match
_WORDS = {"true": "Y", "false": "N", "null": ""}
MAX_DEPTH = 20


class JsonTrouble(ValueError):
    """A text that is no JSON. Units: line and column from one."""

    def __init__(self, words: str, line: int, column: int) -> None:
        super().__init__(words)
        self.line = line
        self.column = column


def parse_json(text: str, first_line: int = 1) -> Node:
    """The text's value. Shape: true and false read as Y and N, null as the empty text. Errors: JsonTrouble."""
    parser = _Parser(text, first_line)
    node = parser.value(0)
    parser.end()
    return node


def values_of(text: str) -> Iterator[Node]:
    """The values of a text that is a list, one after the other, or its one value. Errors: JsonTrouble, also after some were given."""
    parser = _Parser(text, 1)
    yield from parser.values()
    parser.end()


class _Parser:
    def __init__(self, text: str, first_line: int) -> None:
        self._text = text
        self._at = 0
        self._line = first_line
        self._line_start = 0
        self._counted = 0

    def _place(self) -> tuple[int, int]:
        """The line and column of where the parser stands."""
        self._line += self._text.count("\n", self._counted, self._at)
        self._line_start = self._text.rfind("\n", 0, self._at) + 1
        self._counted = self._at
        return self._line, self._at - self._line_start + 1

    def _trouble(self, words: str) -> JsonTrouble:
        return JsonTrouble(words, *self._place())

    def _blank(self) -> str:
        """Passes blanks over; the character that follows, "" at the end."""
        found = _BLANK(self._text, self._at)
        assert found is not None
        self._at = found.end()
        return self._text[self._at : self._at + 1]

    def end(self) -> None:
        if self._blank():
            raise self._trouble("something follows the value")

    def values(self) -> Iterator[Node]:
        if self._blank() != "[":
            yield self.value(0)
            return
        self._at += 1
        if self._blank() == "]":
            self._at += 1
            return
        while True:
            yield self.value(1)
            if not self._goes_on("]"):
                return

    def value(self, depth: int) -> Node:
        first = self._blank()
        line, column = self._place()
        if depth > MAX_DEPTH:
            raise self._trouble("it is nested too deeply")
        if first == "{":
            return self._object(depth, line, column)
        if first == "[":
            return self._array(depth, line, column)
        if first == '"':
            return Text(value=self._string(), line=line, column=column)
        if number := _NUMBER(self._text, self._at):
            self._at = number.end()
            return Text(value=number.group(), line=line, column=column)
        for word, value in _WORDS.items():
            if self._text.startswith(word, self._at):
                self._at += len(word)
                return Text(value=value, line=line, column=column)
        raise self._trouble("a value is missing" if not first else f"{first!r} begins no value")

    def _string(self) -> str:
        try:
            text, self._at = scanstring(self._text, self._at + 1, True)
        except ValueError:
            raise self._trouble("a text is not closed, or holds a line break or a wrong escape") from None
        return str(text)

    def _object(self, depth: int, line: int, column: int) -> Keyed:
        entries: dict[str, tuple[Text, Node]] = {}
        self._at += 1
        if self._blank() == "}":
            self._at += 1
            return Keyed(entries=entries, line=line, column=column)
        while True:
            if self._blank() != '"':
                raise self._trouble("a name in double quotes is missing")
            at_line, at_column = self._place()
            name = self._string()
            if name in entries:
                raise JsonTrouble(f"the name {name!r} stands twice", at_line, at_column)
            if self._blank() != ":":
                raise self._trouble("a colon is missing")
            self._at += 1
            entries[name] = (Text(value=name, line=at_line, column=at_column), self.value(depth + 1))
            if not self._goes_on("}"):
                return Keyed(entries=entries, line=line, column=column)

    def _array(self, depth: int, line: int, column: int) -> Items:
        values: list[Node] = []
        self._at += 1
        if self._blank() == "]":
            self._at += 1
            return Items(values=(), line=line, column=column)
        while True:
            values.append(self.value(depth + 1))
            if not self._goes_on("]"):
                return Items(values=tuple(values), line=line, column=column)

    def _goes_on(self, close: str) -> bool:
        """Whether a comma follows; False after the closing sign."""
        found = self._blank()
        if found not in (",", close) or not found:
            raise self._trouble(f"a comma or {close} is missing")
        self._at += 1
        return found == ","
