"""A file holds every record with all its columns; what does not fit is a fault, and nothing is cut."""

from collections.abc import Mapping

import pytest

from edi_gateway.flatfile import Layout, load_layout, read, recognise, write
from edi_gateway.tree import Loop, Segment


def document(*children: Segment | Loop) -> Loop:
    return Loop("small", [Segment(["HDR", "ORDER", "P1"]), *children])


def test_every_record_has_all_its_columns(layout: Layout) -> None:
    written = write([document(Loop("LIN", [Segment(["LIN", "2.5"])]))], layout)
    assert written.content_or_faulty() == b"HDR,ORDER,P1,,\nLIN,2.5,,\n"


def test_values_are_quoted_where_they_must_be(layout: Layout) -> None:
    content = write([document(Segment(["NTE", 'a,"b"']), Segment(["NTE", " c "]), Segment(["NTE", "d e"]))], layout).content_or_faulty()
    assert content.splitlines()[1:] == [b'NTE,"a,""b"""', b'NTE," c "', b"NTE,d e"]


def test_the_dialect_shapes_dates_numbers_and_headings(german: Layout) -> None:
    tree = Loop("small", [Segment(["HDR", "ORDER", "P1", "20260131"]), Loop("LIN", [Segment(["LIN", "2.5"])])])
    assert write([tree], german).content_or_faulty().decode("cp1252").split("\r\n") == [
        "#HDR;document;po_id;day;at",
        "HDR;ORDER;P1;31.01.2026;",
        "#LIN;quantity;count;gtin",
        "LIN;2,5;;",
        "",
    ]


@pytest.mark.parametrize(
    ("segment", "code", "line", "element"),
    [
        (Segment(["LIN", "1", "", "4" * 15]), "ERP-201", 2, 3),
        (Segment(["NTE", "a\nb"]), "ERP-202", 2, 1),
        (Segment(["HDR", "INVOICE", "P2"]), "ERP-203", 2, 1),
    ],
)
def test_what_does_not_fit_is_a_fault(layout: Layout, segment: Segment, code: str, line: int, element: int) -> None:
    written = write([document(segment)], layout)
    assert written.content is None
    (fault,) = written.faults
    assert (fault.code, fault.place.line, fault.place.element) == (code, line, element)
    assert "?" not in fault.message


def test_a_character_that_the_encoding_lacks_is_a_fault(german: Layout) -> None:
    written = write([document(Segment(["NTE", "東京"]))], german)
    assert written.content is None
    assert [(fault.code, fault.value) for fault in written.faults] == [("ERP-204", "東")]


def test_a_date_that_is_none_is_a_fault(german: Layout) -> None:
    written = write([Loop("small", [Segment(["HDR", "ORDER", "P1", "soon"])])], german)
    assert [fault.code for fault in written.faults] == ["ERP-205"]


@pytest.mark.parametrize(
    ("content", "file", "name"),
    [
        (b"HDR,INVOICE,1\n", "anything.csv", "invoice"),
        (b"\xef\xbb\xbf# a comment\r\n\r\nHDR , ORDER,1\n", None, "order"),
        (b'"HDR","SHIP_NOTICE","1"\n', None, "ship_notice"),
        (b"HDR,INVOICE,1\n", "order_1.csv", "invoice"),
        (b"HDR,,1\n", "Invoice-77.csv", "invoice"),
        (b"HDR,,1\n", "asn.txt", "ship_notice"),
        (b"HDR,,1\n", "order_response_7.csv", "order_response"),
        (b"", "812_x.csv", "adjustment"),
    ],
)
def test_the_first_record_or_else_the_name_says_which_document_it_is(
    layouts: Mapping[str, Layout], content: bytes, file: str | None, name: str
) -> None:
    found = recognise(content, layouts.values(), file=file)
    assert isinstance(found, Layout)
    assert found.name == name


@pytest.mark.parametrize(
    ("content", "file", "code"), [(b"a,b\n", "invoices2.csv", "ERP-118"), (b"\n", "x.csv", "ERP-101"), (b"HDR,LETTER\n", None, "ERP-118")]
)
def test_a_file_of_no_known_kind_is_a_fault(layouts: Mapping[str, Layout], content: bytes, file: str | None, code: str) -> None:
    found = recognise(content, layouts.values(), file=file)
    assert not isinstance(found, Layout)
    assert found.code == code


@pytest.mark.parametrize(
    ("text", "code", "line", "column"),
    [
        ("layout: {", "ERP-301", 2, 1),
        ("layout: a\nrecord: R\ndocument: D\ncolour: x\nrecords: {HDR: {name: n, columns: {a: {name: n}}}}", "ERP-302", 4, 1),
        ("layout: a\nrecord: R\ndocument: D\nformat: pdf\nrecords: {HDR: {name: n, columns: {a: {name: n}}}}", "ERP-303", 4, 9),
        ("layout: a\nrecord: R\ndocument: D\nrecords: {HDR: {name: n, columns: {a: {name: n, type: Z}}}}", "ERP-303", 4, 55),
        ("layout: a\nrecord: R\ndocument: D\ndialect: {date: DDMM}\nrecords: {HDR: {name: n, columns: {a: {name: n}}}}", "ERP-303", 4, 10),
        (
            "layout: a\nrecord: R\ndocument: D\nrecords: {HDR: {name: n, columns: {a: {name: n}}}, LIN: {name: n, records: {HDR: {}}}}",
            "ERP-304",
            4,
            77,
        ),
    ],
)
def test_a_broken_layout_is_told_with_its_place(text: str, code: str, line: int, column: int) -> None:
    loaded = load_layout(text, file="a.yaml")
    assert loaded.layout is None
    assert [(fault.code, fault.place.line, fault.place.column) for fault in loaded.faults] == [(code, line, column)]


def test_a_record_type_may_stand_under_several(layouts: Mapping[str, Layout]) -> None:
    text = "HDR,SHIP_NOTICE,S1\nORD,P1\nITM,1\nPCK,a\nITM,2\nPLT,b\nPCK,c\nITM,3\nORD,P2\nPCK,d\n"
    (one,) = read(text.encode(), layouts["ship_notice"]).documents
    assert one.faults == ()

    def tags(loop: Loop) -> list[object]:
        return [tags(child) if isinstance(child, Loop) else child[-1] for child in loop.children]

    assert tags(one.tree) == ["S1", ["P1", "1", ["a", "2"], ["b", ["c", "3"]]], ["P2", ["d"]]]
