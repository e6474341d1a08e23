"""A set's record and its file for the ERP are kept in one go, whatever dies in between and whoever else is at it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest

from edi_gateway.demo import papers
from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import Direction, FileState, SetIn
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.store import Unavailable
from edi_gateway.services.deliver import map_set
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Party, Trade

pytestmark = pytest.mark.both_databases

PO = "4500017"
A_MOMENT = 0.3


class Died(BaseException):
    """The process is gone: nothing of ours cleans up."""


class Around:
    """Something of the gateway's, with other things done before and after its calls."""

    def __init__(self, inner: Any, **calls: Callable[..., Any]) -> None:
        self._inner, self._calls = inner, calls

    def __getattr__(self, name: str) -> Any:
        return self._calls.get(name) or getattr(self._inner, name)


@pytest.fixture
def supplier(trade: Trade, sealed) -> Party:
    """The supplier, with one order that is to be mapped."""
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.supplier.handlers[Task.TRANSLATE]({"id": 1})
    return trade.supplier


def order_of(party: Party) -> TransactionSet:
    [row] = party.sets(set_id="850", direction=Direction.IN)
    return row


def spool(party: Party) -> list[str]:
    return [path.name for path in (party.erp / "work" / "out").iterdir()]


def dying_after_staging(party: Party) -> Any:
    """The party's gateway, which dies with a file in the spool that no transaction has kept."""
    drop = party.gateway.drop

    def stage(*what: Any) -> None:
        drop.stage(*what)
        raise Died

    return replace(party.gateway, drop=Around(drop, stage=stage))


def is_delivered_once(party: Party) -> bool:
    with party.look() as uow:
        kept = len(uow.documents.find()), [row.state for row in uow.erp_files.find()]
    names = [name.rpartition("_")[0] for name in party.published()]
    return (kept, names, spool(party), order_of(party).state) == ((1, [FileState.PUBLISHED]), [f"order_{PO}"], [], SetIn.DELIVERED)


def test_a_worker_that_dies_with_a_file_in_the_spool_leaves_nothing_to_the_erp_and_the_next_one_delivers(supplier: Party):
    with pytest.raises(Died):
        map_set(dying_after_staging(supplier), 1)
    assert (order_of(supplier).state, supplier.published(), len(spool(supplier))) == (SetIn.VALID, {}, 1)

    supplier.work()

    assert is_delivered_once(supplier)


def test_a_worker_that_dies_with_a_file_that_is_kept_has_it_published_by_the_next_one(supplier: Party):
    def release(*_: Any) -> str:
        raise Died

    with pytest.raises(Died):
        map_set(replace(supplier.gateway, drop=Around(supplier.gateway.drop, release=release)), 1)
    assert (order_of(supplier).state, supplier.published(), len(spool(supplier))) == (SetIn.MAPPED, {}, 1)

    supplier.work()

    assert is_delivered_once(supplier)


def test_a_worker_that_comes_while_another_one_is_at_a_set_waits_for_it_and_finds_it_done(supplier: Party):
    drop, others = supplier.gateway.drop, []

    def stage(*what: Any) -> None:
        drop.stage(*what)
        others.append(Thread(target=map_set, args=(supplier.gateway, 1)))
        others[0].start()
        others[0].join(A_MOMENT)
        assert others[0].is_alive()

    map_set(replace(supplier.gateway, drop=Around(drop, stage=stage)), 1)
    others[0].join()

    assert is_delivered_once(supplier)


def test_a_set_that_another_worker_is_at_holds_up_none_that_follow_it_in_their_message(trade: Trade, sealed):
    supplier = trade.supplier
    supplier.receive(sealed(trade.retailer, orders("A1", "A2", "A3")))
    supplier.handlers[Task.TRANSLATE]({"id": 1})
    first, second, third = (row.id for row in supplier.sets(set_id="850", direction=Direction.IN))
    with supplier.gateway.drop.alone(second):
        supplier.handlers[Task.MAP]({"id": first})

    states = [row.state for row in supplier.sets(id=[first, second, third])]
    assert states == [SetIn.DELIVERED, SetIn.VALID, SetIn.MAPPED]
    supplier.work()
    assert [name.rpartition("_")[0] for name in supplier.published()] == ["order_A1", "order_A2", "order_A3"]
    assert spool(supplier) == []


def test_a_set_is_not_held_because_the_database_was_away_for_a_moment(supplier: Party):
    store = supplier.gateway.store

    @contextmanager
    def begin(**_: Any) -> Iterator[Any]:
        away.begin = store.begin
        raise Unavailable([Fault.of("STO-102", reason="away")])
        yield

    away = Around(store)
    away.begin = begin
    with pytest.raises(Unavailable):
        map_set(replace(supplier.gateway, store=away), 1)
    assert order_of(supplier).state is SetIn.VALID

    supplier.work()

    assert is_delivered_once(supplier)


def held_for_its_file(trade: Trade) -> Callable[[], Party]:
    """The supplier holds its order as no file of the ERP's can be written; what is given mends that, and says who the supplier is then."""
    file = trade.supplier.side.home / "maps" / "flat" / "order.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("this is no map: [")
    trade.restart("supplier").work()

    def mend() -> Party:
        file.unlink()
        return trade.restart("supplier")

    return mend


@pytest.mark.usefixtures("supplier")
def test_a_set_whose_file_cannot_be_written_keeps_its_record_and_is_held_until_that_is_mended(trade: Trade):
    mend = held_for_its_file(trade)
    row = order_of(trade.supplier)
    assert (row.state, row.business_key, row.erp_file_id) == (SetIn.HELD, PO, None)
    assert (row.history or "").endswith("mapped held")
    assert row.document_id is not None
    assert spool(trade.supplier) == []

    supplier = mend()
    supplier.house.operator.replay(1, actor="anna", reason="map mended")
    supplier.work()

    assert order_of(supplier).state is SetIn.DELIVERED
    assert [name.rpartition("_")[0] for name in supplier.published()] == [f"order_{PO}"]


@pytest.mark.usefixtures("supplier")
def test_a_set_that_was_mapped_and_has_no_file_yet_gets_it(trade: Trade):
    supplier = held_for_its_file(trade)()
    # As a release left it that kept the record first, and died.
    history = (order_of(supplier).history or "").removesuffix(" held")
    with supplier.store.begin() as uow:
        assert uow.sets.advance(1, SetIn.HELD, SetIn.MAPPED, history=history, held_code=None, faults=())

    supplier.handlers[Task.MAP]({"id": 1})

    assert is_delivered_once(supplier)


@pytest.mark.parametrize(("treatment", "state"), [("hold", SetIn.HELD), ("refuse", SetIn.REJECTED)])
def test_what_the_rules_of_its_order_stop_leaves_no_file_in_the_spool(trade: Trade, treatment: str, state: SetIn):
    side = trade.retailer.side.home / "partners" / f"{trade.retailer.partner}.yaml"
    each = "".join(f"\n    {one}:" for one in ("855", "810", "812"))
    ruled = f"  receive:{each}\n    856: {{rules: {{ship_before_answer: {treatment}}}}}"
    side.write_text(side.read_text().replace("  receive: [855, 856, 810, 812]", ruled))
    retailer = trade.restart("retailer")
    today = trade.clock.now().date()
    retailer.drop("order.csv", papers.fill(papers.ORDER, PO, today))
    trade.run()
    trade.supplier.drop("asn.csv", papers.fill(papers.SHIP_NOTICE, PO, today))
    trade.supplier.scan()
    trade.supplier.work()
    *_, message = retailer.transmissions(direction=Direction.IN)
    retailer.handlers[Task.TRANSLATE]({"id": message.id})
    [notice] = retailer.sets(set_id="856", direction=Direction.IN)
    with pytest.raises(Died):
        map_set(dying_after_staging(retailer), notice.id)
    assert len(spool(retailer)) == 1

    trade.run()

    [notice] = retailer.sets(set_id="856", direction=Direction.IN)
    assert (notice.state, spool(retailer), retailer.published()) == (state, [], {})
    with retailer.look() as uow:
        assert uow.erp_files.find(direction=Direction.OUT) == []
        assert uow.documents.find(direction=Direction.IN) == []
