"""Writes trees as a flat file. A value that does not fit is a fault; nothing is ever cut."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.flatfile.closing import Tally
from edi_gateway.flatfile.forms import Form, forms, maximum
from edi_gateway.flatfile.layout import COMMENT, UNREAD, ControlRecord, Format, Layout, RecordType
from edi_gateway.flatfile.lines import lines_of
from edi_gateway.flatfile.named import Controls
from edi_gateway.flatfile.sheet import workbook_of
from edi_gateway.flatfile.values import wanted
from edi_gateway.tree import Loop, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatWriting:
    """A file's bytes, None where a value does not fit its column; `tally` is what they hold."""

    content: bytes | None
    faults: tuple[Fault, ...] = ()
    tally: Tally | None = None

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
    writer = _lined(trees, layout)
    content = writer.encode()
    if writer.faults:
        return FlatWriting(content=None, faults=tuple(writer.faults))
    return FlatWriting(content=content, tally=writer.tally)


def write_workbook(trees: Iterable[Loop], layout: Layout) -> FlatWriting:
    """The Excel workbook that holds the trees: a row a record, every cell a text."""
    writer = _lined(trees, layout)
    if writer.faults:
        return FlatWriting(content=None, faults=tuple(writer.faults))
    return FlatWriting(content=workbook_of(writer.lines, layout), tally=writer.tally)


def _lined(trees: Iterable[Loop], layout: Layout) -> "_Writer":
    """The trees as lines, between the file's header and trailer."""
    writer = _Writer(layout)
    for tree in trees:
        writer.tally.documents += 1
        for segment in tree.walk():
            writer.take(segment)
    writer.enclose()
    return writer


def write_named(trees: Iterable[Loop], layout: Layout, render: Callable[[list[Loop], Layout, Controls], str]) -> FlatWriting:
    """The file whose values have names: each value checked and brought to its form, then rendered."""
    writer = _Writer(layout)
    formed = []
    for tree in trees:
        writer.tally.documents += 1
        formed.append(writer.formed(tree))
    text = render(formed, layout, {one.tag: _named(one, writer.said(one)) for one in layout.controls})
    if writer.faults:
        return FlatWriting(content=None, faults=tuple(writer.faults))
    try:
        return FlatWriting(content=text.encode(layout.dialect.encoding), tally=writer.tally)
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        bad = Fault.of(
            "ERP-204", Place(line=line), text[error.start], tag="the document", column="A value", encoding=layout.dialect.encoding
        )
        return FlatWriting(content=None, faults=(bad,))


def _named(control: ControlRecord, said: list[str]) -> dict[str, str]:
    return {name: text for name, text in zip(control.counts, said, strict=True) if name != UNREAD}


class _Writer:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._lines = lines_of(layout)
        self._forms = forms(layout)
        self._is_headed = layout.dialect.headers and layout.format is Format.CSV
        self._written: list[str] = [""] if layout.header is not None else []  # the header's place
        self._used: set[str] = set()
        self.tally = Tally(layout)
        self.faults: list[Fault] = []

    def take(self, segment: Segment) -> None:
        """One record. Most need no more than a look; one with a value that needs a change or does not fit goes through `_cell`."""
        tag = segment[0]
        assert isinstance(tag, str)
        form = self._forms[tag]
        self._count(segment)
        if tag not in self._used:
            self._used.add(tag)
            if self._is_headed:
                self._written.append(self._lines.line(COMMENT + tag, [column.shape.id for column in form.record.columns]))
        cells = self._cells(form, segment)
        cells += form.blanks[len(cells) :]
        line = self._lines.line(tag, cells)
        if "\n" in line or "\r" in line:
            at = next(number for number, text in enumerate(cells) if "\n" in text or "\r" in text)
            self._fault("ERP-202", form.record, at, cells[at])
        self._written.append(line)

    def _count(self, segment: Segment) -> None:
        tally = self.tally
        tally.records += 1
        if segment[0] == tally.tag:
            tally.add(segment)

    def enclose(self) -> None:
        """Puts the file's header before what was written, and its trailer behind."""
        header, trailer = self._layout.header, self._layout.trailer
        if header is not None:
            self._written[0] = self._lines.line(header.tag, self.said(header))
        if trailer is not None:
            self._written.append(self._lines.line(trailer.tag, self.said(trailer)))

    def said(self, control: ControlRecord) -> list[str]:
        """The values of a header or trailer as they are written; one that is not looked at is empty."""
        said = []
        for at, name in enumerate(control.counts):
            text = "" if name == UNREAD else self.tally.text(name).replace(".", self._layout.dialect.decimal)
            if control.widths and len(text) > control.widths[at]:
                place = Place(line=len(self._written) + 1, segment=control.tag, element=at + 1)
                found = {"tag": control.tag, "column": name, "length": len(text), "maximum": control.widths[at]}
                self.faults.append(Fault.of("ERP-201", place, text, **found))
            said.append(text)
        return said

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
                self._count(child)
                children.append(Segment([child.tag, *self._cells(self._forms[child.tag], child)]))
        return Loop(tree.tag, children)

    def _cells(self, form: Form, segment: Segment) -> list[str]:
        cells: list[str] = segment[1:]  # type: ignore[assignment]  # a composite, which has no place in a file, is joined to one text
        try:
            "".join(cells)
        except TypeError:
            cells = [text if isinstance(text, str) else "".join(text) for text in cells]
        if form.fits(cells):
            return cells
        return [text and self._cell(form, at, text) for at, text in enumerate(cells[: len(form.blanks)])]

    def _cell(self, form: Form, at: int, text: str) -> str:
        column, change = form.record.columns[at], form.changes[at]
        shape = column.shape
        if change is not None:
            changed = change(text)
            if changed is None:
                self._fault("ERP-205", form.record, at, text, wanted=wanted(shape, self._layout.dialect)[0])
                return ""
            text = changed
        elif shape.codes and text not in shape.codes:
            self._fault("ERP-203", form.record, at, text, known=", ".join(shape.codes))
        limit = maximum(column)
        if limit and len(text) > limit:
            self._fault("ERP-201", form.record, at, text, length=len(text), maximum=limit)
        return text

    def _fault(self, code: str, record: RecordType, at: int, value: str, **detail: object) -> None:
        place = Place(line=len(self._written) + 1, segment=record.tag, element=at + 1)
        self.faults.append(Fault.of(code, place, value, tag=record.tag, column=record.columns[at].shape.id, **detail))

    def encode(self) -> bytes | None:
        """The file's bytes; a character that the encoding lacks is a fault with its line and column."""
        dialect = self._layout.dialect
        text = dialect.newline.join((*self._written, ""))
        try:
            return text.encode(dialect.encoding)
        except UnicodeEncodeError as error:
            before = text[: error.start]
            line = before.count(dialect.newline) + 1
            place = Place(line=line, column=error.start - (before.rfind("\n") + 1) + 1)
            tag = self._written[line - 1][:3]
            self.faults.append(Fault.of("ERP-204", place, text[error.start], tag=tag, column="a value", encoding=dialect.encoding))
            return None
