"""SAP IDocs, as lines and as XML: the same trees, numbered as SAP numbers them."""

from collections.abc import Mapping

import pytest

from edi_gateway.flatfile import Layout, read, recognise, write
from edi_gateway.tree import Loop, Segment


@pytest.fixture
def flat(layouts: Mapping[str, Layout]) -> Layout:
    return layouts["idoc_orders05"]


@pytest.fixture
def xml(layouts: Mapping[str, Layout]) -> Layout:
    return layouts["idoc_orders05_xml"]


def order(flat: Layout) -> Loop:
    control = [""] * 30
    for name, value in (("mandt", "800"), ("docnum", "0000000000000042"), ("idoctyp", "ORDERS05"), ("mestyp", "ORDERS")):
        control[(flat.records["EDI_DC40"].shape.number(name) or 0) - 1] = value
    while not control[-1]:
        control.pop()
    line = Loop("E1EDP01", [Segment(["E1EDP01", "000010", "", "", "", "2.5", "EA"]), Segment(["E1EDP19", "002", "SKU-1"])])
    return Loop("idoc_orders05", [Segment(["EDI_DC40", *control]), Segment(["E1EDK01", "", "", "USD"]), line])


def test_data_records_carry_their_number_parent_and_level(flat: Layout) -> None:
    lines = write([order(flat)], flat).content_or_faulty().decode().splitlines()
    assert len(lines[0]) == 524
    assert [line[:63] for line in lines[1:]] == [
        "E2EDK01005                    800000000000000004200000100000001",
        "E2EDP01007                    800000000000000004200000200000002",
        "E2EDP19001                    800000000000000004200000300000203",
    ]


@pytest.mark.parametrize("form", ["idoc_orders05", "idoc_orders05_xml"])
def test_an_idoc_written_and_read_is_the_tree(flat: Layout, layouts: Mapping[str, Layout], form: str) -> None:
    layout = layouts[form]
    content = write([order(flat)], layout).content_or_faulty()
    assert recognise(content, layouts.values()) is layout
    reading = read(content, layout)
    assert reading.all_faults == ()
    assert [document.tree for document in reading.documents] == [order(flat)]


def test_segments_of_any_version_are_known_and_others_stand_unread(flat: Layout) -> None:
    lines = write([order(flat)], flat).content_or_faulty().decode().replace("E2EDK01005", "E2EDK01009").splitlines()
    lines.insert(2, f"{'E2EDK14':<63}008Q1")
    (document,) = read("\n".join(lines).encode(), flat).documents
    assert document.faults == ()
    assert document.tree == order(flat)


def test_xml_of_sap_with_more_than_the_layout_knows_is_read(xml: Layout) -> None:
    content = (
        '<?xml version="1.0"?><ORDERS05><IDOC BEGIN="1"><EDI_DC40 SEGMENT="1"><TABNAM>EDI_DC40</TABNAM><MESTYP>ORDERS</MESTYP></EDI_DC40>'
        '<E1EDK01 SEGMENT="1"><CURCY>EUR</CURCY><LIFSK>01</LIFSK></E1EDK01><E1EDK14 SEGMENT="1"><QUALF>008</QUALF></E1EDK14>'
        '<E1EDP01 SEGMENT="1"><MENGE>2.500</MENGE></E1EDP01></IDOC></ORDERS05>'
    )
    (document,) = read(content.encode(), xml).documents
    assert document.faults == ()
    assert [segment.tag for segment in document.tree.walk()] == ["EDI_DC40", "E1EDK01", "E1EDP01"]


@pytest.mark.parametrize(
    ("form", "content", "codes"),
    [
        ("idoc_orders05", f"{'EDI_DC40':<10}{'':<529}\n{'E2EDP01007':<63}", ["ERP-110"]),
        ("idoc_orders05", f"{'E2EDK01005':<63}\n", ["ERP-109"]),
        ("idoc_orders05", f"{'EDI_DC40':<10}\n", ["ERP-110"]),
        ("idoc_orders05", f"EDI_DC40\n{'E2EDK01005':<63}\n{'E2EDP01007':<63}{'000010':<11}{'many':<15}\n", ["ERP-111"]),
        ("idoc_orders05_xml", "<ORDERS05><IDOC><EDI_DC40>", ["ERP-120"]),
    ],
)
def test_an_idoc_cut_short_or_wrong_is_a_fault(layouts: Mapping[str, Layout], form: str, content: str, codes: list[str]) -> None:
    found = [fault.code for fault in read(content.encode(), layouts[form], file="x").all_faults]
    assert found == codes
