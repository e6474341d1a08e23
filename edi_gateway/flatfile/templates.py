"""Files to fill in, made from a layout: for each record a row of names, and one to be overwritten, of examples where there are some."""

from edi_gateway.flatfile.layout import Format, Layout
from edi_gateway.flatfile.lines import lines_of
from edi_gateway.flatfile.sheet import sample_rows, template_of

__all__ = ["empty_file_of", "template_of"]


def empty_file_of(layout: Layout) -> bytes | None:
    """A file to fill in, in the layout's own form: an Excel workbook, or CSV; None for the forms that no person fills in.

    Errors: Faulty where workbooks cannot be written.
    """
    match layout.format:
        case Format.XLSX:
            return template_of(layout)
        case Format.CSV:
            return _lines(layout)
        case _:
            return None


def _lines(layout: Layout) -> bytes:
    written, dialect = lines_of(layout), layout.dialect
    lines = (written.line(tag, cells) for tag, *cells in sample_rows(layout))
    return "".join(line + dialect.newline for line in lines).encode(dialect.encoding, "replace")
