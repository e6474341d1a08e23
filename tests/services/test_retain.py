"""Contents go once a day by the clock, at the time that the settings name, each batch with its certificate."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.order_thread import Role
from edi_gateway.lifecycle.retention import Retention
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.services.orders import order_view
from edi_gateway.services.retain import Retaining
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Trade

pytestmark = pytest.mark.both_databases

DAY = timedelta(days=1)


@pytest.fixture
def retaining(trade: Trade, tmp_path: Path) -> Retaining:
    """The supplier's, on a clock that stands at nine in the morning."""
    store = trade.supplier.store
    terms = Retention(keep=30 * DAY)
    return Retaining(
        store=store,
        deleting=trade.supplier.house.store.retention,
        clock=trade.clock,
        terms=terms,
        folder=tmp_path / "deleted",
        at=time(2, 30),
    )


def answer_all(trade: Trade) -> None:
    """Closes the windows of what was received: what waits for an answer is not deleted."""
    with trade.supplier.store.begin() as uow:
        for one in uow.deadlines.find():
            uow.deadlines.advance(one.id or 0, one.state, "met")


def test_nothing_goes_by_itself_where_the_settings_name_no_time(retaining: Retaining) -> None:
    assert not replace(retaining, at=None).is_due()


def test_a_time_that_passed_while_nothing_ran_is_made_up_for_and_comes_once_a_day(retaining: Retaining, trade: Trade) -> None:
    due = []
    for hours in (0, 1, 16, 2, 1, 24 * 3):  # 9:00, 10:00, 2:00, 4:00, 5:00 and 5:00 three days later
        trade.clock.turn(timedelta(hours=hours))
        due.append(retaining.is_due())
        retaining.look()
    assert due == [True, False, False, True, False, True]
    assert retaining.deleting.last_run() == trade.clock.now() == datetime(2026, 3, 6, 5, 0, tzinfo=UTC)


def test_what_is_old_goes_with_a_certificate_and_a_line_and_what_is_held_stays(
    retaining: Retaining, trade: Trade, sealed: Callable[..., object]
) -> None:
    for number in ("1", "2"):
        trade.supplier.receive(
            sealed(trade.retailer, orders(f"PO-{number}", control=int(number)), message_id=f"<{number}@retailer.example>")
        )  # type: ignore[arg-type]
    trade.run()
    answer_all(trade)
    trade.supplier.house.store.retention.hold(trade.clock.now(), "case 12", po_number="PO-2")
    trade.clock.turn(31 * DAY)
    told = {one.message_id: one.kept for one in retaining.deleting.judged(retaining.terms, trade.clock.now())}
    assert told["<2@retailer.example>"] == "hold"
    going = [name for name, kept in told.items() if not kept]
    assert "<1@retailer.example>" in going
    assert retaining.look() == len(going)
    [file] = list(retaining.folder.iterdir())
    assert [one["message_id"] for one in json.loads(file.read_text())["messages"]] == going
    assert f"retention.ran: The contents of {len(going)} messages are deleted." in "\n".join(trade.supplier.events())
    assert retaining.look() == 0
    assert trade.supplier.house.store.retention.deleted() == {one.id for one in trade.supplier.transmissions() if one.message_id in going}


def test_each_batch_has_a_certificate_of_its_own(retaining: Retaining, trade: Trade, sealed: Callable[..., object]) -> None:
    trade.supplier.receive(sealed(trade.retailer, orders("PO-1")))  # type: ignore[arg-type]
    trade.run()
    answer_all(trade)
    trade.clock.turn(31 * DAY)
    assert replace(retaining, at_once=1).run() == 2
    counts = [json.loads(file.read_text())["count"] for file in sorted(retaining.folder.iterdir())]
    assert counts == [1, 1]


def test_the_gateways_clock_ticks_for_it_only_where_a_time_is_named(trade: Trade) -> None:
    trade.supplier.house.retaining.look()
    assert trade.supplier.house.store.retention.last_run() is None
    settings = trade.supplier.side.home / "gateway.toml"
    settings.write_text(settings.read_text().replace("[retention]", '[retention]\nat = "02:30"'))
    trade.restart("supplier")
    trade.supplier.handlers[Task.RETAIN]({})
    assert trade.supplier.house.store.retention.last_run() == trade.clock.now()


def test_who_closed_a_window_and_why_is_still_known_when_the_contents_are_gone(
    retaining: Retaining, trade: Trade, sealed: Callable[..., object]
) -> None:
    trade.supplier.receive(sealed(trade.retailer, orders("PO-1")))  # type: ignore[arg-type]
    trade.run()
    [window] = trade.supplier.deadlines(expects="855")
    trade.supplier.house.operator.close_window(window.id or 0, actor="ann", reason="agreed by phone")
    trade.clock.turn(2 * 366 * DAY)
    [order] = trade.supplier.sets(set_id="850")
    retaining.look()
    with trade.supplier.look() as uow:
        assert uow.documents.get(order.document_id or 0).record == {}
    [closed] = trade.supplier.store.views.closed_windows()
    assert (closed.actor, closed.words) == ("ann", "The 855 for the 850 PO-1 is not waited for any more. Reason: agreed by phone")
    assert any(one.words == closed.words for one in trade.supplier.store.views.message(order.transmission_id or 0).events)


def test_a_number_whose_first_order_is_gone_may_be_used_again(trade: Trade, tmp_path: Path, sealed: Callable[..., object]) -> None:
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    file.write_text(file.read_text().replace("answer: {855: 24h}", "answer: {855: 24h, 856: 3d, 810: 9d}"))
    supplier = trade.restart("supplier")
    gone = Retaining(
        store=supplier.store,
        deleting=supplier.house.store.retention,
        clock=trade.clock,
        terms=Retention(keep=30 * DAY),
        folder=tmp_path / "deleted",
        at=time(2, 30),
    )
    answers = (papers.ORDER_RESPONSE, papers.SHIP_NOTICE)

    def trade_once(number: int) -> None:
        supplier.receive(sealed(trade.retailer, orders("PO-1", control=number), message_id=f"<{number}@retailer.example>"))  # type: ignore[arg-type]
        trade.run()
        for at, paper in enumerate(answers):
            supplier.drop(f"{number}-{at}.csv", papers.fill(paper.replace("SHP-", f"SHP-{number}-"), "PO-1", trade.clock.now().date()))
            trade.run()
        supplier.house.operator.close_window(supplier.deadlines(expects="810")[-1].id or 0, actor="ann", reason="paid in advance")

    trade_once(1)
    trade.clock.turn(31 * DAY)
    assert gone.look() > 3
    trade_once(2)
    assert [one.state for one in supplier.sets(set_id="850")] == ["delivered", "delivered"]
    assert [one.state for one in supplier.deadlines(expects="856")] == ["met", "met"]
    found = order_view(supplier.store, "retailer", "PO-1")
    assert found is not None
    assert [one.text(Role.SHIPMENT) for one in found.balances] == ["20", "6"], "what is summed up is what is still known"
