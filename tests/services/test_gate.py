"""What holds posts back: a server that does not answer, a partner's limits, a person. None is lost, and all go on by themselves."""

from datetime import timedelta

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, Inbound, Outbound
from edi_gateway.ports.channels import Unreached
from edi_gateway.services.pauses import pause, resume
from edi_gateway.services.translate import translate
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Trade

AWAY = Unreached(reason="connect", detail="nobody listens")
MINUTE = timedelta(minutes=1)


def terms(trade: Trade, more: str) -> None:
    """The retailer, whose file for the supplier has these terms, too."""
    file = trade.retailer.side.home / "partners" / f"{trade.retailer.partner}.yaml"
    file.write_text(file.read_text() + more)
    trade.restart("retailer")


def drop_orders(trade: Trade, count: int) -> None:
    for number in range(count):
        trade.retailer.drop(f"{number}.csv", papers.fill(papers.ORDER, f"PO-{number}", trade.clock.now().date()))


def states(trade: Trade) -> list[Outbound | Inbound]:
    return [row.state for row in trade.retailer.transmissions(direction=Direction.OUT)]


def test_a_server_that_does_not_answer_is_left_alone_then_probed_by_one_and_all_get_through(trade: Trade):
    terms(trade, "circuit: {failures: 3, wait: 1m}\n")
    drop_orders(trade, 6)
    trade.line.answer = AWAY
    trade.run()
    assert len(trade.line.posted) == 3
    assert sum("endpoint.opened" in line for line in trade.retailer.events()) == 1
    assert states(trade).count(Outbound.READY) == 3
    # What failed before is due again after its own interval, and waits as well.
    trade.turn(timedelta(seconds=10))
    assert len(trade.line.posted) == 3
    trade.turn(timedelta(seconds=60))
    assert len(trade.line.posted) == 4
    trade.line.answer = trade.deliver
    trade.turn(timedelta(seconds=70))
    # Once the probe is through the others follow at once, and not when the next probe would have been due.
    assert states(trade) == [Outbound.DELIVERED] * 6
    assert sum("endpoint.closed" in line for line in trade.retailer.events()) == 1
    with trade.retailer.look() as uow:
        [endpoint] = uow.endpoints.find()
    assert (endpoint.failures, endpoint.open_until) == (0, None)


def test_what_waits_for_a_server_longer_than_its_time_ends_as_expired(trade: Trade):
    terms(trade, "circuit: {failures: 1, wait: 5m}\n")
    drop_orders(trade, 3)
    trade.line.answer = AWAY
    trade.run()
    for _ in range(8):
        trade.turn(3 * MINUTE)
    assert set(states(trade)) <= {Outbound.EXPIRED, Outbound.EXHAUSTED}
    codes = {fault.code for row in trade.retailer.transmissions(direction=Direction.OUT) for fault in row.faults}
    assert "STO-461" in codes


def test_an_answer_of_any_kind_is_no_failed_connection(trade: Trade):
    terms(trade, "circuit: {failures: 1, wait: 5m}\n")
    drop_orders(trade, 2)
    trade.line.answer = Unreached(reason="cut_off", detail="the answer was cut off")
    trade.run()
    with trade.retailer.look() as uow:
        assert uow.endpoints.find() == []


def test_no_more_posts_in_a_minute_than_agreed(trade: Trade):
    terms(trade, "limits: {posts_per_minute: 2}\n")
    drop_orders(trade, 5)
    trade.run()
    seen = [len(trade.line.posted)]
    for _ in range(20):
        trade.turn(MINUTE / 2)
        seen.append(len([one for one in trade.line.posted if "RETAILER" in dict(one.headers).get("AS2-From", "")]))
    assert states(trade) == [Outbound.DELIVERED] * 5
    with trade.retailer.look() as uow:
        began = sorted(one.started_at for one in uow.attempts.find() if one.transmission_id is not None)
    assert all(later - earlier >= MINUTE for earlier, later in zip(began, began[2:], strict=False)), seen


def test_paused_sending_keeps_messages_ready_and_goes_on_by_itself_after_the_resume(trade: Trade):
    gateway, partner = trade.retailer.gateway, trade.retailer.partner
    assert pause(gateway, partner, Direction.OUT, actor="ann", reason="their server moves").faults == ()
    assert pause(gateway, partner, Direction.OUT, actor="ann", reason="twice").faults[0].code == "STO-459"
    drop_orders(trade, 2)
    trade.run()
    trade.turn(timedelta(hours=30))
    assert (states(trade), trade.line.posted) == ([Outbound.READY] * 2, [])
    with trade.retailer.look() as uow:
        assert uow.stale(trade.clock.now()) == []
    assert resume(gateway, partner, Direction.OUT, actor="ann").words == "Resumed; 2 messages go on."
    trade.run()
    assert states(trade) == [Outbound.DELIVERED] * 2
    told = [line for line in trade.retailer.events() if line.startswith("partner.")]
    assert "Reason: their server moves" in told[0]
    assert "after a pause since" in told[1]
    assert resume(gateway, partner, Direction.OUT, actor="ann").faults[0].code == "STO-460"


def test_paused_receiving_keeps_and_answers_and_translates_after_the_resume(trade: Trade, sealed):
    supplier = trade.supplier
    pause(supplier.gateway, supplier.partner, Direction.IN, actor="bob", reason="ERP is down")
    reply = supplier.receive(sealed(trade.retailer, orders("4500017")))
    assert reply.status == 200
    assert b"processed" in reply.body
    trade.run()
    assert supplier.sets() == []
    [row] = supplier.transmissions(direction=Direction.IN)
    assert row.state is Inbound.RECEIPTED
    trade.turn(timedelta(hours=2))
    assert row.id is not None
    translate(supplier.gateway, row.id)
    assert supplier.sets() == []
    with supplier.look() as uow:
        assert uow.stale(trade.clock.now()) == []
    resume(supplier.gateway, supplier.partner, Direction.IN, actor="bob")
    trade.run()
    assert [one.set_id for one in supplier.sets(direction=Direction.IN)] == ["850"]
    assert len(supplier.published()) == 1


@pytest.mark.parametrize("direction", list(Direction))
def test_a_pause_is_for_one_direction(trade: Trade, sealed, direction: Direction):
    pause(trade.retailer.gateway, trade.retailer.partner, direction, actor="ann", reason="a test")
    drop_orders(trade, 1)
    trade.run()
    assert states(trade)[0] is (Outbound.READY if direction is Direction.OUT else Outbound.DELIVERED)
