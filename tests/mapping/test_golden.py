"""One order's life, as it stands in samples/: every document from X12 to the record to the ERP's file and back, byte for byte."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from edi_gateway import flatfile
from edi_gateway.flatfile import Layout
from edi_gateway.mapping import Map
from edi_gateway.partners.documents import ERP_DOCUMENTS, erp_map, layout, x12_map
from edi_gateway.tree import Loop
from edi_gateway.x12 import Library, Verdict, read

ROOT = Path(__file__).parents[2]
PAIRS = sorted(ERP_DOCUMENTS.items())
LEFT = {"820": 13, "824": 5, "865": 1}
"""How many elements of a sample no row reads: what the record has no place for, such as the payer's bank account in an 820."""


def _x12_map(set_id: str) -> str:
    return x12_map("005010" if set_id in ("753", "754") else "004010", set_id)


def _x12_tree(set_id: str) -> Loop:
    library = Library([ROOT / "schemas"])
    (interchange,) = read((ROOT / "samples" / "maps" / f"{set_id}.edi").read_bytes(), library).interchanges
    (one,) = interchange.sets
    assert one.verdict is Verdict.ACCEPTED, [fault.line() for fault in one.faults]
    return one.tree()


def _kept(set_id: str, one: Map) -> Loop:
    """The part of a sample that its map covers."""
    tree = _x12_tree(set_id)
    record = one.read(tree).record
    assert record is not None
    covered = one.write(record).tree
    assert covered is not None
    return covered if set_id in LEFT else tree


def _unnumbered(tree: Loop) -> list[list[object]]:
    """The tree's segments without the numbers that the X12 writer gives to HL."""
    return [[*segment[:1], "", "", segment[3]] if segment.tag == "HL" else list(segment) for segment in tree.walk()]


@pytest.mark.parametrize(("set_id", "layout_name"), PAIRS)
def test_a_set_becomes_the_erp_file(set_id: str, layout_name: str, shipped: Mapping[str, Map], layouts: Mapping[str, Layout]) -> None:
    reading = shipped[_x12_map(set_id)].read(_x12_tree(set_id))
    assert reading.faults == ()
    assert reading.record is not None
    tree = shipped[f"flat/{layout_name}"].write(reading.record).tree
    assert tree is not None
    content = flatfile.write([tree], layouts[layout_name]).content
    assert content == (ROOT / "samples" / "erp" / f"{layout_name}.csv").read_bytes()


@pytest.mark.parametrize(("set_id", "layout_name"), PAIRS)
def test_an_erp_file_becomes_the_set(set_id: str, layout_name: str, shipped: Mapping[str, Map], layouts: Mapping[str, Layout]) -> None:
    (document,) = flatfile.read((ROOT / "samples" / "erp" / f"{layout_name}.csv").read_bytes(), layouts[layout_name]).documents
    reading = shipped[f"flat/{layout_name}"].read(document.tree)
    assert reading.faults == ()
    assert reading.record is not None
    tree = shipped[_x12_map(set_id)].write(reading.record).tree
    assert tree is not None
    assert _unnumbered(tree) == _unnumbered(_kept(set_id, shipped[_x12_map(set_id)]))


@pytest.mark.parametrize(("set_id", "layout_name"), PAIRS)
def test_what_is_not_read_of_a_sample_is_known(set_id: str, layout_name: str, shipped: Mapping[str, Map]) -> None:
    assert len(shipped[_x12_map(set_id)].unread(_x12_tree(set_id))) == LEFT.get(set_id, 0)


def test_a_value_is_traced_from_the_segment_to_the_line_of_the_erp_file(shipped: Mapping[str, Map], layouts: Mapping[str, Layout]) -> None:
    tree = _x12_tree("850")
    order = shipped["x12/004010/850"]
    read_from = {origin.field: origin for origin in order.explain_read(tree)}["lines[2].quantity"]
    assert (read_from.segment, read_from.element, read_from.value) == ("PO1", 2, "6")
    assert (read_from.row.file or "").endswith("850.yaml")
    record = order.read(tree).record
    assert record is not None
    flat = shipped["flat/order"]
    written_to = {origin.field: origin for origin in flat.explain_write(record)}["lines[2].quantity"]
    line = (ROOT / "samples" / "erp" / "order.csv").read_text().splitlines()[written_to.position - 1]
    assert line.split(",")[:3] == ["LIN", "2", "6"]


@pytest.mark.parametrize(("set_id", "name"), sorted(ERP_DOCUMENTS.items()))
def test_every_document_has_its_map_and_layout_without_a_word_of_the_partner_file(
    set_id: str, name: str, shipped: Mapping[str, Map], layouts: Mapping[str, Layout]
) -> None:
    erp, record = shipped[erp_map(set_id)], shipped[_x12_map(set_id)].record_type
    assert erp.record_type is record
    assert layouts[layout(set_id)].shape.name == erp.shape.name
    assert name == layout(set_id)
