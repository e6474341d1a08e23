"""SAP IDocs in files: a control record, then data records of fixed width, each with its number, its parent's and its level.

Source: SAP's interface structures EDI_DC40 (524 characters) and EDI_DD40: SEGNAM 30, MANDT 3, DOCNUM 16, SEGNUM 6, PSGNUM 6,
HLEVEL 2, then SDATA. A segment's file name is E2…, with the version behind it; levels count from 2, 1 for what stands once.
"""

import re

from edi_gateway.flatfile.broken import Broken
from edi_gateway.flatfile.layout import Layout
from edi_gateway.shape import ElementShape, SegmentShape

CONTROL = "EDI_DC40"
_CONTROL_TAG, _DATA_TAG, _DATA = 10, 30, 63
_FILLED = _DATA + 1000
"""The length of a data record whose blanks are not dropped."""
_VERSIONED = re.compile(r"E2([A-Z0-9_]+?)(?:[0-9]{3})?\Z")


def said(text: str, shape: ElementShape) -> str:
    """A value of an IDoc: a date of zeros, which SAP writes where there is none, is none."""
    return "" if shape.type == "DT" and not text.strip("0") else text


class IdocLines:
    """The lines of one IDoc file. It counts what it writes, so that every file needs its own."""

    def __init__(self, layout: Layout) -> None:
        self._records = layout.records
        self._parents = layout.parents()
        self._once = {item.tag for item in layout.shape.root.items if item.limit == 1 and isinstance(item, SegmentShape)}
        self._names = {record.external: tag for tag, record in layout.records.items() if record.external}
        self._open: list[tuple[str, int]] = []
        self._count = 0
        self._client = self._number = ""
        self._length: int | None = None

    def cells(self, line: str) -> list[str]:
        if line.startswith(CONTROL):
            return [CONTROL, *self._columns(CONTROL, line, _CONTROL_TAG)]
        tag = self._tag(line[:_DATA_TAG].strip())
        self._whole(tag, line)
        return [tag, *self._columns(tag, line, _DATA)]

    def _whole(self, tag: str, line: str) -> None:
        """Errors: Broken (ERP-119) for a data record that ends within its head, or before the length that all records before it have.

        SAP either fills every data record to one length or drops the blanks at the ends; only in the first case a short one tells.
        """
        if len(line) < _DATA:
            raise Broken("ERP-119", len(line) + 1, str(len(line)), wanted=_DATA, tag=tag)
        if self._length is None:
            self._length = len(line)
        elif len(line) != self._length and self._length < _FILLED:
            self._length = 0
        elif self._length >= _FILLED and len(line) < self._length:
            raise Broken("ERP-119", len(line) + 1, str(len(line)), wanted=self._length, tag=tag)

    def starts(self, line: str) -> list[int]:
        tag = CONTROL if line.startswith(CONTROL) else self._tag(line[:_DATA_TAG].strip())
        at = _CONTROL_TAG if tag == CONTROL else _DATA
        found = [1]
        for column in self._records[tag].columns if tag in self._records else ():
            found.append(at + 1)
            at += column.width
        return [*found, at + 1]

    def line(self, tag: str, cells: list[str]) -> str:
        columns = self._records[tag].columns
        body = "".join(text.ljust(column.width) for column, text in zip(columns, cells, strict=True))
        if tag == CONTROL:
            named = dict(zip((column.shape.id for column in columns), cells, strict=True))
            self._client, self._number = named.get("mandt", ""), named.get("docnum", "")
            self._open, self._count = [], 0
            return f"{CONTROL:<10}{body}"
        while self._open and self._open[-1][0] not in self._parents[tag]:
            self._open.pop()
        parent = self._open[-1][1] if self._open else 0
        self._count += 1
        level = 1 if tag in self._once else len(self._open) + 2
        self._open.append((tag, self._count))
        name = self._records[tag].external or tag
        head = f"{name:<30}{self._client:<3}{self._number:<16}{self._count:06}{parent:06}{level:02}"
        return (head + body).rstrip()

    def _tag(self, name: str) -> str:
        """The layout's tag of a segment's file name."""
        if name in self._names:
            return self._names[name]
        found = _VERSIONED.match(name)
        return f"E1{found[1]}" if found and name not in self._records else name

    def _columns(self, tag: str, line: str, at: int) -> list[str]:
        cells = []
        for column in self._records[tag].columns if tag in self._records else ():
            cells.append(said(line[at : at + column.width].strip(), column.shape))
            at += column.width
        return cells
