"""Many senders and many workers at once: each group gets one 997, and no control number is given twice."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Trade

pytestmark = pytest.mark.both_databases

SENDERS, WORKERS = 8, 4
NUMBERS = [f"PO-{number:02}" for number in range(1, 25)]


def test_each_group_of_many_senders_at_once_gets_one_997(trade: Trade, sealed):
    requests = [
        sealed(trade.retailer, orders(po, control=number), message_id=f"<{number}@retailer.example>")
        for number, po in enumerate(NUMBERS, 1)
    ]
    with ThreadPoolExecutor(SENDERS) as threads:
        replies = list(threads.map(trade.supplier.receive, requests))
        done = list(threads.map(lambda _: trade.supplier.work(), range(WORKERS)))
    trade.run()

    assert [reply.status for reply in replies] == [200] * len(NUMBERS)
    assert sum(done) > 0
    assert sorted(name.split("_")[1] for name in trade.supplier.published()) == NUMBERS
    answers = trade.supplier.sets(set_id="997", direction=Direction.OUT)
    assert sorted(one.business_key or "" for one in answers) == sorted(f"PO {number}" for number in range(1, len(NUMBERS) + 1))
    with trade.supplier.look() as uow:
        controls = [int(one.control_number) for one in uow.interchanges.find(direction=Direction.OUT)]
    assert sorted(controls) == list(range(min(controls), min(controls) + len(NUMBERS)))
    assert {one.state for one in trade.supplier.transmissions(direction=Direction.OUT)} == {Outbound.DELIVERED}
