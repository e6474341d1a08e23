"""SAP IDocs, as lines and as XML: the same trees, numbered as SAP numbers them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.flatfile import Layout, read, recognise, write
from edi_gateway.mapping import compile_map
from edi_gateway.records import Invoice, InvoiceLine, LineStatus, OrderAcknowledgment, Party, ResponseLine
from edi_gateway.tree import Loop, Segment

ROOT = Path(__file__).parents[2]


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
        ("idoc_orders05", f"EDI_DC40\n{'E2EDK01005':<63}\n{'E2EDP01007':<40}\n", ["ERP-119"]),
        ("idoc_orders05", f"EDI_DC40\n{'E2EDK01005':<1063}\n{'E2EDP01007':<1063}\n{'E2EDP19001':<90}", ["ERP-119"]),
    ],
)
def test_an_idoc_cut_short_or_wrong_is_a_fault(layouts: Mapping[str, Layout], form: str, content: str, codes: list[str]) -> None:
    found = [fault.code for fault in read(content.encode(), layouts[form], file="x").all_faults]
    assert found == codes


def test_a_record_that_is_cut_short_is_named_by_line_and_column(flat: Layout) -> None:
    content = f"EDI_DC40\n{'E2EDK01005':<1063}\n{'E2EDP01007':<1063}\n{'E2EDP19001':<90}"
    [fault] = read(content.encode(), flat, file="x").all_faults
    assert (fault.code, fault.place.line, fault.place.column) == ("ERP-119", 4, 91)
    assert "1063" in fault.message


@pytest.mark.parametrize("at", range(0, 5000, 61))
def test_an_idoc_cut_anywhere_is_read_in_part_or_refused_and_never_fails(flat: Layout, at: int) -> None:
    filled = "\n".join(line.ljust(1063) for line in write([order(flat)], flat).content_or_faulty().decode().splitlines())
    whole = read(filled.encode(), flat)
    assert whole.all_faults == ()
    cut = filled[:at].encode()
    if len(cut) < len(filled):
        reading = read(cut, flat, file="x")
        at_a_line_end = filled[at : at + 1] == "\n" or not filled[:at].split("\n")[-1].strip()
        assert reading.all_faults or at_a_line_end or at < 524


BILL = Invoice(
    id="INV-7001",
    issue_date=date(2026, 1, 11),
    po_id="4500017",
    po_date=date(2026, 1, 5),
    currency="USD",
    bill_to=Party(id="0042", id_scheme="92", name="Example Stores"),
    lines=(InvoiceLine(line_id="000010", quantity=Decimal(20), unit_code="EA", unit_price=Decimal("3.10"), buyer_item_id="B000123"),),
    total_amount=Decimal("62.00"),
)


ANSWER = OrderAcknowledgment(
    purpose="original",
    ack_type="detail_with_change",
    po_id="4500017",
    po_date=date(2026, 1, 5),
    id="SO-9001",
    issue_date=date(2026, 1, 6),
    currency="USD",
    seller=Party(id="V123", id_scheme="92", name="Example Supplier"),
    lines=(
        ResponseLine(
            line_id="000010",
            quantity=Decimal(24),
            unit_code="EA",
            buyer_item_id="B000123",
            statuses=(
                LineStatus(status="accepted", quantity=Decimal(20), unit_code="EA", scheduled_date=date(2026, 1, 10)),
                LineStatus(status="rejected", quantity=Decimal(4), unit_code="EA"),
            ),
        ),
    ),
)


@pytest.mark.parametrize("form", ["", "_xml"])
@pytest.mark.parametrize(("name", "record"), [("idoc_invoic", BILL), ("idoc_ordrsp", ANSWER)])
def test_a_record_goes_through_its_idoc_and_comes_back(layouts: Mapping[str, Layout], name: str, record: Any, form: str) -> None:
    used = compile_map(
        (ROOT / "maps" / "flat" / f"{name}.yaml").read_text(), file=name, shapes=lambda schema: layouts[schema.split()[1]].map_shape
    ).must()
    layout = layouts[name + form]
    tree = used.write(record).tree
    assert tree is not None
    content = write([tree], layout).content_or_faulty()
    assert recognise(content, layouts.values()) is layout
    [document] = read(content, layout).documents
    assert document.faults == ()
    assert used.read(document.tree).record == record


def test_an_answer_says_its_action_codes_as_sap_lists_them_at_the_item_and_at_each_quantity(layouts: Mapping[str, Layout]) -> None:
    used = compile_map(
        (ROOT / "maps" / "flat" / "idoc_ordrsp.yaml").read_text(), file="x", shapes=lambda schema: layouts[schema.split()[1]].map_shape
    ).must()
    tree = used.write(ANSWER).tree
    assert tree is not None
    coded = [(one.tag, one.get(2 if one.tag == "E1EDP01" else 7)) for one in tree.walk() if one.tag in ("E1EDP01", "E1EDP20")]
    assert coded == [("E1EDP01", "002"), ("E1EDP20", "004"), ("E1EDP20", "003")]
