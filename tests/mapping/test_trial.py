"""Golden cases, first maps from samples, and what a changed map does to known traffic."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

from edi_gateway.mapping import Map, compile_map
from edi_gateway.mapping.replay import Cluster, clusters, record_changes
from edi_gateway.mapping.sketch import sketch
from edi_gateway.mapping.trial import Case, try_cases
from edi_gateway.records import OrderLine, PurchaseOrder, to_json
from edi_gateway.shape import Shape
from edi_gateway.tree import Loop, Segment
from edi_gateway.x12 import Library, read

ROOT = Path(__file__).parents[2]


def _order() -> Loop:
    (interchange,) = read((ROOT / "samples" / "maps" / "850.edi").read_bytes(), Library([ROOT / "schemas"])).interchanges
    return interchange.sets[0].tree()


def test_a_golden_case_holds_both_ways_and_tells_what_it_covers(shipped: Mapping[str, Map]) -> None:
    one = shipped["x12/004010/850"]
    record = one.read(_order()).record
    assert record is not None
    trial = try_cases(one, [Case(name="850", tree=_order(), record=to_json(record)), Case(name="again", tree=_order())])
    assert trial.ok
    assert trial.elements == trial.elements_read
    assert "department" in trial.idle
    assert "id" not in trial.idle


def test_a_golden_case_tells_what_changed(shipped: Mapping[str, Map]) -> None:
    golden = to_json(shipped["x12/004010/850"].read(_order()).record)
    golden["lines"][0]["quantity"] = "25"
    del golden["currency"]
    trial = try_cases(shipped["x12/004010/850"], [Case(name="850", tree=_order(), record=golden)])
    assert not trial.ok
    assert trial.results[0].changes == ("currency appears", "lines[].quantity changes")


def test_changes_are_clustered_by_kind() -> None:
    old = PurchaseOrder(id="1", lines=(OrderLine(quantity=Decimal(1)), OrderLine(quantity=Decimal(2))))
    new = replace(old, lines=tuple(replace(line, gtin="1") for line in old.lines))
    assert record_changes(old, new) == ("lines[].gtin appears",)
    assert record_changes(old, replace(old, lines=old.lines[:1])) == ("lines has fewer items",)
    assert record_changes(old, old) == ()
    assert record_changes(None, old) == ("the document can be read now",)
    found = clusters([("a", ("x changes",)), ("b", ()), ("c", ("y appears",)), ("d", ("x changes",))])
    assert found == (
        Cluster(kinds=("x changes",), count=2, examples=("a", "d")),
        Cluster(kinds=("y appears",), count=1, examples=("c",)),
    )


def test_a_first_map_lists_its_open_questions_and_compiles(shipped: Mapping[str, Map], shapes: Callable[[str], Shape | None]) -> None:
    tree = _order()
    tree.children.insert(2, Segment(["TD5", "O", "2", "RDWY"], 99, 0))
    text = sketch("new/850", shipped["x12/004010/850"], [tree])
    assert "#   TD5[O]/03" in text
    assert "such as 'RDWY'" in text
    assert "department" in text.rpartition("# omit:")[2]
    path = ROOT / "maps" / "x12" / "004010" / "850.yaml"
    made = compile_map(text, file="new.yaml", shapes=shapes, base=lambda _: (path.read_text(), str(path)))
    assert made.must().name == "new/850"
