"""Writes trees as a flat file. A value that does not fit is a fault; nothing is ever cut."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.flatfile.layout import COMMENT, Column, Format, Layout, RecordType, Trailer
from edi_gateway.flatfile.lines import lines_of
from edi_gateway.flatfile.sheet import workbook_of
from edi_gateway.flatfile.values import Change, outward, wanted
from edi_gateway.tree import Loop, Segment

_ANY = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatWriting:
    """A file's bytes, None where a value does not fit its column."""

    content: bytes | None
    faults: tuple[Fault, ...] = ()

    @property
    def ok(self) -> bool:
        return self.content is not None

    def content_or_faulty(self) -> bytes:
        """The bytes. Errors: Faulty where a value does not fit."""
        if self.content is None:
            raise Faulty(self.faults)
        return self.content


def write_lines(trees: Iterable[Loop], layout: Layout) -> FlatWriting:
    """The file of lines that holds the trees, every record with all its columns, and its trailer where the layout has one."""
    writer = _Writer(layout)
    trees = tuple(trees)
    for tree in trees:
        for segment in tree.walk():
            writer.take(segment)
    if layout.trailer:
        writer.end(layout.trailer, len(trees))
    content = writer.encode()
    if writer.faults:
        return FlatWriting(content=None, faults=tuple(writer.faults))
    return FlatWriting(content=content)


def write_workbook(trees: Iterable[Loop], layout: Layout) -> FlatWriting:
    """The Excel workbook that holds the trees: a row a record, every cell a text."""
    writer = _Writer(layout)
    for tree in trees:
        for segment in tree.walk():
            writer.take(segment)
    if writer.faults:
        return FlatWriting(content=None, faults=tuple(writer.faults))
    return FlatWriting(content=workbook_of(writer.lines, layout))


def write_named(trees: Iterable[Loop], layout: Layout, render: Callable[[list[Loop], Layout], str]) -> FlatWriting:
    """The file whose values have names: each value checked and brought to its form, then rendered."""
    writer = _Writer(layout)
    text = render([writer.formed(tree) for tree in trees], layout)
    if writer.faults:
        return FlatWriting(content=None, faults=tuple(writer.faults))
    try:
        return FlatWriting(content=text.encode(layout.dialect.encoding))
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        bad = Fault.of(
            "ERP-204", Place(line=line), text[error.start], tag="the document", column="A value", encoding=layout.dialect.encoding
        )
        return FlatWriting(content=None, faults=(bad,))


class _Writer:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lines = lines_of(layout)
        self._changes: dict[str, list[Change | None]] = {
            tag: [outward(column.shape, layout.dialect) for column in record.columns] for tag, record in layout.records.items()
        }
        self._looks = {
            tag: [
                (change is None and not column.shape.codes, _maximum(column) or _ANY)
                for change, column in zip(self._changes[tag], record.columns, strict=True)
            ]
            for tag, record in layout.records.items()
        }
        self._blanks = {tag: [""] * len(record.columns) for tag, record in layout.records.items()}
        self._written: list[str] = []
        self._used: set[str] = set()
        self.faults: list[Fault] = []

    def take(self, segment: Segment) -> None:
        """One record. Most values need no more than a look; what needs a change or does not fit goes through `_cell`."""
        tag = segment[0]
        assert isinstance(tag, str)
        record = self._layout.records[tag]
        if tag not in self._used:
            self._used.add(tag)
            if self._layout.dialect.headers and self._layout.format is Format.CSV:
                self._written.append(self._lines.line(COMMENT + tag, [column.shape.id for column in record.columns]))
        cells = self._cells(record, segment)
        cells += self._blanks[tag][len(cells) :]
        line = self._lines.line(tag, cells)
        if "\n" in line or "\r" in line:
            at = next(number for number, text in enumerate(cells) if "\n" in text or "\r" in text)
            self._fault("ERP-202", record, at, cells[at])
        self._written.append(line)

    def end(self, trailer: Trailer, documents: int) -> None:
        """The trailer of a file: how many documents and records stand before it."""
        records = sum(1 for line in self._written if not line.startswith(COMMENT))
        counted = {"documents": documents, "records": records}
        self._written.append(self._lines.line(trailer.tag, [str(counted[name]) for name in trailer.counts]))

    @property
    def lines(self) -> tuple[str, ...]:
        """What was written, without line ends."""
        return tuple(self._written)

    def formed(self, tree: Loop) -> Loop:
        """A tree whose values are checked and in the file's form."""
        children: list[Segment | Loop] = []
        for child in tree.children:
            if isinstance(child, Loop):
                children.append(self.formed(child))
            else:
                children.append(Segment([child.tag, *self._cells(self._layout.records[child.tag], child)]))
        return Loop(tree.tag, children)

    def _cells(self, record: RecordType, segment: Segment) -> list[str]:
        cells: list[str] = []
        for text, (plain, limit) in zip(segment[1:], self._looks[record.tag], strict=False):
            if not isinstance(text, str) or not plain or len(text) > limit:
                text = self._cell(record, len(cells), text if isinstance(text, str) else "".join(text)) if text else ""
            cells.append(text)
        return cells

    def _cell(self, record: RecordType, at: int, text: str) -> str:
        column = record.columns[at]
        shape = column.shape
        change = self._changes[record.tag][at]
        if change is not None:
            changed = change(text)
            if changed is None:
                self._fault("ERP-205", record, at, text, wanted=wanted(shape, self._layout.dialect)[0])
                return ""
            text = changed
        elif shape.codes and text not in shape.codes:
            self._fault("ERP-203", record, at, text, known=", ".join(shape.codes))
        maximum = _maximum(column)
        if maximum and len(text) > maximum:
            self._fault("ERP-201", record, at, text, length=len(text), maximum=maximum)
        return text

    def _fault(self, code: str, record: RecordType, at: int, value: str, **detail: object) -> None:
        place = Place(line=len(self._written) + 1, segment=record.tag, element=at + 1)
        self.faults.append(Fault.of(code, place, value, tag=record.tag, column=record.columns[at].shape.id, **detail))

    def encode(self) -> bytes | None:
        """The file's bytes; a character that the encoding lacks is a fault with its line and column."""
        dialect = self._layout.dialect
        text = "".join(line + dialect.newline for line in self._written)
        try:
            return text.encode(dialect.encoding)
        except UnicodeEncodeError as error:
            before = text[: error.start]
            line = before.count(dialect.newline) + 1
            place = Place(line=line, column=error.start - (before.rfind("\n") + 1) + 1)
            tag = self._written[line - 1][:3]
            self.faults.append(Fault.of("ERP-204", place, text[error.start], tag=tag, column="a value", encoding=dialect.encoding))
            return None


def _maximum(column: Column) -> int:
    """How many characters fit: the width of a fixed column, or else the limit of a text. 0 means any number."""
    return column.width or (column.shape.maximum if column.shape.type in ("AN", "ID") else 0)
