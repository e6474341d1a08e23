"""Windows at work: they warn before they are over, run in the partner's business time, and hang on dates and other documents."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction
from edi_gateway.ports.channels import Unreached
from edi_gateway.ports.rows import Deadline
from edi_gateway.services import held
from edi_gateway.services.expire import BATCH
from edi_gateway.testing.interchanges import acknowledgment, orders
from edi_gateway.testing.pair import Trade

pytestmark = pytest.mark.both_databases

PO = "4500017"
OWED = "      answer: {855: 24h}\n"


def file_of(trade: Trade, side: str) -> Path:
    party = getattr(trade, side)
    return party.side.home / "partners" / f"{party.partner}.yaml"


def owing(trade: Trade, answers: str, more: str = "") -> None:
    """The supplier, who owes the retailer these answers to an order."""
    file = file_of(trade, "supplier")
    file.write_text(file.read_text().replace(OWED, f"      answer: {answers}\n") + more)
    trade.restart("supplier")


def answer_windows(trade: Trade, side: str = "supplier", **equal: object) -> list[Deadline]:
    found: list[Deadline] = getattr(trade, side).deadlines(kind=DeadlineKind.ANSWER, **equal)
    return found


def send_papers(trade: Trade, *wanted: str) -> None:
    for number, paper in enumerate(wanted):
        trade.supplier.drop(f"{number}.csv", papers.fill(paper, PO, trade.clock.now().date()))
        trade.run()


def test_a_window_warns_once_and_is_breached_later(trade: Trade, sealed):
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    said: list[list[str]] = []
    for hours in (17, 2, 2, 4):
        trade.turn(timedelta(hours=hours))
        said.append([line.split(":")[0] for line in trade.supplier.events() if line.startswith("window.")])
    assert said == [[], ["window.warned"], ["window.warned"], ["window.warned", "window.breached"]]
    told = next(line for line in trade.supplier.events() if line.startswith("window.warned"))
    assert "The 855 for the 850 4500017 is to be sent by us until 2026-03-03 09:00 UTC." in told
    [window] = answer_windows(trade)
    assert window.state is DeadlineState.BREACHED
    assert window.warn_at == window.due_at - timedelta(hours=6)


def test_what_comes_after_the_end_is_late_though_the_clock_has_not_looked(trade: Trade, sealed):
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    trade.clock.turn(timedelta(hours=25))
    send_papers(trade, papers.ORDER_RESPONSE)
    assert [one.state for one in answer_windows(trade)] == [DeadlineState.LATE]


def test_business_days_of_the_partners_zone_leave_out_weekend_and_holiday(trade: Trade, sealed):
    trade.clock.turn(datetime(2026, 11, 25, 20, 0, tzinfo=UTC) - trade.clock.now())
    calendar = 'calendar: {zone: America/New_York, opens: "09:00", closes: "17:00", holidays: US, closed: [2026-11-27]}\n'
    owing(trade, "{855: {within: 1bd, warn: 1bh}}", calendar)
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    [window] = answer_windows(trade)
    # Wednesday 15:00 in New York; Thanksgiving, a closed Friday and the weekend lie between.
    assert window.due_at == datetime(2026, 11, 30, 20, 0, tzinfo=UTC)
    assert window.warn_at == datetime(2026, 11, 30, 19, 0, tzinfo=UTC)


def test_an_asn_is_due_before_the_day_of_delivery_or_after_the_855(trade: Trade, sealed):
    owing(trade, "{856: {before: 6h, from: deliver_by}, 810: {within: 48h, from: 856}, 855: 24h}")
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    due = {one.expects: one.due_at for one in answer_windows(trade)}
    # DTM*002*20260317; the invoice is owed from the ship notice on.
    assert due == {
        "856": datetime(2026, 3, 16, 18, 0, tzinfo=UTC),
        "855": datetime(2026, 3, 3, 9, 0, tzinfo=UTC),
    }
    trade.clock.turn(timedelta(hours=1))
    send_papers(trade, papers.ORDER_RESPONSE, papers.SHIP_NOTICE)
    [invoice] = answer_windows(trade, expects="810")
    assert (invoice.state, invoice.due_at) == (DeadlineState.OPEN, trade.clock.now() + timedelta(hours=48))
    send_papers(trade, papers.INVOICE)
    assert {one.state for one in answer_windows(trade)} == {DeadlineState.MET}


def test_a_buyer_waits_for_the_sellers_answer(trade: Trade):
    file = file_of(trade, "retailer")
    file.write_text(file.read_text().replace("  send: [850, 812]", "  send:\n    850: {answer: {855: 24h}}\n    812:"))
    trade.restart("retailer")
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, PO, trade.clock.now().date()))
    trade.run()
    assert [(one.expects, one.state) for one in answer_windows(trade, "retailer")] == [("855", DeadlineState.OPEN)]
    trade.turn(timedelta(hours=25))
    told = [line for line in trade.retailer.events() if "STO-404" in line]
    assert len(told) == 1
    assert "supplier sent no 855 in answer to the 850 4500017" in told[0]
    send_papers(trade, papers.ORDER_RESPONSE)
    assert [(one.expects, one.state) for one in answer_windows(trade, "retailer")] == [("855", DeadlineState.LATE)]
    assert trade.retailer.sets(set_id="855", direction=Direction.IN)


def test_windows_that_end_together_get_a_line_each_though_one_transaction_does_not_take_them_all(trade: Trade, sealed):
    trade.supplier.receive(sealed(trade.retailer, orders("PO-1", "PO-2")))
    trade.run()
    [first, second] = trade.supplier.sets(set_id="850")
    now = trade.clock.now()
    window = Deadline(subject="set", subject_id=first.id or 0, kind=DeadlineKind.ANSWER, due_at=now, warn_at=now, created_at=now)
    pickup = replace(window, kind=DeadlineKind.PICKUP, expects="order.csv", subject_id=second.id or 0)
    with trade.supplier.store.begin() as uow:
        uow.deadlines.add_all([*(replace(window, expects=str(number)) for number in range(BATCH)), pickup])
    assert trade.supplier.sweep() == BATCH + 1
    assert trade.supplier.sweep() == 0
    said = [line for line in trade.supplier.events() if line.startswith("window.")]
    assert len(said) == len(set(said)) == BATCH + 1
    assert "850 PO-1" in said[0]
    assert "order.csv" in said[-1]


def departing(trade: Trade, within: str = "30m") -> None:
    """The supplier, whose ship notices are to be sent so long after the departure; the retailer's day is Chicago's."""
    file = file_of(trade, "supplier")
    text = file.read_text().replace(
        "  send: [855, 856, 810, 812]", f"  send:\n    855:\n    856: {{after_departure: {within}}}\n    810:\n    812:"
    )
    file.write_text(text + "calendar: {zone: America/Chicago}\n")
    trade.restart("supplier")


def ship(trade: Trade, name: str, at: str, zone: str = "", **changes: str) -> dict[str, Any]:
    """A ship notice dropped now, of a truck that left at this time of the day; what the ERP is told."""
    text = papers.fill(papers.SHIP_NOTICE, PO, trade.clock.now().date()).replace(",2,12.5,LB", f",2,12.5,LB,{at},{zone}")
    for before, after in changes.items():
        text = text.replace(before, after)
    trade.supplier.drop(f"{name}.csv", text)
    trade.supplier.scan()
    trade.supplier.work()
    [document] = trade.supplier.result(f"{name}.csv")["documents"]
    return dict(document)


def departures(trade: Trade) -> list[Deadline]:
    return trade.supplier.deadlines(kind=DeadlineKind.DEPARTURE)


def test_a_ship_notice_is_due_so_long_after_the_departure_that_it_tells_of(trade: Trade):
    # It is nine o'clock in London, three in the morning in Chicago.
    departing(trade)
    assert ship(trade, "asn", "0250")["findings"] == []
    [window] = departures(trade)
    assert (window.state, window.due_at) == (DeadlineState.MET, datetime(2026, 3, 2, 9, 20, tzinfo=UTC))
    trade.run()
    [notice] = trade.retailer.sets(set_id="856", direction=Direction.IN)
    with trade.retailer.look() as uow:
        record = uow.documents.get(notice.document_id or 0).record
    assert (record["shipped_time"], record.get("shipped_time_zone")) == ("02:50:00", None)


def test_a_ship_notice_that_does_not_get_through_warns_and_is_breached(trade: Trade):
    departing(trade)
    trade.line.answer = lambda posted: Unreached(reason="connect", detail="refused")
    ship(trade, "asn", "0845", "UT")
    [window] = departures(trade)
    assert (window.state, window.due_at) == (DeadlineState.OPEN, datetime(2026, 3, 2, 9, 15, tzinfo=UTC))
    trade.clock.turn(timedelta(minutes=8))
    trade.supplier.sweep()
    assert any(
        "window.warned: The 856 SHP-4500017 is to be sent by us until 2026-03-02 09:15 UTC" in line for line in trade.supplier.events()
    )
    trade.clock.turn(timedelta(minutes=8))
    trade.supplier.sweep()
    assert any("STO-406" in line for line in trade.supplier.events())
    trade.line.answer = trade.deliver
    trade.turn(timedelta(minutes=8))
    assert [one.state for one in departures(trade)] == [DeadlineState.LATE]


def test_the_erp_is_told_of_a_ship_notice_that_is_late_when_it_is_dropped(trade: Trade):
    departing(trade)
    [finding] = ship(trade, "asn", "0200", "CS")["findings"]
    assert finding["code"] == "STO-462"
    assert "left at 2026-03-02 08:00 UTC; it was to be sent until 2026-03-02 08:30 UTC" in finding["message"]
    assert [one.state for one in departures(trade)] == [DeadlineState.LATE]


def test_a_day_without_a_time_is_over_before_anything_is_late(trade: Trade):
    departing(trade)
    assert ship(trade, "asn", "")["findings"] == []
    [window] = departures(trade)
    assert window.due_at == datetime(2026, 3, 3, 6, 30, tzinfo=UTC)


def test_a_held_ship_notice_is_due_all_the_same_until_it_is_given_up(trade: Trade, sealed):
    departing(trade)
    file = file_of(trade, "supplier")
    file.write_text(file.read_text().replace("after_departure: 30m", "after_departure: 30m, rules: {ship_before_answer: hold}"))
    trade.restart("supplier")
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    assert ship(trade, "asn", "0250")["result"] == "held"
    [window] = departures(trade)
    assert window.state is DeadlineState.OPEN
    [line] = [one for one in trade.supplier.store.views.waiting_windows().lines if one.deadline == window]
    assert line.held == line.set, "the list says that it is held"
    held.give_up(trade.supplier.gateway, window.subject_id, actor="ann", reason="wrong cartons")
    assert [one.state for one in departures(trade)] == [DeadlineState.DROPPED]


def test_a_rejected_ship_notice_is_due_again_for_its_order_and_its_departure(trade: Trade, sealed):
    departing(trade)
    owing(trade, "{856: {before: 6h, from: deliver_by}}")
    trade.supplier.receive(sealed(trade.retailer, orders(PO)))
    trade.run()
    assert ship(trade, "asn", "0250")["result"] == "queued"
    assert [one.state for one in (*departures(trade), *answer_windows(trade))] == [DeadlineState.MET] * 2
    trade.supplier.receive(sealed(trade.retailer, acknowledgment("SH", "2", "R"), message_id="<no@retailer.example>"))
    trade.supplier.work()
    states = [DeadlineState.MET, DeadlineState.OPEN]
    assert [one.state for one in departures(trade)] == states
    assert [one.state for one in answer_windows(trade)] == states
    assert {one.due_at for one in departures(trade)} == {datetime(2026, 3, 2, 9, 20, tzinfo=UTC)}
    trade.clock.turn(timedelta(minutes=30))
    # The corrected one of the same number: no second window, and the first one closes late.
    assert ship(trade, "again", "0250", BOL="BILL")["result"] == "queued"
    assert [one.state for one in departures(trade)] == [DeadlineState.MET, DeadlineState.LATE]
    assert [one.state for one in answer_windows(trade)] == [DeadlineState.MET, DeadlineState.MET]


def test_a_997_that_rejects_before_the_mdn_leaves_the_windows_open(trade: Trade, sealed):
    departing(trade)

    def mdn_after_997(posted):
        trade.line.answer = trade.deliver
        trade.supplier.receive(sealed(trade.retailer, acknowledgment("SH", "1", "R")))
        trade.supplier.work()
        return trade.deliver(posted)

    trade.line.answer = mdn_after_997
    ship(trade, "asn", "0250")
    assert [one.state for one in departures(trade)] == [DeadlineState.OPEN]
    trade.supplier.receive(sealed(trade.retailer, acknowledgment("SH", "1", "A", control=901), message_id="<yes@retailer.example>"))
    trade.supplier.work()
    assert [one.state for one in departures(trade)] == [DeadlineState.MET]


def test_a_ship_notice_in_the_place_of_a_rejected_one_is_due_again_where_it_is_rejected_too(trade: Trade, sealed):
    departing(trade)
    ship(trade, "asn", "0250")
    reject(trade, sealed, "1")
    ship(trade, "again", "0250", BOL="BILL")
    assert [one.state for one in departures(trade)] == [DeadlineState.MET, DeadlineState.MET]
    reject(trade, sealed, "2")
    assert [one.state for one in departures(trade)] == [DeadlineState.MET, DeadlineState.MET, DeadlineState.OPEN]
    ship(trade, "third", "0250", BOL="BULL")
    assert {one.state for one in departures(trade)} == {DeadlineState.MET}


def test_a_rejected_ship_notice_is_not_due_again_while_another_one_of_its_number_stands(trade: Trade, sealed):
    departing(trade)
    file = file_of(trade, "supplier")
    file.write_text(file.read_text().replace("after_departure: 30m", "after_departure: 30m, repeats: allow"))
    trade.restart("supplier")
    ship(trade, "asn", "0250")
    ship(trade, "again", "0250", BOL="BILL")
    reject(trade, sealed, "1")
    assert [one.state for one in departures(trade)] == [DeadlineState.MET]
    reject(trade, sealed, "2")
    assert [one.state for one in departures(trade)] == [DeadlineState.MET, DeadlineState.OPEN]


def reject(trade: Trade, sealed, control: str) -> None:
    """The retailer's 997 for a group of ship notices."""
    content = acknowledgment("SH", control, "R", control=900 + int(control))
    trade.supplier.receive(sealed(trade.retailer, content, message_id=f"<no-{control}@retailer.example>"))
    trade.supplier.work()
