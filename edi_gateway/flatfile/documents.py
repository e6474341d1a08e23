"""What reading a file gives: its documents, its faults, and where every value stands."""

from collections.abc import Generator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from edi_gateway.faults import Fault
from edi_gateway.flatfile.closing import Tally
from edi_gateway.flatfile.layout import Layout
from edi_gateway.flatfile.lines import lines_of
from edi_gateway.tree import Loop


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file that documents stand in. Shape: `headings` are the lines that named columns so far: line, record type and order."""

    layout: Layout
    content: bytes
    file: str | None
    headings: list[tuple[int, str, tuple[int, ...]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatDocument:
    """One document of a file.

    Shape:  `tree` holds what could be read; use it where `ok`. `spots` has the place of every element by its record's number, where
            a record is not a line.
    Units:  lines from one, both included; `offset` is the first line's byte in the file, from zero.
    """

    tree: Loop
    first_line: int
    last_line: int
    source: Source
    offset: int = 0
    spots: Mapping[tuple[int, int], tuple[int, int]] | None = None
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.faults

    def locate(self, fault: Fault) -> Fault:
        """A fault of the map with its line and column in the file, from the segment and element it names."""
        position, tag, element = fault.place.position, fault.place.segment, fault.place.element
        file = self.source.file
        if position is None or tag is None or fault.place.line is not None:
            return fault.at(file=fault.place.file or file)
        line, column, detail = position, None, fault.detail
        known = self.source.layout.records.get(tag)
        if known is not None and element is not None and element <= len(known.columns):
            detail = (*detail, ("column", known.columns[element - 1].shape.id))
            if self.spots is None:
                column = self._column(self._line(line, fault.place.offset), line, tag, element)
        if self.spots is not None:
            spots = self.spots
            line, column = spots.get((line, element or 1)) or next((at for (of, _), at in spots.items() if of == line), (1, 1))
        return replace(fault, place=replace(fault.place, file=file, line=line, column=column), detail=detail)

    def _line(self, number: int, offset: int | None) -> str:
        """The text of a line of this document; `offset` is its first byte where that is known."""
        content, start = self.source.content, offset or self.offset
        for _ in range(0 if offset else number - self.first_line):
            start = content.find(b"\n", start) + 1
        end = content.find(b"\n", start)
        raw = content[start:] if end < 0 else content[start:end]
        return raw.decode(self.source.layout.dialect.encoding, "replace").lstrip("\ufeff")

    def _column(self, text: str, line: int, tag: str, element: int) -> int | None:
        layout = self.source.layout
        order: tuple[int, ...] = tuple(range(1, len(layout.records[tag].columns) + 1))
        for since, named, columns in self.source.headings:
            if named == tag and since < line:
                order = columns
        starts = lines_of(layout).starts(text)
        if element not in order:
            return None
        at = order.index(element) + 1
        return starts[at] if at < len(starts) else len(text) + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatReading:
    """A file's documents in order.

    Shape:  `faults` are those of the file as a whole; each document has its own. `whole` is False where the file is cut short or
            broken: then nothing of it counts. `tally` is what the file holds, None where it could not be read to its end.
    """

    layout: Layout
    content: bytes
    file: str | None
    documents: tuple[FlatDocument, ...] = ()
    faults: tuple[Fault, ...] = ()
    whole: bool = True
    tally: Tally | None = None

    @property
    def all_faults(self) -> tuple[Fault, ...]:
        """The file's faults, then each document's."""
        return (*self.faults, *(fault for document in self.documents for fault in document.faults))


Run: TypeAlias = Generator[FlatDocument, None, FlatReading]
"""A file that is being read: its documents, and in the end what is to say of the whole."""


class FlatStream:
    """A file's documents one by one, so that a large file's trees never stand in memory together.

    Shape:  `end` is known once the documents are through: the reading without them. Where it is not `whole`, nothing of the file counts.
    """

    def __init__(self, run: Run) -> None:
        self._run = run
        self._end: FlatReading | None = None

    def __iter__(self) -> Iterator[FlatDocument]:
        self._end = yield from self._run

    @property
    def end(self) -> FlatReading:
        """Errors: ValueError as long as documents are to come."""
        if self._end is None:
            raise ValueError("the file has not been read to its end")
        return self._end

    def reading(self) -> FlatReading:
        """The whole file at once. Where it is not whole it has no documents, and the faults of all of them."""
        documents = tuple(self)
        if self.end.whole:
            return replace(self.end, documents=documents)
        return replace(self.end, faults=(*self.end.faults, *(fault for document in documents for fault in document.faults)))


def refused(layout: Layout, content: bytes, file: str | None, fault: Fault) -> FlatReading:
    """The end of a file of which nothing can be used."""
    return FlatReading(layout=layout, content=content, file=file, faults=(fault,), whole=False)


def with_faults(reading: FlatReading, faults: tuple[Fault, ...]) -> FlatReading:
    """The reading with faults that were found before the lines were read, each at the document whose lines it stands in."""
    mine = {id(document): tuple(one for one in faults if _within(document, one)) for document in reading.documents}
    documents = tuple(replace(one, faults=(*mine[id(one)], *one.faults)) for one in reading.documents)
    others = tuple(one for one in faults if not any(_within(document, one) for document in reading.documents))
    return replace(reading, documents=documents, faults=(*others, *reading.faults))


def _within(document: FlatDocument, fault: Fault) -> bool:
    return document.first_line <= (fault.place.line or 0) <= document.last_line
