"""A partner's cases as our pieces, by pack sizes: quantities, prices, totals, and what does not go."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.mapping import Compiled, Map, load_cross_reference
from edi_gateway.records import OrderLine, PurchaseOrder
from edi_gateway.tree import Loop, Segment

SIZES = "item,unit,size,from,to\nSKU-1,CA,12,,2026-03-31\nSKU-1,CA,10,2026-04-01,\nSKU-2,CA,24,,\n"
BODY = """fields:
  id: BEG/03
  issue_date: BEG/05
  lines:
    each: PO1
    fields: {quantity: PO1/02, unit_code: PO1/03, unit_price: PO1/04, seller_item_id: 'PO1/pair[VN]'}
    units: {quantity: quantity, price: unit_price, unit: unit_code, item: seller_item_id, table: packs, ours: EA}
  hash_total: CTT/02
equations:
  CTT/02: sum(l.quantity for l in lines)
"""


def _compiled(compiled: Callable[..., Compiled], sizes: str = SIZES, body: str = BODY) -> Compiled:
    return compiled(body, tables=lambda name: load_cross_reference(sizes, name=name, file="packs.csv") if name == "packs" else None)


@pytest.fixture(scope="module")
def one(compiled: Callable[..., Compiled]) -> Map:
    return _compiled(compiled).must()


def _tree(day: str, total: str, *lines: tuple[str, str, str, str]) -> Loop:
    items = [Loop("PO1", [Segment(["PO1", "", *cells, "", "VN", item], 5, 300)]) for *cells, item in lines]
    return Loop("850", [Segment(["BEG", "", "", "P1", "", day]), *items, Loop("CTT", [Segment(["CTT", "", total])])])


def _order(day: date, *lines: OrderLine) -> PurchaseOrder:
    return PurchaseOrder(id="P1", issue_date=day, lines=lines)


def _line(quantity: str, price: str | None, item: str, unit: str = "EA") -> OrderLine:
    return OrderLine(quantity=Decimal(quantity), unit_price=Decimal(price) if price else None, unit_code=unit, seller_item_id=item)


def test_cases_become_pieces_as_the_pack_holds_on_the_day_and_totals_stay_the_documents(one: Map) -> None:
    reading = one.read(_tree("20260331", "5", ("2", "CA", "6", "SKU-1"), ("3", "EA", "1.5", "SKU-2")))
    assert reading.faults == (), "CTT02 counts what the document counts"
    assert reading.record is not None
    assert reading.record.lines == (_line("24", "0.5", "SKU-1"), _line("3", "1.5", "SKU-2"))
    later = one.read(_tree("20260401", "2", ("2", "CA", "6", "SKU-1"))).record
    assert later is not None
    assert later.lines == (_line("20", "0.6", "SKU-1"),)


def test_pieces_are_written_as_cases_and_the_total_with_them(one: Map) -> None:
    tree = one.write(_order(date(2026, 3, 1), _line("24", "0.5", "SKU-1"), _line("7", "2", "OTHER"))).tree
    assert tree is not None
    cells = [list(segment) for segment in tree.walk()]
    assert cells[1] == ["PO1", "", "2", "CA", "6.0", "", "VN", "SKU-1"]
    assert cells[2] == ["PO1", "", "7", "EA", "2", "", "VN", "OTHER"]
    assert cells[3] == ["CTT", "", "9"]


@given(cases=st.integers(1, 10_000), price=st.integers(1, 10**6))
def test_what_fills_whole_packs_comes_back(one: Map, cases: int, price: int) -> None:
    record = _order(date(2026, 4, 2), _line(str(cases * 10), str(Decimal(price) / 100), "SKU-1"))
    tree = one.write(record).tree
    assert tree is not None
    again = one.read(tree).record
    assert again is not None
    assert again.lines == record.lines


def test_a_pack_that_no_line_has_holds_the_document_at_its_unit(one: Map) -> None:
    reading = one.read(_tree("20260331", "2", ("2", "CA", "6", "SKU-9")))
    assert reading.record is None
    (fault,) = reading.faults
    assert (fault.code, fault.value, fault.place.segment, fault.place.element, fault.place.position) == ("MAP-414", "SKU-9", "PO1", 3, 5)
    assert "packs.csv, 2026-03-31" in fault.message
    assert [fault.code for fault in one.read(_tree("20260331", "2", ("2", "PL", "6", "SKU-1"))).faults] == ["MAP-414"]


def test_what_does_not_fill_whole_packs_is_refused(one: Map) -> None:
    writing = one.write(_order(date(2026, 3, 1), _line("25", None, "SKU-1")))
    assert writing.tree is None
    (fault,) = writing.faults
    assert (fault.code, fault.value, dict(fault.detail)["field"]) == ("MAP-415", "25", "lines[1].quantity")


def test_a_price_that_does_not_divide_is_told_and_not_rounded(one: Map) -> None:
    reading = one.read(_tree("20260331", "2", ("2", "CA", "10", "SKU-1")))
    assert [(fault.code, fault.value, fault.place.element) for fault in reading.faults] == [("MAP-415", "10", 4)]


@pytest.mark.parametrize(
    ("sizes", "found"),
    [
        ("item,unit\na,CA\n", [("MAP-212", 1)]),
        ("item,unit,size\na,CA,0\n", [("MAP-213", 2)]),
        ("item,unit,size\na,CA,twelve\n", [("MAP-213", 2)]),
        ("item,unit,size\na,CA,12\na,CA,24\n", [("MAP-214", 3)]),
        ("item,unit,size,direction\na,CA,12,read\n", [("MAP-211", 1)]),
    ],
)
def test_what_is_wrong_in_pack_sizes_is_told_with_its_line(compiled: Callable[..., Compiled], sizes: str, found: list[object]) -> None:
    result = _compiled(compiled, sizes)
    assert result.map is None
    assert [(fault.code, fault.place.line) for fault in result.faults] == found


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("table: packs", "table: none"), "MAP-204"),
        (("quantity: quantity,", "quantity: amount,"), "MAP-112"),
        (("item: seller_item_id, ", ""), "MAP-106"),
        (("ours: EA", "ours: EA, factor: 12"), "MAP-105"),
        (("PO1/03,", "PO1/03 via packs,"), "MAP-204"),
    ],
)
def test_units_that_make_no_sense_are_told_with_their_line(compiled: Callable[..., Compiled], change: tuple[str, str], code: str) -> None:
    result = _compiled(compiled, body=BODY.replace(*change))
    assert [(fault.code, fault.place.line is not None) for fault in result.faults] == [(code, True)]
