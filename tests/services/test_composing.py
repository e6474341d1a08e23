"""What the ERP drops: good documents go out once, every file is answered, and each fault names its line and column."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from edi_gateway.demo import papers
from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import Direction, FileState, SetOut
from edi_gateway.testing.interchanges import acknowledgment
from edi_gateway.testing.pair import Party, Trade

pytestmark = pytest.mark.both_databases

PO = "4500017"
LEASE = timedelta(minutes=5)


@pytest.fixture
def invoice(trade: Trade) -> str:
    return papers.fill(papers.INVOICE, PO, trade.clock.now().date())


def text_of(party: Party, name: str) -> str:
    return (party.erp / "ack" / f"{name}.result.txt").read_text()


def sends_an_invoice(party: Party, invoice: str) -> bool:
    """Whether the next file goes through."""
    party.drop("next.csv", invoice.replace(PO, "4599999"))
    party.compose()
    return party.result("next.csv")["result"] == "accepted"


def test_a_good_file_is_answered_with_its_message_and_control_number_and_archived(trade: Trade, invoice: str):
    trade.supplier.drop("invoice.csv", invoice)
    trade.supplier.compose()

    [document] = trade.supplier.result("invoice.csv")["documents"]
    [row] = trade.supplier.sets(direction=Direction.OUT)
    assert (document["result"], document["number"], document["message"]) == ("queued", f"INV-{PO}", row.transmission_id)
    assert document["control_number"] == "000000001"
    assert list((trade.supplier.erp / "in").iterdir()) == []
    [archived] = (trade.supplier.erp / "archive").rglob("invoice.csv")
    assert archived.read_text() == invoice


def test_a_bad_line_names_its_line_column_and_field_in_both_forms(trade: Trade, invoice: str):
    faulty = invoice.replace("LIN,1,20,EA", "LIN,1,twenty,EA")
    line = 1 + next(number for number, text in enumerate(faulty.splitlines()) if "twenty" in text)
    trade.supplier.drop("invoice.csv", faulty)
    trade.supplier.compose()

    answer = trade.supplier.result("invoice.csv")
    assert answer["result"] == "refused"
    [finding] = answer["documents"][0]["findings"]
    assert (finding["line"], finding["column"], finding["field"], finding["value"]) == (line, 7, "quantity", "twenty")
    assert finding["code"].startswith("ERP-")
    assert f"line {line}, column 7 (quantity)" in text_of(trade.supplier, "invoice.csv")
    assert trade.supplier.sets() == []
    [kept] = (trade.supplier.erp / "error").iterdir()
    assert kept.read_text() == faulty
    assert sends_an_invoice(trade.supplier, invoice)


def test_good_documents_of_a_mixed_file_go_out(trade: Trade, invoice: str):
    bad = invoice.replace(f"INV-{PO}", "INV-BAD").replace("LIN,1,20,EA", "LIN,1,twenty,EA")
    trade.supplier.drop("mixed.csv", invoice + bad + invoice.replace(f"INV-{PO}", "INV-LAST"))
    trade.supplier.compose()

    answer = trade.supplier.result("mixed.csv")
    assert answer["result"] == "partly"
    assert [one["result"] for one in answer["documents"]] == ["queued", "refused", "queued"]
    assert [row.business_key for row in trade.supplier.sets(direction=Direction.OUT)] == [f"INV-{PO}", "INV-LAST"]


def test_what_the_partner_would_reject_is_refused_at_the_value_in_the_file(trade: Trade, invoice: str):
    faulty = invoice.replace("LIN,1,20,EA", "LIN,1,20,QQ")
    lines = faulty.splitlines()
    line = 1 + next(number for number, text in enumerate(lines) if "QQ" in text)
    trade.supplier.drop("invoice.csv", faulty)
    trade.supplier.compose()

    [finding] = trade.supplier.result("invoice.csv")["documents"][0]["findings"]
    assert finding["code"].startswith("X12-")
    assert (finding["line"], finding["column"]) == (line, lines[line - 1].index("QQ") + 1)
    assert finding["field"] == "unit_code"
    assert trade.supplier.sets() == []
    assert sends_an_invoice(trade.supplier, invoice)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        ("ORDER_RESPONSE", "LIN,2,6,CA", "LIN,2,6,QQ"),
        ("ORDER_RESPONSE", "STA,accepted,6,CA", "STA,accepted,6,QQ"),
        ("SHIP_NOTICE", "6,CA,6", "6,QQ,6"),
        ("INVOICE", "LIN,2,6,CA", "LIN,2,6,QQ"),
        ("CREDIT", ",4,EA,", ",4,QQ,"),
    ],
)
def test_an_unknown_code_is_traced_back_through_every_map(trade: Trade, name: str, good: str, bad: str):
    text = papers.fill(getattr(papers, name), PO, trade.clock.now().date())
    assert text.count(good) == 1
    faulty = text.replace(good, bad)
    trade.supplier.drop("file.csv", faulty)
    trade.supplier.compose()

    before = faulty[: faulty.index("QQ")]
    place = (before.count("\n") + 1, len(before.rpartition("\n")[2]) + 1)
    [document] = trade.supplier.result("file.csv")["documents"]
    assert {(finding["line"], finding["column"]) for finding in document["findings"]} == {place}, document["findings"]


def test_a_value_that_holds_a_delimiter_is_refused_at_its_place_before_any_number_is_claimed(trade: Trade, invoice: str):
    faulty = invoice.replace("Notebook A5", "Notebook *A5*")
    lines = faulty.splitlines()
    line = 1 + next(number for number, text in enumerate(lines) if "*A5*" in text)
    trade.supplier.drop("invoice.csv", faulty)
    trade.supplier.compose()
    [finding] = trade.supplier.result("invoice.csv")["documents"][0]["findings"]
    assert (finding["code"], finding["line"], finding["column"]) == ("X12-601", line, lines[line - 1].index("Notebook") + 1)

    assert sends_an_invoice(trade.supplier, invoice)
    assert trade.supplier.result("next.csv")["documents"][0]["control_number"] == "000000001"


def test_the_same_file_again_is_named_a_duplicate_and_nothing_is_sent(trade: Trade, invoice: str):
    for name in ("invoice.csv", "again.csv", "invoice.csv"):
        trade.supplier.drop(name, invoice)
        trade.supplier.compose()

    [document] = trade.supplier.result("again.csv")["documents"]
    first = trade.supplier.result("invoice.csv")["documents"][0]
    assert (document["result"], document["message"], document["control_number"]) == ("duplicate", first["message"], "000000001")
    assert [finding["code"] for finding in document["findings"]] == ["STO-429"]
    assert "nothing was sent again" in text_of(trade.supplier, "again.csv")
    assert len(trade.supplier.sets(direction=Direction.OUT)) == 1
    with trade.supplier.look() as uow:
        assert [row.state for row in uow.erp_files.find()] == [FileState.ACCEPTED, FileState.DUPLICATE, FileState.DUPLICATE]


def test_a_corrected_file_may_be_dropped_whole_and_sends_what_was_not_sent(trade: Trade, invoice: str):
    bad = invoice.replace(f"INV-{PO}", "INV-BAD").replace("LIN,1,20,EA", "LIN,1,twenty,EA")
    trade.supplier.drop("mixed.csv", invoice + bad)
    trade.supplier.compose()
    assert trade.supplier.result("mixed.csv")["result"] == "partly"
    trade.supplier.drop("mixed.csv", invoice + bad.replace("twenty", "20"))
    trade.supplier.compose()

    result = trade.supplier.result("mixed.csv")
    assert (result["result"], [one["result"] for one in result["documents"]]) == ("accepted", ["duplicate", "queued"])
    assert [row.business_key for row in trade.supplier.sets(direction=Direction.OUT)] == [f"INV-{PO}", "INV-BAD"]


def test_the_same_document_twice_in_one_file_is_sent_once(trade: Trade, invoice: str):
    trade.supplier.drop("twice.csv", invoice + invoice)
    trade.supplier.compose()

    result = trade.supplier.result("twice.csv")
    assert (result["result"], [one["result"] for one in result["documents"]]) == ("accepted", ["queued", "duplicate"])
    assert result["documents"][0]["message"] == result["documents"][1]["message"]


def test_a_document_with_the_same_number_and_other_content_is_another_document(trade: Trade, invoice: str):
    trade.supplier.drop("invoice.csv", invoice)
    trade.supplier.compose()
    trade.supplier.drop("invoice.csv", invoice.replace("Notebook A5", "Notebook A6"))
    trade.supplier.compose()

    assert len(trade.supplier.sets(direction=Direction.OUT)) == 2


def test_a_document_that_the_partner_rejected_may_be_dropped_unchanged(trade: Trade, invoice: str, sealed):
    trade.supplier.drop("invoice.csv", invoice)
    trade.run()
    [row] = trade.supplier.sets(direction=Direction.OUT)
    # The retailer accepts it by itself, so its rejection is played before that arrives anywhere else.
    with trade.supplier.store.begin() as uow:
        uow.sets.change(row.id, state=SetOut.SENT, history="enveloped delivered")
    rejection = acknowledgment("IN", "1", "R", counts=(1, 1, 0))
    trade.supplier.receive(sealed(trade.retailer, rejection))
    trade.supplier.work()
    trade.supplier.drop("again.csv", invoice)
    trade.run()

    assert trade.supplier.result("again.csv")["result"] == "accepted"
    assert [one.state for one in trade.supplier.sets(direction=Direction.OUT)] == [SetOut.REJECTED, SetOut.ACCEPTED]


def test_a_refused_file_may_come_again_unchanged_once_the_cause_is_mended(trade: Trade, invoice: str):
    maps = trade.supplier.side.home / "maps" / "x12" / "004010"
    maps.mkdir(parents=True)
    (maps / "810.yaml").write_text("this is no map: [")
    trade.restart("supplier")
    trade.supplier.drop("invoice.csv", invoice)
    trade.supplier.compose()
    refused = trade.supplier.result("invoice.csv")
    (maps / "810.yaml").unlink()
    trade.supplier.configure()
    trade.supplier.drop("invoice.csv", invoice)
    trade.supplier.compose()

    assert refused["result"] == "refused"
    assert refused["documents"][0]["findings"][0]["code"].startswith("MAP-")
    assert trade.supplier.result("invoice.csv")["result"] == "accepted"


def test_equal_files_dropped_at_once_are_sent_once(trade: Trade, invoice: str):
    for number in range(8):
        trade.supplier.drop(f"invoice-{number}.csv", invoice)
    trade.supplier.scan()
    with trade.supplier.look() as uow:
        ids = [row.id for row in uow.erp_files.find()]
    handle = trade.supplier.handlers["compose"]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda row_id: handle({"id": row_id}), ids))

    results = [trade.supplier.result(f"invoice-{number}.csv")["result"] for number in range(8)]
    assert sorted(results) == ["accepted"] + ["duplicate"] * 7
    assert len(trade.supplier.sets(direction=Direction.OUT)) == 1


def test_one_file_worked_on_twice_at_once_is_sent_once(trade: Trade, invoice: str):
    trade.supplier.drop("invoice.csv", invoice)
    trade.supplier.scan()
    handle = trade.supplier.handlers["compose"]
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda _: handle({"id": 1}), range(6)))

    assert len(trade.supplier.sets(direction=Direction.OUT)) == 1
    assert trade.supplier.result("invoice.csv")["result"] == "accepted"


@pytest.mark.parametrize("content", [b"", b"PRICES,1,2\n", b"\xff\xfe\x00junk"], ids=["empty", "no known layout", "garbage"])
def test_a_file_of_no_known_layout_is_answered_with_a_code_and_kept(trade: Trade, invoice: str, content: bytes):
    trade.supplier.drop("prices.csv", content)
    trade.supplier.compose()

    answer = trade.supplier.result("prices.csv")
    assert answer["result"] == "refused"
    assert answer["findings"][0]["code"].startswith("ERP-")
    assert "prices.csv: refused" in text_of(trade.supplier, "prices.csv")
    assert (trade.supplier.erp / "error" / "prices.csv").read_bytes() == content
    assert sends_an_invoice(trade.supplier, invoice)


def test_a_document_that_was_not_agreed_on_is_answered_with_what_to_add(trade: Trade):
    trade.supplier.drop("order.csv", papers.fill(papers.ORDER, PO, trade.clock.now().date()))
    trade.supplier.compose()

    [finding] = trade.supplier.result("order.csv")["findings"]
    assert finding["code"] == "STO-411"


def test_a_file_in_the_folder_of_nobody_is_answered_there_and_kept(trade: Trade, invoice: str):
    nobody = trade.supplier.house.settings.erp.folder / "retialer"
    (nobody / "in").mkdir(parents=True)
    (nobody / "in" / "invoice.csv").write_text(invoice)
    trade.supplier.compose()

    assert "STO-428" in (nobody / "ack" / "invoice.csv.result.txt").read_text()
    assert (nobody / "error" / "invoice.csv").read_text() == invoice
    assert sends_an_invoice(trade.supplier, invoice)


def test_files_of_a_partner_whose_file_is_faulty_wait_until_it_is_mended(trade: Trade, invoice: str):
    file = trade.supplier.side.home / "partners" / "retailer.yaml"
    good = file.read_text()
    file.write_text(good.replace("windows:", "windoes:"))
    supplier = trade.restart("supplier")
    supplier.drop("invoice.csv", invoice)
    supplier.compose()
    assert (supplier.erp / "in" / "invoice.csv").read_text() == invoice

    file.write_text(good)
    supplier = trade.restart("supplier")
    supplier.compose()
    assert supplier.result("invoice.csv")["result"] == "accepted"


@pytest.mark.sqlite
def test_a_file_whose_work_was_parked_is_not_taken_up_at_every_look(trade: Trade, invoice: str):
    trade.supplier.drop("invoice.csv", invoice)
    trade.supplier.scan()
    queue, now = trade.supplier.store.jobs, trade.clock.now()
    job = queue.claim(now, owner="test", lease=LEASE)
    assert job is not None
    queue.park(job, now, Fault.of("STO-302", task=job.task, key=job.key, attempt=8, reason="a mistake of ours"))
    trade.supplier.scan()

    assert queue.claim(now, owner="test", lease=LEASE) is None
    assert [one.key for one in queue.parked()] == [job.key]


@pytest.mark.sqlite
def test_a_file_that_was_enveloped_before_a_crash_is_answered_and_archived_but_not_sent_again(trade: Trade, invoice: str):
    trade.supplier.drop("invoice.csv", invoice)
    trade.supplier.scan()
    with trade.supplier.look() as uow:
        [claimed] = uow.erp_files.find()
    before = shutil.copytree(trade.supplier.erp, trade.supplier.erp.parent / ".before")
    job = trade.supplier.store.jobs.claim(trade.clock.now(), owner="dead", lease=LEASE)
    assert job is not None
    trade.supplier.handlers[job.task](job.ids)
    # As if the process had died after the commit: the folders stand as they did before it.
    shutil.rmtree(trade.supplier.erp)
    shutil.copytree(before, trade.supplier.erp)
    with trade.supplier.store.begin() as uow:
        uow.erp_files.change(claimed.id, path=claimed.path)
    supplier = trade.restart("supplier")
    supplier.store.jobs.recover()
    supplier.compose()

    assert supplier.result("invoice.csv")["result"] == "accepted"
    assert [path.name for path in (supplier.erp / "archive").rglob("*.csv")] == ["invoice.csv"]
    assert len(supplier.sets(direction=Direction.OUT)) == 1
    assert {row.state for row in supplier.sets()} == {SetOut.ENVELOPED}
