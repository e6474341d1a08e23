"""Order to cash between two gateways over HTTP on loopback, each with its worker, clock and web server."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi_gateway.demo import papers
from edi_gateway.demo.homes import Pair
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, Inbound, Outbound, SetIn, SetOut
from edi_gateway.store import SqlStore, open_store
from edi_gateway.work import system_clock

PO = "4500017"
OUT_OF_THE_SUPPLIER = ("ORDER_RESPONSE", "SHIP_NOTICE", "INVOICE", "CREDIT")
FINAL = frozenset({SetOut.ACCEPTED, SetOut.DONE, SetIn.DELIVERED, SetIn.SETTLED, Outbound.DELIVERED, Inbound.RECEIPTED})


def paper(name: str) -> str:
    return papers.fill(getattr(papers, name), PO, datetime.now(UTC).date())


def at_rest(store: SqlStore, *sets: tuple[Direction, str]) -> bool:
    """Whether these sets are there and everything has reached its final state."""
    with store.read() as uow:
        rows = uow.sets.find()
        found = {(row.direction, row.set_id) for row in rows}
        states = {row.state for row in rows} | {row.state for row in uow.transmissions.find()}
    return found >= set(sets) and states <= FINAL


def is_whole(supplier: SqlStore, retailer: SqlStore) -> bool:
    sent = [(Direction.OUT, set_id) for set_id in ("855", "856", "810", "812")]
    received = [(Direction.IN, set_id) for set_id in ("855", "856", "810", "812")]
    return at_rest(supplier, (Direction.IN, "850"), (Direction.IN, "812"), *sent) and at_rest(
        retailer, (Direction.OUT, "850"), (Direction.OUT, "812"), *received
    )


def check(supplier: SqlStore, retailer: SqlStore, erp: dict[str, Path]) -> None:
    """Each document one file, each MDN with the MIC that was sealed, each window met."""
    orders = [path.name.rpartition("_")[0] for path in (erp["supplier"] / "out").iterdir()]
    answers = [path.name.rpartition("_")[0] for path in (erp["retailer"] / "out").iterdir()]
    assert sorted(orders) == [f"adjustment_DM-{PO}", f"order_{PO}"]
    assert sorted(answers) == [f"adjustment_CM-{PO}", f"invoice_INV-{PO}", f"order_response_{PO}", f"ship_notice_SHP-{PO}"]
    for store in (supplier, retailer):
        with store.read() as uow:
            for row in uow.transmissions.find(direction=Direction.OUT):
                verdicts = [(one.verdict, one.mic) for one in uow.receipts.find(transmission_id=row.id)]
                assert verdicts == [("delivered", row.mic)]
            assert {row.state for row in uow.deadlines.find()} == {DeadlineState.MET}
    with supplier.read() as uow:
        assert [row.expects for row in uow.deadlines.find(kind=DeadlineKind.ANSWER)] == ["855"]


@pytest.mark.parametrize("mdn", ["sync", pytest.param("async", marks=pytest.mark.slow)])
def test_in_threads_every_document_comes_to_its_end(homes: Callable[[str], Pair], running, until, mdn: str):
    pair = homes(mdn)
    with ExitStack() as stack:
        supplier = stack.enter_context(running(pair.supplier, "retailer"))
        retailer = stack.enter_context(running(pair.retailer, "supplier"))
        retailer.drop("order.csv", paper("ORDER"))
        until("the order is with the supplier", lambda: at_rest(supplier.store, (Direction.IN, "850")))
        for name in OUT_OF_THE_SUPPLIER:
            supplier.drop(f"{name}.csv", paper(name))
        retailer.drop("claim.csv", paper("CLAIM"))
        until("all is settled", lambda: is_whole(supplier.store, retailer.store))
        check(supplier.store, retailer.store, {"supplier": supplier.erp, "retailer": retailer.erp})


@pytest.mark.slow
def test_as_processes_every_document_comes_to_its_end_and_both_stop_in_good_order(homes: Callable[[str], Pair], start, until):
    pair = homes("sync")
    processes = [start(side, "never") for side in (pair.supplier, pair.retailer)]
    erp = {"supplier": pair.supplier.home / "erp" / "retailer", "retailer": pair.retailer.home / "erp" / "supplier"}
    with ExitStack() as stack:
        stores = []
        for side in (pair.supplier, pair.retailer):
            store = open_store(f"sqlite:///{side.home / 'data' / 'gateway.db'}", side.home / "data" / "payloads", system_clock)
            stack.callback(store.close)
            stores.append(store)
        supplier, retailer = stores
        (erp["retailer"] / "in" / "order.csv").write_text(paper("ORDER"))
        until("the order is with the supplier", lambda: at_rest(supplier, (Direction.IN, "850")))
        for name in OUT_OF_THE_SUPPLIER:
            (erp["supplier"] / "in" / f"{name}.csv").write_text(paper(name))
        (erp["retailer"] / "in" / "claim.csv").write_text(paper("CLAIM"))
        until("all is settled", lambda: is_whole(supplier, retailer))
        check(supplier, retailer, erp)
    for process in processes:
        process.terminate()
        assert process.wait(20) == 0
