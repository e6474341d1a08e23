"""A file that an ERP closes with a trailer, through the folder of a gateway: whole it is delivered, and cut short nothing of it is sent."""

from datetime import timedelta
from pathlib import Path

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.testing.pair import Party, Trade

ROOT = Path(__file__).parents[2]
PO = "4500017"


@pytest.fixture
def trade(trade: Trade) -> Trade:
    """A supplier whose invoices come in files with a header and a trailer."""
    folder = trade.supplier.side.home / "schemas" / "flat"
    folder.mkdir(parents=True, exist_ok=True)
    shipped = (ROOT / "schemas" / "flat" / "invoice.yaml").read_text()
    controls = "header: {tag: FHD}\ntrailer: {tag: FTR, counts: documents records total}\n"
    (folder / "invoice.yaml").write_text(shipped.replace("\nrecords:\n", f"\n{controls}records:\n"))
    trade.restart("supplier")
    return trade


@pytest.fixture
def invoice(trade: Trade) -> str:
    filled = papers.fill(papers.INVOICE, PO, trade.clock.now().date())
    return "".join(line for line in filled.splitlines(keepends=True) if line.strip() and not line.startswith("#"))


def closed(*invoices: str, total: str | None = None) -> str:
    """The ERP's file of some invoices, each of the same total."""
    body = "".join(invoices)
    return f"FHD\n{body}FTR,{len(invoices)},{body.count(chr(10))},{total or amount(invoices[0]) * len(invoices)}\n"


def amount(invoice: str) -> int:
    head = next(line for line in invoice.splitlines() if line.startswith("HDR"))
    return int(head.split(",")[-1].removesuffix(".00"))


def compose(party: Party) -> None:
    party.scan()
    while (
        job := party.store.jobs.claim(party.gateway.clock.now(), owner="test", lease=timedelta(minutes=5), tasks={"compose"})
    ) is not None:
        party.handlers[job.task](job.ids)
        party.store.jobs.done(job)


def test_a_file_that_agrees_with_its_trailer_is_delivered(trade: Trade, invoice: str):
    party = trade.supplier
    party.drop("whole.csv", closed(invoice, invoice.replace(f"INV-{PO}", "INV-2")))
    trade.run()

    assert party.result("whole.csv")["result"] == "accepted"
    assert [path.name for path in (party.erp / "archive").rglob("*.csv")] == ["whole.csv"]
    assert {one.state for one in party.transmissions(direction=Direction.OUT)} <= {Outbound.DELIVERED}
    assert len(trade.retailer.published()) == 2


@pytest.mark.parametrize("kind", ["total", "trailer", "middle", "after", "header"])
def test_a_file_that_does_not_agree_is_in_error_with_the_row_and_nothing_of_it_is_sent(trade: Trade, invoice: str, kind: str):
    party = trade.supplier
    whole = closed(invoice, invoice.replace(f"INV-{PO}", "INV-2"))
    lines = whole.splitlines(keepends=True)
    count = len(lines)
    content, code, line = {
        "total": (closed(invoice, total="9.99"), "ERP-137", closed(invoice).count("\n")),
        "trailer": ("".join(lines[:-1]), "ERP-133", count - 1),
        "middle": ("".join(lines[: count // 2 + 1]), "ERP-133", count // 2 + 1),
        "after": (whole + invoice, "ERP-135", count + 1),
        "header": ("".join(lines[1:]), "ERP-136", 1),
    }[kind]
    party.drop("cut.csv", content)
    compose(party)

    answer = party.result("cut.csv")
    assert (answer["result"], answer["documents"]) == ("refused", [])
    row = answer["findings"][0]
    assert (row["code"], row["line"]) == (code, line)
    assert row["column"] == (1 if kind != "total" else column_of_total(content))
    text = (party.erp / "ack" / "cut.csv.result.txt").read_text()
    assert "nothing was sent, as the file is not whole" in text
    assert f"{code}  line {line}, column {row['column']}" in text
    assert (party.erp / "error" / "cut.csv").read_text() == content
    assert party.sets(direction=Direction.OUT) == []


def column_of_total(content: str) -> int:
    """The column at which the total of the last line stands."""
    return content.splitlines()[-1].rindex(",") + 2
