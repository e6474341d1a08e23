"""Which layout a dropped file has: by its first record, or else by the beginning of its name."""

import re
from collections.abc import Iterable
from itertools import islice
from typing import TypeVar

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile.idoc import CONTROL
from edi_gateway.flatfile.layout import COMMENT, Format, Layout
from edi_gateway.flatfile.lines import lines_of
from edi_gateway.flatfile.sheet import SIGN, first_rows

Record = TypeVar("Record", str, list[str])
_LOOKED_AT = 4096
_NAMED = (Format.JSON, Format.JSONL, Format.XML, Format.IDOC_XML)


def recognise(content: bytes, layouts: Iterable[Layout], *, file: str | None = None) -> Layout | Fault:
    """The layout of a file's content.

    Shape: the first record that is no comment (nor the file's header) decides, by its tag and the document's word in its first
           column; where it says nothing, the file's name does, if it begins with a layout's prefix and then no letter or digit.
    """
    known = tuple(layouts)
    if content.startswith(SIGN):
        known = tuple(one for one in known if one.format is Format.XLSX)
        rows = first_rows(content, 2)
        found = next((one for one in known if any(row[:2] == [one.opening, one.document] for row in _looked_at(rows, one))), None)
        if found is not None:
            return found
    else:
        known = tuple(one for one in known if one.format is not Format.XLSX)
    lines = _first_lines(content)
    first = lines[0] if lines else ""
    for layout in known:
        if _names(content, layout) if layout.format in _NAMED else any(_says(line, layout) for line in _looked_at(lines, layout)):
            return layout
    name = (file or "").lower()
    named = [(len(prefix), layout) for layout in known for prefix in layout.prefixes if _begins(name, prefix.lower())]
    if named:
        return max(named, key=lambda one: one[0])[1]
    if not first.strip():
        return Fault.of("ERP-101", Place(file=file, line=1, column=1))
    return Fault.of(
        "ERP-118",
        Place(file=file, line=1, column=1),
        first[:60],
        known=", ".join(f"{layout.opening}{layout.dialect.delimiter}{layout.document}" for layout in known),
        prefixes=", ".join(prefix for layout in known for prefix in layout.prefixes),
    )


def _begins(name: str, prefix: str) -> bool:
    return re.match(rf"{re.escape(prefix)}(?![a-z0-9])", name) is not None


def _first_lines(content: bytes) -> list[str]:
    text = content[:_LOOKED_AT].decode("utf-8", "replace").lstrip("\ufeff")
    return list(islice((line for line in text.splitlines() if line.strip() and not line.startswith(COMMENT)), 2))


def _looked_at(records: list[Record], layout: Layout) -> list[Record]:
    """The records of which one names the document: the first, and the second where the first may be the file's header."""
    return records if layout.header is not None else records[:1]


def _says(line: str, layout: Layout) -> bool:
    if layout.format is Format.IDOC:
        if not line.startswith(CONTROL):
            return False
        cells = lines_of(layout).cells(line)
        mestyp = layout.records[CONTROL].shape.number("mestyp") if CONTROL in layout.records else None
        return mestyp is not None and cells[mestyp] == layout.document
    if layout.format is Format.FIXED:
        return lines_of(layout).cells(line)[:2] == [layout.opening, layout.document]
    cells = [cell.strip().strip(layout.dialect.quote) for cell in re.split(r"[,;|\t ]+", line, maxsplit=2)]
    return cells[:2] == [layout.opening, layout.document]


def _names(content: bytes, layout: Layout) -> bool:
    """Whether JSON or XML names the document near its beginning."""
    text = content[:_LOOKED_AT].decode("utf-8", "replace").lstrip("\ufeff \t\r\n")
    word = re.escape(layout.document)
    if layout.format is Format.IDOC_XML:
        return text.startswith("<") and re.search(rf"<MESTYP>\s*{word}\s*</MESTYP>", text) is not None
    if layout.format is Format.XML:
        return text.startswith("<") and re.search(rf"<(?:[\w.-]+:)?{word}[\s/>]", text) is not None
    return text[:1] in ("{", "[") and re.search(rf'"{layout.opening}"\s*:\s*\{{[^{{}}]*"{word}"', text) is not None
