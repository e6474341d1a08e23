"""One trace a document's way through both queues, and nothing of a payload in the log."""

import json
import re
from collections import defaultdict

import pytest

from edi_gateway.cli.logs import set_up_logging
from edi_gateway.config.settings import LogSettings
from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Trade

PO = "4500017"


def order_to_cash(trade: Trade) -> None:
    today = trade.clock.now().date()
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, PO, today))
    trade.run()
    for name in ("ORDER_RESPONSE", "SHIP_NOTICE", "INVOICE", "CREDIT"):
        trade.supplier.drop(f"{name.lower()}.csv", papers.fill(getattr(papers, name), PO, today))
    trade.retailer.drop("claim.csv", papers.fill(papers.CLAIM, PO, today))
    trade.run()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


@pytest.mark.parametrize("trade", ["sync", "async"], indirect=True)
def test_a_document_bears_one_trace_from_the_drop_to_the_last_acknowledgment(trade: Trade, capsys: pytest.CaptureFixture[str]):
    set_up_logging(LogSettings(level="info", format="json"))
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, PO, trade.clock.now().date()))
    trade.run()
    by_trace: dict[object, list[str]] = defaultdict(list)
    for line in lines(capsys):
        by_trace[line.get("trace")].append(str(line["event"]))
    assert None not in by_trace, by_trace[None]
    [sent] = [way for way in by_trace.values() if "erp.accepted" in way]
    [received] = [way for way in by_trace.values() if "set.mapped" in way]
    assert set(sent) >= {"erp.accepted", "x12.enveloped"}
    assert set(sent) & {"mdn.delivered", "as2.sent"}
    assert set(received) >= {"as2.received", "x12.valid", "ack.queued", "set.mapped", "erp.published"}
    assert set(received) & {"mdn.sent", "mdn.posted"}


def test_each_message_of_an_order_to_cash_has_a_trace_of_its_own(trade: Trade, capsys: pytest.CaptureFixture[str]):
    set_up_logging(LogSettings(level="info", format="json"))
    order_to_cash(trade)
    traces = {line.get("trace") for line in lines(capsys)}
    with trade.supplier.look() as uow:
        received = uow.transmissions.find(direction=Direction.IN)
    assert len(traces) >= len(received) + len(("order", "855", "856", "810", "812", "claim"))


def test_no_log_line_of_an_order_to_cash_holds_a_piece_of_any_payload(trade: Trade, capsys: pytest.CaptureFixture[str]):
    set_up_logging(LogSettings(level="debug", format="json"))
    order_to_cash(trade)
    # What goes wrong speaks the most.
    trade.supplier.drop("broken.csv", "order_response;secret price 12345.67;\n")
    trade.supplier.drop("broken.json", '{"secret price": 12345.67')
    trade.run()
    said = capsys.readouterr().err
    assert said.count("\n") > 20
    for fragment in fragments(trade):
        assert fragment not in said, fragment
    assert "12345.67" not in said
    assert "secret price" not in said


def fragments(trade: Trade) -> set[str]:
    """Segments of every interchange, and words and numbers of every flat file, that nobody but the parties should read."""
    found: set[str] = set()
    for party in (trade.supplier, trade.retailer):
        with party.look() as uow:
            for row in uow.transmissions.find():
                if row.content:
                    found |= {segment.strip() for segment in uow.payloads.get(row.content).decode("latin-1").split("~")}
            for file in uow.erp_files.find():
                if file.content:
                    found |= set(re.split(r"[\r\n,;]+", uow.payloads.get(file.content).decode("utf-8", "replace")))
    # A single word, such as "accepted", is no secret and may be one of ours; a phrase, a number or a segment is.
    return {one.strip() for one in found if len(one.strip()) >= 6 and not one.strip().isalpha()}


def test_rejected_and_held_documents_say_their_codes_and_not_their_values(trade: Trade, sealed, capsys: pytest.CaptureFixture[str]):
    set_up_logging(LogSettings(level="debug", format="json"))
    content = orders("4500099").replace(b"*EA*", b"*SECRETVALUE*", 1)
    trade.supplier.receive(sealed(trade.retailer, content))
    trade.supplier.work()
    said = capsys.readouterr().err
    assert SetIn.REJECTED in {row.state for row in trade.supplier.sets(direction=Direction.IN)}
    assert "SECRETVALUE" not in said
    assert "PO1*" not in said
