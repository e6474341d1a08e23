"""A line to its cells and back: delimited with quotes, or in fixed widths."""

from typing import Protocol

from edi_gateway.flatfile.broken import Broken
from edi_gateway.flatfile.idoc import IdocLines
from edi_gateway.flatfile.layout import COMMENT, Dialect, Format, Layout
from edi_gateway.flatfile.sheet import SheetLines


class Lines(Protocol):
    """How a format's lines are taken apart and put together."""

    def cells(self, line: str) -> list[str]:
        """The cells of a line, the record's tag first. Errors: Broken."""

    def starts(self, line: str) -> list[int]:
        """The column at which each cell begins."""

    def line(self, tag: str, cells: list[str]) -> str:
        """The line of a record."""


def lines_of(layout: Layout) -> Lines:
    """The lines of a layout's format."""
    if layout.format is Format.FIXED:
        return FixedLines(layout)
    if layout.format is Format.IDOC:
        return IdocLines(layout)
    if layout.format is Format.XLSX:
        return SheetLines()
    return DelimitedLines(layout.dialect)


class DelimitedLines:
    """Cells between delimiters. A quoted cell keeps its outer blanks and may hold the delimiter; a quote within it is doubled."""

    def __init__(self, dialect: Dialect) -> None:
        self.dialect = dialect
        self._before, self._behind = f" {dialect.delimiter}", f"{dialect.delimiter} "

    def cells(self, line: str) -> list[str]:
        if self.dialect.quote not in line:
            return [cell.strip() for cell in line.split(self.dialect.delimiter)]
        return [text for text, _ in self._quoted(line)]

    def starts(self, line: str) -> list[int]:
        try:
            return [start for _, start in self._quoted(line)]
        except Broken:
            return []

    def line(self, tag: str, cells: list[str]) -> str:
        delimiter, quote = self.dialect.delimiter, self.dialect.quote
        line = delimiter.join((tag, *cells))
        if line.count(delimiter) == len(cells) and quote not in line and not self._has_edge(line):
            return line
        quoted = [text if delimiter not in text and quote not in text and text == text.strip() else self._quote(text) for text in cells]
        return delimiter.join((tag, *quoted))

    def _has_edge(self, line: str) -> bool:
        """Whether a cell may begin or end with a blank, which only quotes keep."""
        return line[-1] == " " or self._before in line or self._behind in line or "\t" in line

    def _quote(self, text: str) -> str:
        quote = self.dialect.quote
        return f"{quote}{text.replace(quote, quote * 2)}{quote}"

    def _quoted(self, line: str) -> list[tuple[str, int]]:
        delimiter, quote = self.dialect.delimiter, self.dialect.quote
        found: list[tuple[str, int]] = []
        at, end = 0, len(line)
        while True:
            begin = at
            while begin < end and line[begin] == " ":
                begin += 1
            if begin < end and line[begin] == quote:
                text, at = self._within(line, begin)
                found.append((text, begin + 1))
            else:
                stop = line.find(delimiter, at)
                stop = end if stop < 0 else stop
                found.append((line[at:stop].strip(), begin + 1 if begin < stop else at + 1))
                at = stop
            if at >= end:
                return found
            at += 1

    def _within(self, line: str, begin: int) -> tuple[str, int]:
        """A quoted cell's text and where its delimiter or the line's end is."""
        quote, at = self.dialect.quote, begin + 1
        parts = []
        while True:
            close = line.find(quote, at)
            if close < 0:
                raise Broken("ERP-103", begin + 1)
            parts.append(line[at:close])
            if line[close + 1 : close + 2] != quote:
                break
            parts.append(quote)
            at = close + 2
        stop = line.find(self.dialect.delimiter, close + 1)
        stop = len(line) if stop < 0 else stop
        if line[close + 1 : stop].strip():
            raise Broken("ERP-117", close + 2, line[close + 1 : stop])
        return "".join(parts), stop


class FixedLines:
    """Cells in fixed widths, the tag first in the width of the longest tag. Text stands left, numbers right, both filled with blanks."""

    def __init__(self, layout: Layout) -> None:
        self._widths = {tag: tuple(column.width for column in record.columns) for tag, record in layout.records.items()}
        self._right = {tag: tuple(column.shape.type in ("R", "N0") for column in record.columns) for tag, record in layout.records.items()}
        for control in layout.controls:
            self._widths[control.tag] = control.widths
            self._right[control.tag] = (True,) * len(control.widths)
        self._tag_width = max(map(len, self._widths))

    def cells(self, line: str) -> list[str]:
        at = self._tag_width
        tag = line[:at].strip()
        widths = self._widths.get(tag)
        if widths is None:
            return [tag]
        cells = [tag]
        for width in widths:
            cells.append(line[at : at + width].strip())
            at += width
        if line[at:].strip():
            cells.append(line[at:].strip())
        return cells

    def starts(self, line: str) -> list[int]:
        at = self._tag_width
        found = [1]
        for width in self._widths.get(line[:at].strip(), ()):
            found.append(at + 1)
            at += width
        return [*found, at + 1]

    def line(self, tag: str, cells: list[str]) -> str:
        if tag.startswith(COMMENT):
            return ""
        parts = [tag.ljust(self._tag_width)]
        for width, right, text in zip(self._widths[tag], self._right[tag], cells, strict=True):
            parts.append(text.rjust(width) if right else text.ljust(width))
        return "".join(parts).rstrip()
