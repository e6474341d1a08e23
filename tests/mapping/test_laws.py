"""What holds for every shipped map: it carries a record there and back, and says where each value went.

What is tried many times is tried fifty times for each map; EDI_GATEWAY_TEST_EXAMPLES asks for more, such as 1000.
"""

import os
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway import flatfile
from edi_gateway.flatfile import Layout
from edi_gateway.mapping import Map, Origin, rewritten
from edi_gateway.mapping.plan import BoundBlock, BoundRow
from edi_gateway.records import Pack, Pallet, ShipNotice, ShippedOrder
from edi_gateway.tree import Loop
from edi_gateway.x12 import Delimiters, Envelope, GroupOut, Library, SetOut, TransactionSet, read, render

from .conftest import check_digit

QUIET = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
BRIEF = settings(max_examples=4, deadline=None, suppress_health_check=QUIET)
THOROUGH = settings(max_examples=int(os.environ.get("EDI_GATEWAY_TEST_EXAMPLES", "50")), deadline=None, suppress_health_check=QUIET)
Records = Callable[[Map], st.SearchStrategy[Any]]


def _without_totals(one: Map, record: Any) -> Any:
    """The record without what equations fill in, and without what only its reading says."""
    record = _as_written(one.plan.root, record)
    filled = {(equation.end.slot.number, equation.end.number) for equation in one.plan.equations}
    rows = [item for item in one.plan.root.items if isinstance(item, BoundRow) and item.write is not None]
    return replace(record, **{row.field: None for row in rows if row.write and (row.write.slot.number, row.write.number) in filled})


def _as_written(block: BoundBlock, record: Any) -> Any:
    """The record without the fields of rows that are read and never written."""
    changes: dict[str, Any] = {}
    for item in block.items:
        if isinstance(item, BoundBlock):
            value = getattr(record, item.field)
            if value is not None:
                changes[item.field] = tuple(_as_written(item, each) for each in value) if item.many else _as_written(item, value)
        elif item.write is None:
            changes[item.field] = None
    return replace(record, **changes)


def _holds(one: Map, record: Any) -> None:
    """There and back, to the last element, and each value told where it went."""
    writing = one.write(record)
    assert writing.faults == ()
    assert writing.tree is not None
    reading = one.read(writing.tree)
    assert reading.faults == ()
    assert reading.record is not None
    assert _without_totals(one, reading.record) == record
    again = one.write(reading.record).tree
    assert again == writing.tree
    assert rewritten(one.plan, writing.tree, again) == ()
    assert one.unread(writing.tree) == (), "a map reads to the last element what it writes"
    assert _told(one, one.explain_read(writing.tree)) == _told(one, one.explain_write(reading.record))


def _told(used: Map, origins: tuple[Origin, ...]) -> set[tuple[object, ...]]:
    only_read = {row.place for row in used.plan.rows if row.write is None}
    told = (one for one in origins if one.row not in only_read)
    return {(one.field, one.row, one.segment, one.element, one.component, one.value) for one in told}


def _deliverable(notice: ShipNotice) -> ShipNotice:
    """The notice as a delivery can say it: every pack and order holds something, and no number stands for two."""
    numbers = count(1)

    def numbered() -> str:
        body = f"{next(numbers):017}"
        return body + check_digit(body)

    def filled(packs: tuple[Pack, ...]) -> tuple[Pack, ...]:
        return tuple(replace(pack, sscc=numbered()) for pack in packs if pack.items)

    orders = [
        replace(
            order,
            po_id=f"{at}{order.po_id}",
            packs=filled(order.packs),
            pallets=tuple(replace(pallet, sscc=numbered(), packs=packs) for pallet in order.pallets if (packs := filled(pallet.packs))),
        )
        for at, order in enumerate(notice.orders)
    ]
    return replace(notice, orders=tuple(order for order in orders if order.items or order.packs or order.pallets))


def _holds_in_a_file(one: Map, layout: Layout, layouts: Mapping[str, Layout], drawn: list[Any]) -> None:
    """There and back through a file's bytes, several documents in it."""
    if layout.nested:
        drawn = [_deliverable(record) for record in drawn]
    trees = [tree for record in drawn if (tree := one.write(record).tree) is not None]
    written = flatfile.write(trees, layout)
    assert written.faults == ()
    content = written.content_or_faulty()
    assert flatfile.recognise(content, layouts.values()) is layout
    reading = flatfile.read(content, layout)
    assert reading.all_faults == ()
    assert [_without_totals(one, one.read(document.tree).record) for document in reading.documents] == drawn


@given(data=st.data())
@BRIEF
def test_a_record_written_and_read_is_the_record(data: st.DataObject, one_map: Map, records: Records) -> None:
    _holds(one_map, data.draw(records(one_map)))


@given(data=st.data())
@BRIEF
def test_an_erp_file_written_and_read_is_the_record(
    data: st.DataObject, each_layout: str, shipped: Mapping[str, Map], layouts: Mapping[str, Layout], records: Records
) -> None:
    one = shipped[f"flat/{layouts[each_layout].shape.root.tag}"]
    _holds_in_a_file(one, layouts[each_layout], layouts, data.draw(st.lists(records(one), min_size=1, max_size=2)))


@pytest.mark.slow
@given(data=st.data())
@THOROUGH
def test_a_record_written_and_read_is_the_record_many_times(data: st.DataObject, one_map: Map, records: Records) -> None:
    _holds(one_map, data.draw(records(one_map)))


@pytest.mark.slow
@given(data=st.data())
@THOROUGH
def test_an_erp_file_written_and_read_is_the_record_many_times(
    data: st.DataObject, each_layout: str, shipped: Mapping[str, Map], layouts: Mapping[str, Layout], records: Records
) -> None:
    one = shipped[f"flat/{layouts[each_layout].shape.root.tag}"]
    _holds_in_a_file(one, layouts[each_layout], layouts, data.draw(st.lists(records(one), min_size=1, max_size=2)))


ENVELOPE = Envelope(
    sender_qualifier="ZZ",
    sender="SENDER",
    receiver_qualifier="ZZ",
    receiver="RECEIVER",
    control_number="000000001",
    at=datetime(2026, 1, 5, 12, 0, tzinfo=UTC),
    group_sender="SENDER",
    group_receiver="RECEIVER",
    delimiters=Delimiters(element="\x1d", component="\x1f", terminator="\x1c", repetition="\x1e"),
)


def _sent(one_map: Map, record: Any, library: Library) -> tuple[Loop, TransactionSet]:
    """What a map writes of a record, and the same after it went out as X12 and was read."""
    _, release, set_id = one_map.shape.name.split()
    schema = library.set_schema(release, set_id)
    assert schema is not None
    tree = one_map.write(record).tree
    assert tree is not None
    one = SetOut(set_id=schema.set_id, control="0001", body=tree, shape=schema.shape)
    version = "00501" if release == "005010" else "00401"
    rendered = render(
        replace(ENVELOPE, release=release, version=version), [GroupOut(functional_id=schema.functional_id, control="1", sets=(one,))]
    )
    assert rendered.faults == ()
    (interchange,) = read(rendered.content, library).interchanges
    (back,) = interchange.sets
    return tree, back


@given(data=st.data())
@BRIEF
def test_what_goes_out_as_x12_comes_back_as_the_record(data: st.DataObject, one_x12_map: Map, library: Library, records: Records) -> None:
    tree, back = _sent(one_x12_map, data.draw(records(one_x12_map)), library)
    expected, found = one_x12_map.read(tree), one_x12_map.read(back.tree())
    assert found.record == expected.record


@given(data=st.data())
@BRIEF
def test_no_record_makes_a_map_write_a_segment_that_breaks_a_syntax_note_for_want_of_a_row(
    data: st.DataObject, one_x12_map: Map, library: Library, whole_records: Records
) -> None:
    """Where every field is there, whatever a note needs beside it must be written."""
    _, back = _sent(one_x12_map, data.draw(whole_records(one_x12_map)), library)
    assert [fault.line() for fault in back.faults if fault.code == "X12-502"] == []


def test_a_packaging_code_of_a_pack_and_of_a_pallet_is_written_with_its_quantity(shipped: Mapping[str, Map]) -> None:
    pack = Pack(packaging_code="CTN25")
    order = ShippedOrder(po_id="1", packs=(pack,), pallets=(Pallet(packaging_code="PLT94", packs=(pack, Pack())),))
    tree = shipped["x12/004010/856"].write(ShipNotice(id="1", orders=(order,))).tree
    assert tree is not None
    assert [tuple(segment) for segment in tree.walk() if segment.tag == "TD1"] == [
        ("TD1", "CTN25", "1"),
        ("TD1", "PLT94", "1"),
        ("TD1", "CTN25", "1"),
    ]


@given(data=st.data())
@BRIEF
def test_no_values_make_a_map_raise(data: st.DataObject, one_map: Map, records: Records) -> None:
    tree = one_map.write(data.draw(records(one_map))).tree
    assert tree is not None
    noise = data.draw(st.lists(st.text(max_size=9) | st.from_regex(r"-?[0-9]{0,9}\.?[0-9]{0,3}", fullmatch=True), min_size=1, max_size=6))
    for number, segment in enumerate(tree.walk()):
        for at in range(1, len(segment)):
            if isinstance(segment[at], str) and (number + at) % 3 == 0:
                segment[at] = noise[(number + at) % len(noise)]
    reading = one_map.read(tree)
    assert (reading.record is None) <= bool(reading.faults)
    assert all("?" not in fault.place.words() for fault in reading.faults)
    if reading.record is not None:
        one_map.write(reading.record)
    designators = [dict(fault.detail)["designator"] for fault in one_map.unread(tree)]
    assert {dict(fault.detail)["designator"]: times for fault, times in one_map.unread_kinds(tree)} == Counter(designators)
    one_map.explain_read(tree)
