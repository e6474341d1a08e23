"""A person closes a window in the very moment in which what it waits for comes: one of the two is kept, and the other is told."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.deadline import CLOSED_BY_A_PERSON
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, SetOut
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.rows import Deadline
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.ports.web import ActionResult
from edi_gateway.services import closing
from edi_gateway.services.tasks import handlers
from edi_gateway.testing.interchanges import acknowledgment, group, interchange
from edi_gateway.testing.pair import Party, Trade

from .test_crossing import SOON, until_it_waits

PO = "4500017"
RESPONSE = ("855", f"BAK*00*AD*{PO}*20260302", "PO1*1*24*EA*3.1**BP*B000123*VP*SKU-77", "ACK*IA*24*EA", "CTT*1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """What is about to cross: a window that is open, and the work item with which what it waits for is taken."""

    party: Party
    kind: DeadlineKind
    task: Task
    row_id: int

    @property
    def window(self) -> Deadline:
        [found] = self.party.deadlines(kind=self.kind)
        return found

    def close(self, store: Any) -> ActionResult:
        return closing.close(replace(self.party.gateway, store=store), self.window.id or 0, actor="ann", reason="agreed by phone")

    def take(self, store: Any) -> None:
        gateway = replace(self.party.gateway, store=store)
        handlers(lambda: gateway)[self.task]({"id": self.row_id})

    def told(self, kind: str) -> int:
        with self.party.look() as uow:
            return len(uow.events.find(kind=kind))

    def assert_one_is_kept(self, said: ActionResult) -> DeadlineState:
        """Holds that the window, the timeline and what the person was told agree; how the window ended."""
        state = self.window.state
        by_a_person = state is DeadlineState.CLOSED
        assert by_a_person or state is DeadlineState.MET
        assert [fault.code for fault in said.faults] == ([] if by_a_person else ["STO-465"])
        assert by_a_person or said.faults[0].message == f"Window {self.window.id} is met already: nothing is waited for."
        # What comes where nothing is waited for any more is noted for those who look.
        assert (self.told(CLOSED_BY_A_PERSON), self.told("window.unawaited")) == (by_a_person, by_a_person)
        if self.kind is DeadlineKind.FUNCTIONAL_ACK:
            assert [one.state for one in self.party.sets(set_id="810")] == [SetOut.ACCEPTED], "what came counts either way"
        else:
            assert [one.po_number for one in self.party.sets(set_id="855")] == [PO], "what came is taken either way"
        return state


class During:
    """A store that calls something in the first transaction of each thread: as it begins, or before it is committed."""

    def __init__(self, inner: Any, *, begun: Callable[[], object] = bool, ending: Callable[[], object] = bool) -> None:
        self._inner, self._begun, self._ending = inner, begun, ending
        self._seen = threading.local()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @contextmanager
    def begin(self, *, promising: bool = True) -> Iterator[UnitOfWork]:
        is_first, self._seen.one = not hasattr(self._seen, "one"), True
        with self._inner.begin(promising=promising) as uow:
            if is_first:
                self._begun()
            yield uow
            if is_first:
                self._ending()


def a_997(trade: Trade, sealed: Callable[..., Any]) -> Crossing:
    """An invoice of the supplier's that is delivered, and the 997 for it."""
    party = trade.supplier
    party.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    party.scan()
    party.work()
    party.receive(sealed(trade.retailer, acknowledgment("IN", "1", "A")))
    came = party.transmissions()[-1]
    return Crossing(party=party, kind=DeadlineKind.FUNCTIONAL_ACK, task=Task.TRANSLATE, row_id=came.id or 0)


def an_855(trade: Trade, sealed: Callable[..., Any]) -> Crossing:
    """An order of the retailer's that is delivered, and the 855 for it."""
    file = trade.retailer.side.home / "partners" / "supplier.yaml"
    file.write_text(file.read_text().replace("  send: [850, 812]", "  send:\n    850: {answer: {855: 24h}}\n    812:"))
    party = trade.restart("retailer")
    party.drop("order.csv", papers.fill(papers.ORDER, PO, trade.clock.now().date()))
    party.scan()
    party.work()
    parties = {"sender": "SUPPLIER", "receiver": "RETAILER"}
    party.receive(sealed(trade.supplier, interchange([group("PR", "1", [RESPONSE], **parties)], **parties)))
    party.work(Task.TRANSLATE)
    [response] = party.sets(set_id="855")
    return Crossing(party=party, kind=DeadlineKind.ANSWER, task=Task.MAP, row_id=response.id or 0)


@pytest.fixture
def trade(template: Callable[..., Any], tmp_path: Path, postgresql_databases: Any) -> Iterator[Trade]:
    """Two gateways on PostgreSQL, where both transactions may be open at once."""
    with template("sync").played(tmp_path, postgresql_databases) as both:
        yield both


@pytest.fixture(params=[a_997, an_855], ids=["997", "855"])
def crossing(request: pytest.FixtureRequest, trade: Trade, sealed: Callable[..., Any]) -> Crossing:
    made: Crossing = request.param(trade, sealed)
    assert made.window.state is DeadlineState.OPEN
    return made


def test_a_person_who_closes_while_it_is_being_taken_is_told_that_it_is_met(crossing: Crossing) -> None:
    store = crossing.party.store
    with ThreadPoolExecutor(1) as other:
        closed: list[Future[ActionResult]] = []

        def meanwhile() -> None:
            coming: Any = other.submit(crossing.close, store)
            closed.append(coming)
            until_it_waits(crossing.party, coming)

        crossing.take(During(store, ending=meanwhile))
        said = closed[0].result(SOON)
    assert crossing.assert_one_is_kept(said) is DeadlineState.MET


def test_what_comes_while_a_person_closes_is_taken_and_noted_as_not_waited_for(crossing: Crossing) -> None:
    store = crossing.party.store
    with ThreadPoolExecutor(1) as other:
        taken: list[Future[None]] = []

        def meanwhile() -> None:
            coming: Any = other.submit(crossing.take, store)
            taken.append(coming)
            until_it_waits(crossing.party, coming)

        said = crossing.close(During(store, ending=meanwhile))
        taken[0].result(SOON)
    assert crossing.assert_one_is_kept(said) is DeadlineState.CLOSED


def test_of_two_transactions_that_begin_together_one_is_kept_whichever_is_quicker(crossing: Crossing) -> None:
    together = threading.Barrier(2, timeout=SOON)
    store = During(crossing.party.store, begun=together.wait)
    with ThreadPoolExecutor(2) as both:
        taken, closed = both.submit(crossing.take, store), both.submit(crossing.close, store)
        taken.result(SOON)
        said = closed.result(SOON)
    crossing.assert_one_is_kept(said)
