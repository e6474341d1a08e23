"""Reading and writing by the layout's format."""

from collections.abc import Iterable
from typing import assert_never

from edi_gateway.flatfile.documents import FlatReading
from edi_gateway.flatfile.jsonfile import read_json, write_json
from edi_gateway.flatfile.layout import Format, Layout
from edi_gateway.flatfile.reading import read_lines
from edi_gateway.flatfile.writing import FlatWriting, write_lines, write_named
from edi_gateway.flatfile.xmlfile import read_xml, write_xml
from edi_gateway.tree import Loop


def read(content: bytes, layout: Layout, *, file: str | None = None) -> FlatReading:
    """The documents of a file. Shape: `file` is the name that faults show. Never raises on any content."""
    match layout.format:
        case Format.CSV | Format.FIXED | Format.IDOC:
            return read_lines(content, layout, file)
        case Format.JSON | Format.JSONL:
            return read_json(content, layout, file)
        case Format.XML | Format.IDOC_XML:
            return read_xml(content, layout, file)
    assert_never(layout.format)


def write(trees: Iterable[Loop], layout: Layout) -> FlatWriting:
    """The file that holds the trees, one document after the other. What does not fit is a fault; nothing is ever cut."""
    match layout.format:
        case Format.CSV | Format.FIXED | Format.IDOC:
            return write_lines(trees, layout)
        case Format.JSON | Format.JSONL:
            return write_named(trees, layout, write_json)
        case Format.XML | Format.IDOC_XML:
            return write_named(trees, layout, write_xml)
    assert_never(layout.format)
