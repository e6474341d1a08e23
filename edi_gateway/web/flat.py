"""A flat file as a table: its lines and cells, each line with its faults."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from edi_gateway.faults import Fault

LINES_SHOWN = 500
COMMENT = "#"
QUOTE = '"'
_SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatLine:
    """One record of the file, or a comment as one cell. Units: `number` is the line it begins on, `faulty_cells` count from one."""

    number: int
    cells: tuple[str, ...]
    faults: tuple[Fault, ...] = ()
    faulty_cells: frozenset[int] = frozenset()

    @property
    def is_comment(self) -> bool:
        return bool(self.cells) and self.cells[0].startswith(COMMENT)


def text_of(content: bytes) -> str:
    """The bytes as text: UTF-8 where they are, else a character for each byte."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def lines_of(content: bytes, faults: Iterable[Fault] = ()) -> tuple[FlatLine, ...]:
    """The first lines of a file, taken apart at the separator that its first record uses most."""
    by_line: dict[int, list[Fault]] = defaultdict(list)
    for fault in faults:
        if fault.place.line is not None:
            by_line[fault.place.line].append(fault)
    source = text_of(content).splitlines(keepends=True)[:LINES_SHOWN]
    first = next((line for line in source if line.strip() and not line.startswith(COMMENT)), "")
    separator = max(_SEPARATORS, key=first.count)
    found, begin = [], 1
    reader = csv.reader(source, delimiter=separator)
    try:
        for cells in reader:
            mine = tuple(fault for number in range(begin, reader.line_num + 1) for fault in by_line[number])
            found.append(_line(begin, source[begin - 1], cells, mine, separator))
            begin = reader.line_num + 1
    except csv.Error:
        return tuple(FlatLine(number=n, cells=(line.rstrip("\r\n"),), faults=tuple(by_line[n])) for n, line in enumerate(source, 1))
    return tuple(found)


def _line(number: int, text: str, cells: list[str], faults: tuple[Fault, ...], separator: str) -> FlatLine:
    if text.startswith(COMMENT):
        return FlatLine(number=number, cells=(text.rstrip("\r\n"),), faults=faults)
    faulty = frozenset(_cell_at(text, separator, fault.place.column) for fault in faults if fault.place.column is not None)
    filled = max((at for at, cell in enumerate(cells, 1) if cell), default=0)
    # Cells that are empty at the end say nothing, unless a fault stands in one of them.
    return FlatLine(number=number, cells=tuple(cells[: max(filled, *faulty, 0)]), faults=faults, faulty_cells=faulty)


def _cell_at(text: str, separator: str, column: int) -> int:
    """The cell that holds a column of a line. Units: both from one; columns count characters."""
    quoted, cell = False, 1
    for mark in text[: column - 1]:
        quoted ^= mark == QUOTE
        cell += mark == separator and not quoted
    return cell
