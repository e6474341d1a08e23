"""An answer that is here and held: what is overdue is then not the partner's doing, and whoever is told of it is told where to look."""

import json
from datetime import timedelta

import pytest

from edi_gateway.cli import main
from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, SetIn, SetOut
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.services import held
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Party, Trade

PO = "4500017"


@pytest.fixture
def retailer(trade: Trade) -> Party:
    """Waits for an 855 to its order, and cannot read one: the agreement on it is missing."""
    file = trade.retailer.side.home / "partners" / "supplier.yaml"
    text = file.read_text().replace("receive: [855, 856, 810, 812]", "receive: [856, 810, 812]")
    file.write_text(text.replace("  send: [850, 812]", "  send:\n    850: {answer: {855: 24h}}\n    812:"))
    party = trade.restart("retailer")
    party.drop("order.csv", papers.fill(papers.ORDER, PO, trade.clock.now().date()))
    trade.run()
    return party


def answer(trade: Trade) -> TransactionSet:
    """The supplier's 855, as it stands at the retailer's."""
    trade.supplier.drop("response.csv", papers.fill(papers.ORDER_RESPONSE, PO, trade.clock.now().date()))
    trade.run()
    [row] = trade.retailer.sets(set_id="855")
    assert row.state is SetIn.HELD
    return row


def overdue(party: Party, trade: Trade) -> tuple[DeadlineState, TransactionSet | None]:
    [line] = [one for one in party.store.views.waiting_windows().lines if one.deadline.kind is DeadlineKind.ANSWER]
    return line.deadline.state, line.held


def alarm(party: Party, kind: str) -> tuple[str, str, int | None]:
    """What the alert of this kind about the window says, and the message that it leads to."""
    party.house.watch.look()
    with party.look() as uow:
        [found] = [one for one in uow.incidents.find(kind=kind) if one.key.startswith("window:")]
    return found.words, found.fix, found.subject_id


def told(party: Party, kind: str) -> list[str]:
    return [line for line in party.events() if line.startswith(f"{kind}: ")]


def test_an_answer_that_our_own_map_holds_is_told_as_here_and_held(trade: Trade, retailer: Party) -> None:
    row = answer(trade)
    trade.turn(timedelta(hours=19))
    here = f"The 855 for the 850 {PO} is here, but held in message {row.transmission_id} (STO-411)"
    assert told(retailer, "window.warned") == [f"window.warned: {here}; it is to count until 2026-03-03 09:00 UTC."]
    words, fix, leads_to = alarm(retailer, "window_closing")
    [order] = retailer.sets(set_id="850")
    about = f"850 {PO} in message {order.transmission_id}"
    where = f"it is here, but held in message {row.transmission_id} (STO-411)"
    assert words == f"The partner's 855 for {about} is due by 2026-03-03 09:00 UTC: {where}."
    assert leads_to == row.transmission_id

    trade.turn(timedelta(hours=6))
    assert overdue(retailer, trade) == (DeadlineState.BREACHED, row)
    [breach] = told(retailer, "window.breached")
    assert breach.startswith(f"window.breached: STO-407  {here}: it did not count in the time agreed.")
    assert "STO-404" not in breach
    retailer.house.watch.look()
    words, fix, leads_to = alarm(retailer, "window_overdue")
    assert words == f"The partner's 855 for {about} is overdue since 2026-03-03 09:00 UTC: {where}."
    assert fix == f"The partner has answered. Mend what holds it, then map it again: edi-gateway message show {row.transmission_id}"
    assert leads_to == row.transmission_id


def test_the_command_line_says_so_too(trade: Trade, retailer: Party, capsys: pytest.CaptureFixture[str]) -> None:
    row = answer(trade)
    at = (trade.clock.now() + timedelta(hours=25)).isoformat()
    home = ("--home", str(retailer.side.home), "--now", at)
    assert main(["overdue", "list", *home]) == 1
    assert f"855 (here, but held in message {row.transmission_id}: STO-411)" in capsys.readouterr().out
    main(["overdue", "list", "--json", *home])
    [window] = [one for one in json.loads(capsys.readouterr().out)["windows"] if one["expects"] == "855"]
    assert window["held"] == {"id": row.id, "message": row.transmission_id, "code": "STO-411"}


def test_once_it_is_read_it_has_come_when_it_came(trade: Trade, retailer: Party) -> None:
    row = answer(trade)
    trade.turn(timedelta(hours=25))
    file = retailer.side.home / "partners" / "supplier.yaml"
    file.write_text(file.read_text().replace("receive: [856,", "receive: [855, 856,"))
    trade.restart("retailer")
    trade.retailer.house.operator.replay(row.transmission_id or 0, actor="ann", reason="the 855 is agreed now")
    trade.run()
    assert [one.state for one in trade.retailer.deadlines(kind=DeadlineKind.ANSWER)] == [DeadlineState.MET]


def test_where_nothing_came_the_partner_is_to_be_asked_as_ever(trade: Trade, retailer: Party) -> None:
    trade.turn(timedelta(hours=25))
    assert overdue(retailer, trade) == (DeadlineState.BREACHED, None)
    [breach] = told(retailer, "window.breached")
    assert "STO-404" in breach
    words, fix, _ = alarm(retailer, "window_overdue")
    assert words.endswith("is overdue since 2026-03-03 09:00 UTC.")
    assert fix == "Ask the partner for it."


def test_a_held_answer_to_another_order_is_none_to_this_one(trade: Trade, retailer: Party) -> None:
    trade.supplier.drop("response.csv", papers.fill(papers.ORDER_RESPONSE, "4599999", trade.clock.now().date()))
    trade.turn(timedelta(hours=25))
    assert [one.state for one in retailer.sets(set_id="855")] == [SetIn.HELD]
    assert overdue(retailer, trade) == (DeadlineState.BREACHED, None)


def test_an_answer_of_ours_that_a_rule_holds_is_told_as_held(trade: Trade, sealed) -> None:
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    text = file.read_text().replace("answer: {855: 24h}", "answer: {856: 24h}")
    file.write_text(
        text.replace("  send: [855, 856, 810, 812]", "  send:\n    855:\n    856: {rules: {ship_before_answer: hold}}\n    810:\n    812:")
    )
    party = trade.restart("supplier")
    party.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    party.drop("asn.csv", papers.fill(papers.SHIP_NOTICE, PO, trade.clock.now().date()))
    trade.run()
    [notice] = party.sets(set_id="856", direction=Direction.OUT)
    assert notice.state is SetOut.HELD
    trade.turn(timedelta(hours=25))
    assert overdue(party, trade) == (DeadlineState.BREACHED, notice)
    words, fix, _ = alarm(party, "window_overdue")
    assert words.startswith(f"Our 856 for 850 {PO} in message ")
    assert words.endswith("is overdue since 2026-03-03 09:00 UTC: it is here, but held (STO-451).")
    assert fix == f"Release it, or give it up: edi-gateway order release {notice.id}"
    [breach] = told(party, "window.breached")
    assert "STO-407" in breach
    held.release(party.gateway, notice.id or 0, actor="ann", reason="agreed")
    trade.run()
    assert [one.state for one in party.deadlines(kind=DeadlineKind.ANSWER)] == [DeadlineState.LATE]


def test_a_payment_of_ours_that_a_rule_holds_is_told_as_held_for_each_invoice_that_it_names(trade: Trade) -> None:
    file = trade.retailer.side.home / "partners" / "supplier.yaml"
    owed = "receive:\n    855:\n    856:\n    810: {answer: {820: 24h}}\n    812:"
    text = file.read_text().replace("receive: [855, 856, 810, 812]", owed)
    file.write_text(text.replace("  send: [850, 812]", "  send:\n    850:\n    812:\n    820: {rules: {unknown_reference: hold}}"))
    party = trade.restart("retailer")
    for po in (PO, "4500018"):
        trade.supplier.drop(f"{po}.csv", papers.fill(papers.INVOICE, po, trade.clock.now().date()))
    trade.run()
    lines = [f"LIN,IV,{number},10,10,,,,,20260112" for number in (f"INV-{PO}", "INV-NEVER-SEEN")]
    other = "LIN,CM,INV-4500018,10,10,,,,,20260112"
    party.drop("pay.csv", "\n".join(["HDR,REMITTANCE,PAY-1,I,30,credit,ACH,20260302,USD", "GRP,1", *lines, other, ""]))
    trade.run()
    [payment] = party.sets(set_id="820")
    assert (payment.state, payment.po_number) == (SetOut.HELD, None)

    trade.turn(timedelta(hours=25))
    lines_of = {line.set.business_key: line for line in party.store.views.waiting_windows().lines if line.set}
    assert lines_of[f"INV-{PO}"].held == payment
    assert lines_of["INV-4500018"].held is None, "a credit memo of that number is another document"
    breaches = told(party, "window.breached")
    assert sorted("STO-407" in one for one in breaches) == [False, True]
    held.release(party.gateway, payment.id or 0, actor="ann", reason="an invoice of the old system")
    trade.run()
    assert [one.state for one in party.deadlines(expects="820")] == [DeadlineState.LATE, DeadlineState.BREACHED]
