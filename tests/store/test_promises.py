"""What windows, orders, limits and pauses ask of the store, on both databases."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, Inbound, Outbound, SetIn
from edi_gateway.ports import rows
from edi_gateway.store import SqlStore
from edi_gateway.testing.clock import HandClock

MINUTE = timedelta(minutes=1)
THREADS = 8


def shipment(*numbers: str) -> dict[str, object]:
    """A ship notice for several orders, the last one's article in a carton on a pallet."""
    item = {"gtin": "G1", "quantity": "1", "unit_code": "EA"}
    orders = [{"po_id": po, "pallets": [{"packs": [{"items": [item]}]}]} for po in numbers]
    return {"id": "SH-1", "orders": orders}


def received(clock: HandClock, **changes: object) -> rows.Transmission:
    row = rows.Transmission(direction=Direction.IN, state=Inbound.RECEIPTED, created_at=clock.now(), partner="acme", content="0" * 64)
    return replace(row, **changes)  # type: ignore[arg-type]


def sent(clock: HandClock, partner: str) -> rows.Transmission:
    return rows.Transmission(direction=Direction.OUT, state=Outbound.READY, created_at=clock.now(), partner=partner)


def a_set(clock: HandClock, **changes: object) -> rows.TransactionSet:
    row = rows.TransactionSet(
        direction=Direction.IN, state=SetIn.DELIVERED, set_id="850", control_number="0001", created_at=clock.now(), partner="acme"
    )
    return replace(row, **changes)  # type: ignore[arg-type]


def test_warnings_are_due_once_and_only_for_open_windows(store: SqlStore, clock: HandClock) -> None:
    def window(warn: int, state: DeadlineState = DeadlineState.OPEN) -> rows.Deadline:
        now = clock.now()
        due, at = now + timedelta(hours=1), now + warn * MINUTE
        return rows.Deadline(subject="set", subject_id=1, kind=DeadlineKind.ANSWER, due_at=due, warn_at=at, created_at=now, state=state)

    with store.begin() as unit:
        for one in (window(-1), window(5), window(-9), window(-9, DeadlineState.MET)):
            unit.deadlines.add(one)
        assert [row.id for row in unit.due_warnings(clock.now())] == [3, 1]
        unit.deadlines.change(3, warned_at=clock.now())
        assert [row.id for row in unit.due_warnings(clock.now())] == [1]


def test_the_sets_of_an_order_are_found_by_their_head_and_by_their_lines(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        unit.sets.add(a_set(clock, po_number="PO-1"))
        document = unit.documents.add(
            rows.Document(
                direction=Direction.OUT, kind="ShipNotice", record=shipment("PO-0", "PO-1"), created_at=clock.now(), partner="acme"
            )
        )
        unit.sets.add(a_set(clock, po_number="PO-0", set_id="856", document_id=document.id))
        unit.sets.add(a_set(clock, po_number="PO-1", partner="bulk"))
        unit.sets.add(a_set(clock, po_number="PO-2"))
        assert [row.id for row in unit.order_sets("acme", "PO-1")] == [1, 2]
        assert [row.id for row in unit.order_sets("acme", "PO-0")] == [2]
        assert unit.order_sets("acme", "PO-9") == []


def test_posts_are_counted_by_partner_and_time(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        for partner in ("acme", "bulk"):
            unit.transmissions.add(
                rows.Transmission(direction=Direction.OUT, state=Outbound.READY, created_at=clock.now(), partner=partner)
            )
        for message, minutes in ((1, -3), (1, 0), (2, 0)):
            unit.attempts.add(rows.Attempt(number=1, url="x", started_at=clock.now() + minutes * MINUTE, transmission_id=message))
        assert unit.posts("acme", clock.now() - MINUTE) == [clock.now()]
        assert len(unit.posts("acme", clock.now() - 9 * MINUTE)) == 2


def test_what_is_paused_is_not_stale_and_known_as_untranslated(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        unit.transmissions.add(received(clock))
        unit.transmissions.add(received(clock, partner=None))
        unit.transmissions.add(sent(clock, "acme"))
    clock.turn(timedelta(minutes=5))
    with store.read() as unit:
        assert {one[:2] for one in unit.stale(clock.now())} == {("translate", 1), ("translate", 2), ("send", 3)}
    with store.begin() as unit:
        for direction in Direction:
            unit.pauses.add(rows.Pause(partner="acme", direction=direction, reason="r", actor="a", since=clock.now()))
    with store.read() as unit:
        assert {one[:2] for one in unit.stale(clock.now())} == {("translate", 2)}
        assert unit.untranslated("acme") == [1]
    with store.begin() as unit:
        unit.pauses.remove(2 if unit.pauses.get(2).direction is Direction.OUT else 1)
    with store.read() as unit:
        assert {one[:2] for one in unit.stale(clock.now())} == {("translate", 2), ("send", 3)}


def test_a_message_is_begun_once_anything_is_kept_of_it(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        for changes in ({}, {"faults": (Fault.of("X12-101"),)}, {"parts_kept": 0}, {}):
            unit.transmissions.add(received(clock, **changes))
        unit.interchanges.add(
            rows.Interchange(direction=Direction.IN, control_number="000000001", created_at=clock.now(), transmission_id=4)
        )
        assert [unit.is_begun(number) for number in range(1, 5)] == [False, True, True, True]


def test_of_many_who_begin_a_message_at_once_one_does(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        unit.transmissions.add(received(clock))
    interchange = rows.Interchange(direction=Direction.IN, control_number="000000001", created_at=clock.now(), transmission_id=1)

    barrier = threading.Barrier(THREADS)

    def begin() -> None:
        with store.begin() as unit:
            # Each has its connection before all begin.
            unit.transmissions.get(1)
        barrier.wait()
        with store.begin() as unit:
            if not unit.is_begun(1):
                unit.interchanges.add(interchange)

    at_once(begin)
    with store.read() as unit:
        assert len(unit.interchanges.find(transmission_id=1)) == 1


def at_once(work: Callable[[], None]) -> None:
    threads = [threading.Thread(target=work) for _ in range(THREADS)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()


def test_who_queues_up_for_an_order_sees_what_the_one_before_has_added(store: SqlStore, clock: HandClock) -> None:
    """Each may add a set only while there are fewer than three: without the queue more would see too few."""

    def add() -> None:
        with store.begin() as unit:
            unit.queue_up("order acme PO-1")
            if len(unit.order_sets("acme", "PO-1")) < 3:
                unit.sets.add(a_set(clock, po_number="PO-1"))

    at_once(add)
    with store.read() as unit:
        assert len(unit.order_sets("acme", "PO-1")) == 3
