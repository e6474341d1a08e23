"""What reading a file gives: its documents, its faults, and where every value stands."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from edi_gateway.faults import Fault
from edi_gateway.flatfile.closing import Tally
from edi_gateway.flatfile.layout import Layout
from edi_gateway.flatfile.lines import lines_of
from edi_gateway.tree import Loop


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatDocument:
    """One document of a file. Units: lines from one, both included. Shape: `tree` holds what could be read; use it where `ok`."""

    tree: Loop
    first_line: int
    last_line: int
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        return not self.faults


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatReading:
    """A file's documents in order.

    Shape:  `faults` are those of the file as a whole; each document has its own. `headings` are the lines that named columns;
            `spots` has the place of every element by its record's number, where a record is not a line. `tally` is what the
            file holds, None where it could not be read to its end.
    """

    layout: Layout
    content: bytes
    file: str | None
    documents: tuple[FlatDocument, ...] = ()
    faults: tuple[Fault, ...] = ()
    headings: tuple[tuple[int, str, tuple[int, ...]], ...] = ()
    spots: Mapping[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    tally: Tally | None = None

    @property
    def all_faults(self) -> tuple[Fault, ...]:
        """The file's faults, then each document's."""
        return (*self.faults, *(fault for document in self.documents for fault in document.faults))

    def locate(self, fault: Fault) -> Fault:
        """A fault of the map with its line and column in this file, from the segment and element it names."""
        line, tag, element = fault.place.position, fault.place.segment, fault.place.element
        if line is None or tag is None or fault.place.line is not None:
            return fault.at(file=fault.place.file or self.file)
        column: int | None = None
        known = self.layout.records.get(tag)
        detail = fault.detail
        if known is not None and element is not None and element <= len(known.columns):
            detail = (*detail, ("column", known.columns[element - 1].shape.id))
            if not self.spots:
                column = self._column(line, tag, element)
        if self.spots:
            line, column = self.spots.get((line, element or 1)) or next((at for (of, _), at in self.spots.items() if of == line), (1, 1))
        place = replace(fault.place, file=self.file, line=line, column=column)
        return replace(fault, place=place, detail=detail)

    def _column(self, line: int, tag: str, element: int) -> int | None:
        raw = self.content.split(b"\n")[line - 1]
        text = raw.decode(self.layout.dialect.encoding, "replace").lstrip("\ufeff")
        order: tuple[int, ...] = tuple(range(1, len(self.layout.records[tag].columns) + 1))
        for since, named, columns in self.headings:
            if named == tag and since < line:
                order = columns
        starts = lines_of(self.layout).starts(text)
        if element not in order:
            return None
        at = order.index(element) + 1
        return starts[at] if at < len(starts) else len(text) + 1


def not_whole(layout: Layout, content: bytes, file: str | None, faults: Iterable[Fault], documents: Iterable[FlatDocument]) -> FlatReading:
    """The reading of a file that its header or trailer shows not to be whole: no documents, and the faults of all of them."""
    inner = (fault for document in documents for fault in document.faults)
    return FlatReading(layout=layout, content=content, file=file, faults=(*faults, *inner))


def with_faults(reading: FlatReading, faults: tuple[Fault, ...]) -> FlatReading:
    """The reading with faults that were found before the lines were read, each at the document whose lines it stands in."""
    mine = {id(document): tuple(one for one in faults if _within(document, one)) for document in reading.documents}
    documents = tuple(replace(one, faults=(*mine[id(one)], *one.faults)) for one in reading.documents)
    others = tuple(one for one in faults if not any(_within(document, one) for document in reading.documents))
    return replace(reading, documents=documents, faults=(*others, *reading.faults))


def _within(document: FlatDocument, fault: Fault) -> bool:
    return document.first_line <= (fault.place.line or 0) <= document.last_line
