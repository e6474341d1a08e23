"""A map beside the guide of the partner it is for."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edi_gateway.faults import Faulty, Severity
from edi_gateway.lifecycle.states import Direction
from edi_gateway.mapping import Map
from edi_gateway.partners.agreement import Agreement
from edi_gateway.services.guided import lint_agreement, lint_guided
from edi_gateway.services.shelf import Shelf, shelf_of
from edi_gateway.x12 import Guide, Rules, load_guide, read

HEAD = "guide: example/850\ntitle: t\nsource: s\ndate: 2026-01-05\nschema: X12 {schema}\nrules:\n"
Compile = Callable[[str], Map]
Told = Callable[..., list[tuple[str, str]]]


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    return shelf_of(None)


@pytest.fixture
def told(shelf: Shelf, tmp_path: Path) -> Told:
    """Code and path of what is found in a map beside the rules of a guide."""

    def found(body: str, *rules: str, schema: str = "004010 850", record: str = "PurchaseOrder", **ways: bool) -> list[tuple[str, str]]:
        path = tmp_path / "t.yaml"
        path.write_text(f"map: t\nrecord: {record}\nschema: X12 {schema}\n{body}\n")
        faults = lint_guided(shelf.compile(path), guide(shelf, *rules, schema=schema), **ways)
        assert all(fault.place.line and fault.place.column for fault in faults)
        return [(fault.code, dict(fault.detail)["path"]) for fault in faults]

    return found


def guide(shelf: Shelf, *rules: str, schema: str) -> Guide:
    text = HEAD.format(schema=schema) + "".join(f"  - {{{rule}}}\n" for rule in rules)
    loaded = load_guide(text, shelf.library, file="guide.yaml")
    assert loaded.guide is not None, loaded.faults
    return loaded.guide


KIND = "tables: {kind: {rush: RO, new: NE}}\nfields: {id: BEG/03, type: BEG/02 via kind%s}"


def test_a_table_is_told_what_it_misses_where_it_reads_and_what_is_not_taken_where_it_writes(told: Told) -> None:
    rule = "at: BEG/02, codes: [RO, DS]"
    assert told(KIND % "", rule) == [("MAP-215", "BEG/02"), ("MAP-216", "BEG/02")]
    assert told(KIND % "", rule, writes=False) == [("MAP-215", "BEG/02")]
    assert told(KIND % "", rule, reads=False) == [("MAP-216", "BEG/02")]
    assert told(KIND.replace("new: NE", "new: NE, other: keep") % "", rule, writes=False) == []


def test_a_default_and_a_selectors_qualifier_are_codes_too(told: Told) -> None:
    assert told("fields: {id: BEG/03, purpose: BEG/01 = 05}", 'at: BEG/01, codes: ["00"]') == [("MAP-216", "BEG/01")]
    assert told("fields: {id: BEG/03, department: 'REF[DP]/02'}", "at: REF/01, codes: [CR]") == [("MAP-216", "REF/01")]
    assert told("fields: {id: BEG/03, department: 'REF[CR]/02'}", "at: REF/01, codes: [CR]") == []


def test_what_is_required_is_looked_for_where_its_segment_can_stand(told: Told) -> None:
    ship_to = "fields: {id: BEG/03, ship_to: {at: 'N1[ST]', fields: {name: N1/02, city: N4/01}}}"
    assert told(ship_to, "at: 'N1[ST]', use: required", "at: 'N1[ST]/04', use: required") == [("MAP-307", "N1[ST]/04")]
    assert told(ship_to, "at: 'N1[BT]', use: required") == [("MAP-307", "N1[BT]")]
    assert told(ship_to, "at: 'N1[BT]/04', use: required") == [], "asked of a bill-to party only where there is one"
    assert told(ship_to, "at: 'N1[ST]/N4/02', use: required") == [("MAP-307", "N1[ST]/N4/02")]
    assert told("fields: {id: BEG/03}\nequations: {CTT/01: count(lines)}", "at: CTT/01, use: required") == []


def test_a_list_of_all_qualifiers_may_write_the_one_that_is_required(told: Told) -> None:
    every = "fields: {id: BEG/03, references: {each: REF, fields: {qualifier: REF/01, id: REF/02}}}"
    assert told(every, "at: 'REF[CR]', use: required", "at: 'REF[CR]/02', use: required") == []


def test_a_row_of_a_forbidden_element_or_segment_is_told(told: Told) -> None:
    body = "fields: {id: BEG/03, release_number: BEG/04, department: 'REF[DP]/02'}"
    assert told(body, "at: BEG/04, use: forbidden", "at: 'REF[DP]', use: forbidden") == [("MAP-308", "BEG/04"), ("MAP-308", "REF[DP]")]
    assert told(body, "at: 'REF[CR]', use: forbidden") == []


def test_levels_are_found_however_deep_they_stand(told: Told) -> None:
    body = (
        "fields: {id: BSN/02, carrier_scac: 'HL[S]/TD5/03', orders: {each: 'HL[O]', fields: {po_id: PRF/01, "
        "items: {each: 'HL[I]', fields: {quantity: SN1/02}}}}}"
    )
    rules = ["at: 'HL[I]/SN1/02', use: required", "at: 'HL[I]/SN1/03', use: required", "at: 'HL[P]/MAN[GM]', use: required"]
    assert told(body, *rules, schema="005010 856", record="ShipNotice") == [("MAP-307", "HL[I]/SN1/03")]


def test_rules_that_are_not_certain_are_left_alone(told: Told) -> None:
    assert told("fields: {id: BEG/03}", "at: 'REF[CR]', use: required, certain: no") == []


def test_a_guide_to_another_document_is_refused(shelf: Shelf) -> None:
    with pytest.raises(Faulty) as refused:
        lint_guided(shelf.map("x12/004010/855"), shelf.guide("amazon/retail-850"))
    assert [fault.code for fault in refused.value.faults] == ["CFG-GUIDE-OTHER"]


AMAZON = [("850", "in", "amazon/850"), ("855", "out", "amazon/855"), ("856", "out", "amazon/856"), ("810", "out", "amazon/810")]


@pytest.mark.parametrize(("set_id", "way", "name"), [*AMAZON, ("820", "in", "x12/004010/820")])
def test_no_shipped_map_has_more_than_notes_beside_its_shipped_guide(set_id: str, way: str, name: str, shelf: Shelf) -> None:
    agreement = Agreement(
        set_id=set_id, direction=Direction(way), map=name, erp_map="flat/order", layout="order", guide=f"amazon/retail-{set_id}"
    )
    assert [fault.line() for fault in lint_agreement(shelf, agreement) if fault.severity is not Severity.NOTE] == []


@pytest.mark.parametrize("set_id", ["850", "855", "856", "810"])
def test_each_sample_for_amazon_does_what_the_shipped_guide_asks(set_id: str, shelf: Shelf) -> None:
    content = (Path(__file__).parents[2] / "samples" / "maps" / "amazon" / f"{set_id}.edi").read_bytes()
    reading = read(content, shelf.library, rules=Rules(guides=(shelf.guide(f"amazon/retail-{set_id}"),)))
    assert [fault.line() for fault in reading.all_faults()] == []
    assert shelf.map(f"amazon/{set_id}").unread(reading.interchanges[0].sets[0].tree()) == ()


@pytest.mark.parametrize(("qualifier", "value"), [("BP", "B000123"), ("UA", "614141000036"), ("IB", "9780306406157"), ("VN", "SKU-77")])
def test_an_amazon_order_is_read_by_every_item_qualifier_of_its_guide(qualifier: str, value: str, shelf: Shelf) -> None:
    content = (Path(__file__).parents[2] / "samples" / "maps" / "amazon" / "850.edi").read_text()
    line = next(one for one in content.splitlines() if one.startswith("PO1*1*"))
    head = "*".join(line.rstrip("~").split("*")[:6])
    changed = content.replace(line, f"{head}*{qualifier}*{value}~")
    tree = read(changed.encode(), shelf.library).interchanges[0].sets[0].tree()
    one = shelf.map("amazon/850")
    assert one.unread(tree) == ()
    first = one.read(tree).record.lines[0]  # type: ignore[union-attr]
    assert value in (first.buyer_item_id, first.seller_item_id, first.gtin)
