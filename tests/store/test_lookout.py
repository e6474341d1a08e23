"""What the watch asks of the store."""

from datetime import timedelta

from edi_gateway.lifecycle.states import Direction, SetIn, SetOut
from edi_gateway.ports import rows
from edi_gateway.store import SqlStore
from edi_gateway.testing.clock import HandClock

HOUR = timedelta(hours=1)


def arrive(store: SqlStore, clock: HandClock, *minutes: float, partner: str = "acme", set_id: str = "850", sent: bool = False) -> None:
    """Documents at so many minutes from now."""
    direction, state = (Direction.OUT, SetOut.ACCEPTED) if sent else (Direction.IN, SetIn.DELIVERED)
    with store.begin() as unit:
        for one in minutes:
            at = clock.now() + timedelta(minutes=one)
            unit.sets.add(
                rows.TransactionSet(direction=direction, state=state, set_id=set_id, control_number="1", created_at=at, partner=partner)
            )


def test_arrivals_are_the_first_of_each_step_however_many_there_are(store: SqlStore, clock: HandClock) -> None:
    arrive(store, clock, -1, *(one / 10 for one in range(3 * 600)), 400, 459.9, 460, 461)
    found = store.lookout.arrivals("acme", "850", clock.now(), HOUR)
    assert [(one - clock.now()) / HOUR * 60 for one in found] == [0, 60, 120, 400, 460]


def test_what_is_sent_or_of_another_partner_or_document_is_no_arrival(store: SqlStore, clock: HandClock) -> None:
    arrive(store, clock, 1, partner="other")
    arrive(store, clock, 2, set_id="860")
    arrive(store, clock, 3, sent=True)
    assert store.lookout.arrivals("acme", "850", clock.now(), HOUR) == ()
    assert store.lookout.last_arrival("acme", "850") is None
    arrive(store, clock, 4, 9, 6)
    assert store.lookout.last_arrival("acme", "850") == clock.now() + timedelta(minutes=9)
