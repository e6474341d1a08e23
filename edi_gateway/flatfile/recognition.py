"""Which layout a dropped file has: by its first record, or else by the beginning of its name."""

import re
from collections.abc import Iterable

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile.layout import COMMENT, Layout

_LOOKED_AT = 4096


def recognise(content: bytes, layouts: Iterable[Layout], *, file: str | None = None) -> Layout | Fault:
    """The layout of a file's content.

    Shape: the first record that is no comment decides, by its tag and the document's word in its first column; where it
           says nothing, the file's name does, if it begins with a layout's prefix and then no letter or digit.
    """
    known = tuple(layouts)
    first = _first_line(content)
    for layout in known:
        if _says(first, layout):
            return layout
    name = (file or "").lower()
    for layout in known:
        if any(re.match(rf"{re.escape(prefix.lower())}(?![a-z0-9])", name) for prefix in layout.prefixes):
            return layout
    if not first.strip():
        return Fault.of("ERP-101", Place(file=file, line=1, column=1))
    return Fault.of(
        "ERP-118",
        Place(file=file, line=1, column=1),
        first[:60],
        known=", ".join(f"{layout.opening}{layout.dialect.delimiter}{layout.document}" for layout in known),
        prefixes=", ".join(prefix for layout in known for prefix in layout.prefixes),
    )


def _first_line(content: bytes) -> str:
    text = content[:_LOOKED_AT].decode("utf-8", "replace").lstrip("\ufeff")
    return next((line for line in text.splitlines() if line.strip() and not line.startswith(COMMENT)), "")


def _says(line: str, layout: Layout) -> bool:
    cells = [cell.strip().strip(layout.dialect.quote) for cell in re.split(r"[,;|\t ]+", line, maxsplit=2)]
    return cells[:2] == [layout.opening, layout.document]
