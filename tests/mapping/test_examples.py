"""Every finding's bad example gives it, and the good one does not."""

import json
from collections.abc import Callable, Iterable

import pytest

from edi_gateway.faults import Fault, register
from edi_gateway.mapping import Map, compile_map, lint, load_cross_reference
from edi_gateway.mapping.examples import GUIDE, GUIDED, HEADER, MAPS, PACKS, RUNS, TABLES
from edi_gateway.records import from_json
from edi_gateway.services.guided import lint_guided
from edi_gateway.shape import Shape
from edi_gateway.tree import Loop
from edi_gateway.x12 import Library, Mode, Rules, load_guide, read

from .conftest import base

Shapes = Callable[[str], Shape | None]


def _source(text: str) -> str:
    return text if text.startswith("map:") else HEADER + text


def _placed(faults: Iterable[Fault]) -> set[str]:
    """The codes of findings, each of which says file, line and column and every fact that its words use."""
    found = list(faults)
    for fault in found:
        assert fault.place.file, fault
        assert (fault.place.line or 0) > 0, fault
        assert (fault.place.column or 0) > 0, fault
        assert "?" not in fault.message, fault
    return {fault.code for fault in found}


def _codes(text: str, shapes: Shapes) -> set[str]:
    source = _source(text)

    def below(name: str) -> tuple[str, str] | None:
        return (source, "example.yaml") if name == "example" else base(name)

    return _placed(lint(source, file="example.yaml", shapes=shapes, base=below))


@pytest.mark.parametrize("code", MAPS)
def test_a_maps_bad_example_gives_the_finding_and_the_good_one_does_not(code: str, shapes: Shapes) -> None:
    bad, good = MAPS[code]
    assert code in _codes(bad, shapes)
    assert code not in _codes(good, shapes)


@pytest.mark.parametrize("code", TABLES)
def test_a_tables_bad_example_gives_the_finding_and_the_good_one_does_not(code: str) -> None:
    bad, good = TABLES[code]
    assert code in _placed(load_cross_reference(bad, name="t", file="t.csv").faults)
    assert load_cross_reference(good, name="t", file="t.csv").faults == ()


@pytest.mark.parametrize("code", GUIDED)
def test_a_map_beside_a_guide_gives_the_finding_and_the_good_one_does_not(code: str, shapes: Shapes, library: Library) -> None:
    rule, bad, good = GUIDED[code]
    guide = load_guide(GUIDE + rule, library, file="guide.yaml").guide
    assert guide is not None
    assert _placed(lint_guided(_compiled(bad, shapes), guide)) == {code}
    assert lint_guided(_compiled(good, shapes), guide) == ()


@pytest.mark.parametrize("code", RUNS)
def test_what_goes_through_a_map_gives_the_finding_and_the_good_one_does_not(code: str, shapes: Shapes, library: Library) -> None:
    text, bad, good = RUNS[code]
    one = _compiled(text, shapes)
    found = _run(one, bad, library)
    assert [fault.code for fault in found] == [code]
    assert found[0].place.segment or dict(found[0].detail)["field"], "where it is read, or the field that is written"
    assert "?" not in found[0].line().replace("no day known", "")
    assert _run(one, good, library) == ()


def _compiled(text: str, shapes: Shapes) -> Map:
    packs = load_cross_reference(PACKS, name="packs", file="packs.csv")
    return compile_map(_source(text), file="example.yaml", shapes=shapes, tables=lambda name: packs if name == "packs" else None).must()


def _run(one: Map, example: str, library: Library) -> tuple[Fault, ...]:
    if example.startswith("{"):
        return one.write(from_json(one.record_type, json.loads(example))).faults
    tree = _tree(one, example, library)
    return one.unread(tree) if one.plan.name == "unread" else one.read(tree).faults


def _tree(one: Map, example: str, library: Library) -> Loop:
    release = one.shape.name.split()[1]
    segments = example.split("~")
    isa = f"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260302*0900*^*{release[:5]}*000000001*0*T*>"
    body = ["GS*PO*A*B*20260302*0900*1*X*" + release, "ST*850*0001", *segments, f"SE*{len(segments) + 2}*0001", "GE*1*1", "IEA*1*000000001"]
    text = "".join(f"{line}~" for line in (isa, *body))
    (interchange,) = read(text.encode(), library, rules=Rules(mode=Mode.TOLERANT)).interchanges
    return interchange.sets[0].tree()


def test_every_finding_has_its_examples() -> None:
    assert {code for code in register() if code.startswith("MAP-")} == MAPS.keys() | TABLES.keys() | GUIDED.keys() | RUNS.keys()
