"""Layouts: what an ERP's flat file looks like, as a YAML file says it. Schema of documents, as X12's schemas are."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from edi_gateway.shape import ElementShape, LoopShape, SegmentShape, Shape

COMMENT = "#"
DOCUMENTS, RECORDS, TOTAL, UNREAD = "documents", "records", "total", "-"
"""What the values of a file's header and trailer records are named."""


class Format(StrEnum):
    """How records stand in the bytes of a file."""

    CSV = "csv"
    FIXED = "fixed"
    JSON = "json"
    JSONL = "jsonl"
    XML = "xml"
    XLSX = "xlsx"
    IDOC = "idoc"
    IDOC_XML = "idoc_xml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How values are written. Shape: `date` is a mask of CCYY, YY, MM and DD; `encoding` a codec's name.

    `headers` says whether written files name their columns in `#TAG` lines; lines that name columns may always be read.
    """

    delimiter: str = ","
    quote: str = '"'
    newline: str = "\n"
    encoding: str = "utf-8"
    decimal: str = "."
    date: str = "CCYYMMDD"
    headers: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column. Units: `width` in characters, for fixed-width files only; 0 elsewhere."""

    shape: ElementShape
    example: str = ""
    width: int = 0
    notes: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordType:
    """One kind of line: its tag and its columns. `external` is the segment's name in an IDoc file, such as E2EDK01005."""

    shape: SegmentShape
    columns: tuple[Column, ...]
    notes: str = ""
    external: str = ""

    @property
    def tag(self) -> str:
        return self.shape.tag


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlTotal:
    """The column whose sum is a file's control total. Units: `number` from one."""

    tag: str
    column: str
    number: int

    @property
    def name(self) -> str:
        """As a layout writes it: "LIN.quantity"."""
        return f"{self.tag}.{self.column}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ControlRecord:
    """The first or the last record of a file, which tells what the file holds.

    Shape:  `counts` are its values in their order: "documents", "records", "total", or "-" for one that is not looked at.
    Units:  `widths` in characters, one a value, for fixed-width files only.
    """

    tag: str
    counts: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The values that are looked at."""
        return tuple(name for name in self.counts if name != UNREAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """A whole layout.

    Shape:  `document` is the word in the first column of the opening record, by which content is recognised; `prefixes` are
            the file names' beginnings; `others` lets records and names that the layout does not have stand unread. The
            shape's root is the document: its first item is the opening record.
    """

    name: str
    title: str
    record: str
    document: str
    shape: Shape
    records: Mapping[str, RecordType]
    format: Format = Format.CSV
    dialect: Dialect = field(default_factory=Dialect)
    prefixes: tuple[str, ...] = ()
    notes: str = ""
    others: bool = False
    nested: Shape | None = None
    """The document as maps see it, where its records refer to one another in the file; see `delivery`."""
    header: ControlRecord | None = None
    trailer: ControlRecord | None = None
    total: ControlTotal | None = None
    like: str = ""
    """The layout that this one is like in another form; the same maps fit."""

    @property
    def map_shape(self) -> Shape:
        """The document as maps see it."""
        return self.nested or self.shape

    @property
    def opening(self) -> str:
        """The tag of the record that begins a document."""
        first = self.shape.root.items[0]
        assert isinstance(first, SegmentShape)
        return first.tag

    @property
    def controls(self) -> tuple[ControlRecord, ...]:
        """The file's header and trailer, where it has them."""
        return tuple(one for one in (self.header, self.trailer) if one is not None)

    def parents(self) -> dict[str, tuple[str, ...]]:
        """Per record type the tags of the records that it may stand under, "" for the document itself."""
        found: dict[str, tuple[str, ...]] = {}
        waiting: list[tuple[LoopShape, str]] = [(self.shape.root, "")]
        while waiting:
            loop, parent = waiting.pop()
            for item in loop.items:
                if item.tag == parent:
                    continue
                if isinstance(item, LoopShape) and item.tag not in found:
                    waiting.append((item, item.tag))
                found[item.tag] = (*found.get(item.tag, ()), parent)
        return found
