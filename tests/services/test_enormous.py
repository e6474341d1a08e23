"""Bytes that are no sensible interchange, by the megabyte: told as faults, and the next order goes through."""

import io

import pytest

from edi_gateway.lifecycle.states import SetIn
from edi_gateway.ports.web import LargeRequest
from edi_gateway.testing.interchanges import group, interchange, order_lines, orders
from edi_gateway.testing.pair import Trade

TEN_MEGABYTES = 10_000_000


def one_segment(size: int) -> bytes:
    """An order in which one segment is of this size."""
    set_id, beginning, *rest = order_lines("4500017")
    return interchange([group("PO", "1", [(set_id, beginning, "MSG*" + "x" * size, *rest)])])


def no_terminators(size: int) -> bytes:
    """An interchange of this size in which no segment ends, not even the first."""
    head, _, rest = orders("4500017").replace(b"\n", b"").partition(b"~")
    return head + b"*" + (rest.replace(b"~", b"*") * (size // 400))[:size]


def one_end_only(size: int) -> bytes:
    """An interchange whose ISA ends, and nothing after it."""
    head, _, rest = orders("4500017").partition(b"~")
    return head + b"~" + (rest.replace(b"~", b"").replace(b"\n", b"") * (size // 400))[:size]


@pytest.mark.slow
@pytest.mark.parametrize("content", [one_segment, no_terminators, one_end_only], ids=lambda make: make.__name__.replace("_", " "))
def test_an_enormous_segment_is_a_fault_and_the_next_order_goes_through(trade: Trade, sealed, content):
    made = sealed(trade.retailer, content(TEN_MEGABYTES))
    reply = trade.supplier.receive(LargeRequest(headers=made.headers, body=io.BytesIO(made.body)))
    trade.run()

    assert reply.status == 200
    assert trade.supplier.published() == {}
    assert {one.state for one in trade.supplier.sets(set_id="850")} <= {SetIn.REJECTED, SetIn.SETTLED}
    [row] = trade.supplier.transmissions(message_id="<1@sender.example>")
    assert trade.supplier.store.jobs.parked() == []
    with trade.supplier.look() as uow:
        found = [fault for one in uow.interchanges.find(transmission_id=row.id) for fault in one.faults]
        found += [fault for one in uow.sets.find(set_id="850") for fault in one.faults]
    assert found or row.faults
    assert all(len(fault.line()) < 2000 for fault in (*found, *row.faults)), "nobody reads ten megabytes in a log"

    trade.supplier.receive(sealed(trade.retailer, orders("4500018", control=2), message_id="<2@sender.example>"))
    trade.run()
    assert [name.split("_")[1] for name in trade.supplier.published()] == ["4500018"]
