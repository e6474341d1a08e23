"""What the agreement says of a file's documents: those sent before, good ones beside faulty ones, and files that the ERP leaves."""

from datetime import timedelta

import pytest

from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction
from edi_gateway.testing.interchanges import orders
from edi_gateway.testing.pair import Party, Trade

PO = "4500017"


@pytest.fixture
def invoice(trade: Trade) -> str:
    return papers.fill(papers.INVOICE, PO, trade.clock.now().date())


def numbered(invoice: str, number: str) -> str:
    return invoice.replace(f"INV-{PO}", number)


def agree(trade: Trade, terms: str) -> Party:
    file = trade.supplier.side.home / "partners" / f"{trade.supplier.partner}.yaml"
    file.write_text(file.read_text().replace("send: [855, 856, 810, 812]", f"send: {{855: , 856: , 812: , 810: {{{terms}}}}}"))
    return trade.restart("supplier")


def dropped(party: Party, content: str, name: str = "file.csv"):  # type: ignore[no-untyped-def]
    party.drop(name, content)
    party.compose()
    return party.result(name)


def results(answer) -> list[str]:  # type: ignore[no-untyped-def]
    return [one["result"] for one in answer["documents"]]


def test_good_documents_wait_where_the_agreement_says_so(trade: Trade, invoice: str):
    supplier = agree(trade, "mixed: wait")
    bad = numbered(invoice, "INV-BAD").replace("LIN,1,20,EA", "LIN,1,twenty,EA")
    answer = dropped(supplier, numbered(invoice, "INV-1") + bad + numbered(invoice, "INV-2"), "mixed.csv")

    assert (answer["result"], results(answer)) == ("refused", ["waiting", "refused", "waiting"])
    assert supplier.sets(direction=Direction.OUT) == []
    assert (supplier.erp / "error" / "mixed.csv").is_file()
    assert "good documents wait" in (supplier.erp / "ack" / "mixed.csv.result.txt").read_text()

    mended = dropped(supplier, numbered(invoice, "INV-1") + numbered(invoice, "INV-BAD") + numbered(invoice, "INV-2"), "mixed.csv")
    assert (mended["result"], results(mended)) == ("accepted", ["queued"] * 3)


def test_a_fault_of_the_file_keeps_its_documents_back_too(trade: Trade, invoice: str):
    supplier = agree(trade, "mixed: wait")
    answer = dropped(supplier, "#NTE,text,nope\n" + invoice)
    assert (answer["result"], results(answer)) == ("refused", ["waiting"])


def test_a_corrected_file_needs_only_the_documents_that_were_bad(trade: Trade, invoice: str):
    bad = numbered(invoice, "INV-BAD").replace("LIN,1,20,EA", "LIN,1,twenty,EA")
    first = dropped(trade.supplier, invoice + bad)
    second = dropped(trade.supplier, numbered(invoice, "INV-BAD"), "again.csv")

    assert (first["result"], second["result"]) == ("partly", "accepted")
    assert [row.business_key for row in trade.supplier.sets(direction=Direction.OUT)] == [f"INV-{PO}", "INV-BAD"]


@pytest.mark.parametrize(
    ("policy", "same", "other", "codes"),
    [
        ("reject", "duplicate", "refused", ["STO-429", "STO-441"]),
        ("warn", "duplicate", "queued", ["STO-429", "STO-440"]),
        ("allow", "queued", "queued", []),
    ],
)
def test_what_becomes_of_a_number_that_was_sent_before(trade: Trade, invoice: str, policy: str, same: str, other: str, codes: list[str]):
    supplier = agree(trade, f"repeats: {policy}")
    dropped(supplier, invoice)
    again = dropped(supplier, invoice + invoice.replace("Notebook A5", "Notebook A6"), "again.csv")

    assert results(again) == [same, other]
    assert [one["code"] for document in again["documents"] for one in document["findings"]] == codes
    assert len(supplier.sets(direction=Direction.OUT)) == 1 + [same, other].count("queued")


@pytest.mark.parametrize(
    ("policy", "expected"), [("reject", ["queued", "duplicate", "refused"]), ("warn", ["queued", "duplicate", "queued"])]
)
def test_a_number_that_stands_twice_in_one_file_is_judged_alike(trade: Trade, invoice: str, policy: str, expected: list[str]):
    supplier = agree(trade, f"repeats: {policy}")
    answer = dropped(supplier, invoice + invoice + invoice.replace("Notebook A5", "Notebook A6"))

    assert results(answer) == expected
    assert answer["documents"][0]["message"] == answer["documents"][1]["message"]


def picking_up(trade: Trade, sealed) -> Party:
    file = trade.supplier.side.home / "partners" / f"{trade.supplier.partner}.yaml"
    file.write_text(file.read_text().replace("    850:\n", "    850:\n      pickup: 1h\n"))
    supplier = trade.restart("supplier")
    supplier.receive(sealed(trade.retailer, orders("A1")))
    supplier.work()
    return supplier


def pickup(party: Party) -> DeadlineState:
    [window] = party.deadlines(kind=DeadlineKind.PICKUP)
    return window.state


def test_a_file_that_the_erp_takes_in_time_is_seen_to_be_taken(trade: Trade, sealed):
    supplier = picking_up(trade, sealed)
    supplier.scan()
    assert pickup(supplier) is DeadlineState.OPEN

    [path] = (supplier.erp / "out").iterdir()
    path.unlink()
    supplier.scan()
    assert pickup(supplier) is DeadlineState.MET
    assert f"erp.picked_up: The ERP has taken {path.name}." in supplier.events()


def test_a_file_that_the_erp_leaves_is_overdue_until_it_is_taken(trade: Trade, sealed):
    supplier = picking_up(trade, sealed)
    trade.clock.turn(timedelta(minutes=61))
    supplier.sweep()
    assert pickup(supplier) is DeadlineState.BREACHED
    assert any(event.startswith("window.breached: STO-438") for event in supplier.events())

    [path] = (supplier.erp / "out").iterdir()
    path.rename(supplier.erp / path.name)
    supplier.scan()
    assert pickup(supplier) is DeadlineState.LATE


def test_a_folder_that_is_gone_says_nothing_of_what_stood_in_it(trade: Trade, sealed):
    supplier = picking_up(trade, sealed)
    (supplier.erp / "out").rename(supplier.erp / "away")
    assert supplier.gateway.drop.stands(str(supplier.erp / "out" / "file.csv"))
