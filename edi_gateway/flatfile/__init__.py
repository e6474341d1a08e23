"""ERP flat files: layouts, reading and writing."""

from edi_gateway.flatfile.documents import FlatDocument, FlatReading, FlatStream
from edi_gateway.flatfile.formats import read, stream, write
from edi_gateway.flatfile.layout import TOTAL, Column, Dialect, Format, Layout, RecordType
from edi_gateway.flatfile.loading import Loaded, load_layout
from edi_gateway.flatfile.recognition import recognise
from edi_gateway.flatfile.templates import empty_file_of, template_of
from edi_gateway.flatfile.values import as_number
from edi_gateway.flatfile.writing import FlatWriting

__all__ = [
    "TOTAL",
    "Column",
    "Dialect",
    "FlatDocument",
    "FlatReading",
    "FlatStream",
    "FlatWriting",
    "Format",
    "Layout",
    "Loaded",
    "RecordType",
    "as_number",
    "empty_file_of",
    "load_layout",
    "read",
    "recognise",
    "stream",
    "template_of",
    "write",
]
