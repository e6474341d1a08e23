"""Held documents released, mapped again and given up, several at once, as the console does it."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, SetIn, SetOut
from edi_gateway.ports.web import ActionResult, HeldDocuments, HeldVerb
from edi_gateway.services.operate import Operator
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Trade

from .test_configuration import post
from .test_long_delivery import Died, Doomed, die
from .test_orders import answer, ordered, ruled, sent

pytestmark = pytest.mark.both_databases


def held_by(trade: Trade) -> HeldDocuments:
    return trade.supplier.house.web_parts().held


def test_what_a_rule_holds_is_released_once_and_sent(trade: Trade):
    ruled(trade, "supplier", "856", "{ship_before_answer: hold}")
    ordered(trade)
    answer(trade, papers.SHIP_NOTICE, "asn")
    [row] = held_by(trade).all()
    assert row.id is not None
    done = held_by(trade).act(HeldVerb.RELEASE, [row.id, 4711], actor="ann", reason="the buyer knows")
    assert (done.words, done.faults) == ("One document is released. 1 of those chosen was not held any more.", ())
    again = held_by(trade).act(HeldVerb.RELEASE, [row.id], actor="ann", reason="twice")
    assert [fault.code for fault in again.faults] == ["STO-457"]
    trade.run()
    [row] = sent(trade, "856")
    assert (row.state, row.released_by) == (SetOut.ACCEPTED, "ann")
    assert any("operator.release" in line and "the buyer knows" in line for line in trade.supplier.events())


def test_what_is_given_up_is_not_sent(trade: Trade):
    ruled(trade, "supplier", "856", "{ship_before_answer: hold}")
    ordered(trade)
    answer(trade, papers.SHIP_NOTICE, "asn")
    [row] = held_by(trade).all()
    assert row.id is not None
    assert held_by(trade).act(HeldVerb.REPLAY, [row.id], actor="ann", reason="x").faults, "what goes out is not mapped again"
    assert held_by(trade).act(HeldVerb.GIVE_UP, [row.id], actor="ann", reason="wrong cartons").faults == ()
    trade.run()
    assert [one.state for one in sent(trade, "856")] == [SetOut.CANCELLED]
    assert held_by(trade).all() == ()


def test_documents_that_no_map_took_are_mapped_again_together(trade: Trade, sealed):
    file = trade.supplier.side.home / "partners" / f"{trade.supplier.partner}.yaml"
    agreed = file.read_text()
    file.write_text(agreed.replace("    850:\n      answer: {855: 24h}\n", ""))
    trade.supplier.configure()
    for number in (1, 2):
        post(trade, sealed, orders(f"PO-{number}", control=number), number)
    found = held_by(trade).all()
    assert [(one.direction, one.state, one.held_code) for one in found] == [(Direction.IN, SetIn.HELD, "STO-411")] * 2

    file.write_text(agreed)
    trade.supplier.configure()
    done = held_by(trade).act(HeldVerb.REPLAY, [one.id for one in found if one.id], actor="ann", reason="850 is agreed now")
    assert done.words == "2 documents are mapped again."
    trade.supplier.work()
    assert {one.state for one in trade.supplier.sets(set_id="850")} == {SetIn.DELIVERED}
    with trade.supplier.look() as uow:
        assert {(one.actor, one.set_row_id) for one in uow.events.find(kind="operator.replay")} == {("ann", one.id) for one in found}


def test_a_message_of_very_many_sets_is_mapped_again_some_at_a_time_and_goes_on_where_it_was_broken_off(trade: Trade, sealed):
    file = trade.supplier.side.home / "partners" / f"{trade.supplier.partner}.yaml"
    file.write_text(file.read_text().replace("    850:\n      answer: {855: 24h}\n", ""))
    trade.supplier.configure()
    numbers = [f"PO-{number}" for number in range(450)]
    post(trade, sealed, orders(*numbers), 1)
    party = trade.supplier
    [message] = {one.transmission_id for one in party.sets(set_id="850", state=SetIn.HELD)}
    assert message is not None
    held = [len(numbers)]

    def replay(after: Callable[[], None]) -> ActionResult:
        store = Doomed(party.store, lambda uow: held.append(len(uow.sets.find(set_id="850", state=SetIn.HELD))), after)
        return Operator(lambda: replace(party.gateway, store=store)).replay(message, actor="ann", reason="agreed now")

    with pytest.raises(Died):
        replay(die)
    assert replay(lambda: None).words == "250 sets are mapped again."
    assert held == [450, 250, 50, 0]
    again = [one for one in party.events() if one.startswith("operator.replay: ")]
    assert len(again) == len(set(again)) == len(numbers)
    assert [one.code for one in replay(die).faults] == ["STO-416"]
