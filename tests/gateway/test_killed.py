"""A gateway that is killed between any two steps: started again, it has lost nothing and does nothing twice."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi_gateway.demo import papers
from edi_gateway.demo.homes import Pair, Side
from edi_gateway.lifecycle.states import Direction, FileState, Inbound, Outbound, SetIn
from edi_gateway.ports.channels import Answer, Unreached
from edi_gateway.store import SqlStore, open_store
from edi_gateway.testing.interchanges import orders
from edi_gateway.work import system_clock

pytestmark = pytest.mark.slow

PO = "4500017"
MESSAGE_ID = "<1@retailer.example>"


@contextmanager
def store_of(side: Side) -> Iterator[SqlStore]:
    """The store of a gateway, looked into from outside."""
    store = open_store(f"sqlite:///{side.home / 'data' / 'gateway.db'}", side.home / "data" / "payloads", system_clock)
    try:
        yield store
    finally:
        store.close()


def arm(side: Side) -> None:
    (side.home / "armed").touch()


def is_killed(process: subprocess.Popen[str]) -> bool:
    return process.wait(30) == -signal.SIGKILL


def out_files(side: Side, partner: str) -> list[Path]:
    return list((side.home / "erp" / partner / "out").iterdir())


def set_states(side: Side, **equal: object) -> list[str]:
    with store_of(side) as store, store.read() as uow:
        return [row.state.value for row in uow.sets.find(**equal)]


def test_killed_between_the_commit_and_the_mdn_the_same_bytes_get_the_same_mdn(homes: Callable[[str], Pair], start, post, until):
    pair = homes("sync")
    arm(pair.supplier)
    process = start(pair.supplier, "received")
    first = post(pair, orders(PO), MESSAGE_ID)
    assert isinstance(first, Unreached)
    assert is_killed(process)
    with store_of(pair.supplier) as store, store.read() as uow:
        [kept] = uow.receipts.find(direction=Direction.OUT)
        promised = uow.payloads.get(kept.body)

    start(pair.supplier, "received")
    again = post(pair, orders(PO), MESSAGE_ID)
    assert isinstance(again, Answer)
    assert (again.status, again.body) == (200, promised)
    assert dict(again.headers).items() >= dict(kept.headers).items()
    until("the order is with the ERP", lambda: set_states(pair.supplier, set_id="850") == [SetIn.DELIVERED])
    assert len(out_files(pair.supplier, "retailer")) == 1
    with store_of(pair.supplier) as store, store.read() as uow:
        states = [row.state for row in uow.transmissions.find(message_id=MESSAGE_ID)]
    assert states == [Inbound.RECEIPTED, Inbound.DUPLICATE]


@pytest.mark.parametrize("point", ["file kept", "file released"])
def test_killed_while_the_erp_file_is_published_it_is_there_once(homes: Callable[[str], Pair], start, post, until, point: str):
    pair = homes("sync")
    arm(pair.supplier)
    process = start(pair.supplier, point)
    assert isinstance(post(pair, orders(PO), MESSAGE_ID), Answer)
    assert is_killed(process)
    [file] = out_files(pair.supplier, "retailer") or [None]
    if file is not None:
        file.unlink()  # the ERP has taken it meanwhile
    assert (file is not None) == (point == "file released")

    start(pair.supplier, point)
    until("the order is delivered", lambda: set_states(pair.supplier, set_id="850") == [SetIn.DELIVERED])
    assert len(out_files(pair.supplier, "retailer")) == (1 if point == "file kept" else 0)
    with store_of(pair.supplier) as store, store.read() as uow:
        assert [row.state for row in uow.erp_files.find()] == [FileState.PUBLISHED]


def test_killed_between_the_post_and_its_record_the_partner_has_one_document(homes: Callable[[str], Pair], start, running, until):
    pair = homes("sync")
    with running(pair.retailer, "supplier") as retailer:
        arm(pair.supplier)
        process = start(pair.supplier, "posted")
        invoice = papers.fill(papers.INVOICE, PO, datetime.now(UTC).date())
        (pair.supplier.home / "erp" / "retailer" / "in" / "invoice.csv").write_text(invoice)
        assert is_killed(process)
        until("the retailer has it", lambda: len(list((retailer.erp / "out").iterdir())) == 1)

        start(pair.supplier, "posted")
        until("it is accepted", lambda: set_states(pair.supplier, set_id="810") == ["accepted"])
        with retailer.store.read() as uow:
            came = [row for row in uow.transmissions.find(direction=Direction.IN) if row.subject.startswith("810")]
            assert [row.state for row in came] == [Inbound.RECEIPTED, Inbound.DUPLICATE]
            assert came[0].wire == came[1].wire
            [promised] = uow.receipts.find(transmission_id=came[0].id)
        with store_of(pair.supplier) as store, store.read() as uow:
            [sent] = [row for row in uow.transmissions.find(direction=Direction.OUT) if row.subject.startswith("810")]
            [receipt] = uow.receipts.find(transmission_id=sent.id)
        assert (sent.state, sent.attempts) == (Outbound.DELIVERED, 2)
        assert receipt.body == promised.body
        assert len(list((retailer.erp / "out").iterdir())) == 1


def test_killed_between_the_envelope_and_the_archive_the_file_is_sent_once(homes: Callable[[str], Pair], start, running, until):
    pair = homes("sync")
    erp = pair.supplier.home / "erp" / "retailer"
    with running(pair.retailer, "supplier") as retailer:
        arm(pair.supplier)
        process = start(pair.supplier, "composed")
        invoice = papers.fill(papers.INVOICE, PO, datetime.now(UTC).date())
        (erp / "in" / "invoice.csv").write_text(invoice)
        assert is_killed(process)
        assert list((erp / "ack").iterdir()) == []

        start(pair.supplier, "composed")
        until("it is accepted", lambda: set_states(pair.supplier, set_id="810") == ["accepted"])
        until("the file is answered", lambda: (erp / "ack" / "invoice.csv.result.json").exists())
        until("the file is archived", lambda: len(list((erp / "archive").rglob("invoice.csv"))) == 1)
        with store_of(pair.supplier) as store, store.read() as uow:
            assert len(uow.transmissions.find(direction=Direction.OUT)) == 1
        until("the retailer has it", lambda: [path.name[:7] for path in (retailer.erp / "out").iterdir()] == ["invoice"])


def test_killed_again_and_again_while_orders_come_in_every_order_that_was_promised_is_delivered_once(
    homes: Callable[[str], Pair], start, post, until
):
    pair = homes("sync")
    process = start(pair.supplier, "never")
    for number in range(12):
        answer = post(pair, orders(f"PO-{number}", control=number + 1), f"<{number}@retailer.example>")
        assert isinstance(answer, Answer)
        assert answer.status == 200
        if number % 3 == 2:
            # The MDN has just left; the worker is somewhere between it and the ERP's folder.
            process.kill()
            process.wait()
            process = start(pair.supplier, "never")

    until("all are delivered", lambda: set_states(pair.supplier, set_id="850") == [SetIn.DELIVERED] * 12)
    delivered = sorted(path.name.split("_")[1] for path in out_files(pair.supplier, "retailer"))
    assert delivered == sorted(f"PO-{number}" for number in range(12))
    with store_of(pair.supplier) as store, store.read() as uow:
        acknowledged = [row.business_key for row in uow.sets.find(set_id="997")]
    assert sorted(acknowledged) == sorted(f"PO {number + 1}" for number in range(12))
