"""What holds for every shipped map: it carries a record there and back, and says where each value went."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway import flatfile
from edi_gateway.flatfile import Layout
from edi_gateway.mapping import Map, Origin
from edi_gateway.mapping.plan import BoundRow

LAW = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture])


def _without_totals(one: Map, record: Any) -> Any:
    """The record without what equations fill in."""
    filled = {(equation.end.slot.number, equation.end.number) for equation in one.plan.equations}
    rows = [item for item in one.plan.root.items if isinstance(item, BoundRow) and item.write is not None]
    return replace(record, **{row.field: None for row in rows if row.write and (row.write.slot.number, row.write.number) in filled})


@given(data=st.data())
@LAW
def test_a_record_written_and_read_is_the_record(
    data: st.DataObject, one_map: Map, records: Callable[[Map], st.SearchStrategy[Any]]
) -> None:
    record = data.draw(records(one_map))
    writing = one_map.write(record)
    assert writing.faults == ()
    assert writing.tree is not None
    reading = one_map.read(writing.tree)
    assert reading.faults == ()
    assert reading.record is not None
    assert _without_totals(one_map, reading.record) == record
    assert one_map.write(reading.record).tree == writing.tree
    assert one_map.unread(writing.tree) == (), "a map reads to the last element what it writes"
    assert _told(one_map.explain_read(writing.tree)) == _told(one_map.explain_write(reading.record))


def _told(origins: tuple[Origin, ...]) -> set[tuple[object, ...]]:
    return {(one.field, one.row, one.segment, one.element, one.component, one.value) for one in origins}


@given(data=st.data())
@LAW
def test_an_erp_file_written_and_read_is_the_record(
    data: st.DataObject,
    each_layout: str,
    shipped: Mapping[str, Map],
    layouts: Mapping[str, Layout],
    records: Callable[[Map], st.SearchStrategy[Any]],
) -> None:
    layout, one = layouts[each_layout], shipped[f"flat/{each_layout}"]
    drawn = data.draw(st.lists(records(one), min_size=1, max_size=2))
    trees = [tree for record in drawn if (tree := one.write(record).tree) is not None]
    written = flatfile.write(trees, layout)
    assert written.content is not None
    assert flatfile.recognise(written.content, layouts.values()) is layout
    reading = flatfile.read(written.content, layout)
    assert reading.all_faults == ()
    assert [_without_totals(one, one.read(document.tree).record) for document in reading.documents] == drawn
