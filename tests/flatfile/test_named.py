"""JSON, JSON Lines and XML hold the same documents as files of lines, by the same layouts and checks."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.faults import Fault, Place
from edi_gateway.flatfile import Format, Layout, load_layout, read, recognise, write

LINES = b'HDR,ORDER,P1,20260131,0915\nNTE,"a, b"\nLIN,2.50,1,4006381333931\nLRF,r\nLIN,3,,\n'
NAMED = (Format.JSON, Format.JSONL, Format.XML)


@pytest.mark.parametrize("form", NAMED)
def test_a_document_means_the_same_in_every_format(layout: Layout, form: Format) -> None:
    trees = [document.tree for document in read(LINES * 2, layout).documents]
    named = replace(layout, format=form)
    content = write(trees, named).content_or_faulty()
    assert recognise(content, [named]) is named
    reading = read(content, named)
    assert reading.all_faults == ()
    assert [document.tree for document in reading.documents] == trees


def test_the_form_of_json_is_an_object_of_records(layout: Layout) -> None:
    trees = [document.tree for document in read(LINES, layout).documents]
    assert write(trees, replace(layout, format=Format.JSONL)).content_or_faulty() == (
        b'{"HDR":{"document":"ORDER","po_id":"P1","day":"20260131","at":"0915"},"NTE":[{"text":"a, b"}],'
        b'"LIN":[{"quantity":"2.50","count":"1","gtin":"4006381333931","LRF":{"id":"r"}},{"quantity":"3"}]}\n'
    )


def test_json_numbers_stay_exact_and_words_read_as_flags(layout: Layout) -> None:
    content = b'{"HDR":{"document":"ORDER","po_id":"P\\/1","day":null},"LIN":{"quantity":0.10}}'
    (one,) = read(content, replace(layout, format=Format.JSON)).documents
    assert one.faults == ()
    assert [list(segment) for segment in one.tree.walk()] == [["HDR", "ORDER", "P/1"], ["LIN", "0.10"]]


def test_xml_takes_values_as_elements_or_attributes_and_any_namespace_prefix(layout: Layout) -> None:
    content = b'<b:batch xmlns:b="u"><b:ORDER><HDR document="ORDER"><po_id> P1 </po_id></HDR><LIN quantity="1"/></b:ORDER></b:batch>'
    (one,) = read(content, replace(layout, format=Format.XML)).documents
    assert one.faults == ()
    assert [list(segment) for segment in one.tree.walk()] == [["HDR", "ORDER", "P1"], ["LIN", "1"]]


@pytest.mark.parametrize(
    ("form", "content", "found"),
    [
        (Format.JSON, b"", [("ERP-101", 1, 1)]),
        (Format.JSON, b"[]", [("ERP-101", 1, 1)]),
        (Format.JSON, b'{"HDR":\n {"document":"ORDER", }}', [("ERP-120", 2, 23)]),
        (Format.JSON, b'{"HDR": {"po_id": "half', [("ERP-120", 1, 19)]),
        (Format.JSON, b'{"HDR": {"po_id": 1, "po_id": 2}}', [("ERP-120", 1, 22)]),
        (Format.JSON, b"[" * 50, [("ERP-120", 1, 22)]),
        (Format.JSON, b'{"HDR": {"document": "ORDER", "po_id": "\xff"}}', [("ERP-102", 1, 41)]),
        (
            Format.JSON,
            b'{"HDR":{"document":"ORDER","poid":"1"},"LIN":{"quantity":"x"}}',
            [("ERP-121", 1, 35), ("ERP-106", 1, 8), ("ERP-111", 1, 58)],
        ),
        (Format.JSON, b'{"HDR":{"document":"ORDER","po_id":"1"}}', [("ERP-110", 1, 1)]),
        (
            Format.JSON,
            b'{"HDR":[{"document":"ORDER","po_id":"1"},{}],"LIN":[{"quantity":"1"}]}',
            [("ERP-108", 1, 42), ("ERP-106", 1, 42), ("ERP-106", 1, 42)],
        ),
        (
            Format.JSON,
            b'{"HDR":{"document":"ORDER","po_id":"123456789"},"LNI":{}}',
            [("ERP-121", 1, 55), ("ERP-113", 1, 36), ("ERP-110", 1, 1)],
        ),
        (Format.JSONL, b'{"HDR":{"document":"ORDER","po_id":"1"},"LIN":{"quantity":1}}\n{\n', [("ERP-120", 2, 2)]),
        (Format.XML, b"<ORDER><HDR>", [("ERP-120", 1, 13)]),
        (Format.XML, b'<!DOCTYPE a [<!ENTITY b "c">]><ORDER>&b;</ORDER>', [("ERP-122", 1, 13)]),
        (
            Format.XML,
            b"<ORDER>\n <HDR><document>INVOICE</document><po_id>1</po_id></HDR>\n <LIN><quantity>1</quantity></LIN></ORDER>",
            [("ERP-112", 2, 7)],
        ),
        (Format.XML, b"<a/>", [("ERP-101", 1, 1)]),
        (Format.XML, b"<ORDER>" + b"<LIN>" * 30, [("ERP-122", 1, 103)]),
    ],
)
def test_what_is_wrong_is_told_with_line_and_column(
    layout: Layout, form: Format, content: bytes, found: list[tuple[str, int, int]]
) -> None:
    faults = read(content, replace(layout, format=form), file="x").all_faults
    assert [(fault.code, fault.place.line, fault.place.column) for fault in faults] == found
    assert all("?" not in fault.message for fault in faults)


def test_a_fault_of_the_map_is_told_where_it_stands(layout: Layout) -> None:
    content = b'{"HDR":{"document":"ORDER","po_id":"1"},\n "LIN":[{"quantity":"1"},\n {"quantity":"7"}]}'
    reading = read(content, replace(layout, format=Format.JSON), file="x.json")
    told = reading.documents[0].locate(Fault.of("MAP-405", Place(segment="LIN", element=1, position=3), "7"))
    assert (told.place.line, told.place.column) == (3, 14)


def test_a_layout_may_be_like_another_in_another_format(layout: Layout) -> None:
    below = "layout: small\nrecord: R\ndocument: ORDER\nrecords: {HDR: {name: n, columns: {a: {name: n}}}}"
    text = "layout: small_json\nlike: small\nformat: json\n"
    made = load_layout(text, file="x.yaml", base=lambda name: (below, "small.yaml") if name == "small" else None).must()
    assert (made.name, made.format, made.shape.name, made.document) == ("small_json", Format.JSON, "flat small", "ORDER")
    (fault,) = load_layout(text, file="x.yaml", base=lambda _: None).faults
    assert (fault.code, fault.place.line) == ("ERP-305", 2)


FIXED = """
layout: fixed
record: PurchaseOrder
document: ORDER
format: fixed
records:
  HDR:
    name: Order
    occurs: one
    columns:
      document: {name: Kind, width: 8}
      po_id:    {name: Number, width: 6}
      day:      {name: Date, type: DT, width: 8}
  LIN:
    name: Line
    columns:
      quantity: {name: Quantity, type: R, width: 7}
      text:     {name: Text, width: 5}
"""


def test_records_of_fixed_width_are_read_and_written() -> None:
    fixed = load_layout(FIXED, file="f.yaml").must()
    content = b"HDRORDER   P1    20260131\nLIN   2.50ab c\nLIN      3\n"
    reading = read(content, fixed)
    assert reading.all_faults == ()
    assert recognise(content, [fixed]) is fixed
    trees = [document.tree for document in reading.documents]
    assert [list(segment) for segment in trees[0].walk()] == [["HDR", "ORDER", "P1", "20260131"], ["LIN", "2.50", "ab c"], ["LIN", "3"]]
    assert write(trees, fixed).content_or_faulty() == content


def test_a_value_wider_than_its_column_is_never_cut() -> None:
    fixed = load_layout(FIXED, file="f.yaml").must()
    (one,) = read(b"HDRORDER   P1    20260131\nLIN      3\n", fixed).documents
    next(segment for segment in one.tree.walk() if segment.tag == "LIN")[1] = "12345.678"
    written = write([one.tree], fixed)
    assert written.content is None
    assert [(fault.code, dict(fault.detail)["maximum"]) for fault in written.faults] == [("ERP-201", "7")]


def test_a_bad_value_of_fixed_width_is_told_with_its_column() -> None:
    (fault,) = read(b"HDRORDER   P1    2026013x\n", load_layout(FIXED, file="f.yaml").must()).all_faults
    assert (fault.code, fault.place.line, fault.place.column) == ("ERP-111", 1, 18)


@given(content=st.binary(max_size=200) | st.text('{}[]":,HDRLIN1 \n\\u<>/=&;!', max_size=100).map(str.encode), form=st.sampled_from(NAMED))
def test_no_bytes_make_a_reader_raise(content: bytes, form: Format, layout: Layout) -> None:
    reading = read(content, replace(layout, format=form))
    assert reading.documents or reading.faults
