"""XML: a document is an element of the document's word, its records are elements of their tags, their values elements or attributes.

A document type or an entity of the file's own is refused before anything is expanded.
"""

from collections.abc import Iterable, Iterator
from xml.parsers import expat
from xml.sax.saxutils import escape

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile.documents import Run, refused
from edi_gateway.flatfile.layout import Format, Layout
from edi_gateway.flatfile.named import Controls, NamedReader, NamedRecord, NamedValue
from edi_gateway.flatfile.reading import MAX_LINES
from edi_gateway.shape import LoopShape
from edi_gateway.tree import Loop

MAX_DEPTH = 20
_CHUNK = 64 * 1024


def read_xml(content: bytes, layout: Layout, file: str | None) -> Run:
    """A file's documents. Shape: the root is a document, or any element that holds documents."""
    taker, reader = _Taker(layout), NamedReader(content, layout, file)
    try:
        for at in range(0, len(content) + 1, _CHUNK):
            taker.parse(content[at : at + _CHUNK], last=at + _CHUNK > len(content))
            for one in taker.found:
                yield from reader.take(one)
            taker.found.clear()
    except expat.ExpatError as error:
        place = Place(file=file, line=error.lineno, column=error.offset + 1)
        return refused(layout, content, file, Fault.of("ERP-120", place, expat.ErrorString(error.code), format="XML"))
    except _Refused as wrong:
        place = Place(file=file, line=wrong.line, column=wrong.column)
        return refused(layout, content, file, Fault.of(wrong.code, place, str(wrong), maximum=MAX_LINES))
    return reader.end()


def write_xml(trees: Iterable[Loop], layout: Layout, controls: Controls) -> str:
    """The trees as XML, one document element each, between the file's header and trailer."""
    trees = list(trees)
    idoc = layout.format is Format.IDOC_XML
    outer, inner, attribute = (_basic_type(trees, layout), "IDOC", ' BEGIN="1"') if idoc else ("documents", layout.document, "")
    lines = [f'<?xml version="1.0" encoding="{layout.dialect.encoding}"?>', f"<{outer}>"]
    if layout.header is not None:
        lines += _control(layout.header.tag, controls)
    for tree in trees:
        lines.append(f"  <{inner}{attribute}>")
        lines += _lines(tree, layout.shape.root, layout, 2)
        lines.append(f"  </{inner}>")
    if layout.trailer is not None:
        lines += _control(layout.trailer.tag, controls)
    return "\n".join([*lines, f"</{outer}>", ""])


def _control(tag: str, controls: Controls) -> list[str]:
    return [f"  <{tag}>", *(f"    <{name}>{escape(text)}</{name}>" for name, text in controls[tag].items()), f"  </{tag}>"]


def _basic_type(trees: list[Loop], layout: Layout) -> str:
    """The root's name in an IDoc file: the basic type that the first control record names."""
    number = layout.records[layout.opening].shape.number("idoctyp") or 0
    first = next((segment for tree in trees for segment in tree.walk() if segment.tag == layout.opening), None)
    return str(first.get(number)) if first is not None and number and first.get(number) else "IDOCS"


class _Refused(ValueError):
    def __init__(self, code: str, words: str, line: int, column: int) -> None:
        super().__init__(words)
        self.code = code
        self.line = line
        self.column = column


class _Taker:
    """Takes the parser's events: documents, and the file's header and trailer. Elements of a record's tag in them are records,
    the others are values.

    In an IDoc the attributes BEGIN and SEGMENT say nothing, and the names of values are in capitals.
    """

    def __init__(self, layout: Layout) -> None:
        self._idoc = layout.format is Format.IDOC_XML
        self._outer = {"IDOC" if self._idoc else layout.document, *(one.tag for one in layout.controls)}
        self._tags = layout.records
        self.found: list[NamedRecord] = []
        self._open: list[NamedRecord] = []
        self._value: NamedValue | None = None
        self._text: list[str] = []
        self._depth = 0
        self._records = 0
        self._parser = parser = expat.ParserCreate()
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text.append
        parser.StartDoctypeDeclHandler = lambda *_: self._refuse("a document type (DOCTYPE)")
        parser.EntityDeclHandler = lambda *_: self._refuse("an entity of its own")
        parser.buffer_text = True

    def parse(self, content: bytes, *, last: bool) -> None:
        """A part of the file; what it ends is found then."""
        self._parser.Parse(content, last)

    def _refuse(self, words: str, code: str = "ERP-122") -> None:
        raise _Refused(code, words, self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        line, column = self._parser.CurrentLineNumber, self._parser.CurrentColumnNumber + 1
        self._depth += 1
        if self._depth > MAX_DEPTH:
            self._refuse(f"elements nested deeper than {MAX_DEPTH}")
        name = name.rpartition(":")[2]
        self._text.clear()
        if not self._open and name not in self._outer:
            return
        if self._open and name not in self._tags:
            if self._value is not None:
                self._was_a_record(self._value)
            self._value = NamedValue(name=name.lower() if self._idoc else name, text="", line=line, column=column)
            return
        self._records += 1
        if self._records > MAX_LINES:
            self._refuse(f"more than {MAX_LINES}", "ERP-139")
        record = NamedRecord(tag=name, line=line, column=column, last_line=line)
        if not self._idoc:
            record.values += [NamedValue(name=key, text=text, line=line, column=column) for key, text in attributes.items()]
        if self._open:
            self._open[-1].records.append(record)
        self._open.append(record)

    def _was_a_record(self, value: NamedValue) -> None:
        """An element that the layout does not have turns out to hold others: an unknown record."""
        record = NamedRecord(tag=value.name, line=value.line, column=value.column, last_line=value.line)
        self._open[-1].records.append(record)
        self._open.append(record)

    def _end(self, name: str) -> None:
        self._depth -= 1
        name = name.rpartition(":")[2]
        if self._value is not None:
            value = self._value
            text = "".join(self._text).strip()
            self._open[-1].values.append(NamedValue(name=value.name, text=text, line=value.line, column=value.column))
            self._value = None
        elif self._open:
            closed = self._open.pop()
            closed.last_line = self._parser.CurrentLineNumber
            if not self._open:
                self.found.append(closed)
        self._text.clear()


def _lines(loop: Loop, shape: LoopShape, layout: Layout, depth: int) -> Iterator[str]:
    blank = "  " * depth
    for item in shape.items:
        if item.tag == shape.tag:
            continue
        for child in loop.children:
            if child.tag != item.tag:
                continue
            segment = child.children[0] if isinstance(child, Loop) else child
            assert not isinstance(segment, Loop)
            idoc = layout.format is Format.IDOC_XML
            yield f'{blank}<{item.tag} SEGMENT="1">' if idoc else f"{blank}<{item.tag}>"
            if idoc and item.tag == layout.opening:
                yield f"{blank}  <TABNAM>{item.tag}</TABNAM>"
            for column, text in zip(layout.records[item.tag].columns, segment[1:], strict=False):
                if text:
                    name = column.shape.id.upper() if idoc else column.shape.id
                    yield f"{blank}  <{name}>{escape(str(text))}</{name}>"
            if isinstance(child, Loop) and isinstance(item, LoopShape):
                yield from _lines(child, item, layout, depth + 1)
            yield f"{blank}</{item.tag}>"
