"""Excel workbooks as files of lines: a row is a line, its first cell the record's type. The only place that uses openpyxl.

A workbook is somebody else's zip of XML: it is measured before it is opened, formulas are refused, macros are never looked at.
"""

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.flatfile.layout import COMMENT, DOCUMENTS, RECORDS, TOTAL, ControlRecord, Layout, RecordType

SIGN = b"PK\x03\x04"
"""What every workbook begins with."""
MAX_UNPACKED = 64 * 1024 * 1024
MAX_PARTS = 1_000
MAX_ROWS = 100_000
MAX_CELLS = 200
_CELL = "\ue000"
"""What stands between the cells of a row that was made a line: a character for private use, which no workbook's text may hold."""
_MACROS = "xl/vbaProject.bin"
_EXACT_DIGITS = 15


@dataclass(frozen=True, slots=True)
class SheetLines:
    """The cells of a row; the columns of its cells count cells."""

    def cells(self, line: str) -> list[str]:
        return [cell.strip() for cell in line.split(_CELL)]

    def starts(self, line: str) -> list[int]:
        return list(range(1, line.count(_CELL) + 2))

    def line(self, tag: str, cells: list[str]) -> str:
        return _CELL.join([tag, *cells])


def lines_of_workbook(content: bytes, layout: Layout, file: str | None) -> tuple[bytes, tuple[Fault, ...]]:
    """The rows of the first sheet as lines, and what is wrong with it: with a whole, its first fault and no lines."""
    trouble = _trouble(content, file)
    if trouble is not None:
        return b"", (trouble,)
    faults: list[Fault] = []
    try:
        lines = list(_lines(content, layout, file, faults))
    except Faulty as faulty:
        return b"", faulty.faults
    return "\n".join(lines).encode("utf-8", "replace"), tuple(faults)


def first_rows(content: bytes, number: int) -> list[list[str]]:
    """The cells of the first rows that are neither blank nor comments, to know the layout by; none where it cannot be read."""
    if _trouble(content, None) is not None:
        return []
    try:
        rows = ([_plain(one) for one in row] for _, row in _rows(content, None))
        return list(islice((cells for cells in rows if cells and _says(cells)), number))
    except Faulty:
        return []


def workbook_of(lines: Iterable[str], layout: Layout) -> bytes:
    """The workbook that holds these lines, each record type's columns named above its first row. Errors: Faulty without openpyxl."""
    rows: list[list[str]] = []
    named: set[str] = set()
    for line in lines:
        tag, *cells = line.split(_CELL)
        if tag not in named:
            named.add(tag)
            rows.append(_heading(layout, tag))
        rows.append([tag, *cells])
    return _book(layout, rows)


def template_of(layout: Layout) -> bytes:
    """A workbook to fill in: for each record type a row of names and one to be overwritten, of examples where there are some."""
    return _book(layout, sample_rows(layout))


def sample_rows(layout: Layout) -> list[list[str]]:
    """The rows of a file to fill in, whatever it is written as: for each record its names, then a sample of it."""
    rows: list[list[str]] = []
    for tag, record in layout.records.items():
        rows += [_heading(layout, tag), [tag, *(_sample(layout, record, at) for at in range(len(record.columns)))]]
    header, trailer = (_control(layout, one) for one in (layout.header, layout.trailer))
    return [*header, *rows, *trailer]


def _heading(layout: Layout, tag: str) -> list[str]:
    control = next((one for one in layout.controls if one.tag == tag), None)
    return [COMMENT + tag, *(control.counts if control else (column.shape.id for column in layout.records[tag].columns))]


def _control(layout: Layout, control: ControlRecord | None) -> list[list[str]]:
    """The rows of a header or trailer, which says what the template itself holds."""
    if control is None:
        return []
    summed = layout.total
    total = layout.records[summed.tag].columns[summed.number - 1].example if summed else ""
    holds = {DOCUMENTS: "1", RECORDS: str(len(layout.records)), TOTAL: total}
    return [_heading(layout, control.tag), [control.tag, *(holds.get(name, "") for name in control.counts)]]


def _sample(layout: Layout, record: RecordType, at: int) -> str:
    return layout.document if record.tag == layout.opening and at == 0 else record.columns[at].example


def _book(layout: Layout, rows: Iterable[list[str]]) -> bytes:
    """A workbook of one sheet, every cell a text: so Excel neither rounds a number, nor drops a leading zero, nor sees a formula."""
    book = _openpyxl().Workbook()
    page = book.active
    page.title = layout.name[:31]
    page.freeze_panes = "B1"
    for number, row in enumerate(rows, 1):
        for at, text in enumerate(row, 1):
            cell = page.cell(row=number, column=at)
            cell.number_format = "@"
            if text:
                cell.value = text
                cell.data_type = "s"
            if row[0].startswith(COMMENT):
                cell.style = "Headline 4"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _trouble(content: bytes, file: str | None) -> Fault | None:
    """Why a file is not opened: no workbook, too large when unpacked, with macros, or with a document type in its XML."""
    place = Place(file=file, line=1, column=1)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            if len(parts) > MAX_PARTS or sum(one.file_size for one in parts) > MAX_UNPACKED:
                return Fault.of("ERP-122", place, f"more than {MAX_UNPACKED // 1024**2} MB when unpacked")
            if any(one.filename == _MACROS for one in parts):
                return Fault.of("ERP-122", place, "macros")
            for one in parts:
                with packed.open(one) as opened:
                    if one.filename.endswith((".xml", ".rels")) and b"<!DOCTYPE" in opened.read(MAX_UNPACKED):
                        return Fault.of("ERP-122", place, "a document type (DOCTYPE)")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError) as wrong:
        return Fault.of("ERP-120", place, str(wrong), format="XLSX")
    except Exception as wrong:  # zlib.error and what else an unpacker raises on broken bytes
        return Fault.of("ERP-120", place, type(wrong).__name__, format="XLSX")
    return None


def _lines(content: bytes, layout: Layout, file: str | None, faults: list[Fault]) -> Iterator[str]:
    for number, row in _rows(content, file):
        texts = []
        for at, cell in enumerate(row, 1):
            place = Place(file=file, line=number, column=at)
            if cell.data_type == "f":
                faults.append(Fault.of("ERP-123", place, str(cell.value)))
                texts.append("")
                continue
            text = _text(cell.value, layout)
            if any(sign in text for sign in ("\n", "\r", _CELL)):
                faults.append(Fault.of("ERP-124", place, text[:60]))
                text = ""
            if isinstance(cell.value, float | int) and len(text.strip("-").replace(".", "").strip("0")) >= _EXACT_DIGITS:
                faults.append(Fault.of("ERP-125", place, text))
            texts.append(text)
        while texts and not texts[-1]:
            texts.pop()
        yield _CELL.join(texts)


def _rows(content: bytes, file: str | None) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The rows of the first sheet with their numbers. Errors: Faulty (ERP-120, ERP-122, ERP-126)."""
    openpyxl = _openpyxl()
    place = Place(file=file, line=1, column=1)
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        page = book.worksheets[0]
        for number, row in enumerate(page.iter_rows(max_col=MAX_CELLS), 1):
            if number > MAX_ROWS:
                raise Faulty([Fault.of("ERP-122", Place(file=file, line=number, column=1), f"more than {MAX_ROWS} rows")])
            yield number, row
    except Faulty:
        raise
    except Exception as wrong:  # openpyxl raises whatever its parts do on what it does not expect
        raise Faulty([Fault.of("ERP-120", place, str(wrong) or type(wrong).__name__, format="XLSX")]) from None


def _plain(cell: Any) -> str:
    return "" if cell.value is None else str(cell.value).strip()


def _says(cells: list[str]) -> bool:
    return bool(cells[0]) and not cells[0].startswith(COMMENT)


def _text(value: object, layout: Layout) -> str:
    """A cell's value as a file of this layout writes it."""
    dialect = layout.dialect
    match value:
        case None:
            return ""
        case bool():
            return "Y" if value else "N"
        case int():
            return str(value)
        case float():
            return format(value, f".{_EXACT_DIGITS}g").replace(".", dialect.decimal)
        case datetime() | date():
            mask = dialect.date
            year = f"{value.year:04}"
            return mask.replace("CCYY", year).replace("YY", year[2:]).replace("MM", f"{value.month:02}").replace("DD", f"{value.day:02}")
        case time():
            return f"{value:%H%M%S}" if value.second else f"{value:%H%M}"
    return str(value)


def _openpyxl() -> Any:
    """The library. Errors: Faulty (ERP-126) where it is not installed."""
    try:
        import openpyxl
    except ImportError:
        raise Faulty([Fault.of("ERP-126")]) from None
    return openpyxl
