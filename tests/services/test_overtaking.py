"""A partner's words in every order: its MDN, 997, TA1 and answers overtake each other, and the windows end the same."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count, permutations
from random import Random

import pytest

from edi_gateway import as2
from edi_gateway.as2 import disposition
from edi_gateway.demo import papers
from edi_gateway.lifecycle.deadline import WAITING
from edi_gateway.lifecycle.set_out import COUNTING
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, Outbound, SetIn, SetOut
from edi_gateway.ports.channels import Answer, Unreached
from edi_gateway.ports.rows import Deadline, TransactionSet, Transmission
from edi_gateway.ports.web import ReceivedRequest
from edi_gateway.services.orders import order_view
from edi_gateway.services.pauses import pause, resume
from edi_gateway.testing.interchanges import Set, acknowledgment, group, interchange, orders
from edi_gateway.testing.pair import Trade
from edi_gateway.testing.poster import Posted

pytestmark = pytest.mark.both_databases

PO = "4500017"
WAITED_FOR = (DeadlineKind.FUNCTIONAL_ACK, DeadlineKind.TA1, DeadlineKind.ANSWER)
UNSETTLED = set(Outbound) - {Outbound.DELIVERED, Outbound.REFUSED, Outbound.SUPERSEDED}
"""The states of a message whose MDN may be missed already, and still come."""
asynchronous = pytest.mark.parametrize("trade", ["async"], indirect=True)
TAKEN = Answer(status=204, headers=(), body=b"")


@dataclass(slots=True)
class Buyer:
    """The retailer, whose orders are taken by nobody but the test: it says for the supplier what comes, and when."""

    trade: Trade
    sealed: Callable[..., ReceivedRequest]
    numbers: "count[int]" = field(default_factory=lambda: count(1))

    def order(self, po: str) -> None:
        """Posts an order; nothing has come of it yet."""
        self.trade.line.answer = TAKEN
        order = papers.fill(papers.ORDER, po, self.trade.clock.now().date()).replace("dock 7", f"dock {next(self.numbers)}")
        self.trade.retailer.drop("order.csv", order)
        self.trade.retailer.scan()
        self.trade.retailer.work()

    def set(self, po: str) -> TransactionSet:
        return self.trade.retailer.sets(set_id="850", po_number=po)[-1]

    def message(self, po: str) -> Transmission:
        [row] = self.trade.retailer.transmissions(id=self.set(po).transmission_id)
        return row

    def mdn(self, po: str, told: as2.Disposition | None = None) -> None:
        """The supplier's MDN comes by a post of its own."""
        row = self.message(po)
        heading = as2.read_heading(self._posted(row).headers)
        assert isinstance(heading, as2.Heading)
        made = as2.make_mdn(
            heading,
            told or disposition.processed(),
            message_id=f"<mdn-{next(self.numbers)}@supplier.example>",
            when=self.trade.clock.now(),
            mic=as2.Mic(value=row.mic or "", algorithm=row.mic_algorithm or "sha256"),
            signing=as2.Signing(key=self.trade.supplier.gateway.keys.signing(self.trade.clock.now())),
        )
        self.trade.retailer.receive(ReceivedRequest(headers=made.headers, body=made.body, remote_address="127.0.0.1"))

    def acknowledge(self, po: str, verdict: str = "A") -> None:
        """The supplier's 997 for the order's group."""
        number = next(self.numbers)
        with self.trade.retailer.look() as uow:
            control = uow.groups.get(self.set(po).group_id or 0).control_number
        self.take(acknowledgment("PO", control, verdict, control=number, sender="SUPPLIER", receiver="RETAILER"))

    def ta1(self, po: str, verdict: str = "A") -> None:
        """The supplier's TA1 for the order's interchange."""
        with self.trade.retailer.look() as uow:
            control = uow.interchanges.get(self.set(po).interchange_id or 0).control_number
        said = f"TA1*{control}*260302*0900*{verdict}*{'000' if verdict == 'A' else '006'}"
        self.take(interchange([], ta1s=[said], control=next(self.numbers), sender="SUPPLIER", receiver="RETAILER"))

    def answer(self, po: str) -> None:
        """The supplier's 855 for the order."""
        lines = (f"BAK*00*AD*{po}*20260302", "PO1*1*24*EA*3.1**BP*B000123*VP*SKU-77", "ACK*IA*24*EA", "CTT*1")
        number = next(self.numbers)
        made = group("PR", str(number), [("855", *lines)], sender="SUPPLIER", receiver="RETAILER")
        self.take(interchange([made], control=number, sender="SUPPLIER", receiver="RETAILER"))

    def take(self, content: bytes) -> None:
        """Something of the supplier's comes, and is worked on."""
        number = next(self.numbers)
        self.trade.retailer.receive(self.sealed(self.trade.supplier, content, message_id=f"<{number}@supplier.example>"))
        self.trade.retailer.work()

    def windows(self, po: str, kind: DeadlineKind = DeadlineKind.ANSWER) -> list[Deadline]:
        subject = self.set(po)
        if kind in (DeadlineKind.MDN, DeadlineKind.TA1):
            return self.trade.retailer.deadlines(kind=kind, subject="transmission", subject_id=subject.transmission_id)
        return self.trade.retailer.deadlines(kind=kind, subject="set", subject_id=subject.id)

    def states(self, po: str, kind: DeadlineKind = DeadlineKind.ANSWER) -> list[DeadlineState]:
        return [one.state for one in self.windows(po, kind)]

    def _posted(self, row: Transmission) -> Posted:
        return next(one for one in self.trade.line.posted if ("Message-ID", row.message_id) in one.headers)


def buying(trade: Trade, sealed: Callable[..., ReceivedRequest], answers: str = "{855: 24h}", more: str = "") -> Buyer:
    """The retailer, who is owed these answers to an order."""
    file = trade.retailer.side.home / "partners" / "supplier.yaml"
    wanted = f"  send:\n    850: {{answer: {answers}}}\n    812:"
    file.write_text(file.read_text().replace("  send: [850, 812]", wanted).replace("x12:\n", f"x12:\n{more}", 1))
    trade.restart("retailer")
    return Buyer(trade, sealed)


@asynchronous
def test_an_855_that_comes_before_the_mdn_of_its_850_has_met_its_window(trade: Trade, sealed):
    buyer = buying(trade, sealed)
    buyer.order(PO)
    buyer.answer(PO)
    assert buyer.states(PO) == []
    came = trade.clock.now()
    trade.clock.turn(timedelta(seconds=30))
    buyer.mdn(PO)

    [window] = buyer.windows(PO)
    assert (window.state, window.settled_at) == (DeadlineState.MET, came)
    trade.turn(timedelta(hours=25))
    assert not [line for line in trade.retailer.events() if "STO-404" in line]


@asynchronous
def test_a_997_that_comes_before_the_mdn_says_that_the_partner_has_the_order_and_owes_its_answer(trade: Trade, sealed):
    buyer = buying(trade, sealed)
    buyer.order(PO)
    buyer.acknowledge(PO)
    buyer.mdn(PO)

    assert (buyer.message(PO).state, buyer.set(PO).state) == (Outbound.DELIVERED, SetOut.ACCEPTED)
    assert buyer.states(PO) == [DeadlineState.OPEN]


@asynchronous
@pytest.mark.parametrize(("verdict", "order"), [("A", SetOut.ACCEPTED), ("R", SetOut.REJECTED)])
def test_in_whatever_order_mdn_997_and_855_come_they_end_the_same(trade: Trade, sealed, verdict: str, order: SetOut):
    buyer = buying(trade, sealed)
    words = {"mdn": buyer.mdn, "997": lambda po: buyer.acknowledge(po, verdict), "855": buyer.answer}
    for number, said in enumerate(permutations(words)):
        po = f"PO-{number}"
        buyer.order(po)
        for word in said:
            words[word](po)
        assert (buyer.message(po).state, buyer.set(po).state) == (Outbound.DELIVERED, order), said
        assert not [one for kind in WAITED_FOR for one in buyer.windows(po, kind) if one.state in WAITING], said
        # Nothing was waited for where the 997 that rejects came first.
        assert buyer.states(po) in ([[DeadlineState.MET]] if verdict == "A" else [[DeadlineState.MET], [DeadlineState.DROPPED], []]), said


@asynchronous
def test_an_answer_that_comes_twice_before_the_mdn_meets_one_window(trade: Trade, sealed):
    buyer = buying(trade, sealed)
    buyer.order(PO)
    for _ in range(2):
        buyer.answer(PO)
    buyer.mdn(PO)
    buyer.answer(PO)
    assert buyer.states(PO) == [DeadlineState.MET]


@asynchronous
def test_an_mdn_after_the_end_of_all_attempts_finds_the_answer_that_is_here(trade: Trade, sealed):
    buyer = buying(trade, sealed, more="  expect_ta1: always\n")
    buyer.order(PO)
    buyer.answer(PO)
    buyer.ta1(PO)
    for _ in range(9):
        trade.clock.turn(timedelta(minutes=3))
        trade.retailer.sweep()
        trade.retailer.work()
    assert buyer.message(PO).state is Outbound.EXPIRED
    trade.clock.turn(timedelta(hours=30))
    buyer.mdn(PO)
    assert buyer.message(PO).state is Outbound.DELIVERED
    assert buyer.states(PO) == [DeadlineState.MET]
    assert buyer.states(PO, DeadlineKind.TA1) == []
    assert buyer.states(PO, DeadlineKind.FUNCTIONAL_ACK) == [DeadlineState.OPEN]


@asynchronous
def test_an_order_whose_mdn_refuses_it_after_a_997_that_accepts_is_taken_and_owed_its_answer(trade: Trade, sealed):
    buyer = buying(trade, sealed)
    buyer.order(PO)
    buyer.acknowledge(PO)
    buyer.mdn(PO, disposition.error(as2.Modifier.UNEXPECTED))
    assert (buyer.message(PO).state, buyer.set(PO).state) == (Outbound.REFUSED, SetOut.ACCEPTED)
    assert buyer.states(PO) == [DeadlineState.OPEN]
    view = order_view(trade.retailer.store, "supplier", PO)
    assert view is not None
    assert view.counting == {buyer.set(PO).id}


@asynchronous
def test_a_rejected_order_is_owed_no_answer_until_the_partner_takes_it_after_all(trade: Trade, sealed):
    buyer = buying(trade, sealed)
    buyer.order(PO)
    buyer.mdn(PO)
    buyer.acknowledge(PO, "R")
    assert buyer.states(PO) == [DeadlineState.DROPPED]
    trade.clock.turn(timedelta(hours=1))
    buyer.acknowledge(PO, "A")
    [_, window] = buyer.windows(PO)
    assert (window.state, window.due_at) == (DeadlineState.OPEN, trade.clock.now() + timedelta(hours=24))


@asynchronous
def test_what_is_overdue_of_an_order_is_so_no_more_once_the_partner_rejects_the_order(trade: Trade, sealed):
    buyer = buying(trade, sealed)
    buyer.order(PO)
    buyer.mdn(PO)
    trade.clock.turn(timedelta(hours=25))
    trade.retailer.sweep()
    assert buyer.states(PO) == [DeadlineState.BREACHED]
    buyer.acknowledge(PO, "R")
    assert buyer.states(PO) == [DeadlineState.DROPPED]


@asynchronous
def test_an_order_without_a_997_is_owed_its_answer_all_the_same(trade: Trade, sealed):
    buyer = buying(trade, sealed, more="  expect_acknowledgment: false\n")
    buyer.order(PO)
    buyer.mdn(PO)
    assert (buyer.set(PO).state, buyer.states(PO)) == (SetOut.DONE, [DeadlineState.OPEN])
    buyer.acknowledge(PO, "R")
    assert (buyer.set(PO).state, buyer.states(PO)) == (SetOut.REJECTED, [DeadlineState.DROPPED])


@asynchronous
def test_an_answer_to_an_earlier_order_of_the_number_does_not_answer_the_next_one(trade: Trade, sealed):
    buyer = buying(trade, sealed, "{855: 24h}, repeats: allow")
    buyer.order(PO)
    buyer.mdn(PO)
    buyer.answer(PO)
    [first] = buyer.windows(PO)
    trade.clock.turn(timedelta(minutes=1))
    buyer.order(PO)
    buyer.mdn(PO)
    [second] = buyer.windows(PO)
    assert (first.state, second.state) == (DeadlineState.MET, DeadlineState.OPEN)
    assert first.subject_id != second.subject_id
    buyer.answer(PO)
    assert buyer.states(PO) == [DeadlineState.MET]


@asynchronous
def test_what_comes_while_receiving_is_paused_counts_from_when_it_came(trade: Trade, sealed):
    buyer = buying(trade, sealed, more="  expect_ta1: always\n")
    buyer.order(PO)
    buyer.mdn(PO)
    pause(trade.retailer.gateway, "supplier", Direction.IN, actor="ann", reason="the ERP moves")
    came = trade.clock.turn(timedelta(minutes=5))
    buyer.acknowledge(PO)
    buyer.ta1(PO)
    buyer.answer(PO)
    trade.clock.turn(timedelta(hours=25))
    trade.retailer.sweep()
    assert {buyer.states(PO, kind)[0] for kind in WAITED_FOR} == {DeadlineState.BREACHED}
    assert buyer.set(PO).state is SetOut.ACK_OVERDUE
    resume(trade.retailer.gateway, "supplier", Direction.IN, actor="ann")
    trade.retailer.work()
    ended = [(one.state, one.settled_at) for kind in WAITED_FOR for one in buyer.windows(PO, kind)]
    assert ended == [(DeadlineState.MET, came)] * 3
    assert (buyer.set(PO).state, buyer.set(PO).faults) == (SetOut.ACCEPTED, ())


@asynchronous
@pytest.mark.parametrize("seed", range(4))
def test_what_happens_by_chance_keeps_to_the_laws_that_are_explored(trade: Trade, sealed, seed: int):
    """The model of `tests/lifecycle` and the services at work say the same of what is waited for."""
    buyer, chance = buying(trade, sealed, more="  expect_ta1: always\n"), Random(seed)
    person = trade.retailer.house.operator
    happens: dict[str, Callable[[str], object]] = {
        "mdn": buyer.mdn,
        "mdn refused": lambda po: buyer.mdn(po, disposition.error(as2.Modifier.UNEXPECTED)),
        "997": buyer.acknowledge,
        "997 rejected": lambda po: buyer.acknowledge(po, "R"),
        "ta1": buyer.ta1,
        "855": buyer.answer,
        "time": lambda _: trade.clock.turn(timedelta(hours=chance.choice((0.1, 13)))),
        "sweep": lambda _: trade.retailer.sweep(),
        "anew": lambda po: person.send_anew(buyer.message(po).id or 0, actor="ann", reason="a test"),
        "again": lambda po: person.resend(buyer.message(po).id or 0, actor="ann", reason="a test"),
    }
    for number in range(4):
        po = f"PO-{number}"
        buyer.order(po)
        said: list[str] = []
        for word in chance.choices(list(happens), k=8):
            happens[word](po)
            trade.retailer.work()
            said.append(word)
            message, order = buyer.message(po), buyer.set(po)
            waits = {kind: any(state in WAITING for state in buyer.states(po, kind)) for kind in (DeadlineKind.MDN, *WAITED_FOR)}
            assert waits == {
                DeadlineKind.MDN: message.state is Outbound.AWAITING_MDN or (waits[DeadlineKind.MDN] and message.state in UNSETTLED),
                DeadlineKind.FUNCTIONAL_ACK: order.state in (SetOut.SENT, SetOut.ACK_OVERDUE),
                DeadlineKind.TA1: message.state is Outbound.DELIVERED and "ta1" not in said,
                DeadlineKind.ANSWER: order.state in COUNTING and "855" not in said,
            }, (said, message.state, order.state)


def owing(trade: Trade, answers: str, more: str = "") -> None:
    """The supplier, who owes the retailer these answers to an order."""
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    file.write_text(file.read_text().replace("      answer: {855: 24h}\n", f"      answer: {answers}\n{more}"))
    trade.restart("supplier")


def send(trade: Trade, name: str, paper: str) -> None:
    """A paper of the supplier's that the retailer takes, and does not acknowledge yet."""
    trade.supplier.drop(f"{name}.csv", papers.fill(paper, PO, trade.clock.now().date()))
    trade.supplier.scan()
    trade.supplier.work()


def owed(trade: Trade) -> dict[str, list[DeadlineState]]:
    found: dict[str, list[DeadlineState]] = {}
    for one in trade.supplier.deadlines(kind=DeadlineKind.ANSWER):
        found.setdefault(one.expects, []).append(one.state)
    return found


def test_an_invoice_that_leaves_before_the_ship_notice_that_its_time_runs_from_is_there(trade: Trade, sealed):
    owing(trade, "{810: {within: 2d, from: 856}}")
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    send(trade, "invoice", papers.INVOICE)
    assert owed(trade) == {}
    send(trade, "asn", papers.SHIP_NOTICE)
    assert owed(trade) == {"810": [DeadlineState.MET]}


def test_what_runs_from_a_document_that_the_partner_rejects_runs_from_the_next_one(trade: Trade, sealed):
    owing(trade, "{810: {within: 2d, from: 856}}")
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    send(trade, "asn", papers.SHIP_NOTICE)
    trade.supplier.receive(sealed(trade.retailer, acknowledgment("SH", "2", "R"), message_id="<no@retailer.example>"))
    trade.supplier.work()
    assert owed(trade) == {"810": [DeadlineState.DROPPED]}
    trade.clock.turn(timedelta(hours=5))
    send(trade, "again", papers.SHIP_NOTICE.replace("BOL-55", "BOL-56"))
    assert owed(trade) == {"810": [DeadlineState.DROPPED, DeadlineState.OPEN]}
    assert trade.supplier.deadlines(kind=DeadlineKind.ANSWER)[-1].due_at == trade.clock.now() + timedelta(days=2)


def test_an_order_that_was_held_up_here_finds_the_answer_that_was_sent_meanwhile(trade: Trade, sealed):
    owing(trade, "{855: 24h}", "      tables: {items: retailer/items}\n      map: house/850\n")
    home = trade.supplier.side.home
    (home / "maps" / "house").mkdir(parents=True)
    (home / "tables" / "retailer").mkdir(parents=True)
    row = "fields: {lines: {fields: {buyer_item_id: 'PO1/pair[BP] via items'}}}\n"
    (home / "maps" / "house" / "850.yaml").write_text(f"map: house/850\nextends: x12/004010/850\n{row}")
    (home / "tables" / "items.csv").write_text("record,document\n")
    table = home / "tables" / "retailer" / "items.csv"
    table.write_text("record,document,from,to\nOUR-1,B000123,,\n")
    trade.restart("supplier")
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    [order] = trade.supplier.sets(set_id="850")
    assert order.state is SetIn.HELD
    answered = trade.clock.turn(timedelta(hours=1))
    send(trade, "855", papers.ORDER_RESPONSE)
    trade.clock.turn(timedelta(hours=30))
    table.write_text(f"{table.read_text()}OUR-2,B000124,,\n")
    trade.restart("supplier")
    trade.supplier.house.operator.replay(order.transmission_id or 0, actor="anna", reason="table mended")
    trade.supplier.work()
    [window] = trade.supplier.deadlines(kind=DeadlineKind.ANSWER)
    assert (window.state, window.settled_at) == (DeadlineState.MET, answered)


def change(po: str, number: int) -> Set:
    """The order's change of this number."""
    return ("860", f"BCH*04*NE*{po}**{number}*20260302*****20260302", f"POC*1*QI*2{number}*4*EA*3.1**BP*B000123*VN*SKU-77", "CTT*1")


def respond(trade: Trade, number: int) -> None:
    text = (
        f"HDR,ORDER_CHANGE_RESPONSE,{PO},change,detail_with_change,,{number},20260302,,,\n"
        f"LIN,1,quantity_increase,2{number},4,EA,3.1,,B000123,SKU-77,,\nSTA,accepted,2{number},EA,,,\n"
    )
    trade.supplier.drop(f"865-{number}.csv", text)
    trade.supplier.scan()
    trade.supplier.work()
    assert trade.supplier.result(f"865-{number}.csv")["result"] == "accepted"


def test_an_865_answers_the_change_that_it_names_and_an_855_the_order(trade: Trade, sealed):
    owing(trade, "{855: 24h}", "    860:\n      answer: {865: 24h}\n")
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    file.write_text(file.read_text().replace("send: [855,", "send: [865, 855,"))
    trade.restart("supplier")
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    changes = interchange([group("PC", "2", [change(PO, 1), change(PO, 2)])], control=2)
    trade.supplier.receive(sealed(trade.retailer, changes, message_id="<2@retailer.example>"))
    trade.run()
    assert owed(trade) == {"855": [DeadlineState.OPEN], "865": [DeadlineState.OPEN, DeadlineState.OPEN]}
    respond(trade, 2)
    assert owed(trade) == {"855": [DeadlineState.OPEN], "865": [DeadlineState.OPEN, DeadlineState.MET]}
    respond(trade, 1)
    assert owed(trade) == {"855": [DeadlineState.OPEN], "865": [DeadlineState.MET, DeadlineState.MET]}
    send(trade, "855", papers.ORDER_RESPONSE)
    assert owed(trade) == {"855": [DeadlineState.MET], "865": [DeadlineState.MET, DeadlineState.MET]}


@asynchronous
def test_an_order_that_a_person_sends_anew_finds_the_answer_to_its_first_message(trade: Trade, sealed):
    buyer = buying(trade, sealed)
    buyer.order(PO)
    buyer.mdn(PO, disposition.error(as2.Modifier.UNEXPECTED))
    assert buyer.message(PO).state is Outbound.REFUSED
    buyer.answer(PO)
    trade.clock.turn(timedelta(minutes=1))
    first = buyer.message(PO)
    assert not trade.retailer.house.operator.send_anew(first.id or 0, actor="ann", reason="they mended it").faults
    trade.retailer.work()
    buyer.mdn(PO)
    assert buyer.message(PO).id != first.id
    assert (buyer.message(PO).state, buyer.states(PO)) == (Outbound.DELIVERED, [DeadlineState.MET])


def test_a_response_that_the_partner_accepts_and_gives_no_mdn_for_has_answered_the_order(trade: Trade, sealed):
    owing(trade, "{855: 24h}")
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    trade.line.answer = Unreached(reason="timeout", detail="no answer")
    send(trade, "855", papers.ORDER_RESPONSE)
    assert owed(trade) == {"855": [DeadlineState.OPEN]}
    trade.supplier.receive(sealed(trade.retailer, acknowledgment("PR", "2", "A"), message_id="<yes@retailer.example>"))
    trade.supplier.work()
    [response] = trade.supplier.sets(set_id="855")
    assert response.state is SetOut.ACCEPTED
    assert owed(trade) == {"855": [DeadlineState.MET]}
