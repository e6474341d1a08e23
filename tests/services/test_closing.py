"""Windows that a person closes and opens again: the reason is kept, the alert is over, and what comes all the same is taken."""

from datetime import timedelta

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.deadline import CLOSED_BY_A_PERSON
from edi_gateway.lifecycle.incidents import IncidentState, Kind
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, SetOut
from edi_gateway.ports.channels import Answer, Unreached
from edi_gateway.ports.rows import Deadline, Event
from edi_gateway.ports.web import ActionResult
from edi_gateway.testing.interchanges import acknowledgment, interchange, orders
from edi_gateway.testing.pair import Party, Trade

PO = "4500017"
OPEN, CLOSED, BREACHED, MET = DeadlineState.OPEN, DeadlineState.CLOSED, DeadlineState.BREACHED, DeadlineState.MET
WHY = "the buyer needs none, says Ms Ito"


@pytest.fixture
def supplier(trade: Trade, sealed) -> Party:
    """Owes the retailer an 855, and it is overdue."""
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    trade.turn(timedelta(hours=25))
    assert [one.state for one in answers(trade.supplier)] == [BREACHED]
    return trade.supplier


def answers(party: Party) -> list[Deadline]:
    return party.deadlines(kind=DeadlineKind.ANSWER)


def close(party: Party, window: Deadline, *, dry_run: bool = False) -> ActionResult:
    return party.house.operator.close_window(window.id or 0, actor="ann", reason=WHY, dry_run=dry_run)


def reopen(party: Party, window: Deadline, *, dry_run: bool = False) -> ActionResult:
    return party.house.operator.reopen_window(window.id or 0, actor="bob", reason="they want one", dry_run=dry_run)


def code(result: ActionResult) -> str:
    [fault] = result.faults
    return fault.code


def told(party: Party, kind: str) -> list[Event]:
    with party.look() as uow:
        return uow.events.find(kind=kind)


def send_answer(trade: Trade) -> None:
    trade.supplier.drop("response.csv", papers.fill(papers.ORDER_RESPONSE, PO, trade.clock.now().date()))
    trade.run()


def test_a_closed_window_is_overdue_no_more_and_the_timeline_keeps_who_and_why(trade: Trade, supplier: Party) -> None:
    [window] = answers(supplier)
    done = close(supplier, window)
    assert (done.faults, done.words) == ((), f"Window {window.id} is closed: The 855 for the 850 {PO} is not waited for any more.")
    assert [(one.state, one.settled_at) for one in answers(supplier)] == [(CLOSED, trade.clock.now())]
    assert supplier.store.views.waiting_windows().lines == ()
    [event] = told(supplier, CLOSED_BY_A_PERSON)
    assert (event.actor, event.words) == ("ann", f"The 855 for the 850 {PO} is not waited for any more. Reason: {WHY}")
    assert event in supplier.store.views.message(event.transmission_id or 0).events
    [line] = supplier.store.views.closed_windows()
    assert (line.line.deadline.id, line.actor, line.words) == (window.id, "ann", event.words)
    assert supplier.store.views.closed_windows(partner="somebody else") == ()
    trade.turn(timedelta(days=3))
    assert [one.state for one in answers(supplier)] == [CLOSED]


def test_the_alert_that_stood_on_a_window_is_over_with_it(trade: Trade, supplier: Party) -> None:
    supplier.house.watch.look()
    [window] = answers(supplier)
    close(supplier, window)
    trade.clock.turn(timedelta(minutes=1))
    supplier.house.watch.look()
    with supplier.look() as uow:
        found = {one.kind: one.state for one in uow.incidents.find()}
    assert found[Kind.WINDOW_OVERDUE] is IncidentState.RECOVERED


def test_an_answer_that_comes_after_all_is_taken_and_noted(trade: Trade, supplier: Party) -> None:
    [window] = answers(supplier)
    close(supplier, window)
    send_answer(trade)
    [answer] = supplier.sets(set_id="855")
    assert answer.state in (SetOut.SENT, SetOut.ACCEPTED)
    assert [one.state for one in answers(supplier)] == [CLOSED]
    [event] = told(supplier, "window.unawaited")
    assert event.words == f"The 855 for the 850 {PO} has come, although a person had closed its window."
    assert event.set_row_id == window.subject_id
    assert code(reopen(supplier, window)) == "STO-466"
    assert reopen(supplier, window).faults[0].message == f"Window {window.id} cannot be opened again: the 855 is there meanwhile."


def test_what_is_opened_again_is_waited_for_by_the_old_end_and_met_as_ever(trade: Trade, supplier: Party) -> None:
    [window] = answers(supplier)
    close(supplier, window)
    done = reopen(supplier, window)
    before, again = answers(supplier)
    assert (before.state, again.state, again.due_at) == (CLOSED, OPEN, window.due_at)
    assert f"as window {again.id}: The 855 for the 850 {PO} is waited for again, and is overdue since" in done.words
    [event] = told(supplier, "operator.reopen_window")
    assert event.actor == "bob"
    assert event.words.endswith("Reason: they want one")
    assert supplier.store.views.closed_windows() == ()
    assert [line.deadline.id for line in supplier.store.views.waiting_windows().lines] == [again.id]
    trade.turn(timedelta(minutes=1))
    assert [one.state for one in answers(supplier)] == [CLOSED, BREACHED]
    assert code(reopen(supplier, window)) == "STO-466"
    send_answer(trade)
    assert [one.state for one in answers(supplier)] == [CLOSED, DeadlineState.LATE]
    assert told(supplier, "window.unawaited") == []


def test_a_dry_run_says_what_would_be_done_and_does_nothing(supplier: Party) -> None:
    [window] = answers(supplier)
    assert "would be closed: The 855 for the 850" in close(supplier, window, dry_run=True).words
    assert answers(supplier) == [window]
    close(supplier, window)
    [closed] = answers(supplier)
    assert "would be opened again: The 855 for the 850" in reopen(supplier, window, dry_run=True).words
    assert answers(supplier) == [closed]
    assert [len(told(supplier, kind)) for kind in (CLOSED_BY_A_PERSON, "operator.reopen_window")] == [1, 0]


def test_what_waits_for_nothing_is_not_closed_and_what_nobody_closed_not_opened(trade: Trade, supplier: Party) -> None:
    [window] = answers(supplier)
    assert reopen(supplier, window).faults[0].message == f"Window {window.id} cannot be opened again: it is breached."
    send_answer(trade)
    assert close(supplier, window).faults[0].message == f"Window {window.id} is late already: nothing is waited for."
    assert reopen(supplier, window).faults[0].message == f"Window {window.id} cannot be opened again: it is late."
    nowhere = Deadline(id=4711, subject="set", subject_id=1, kind=window.kind, due_at=window.due_at, created_at=window.due_at)
    assert (code(close(supplier, nowhere)), code(reopen(supplier, nowhere))) == ("STO-464", "STO-464")


def test_a_closed_window_is_closed_only_once(supplier: Party) -> None:
    [window] = answers(supplier)
    close(supplier, window)
    assert code(close(supplier, window)) == "STO-465"
    assert len(told(supplier, CLOSED_BY_A_PERSON)) == 1


def test_the_window_of_an_mdn_belongs_to_its_message(trade: Trade) -> None:
    trade.line.answer = lambda posted: Answer(status=204, headers=(), body=b"")
    party = trade.agree("retailer", "as2", f"mdn_url: {trade.retailer.side.url}/as2")
    file = party.side.home / "partners" / "supplier.yaml"
    file.write_text(file.read_text().replace("mdn: sync", "mdn: async"))
    party = trade.restart("retailer")
    party.drop("order.csv", papers.fill(papers.ORDER, PO, trade.clock.now().date()))
    party.scan()
    party.work()
    [window] = party.deadlines(kind=DeadlineKind.MDN)
    assert code(close(party, window)) == "STO-467"
    assert party.deadlines(kind=DeadlineKind.MDN) == [window]


def test_nobody_waits_for_a_997_whose_window_a_person_closed_and_one_that_comes_settles_its_document(trade: Trade, sealed) -> None:
    trade.line.answer = trade.deliver
    trade.supplier.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    trade.supplier.scan()
    trade.supplier.work()
    trade.clock.turn(timedelta(minutes=11))
    trade.supplier.sweep()
    [window] = trade.supplier.deadlines(kind=DeadlineKind.FUNCTIONAL_ACK)
    [invoice] = trade.supplier.sets(set_id="810")
    assert (window.state, invoice.state, [one.code for one in invoice.faults if one.code == "STO-402"]) == (
        BREACHED,
        SetOut.ACK_OVERDUE,
        ["STO-402"],
    )
    close(trade.supplier, window)
    [invoice] = trade.supplier.sets(set_id="810")
    assert (invoice.state, [one.code for one in invoice.faults if one.code == "STO-402"]) == (SetOut.DONE, [])

    assert reopen(trade.supplier, window).faults == ()
    assert trade.supplier.sets(set_id="810")[0].state is SetOut.SENT
    trade.supplier.sweep()
    assert trade.supplier.sets(set_id="810")[0].state is SetOut.ACK_OVERDUE
    [_, again] = trade.supplier.deadlines(kind=DeadlineKind.FUNCTIONAL_ACK)
    close(trade.supplier, again)
    trade.supplier.receive(sealed(trade.retailer, acknowledgment("IN", "1", "A")))
    trade.supplier.work()
    assert trade.supplier.sets(set_id="810")[0].state is SetOut.ACCEPTED
    assert [one.state for one in trade.supplier.deadlines(kind=DeadlineKind.FUNCTIONAL_ACK)] == [CLOSED, CLOSED]
    [event] = told(trade.supplier, "window.unawaited")
    assert event.words == f"The 997 for the 810 INV-{PO} has come, although a person had closed its window."
    assert code(reopen(trade.supplier, again)) == "STO-466"


def test_a_ta1_may_be_waited_for_no_more(trade: Trade, sealed) -> None:
    party = trade.agree("supplier", "x12", "expect_ta1: always")
    party.drop("invoice.csv", papers.fill(papers.INVOICE, PO, trade.clock.now().date()))
    party.scan()
    party.work()
    [window] = party.deadlines(kind=DeadlineKind.TA1)
    assert close(party, window).words.endswith(f"The TA1 for message {window.subject_id} is not waited for any more.")
    [line] = party.store.views.closed_windows()
    assert (line.line.transmission.id if line.line.transmission else None, line.actor) == (window.subject_id, "ann")
    party.receive(sealed(trade.retailer, interchange([], ta1s=["TA1*000000001*260302*0900*A*000"], control=7)))
    party.work()
    [event] = told(party, "window.unawaited")
    assert (event.words, event.transmission_id) == ("The TA1 has come, although a person had closed its window.", window.subject_id)
    assert code(reopen(party, window)) == "STO-466"


def test_a_ship_notice_that_a_truck_left_with_may_be_waited_for_no_more(trade: Trade) -> None:
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    send = "  send: [855, 856, 810, 812]"
    file.write_text(file.read_text().replace(send, "  send:\n    855:\n    856: {after_departure: 30m}\n    810:\n    812:"))
    trade.restart("supplier")
    trade.line.answer = lambda posted: Unreached(reason="connect", detail="refused")
    notice = papers.fill(papers.SHIP_NOTICE, PO, trade.clock.now().date()).replace(",2,12.5,LB", ",2,12.5,LB,0845,UT")
    trade.supplier.drop("asn.csv", notice)
    trade.supplier.scan()
    trade.supplier.work()
    [window] = trade.supplier.deadlines(kind=DeadlineKind.DEPARTURE)
    assert f"That the partner gets our 856 SHP-{PO} is not waited for any more." in close(trade.supplier, window).words
    assert reopen(trade.supplier, window).faults == ()
    [_, again] = trade.supplier.deadlines(kind=DeadlineKind.DEPARTURE)
    close(trade.supplier, again)
    trade.line.answer = trade.deliver
    trade.turn(timedelta(minutes=8))
    assert [one.state for one in trade.supplier.deadlines(kind=DeadlineKind.DEPARTURE)] == [CLOSED, CLOSED]
    [event] = told(trade.supplier, "window.unawaited")
    assert event.words == f"The partner has our 856 SHP-{PO}, although a person had closed its window."
    assert code(reopen(trade.supplier, again)) == "STO-466"
