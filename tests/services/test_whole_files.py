"""A file that an ERP closes with a trailer, through the folder of a gateway: whole it is delivered, and cut short nothing of it is sent."""

from dataclasses import replace
from pathlib import Path

import pytest

from edi_gateway.channels.folder import FolderDrop
from edi_gateway.demo import papers
from edi_gateway.flatfile import read
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.services.semaphore import differences, total_differs
from edi_gateway.testing.pair import Trade

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
    party.compose()

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


def told(trade: Trade, content: str, semaphore: str) -> dict[str, object]:
    """The answer to a file with a semaphore."""
    party = trade.supplier
    party.use(replace(party.gateway, drop=FolderDrop(party.house.settings.erp.folder, complete="semaphore")))
    party.drop("i.csv", content)
    party.drop("i.csv.done", semaphore)
    party.compose()
    return party.result("i.csv")


def test_a_semaphore_may_say_the_control_total(trade: Trade, invoice: str):
    assert told(trade, closed(invoice), f"total: {amount(invoice)}.0\n")["result"] == "accepted"


def test_another_total_than_the_semaphore_says_refuses_the_file_whole(trade: Trade, invoice: str):
    answer = told(trade, closed(invoice), "records: 10\n\ntotal: 194.99\n")
    [row] = answer["findings"]  # type: ignore[misc]
    assert (answer["result"], row["code"], row["line"], row["field"], row["value"]) == ("refused", "ERP-131", 3, "total", "194.99")
    assert "says total 194.99, and the file has 195.00" in row["message"]
    assert trade.supplier.sets(direction=Direction.OUT) == []


def test_a_total_of_a_layout_that_names_none_is_told(trade: Trade, invoice: str):
    layout = trade.supplier.side.home / "schemas" / "flat" / "invoice.yaml"
    text = (ROOT / "schemas" / "flat" / "invoice.yaml").read_text()
    layout.write_text("".join(line for line in text.splitlines(keepends=True) if not line.startswith("total:")))
    trade.restart("supplier")
    [row] = told(trade, invoice, "total: 195\n")["findings"]  # type: ignore[misc]
    assert (row["code"], row["line"]) == ("ERP-138", 1)


def test_what_we_publish_with_a_semaphore_can_be_taken_by_one(trade: Trade, invoice: str):
    """The retailer's gateway writes the invoice and its semaphore; a folder that asks for semaphores takes both as they are."""
    file = trade.retailer.side.home / "partners" / f"{trade.retailer.partner}.yaml"
    file.write_text(file.read_text().replace("[855, 856, 810, 812]", "{855: , 856: , 812: , 810: {semaphore: true}}"))
    retailer = trade.restart("retailer")
    trade.supplier.drop("whole.csv", closed(invoice))
    trade.run()

    path, beside = sorted((retailer.erp / "out").iterdir())
    assert beside.name == f"{path.name}.done"
    assert [line.split(": ")[0] for line in beside.read_text().splitlines()] == ["sha256", "records", "total"]
    assert beside.read_text().endswith("total: 195.00\n")
    assert differences(beside.read_text(), path.read_bytes(), path.name) == ()
    reading = read(path.read_bytes(), retailer.gateway.shelf.layout("invoice"))
    assert total_differs(beside.read_text(), reading, path.name) == ()


def column_of_total(content: str) -> int:
    """The column at which the total of the last line stands."""
    return content.splitlines()[-1].rindex(",") + 2
