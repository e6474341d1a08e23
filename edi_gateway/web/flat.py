"""A flat file as a table: its lines and cells, each line with its faults."""

import csv
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from edi_gateway.faults import Fault

LINES_SHOWN = 500
_SEPARATORS = ",;\t|"


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatLine:
    """One record of the file. Units: `number` is the line it begins on, from one."""

    number: int
    cells: tuple[str, ...]
    faults: tuple[Fault, ...] = ()

    @property
    def faulty_columns(self) -> frozenset[int]:
        return frozenset(fault.place.column for fault in self.faults if fault.place.column is not None)


def _without_empty_end(cells: list[str], faults: tuple[Fault, ...]) -> tuple[str, ...]:
    """The cells without those that are empty at the end and have no fault."""
    last = max((fault.place.column or 0 for fault in faults), default=0)
    filled = max((number for number, cell in enumerate(cells, 1) if cell), default=0)
    return tuple(cells[: max(last, filled)])


def text_of(content: bytes) -> str:
    """The bytes as text: UTF-8 where they are, else a character for each byte."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def lines_of(content: bytes, faults: Iterable[Fault] = ()) -> tuple[FlatLine, ...]:
    """The first lines of a file, taken apart at the separator that its first line uses most."""
    by_line: dict[int, list[Fault]] = defaultdict(list)
    for fault in faults:
        if fault.place.line is not None:
            by_line[fault.place.line].append(fault)
    source = text_of(content).splitlines(keepends=True)[:LINES_SHOWN]
    if not source:
        return ()
    separator = max(_SEPARATORS, key=source[0].count)
    found, begin = [], 1
    reader = csv.reader(source, delimiter=separator)
    try:
        for cells in reader:
            mine = tuple(fault for number in range(begin, reader.line_num + 1) for fault in by_line[number])
            found.append(FlatLine(number=begin, cells=_without_empty_end(cells, mine), faults=mine))
            begin = reader.line_num + 1
    except csv.Error:
        return tuple(FlatLine(number=n, cells=(line.rstrip("\r\n"),), faults=tuple(by_line[n])) for n, line in enumerate(source, 1))
    return tuple(found)
