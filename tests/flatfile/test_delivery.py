"""SAP's delivery: items and handling units that refer to one another, seen as orders that hold packs that hold items, and back."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from edi_gateway import flatfile
from edi_gateway.flatfile import Layout, load_layout
from edi_gateway.mapping import Map, compile_map
from edi_gateway.records import Pack, Pallet, ShipItem, ShipNotice, ShippedOrder

ROOT = Path(__file__).parents[2]
SAMPLE = (ROOT / "samples" / "erp" / "idoc_desadv.idoc").read_text()
ONE, TWO, PALLET = "003456789012345670", "003456789012345687", "003456789012345700"


@pytest.fixture
def layout(layouts: Mapping[str, Layout]) -> Layout:
    return layouts["idoc_desadv"]


@pytest.fixture
def used(layout: Layout) -> Map:
    text = (ROOT / "maps" / "flat" / "idoc_desadv.yaml").read_text()
    return compile_map(text, file="idoc_desadv.yaml", shapes=lambda _: layout.map_shape).must()


def item(quantity: int, **more: str) -> ShipItem:
    return ShipItem(line_id="10", seller_item_id="SKU-77", quantity=Decimal(quantity), unit_code="EA", **more)


def written(notice: ShipNotice, layout: Layout, used: Map) -> flatfile.FlatWriting:
    tree = used.write(notice).tree
    assert tree is not None
    return flatfile.write([tree], layout)


def comes_back(notice: ShipNotice, layout: Layout, used: Map) -> str:
    """The file of a notice, which is read as the notice again."""
    content = written(notice, layout, used).content_or_faulty()
    [document] = flatfile.read(content, layout).documents
    assert document.faults == ()
    assert used.read(document.tree).record == notice
    return content.decode()


def changed(old: str, new: str, layout: Layout) -> list[tuple[str, int | None, int | None]]:
    """What is found in the sample with one text changed."""
    assert old in SAMPLE
    reading = flatfile.read(SAMPLE.replace(old, new).encode(), layout, file="x")
    assert all(fault.message for fault in reading.all_faults)
    return [(fault.code, fault.place.line, fault.place.column) for fault in reading.all_faults]


def test_an_item_in_two_packs_and_loose_is_one_item_of_the_file(layout: Layout, used: Map) -> None:
    order = ShippedOrder(po_id="P1", items=(item(5),), packs=(Pack(sscc=ONE, items=(item(20),)), Pack(sscc=TWO, items=(item(4), item(1)))))
    content = comes_back(ShipNotice(id="S1", purpose="original", orders=(order,)), layout, used)
    assert content.count("E2EDL24") == 1
    assert content.count("E2EDL44") == 3
    assert " 30 " in next(line for line in content.splitlines() if line.startswith("E2EDL24"))


def test_items_that_differ_in_anything_but_their_quantity_stand_by_themselves(layout: Layout, used: Map) -> None:
    order = ShippedOrder(po_id="P1", packs=(Pack(items=(item(20, lot="A"),)), Pack(items=(item(4, lot="B"),))))
    assert comes_back(ShipNotice(id="S1", purpose="original", orders=(order,)), layout, used).count("E2EDL24") == 2


def test_a_pack_and_a_pallet_with_items_of_two_orders_stand_once_in_the_file_and_under_each_order(layout: Layout, used: Map) -> None:
    orders = tuple(
        ShippedOrder(po_id=po, pallets=(Pallet(sscc=PALLET, packs=(Pack(sscc=ONE, items=(item(number),)),)),))
        for number, po in enumerate(("P1", "P2"), 1)
    )
    content = comes_back(ShipNotice(id="S1", purpose="original", orders=orders), layout, used)
    assert [line.split()[0] for line in content.splitlines() if line.startswith(("E2EDL37", "E2EDL44"))] == [
        *("E2EDL37", "E2EDL44", "E2EDL44"),
        *("E2EDL37", "E2EDL44"),
    ]


def test_items_are_numbered_and_the_levels_count_as_sap_counts_them(layout: Layout, used: Map) -> None:
    order = ShippedOrder(po_id="P1", items=(item(1),), packs=(Pack(sscc=ONE, items=(item(2, lot="A"),)),))
    lines = comes_back(ShipNotice(id="S1", purpose="original", orders=(order,)), layout, used).splitlines()
    assert [(line[:7], line[49:69].rstrip()) for line in lines[1:]] == [
        ("E2EDL20", "00000100000002S1"),
        ("E2EDL24", "00000200000103000010"),
        ("E2EDL41", "00000300000204001P1"),
        ("E2EDL24", "00000400000103000020"),
        ("E2EDL41", "00000500000404001P1"),
        ("E2EDL37", "00000600000103" + f"00{ONE}"[:6]),
        ("E2EDL44", "000007000006041"),
    ]


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("041          000020", "041          000090", ("ERP-142", 24, 75)),
        ("043                00003456789012345717", "043                00003456789012345724", ("ERP-142", 28, 81)),
        ("03000020SKU-78", "03000010SKU-78", ("ERP-142", 11, 64)),
        ("000010                    4  ", "000010                    5  ", ("ERP-143", 23, 75)),
        ("000010                    4  ", "000010                       ", ("ERP-143", 21, 75)),
        ("041          000040", "042          000040", ("ERP-144", 25, 64)),
    ],
)
def test_references_that_do_not_come_out_are_told_with_line_and_column(
    layout: Layout, old: str, new: str, found: tuple[str, int, int]
) -> None:
    assert found in changed(old, new, layout)


def test_an_item_without_an_order_is_told_at_its_line(layout: Layout, used: Map) -> None:
    lines = [line for number, line in enumerate(SAMPLE.splitlines(), 1) if number not in (9, 10)]
    reading = flatfile.read("\n".join(lines).encode(), layout, file="x")
    [document] = reading.documents
    faults = [document.locate(fault) for fault in used.read(document.tree).faults]
    assert [(fault.code, fault.place.line) for fault in faults] == [("MAP-404", 8)]


@pytest.mark.parametrize("number", range(len(SAMPLE.splitlines())))
def test_a_delivery_that_lacks_any_line_is_read_or_told_of_and_never_fails(layout: Layout, used: Map, number: int) -> None:
    lines = SAMPLE.splitlines()
    reading = flatfile.read("\n".join([*lines[:number], *lines[number + 1 :]]).encode(), layout, file="x")
    assert reading.documents or reading.faults
    for document in reading.documents:
        if document.ok:
            used.read(document.tree)


@pytest.mark.parametrize(
    "order",
    [
        ShippedOrder(po_id="P1"),
        ShippedOrder(po_id="P1", items=(item(1),), packs=(Pack(sscc=ONE),)),
        ShippedOrder(po_id="P1", items=(item(1),), pallets=(Pallet(sscc=PALLET),)),
        ShippedOrder(po_id="P1", packs=(Pack(sscc=ONE, items=(item(1),)), Pack(sscc=ONE, items=(item(2),)))),
        ShippedOrder(po_id="P1", pallets=(Pallet(sscc=PALLET, packs=(Pack(items=(item(1),)),)),)),
    ],
    ids=["no item", "an empty pack", "an empty pallet", "a number twice", "a pack without a number on a pallet"],
)
def test_what_a_delivery_cannot_say_is_refused_and_not_lost(layout: Layout, used: Map, order: ShippedOrder) -> None:
    writing = written(ShipNotice(id="S1", purpose="original", orders=(order,)), layout, used)
    assert writing.content is None
    assert {fault.code for fault in writing.faults} == {"ERP-206"}


def test_two_orders_that_nothing_tells_apart_are_refused(layout: Layout, used: Map) -> None:
    order = ShippedOrder(po_id="P1", items=(item(1),))
    assert [
        fault.code for fault in written(ShipNotice(id="S1", purpose="original", orders=(order, replace(order))), layout, used).faults
    ] == ["ERP-206"]


def test_a_layout_that_lacks_what_a_delivery_needs_says_what() -> None:
    text = (ROOT / "schemas" / "flat" / "idoc_desadv.yaml").read_text()
    loaded = load_layout(text.replace("posnr:", "number:"), file="x.yaml")
    assert [(fault.code, fault.place.line) for fault in loaded.faults] == [("ERP-303", 12)]
    assert "E1EDL24/posnr, E1EDL44/posnr" in loaded.faults[0].message
    assert [fault.code for fault in load_layout(text.replace("arrange: delivery", "arrange: shipment"), file="x.yaml").faults] == [
        "ERP-303"
    ]
