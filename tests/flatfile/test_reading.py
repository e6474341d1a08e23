"""A file becomes one tree a document; a bad line spoils its own document only, and is told with line and column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile import Layout, load_layout, read, write
from edi_gateway.tree import Loop

from .conftest import SMALL

GOOD = "HDR,ORDER,P1,20260131,0915\nNTE,one\nLIN,2.5,1,4006381333931\nLRF,a\nLIN,3\n"


def shown(loop: Loop) -> str:
    return " ".join("*".join(map(str, child)) if not isinstance(child, Loop) else f"({shown(child)})" for child in loop.children)


def faults(content: bytes | str, layout: Layout) -> list[tuple[str, int | None, int | None]]:
    reading = read(content.encode() if isinstance(content, str) else content, layout, file="x.csv")
    for fault in reading.all_faults:
        assert fault.place.file == "x.csv"
        assert "?" not in fault.message, "every fact that the words use is given"
    return [(fault.code, fault.place.line, fault.place.column) for fault in reading.all_faults]


def test_a_document_is_a_tree_of_its_records(layout: Layout) -> None:
    reading = read(GOOD.encode(), layout)
    assert reading.all_faults == ()
    (document,) = reading.documents
    assert shown(document.tree) == "HDR*ORDER*P1*20260131*0915 NTE*one (LIN*2.5*1*4006381333931 LRF*a) (LIN*3)"
    assert (document.first_line, document.last_line) == (1, 5)
    assert [(segment.position, segment.offset) for segment in document.tree.walk()] == [(1, 0), (2, 27), (3, 35), (4, 59), (5, 65)]


def test_every_opening_record_begins_a_document(layout: Layout) -> None:
    reading = read((GOOD * 3).encode(), layout)
    assert [(one.first_line, one.last_line) for one in reading.documents] == [(1, 5), (6, 10), (11, 15)]


def test_a_bad_line_spoils_its_own_document_only(layout: Layout) -> None:
    reading = read((GOOD + GOOD.replace("2.5", "2,5x") + GOOD).encode(), layout)
    assert [document.ok for document in reading.documents] == [True, False, True]


def test_blank_lines_comments_and_a_byte_order_mark_are_passed_over(layout: Layout) -> None:
    reading = read(b"\xef\xbb\xbf# from our ERP\r\n\r\n" + GOOD.replace("\n", "\r\n").encode() + b"   \r\n\x1a", layout)
    assert reading.all_faults == ()
    assert [segment.position for segment in reading.documents[0].tree.walk()] == [3, 4, 5, 6, 7]


def test_a_heading_names_and_orders_the_columns(layout: Layout) -> None:
    reading = read(b"#LIN,gtin,quantity\nHDR,ORDER,P1\nLIN,4006381333931,7\n", layout)
    assert reading.all_faults == ()
    assert shown(reading.documents[0].tree) == "HDR*ORDER*P1 (LIN*7**4006381333931)"


def test_a_quoted_value_may_hold_the_delimiter_and_quotes(layout: Layout) -> None:
    reading = read(b'HDR,ORDER,P1\nNTE,"5"" pipe, grey "\nNTE,6" pipe\nLIN,1\n', layout)
    assert shown(reading.documents[0].tree) == 'HDR*ORDER*P1 NTE*5" pipe, grey  NTE*6" pipe (LIN*1)'


def test_dates_and_numbers_come_in_the_form_of_the_dialect(german: Layout) -> None:
    reading = read("HDR;ORDER;P1;31.01.2026\r\nNTE;Müller\r\nLIN;2,5\r\n".encode("cp1252"), german)
    assert reading.all_faults == ()
    assert shown(reading.documents[0].tree) == "HDR*ORDER*P1*20260131 NTE*Müller (LIN*2.5)"


@pytest.mark.parametrize(
    ("content", "found"),
    [
        ("", [("ERP-101", 1, 1)]),
        ("\n# nothing\n", [("ERP-101", 1, 1)]),
        (b"HDR,ORDER,P1\nNTE,caf\xe9 here\nLIN,1\n", [("ERP-102", 2, 8)]),
        ("HDR,ORDER,P1\n".encode("utf-16"), [("ERP-102", 1, 1)]),
        ('HDR,ORDER,P1\nNTE,"half\nLIN,1\n', [("ERP-103", 2, 5)]),
        ("HDR,ORDER,P1\nLNI,1\nLIN,1\n", [("ERP-104", 2, 1)]),
        ("HDR,ORDER,P1\nLIN,1,2,3,,4\n", [("ERP-105", 2, 11)]),
        ("HDR,ORDER\nLIN,1\n", [("ERP-106", 1, 10)]),
        ("HDR,ORDER,P1\nLIN,,2\n", [("ERP-106", 2, 5)]),
        ("HDR,ORDER,P1\nLRF,a\nLIN,1\n", [("ERP-107", 2, 1)]),
        ("HDR,ORDER,P1\nLIN,1\nNTE,x\nLRF,a\n", [("ERP-107", 4, 1)]),
        ("HDR,ORDER,P1\nLIN,1\nLRF,a\nLRF,b\n", [("ERP-108", 4, 1)]),
        ("LIN,1\nHDR,ORDER,P1\nLIN,1\n", [("ERP-109", 1, 1)]),
        ("HDR,ORDER,P1\nNTE,x\n", [("ERP-110", 2, None)]),
        ("HDR,ORDER,P1,20260230\nLIN,1\n", [("ERP-111", 1, 14)]),
        ("HDR,ORDER,P1,,2500\nLIN,1\n", [("ERP-111", 1, 15)]),
        ("HDR,ORDER,P1\nLIN,1e5\n", [("ERP-111", 2, 5)]),
        ('HDR,ORDER,P1\nLIN,"1,5"\n', [("ERP-111", 2, 5)]),
        ("HDR,ORDER,P1\nLIN,1,1.5\n", [("ERP-111", 2, 7)]),
        ("HDR,INVOICE,P1\nLIN,1\n", [("ERP-112", 1, 5)]),
        ("HDR,ORDER,P12345678\nLIN,1\n", [("ERP-113", 1, 11)]),
        ("HDR,ORDER,P1\nNTE,a\x00b\nLIN,1\n", [("ERP-114", 2, 6)]),
        ("#LIN,qty,gtin\nHDR,ORDER,P1\nLIN,1\n", [("ERP-115", 1, 6), ("ERP-116", 1, 1)]),
        ('HDR,ORDER,P1\nNTE,"a"b\nLIN,1\n', [("ERP-117", 2, 8)]),
    ],
)
def test_what_is_wrong_is_told_with_line_and_column(layout: Layout, content: str | bytes, found: list[tuple[str, int, int]]) -> None:
    told = faults(content, layout)
    assert told[: len(found)] == found


def test_a_fault_of_the_map_is_told_where_it_stands_in_the_file(layout: Layout) -> None:
    reading = read(b'#LIN,gtin,quantity\nHDR,ORDER,P1\nLIN,"400,63",7\n', layout, file="x.csv")
    fault = Fault.of("MAP-405", Place(segment="LIN", element=1, position=3, offset=32), "7")
    told = reading.documents[0].locate(fault)
    assert (told.place.file, told.place.line, told.place.column) == ("x.csv", 3, 14)
    assert dict(told.detail)["column"] == "quantity"


def test_a_heading_on_its_own_is_an_empty_file(layout: Layout) -> None:
    assert faults("#LIN,quantity\n", layout) == [("ERP-101", 1, 1)]


@given(content=st.binary(max_size=300) | st.text('HDRLIN,ORDER"P1\n#.;5 \r\ufeffé', max_size=120).map(str.encode))
def test_no_bytes_make_the_reader_raise(content: bytes, layout: Layout) -> None:
    reading = read(content, layout)
    assert reading.documents or reading.faults


@pytest.mark.slow
def test_a_file_of_a_million_lines_is_read(layout: Layout) -> None:
    content = (GOOD * 200_000).encode()
    assert len(read(content, layout).documents) == 200_000


def test_a_file_that_says_it_is_utf8_is_not_read_in_another_encoding(german: Layout) -> None:
    """It would be read without a fault, and every name in it would be wrong."""
    assert faults("\ufeffHDR;ORDER;P1\nNTE;Müller\nLIN;1\n", german) == [("ERP-102", 1, 1)]


def test_chinese_text_goes_through_gb18030_and_comes_back() -> None:
    chinese = load_layout(SMALL.replace("{DIALECT}", "{encoding: gb18030}"), file="small.yaml").must()
    content = "HDR,ORDER,P1\nNTE,上海仓库,交货\nLIN,1,,条码\n".replace(",交货", "").encode("gb18030")
    [document] = read(content, chinese).documents
    assert document.faults == ()
    assert "上海仓库" in shown(document.tree)
    assert "上海仓库".encode("gb18030") in write([document.tree], chinese).content_or_faulty()
    assert faults(b"HDR,ORDER,P1\nNTE," + b"\xff\xff" + b"\nLIN,1\n", chinese) == [("ERP-102", 2, 5)]
