"""A message of very many sets is delivered: their windows open in pieces, each once, and from the time of the MDN on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from edi_gateway.lifecycle.states import DeadlineKind, Direction, Outbound, SetOut
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.rows import Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.delivered import tell_all_delivered
from edi_gateway.services.hand_in import send_interchange
from edi_gateway.testing.interchanges import Set, group, interchange
from edi_gateway.testing.pair import Party, Trade

pytestmark = pytest.mark.both_databases

SENT = 120
"""Sets in a message of ours: a long one."""
NAMES = {"sender": "SUPPLIER", "receiver": "RETAILER"}


class Died(Exception):
    """The process, as far as a test of one process can play it."""


class Doomed:
    """A store that calls something within each transaction at its end, and something after it."""

    def __init__(self, inner: Any, within: Callable[[UnitOfWork], None], after: Callable[[], None] = lambda: None) -> None:
        self._inner, self._within, self._after = inner, within, after

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @contextmanager
    def begin(self, *, promising: bool = True) -> Iterator[UnitOfWork]:
        with self._inner.begin(promising=promising) as uow:
            yield uow
            self._within(uow)
        self._after()


def posted(trade: Trade, sets: int = SENT) -> Transmission:
    """A message of so many 855s that a person handed in, posted, with its MDN in the response."""
    party = trade.supplier
    partner = party.gateway.book.partner(party.partner)
    assert partner is not None
    answers: list[Set] = [("855", f"BAK*00*AD*P{number}*20260302", "CTT*0") for number in range(1, sets + 1)]
    row = send_interchange(party.gateway, partner, interchange([group("PR", "77", answers, **NAMES)], control=77, **NAMES))
    party.work(Task.SEND)
    [found] = party.transmissions(id=row.id)
    assert found.state is Outbound.DELIVERED
    return found


def tell(party: Party, row: Transmission, piece: int, store: Any) -> None:
    assert row.id is not None
    tell_all_delivered(replace(party.gateway, piece=piece, store=store), row.id)


def nothing(_: UnitOfWork) -> None:
    pass


def die(*_: UnitOfWork) -> None:
    raise Died


def check(party: Party, row: Transmission) -> None:
    """Every set is sent, each with one window for its 997 which runs from when the MDN came."""
    assert {one.state for one in party.sets(set_id="855")} == {SetOut.SENT}
    windows = party.deadlines(kind=DeadlineKind.FUNCTIONAL_ACK)
    assert sorted(one.subject_id for one in windows) == sorted(one.id or 0 for one in party.sets(set_id="855"))
    assert {one.created_at for one in windows} == {row.settled_at}
    assert len({one.due_at for one in windows}) == 1
    assert party.transmissions(id=row.id)[0].parts_kept is None


def test_the_mdn_of_a_long_message_is_kept_by_itself_and_no_transaction_takes_more_sets_than_a_piece_has_room_for(trade: Trade) -> None:
    party = trade.supplier
    row = posted(trade)
    assert {one.state for one in party.sets(set_id="855")} == {SetOut.ENVELOPED}
    told = [0]
    tell(party, row, 100, Doomed(party.store, lambda uow: told.append(len(uow.sets.find(set_id="855", state=SetOut.SENT)))))
    assert [after - before for before, after in pairwise(told)] == [20] * (SENT // 20)
    check(party, row)


def test_the_work_item_for_it_is_made_with_the_mdn(trade: Trade) -> None:
    row = posted(trade)
    assert trade.supplier.work() == 1
    check(trade.supplier, row)


def test_a_short_message_is_told_with_its_mdn_and_needs_no_work_item(trade: Trade) -> None:
    row = posted(trade, 100)
    check(trade.supplier, row)
    assert trade.supplier.work() == 0


def test_wherever_it_dies_each_window_is_opened_once_and_runs_from_the_mdn(trade: Trade) -> None:
    party = trade.supplier
    row = posted(trade)
    for turn in range(2 * SENT):
        trade.clock.turn(timedelta(seconds=1))
        try:
            tell(party, row, 35, Doomed(party.store, die) if turn % 2 else Doomed(party.store, nothing, die))
        except Died:
            continue
        break
    check(party, row)
    assert turn > SENT // 7, "it died between all pieces"


def test_one_that_was_broken_off_is_found_by_the_reconciler_and_goes_on_where_it_was(trade: Trade) -> None:
    party = trade.supplier
    row = posted(trade)
    with pytest.raises(Died):
        tell(party, row, 35, Doomed(party.store, nothing, die))
    party.handlers[Task.TELL_DELIVERED] = lambda _: None
    party.work(Task.TELL_DELIVERED)  # its work item is gone, as after a backup
    trade.clock.turn(timedelta(minutes=2))
    with party.look() as uow:
        assert (Task.TELL_DELIVERED, row.id, None) in uow.stale(trade.clock.now())
        assert uow.untranslated(party.partner) == []
    party.use(party.gateway)
    party.handlers[Task.RECONCILE]({})
    party.work(Task.TELL_DELIVERED)
    check(party, row)
    with party.look() as uow:
        assert uow.stale(trade.clock.now()) == []


def test_of_two_workers_at_it_each_takes_what_the_other_has_left(trade: Trade) -> None:
    party = trade.supplier
    row = posted(trade)
    turns = iter(range(100))

    def after() -> None:
        if next(turns) == 1:
            tell(party, row, 25, Doomed(party.store, nothing, lambda: None))

    tell(party, row, 100, Doomed(party.store, nothing, after))
    check(party, row)


def test_a_997_that_comes_between_two_pieces_counts_and_nobody_waits_for_it_afterwards(trade: Trade) -> None:
    party = trade.supplier
    row = posted(trade)
    said = [line for number in range(1, SENT + 1) for line in (f"AK2*855*{number:04}", "AK5*A")]
    settling: Set = ("997", "AK1*PR*77", *said, f"AK9*A*{SENT}*{SENT}*{SENT}")
    partner = trade.retailer.gateway.book.partner(trade.retailer.partner)
    assert partner is not None
    names = {"sender": "RETAILER", "receiver": "SUPPLIER"}
    turns = iter(range(100))

    def after() -> None:
        if next(turns) == 1:
            send_interchange(trade.retailer.gateway, partner, interchange([group("FA", "8", [settling], **names)], control=9, **names))
            trade.retailer.work(Task.SEND)
            party.work(Task.TRANSLATE)

    tell(party, row, 100, Doomed(party.store, nothing, after))
    assert {one.state for one in party.sets(set_id="855", direction=Direction.OUT)} == {SetOut.ACCEPTED}
    assert len(party.deadlines(kind=DeadlineKind.FUNCTIONAL_ACK)) == 40
    with party.look() as uow:
        assert uow.stale(trade.clock.now() + timedelta(minutes=2)) == []
        assert all(one.settled_at is not None for one in uow.deadlines.find(kind=DeadlineKind.FUNCTIONAL_ACK))
