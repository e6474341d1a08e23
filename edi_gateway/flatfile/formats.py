"""Reading and writing by the layout's format."""

from collections.abc import Iterable
from dataclasses import replace
from typing import assert_never

from edi_gateway.flatfile.documents import FlatDocument, FlatReading, FlatStream, Run, with_faults
from edi_gateway.flatfile.folding import referring
from edi_gateway.flatfile.jsonfile import read_json, read_json_lines, write_json
from edi_gateway.flatfile.layout import Format, Layout
from edi_gateway.flatfile.reading import read_lines
from edi_gateway.flatfile.sheet import lines_of_workbook
from edi_gateway.flatfile.unfolding import nested
from edi_gateway.flatfile.writing import FlatWriting, write_lines, write_named, write_workbook
from edi_gateway.flatfile.xmlfile import read_xml, write_xml
from edi_gateway.tree import Loop


def read(content: bytes, layout: Layout, *, file: str | None = None) -> FlatReading:
    """The documents of a file. Shape: `file` is the name that faults show. Never raises on any content."""
    return stream(content, layout, file=file).reading()


def stream(content: bytes, layout: Layout, *, file: str | None = None) -> FlatStream:
    """The documents of a file one by one, for files that may be large. Shape: see FlatStream; what it gives may yet turn out void."""
    run = _run(content, layout, file)
    return FlatStream(_unfolded(run) if layout.nested else run)


def _unfolded(run: Run) -> Run:
    """The run with its documents as maps see them."""
    while True:
        try:
            one = next(run)
        except StopIteration as end:
            reading: FlatReading = end.value
            return reading
        yield _as_seen(one) if one.ok else one


def _as_seen(document: FlatDocument) -> FlatDocument:
    tree, faults = nested(document.tree, document.source.layout.shape, document.source.file)
    return replace(document, tree=tree, faults=tuple(document.locate(fault) for fault in faults))


def _run(content: bytes, layout: Layout, file: str | None) -> Run:
    match layout.format:
        case Format.CSV | Format.FIXED | Format.IDOC:
            return read_lines(content, layout, file)
        case Format.XLSX:
            return _read_workbook(content, layout, file)
        case Format.JSON:
            return read_json(content, layout, file)
        case Format.JSONL:
            return read_json_lines(content, layout, file)
        case Format.XML | Format.IDOC_XML:
            return read_xml(content, layout, file)
    assert_never(layout.format)


def write(trees: Iterable[Loop], layout: Layout) -> FlatWriting:
    """The file that holds the trees, one document after the other. What does not fit is a fault; nothing is ever cut."""
    if layout.nested:
        trees, faults = referring(trees, layout.shape)
        if faults:
            return FlatWriting(content=None, faults=faults)
    match layout.format:
        case Format.CSV | Format.FIXED | Format.IDOC:
            return write_lines(trees, layout)
        case Format.XLSX:
            return write_workbook(trees, layout)
        case Format.JSON | Format.JSONL:
            return write_named(trees, layout, write_json)
        case Format.XML | Format.IDOC_XML:
            return write_named(trees, layout, write_xml)
    assert_never(layout.format)


def _read_workbook(content: bytes, layout: Layout, file: str | None) -> Run:
    """A workbook, which is read whole: it has so few rows that this does not matter."""
    plain = replace(layout, dialect=replace(layout.dialect, encoding="utf-8"))
    lines, faults = lines_of_workbook(content, plain, file)
    if not lines and faults:
        return FlatReading(layout=layout, content=content, file=file, faults=faults, whole=False)
    reading = with_faults(FlatStream(read_lines(lines, plain, file)).reading(), faults)
    yield from reading.documents
    return replace(reading, documents=())
