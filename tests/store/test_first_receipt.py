"""What a repeated Message-ID is answered with."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.ports.rows import Receipt, Transmission
from edi_gateway.store import SqlStore
from edi_gateway.testing.clock import HandClock

NAMES = ("ACME", "US", "<1@acme>")


def receive(
    store: SqlStore, clock: HandClock, *, state: Inbound = Inbound.RECEIPTED, content: str | None = "c0ffee", mdn: bool = True
) -> int:
    with store.begin() as unit:
        added = unit.transmissions.add(
            Transmission(
                direction=Direction.IN,
                state=state,
                created_at=clock.now(),
                as2_from="ACME",
                as2_to="US",
                message_id="<1@acme>",
                content=content,
            )
        )
        assert added.id is not None
        if mdn:
            unit.receipts.add(Receipt(direction=Direction.OUT, created_at=clock.now(), transmission_id=added.id, body=f"mdn {added.id}"))
        return added.id


def first(store: SqlStore, *names: str) -> Any:
    with store.read() as unit:
        return unit.first_receipt(*(names or NAMES))


def test_what_was_opened_first_is_answered_with_its_first_mdn(store: SqlStore, clock: HandClock) -> None:
    receive(store, clock)
    receive(store, clock, state=Inbound.DUPLICATE)
    transmission, receipt = first(store)
    assert (transmission.id, receipt.body) == (1, "mdn 1")


def test_a_first_try_that_failed_does_not_block_the_corrected_one(store: SqlStore, clock: HandClock) -> None:
    receive(store, clock, content=None)
    assert first(store) is None
    receive(store, clock)
    assert first(store)[0].id == 2


def test_where_no_mdn_was_asked_for_there_is_none(store: SqlStore, clock: HandClock) -> None:
    receive(store, clock, state=Inbound.OPENED, mdn=False)
    transmission, receipt = first(store)
    assert (transmission.id, receipt) == (1, None)


def test_the_same_id_from_or_to_somebody_else_is_another_message(store: SqlStore, clock: HandClock) -> None:
    receive(store, clock)
    assert first(store, "OTHER", "US", "<1@acme>") is None
    assert first(store, "ACME", "OTHER", "<1@acme>") is None
    assert first(store, "ACME", "US", "<2@acme>") is None


def test_fifty_posts_of_one_message_at_once_are_opened_once(store: SqlStore, clock: HandClock) -> None:
    def post(_: int) -> bool:
        with store.begin() as unit:
            if unit.first_receipt(*NAMES):
                return False
            unit.transmissions.add(
                Transmission(
                    direction=Direction.IN,
                    state=Inbound.RECEIPTED,
                    created_at=clock.now(),
                    as2_from="ACME",
                    as2_to="US",
                    message_id="<1@acme>",
                    content="c0ffee",
                )
            )
            return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(post, range(50))) == 1
