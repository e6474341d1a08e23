"""An order that its buyer cancels: what is not to come any more is withdrawn, in whatever order the documents came; the rest stays owed."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count, permutations

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.deadline import WAITING
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, SetIn, SetOut
from edi_gateway.ports.web import ReceivedRequest
from edi_gateway.testing.interchanges import Set, acknowledgment, group, interchange, order_lines
from edi_gateway.testing.pair import Party, Trade

PO = "4500017"
AGREED = "{855: 24h, 856: {before: 6h, from: deliver_by}, 810: 30d}"
OPEN, WITHDRAWN, MET, BREACHED = DeadlineState.OPEN, DeadlineState.WITHDRAWN, DeadlineState.MET, DeadlineState.BREACHED
Sealed = Callable[..., ReceivedRequest]

ORDER: Set = order_lines(PO)
CANCEL: Set = ("860", f"BCH*01*SA*{PO}***20260302", "CTT*0")
CANCEL_BY_850: Set = tuple(line.replace("BEG*00", "BEG*01") for line in ORDER)
DELETE_LINES: Set = (
    "860",
    f"BCH*04*SA*{PO}**1*20260302*****20260302",
    "POC*1*DI*24*0*EA*3.1**BP*B000123*VN*SKU-77",
    "POC*2*DI*6*0*CA*18**BP*B000124*VN*SKU-78",
    "CTT*2",
)


class Supplier:
    """The supplier, who owes the retailer answers to its orders and changes; the retailer is played by the test."""

    def __init__(self, trade: Trade, sealed: Sealed, answers: str = AGREED, to_changes: str = "{865: 24h}") -> None:
        self.trade, self._sealed, self._numbers = trade, sealed, count(1)
        file = trade.supplier.side.home / "partners" / "retailer.yaml"
        text = file.read_text().replace("      answer: {855: 24h}\n", f"      answer: {answers}\n    860:\n      answer: {to_changes}\n")
        file.write_text(text.replace("send: [855,", "send: [865, 855,"))
        trade.restart("supplier")

    @property
    def party(self) -> Party:
        return self.trade.supplier

    def take(self, *sets: Set) -> None:
        number = next(self._numbers)
        functional = "PO" if sets[0][0] == "850" else "PC"
        content = interchange([group(functional, str(number), sets)], control=number)
        self.party.receive(self._sealed(self.trade.retailer, content, message_id=f"<{number}@retailer.example>"))
        self.party.work()
        self.trade.clock.turn(timedelta(minutes=1))

    def send(self, paper: str) -> list[str]:
        """Drops a paper, which is taken. Gives the codes of what the gateway found in it."""
        name = f"{next(self._numbers)}.csv"
        self.party.drop(name, papers.fill(paper, PO, self.trade.clock.now().date()))
        self.party.scan()
        self.party.work()
        answer = self.party.result(name)
        assert answer["result"] == "accepted"
        self.trade.clock.turn(timedelta(minutes=1))
        return [one["code"] for document in answer["documents"] for one in document["findings"]]

    def rejected(self, set_id: str) -> None:
        """The retailer's 997 rejects the last document of a kind."""
        number, sent = next(self._numbers) + 900, self.party.sets(set_id=set_id)[-1]
        with self.party.look() as uow:
            of = uow.groups.get(sent.group_id or 0)
        content = acknowledgment(of.functional_id, of.control_number, "R", control=number)
        self.party.receive(self._sealed(self.trade.retailer, content, message_id=f"<{number}@retailer.example>"))
        self.party.work()
        assert self.party.sets(id=sent.id)[0].state is SetOut.REJECTED

    @property
    def owed(self) -> dict[str, list[DeadlineState]]:
        return states(self.party)

    @property
    def waits_for(self) -> set[str]:
        return waiting(self.party)

    def told(self, kind: str) -> list[str]:
        return [line for line in self.party.events() if line.startswith(f"{kind}: ")]


def states(party: Party) -> dict[str, list[DeadlineState]]:
    found: dict[str, list[DeadlineState]] = {}
    for one in party.deadlines(kind=DeadlineKind.ANSWER):
        found.setdefault(one.expects, []).append(one.state)
    return found


def waiting(party: Party) -> set[str]:
    return {expects for expects, found in states(party).items() if set(found) & set(WAITING)}


@pytest.fixture
def supplier(trade: Trade, sealed: Sealed) -> Supplier:
    return Supplier(trade, sealed)


def test_a_whole_cancellation_withdraws_what_is_not_to_come_and_says_by_which_document(supplier: Supplier) -> None:
    supplier.take(ORDER)
    assert supplier.waits_for == {"855", "856", "810"}
    supplier.take(CANCEL)
    assert supplier.owed == {"855": [WITHDRAWN], "856": [WITHDRAWN], "810": [WITHDRAWN], "865": [OPEN]}
    [_, cancellation] = supplier.party.sets(po_number=PO)
    said = f"is not waited for any more: the order is cancelled by the 860 {PO} in message {cancellation.transmission_id}."
    assert supplier.send(papers.ORDER_RESPONSE) == ["STO-454"]
    assert supplier.told("window.withdrawn") == [f"window.withdrawn: The {one} for the 850 {PO} {said}" for one in ("855", "856", "810")]

    supplier.trade.turn(timedelta(days=40))
    assert supplier.waits_for == {"865"}
    assert [line for line in supplier.party.events() if "STO-403" in line and "865" not in line] == []


def test_an_850_may_cancel_an_order_and_is_owed_its_own_answer_alone(supplier: Supplier) -> None:
    supplier.take(ORDER)
    supplier.take(CANCEL_BY_850)
    assert supplier.owed == {"855": [WITHDRAWN, OPEN], "856": [WITHDRAWN], "810": [WITHDRAWN]}
    assert supplier.send(papers.ORDER_RESPONSE) == [], "the answer to a cancellation breaks no rule of the order"
    assert supplier.waits_for == set()


def test_an_855_that_is_agreed_to_answer_a_change_confirms_its_cancellation(trade: Trade, sealed: Sealed) -> None:
    supplier = Supplier(trade, sealed, to_changes="{855: 24h}")
    supplier.take(ORDER)
    supplier.take(CANCEL)
    assert supplier.owed == {"855": [WITHDRAWN, OPEN], "856": [WITHDRAWN], "810": [WITHDRAWN]}
    assert supplier.send(papers.ORDER_RESPONSE) == [], "what is agreed as the answer to a cancellation breaks no rule of the order"
    assert supplier.owed["855"] == [WITHDRAWN, MET]


def test_deleted_lines_withdraw_nothing(supplier: Supplier) -> None:
    supplier.take(ORDER)
    supplier.take(DELETE_LINES)
    assert supplier.waits_for == {"855", "856", "810", "865"}


def test_what_was_shipped_before_is_invoiced(supplier: Supplier) -> None:
    supplier.take(ORDER)
    supplier.send(papers.SHIP_NOTICE)
    supplier.take(CANCEL)
    assert supplier.owed == {"855": [WITHDRAWN], "856": [MET], "810": [OPEN], "865": [OPEN]}


def test_what_crosses_with_the_cancellation_is_invoiced_by_the_old_end(supplier: Supplier) -> None:
    supplier.take(ORDER)
    supplier.take(CANCEL)
    supplier.send(papers.SHIP_NOTICE)
    assert supplier.owed == {"855": [WITHDRAWN], "856": [WITHDRAWN], "810": [WITHDRAWN, OPEN], "865": [OPEN]}
    before, again = supplier.party.deadlines(expects="810")
    assert (before.due_at, before.created_at) == (again.due_at, again.created_at)
    supplier.rejected("856")
    assert supplier.waits_for == {"865"}, "a ship notice that the buyer rejects tells of nothing that is on its way"


@pytest.mark.parametrize("way", list(permutations(("order", "cancel", "ship"))), ids=" ".join)
def test_in_whatever_order_they_come_the_same_is_waited_for(supplier: Supplier, way: tuple[str, ...]) -> None:
    happens: dict[str, Callable[[], None]] = {
        "order": lambda: supplier.take(ORDER),
        "cancel": lambda: supplier.take(CANCEL),
        "ship": lambda: supplier.send(papers.SHIP_NOTICE),
    }
    for one in way:
        happens[one]()
    assert supplier.waits_for == {"810", "865"}


def test_what_is_overdue_of_an_order_is_so_no_more_once_it_is_cancelled(supplier: Supplier) -> None:
    supplier.take(ORDER)
    supplier.trade.turn(timedelta(hours=25))
    assert supplier.owed["855"] == [BREACHED]
    supplier.take(CANCEL)
    assert supplier.owed["855"] == [WITHDRAWN]
    assert len([line for line in supplier.party.events() if "STO-403" in line]) == 1, "that it was late stays told"


def test_an_answer_that_the_buyer_rejects_is_not_owed_again_where_the_order_is_cancelled(supplier: Supplier) -> None:
    supplier.take(ORDER)
    supplier.send(papers.ORDER_RESPONSE)
    supplier.take(CANCEL)
    supplier.rejected("855")
    assert supplier.owed["855"] == [MET]


def test_what_a_person_closed_before_the_order_was_cancelled_is_not_opened_again(supplier: Supplier) -> None:
    supplier.take(ORDER)
    [window] = supplier.party.deadlines(expects="856")
    person = supplier.party.house.operator
    person.close_window(window.id or 0, actor="ann", reason="agreed by phone")
    supplier.take(CANCEL)
    [fault] = person.reopen_window(window.id or 0, actor="ann", reason="they ship after all").faults
    [_, cancellation] = supplier.party.sets(po_number=PO)
    said = f"the order is cancelled by the 860 in message {cancellation.transmission_id}"
    assert fault.message == f"Window {window.id} cannot be opened again: {said}."
    assert supplier.owed["856"] == [DeadlineState.CLOSED]


def test_what_is_ordered_anew_under_the_number_is_owed_its_answers(supplier: Supplier) -> None:
    supplier.take(ORDER)
    supplier.take(CANCEL)
    supplier.take(ORDER)
    assert supplier.owed == {"855": [WITHDRAWN, OPEN], "856": [WITHDRAWN, OPEN], "810": [WITHDRAWN, OPEN], "865": [OPEN]}


def test_a_cancellation_that_is_held_here_withdraws_nothing_until_it_is_read(supplier: Supplier) -> None:
    file = supplier.party.side.home / "partners" / "retailer.yaml"
    agreed = file.read_text()
    file.write_text(agreed.replace("    860:\n      answer: {865: 24h}\n", ""))
    supplier.trade.restart("supplier")
    supplier.take(ORDER)
    supplier.take(CANCEL)
    [held] = supplier.party.sets(set_id="860")
    assert (held.state, supplier.waits_for) == (SetIn.HELD, {"855", "856", "810"})
    file.write_text(agreed)
    supplier.trade.restart("supplier")
    supplier.party.house.operator.replay(held.transmission_id or 0, actor="ann", reason="the 860 is agreed now")
    supplier.party.work()
    assert supplier.waits_for == {"865"}


def test_a_window_that_runs_from_another_document_is_not_opened_for_a_cancelled_order(trade: Trade, sealed: Sealed) -> None:
    supplier = Supplier(trade, sealed, "{856: {within: 2d, from: 855}}")
    supplier.take(ORDER)
    supplier.take(CANCEL)
    supplier.send(papers.ORDER_RESPONSE)
    assert supplier.owed == {"865": [OPEN]}


def test_a_buyer_who_cancels_waits_for_nothing_more_unless_the_seller_rejects_the_cancellation(trade: Trade, sealed: Sealed) -> None:
    file = trade.retailer.side.home / "partners" / "supplier.yaml"
    agreed = "  send:\n    850: {answer: {855: 24h, 810: 30d}}\n    860: {answer: {865: 24h}}\n    812:"
    file.write_text(file.read_text().replace("  send: [850, 812]", agreed))
    trade.restart("retailer")
    today = trade.clock.now().date()
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, PO, today))
    trade.run()
    assert waiting(trade.retailer) == {"855", "810"}
    trade.retailer.drop("cancel.csv", f"HDR,ORDER_CHANGE,{PO},cancel,new_order,,1,{today:%Y%m%d},{today:%Y%m%d},USD\n")
    trade.retailer.scan()
    trade.retailer.work()
    assert trade.retailer.result("cancel.csv")["result"] == "accepted"
    assert states(trade.retailer) == {"855": [WITHDRAWN], "810": [WITHDRAWN], "865": [OPEN]}
    content = acknowledgment("PC", "2", "R", sender="SUPPLIER", receiver="RETAILER")
    trade.retailer.receive(sealed(trade.supplier, content, message_id="<no@supplier.example>"))
    trade.retailer.work()
    assert waiting(trade.retailer) == {"855", "810"}
    assert states(trade.retailer)["865"] == [DeadlineState.DROPPED]
