"""Reads a flat file into one tree a document. A bad line spoils its own document only; every fault names line and column."""

import codecs
import io
import re
from dataclasses import dataclass, field

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile.broken import Broken
from edi_gateway.flatfile.closing import Closing, Said
from edi_gateway.flatfile.documents import FlatDocument, FlatReading, Run, Source, refused
from edi_gateway.flatfile.layout import COMMENT, ControlRecord, Layout, RecordType
from edi_gateway.flatfile.lines import Lines, lines_of
from edi_gateway.flatfile.values import Change, inward, wanted
from edi_gateway.marked import nearest
from edi_gateway.shape import LoopShape
from edi_gateway.tree import Loop, Segment

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]").search
MAX_LINES = 1_000_000
"""More lines in one file are refused before they are read."""
_REMEMBERED = 10_000
"""So many values are kept once, however often they stand in the file: units, prices and numbers of articles come again and again."""
_BOM = b"\xef\xbb\xbf"
_UTF8 = ("utf-8", "utf-8-sig", "ascii")
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def read_lines(content: bytes, layout: Layout, file: str | None) -> Run:
    """The documents of a file of lines."""
    if (wrong := _unreadable(content, layout, file) or too_many_lines(content, file)) is not None:
        return refused(layout, content, file, wrong)
    reader = _Reader(Source(layout=layout, content=content, file=file))
    offset = 0
    for number, raw in enumerate(io.BytesIO(content), 1):
        reader.take(raw.rstrip(b"\n"), number, offset)
        offset += len(raw)
        if reader.ready is not None:
            yield reader.ready
            reader.ready = None
    reader.close()
    if reader.ready is not None:
        yield reader.ready
    faults = (*reader.closing.faults(reader.count), *reader.faults)
    whole = len(faults) == len(reader.faults)
    if not reader.count and not faults:
        faults = (Fault.of("ERP-101", Place(file=file, line=1, column=1)),)
    return FlatReading(layout=layout, content=content, file=file, faults=faults, whole=whole, tally=reader.closing.tally)


def too_many_lines(content: bytes, file: str | None) -> Fault | None:
    """The fault of a file of more lines than are taken."""
    lines = content.count(b"\n") + (not content.endswith(b"\n"))
    if lines <= MAX_LINES:
        return None
    return Fault.of("ERP-132", Place(file=file, line=MAX_LINES + 1, column=1), str(lines), maximum=MAX_LINES)


def _unreadable(content: bytes, layout: Layout, file: str | None) -> Fault | None:
    """The fault of a file whose first bytes say that it has another encoding."""
    encoding = layout.dialect.encoding
    if content.startswith(_BOM) and codecs.lookup(encoding).name not in _UTF8:
        return Fault.of("ERP-102", Place(file=file, line=1, column=1), _BOM.hex().upper(), encoding=encoding)
    if content.startswith(_WIDE):
        return Fault.of("ERP-102", Place(file=file, line=1, column=1), content[:2].hex(), encoding=encoding)
    return None


@dataclass(slots=True)
class _Open:
    """A document that is being read: its open loops, and how often each record stood in them."""

    root: Loop
    first_line: int
    offset: int
    stack: list[tuple[str, Loop, dict[str, int]]]
    faults: list[Fault] = field(default_factory=list)


class _Reader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._layout = layout = source.layout
        self._file = file = source.file
        self._lines: Lines = lines_of(layout)
        self._parents = layout.parents()
        self._limits = _limits(layout)
        self._required = [(item.tag, _name(item)) for item in layout.shape.root.items if item.requirement == "M"]
        self._changes: dict[str, list[Change | None]] = {
            tag: [inward(column.shape, layout.dialect) for column in record.columns] for tag, record in layout.records.items()
        }
        self._texts: dict[str, str] = {}
        self._orders: dict[str, tuple[int, ...]] = {}
        self._open: _Open | None = None
        self._last = 0
        self.closing = Closing(layout, file)
        self._controls = {one.tag: one for one in layout.controls}
        self.count = 0
        self.ready: FlatDocument | None = None
        self.faults: list[Fault] = []

    def take(self, raw: bytes, number: int, offset: int) -> None:
        """One line of the file."""
        if number == 1 and raw.startswith(_BOM):
            raw = raw[3:]
            offset = 3
        try:
            line = raw.decode(self._layout.dialect.encoding).rstrip("\r")
        except UnicodeDecodeError as error:
            before = raw[: error.start].decode(self._layout.dialect.encoding, "replace")
            bad = raw[error.start : error.start + 1].hex().upper()
            self.closing.count(before[:3], number)
            self._fault("ERP-102", number, len(before) + 1, bad, encoding=self._layout.dialect.encoding)
            return
        if not line or line.isspace():
            return
        if found := _CONTROL(line):
            if not (found.group() == "\x1a" and not line.strip("\x1a")):
                self.closing.count(line[:3], number)
                self._fault("ERP-114", number, found.start() + 1, f"U+{ord(found.group()):04X}")
            return
        try:
            cells = self._lines.cells(line)
        except Broken as broken:
            if line.startswith(COMMENT):
                return
            tag = line.partition(self._layout.dialect.delimiter)[0].strip()
            self.closing.count(tag, number)
            self._begin_if_opening(tag, number, offset)
            self._fault(broken.code, number, broken.column, broken.value, **broken.detail)
            return
        if cells[0].startswith(COMMENT):
            self._heading(cells, line, number)
            return
        if (control := self._controls.get(cells[0])) is not None:
            self.closing.take(control.tag, self._said(control, cells, line, number), number)
            return
        self.closing.count(cells[0], number)
        self._record(cells, line, number, offset)

    def _said(self, control: ControlRecord, cells: list[str], line: str, number: int) -> dict[str, Said]:
        """The values of the file's header or trailer by their names, empty where the line ends before them."""
        starts = self._lines.starts(line)
        said = {}
        for at, name in enumerate(control.counts, 1):
            column = starts[at] if at < len(cells) else len(line) + 1
            said[name] = Said(text=cells[at] if at < len(cells) else "", line=number, column=column)
        return said

    def close(self) -> None:
        """Ends the document that is open: it is ready."""
        opened = self._open
        if opened is None:
            return
        there = opened.stack[0][2]
        for tag, name in self._required:
            if tag not in there and not opened.faults:
                place = Place(file=self._file, line=self._last)
                opened.faults.append(Fault.of("ERP-110", place, tag, name=name))
        self.count += 1
        self.ready = FlatDocument(
            tree=opened.root,
            first_line=opened.first_line,
            last_line=self._last,
            source=self._source,
            offset=opened.offset,
            faults=tuple(opened.faults),
        )
        self._open = None

    def _fault(self, code: str, line: int, column: int | None, value: str | None = None, **detail: object) -> None:
        fault = Fault.of(code, Place(file=self._file, line=line, column=column), value, **detail)
        (self._open.faults if self._open is not None else self.faults).append(fault)
        self._last = line

    def _begin_if_opening(self, tag: str, number: int, offset: int) -> None:
        if tag == self._layout.opening:
            self.close()
            root = Loop(self._layout.shape.root.tag)
            self._open = _Open(root=root, first_line=number, offset=offset, stack=[("", root, {})])

    def _heading(self, cells: list[str], line: str, number: int) -> None:
        """A `#TAG,column,…` line names the columns of a record type from here on; any other comment is passed over."""
        tag = cells[0].lstrip(COMMENT).strip()
        record = self._layout.records.get(tag)
        if record is None or len(cells) < 2:
            return
        order, starts = [], self._lines.starts(line)
        known = [column.shape.id for column in record.columns]
        for at, name in enumerate(cells[1:], 1):
            if name and name not in known:
                column = starts[at] if at < len(starts) else None
                self.faults.append(
                    Fault.of("ERP-115", Place(file=self._file, line=number, column=column), name, tag=tag, hint=nearest(name, known))
                )
            order.append(record.shape.number(name) or 0)
        for at, column_of in enumerate(record.columns, 1):
            if column_of.shape.requirement == "M" and at not in order:
                self.faults.append(Fault.of("ERP-116", Place(file=self._file, line=number, column=1), column_of.shape.id, tag=tag))
        self._orders[tag] = tuple(order)
        self._source.headings.append((number, tag, tuple(order)))

    def _record(self, cells: list[str], line: str, number: int, offset: int) -> None:
        record = self._layout.records.get(cells[0])
        tag = cells[0] if record is None else record.tag  # one string for all records of a type
        if record is None and self._layout.others and self._open is not None:
            self._last = number
            return
        if record is None:
            self._fault("ERP-104", number, 1, tag, layout=self._layout.name, hint=nearest(tag, self._layout.records))
            return
        self._begin_if_opening(tag, number, offset)
        if self._open is None:
            self._fault("ERP-109", number, 1, tag, opening=self._layout.opening)
            return
        self._last = number
        segment = Segment(self._elements(tag, record, cells, line, number), number, offset)
        self.closing.tally.add(segment)
        self._attach(tag, segment, number)

    def _elements(self, tag: str, record: RecordType, cells: list[str], line: str, number: int) -> list[str]:
        """The tree's elements of a line: each cell in its column's place, checked and brought to the tree's form."""
        width = len(record.columns)
        order = self._orders.get(tag)
        if order is not None:
            placed = [""] * width
            for at, text in zip(order, cells[1:], strict=False):
                if at:
                    placed[at - 1] = text
            extra = cells[1 + len(order) :]
        else:
            placed = cells[1 : width + 1]
            placed += [""] * (width - len(placed))
            extra = cells[width + 1 :]
        if extra and (first := next((text for text in extra if text), None)) is not None:
            self._cell_fault("ERP-105", line, number, len(cells) - len(extra), first, tag=tag, count=width)
        changes = self._changes[tag]
        elements, texts = [tag], self._texts
        for at, text in enumerate(placed):
            change = changes[at]
            shape = record.columns[at].shape
            if not text:
                if shape.requirement == "M":
                    where = order.index(at + 1) + 1 if order and at + 1 in order else at + 1
                    self._cell_fault("ERP-106", line, number, where, "", tag=tag, column=shape.id, name=shape.name)
            elif change is not None:
                changed = change(text)
                if changed is None:
                    self._form_fault(tag, record, at, text, line, number)
                text = changed or ""
            elif shape.codes and text not in shape.codes:
                self._element_fault("ERP-112", tag, record, at, text, line, number, known=", ".join(shape.codes))
            if shape.maximum and len(text) > shape.maximum and shape.type in ("AN", "ID"):
                self._element_fault("ERP-113", tag, record, at, text, line, number, length=len(text), maximum=shape.maximum)
            elements.append(texts.get(text, text) if len(texts) >= _REMEMBERED else texts.setdefault(text, text))
        while not elements[-1]:
            elements.pop()
        return elements

    def _form_fault(self, tag: str, record: RecordType, at: int, text: str, line: str, number: int) -> None:
        words, example = wanted(record.columns[at].shape, self._layout.dialect)
        self._element_fault("ERP-111", tag, record, at, text, line, number, wanted=words, example=record.columns[at].example or example)

    def _element_fault(self, code: str, tag: str, record: RecordType, at: int, text: str, line: str, number: int, **detail: object) -> None:
        order = self._orders.get(tag)
        where = order.index(at + 1) + 1 if order and at + 1 in order else at + 1
        self._cell_fault(code, line, number, where, text, tag=tag, column=record.columns[at].shape.id, **detail)

    def _cell_fault(self, code: str, line: str, number: int, cell: int, value: str, **detail: object) -> None:
        starts = self._lines.starts(line)
        column = starts[cell] if cell < len(starts) else len(line) + 1
        tag, name = detail.get("tag"), detail.get("column")
        record = self._layout.records.get(str(tag))
        fault = Fault.of(code, Place(file=self._file, line=number, column=column), value, **detail)
        if record is not None and name is not None:
            fault = fault.at(segment=str(tag), element=record.shape.number(str(name)))
        (self._open.faults if self._open is not None else self.faults).append(fault)

    def _attach(self, tag: str, segment: Segment, number: int) -> None:
        """Puts a record under the loop that it belongs to."""
        opened = self._open
        assert opened is not None
        parents = self._parents[tag]
        stack = opened.stack
        while len(stack) > 1 and stack[-1][0] not in parents:
            stack.pop()
        if stack[-1][0] not in parents:
            self._fault("ERP-107", number, 1, tag, parent=" or ".join(parents))
            return
        _, loop, counts = stack[-1]
        counts[tag] = counts.get(tag, 0) + 1
        limit, is_loop = self._limits[tag]
        if limit and counts[tag] > limit:
            self._fault("ERP-108", number, 1, tag)
            return
        if is_loop:
            inner = Loop(tag, [segment])
            loop.children.append(inner)
            stack.append((tag, inner, {}))
        else:
            loop.children.append(segment)


def _limits(layout: Layout) -> dict[str, tuple[int, bool]]:
    """Per record type how often it may stand in its place, and whether it opens a loop."""
    found: dict[str, tuple[int, bool]] = {}
    for item in layout.shape.root.walk():
        if isinstance(item, LoopShape):
            found[item.tag] = (item.limit, True)
        else:
            found.setdefault(item.tag, (item.limit, False))
    return found


def _name(item: object) -> str:
    if isinstance(item, LoopShape):
        return _name(item.items[0])
    return str(getattr(item, "name", ""))
