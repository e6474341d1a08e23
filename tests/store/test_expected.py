"""Rows that are said to be added soon: the same rows with the same ids, whatever was said."""

import threading
import time

import pytest

from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.ports.rows import Interchange, Transmission
from edi_gateway.store import SqlStore
from edi_gateway.testing.clock import HandClock


@pytest.mark.parametrize("expected", [{}, {"transmissions": 3, "interchanges": 1}, {"transmissions": 1}, {"interchanges": 1}], ids=str)
def test_rows_have_the_next_ids_and_stand_in_the_order_of_their_adding(store: SqlStore, clock: HandClock, expected: dict[str, int]) -> None:
    message = Transmission(direction=Direction.IN, state=Inbound.RECEIVED, created_at=clock.now(), message_id="<1@acme>")
    with store.begin() as unit:
        unit.expect(**expected)
        first = unit.transmissions.add(message)
        envelope = Interchange(direction=Direction.IN, control_number="1", created_at=clock.now(), transmission_id=first.id)
        held = unit.interchanges.add(envelope)
        others = [unit.transmissions.add(message) for _ in range(2)]
    with store.read() as unit:
        assert unit.transmissions.find() == [first, *others]
        assert unit.interchanges.find() == [held]
        assert [row.id for row in unit.transmissions.find()] == [1, 2, 3]
    with store.begin() as unit:
        assert unit.transmissions.add(message).id == 4


def test_what_was_expected_and_did_not_come_keeps_nothing_from_being_added(store: SqlStore, clock: HandClock) -> None:
    message = Transmission(direction=Direction.IN, state=Inbound.RECEIVED, created_at=clock.now())
    with store.begin() as unit:
        unit.expect(transmissions=2, sets=5)
        first = unit.transmissions.add(message)
    with store.begin() as unit:
        second = unit.transmissions.add(message)
    with store.read() as unit:
        assert unit.transmissions.find() == [first, second]
        assert unit.sets.find() == []


def test_a_row_that_is_refused_is_said_to_be_before_the_transaction_ends(store: SqlStore, clock: HandClock) -> None:
    def add() -> None:
        with store.begin() as unit:
            unit.expect(interchanges=1)
            unit.interchanges.add(Interchange(direction=Direction.IN, control_number="1", created_at=clock.now(), transmission_id=999))

    with pytest.raises(Exception, match=r"(?i)foreign key"):
        add()
    with store.read() as unit:
        assert unit.interchanges.find() == []


def test_who_held_a_lock_first_has_the_first_ids_though_they_were_expected_before_it(store: SqlStore, clock: HandClock) -> None:
    message = Transmission(direction=Direction.IN, state=Inbound.RECEIVED, created_at=clock.now())
    begun = threading.Event()
    later: list[int | None] = []

    def come_second() -> None:
        with store.begin() as unit:
            unit.expect(transmissions=1)
            begun.set()
            unit.queue_up("the same")
            unit.transmissions.find(message_id="nobody's")
            later.append(unit.transmissions.add(message).id)

    second = threading.Thread(target=come_second)
    with store.begin() as unit:
        unit.queue_up("the same")
        unit.transmissions.find(message_id="nobody's")
        second.start()
        begun.wait()
        time.sleep(0.2)
        first = unit.transmissions.add(message).id
    second.join()
    assert (first, later) == (1, [2])
