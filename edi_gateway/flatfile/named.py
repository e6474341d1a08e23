"""Documents whose values have names (JSON, XML), brought to the same trees as files of lines.

Both readers give `NamedRecord`s; what is checked (names, requirement, form, lists, lengths, how often) is checked here once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile.closing import Closing, Said
from edi_gateway.flatfile.documents import FlatDocument, FlatReading, Source
from edi_gateway.flatfile.idoc import said
from edi_gateway.flatfile.layout import Format, Layout
from edi_gateway.flatfile.values import inward, wanted
from edi_gateway.marked import nearest
from edi_gateway.shape import LoopShape, SegmentShape
from edi_gateway.tree import Loop, Segment

Controls: TypeAlias = Mapping[str, Mapping[str, str]]
"""The file's header and trailer by their tags: the values that they say by their names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedValue:
    """One value and where it stands. Units: line and column in characters, from one."""

    name: str
    text: str
    line: int
    column: int


@dataclass(slots=True, kw_only=True)
class NamedRecord:
    """One record: its tag, its values and the records under it."""

    tag: str
    line: int
    column: int
    values: list[NamedValue] = field(default_factory=list)
    records: list["NamedRecord"] = field(default_factory=list)
    last_line: int = 0


class NamedReader:
    """Makes documents of named records, and follows their file to its end."""

    def __init__(self, content: bytes, layout: Layout, file: str | None) -> None:
        self._source = Source(layout=layout, content=content, file=file)
        self._layout = layout
        self._file = file
        self._number = 0
        self._unread: list[Fault] = []
        self._faults: list[Fault] = []
        self._documents = 0
        self._closing = Closing(layout, file)
        self._spots: dict[tuple[int, int], tuple[int, int]] = {}
        self._changes = {tag: [inward(column.shape, layout.dialect) for column in record.columns] for tag, record in layout.records.items()}

    def take(self, record: NamedRecord) -> Iterator[FlatDocument]:
        """What stands next in the file: a document, or the file's header or trailer."""
        if not self._closing.knows(record.tag):
            self._count(record)
            self._documents += 1
            yield self._document(record)
            return
        nothing = Said(text="", line=record.line, column=record.column)
        said = {value.name: Said(text=value.text, line=value.line, column=value.column) for value in record.values}
        self._closing.take(record.tag, defaultdict(lambda: nothing, said), record.line)

    def pass_over(self, fault: Fault) -> None:
        """A document that cannot be read at all, and why."""
        self._closing.count("", fault.place.line or 1)
        self._unread.append(fault)

    def end(self) -> FlatReading:
        """What is to say of the file once it is at its end."""
        wrong = self._closing.faults(self._documents + len(self._unread))
        faults = (*wrong, *self._unread)
        if not self._documents and not faults:
            faults = (Fault.of("ERP-101", Place(file=self._file, line=1, column=1)),)
        source = self._source
        return FlatReading(
            layout=source.layout,
            content=source.content,
            file=source.file,
            faults=faults,
            whole=not wrong,
            tally=self._closing.tally,
        )

    def _count(self, record: NamedRecord) -> None:
        for inner in record.records:
            self._closing.count(inner.tag, inner.line)
            self._count(inner)

    def _document(self, document: NamedRecord) -> FlatDocument:
        """The document of its named records: those of the layout's root, in the layout's order."""
        self._faults, self._spots = [], {}
        root = self._layout.shape.root
        for value in document.values:
            self._unknown(value.name, value.line, value.column, document.tag, self._tags(root))
        children = list(self._children(root, document))
        return FlatDocument(
            tree=Loop(root.tag, children),
            first_line=document.line,
            last_line=max(document.last_line, document.line),
            source=self._source,
            spots=self._spots,
            faults=tuple(self._faults),
        )

    def _unknown(self, name: str, line: int, column: int, tag: str, known: Iterable[str]) -> None:
        """A name that the layout does not have: a fault, unless the layout lets others stand."""
        if not self._layout.others:
            self._fault("ERP-121", line, column, name, tag=tag, hint=nearest(name, known))

    def _fault(self, code: str, line: int, at: int | None, value: str, **detail: object) -> None:
        self._faults.append(Fault.of(code, Place(file=self._file, line=line, column=at), value, **detail))

    def _tags(self, loop: LoopShape) -> list[str]:
        return [item.tag for item in loop.items if item.tag != loop.tag]

    def _children(self, loop: LoopShape, parent: NamedRecord) -> Iterator[Segment | Loop]:
        known = self._tags(loop)
        for record in parent.records:
            if record.tag not in known:
                self._unknown(record.tag, record.line, record.column, parent.tag, known)
        for item in loop.items:
            if item.tag == loop.tag:
                continue
            there = [record for record in parent.records if record.tag == item.tag]
            if not there and item.requirement == "M":
                name = item.name if isinstance(item, SegmentShape) else self._layout.records[item.tag].shape.name
                self._fault("ERP-110", parent.line, parent.column, item.tag, name=name)
            if item.limit and len(there) > item.limit:
                self._fault("ERP-108", there[item.limit].line, there[item.limit].column, item.tag)
            yield from self._records(item, there)

    def _records(self, item: SegmentShape | LoopShape, there: Iterable[NamedRecord]) -> Iterator[Segment | Loop]:
        for record in there:
            segment = self._segment(record)
            if isinstance(item, LoopShape):
                yield Loop(item.tag, [segment, *self._children(item, record)])
            else:
                for inner in record.records:
                    self._unknown(inner.tag, inner.line, inner.column, record.tag, ())
                yield segment

    def _segment(self, record: NamedRecord) -> Segment:
        self._number += 1
        shape = self._layout.records[record.tag]
        elements = [""] * len(shape.columns)
        for value in record.values:
            number = shape.shape.number(value.name)
            if number is None:
                self._unknown(value.name, value.line, value.column, record.tag, [column.shape.id for column in shape.columns])
            else:
                self._spots[self._number, number] = (value.line, value.column)
                elements[number - 1] = self._text(record.tag, number, value)
        for number, column in enumerate(shape.columns, 1):
            if column.shape.requirement == "M" and (self._number, number) not in self._spots:
                self._fault("ERP-106", record.line, record.column, "", tag=record.tag, column=column.shape.id, name=column.shape.name)
        while elements and not elements[-1]:
            elements.pop()
        segment = Segment([record.tag, *elements], self._number, 0)
        self._closing.tally.add(segment)
        return segment

    def _text(self, tag: str, number: int, value: NamedValue) -> str:
        shape = self._layout.records[tag].columns[number - 1].shape
        change = self._changes[tag][number - 1]
        told = {"tag": tag, "column": shape.id}
        text = said(value.text, shape) if self._layout.format is Format.IDOC_XML else value.text
        if not text:
            if shape.requirement == "M":
                self._fault("ERP-106", value.line, value.column, "", **told, name=shape.name)
        elif change is not None:
            changed = change(text)
            if changed is None:
                words, example = wanted(shape, self._layout.dialect)
                self._fault("ERP-111", value.line, value.column, text, **told, wanted=words, example=example)
            text = changed or ""
        elif shape.codes and text not in shape.codes:
            self._fault("ERP-112", value.line, value.column, text, **told, known=", ".join(shape.codes))
        if shape.maximum and len(text) > shape.maximum and shape.type in ("AN", "ID"):
            self._fault("ERP-113", value.line, value.column, text, **told, length=len(text), maximum=shape.maximum)
        return text
