"""A job is a hint and may come twice: a handler that runs again on the same row changes nothing."""

import errno
from collections import defaultdict
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, FileState, SetIn
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.channels import Drop
from edi_gateway.services.deliver import map_set
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Party, Trade

PO = "4500017"
LEASE = timedelta(minutes=5)
ABOUT_ROWS = (Task.TRANSLATE, Task.MAP, Task.COMPOSE, Task.SEND, Task.SEND_RECEIPT)


def noting(party: Party) -> dict[str, list[Mapping[str, int | str]]]:
    """What every handler of a party is called with from now on, by its task."""
    seen: dict[str, list[Mapping[str, int | str]]] = defaultdict(list)

    def watched(task, handler):
        def handle(ids):
            seen[task].append(ids)
            handler(ids)

        return handle

    party.handlers = {task: watched(task, handler) for task, handler in party.handlers.items()}
    return seen


def everything(trade: Trade) -> list[object]:
    """All that both sides hold, and all that was posted."""
    held: list[object] = [len(trade.line.posted)]
    for party in (trade.supplier, trade.retailer):
        with party.look() as uow:
            tables = (uow.transmissions, uow.receipts, uow.attempts, uow.interchanges, uow.groups, uow.sets, uow.documents, uow.erp_files)
            held += [table.find() for table in (*tables, uow.deadlines, uow.events)]
        held += [sorted((path.relative_to(party.erp), path.read_bytes()) for path in party.erp.rglob("*") if path.is_file())]
    return held


@pytest.mark.parametrize("trade", ["async"], indirect=True)
def test_every_handler_run_a_second_time_does_nothing(trade: Trade):
    both = {party: noting(party) for party in (trade.supplier, trade.retailer)}
    today = trade.clock.now().date()
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, PO, today))
    trade.run()
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, today))
    trade.run()
    done = {party: {task: list(ids) for task, ids in seen.items()} for party, seen in both.items()}
    assert set().union(*done.values()) >= set(ABOUT_ROWS)
    before = everything(trade)

    for party, seen in done.items():
        for task, calls in seen.items():
            for ids in calls:
                party.handlers[task](ids)
    # Of a file that a crash left ready the reconciler makes a work item.
    for party in both:
        with party.look() as uow:
            published = uow.erp_files.find(state=FileState.PUBLISHED)
        for row in published:
            party.handlers[Task.PUBLISH]({"id": row.id})

    assert everything(trade) == before
    assert trade.supplier.work() + trade.retailer.work() == 0


@pytest.mark.sqlite
def test_a_crash_after_any_commit_of_an_order_costs_nothing_and_doubles_nothing(trade: Trade, sealed):
    """The work of a received order, stopped after every single job and taken up by a gateway put together anew."""
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    supplier = trade.supplier
    while supplier.store.jobs.claim(trade.clock.now(), owner="dead", lease=LEASE) is not None:
        supplier = trade.restart("supplier")
        supplier.store.jobs.recover()
        job = supplier.store.jobs.claim(trade.clock.now(), owner="next", lease=LEASE)
        assert job is not None
        supplier.handlers[job.task](job.ids)
        supplier.handlers[job.task](job.ids)
        supplier.store.jobs.done(job)

    assert [name.rpartition("_")[0] for name in supplier.published()] == [f"order_{PO}"]
    assert [row.set_id for row in supplier.sets()] == ["850", "997"]


class FullDisk:
    """The ERP's folders on a disk that takes no more files."""

    def __init__(self, inner: Drop) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def stage(self, *_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_set_whose_file_cannot_be_written_is_delivered_when_its_work_item_runs_again(trade: Trade, sealed):
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.supplier.handlers[Task.TRANSLATE]({"id": 1})
    gateway = trade.supplier.gateway
    with pytest.raises(OSError, match="No space left"):
        map_set(replace(gateway, drop=FullDisk(gateway.drop)), 1)
    assert [row.state for row in trade.supplier.sets(direction=Direction.IN)] == [SetIn.VALID]

    trade.supplier.work()

    assert [name.rpartition("_")[0] for name in trade.supplier.published()] == [f"order_{PO}"]
    with trade.supplier.look() as uow:
        assert len(uow.documents.find()) == 1


def test_the_log_names_messages_and_partners_and_never_what_is_in_them(trade: Trade, sealed):
    with capture_logs(processors=[merge_contextvars]) as lines:
        trade.supplier.receive(sealed(trade.retailer, orders(PO).replace(b"*EA*", b"*QQQ*")))
        trade.run()

    assert {"as2.received", "mdn.sent", "x12.rejected", "ack.queued"} <= {line["event"] for line in lines}
    assert {line["message_id"] for line in lines if line["event"] in ("as2.received", "mdn.sent")} >= {"<1@sender.example>"}
    told = [line for line in lines if line["event"] == "x12.rejected"]
    assert {(line["partner"], line["message"], line["set"]) for line in told} == {("retailer", 1, 1)}
    assert not any(secret in repr(lines) for secret in ("QQQ", PO, "B000123", "Springfield"))


def test_an_interchange_that_many_workers_take_up_at_once_gives_each_order_once(trade: Trade, sealed):
    numbers = [f"PO-{number}" for number in range(8)]
    trade.supplier.receive(sealed(trade.retailer, orders(*numbers)))
    trade.supplier.handlers[Task.TRANSLATE]({"id": 1})
    ids = [row.id for row in trade.supplier.sets(state=SetIn.VALID)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda row_id: trade.supplier.handlers[Task.MAP]({"id": row_id}), ids))
    trade.supplier.work()

    with trade.supplier.look() as uow:
        assert len(uow.documents.find()) == 8
        assert len(uow.erp_files.find()) == 8
    assert [name.split("_")[1] for name in trade.supplier.published()] == numbers
