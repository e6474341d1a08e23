"""The documents of one order: in one thread, and held against the agreement's rules as they come and before they go."""

import threading
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.order_thread import Role
from edi_gateway.lifecycle.states import DeadlineState, Direction, SetIn, SetOut
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.views import OrderView
from edi_gateway.services import held
from edi_gateway.services.orders import order_view
from edi_gateway.testing.interchanges import Set, group, interchange
from edi_gateway.testing.pair import Party, Trade

PO = "4500017"


def ruled(trade: Trade, side: str, set_id: str, rules: str) -> None:
    """One side, whose agreement on a document has these rules."""
    party: Party = getattr(trade, side)
    file = party.side.home / "partners" / f"{party.partner}.yaml"
    text = file.read_text()
    direction = "send" if side == "supplier" else "receive"
    before = f"  {direction}: [855, 856, 810, 812]"
    lines = "".join(f"\n    {one}: {{rules: {rules}}}" if one == set_id else f"\n    {one}:" for one in ("855", "856", "810", "812"))
    assert before in text
    file.write_text(text.replace(before, f"  {direction}:{lines}"))
    trade.restart(side)


def ordered(trade: Trade) -> None:
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, PO, trade.clock.now().date()))
    trade.run()


def answer(trade: Trade, paper: str, name: str, *changes: tuple[str, str]) -> dict[str, Any]:
    """What the supplier's ERP is told of a document that it drops."""
    text = papers.fill(paper, PO, trade.clock.now().date())
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    trade.supplier.drop(f"{name}.csv", text)
    trade.run()
    [document] = trade.supplier.result(f"{name}.csv")["documents"]
    return dict(document)


def thread(trade: Trade, side: str = "supplier") -> OrderView:
    party: Party = getattr(trade, side)
    found = order_view(party.store, party.partner, PO)
    assert found is not None
    return found


def sent(trade: Trade, set_id: str) -> list[TransactionSet]:
    return trade.supplier.sets(direction=Direction.OUT, set_id=set_id)


def test_an_order_and_all_that_follows_from_it_are_one_thread_on_both_sides(trade: Trade):
    ordered(trade)
    for name, paper in (("855", papers.ORDER_RESPONSE), ("856", papers.SHIP_NOTICE), ("810", papers.INVOICE), ("812", papers.CREDIT)):
        assert answer(trade, paper, name)["findings"] == []
    for side in ("supplier", "retailer"):
        found = thread(trade, side)
        assert [one.set_id for one in found.sets] == ["850", "855", "856", "810", "812"]
        assert len(found.counting) == 5
        first, second = found.balances
        roles = (Role.ORDER, Role.RESPONSE, Role.SHIPMENT, Role.INVOICE, Role.ADJUSTMENT)
        assert [first[role] for role in roles] == [24, 24, 20, 20, 4]
        assert [second[role] for role in roles] == [6, 6, 6, 6, 0]


def test_by_default_a_broken_rule_is_noted_and_the_document_goes(trade: Trade):
    ordered(trade)
    document = answer(trade, papers.SHIP_NOTICE, "asn")
    assert document["result"] == "queued"
    assert [one["code"] for one in document["findings"]] == ["STO-451"]
    assert thread(trade, "retailer").sets[-1].faults[0].code == "STO-451"


def test_a_document_that_a_rule_refuses_never_leaves_the_house(trade: Trade):
    ruled(trade, "supplier", "810", "{invoice_above_shipped: refuse}")
    ordered(trade)
    answer(trade, papers.ORDER_RESPONSE, "855")
    document = answer(trade, papers.INVOICE, "early")
    assert (document["result"], document["message"]) == ("refused", None)
    assert {one["code"] for one in document["findings"]} == {"STO-453"}
    assert sent(trade, "810") == []
    answer(trade, papers.SHIP_NOTICE, "856")
    assert answer(trade, papers.INVOICE, "right")["result"] == "queued"
    # Twenty are shipped and invoiced; one more is too many.
    more = (("LIN,1,20,", "LIN,1,1,"), ("LIN,2,6,", "LIN,2,1,"), ("TOT,2,26", "TOT,2,2"), (f"INVOICE,INV-{PO}", "INVOICE,INV-2"))
    document = answer(trade, papers.INVOICE, "more", *more)
    assert document["result"] == "refused"
    assert {one["code"] for one in document["findings"]} == {"STO-453"}
    assert "21 EA of SKU-77 are invoiced for order 4500017; ship notices say 20 EA" in document["findings"][0]["message"]


def test_a_held_document_waits_for_a_person_and_is_sent_once(trade: Trade):
    ruled(trade, "supplier", "856", "{ship_before_answer: hold}")
    ordered(trade)
    assert answer(trade, papers.SHIP_NOTICE, "asn")["result"] == "held"
    [row] = sent(trade, "856")
    assert (row.state, row.held_code, row.transmission_id) == (SetOut.HELD, "STO-451", None)
    assert answer(trade, papers.SHIP_NOTICE, "again")["result"] == "duplicate"
    gateway = trade.supplier.gateway
    assert row.id is not None
    assert held.release(gateway, row.id, actor="ann", reason="the buyer knows").faults == ()
    assert held.release(gateway, row.id, actor="ann", reason="twice").faults[0].code == "STO-457"
    trade.run()
    [row] = sent(trade, "856")
    assert (row.state, row.released_by) == (SetOut.ACCEPTED, "ann")
    assert [one.set_id for one in thread(trade, "retailer").sets] == ["850", "856"]
    assert any("operator.release" in line and "the buyer knows" in line for line in trade.supplier.events())


def test_what_is_given_up_is_not_sent_and_stands_in_no_ones_way(trade: Trade):
    ruled(trade, "supplier", "856", "{ship_before_answer: hold}")
    ordered(trade)
    answer(trade, papers.SHIP_NOTICE, "asn")
    [row] = sent(trade, "856")
    assert row.id is not None
    assert held.give_up(trade.supplier.gateway, row.id, actor="ann", reason="wrong cartons").faults == ()
    answer(trade, papers.ORDER_RESPONSE, "855")
    assert answer(trade, papers.SHIP_NOTICE, "again")["result"] == "queued"
    assert [one.state for one in sent(trade, "856")] == [SetOut.CANCELLED, SetOut.ACCEPTED]


@pytest.mark.parametrize(("treatment", "state"), [("hold", SetIn.HELD), ("refuse", SetIn.REJECTED), ("warn", SetIn.DELIVERED)])
def test_what_comes_in_is_held_against_the_rules_too(trade: Trade, treatment: str, state: SetIn):
    ruled(trade, "retailer", "856", f"{{ship_before_answer: {treatment}}}")
    ordered(trade)
    answer(trade, papers.SHIP_NOTICE, "asn")
    [row] = trade.retailer.sets(direction=Direction.IN, set_id="856")
    assert row.state is state
    assert [fault.code for fault in row.faults] == ["STO-451"]
    # Its syntax was good, and so our 997 said.
    assert sent(trade, "856")[0].state is SetOut.ACCEPTED
    assert len(trade.retailer.published()) == (1 if treatment == "warn" else 0)
    assert row.id is not None
    if treatment == "hold":
        held.release(trade.retailer.gateway, row.id, actor="bob", reason="arrived")
        trade.run()
        assert trade.retailer.sets(id=row.id)[0].state is SetIn.DELIVERED
        assert len(trade.retailer.published()) == 1


def test_invoices_that_are_composed_at_once_do_not_add_up_to_more_than_was_shipped(trade: Trade):
    ruled(trade, "supplier", "810", "{invoice_above_shipped: refuse}")
    ordered(trade)
    answer(trade, papers.ORDER_RESPONSE, "855")
    answer(trade, papers.SHIP_NOTICE, "856")
    text = papers.fill(papers.INVOICE, PO, trade.clock.now().date()).replace("LIN,1,20,", "LIN,1,8,").replace("TOT,2,26", "TOT,2,14")
    for number in range(4):
        trade.supplier.drop(f"{number}.csv", text.replace(f"INVOICE,INV-{PO}", f"INVOICE,INV-{number}"))
    trade.supplier.scan()
    threads = [threading.Thread(target=trade.supplier.work) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    trade.run()
    documents = [trade.supplier.result(f"{number}.csv")["documents"][0] for number in range(4)]
    results = sorted(one["result"] for one in documents)
    # Six cases are in each: the second is too many.
    assert results == ["queued", "refused", "refused", "refused"]
    assert all(one[Role.INVOICE] <= one[Role.SHIPMENT] for one in thread(trade).balances)


def test_two_documents_of_one_file_are_held_against_each_other(trade: Trade):
    ruled(trade, "supplier", "810", "{invoice_above_shipped: refuse}")
    ordered(trade)
    answer(trade, papers.ORDER_RESPONSE, "855")
    answer(trade, papers.SHIP_NOTICE, "856")
    text = papers.fill(papers.INVOICE, PO, trade.clock.now().date())
    trade.supplier.drop("both.csv", text + text.replace(f"INVOICE,INV-{PO}", "INVOICE,INV-2"))
    trade.run()
    assert [one["result"] for one in trade.supplier.result("both.csv")["documents"]] == ["queued", "refused"]


def test_an_order_that_nobody_knows_is_no_thread(trade: Trade, tmp_path: Path):
    assert order_view(trade.supplier.store, trade.supplier.partner, "nothing") is None


def told_of(trade: Trade, sealed, functional: str, *sets: Set, number: int = 1) -> None:
    """What the retailer says of the supplier's documents."""
    content = interchange([group(functional, str(700 + number), sets)], control=700 + number)
    trade.supplier.receive(sealed(trade.retailer, content, message_id=f"<told-{number}@retailer.example>"))
    trade.run()


def invoiced(trade: Trade, rules: str = "") -> None:
    """The supplier has shipped and invoiced, and takes what is said of it."""
    file = trade.supplier.side.home / "partners" / f"{trade.supplier.partner}.yaml"
    text = file.read_text().replace("    812:\n  send:", f"    812:\n    820: {rules or '{}'}\n    824:\n    864:\n  send:")
    file.write_text(text.replace("  send: [855, 856, 810, 812]", "  send:\n    855:\n    856:\n    810: {answer: {820: 30d}}\n    812:"))
    trade.restart("supplier")
    ordered(trade)
    for name, paper in (("855", papers.ORDER_RESPONSE), ("856", papers.SHIP_NOTICE), ("810", papers.INVOICE)):
        answer(trade, paper, name)
    answer(trade, papers.INVOICE, "second", (f"INVOICE,INV-{PO}", "INVOICE,INV-2"))


def remittance(*numbers: str, qualifier: str = "IV", trace: str = "PAY-1") -> Set:
    """A payment that names invoices by their number, and no order."""
    paid = [f"RMR*{qualifier}*{number}**10*10" for number in numbers]
    return ("820", "BPR*I*10*C*ACH*CTX***********20260302", f"TRN*1*{trace}*1123456789", "ENT*1", *paid)


def test_what_names_an_invoice_or_a_ship_notice_joins_the_thread_of_their_order(trade: Trade, sealed):
    invoiced(trade)
    advice = ("824", "BGN*00*ADV-1*20260302", f"OTI*TR*IV*INV-{PO}", "TED*007*price differs")
    on_shipment = ("824", "BGN*00*ADV-2*20260302", f"OTI*TA*SI*SHP-{PO}")
    text = ("864", "BMG*00*your invoice", f"MIT*INV-{PO}*price", "MSG*It is too high.")
    told_of(trade, sealed, "RA", remittance(f"INV-{PO}", "INV-OTHER"), remittance("INV-OTHER", trace="PAY-2"))
    told_of(trade, sealed, "AG", advice, on_shipment, number=2)
    told_of(trade, sealed, "TX", text, number=3)
    credit = ("812", f"BCD*20260302*CM-9*O*1240*C*20260302*INV-{PO}", "N1*SE*Example Supplier*92*V123", "CDD*01*C*1*1240")
    told_of(trade, sealed, "CD", credit, number=4)
    view = thread(trade)
    said = {one.business_key: view.refers[one.id or 0] for one in view.sets if one.id in view.refers}
    assert said == {
        "PAY-1": (("810", f"INV-{PO}"),),
        "ADV-1": (("810", f"INV-{PO}"),),
        "ADV-2": (("856", f"SHP-{PO}"),),
        f"INV-{PO}": (("810", f"INV-{PO}"),),
        "CM-9": (("810", f"INV-{PO}"),),
    }
    assert [one.set_id for one in view.sets] == ["850", "855", "856", "810", "810", "820", "824", "824", "864", "812"]
    assert len(view.counting) == len(view.sets)


def test_a_number_of_another_kind_is_not_the_invoices(trade: Trade, sealed):
    invoiced(trade)
    told_of(trade, sealed, "RA", remittance(f"INV-{PO}", qualifier="CM"))
    assert "820" not in [one.set_id for one in thread(trade).sets]


def test_a_remittance_closes_the_windows_of_the_invoices_that_it_names_alone(trade: Trade, sealed):
    invoiced(trade)

    def awaited() -> list[DeadlineState]:
        return [one.state for one in trade.supplier.deadlines(expects="820")]

    assert awaited() == [DeadlineState.OPEN] * 2
    told_of(trade, sealed, "RA", remittance("INV-2"))
    assert awaited() == [DeadlineState.OPEN, DeadlineState.MET]
    told_of(trade, sealed, "RA", remittance(f"INV-{PO}", trace="PAY-2"), number=2)
    assert awaited() == [DeadlineState.MET] * 2


@pytest.mark.parametrize(("treatment", "state"), [("off", SetIn.DELIVERED), ("warn", SetIn.DELIVERED), ("hold", SetIn.HELD)])
def test_a_remittance_for_an_invoice_that_was_never_sent_is_treated_as_agreed(trade: Trade, sealed, treatment: str, state: SetIn):
    invoiced(trade, f"{{rules: {{unknown_reference: {treatment}}}}}")
    told_of(trade, sealed, "RA", remittance(f"INV-{PO}", "INV-9"))
    [row] = trade.supplier.sets(set_id="820")
    assert row.state is state
    said = [fault.message for fault in row.faults if fault.code == "STO-463"]
    assert len(said) == (0 if treatment == "off" else 1)
    assert all("names 810 INV-9" in words for words in said)
