"""The second law: writing what was read gives the part of the document again that the map covers."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway.mapping import Compiled, Map, Why, rewritten
from edi_gateway.tree import Loop, Segment

LAW = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])
LINES = "lines: {each: PO1, fields: {quantity: PO1/02, gtin: 'PO1/pair[UP|EN]'}}"


def order(*segments: str) -> Loop:
    """A small order of these segments, its PO1 and CTT loops of one segment each."""
    root = Loop("850")
    for number, text in enumerate(segments, 2):
        one = Segment(text.split("*"), number, number * 10)
        root.children.append(Loop(one.tag, [one]) if one.tag in ("PO1", "CTT", "N1") else one)
    return root


def told(one: Map, tree: Loop) -> list[tuple[str, Why, int | None]]:
    record = one.read(tree).record
    assert record is not None
    again = one.write(record).tree
    assert again is not None
    return [(other.words(), other.why, other.place.position) for other in rewritten(one.plan, tree, again)]


@pytest.mark.parametrize(
    ("body", "segments", "words", "why"),
    [
        (
            f"fields: {{id: BEG/03, {LINES}}}\nequations: {{CTT/01: {{out: count(lines)}}}}",
            ("BEG*00*NE*P1", "PO1*1*2", "CTT*7"),
            "CTT01 is '7', written again it is '1'",
            Why.COUNTED,
        ),
        (
            "tables: {kind: {new: NE, accept: {SA: new}}}\nfields: {id: BEG/03, type: BEG/02 via kind}",
            ("BEG*00*SA*P1",),
            "BEG02 is 'SA', written again it is 'NE'",
            Why.SAME,
        ),
        (
            f"fields: {{id: BEG/03, {LINES}}}",
            ("BEG*00*NE*P1", "PO1*1*02.50"),
            "PO102 is '02.50', written again it is '2.50'",
            Why.SAME,
        ),
        (
            "fields: {id: BEG/03, currency: 'CUR[BY|SE]/02'}",
            ("BEG*00*NE*P1", "CUR*SE*USD"),
            "CUR[BY|SE]01 is 'SE', written again it is 'BY'",
            Why.SAME,
        ),
        (
            "fields: {id: BEG/03, type: BEG/02 = NE}",
            ("BEG***P1",),
            "BEG02 is empty, written again it is 'NE'",
            Why.DEFAULT,
        ),
        (
            "fields: {id: BEG/03, type: {in: BEG/02}}",
            ("BEG**NE*P1",),
            "BEG02 is 'NE', it is not written again",
            Why.ONE_WAY,
        ),
        (
            "fields: {id: BEG/03, type: BEG/02, department: {is: 'REF[DP]/02', when: type == 'RO'}}",
            ("BEG**NE*P1", "REF*DP*D7"),
            "REF[DP] is not written again",
            Why.BREACH,
        ),
    ],
    ids=["total", "accepted code", "spelling", "qualifier", "default", "one way", "condition"],
)
def test_what_is_written_otherwise_is_told_with_its_reason(
    compiled: Callable[..., Compiled], body: str, segments: tuple[str, ...], words: str, why: Why
) -> None:
    found = told(compiled(body).must(), order(*segments))
    assert [(one, reason) for one, reason, _ in found] == [(words, why)]
    assert all(position is not None for _, _, position in found)


def test_what_the_map_does_not_cover_is_left_out(compiled: Callable[..., Compiled]) -> None:
    one = compiled(f"fields: {{id: BEG/03, {LINES}}}\nequations: {{CTT/01: count(lines)}}").must()
    assert told(one, order("BEG*00*NE*P1", "REF*DP*D7", "DTM*002*20260101", "PO1*1*2*EA*3**UP*123456789012", "CTT*1")) == []


def test_a_row_of_the_wrong_item_is_found_in_the_list(compiled: Callable[..., Compiled]) -> None:
    one = compiled(f"fields: {{id: BEG/03, {LINES}}}").must()
    tree, other = order("BEG**NE*P1", "PO1**1", "PO1**2"), order("BEG**NE*P1", "PO1**1", "PO1**9", "PO1**3")
    found = [(change.words(), change.why) for change in rewritten(one.plan, tree, other)]
    assert found == [
        ("PO102 is '2', written again it is '9'", Why.BREACH),
        ("PO1 is written, and did not stand there", Why.BREACH),
    ]


@pytest.mark.slow
@given(data=st.data())
@LAW
def test_every_shipped_map_writes_again_what_it_covers(
    data: st.DataObject, one_map: Map, records: Callable[[Map], st.SearchStrategy[Any]]
) -> None:
    """Even where the document says more than the map reads, and says it with the other qualifier."""
    tree = one_map.write(data.draw(records(one_map))).tree
    assert tree is not None
    again = one_map.write(one_map.read(tree).record).tree  # type: ignore[arg-type]
    assert again is not None
    assert rewritten(one_map.plan, tree, again) == ()
    others = {test for slot in one_map.plan.slots for test in slot.tests}
    for segment in tree.walk():
        for number, values in others:
            if len(values) > 1 and segment.get(number) == values[0]:
                segment[number] = values[-1]
    tree.children.insert(data.draw(st.integers(1, len(tree.children))), Segment(["ZZZ", "nobody reads this"], 99))
    reading = one_map.read(tree)
    if reading.record is not None and (written := one_map.write(reading.record).tree) is not None:
        assert [one for one in rewritten(one_map.plan, tree, written) if one.why is Why.BREACH] == []


def test_the_first_law_alone_would_not_find_a_lost_segment(compiled: Callable[..., Compiled]) -> None:
    one = compiled("fields: {id: BEG/03, type: BEG/02, department: {is: 'REF[DP]/02', when: type == 'RO'}}").must()
    record = one.read(order("BEG**NE*P1", "REF*DP*D7")).record
    assert record is not None
    again = one.write(record).tree
    assert again is not None
    assert one.read(again).record == record
