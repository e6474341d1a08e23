"""kill -9 at every failpoint there is, on both databases: what was promised is there, and nothing is done twice.

The failpoints are found by a run in which nobody dies, and held against the list here: whoever adds a transaction adds its failpoints.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.demo.homes import Pair
from edi_gateway.lifecycle.states import DeadlineKind, Direction, SetIn, SetOut
from edi_gateway.services.hand_in import send_interchange
from edi_gateway.services.pauses import pause
from edi_gateway.testing.interchanges import Set, group, interchange, orders

from .doomed import Supplier, come_to_rest, ledger, order, settled

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TRANSACTIONS = (
    "services.receive._receive_message",
    "services.translate.translate",
    "services.deliver._keep",
    "services.publish.put_out",
    "services.compose._take",
    "services.compose._keep",
    "services.compose._finish",
    "services.send._begin",
    "services.send._post",
    "services.send_receipt.send_receipt",
    "services.receipts.receive_receipt",
)
"""The functions that begin a transaction which writes, on the way of an order and of an invoice, MDNs and 997s among it."""
JOBS = ("translate", "map", "scan_folders", "compose", "send", "send_receipt")
OUTSIDE = ("drop.claim", "drop.stage", "drop.release", "drop.announce", "drop.answer", "drop.archive", "post")
"""What leaves the database: the ERP's folders, and posts."""
FAILPOINTS = (
    "request came",
    "reply ready",
    *(f"commit {side} {name}" for name in TRANSACTIONS for side in ("before", "after")),
    *(f"job {name} {side}" for name in JOBS for side in ("begun", "ended")),
    *(f"{name} {side}" for name in OUTSIDE for side in ("before", "after")),
)
RECOVERY = timedelta(seconds=90)
"""Within this what a dead worker left is found: the reconciler looks every minute."""
ON_THE_CLOCK = ("services.expire.", "sweep_deadlines", "reconcile", "check_certificates", "watch")
"""Work that comes by itself and at long intervals, and changes nothing where nothing is late: nobody waits here for it."""


def passed(supplier: Supplier) -> set[str]:
    return {name for name in supplier.passed() if not any(word in name for word in ON_THE_CLOCK)}


def test_killed_at_every_failpoint_nothing_is_lost_and_nothing_happens_twice(
    doomed_pair: tuple[Pair, str], running: Callable, until: Callable
) -> None:
    pair, url = doomed_pair
    supplier = Supplier(pair.supplier, url)
    try:
        with running(pair.retailer, "supplier") as retailer:

            def trade(number: int) -> None:
                """One order from the retailer, and the supplier's invoice for it."""
                retailer.drop(f"order_{number}.csv", order(number))
                supplier.invoice(number)

            supplier.start()
            trade(1)
            until("all is settled", lambda: settled(supplier, 1))
            until("every failpoint was passed", lambda: passed(supplier) >= set(FAILPOINTS))
            assert passed(supplier) == set(FAILPOINTS)
            for number, point in enumerate(FAILPOINTS, 2):
                supplier.arm(point)
                trade(number)
                until(f"it died at {point}", supplier.is_dead)
                supplier.start()
            count = len(FAILPOINTS) + 1
            come_to_rest(supplier, retailer.store, count, until, RECOVERY)
            ledger(supplier, retailer.store, retailer.erp, count)
    finally:
        supplier.stop()


PIECES = ("after", "before", "after", "after", "before", "after")
"""Where it dies: before a piece of the message is kept, or after it. A work item that eight workers died of would be parked."""


def test_killed_again_and_again_between_the_pieces_of_a_long_message_nothing_is_lost_and_nothing_happens_twice(
    doomed_pair: tuple[Pair, str], post: Callable, until: Callable
) -> None:
    pair, url = doomed_pair
    supplier = Supplier(pair.supplier, url)
    numbers = [f"L{number}" for number in range(70)]
    # On PostgreSQL it takes up to a minute until what a dead worker was at is found.
    deaths = PIECES if url.startswith("sqlite") else PIECES[:3]
    try:
        supplier.start()
        supplier.arm(f"commit {deaths[0]} services.translate.translate")
        post(pair, orders(*numbers), "<1@retailer.example>")
        for side in (*deaths[1:], None):
            until("it died at a piece", supplier.is_dead, RECOVERY)
            if side is not None:
                supplier.arm(f"commit {side} services.translate.translate")
            supplier.launch()
        until("all is delivered", lambda: is_delivered(supplier, numbers), RECOVERY)
        with supplier.store() as store, store.read() as uow:
            sets = uow.sets.find(set_id="850", direction=Direction.IN)
            answers = uow.sets.find(set_id="997", direction=Direction.OUT)
            [message] = uow.transmissions.find(direction=Direction.IN)
            assert message.parts_kept is None
            assert [one.po_number for one in sets] == numbers
            assert [one.acknowledged_by for one in uow.groups.find(transmission_id=message.id)] == [one.id for one in answers]
            content = uow.payloads.get(uow.transmissions.get(answers[0].transmission_id or 0).content or "")
            assert content.count(b"~\nAK5*A~") == len(numbers)
            assert store.jobs.parked() == []
        names = [path.name for path in (supplier.side.home / "erp" / "retailer" / "out").iterdir() if path.suffix != ".done"]
        assert sorted(name.split("_")[1] for name in names) == sorted(numbers)
    finally:
        supplier.stop()


def is_delivered(supplier: Supplier, numbers: list[str]) -> bool:
    """Whether every order is with the ERP, and its message kept whole."""
    with supplier.store() as store, store.read() as uow:
        sets = uow.sets.find(set_id="850", direction=Direction.IN, state=SetIn.DELIVERED)
        return len(sets) == len(numbers) and all(message.parts_kept is None for message in uow.transmissions.find(direction=Direction.IN))


SENT = 120
"""Sets of a message of ours: a long one, told in thirty pieces of four."""


def test_killed_again_and_again_while_a_long_message_of_ours_counts_as_delivered_each_of_its_windows_is_opened_once(
    doomed_pair: tuple[Pair, str], running: Callable, until: Callable
) -> None:
    pair, url = doomed_pair
    supplier = Supplier(pair.supplier, url)
    deaths = [f"commit {side} services.delivered._tell_some" for side in (PIECES if url.startswith("sqlite") else PIECES[:3])]
    try:
        with running(pair.retailer, "supplier") as retailer:
            # It takes the message and answers with an MDN; its 997 would end the windows that are counted here.
            pause(retailer.house.gateway, "supplier", Direction.IN, actor="a test", reason="no 997")
            hand_in(supplier)
            supplier.arm(deaths[0])
            supplier.launch()
            for point in (*deaths[1:], None):
                until("it died at a piece", supplier.is_dead, RECOVERY)
                with supplier.store() as store, store.read() as uow:
                    [message] = uow.transmissions.find(direction=Direction.OUT)
                    assert message.parts_kept is not None, "it died with sets still to tell"
                if point is not None:
                    supplier.arm(point)
                supplier.launch()
            until("all count as delivered", lambda: all_sent(supplier), RECOVERY)
            with supplier.store() as store, store.read() as uow:
                [message] = uow.transmissions.find(direction=Direction.OUT)
                windows = uow.deadlines.find(kind=DeadlineKind.FUNCTIONAL_ACK)
                assert sorted(one.subject_id for one in windows) == sorted(one.id or 0 for one in uow.sets.find(set_id="855"))
                assert {one.created_at for one in windows} == {message.settled_at}
                assert store.jobs.parked() == []
    finally:
        supplier.stop()


def hand_in(supplier: Supplier) -> None:
    """Hands a file of 855s in, while its gateway does not run."""
    answers: list[Set] = [("855", f"BAK*00*AD*P{number}*20260302", "CTT*0") for number in range(1, SENT + 1)]
    names = {"sender": "SUPPLIER", "receiver": "RETAILER"}
    house = House(read_terms(supplier.side.home))
    try:
        partner = house.terms.book.partner("retailer")
        assert partner is not None
        send_interchange(house.gateway, partner, interchange([group("PR", "77", answers, **names)], control=77, **names))
    finally:
        house.close()


def all_sent(supplier: Supplier) -> bool:
    """Whether every set counts as delivered, and nothing of the message is left to be done."""
    with supplier.store() as store, store.read() as uow:
        [message] = uow.transmissions.find(direction=Direction.OUT)
        return len(uow.sets.find(set_id="855", state=SetOut.SENT)) == SENT and message.parts_kept is None
