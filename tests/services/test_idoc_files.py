"""SAP's IDocs through the folder: a whole one is sent; one cut short or wrong is answered with its place, and the next one taken."""

from pathlib import Path

import pytest

from edi_gateway.lifecycle.states import Direction
from edi_gateway.testing.pair import Party, Trade

SAMPLES = Path(__file__).parents[2] / "samples" / "erp"
FLAT = (SAMPLES / "idoc_invoic.idoc").read_bytes()
FILLED = b"\n".join([FLAT.splitlines()[0], *(line.ljust(1063) for line in FLAT.splitlines()[1:]), b""])
XML = (SAMPLES / "idoc_invoic_xml.xml").read_bytes()
FORMS = {"flat": ("idoc_invoic", "bill.idoc", FLAT), "XML": ("idoc_invoic_xml", "bill.xml", XML)}


@pytest.fixture
def party(trade: Trade, form: str) -> Party:
    """A supplier whose SAP writes its invoices as IDocs, in the form of the test."""
    file = trade.supplier.side.home / "partners" / f"{trade.supplier.partner}.yaml"
    terms = f"{{layout: {FORMS[form][0]}, erp_map: flat/idoc_invoic}}"
    file.write_text(file.read_text().replace("send: [855, 856, 810, 812]", f"send: {{855: , 856: , 812: , 810: {terms}}}"))
    return trade.restart("supplier")


def refused(party: Party, name: str, content: bytes) -> tuple[str, int | None, int | None]:
    """Drops a file that is not to be taken; the code and the place of its first finding, after the next file was taken."""
    party.drop(name, content)
    party.compose()
    answer = party.result(name)
    found = [*answer["findings"], *(one for document in answer["documents"] for one in document["findings"])]
    assert answer["result"] == "refused"
    assert found
    assert all(one["message"] and one["fix"] for one in found)
    told = (party.erp / "ack" / f"{name}.result.txt").read_text()
    assert found[0]["code"] in told
    assert (party.erp / "error" / name).read_bytes() == content
    assert party.sets(direction=Direction.OUT) == []
    return found[0]["code"], found[0]["line"], found[0]["column"]


def sent(party: Party, name: str, content: bytes) -> None:
    """Drops a file that is to be taken."""
    party.drop(name, content)
    party.compose()
    assert party.result(name)["result"] == "accepted", party.result(name)
    assert [(one.set_id, one.business_key, one.po_number) for one in party.sets(direction=Direction.OUT)] == [
        ("810", "INV-7001", "4500017")
    ]


CUT: dict[str, list[tuple[str, bytes, tuple[str, int | None, int | None]]]] = {
    "flat": [
        ("within the head of a segment", FLAT[: FLAT.index(b"E2EDP26") + 40], ("ERP-119", 11, 41)),
        ("in the middle of a filled segment", FILLED[: FILLED.index(b"E2EDP26") + 90], ("ERP-119", 11, 91)),
        ("after the header", FLAT[: FLAT.index(b"E2EDP01")], ("ERP-110", 9, None)),
        ("before the first data record", FLAT[: FLAT.index(b"E2EDK01")], ("ERP-110", 1, None)),
        ("in a value that must be a number", FLAT.replace(b"3.10", b"3.1O"), ("ERP-111", 11, 67)),
    ],
    "XML": [
        ("within an element", XML[: XML.index(b"<BETRG>") + 9], ("ERP-120", 74, 18)),
        ("within a tag", XML[: XML.index(b"<BETRG>") + 4], ("ERP-120", 74, 9)),
        ("before it ends", XML[: XML.rindex(b"</IDOC>")], ("ERP-120", 90, 3)),
    ],
}
OTHER: dict[str, list[tuple[str, bytes, str]]] = {
    "flat": [
        ("another message type", FLAT.replace(b"INVOIC   ", b"PAYEXT   "), "ERP-118"),
        ("an older control record", FLAT.replace(b"EDI_DC40", b"EDI_DC  "), "ERP-118"),
        ("a control record cut in two", FLAT[:80] + FLAT[FLAT.index(b"\n") :], "ERP-118"),
        ("no control record", FLAT[FLAT.index(b"E2EDK01") :], "ERP-118"),
        ("an empty file", b"", "ERP-101"),
        ("blanks", b"\n \n\n", "ERP-101"),
    ],
    "XML": [
        ("another message type", XML.replace(b">INVOIC<", b">PAYEXT<"), "ERP-118"),
        ("cut within the control record", XML[: XML.index(b"<MESTYP>") + 10], "ERP-118"),
        ("an IDoc of another kind than agreed", (SAMPLES / "idoc_ordrsp_xml.xml").read_bytes(), "STO-411"),
        ("an empty file", b"", "ERP-101"),
    ],
}


@pytest.mark.parametrize("form", FORMS)
def test_an_idoc_cut_short_is_answered_with_the_place_and_the_whole_one_is_sent(party: Party, form: str):
    _, name, whole = FORMS[form]
    for number, (what, content, place) in enumerate(CUT[form]):
        assert refused(party, f"{number}-{name}", content) == place, what
    sent(party, name, whole)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_is_no_idoc_of_the_agreement_is_refused_as_what_it_is(party: Party, form: str):
    _, name, whole = FORMS[form]
    for number, (what, content, code) in enumerate(OTHER[form]):
        assert refused(party, f"{number}-{name}", content)[0] == code, what
    sent(party, name, whole)


def test_a_delivery_of_sap_is_sent_as_a_ship_notice_with_its_orders_packs_and_pallets(trade: Trade):
    file = trade.supplier.side.home / "partners" / f"{trade.supplier.partner}.yaml"
    terms = "{layout: idoc_desadv, erp_map: flat/idoc_desadv}"
    file.write_text(file.read_text().replace("send: [855, 856, 810, 812]", f"send: {{855: , 810: , 812: , 856: {terms}}}"))
    party = trade.restart("supplier")
    content = (SAMPLES / "idoc_desadv.idoc").read_bytes()
    assert refused(party, "cut.idoc", content[: content.index(b"E2EDL44") + 50]) == ("ERP-119", 21, 51)
    assert refused(party, "astray.idoc", content.replace(b"041          000020", b"041          000090")) == ("ERP-142", 24, 75)
    party.drop("notice.idoc", content)
    party.compose()
    assert party.result("notice.idoc")["result"] == "accepted", party.result("notice.idoc")
    assert [(one.set_id, one.business_key) for one in party.sets(direction=Direction.OUT)] == [("856", "0080001234")]


def answering(trade: Trade, layout: str, more: str = "") -> Party:
    """A supplier whose SAP answers orders by an ORDRSP."""
    file = trade.supplier.side.home / "partners" / f"{trade.supplier.partner}.yaml"
    terms = f"{{layout: {layout}, erp_map: flat/idoc_ordrsp{more}}}"
    file.write_text(file.read_text().replace("send: [855, 856, 810, 812]", f"send: {{856: , 810: , 812: , 855: {terms}}}"))
    return trade.restart("supplier")


@pytest.mark.parametrize(("layout", "name"), [("idoc_ordrsp", "idoc_ordrsp.idoc"), ("idoc_ordrsp_xml", "idoc_ordrsp_xml.xml")])
def test_an_order_response_of_sap_is_sent_with_the_units_of_its_items(trade: Trade, layout: str, name: str):
    party = answering(trade, layout)
    party.drop(name, (SAMPLES / name).read_bytes())
    party.compose()
    assert party.result(name)["result"] == "accepted", party.result(name)
    assert [one.set_id for one in party.sets(direction=Direction.OUT)] == ["855"]


def test_amazon_is_told_of_what_it_knows_and_the_erp_of_the_answer_that_it_does_not(trade: Trade):
    party = answering(trade, "idoc_ordrsp", ", map: amazon/855, guide: amazon/retail-855")
    content = (SAMPLES / "idoc_ordrsp.idoc").read_bytes()
    party.drop("changed.idoc", content)
    party.compose()
    found = [one for document in party.result("changed.idoc")["documents"] for one in document["findings"]]
    assert [(one["code"], one["value"]) for one in found if one["code"] != "MAP-407"] == [("MAP-403", "changed")]
    party.drop("accepted.idoc", content.replace(b" 002\n", b" 004\n"))
    party.compose()
    assert party.result("accepted.idoc")["result"] == "accepted", party.result("accepted.idoc")
