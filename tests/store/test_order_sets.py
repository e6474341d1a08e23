"""The order that was last asked for, in memory: it is what the database would give."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.ports import rows
from edi_gateway.store import SqlStore, open_store
from edi_gateway.testing.clock import HandClock

PARTNERS = st.sampled_from(["acme", "bulk"])
NUMBERS = st.sampled_from(["PO-1", "PO-2", "PO-\0"])
SETS = st.integers(1, 5)
DOCUMENTS = st.none() | st.integers(1, 2)
CHANGES = st.one_of(
    st.fixed_dictionaries({"po_number": st.none() | NUMBERS}),
    st.fixed_dictionaries({"partner": PARTNERS}),
    st.fixed_dictionaries({"document_id": DOCUMENTS}),
    st.fixed_dictionaries({"business_key": st.sampled_from(["K1", "K2"]), "history": st.just("mapped")}),
)
ADDED = st.builds(
    rows.TransactionSet,
    direction=st.just(Direction.IN),
    state=st.sampled_from([SetIn.VALID, SetIn.HELD]),
    set_id=st.just("850"),
    control_number=st.just("0001"),
    created_at=st.just(HandClock().now()),
    partner=PARTNERS,
    po_number=st.none() | NUMBERS,
    document_id=DOCUMENTS,
)
STEPS = st.one_of(
    st.tuples(st.just("add"), ADDED),
    st.tuples(st.just("add_all"), st.lists(ADDED, max_size=2)),
    st.tuples(st.just("change"), SETS, CHANGES),
    st.tuples(st.just("advance"), SETS, CHANGES),
    st.tuples(st.just("advance_all"), st.lists(SETS, max_size=2)),
    st.tuples(st.just("remove"), SETS),
    st.tuples(st.just("ask"), PARTNERS, NUMBERS),
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """A store with two ship notices, one for both orders and one for the second, and with sets that may be theirs."""
    folder, clock = tmp_path_factory.mktemp("orders"), HandClock()
    store = open_store(f"sqlite:///{folder / 'gateway.db'}", Path(folder), clock)
    with store.begin() as unit:
        for numbers in (("PO-1", "PO-2"), ("PO-2",)):
            shipped = [{"po_id": po, "items": [{"gtin": "G1", "quantity": "1", "unit_code": "EA"}]} for po in numbers]
            unit.documents.add(
                rows.Document(direction=Direction.IN, kind="ShipNotice", record={"id": "S", "orders": shipped}, created_at=clock.now())
            )
        for number in (None, "PO-1", "PO-1", "PO-2"):
            unit.sets.add(
                rows.TransactionSet(
                    direction=Direction.IN,
                    state=SetIn.VALID,
                    set_id="850",
                    control_number="0001",
                    created_at=clock.now(),
                    partner="acme",
                    po_number=number,
                )
            )
    yield store
    store.close()


class _GivenUp(Exception):
    """Nothing of an example stays."""


@given(steps=st.lists(STEPS, min_size=1, max_size=12))
def test_an_order_in_memory_is_as_it_would_be_read(kept: SqlStore, steps: list[tuple[Any, ...]]) -> None:
    asked = ("acme", "PO-1")
    with suppress(_GivenUp), kept.begin() as unit:
        for name, *given in steps:
            unit.order_sets(*asked)
            match name:
                case "ask":
                    asked = given[0], given[1]
                case "change":
                    unit.sets.change(given[0], **given[1])
                case "advance":
                    unit.sets.advance(given[0], (SetIn.VALID, SetIn.HELD), SetIn.MAPPED, **given[1])
                case "advance_all":
                    unit.sets.advance_all(given[0], SetIn.VALID, SetIn.HELD)
                case _:
                    getattr(unit.sets, name)(*given)
            in_memory = unit.order_sets(*asked), unit.order_heads(*asked, Direction.IN), unit.order_heads(*asked, Direction.OUT)
            unit.sets.forget()
            heads = unit.order_heads(*asked, Direction.IN), unit.order_heads(*asked, Direction.OUT)
            assert in_memory == (unit.order_sets(*asked), *heads)
        raise _GivenUp


def test_who_was_let_on_sees_what_those_before_have_kept_of_an_order(emptied_postgres: str, tmp_path: Path, clock: HandClock) -> None:
    store = open_store(emptied_postgres, tmp_path, clock)
    row = rows.TransactionSet(
        direction=Direction.IN,
        state=SetIn.VALID,
        set_id="850",
        control_number="1",
        created_at=clock.now(),
        partner="acme",
        po_number="PO-1",
    )
    with store.begin() as unit:
        assert unit.order_sets("acme", "PO-1") == []
        with store.begin() as before:
            before.queue_up("order acme 1")
            before.sets.add(row)
        unit.queue_up("order acme 1")
        assert len(unit.order_sets("acme", "PO-1")) == 1
    store.close()
