"""Held documents released, mapped again and given up, several at once, as the console does it."""

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, SetIn, SetOut
from edi_gateway.ports.web import HeldDocuments, HeldVerb
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Trade

from .test_configuration import post
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
