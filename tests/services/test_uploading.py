"""What a person uploads: tried out without a trace but its bytes, then taken as a dropped file is taken."""

import json

import pytest

from edi_gateway import flatfile
from edi_gateway.demo import papers
from edi_gateway.lifecycle.states import Direction, FileState
from edi_gateway.ports.web import Uploaded, Uploads
from edi_gateway.testing.pair import Party, Trade

PO = "4500017"


@pytest.fixture
def invoice(trade: Trade) -> str:
    return papers.fill(papers.INVOICE, PO, trade.clock.now().date())


@pytest.fixture
def supplier(trade: Trade) -> Party:
    return trade.supplier


@pytest.fixture
def uploads(supplier: Party) -> Uploads:
    return supplier.house.web_parts().uploads


def keep(supplier: Party, uploads: Uploads, content: str | bytes, name: str = "invoice.csv", set_id: str = "810") -> int:
    given = content.encode() if isinstance(content, str) else content
    return uploads.keep(Uploaded(partner=supplier.partner, set_id=set_id, name=name, content=given), actor="anna")


def told(uploads: Uploads, number: int):
    found = uploads.file(number)
    assert found is not None
    return found


def faulty(invoice: str) -> str:
    return invoice.replace(f"INV-{PO}", "INV-BAD").replace("LIN,1,20,EA", "LIN,1,twenty,EA")


def workbook(supplier: Party, invoice: str) -> bytes:
    """The invoice as an Excel workbook."""
    shelf = supplier.gateway.shelf
    reading = flatfile.read(invoice.encode(), shelf.layout("invoice"))
    return flatfile.write([one.tree for one in reading.documents], shelf.layout("invoice_xlsx")).content_or_faulty()


def test_what_may_be_handed_in_stands_with_every_form_it_is_taken_in(supplier: Party, uploads: Uploads):
    found = {one.set_id: [form.layout for form in one.forms] for one in uploads.documents(supplier.partner)}
    assert found["810"] == ["invoice", "invoice_xlsx"]
    assert found.keys() == {"855", "856", "810", "812"}
    assert uploads.documents("nobody") == ()


def test_a_dry_run_keeps_the_bytes_and_nothing_else(trade: Trade, supplier: Party, uploads: Uploads, invoice: str):
    number = keep(supplier, uploads, invoice)
    found = told(uploads, number)

    assert (found.row.state, found.may_go, found.result["result"]) == (FileState.TRIED, True, "accepted")
    [document] = found.result["documents"]
    assert (document["result"], document["number"], document["message"]) == ("queued", f"INV-{PO}", None)
    with supplier.look() as uow:
        assert found.row.content is not None
        assert uow.payloads.get(found.row.content) == invoice.encode()
        assert uow.documents.find() == []
    trade.run()
    assert supplier.sets(direction=Direction.OUT) == []
    assert any(words.startswith("erp.uploaded: ") for words in supplier.events())


def test_what_is_handed_in_is_on_its_way_and_arrives(trade: Trade, supplier: Party, uploads: Uploads, invoice: str):
    number = keep(supplier, uploads, invoice)
    uploads.hand_in(number, actor="anna")

    found = told(uploads, number)
    [row] = supplier.sets(direction=Direction.OUT)
    [document] = found.result["documents"]
    assert (found.row.state, document["result"], document["message"]) == (FileState.ACCEPTED, "queued", row.transmission_id)
    with supplier.look() as uow:
        [event] = uow.events.find(kind="erp.handed_in")
    assert (event.actor, event.erp_file_id) == ("anna", number)
    trade.run()
    assert [one.business_key for one in trade.retailer.sets(set_id="810")] == [f"INV-{PO}"]


def test_handed_in_twice_it_is_sent_once(trade: Trade, supplier: Party, uploads: Uploads, invoice: str):
    number = keep(supplier, uploads, invoice)
    for _ in range(2):
        uploads.hand_in(number, actor="anna")
    trade.run()
    assert len(supplier.sets(direction=Direction.OUT)) == 1
    assert len([words for words in supplier.events() if words.startswith("erp.handed_in")]) == 1


def test_a_large_file_is_left_to_a_worker(supplier: Party, uploads: Uploads, invoice: str):
    number = keep(supplier, uploads, invoice + "# a remark\n" * 30_000)
    uploads.hand_in(number, actor="anna")
    assert told(uploads, number).row.state is FileState.CLAIMED
    supplier.work()
    assert told(uploads, number).row.state is FileState.ACCEPTED


def test_the_same_documents_uploaded_again_would_be_duplicates_and_are(supplier: Party, uploads: Uploads, invoice: str):
    uploads.hand_in(keep(supplier, uploads, invoice), actor="anna")
    again = keep(supplier, uploads, invoice)
    tried = told(uploads, again)
    assert ([one["result"] for one in tried.result["documents"]], tried.may_go) == (["duplicate"], False)
    uploads.hand_in(again, actor="anna")
    assert told(uploads, again).row.state is FileState.DUPLICATE
    assert len(supplier.sets(direction=Direction.OUT)) == 1


def test_the_result_is_what_the_folder_would_have_got_and_what_the_dry_run_said(supplier: Party, uploads: Uploads, invoice: str):
    mixed = faulty(invoice) + invoice
    number = keep(supplier, uploads, mixed)
    tried = json.loads(json.dumps(told(uploads, number).result))
    uploads.hand_in(number, actor="anna")
    handed = told(uploads, number).result
    supplier.drop("invoice.csv", mixed.replace(f"INV-{PO}", "INV-OTHER"))
    supplier.scan()
    supplier.work()
    dropped = supplier.result("invoice.csv")

    def without_names(result):
        documents = [{**one, "message": None, "control_number": None, "number": None} for one in result["documents"]]
        return {**result, "documents": documents, "sha256": None, "received_at": None}

    assert handed["result"] == "partly"
    assert without_names(tried) == without_names(handed) == without_names(dropped)


def test_a_workbook_says_the_row_and_the_cell_of_a_fault(supplier: Party, uploads: Uploads, invoice: str):
    good = keep(supplier, uploads, workbook(supplier, invoice), "invoice.xlsx")
    assert (told(uploads, good).is_workbook, told(uploads, good).may_go) == (True, True)
    template = uploads.template("invoice_xlsx")
    assert template is not None
    blank = told(uploads, keep(supplier, uploads, template, "invoice.xlsx"))
    assert blank.result["layout"] == "invoice_xlsx"


@pytest.mark.parametrize("layout", ["invoice", "invoice_xlsx", "order_response", "ship_notice", "adjustment"])
def test_a_template_is_known_again_by_its_layout(supplier: Party, uploads: Uploads, layout: str):
    content = uploads.template(layout)
    assert content is not None
    known = flatfile.recognise(content, supplier.gateway.shelf.layouts(), file="x")
    assert getattr(known, "name", None) == layout
    reading = flatfile.read(content, supplier.gateway.shelf.layout(layout))
    assert len(reading.documents) == 1, "every record stands within one document"


def test_there_is_no_template_of_what_nobody_fills_in_or_knows(uploads: Uploads):
    assert uploads.template("idoc_invoic_xml") is None
    assert uploads.template("nothing") is None


def test_another_document_than_the_chosen_one_is_told_and_stays(supplier: Party, uploads: Uploads, invoice: str):
    found = told(uploads, keep(supplier, uploads, invoice, set_id="855"))
    assert (found.may_go, found.result["result"], found.result["documents"]) == (False, "refused", [])
    assert [one["code"] for one in found.result["findings"]] == ["ERP-416"]


@pytest.mark.parametrize("content", [b"\n", b"hello", b"PK\x03\x04broken", b"\x00\xff" * 100, b"%PDF-1.7"])
def test_a_file_that_is_none_of_ours_is_answered_and_stays(supplier: Party, uploads: Uploads, content: bytes):
    found = told(uploads, keep(supplier, uploads, content, "wrong.bin"))
    assert (found.may_go, found.result["result"]) == (False, "refused")
    assert found.result["findings"]
    assert all(one["fix"] for one in found.result["findings"])


def test_the_api_does_not_show_what_was_not_handed_in(supplier: Party, uploads: Uploads, invoice: str):
    documents = supplier.house.web_parts().documents
    number = keep(supplier, uploads, invoice)
    assert documents.find(number) is None
    uploads.hand_in(number, actor="anna")
    assert documents.find(number) is not None
