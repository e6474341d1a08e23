"""What an ERP may get wrong in a file: a coded finding in its result, the file in `error/`, and the next one taken."""

import time
import tracemalloc
from dataclasses import replace
from hashlib import sha256

import pytest

from edi_gateway.channels.folder import FolderDrop
from edi_gateway.demo import papers
from edi_gateway.flatfile import read
from edi_gateway.lifecycle.states import Direction
from edi_gateway.testing.pair import Party, Trade

PO = "4500017"


@pytest.fixture
def invoice(trade: Trade) -> str:
    return papers.fill(papers.INVOICE, PO, trade.clock.now().date())


def findings(answer) -> list[dict[str, object]]:  # type: ignore[no-untyped-def]
    return [*answer["findings"], *(one for document in answer["documents"] for one in document["findings"])]


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><INVOICE><HDR>&b;</HDR></INVOICE>'
)
IDOC = b"EDI_DC40  " + b" " * 59 + b"INVOIC02".ljust(30) + b" " * 30 + b"INVOIC".ljust(30) + b"\nE2EDK01005      80"


@pytest.mark.parametrize(
    ("name", "content", "code", "place"),
    [
        ("missing.csv", b"#LIN,quantity\nHDR,INVOICE,I1,20260111,P1\nLIN,1\n", None, None),
        ("invoice_1.csv", b"#HDR,id,issue_date\nHDR,I1,20260111\n", "ERP-116", (1, 1)),
        ("encoding.csv", b"HDR,INVOICE,I1,20260111,P1\nNTE,,Gr\xfc\xdfe\n", "ERP-102", (2, 8)),
        ("wide.csv", "HDR,INVOICE".encode("utf-16"), "ERP-", (1, 1)),
        ("half.csv", b'HDR,INVOICE,I1,20260111,P1\nNTE,,"half a li', "ERP-103", (2, 6)),
        ("formula.csv", b"HDR,INVOICE,I1,20260111,P1,,,invoice,USD,,,,,,5\nLIN,1,=4*5,EA,3.10\n", "ERP-111", (2, 7)),
        ("columns.csv", b"HDR,INVOICE,I1,20260111,P1,,,invoice,USD,,,,,,5\nLIN,1,20,EA,3.10,,,,,,,too many\n", "ERP-105", (2, 23)),
        ("control.csv", b"HDR,INVOICE,I1,20260111,P1\nNTE,,a\x00b\n", "ERP-114", (2, 7)),
        ("empty.csv", b"", "ERP-101", (1, 1)),
        ("nothing.csv", b"what is this\n", "ERP-118", (1, 1)),
        ("invoice.xml", BOMB, "ERP-", None),
        ("idoc_invoic.txt", IDOC, "STO-411", None),
        ("invoice.xlsx", b"PK\x03\x04 no workbook", "ERP-", (1, 1)),
        ("invoice.json", b'[{"HDR": {"document": "INVOICE", "id": ', "ERP-", None),
    ],
)
def test_a_bad_file_is_answered_with_a_code_and_put_into_error(
    trade: Trade, invoice: str, name: str, content: bytes, code: str | None, place: tuple[int, int] | None
):
    party = trade.supplier
    party.drop(name, content)
    party.compose()

    answer = party.result(name)
    assert answer["result"] == "refused"
    found = findings(answer)
    assert found
    assert all(one["message"] and one["fix"] for one in found)
    if code is not None:
        meant = next(one for one in found if str(one["code"]).startswith(code))
        assert place in (None, (meant["line"], meant["column"]))
    assert (party.erp / "error" / name).read_bytes() == content
    assert party.sets() == []
    party.drop("next.csv", invoice)
    party.compose()
    assert party.result("next.csv")["result"] == "accepted"


def test_a_file_of_more_than_a_million_lines_is_refused_before_it_is_read(trade: Trade):
    layout = trade.supplier.gateway.shelf.layout("invoice")
    content = b"HDR,INVOICE,I1,20260111,P1\n" + b"LIN,1,20,EA,3.10\n" * 1_000_000
    started = time.process_time()
    [fault] = read(content, layout, file="i.csv").all_faults
    assert (fault.code, fault.value, fault.place.line) == ("ERP-132", "1000001", 1_000_001)
    assert time.process_time() - started < 1


@pytest.mark.slow
def test_many_lines_take_time_and_memory_in_proportion(trade: Trade):
    layout = trade.supplier.gateway.shelf.layout("invoice")
    head, line = b"HDR,INVOICE,I1,20260111,P1\n", b"LIN,1,20,EA,3.10,,B000123,SKU-77\n"

    def taken(lines: int) -> tuple[float, int]:
        content = head + line * lines
        tracemalloc.start()
        started = time.process_time()
        reading = read(content, layout)
        took, (_, peak) = time.process_time() - started, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert len(reading.all_faults) == 1, "the total is left out"
        return took, peak

    small, large = taken(10_000), taken(100_000)
    assert large[0] < 25 * small[0]
    assert large[1] < 12 * small[1]


def with_semaphores(trade: Trade) -> Party:
    party = trade.supplier
    party.use(replace(party.gateway, drop=FolderDrop(party.house.settings.erp.folder, complete="semaphore")))
    return party


def test_a_semaphore_that_agrees_lets_its_file_in_and_is_gone_with_it(trade: Trade, invoice: str):
    party = with_semaphores(trade)
    party.drop("i.csv", invoice)
    party.compose()
    assert not (party.erp / "ack").joinpath("i.csv.result.json").exists()
    records = sum(1 for line in invoice.splitlines() if line and not line.startswith("#"))
    said = f"sha256: {sha256(invoice.encode()).hexdigest().upper()}\nrecords={records}\nsize : {len(invoice.encode())}\n"
    party.drop("i.csv.done", said + "total: 195\n")
    party.compose()

    assert party.result("i.csv")["result"] == "accepted"
    assert [path.name for path in (party.erp / "in").iterdir()] == []
    assert [path for path in (party.erp / "work").rglob("*") if path.is_file()] == []


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ("sha256: 00", "ERP-131"),
        ("records: 3", "ERP-131"),
        ("size: 1", "ERP-131"),
        ("total: 5", "ERP-131"),
        ("total: much", "ERP-131"),
        ("sum: 5", "ERP-130"),
        ("ok", "ERP-130"),
    ],
)
def test_a_file_that_is_not_what_its_semaphore_says_is_refused_whole(trade: Trade, invoice: str, said: str, code: str):
    party = with_semaphores(trade)
    party.drop("i.csv", invoice)
    party.drop("i.csv.done", f"\n{said}\n")
    party.compose()

    answer = party.result("i.csv")
    assert (answer["result"], [one["code"] for one in answer["findings"]], answer["findings"][0]["line"]) == ("refused", [code], 2)
    assert (party.erp / "error" / "i.csv").read_text() == invoice
    assert party.sets(direction=Direction.OUT) == []


def test_a_semaphore_left_by_a_crash_between_two_renames_still_counts(trade: Trade, invoice: str):
    party = with_semaphores(trade)
    party.drop("i.csv", invoice)
    party.drop("i.csv.done", "records: 1\n")
    own = party.erp / "work" / "in-1" / "0123456789abcdef"
    own.mkdir(parents=True)
    (party.erp / "in" / "i.csv").rename(own / "i.csv")
    party.compose()
    assert [one["code"] for one in party.result("i.csv")["findings"]] == ["ERP-131"]
    assert list((party.erp / "in").iterdir()) == []
