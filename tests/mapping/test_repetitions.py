"""Elements that are repeated: read value by value, never in silence, and written again."""

from collections.abc import Callable, Mapping

import pytest

from edi_gateway.mapping import Map, compile_map
from edi_gateway.records import PurchaseOrder
from edi_gateway.shape import Shape
from edi_gateway.tree import Loop, Repeated, Segment
from edi_gateway.x12 import Library, TransactionSet, read

ISA = "ISA*00*          *00*          *ZZ*RETAILER       *ZZ*SUPPLIER       *260302*0900*^*00501*000000001*0*P*>~"
BODY = "BEG*00*SA*P1**20260302~REF*{ref}~PO1*1*24*EA*3.1**BP*B1~"


def _set(library: Library, ref: str) -> TransactionSet:
    body = BODY.format(ref=ref)
    text = f"{ISA}GS*PO*RETAILER*SUPPLIER*20260302*0900*1*X*005010~ST*850*0001~{body}SE*5*0001~GE*1*1~IEA*1*000000001~"
    (interchange,) = read(text.encode(), library).interchanges
    return interchange.sets[0]


@pytest.fixture
def values(shapes: Callable[[str], Shape | None]) -> Callable[[str], Map]:
    def compiled(rows: str) -> Map:
        text = f"map: t\nrecord: PurchaseOrder\nschema: X12 005010 850\nfields: {{id: BEG/03, {rows}}}\n"
        return compile_map(text, file="t.yaml", shapes=shapes).must()

    return compiled


def test_a_repeated_element_stands_in_the_tree_with_its_values(library: Library) -> None:
    tree = _set(library, "DP*A^B^C").tree()
    assert tree.repeats
    assert next(one for one in tree.walk() if one.tag == "REF") == ["REF", "DP", Repeated(("A", "B", "C"))]
    composite = _set(library, "DP*A**VN>X^DP>Y").tree()
    element = next(one for one in composite.walk() if one.tag == "REF")[4]
    assert isinstance(element, Repeated)
    assert [element.one(number) for number in (1, 2, 3)] == [("VN", "X"), ("DP", "Y"), ""]
    assert not _set(library, "DP*A").tree().repeats


def test_a_shipped_map_holds_what_it_would_else_pass_on_joined(library: Library, shipped: Mapping[str, Map]) -> None:
    one = _set(library, "DP*A^B")
    reading = shipped["x12/005010/850"].read(one.tree())
    assert reading.record is None
    (fault,) = reading.faults
    assert (fault.code, fault.value, fault.place.segment, fault.place.element, fault.place.position) == ("MAP-411", "A^B", "REF", 2, 3)
    assert shipped["x12/005010/850"].explain_read(one.tree()) == ()


def test_a_row_takes_the_value_that_it_names_and_the_rest_is_told(library: Library, values: Callable[[str], Map]) -> None:
    tree = _set(library, "DP*A^B").tree()
    first = values("department: 'REF[DP]/02^1'")
    assert first.read(tree).record == PurchaseOrder(id="P1", department="A")
    assert [fault.value for fault in first.unread(tree) if fault.place.segment == "REF"] == ["A^B"]
    both = values("department: 'REF[DP]/02^1', customer_reference: 'REF[DP]/02^2'")
    record = both.read(tree).record
    assert record == PurchaseOrder(id="P1", department="A", customer_reference="B")
    assert [fault for fault in both.unread(tree) if fault.place.segment == "REF"] == []
    assert {one.field: (one.value, one.repetition) for one in both.explain_read(tree)}["customer_reference"] == ("B", 2)


def test_rows_with_numbers_write_a_repeated_element(values: Callable[[str], Map]) -> None:
    both = values("department: 'REF[DP]/02^1', customer_reference: 'REF[DP]/02^2'")
    record = PurchaseOrder(id="P1", department="A", customer_reference="B")
    tree = both.write(record).tree
    assert tree is not None
    assert tree.children[1] == Segment(["REF", "DP", Repeated(("A", "B"))])
    assert both.read(tree).record == record
    one = both.write(PurchaseOrder(id="P1", department="A")).tree
    assert one == Loop("850", [Segment(["BEG", "", "", "P1"]), Segment(["REF", "DP", "A"])])
    (fault,) = both.write(PurchaseOrder(id="P1", customer_reference="B")).faults
    assert (fault.code, fault.place.segment, fault.place.element) == ("MAP-412", "REF", 2)


def test_components_of_repetitions_go_both_ways(library: Library, values: Callable[[str], Map]) -> None:
    one = values("department: 'REF[DP]/04^1-2', customer_reference: 'REF[DP]/04^2-2', type: 'REF[DP]/04^2-1'")
    tree = _set(library, "DP*A**VN>X^DP>Y").tree()
    record = one.read(tree).record
    assert record == PurchaseOrder(id="P1", department="X", customer_reference="Y", type="DP")
    written = one.write(record).tree
    assert written is not None
    assert one.read(written).record == record


def test_where_nothing_can_be_repeated_a_number_is_refused(shapes: Callable[[str], Shape | None]) -> None:
    text = "map: t\nrecord: PurchaseOrder\nschema: X12 004010 850\nfields: {id: BEG/03, department: 'REF[DP]/02^2'}\n"
    (fault,) = compile_map(text, file="t.yaml", shapes=shapes).faults
    assert (fault.code, fault.place.line) == ("MAP-108", 4)
    assert "never repeated" in fault.fix
