"""Excel workbooks: the same records as a file of lines, cells named where they are wrong, and nothing run that stands in them."""

import io
import zipfile
from collections.abc import Mapping
from datetime import date, time

import openpyxl
import pytest

from edi_gateway.flatfile import Layout, read, recognise, template_of, write
from edi_gateway.flatfile.sheet import MAX_UNPACKED

ORDER = b"HDR,ORDER,0004711,original,new_order,,20260105,USD\nLIN,1,24,EA,3.10,,B000123,SKU-77,04006381333931\nLIN,2,6,CA,18.00\n"
Rows = list[list[object]]


def book(rows: Rows) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@pytest.fixture
def layout(layouts: Mapping[str, Layout]) -> Layout:
    return layouts["order_xlsx"]


def test_what_is_written_as_a_workbook_is_read_as_it_was(layouts: Mapping[str, Layout], layout: Layout):
    trees = [one.tree for one in read(ORDER + ORDER, layouts["order"]).documents]
    made = write(trees, layout).content_or_faulty()
    again = read(made, layout)

    assert again.all_faults == ()
    assert [one.tree for one in again.documents] == trees
    assert write([one.tree for one in again.documents], layouts["order"]).content == write(trees, layouts["order"]).content


@pytest.mark.parametrize("name", ["order", "order_response", "ship_notice", "invoice", "adjustment"])
def test_a_template_is_recognised_by_what_it_holds(layouts: Mapping[str, Layout], name: str):
    made = template_of(layouts[f"{name}_xlsx"])
    found = recognise(made, layouts.values(), file="book.xlsx")
    assert isinstance(found, Layout)
    assert found.name == f"{name}_xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(made)).active
    assert (sheet["A1"].value, sheet["A2"].value, sheet["B2"].number_format) == ("#HDR", "HDR", "@")


def test_numbers_dates_and_times_are_taken_as_excel_keeps_them(layout: Layout):
    made = book([["HDR", "ORDER", 4711, None, None, None, date(2026, 1, 5), "USD"], ["LIN", 1, 24, "EA", 0.1 + 0.2]])
    [document] = read(made, layout).documents
    assert document.faults == ()
    [head, line] = document.tree.walk()
    assert (head.get(2), head.get(6), line.get(2), line.get(4)) == ("4711", "20260105", "24", "0.3")


def test_a_column_that_is_named_may_stand_anywhere(layout: Layout):
    made = book([["HDR", "ORDER", "4711"], ["#LIN", "unit_code", "quantity"], ["LIN", "EA", 24]])
    [document] = read(made, layout).documents
    assert document.faults == ()
    assert list(document.tree.walk())[1].get(2) == "24"


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("twenty", "ERP-111"),
        ("=1+1", "ERP-123"),
        ('=HYPERLINK("http://x.example","y")', "ERP-123"),
        ("2\n4", "ERP-124"),
        (time(9, 30), None),
    ],
)
def test_a_wrong_cell_is_named_by_row_and_cell(layout: Layout, cell: object, code: str | None):
    made = book([["HDR", "ORDER", "4711"], ["LIN", 1, cell, "EA"], ["HDR", "ORDER", "4712"], ["LIN", 1, 1, "EA"]])
    bad, good = read(made, layout, file="b.xlsx").documents
    assert good.faults == ()
    if code is not None:
        assert (bad.faults[0].code, bad.faults[0].place.line, bad.faults[0].place.column) == (code, 2, 3)


def test_a_number_that_excel_rounded_is_not_taken_for_an_identifier(layout: Layout):
    made = book([["HDR", "ORDER", "4711"], ["LIN", 1, 24, "EA", None, None, 123456789012345678]])
    [document] = read(made, layout).documents
    assert [fault.code for fault in document.faults] == ["ERP-125"]


def packed(**parts: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book([["HDR", "ORDER", "1"]]))) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.infolist():
            new.writestr(one, parts.pop(one.filename.rpartition("/")[2].replace(".", "_"), old.read(one)))
        for name, content in parts.items():
            new.writestr(name.replace("__", "/").replace("_bin", ".bin"), content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "ERP-120"),
        (b"PK\x03\x04 and no more", "ERP-120"),
        (book([["HDR", "ORDER", "1"]])[:400], "ERP-120"),
        (packed(sheet1_xml=b"<worksheet><sheetData><row><c"), "ERP-120"),
        (packed(sheet1_xml=b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet/>'), "ERP-122"),
        (packed(xl__vbaProject_bin=b"macro"), "ERP-122"),
        (packed(bomb=b"\0" * (MAX_UNPACKED + 1)), "ERP-122"),
        (book([]), "ERP-101"),
    ],
    ids=["empty", "only a sign", "cut short", "half a sheet", "entities", "macros", "bomb", "no rows"],
)
def test_a_workbook_that_is_none_is_refused_with_a_code(layouts: Mapping[str, Layout], layout: Layout, content: bytes, code: str):
    reading = read(content, layout, file="b.xlsx")
    assert [fault.code for fault in reading.all_faults] == [code]
    recognise(content, layouts.values(), file="b.xlsx")
