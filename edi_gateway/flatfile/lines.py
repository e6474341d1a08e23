"""A line to its cells and back: delimited with quotes, or in fixed widths."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from edi_gateway.flatfile.broken import Broken
from edi_gateway.flatfile.idoc import IdocLines
from edi_gateway.flatfile.layout import COMMENT, Dialect, Format, Layout, RecordType
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
        return FixedLines(layout.records)
    if layout.format is Format.IDOC:
        return IdocLines(layout)
    if layout.format is Format.XLSX:
        return SheetLines()
    return DelimitedLines(layout.dialect)


@dataclass(frozen=True, slots=True)
class DelimitedLines:
    """Cells between delimiters. A quoted cell keeps its outer blanks and may hold the delimiter; a quote within it is doubled."""

    dialect: Dialect

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
        line = delimiter.join([tag, *cells])
        if line.count(delimiter) == len(cells) and quote not in line and not self._has_edge(line):
            return line
        return delimiter.join([tag, *map(self._cell, cells)])

    def _has_edge(self, line: str) -> bool:
        """Whether a cell may begin or end with a blank, which only quotes keep."""
        delimiter = self.dialect.delimiter
        return "\t" in line or f" {delimiter}" in line or f"{delimiter} " in line or line[-1] == " "

    def _cell(self, text: str) -> str:
        quote = self.dialect.quote
        if self.dialect.delimiter not in text and quote not in text and text == text.strip():
            return text
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


@dataclass(frozen=True, slots=True)
class FixedLines:
    """Cells in fixed widths, the tag first in the width of the longest tag. Text stands left, numbers right, both filled with blanks."""

    records: Mapping[str, RecordType]

    def _tag_width(self) -> int:
        return max(len(tag) for tag in self.records)

    def cells(self, line: str) -> list[str]:
        width = self._tag_width()
        tag = line[:width].strip()
        record = self.records.get(tag)
        if record is None:
            return [tag]
        cells, at = [tag], width
        for column in record.columns:
            cells.append(line[at : at + column.width].strip())
            at += column.width
        if line[at:].strip():
            cells.append(line[at:].strip())
        return cells

    def starts(self, line: str) -> list[int]:
        width = self._tag_width()
        found, at = [1], width
        record = self.records.get(line[:width].strip())
        for column in record.columns if record else ():
            found.append(at + 1)
            at += column.width
        return [*found, at + 1]

    def line(self, tag: str, cells: list[str]) -> str:
        parts = [tag.ljust(self._tag_width())]
        if tag.startswith(COMMENT):
            return ""
        for column, text in zip(self.records[tag].columns, cells, strict=True):
            parts.append(text.rjust(column.width) if column.shape.type in ("R", "N0") else text.ljust(column.width))
        return "".join(parts).rstrip()
