"""`edi-gateway map`: documents to records and back, and each mistake named where it stands."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.demo.homes import Pair

from .conftest import ROOT, SAMPLES, Run

SETS = ("850", "855", "856", "810", "812")
LAYOUTS = ("order", "order_response", "ship_notice", "invoice", "adjustment")


@pytest.mark.parametrize("set_id", SETS)
def test_what_is_read_from_x12_can_be_written_and_read_again(set_id: str, run: Run, tmp_path: Path) -> None:
    name = f"x12/004010/{set_id}"
    record, again = tmp_path / "record.json", tmp_path / "again.edi"
    first = run("map", "read", name, SAMPLES / "maps" / f"{set_id}.edi", "--out", record)
    assert (first.code, first.out, first.err) == (0, "", "")
    assert run("map", "write", name, record, "--out", again).code == 0
    assert run("x12", "check", again).code == 0
    assert run("map", "read", name, again).json() == json.loads(record.read_text())


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_read_from_a_flat_file_is_written_as_it_stood(layout: str, run: Run) -> None:
    sample = SAMPLES / "erp" / f"{layout}.csv"
    read = run("map", "read", f"flat/{layout}", sample)
    assert (read.code, read.err) == (0, "")
    written = run("map", "write", f"flat/{layout}", "-", stdin=read.out.encode())
    assert (written.code, written.err) == (0, "")
    again = run("map", "read", f"flat/{layout}", "-", stdin=written.out.encode())
    assert again.json() == read.json()


def test_a_map_is_a_name_or_a_file(run: Run) -> None:
    sample = SAMPLES / "erp" / "order.csv"
    assert run("map", "read", ROOT / "maps" / "flat" / "order.yaml", sample).out == run("map", "read", "flat/order", sample).out


def test_a_homes_own_map_goes_before_the_shipped_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "maps" / "flat").mkdir(parents=True)
    (tmp_path / "maps" / "flat" / "order.yaml").write_text("map: flat/order\nrecord: Nonsense\nschema: flat order\n")
    ran = run("map", "read", "flat/order", SAMPLES / "erp" / "order.csv", "--home", tmp_path)
    assert (ran.code, ran.err.startswith("MAP-123  ")) == (2, True)
    assert str(tmp_path / "maps" / "flat" / "order.yaml") in ran.err


def test_several_documents_are_a_list(order: Path, run: Run) -> None:
    ran = run("map", "read", "x12/004010/850", order)
    assert [one["id"] for one in ran.json()] == ["PO-4711", "PO-4712"]
    written = run("map", "write", "x12/004010/850", "-", stdin=ran.out.encode())
    assert written.out.count("ST*850*") == 2


def test_segments_alone_are_written_where_they_are_asked_for(run: Run) -> None:
    record = run("map", "read", "flat/order", SAMPLES / "erp" / "order.csv").out
    lines = run("map", "write", "x12/004010/850", "-", "--segments", stdin=record.encode()).out.splitlines()
    assert (lines[0], lines[-1]) == ("ST*850*0001~", f"SE*{len(lines)}*0001~")


def test_the_envelope_is_what_was_given_and_marked_as_a_test(run: Run) -> None:
    record = run("map", "read", "flat/order", SAMPLES / "erp" / "order.csv").out
    given = ("--sender", "01:US", "--receiver", "14:THEM", "--control", "42", "--now", "2026-03-02T09:00:00Z")
    isa, gs, *_ = run("map", "write", "x12/004010/850", "-", *given, stdin=record.encode()).out.splitlines()
    assert isa.split("*")[5:16] == ["01", "US".ljust(15), "14", "THEM".ljust(15), "260302", "0900", "U", "00401", "000000042", "0", "T"]
    assert gs == "GS*PO*US*THEM*20260302*0900*42*X*004010~"


def test_a_party_that_no_envelope_can_name_is_a_wrong_call(run: Run) -> None:
    record = run("map", "read", "flat/order", SAMPLES / "erp" / "order.csv").out
    assert run("map", "write", "x12/004010/850", "-", "--sender", "US", stdin=record.encode()).code == 2


def test_a_faulty_set_is_told_and_not_read(faulty: Path, run: Run) -> None:
    ran = run("map", "read", "x12/004010/850", faulty)
    assert ran.code == 1
    assert [one["id"] for one in ran.json()] == ["PO-4712"]
    assert "set 850 0001" in ran.err
    said = run("map", "read", "--json", "x12/004010/850", faulty).json()
    assert [(one["document"], one["record"] is None, len(one["faults"])) for one in said["documents"]] == [
        ("850 0001", True, 1),
        ("850 0002", False, 0),
    ]


def test_a_bad_line_of_a_flat_file_is_named_with_its_column(run: Run) -> None:
    content = (SAMPLES / "erp" / "order.csv").read_bytes().replace(b"LIN,2,6,CA,", b"LIN,2,six,CA,")
    ran = run("map", "read", "flat/order", "-", stdin=content)
    assert (ran.code, ran.out) == (1, "")
    assert "standard input:8:7" in ran.err


WRONG_DOCUMENTS = {
    "an 810 for the map of the 850": ("x12/004010/850", SAMPLES / "x12" / "810.edi", "holds 810"),
    "a flat file for a map of X12": ("x12/004010/850", SAMPLES / "erp" / "order.csv", "no ISA"),
    "X12 for a flat map": ("flat/order", SAMPLES / "x12" / "850.edi", "an X12 interchange"),
    "an invoice for the map of orders": ("flat/order", SAMPLES / "erp" / "invoice.csv", "holds INVOICE"),
}


@pytest.mark.parametrize("case", WRONG_DOCUMENTS)
def test_another_document_is_one_fault_not_a_hundred(case: str, run: Run) -> None:
    map_name, file, words = WRONG_DOCUMENTS[case]
    ran = run("map", "read", map_name, file)
    assert (ran.code, ran.out, len(ran.err.splitlines())) == (2, "", 1)
    assert words in ran.err


def test_other_sets_are_left_out_and_counted(run: Run) -> None:
    content = (SAMPLES / "x12" / "850.edi").read_bytes() + (SAMPLES / "x12" / "810.edi").read_bytes()
    ran = run("map", "read", "x12/004010/850", "-", stdin=content)
    assert (ran.code, len(ran.json()), ran.err) == (0, 2, "1 other set left out.\n")


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        ("STO-424", ["map", "read", "flat/oder", SAMPLES / "erp" / "order.csv"]),
        ("STO-424", ["map", "lint", "flat/oder"]),
        ("STO-425", ["file", "template", "oder"]),
        ("CFG-GUIDE-UNKNOWN", ["map", "lint", "x12/004010/850", "--guide", "amazon/retail-80"]),
    ],
    ids=lambda one: one if isinstance(one, str) else " ".join(map(str, one[:2])),
)
def test_an_unknown_name_is_told_with_the_one_that_comes_nearest(code: str, arguments: list[str], run: Run) -> None:
    ran = run(*arguments)
    assert (ran.code, ran.err.split("  ")[0]) == (2, code)
    assert re.search(r"Did you mean [a-z/]*(order|retail-8[0-9]0)\? ", ran.err)


@pytest.mark.parametrize(("typed", "meant"), [("x12/004010/85", "x12/004010/850"), ("x12/004010/851", "x12/004010/850")])
def test_of_names_that_are_as_near_the_one_that_begins_alike_is_told(typed: str, meant: str, run: Run) -> None:
    assert f"Did you mean {meant}?" in run("map", "lint", typed).err


@pytest.mark.parametrize("name", ["NAME-THAT-DOES-NOT-EXIST", "nothing/like/any"])
def test_of_a_name_that_is_like_none_a_dozen_are_told(name: str, run: Run) -> None:
    ran = run("map", "lint", name)
    assert (ran.code, ran.err.split("  ")[0]) == (2, "STO-424")
    assert 0 < ran.err.count("/") < 20
    assert "…" in ran.err


@pytest.fixture
def record(run: Run) -> dict[str, Any]:
    found: dict[str, Any] = run("map", "read", "flat/order", SAMPLES / "erp" / "order.csv").json()
    return found


MISFITS: dict[str, tuple[dict[str, Any], str]] = {
    "a field that is none": ({"purpos": "original"}, "purpos is not a field of PurchaseOrder. Did you mean purpose?"),
    "a number for a text": ({"id": 17}, "id cannot be 17. It is a text."),
    "a word for a number": ({"lines": [{"quantity": "six"}]}, 'lines[1].quantity cannot be "six". It is a number'),
    "no number": ({"lines": [{"quantity": "NaN"}]}, 'lines[1].quantity cannot be "NaN". It is a number'),
    "a day that is none": ({"issue_date": "2026-02-30"}, 'issue_date cannot be "2026-02-30". It is a date'),
    "one for a list": ({"lines": {}}, "lines is not a list. Put it into [brackets]."),
    "a text for an object": ({"lines": ["one"]}, "lines[1] is not an object. Write the fields of OrderLine in {braces}."),
    "half a character": ({"id": "\ud800"}, "id cannot be"),
}


@pytest.mark.parametrize("case", MISFITS)
def test_a_record_that_does_not_fit_is_told_field_by_field(case: str, record: dict[str, Any], run: Run) -> None:
    change, words = MISFITS[case]
    ran = run("map", "write", "flat/order", "-", stdin=json.dumps({**record, **change}).encode())
    assert (ran.code, ran.out) == (2, "")
    assert f"CFG-RECORD-FIELD  standard input: {words}" in ran.err


def test_a_record_without_its_required_fields_is_told_all_of_them(run: Run) -> None:
    ran = run("map", "write", "flat/order", "-", stdin=b"{}")
    assert ran.code == 2
    assert {line.split(": ")[1].split()[0] for line in ran.err.splitlines()} >= {"id"}


@pytest.mark.parametrize("text", [b"{", b"[]", b"17", b'["a"]', b'{"total": NaN}', b"[" * 100_000], ids=lambda text: text[:12].decode())
def test_what_is_no_record_at_all_is_one_fault(text: bytes, run: Run) -> None:
    ran = run("map", "write", "flat/order", "-", stdin=text)
    assert (ran.code, ran.err.startswith("CFG-RECORD  "), len(ran.err.splitlines())) == (2, True, 1)


def test_numbers_keep_their_digits_however_they_are_written(record: dict[str, Any], run: Run) -> None:
    text = json.dumps(record).replace('"3.10"', "3.10")
    assert "3.10" in text
    assert "LIN,1,24,EA,3.10," in run("map", "write", "flat/order", "-", stdin=text.encode()).out


def test_a_value_that_the_document_cannot_hold_is_told(record: dict[str, Any], run: Run) -> None:
    ran = run("map", "write", "x12/004010/850", "-", stdin=json.dumps({**record, "id": "4" * 40}).encode())
    assert ran.code == 1
    assert "BEG03" in ran.err


def test_the_shipped_maps_have_nothing_worse_than_notes(run: Run) -> None:
    ran = run("map", "lint", "--json")
    assert ran.code == 0
    assert {"x12/004010/850", "flat/order"} <= set(ran.json()["maps"])
    assert {fault["severity"] for fault in ran.json()["faults"]} <= {"note"}


def test_lint_names_file_line_and_column(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text((ROOT / "maps" / "flat" / "order.yaml").read_text().replace("record: PurchaseOrder", "record: PurchaseOder"))
    ran = run("map", "lint", file)
    line = next(iter(ran.out.splitlines()))
    assert (ran.code, line.startswith(f"error    MAP-123  {file}:")) == (1, True)
    assert "Did you mean PurchaseOrder?" in line
    assert ran.out.endswith("1 map: 1 error, 0 warnings, 0 notes\n")


def test_lint_looks_tables_over_too(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "tables" / "acme"
    folder.mkdir(parents=True)
    (folder / "items.csv").write_text("record,document\na,x\nb,x\n")
    ran = run("map", "lint", "--home", tmp_path)
    assert ran.code == 1
    assert f"MAP-214  {folder / 'items.csv'}:3" in ran.out
    assert " maps and 1 table: 1 error" in ran.out
    assert run("map", "lint", folder / "items.csv").code == 1
    (folder / "items.csv").write_text("record,document\na,x\nb,y\n")
    assert run("map", "lint", folder / "items.csv").out == "1 table: 0 errors, 0 warnings, 0 notes\n"
    assert run("map", "lint", folder / "none.csv").code == 2


def test_there_is_nothing_to_lint_in_a_map_that_is_none(run: Run) -> None:
    assert run("map", "lint", "flat/oder").code == 2
    assert run("map", "lint", "none.yaml").code == 2


def test_a_map_that_is_no_text_is_told(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_bytes(bytes(range(128, 256)))
    for command in (("map", "lint", file), ("map", "read", file, SAMPLES / "erp" / "order.csv")):
        ran = run(*command)
        assert (ran.code, ran.err.startswith(f"CFG-UNREADABLE  {file}: ")) == (2, True)


def test_a_map_is_looked_over_beside_a_guide(run: Run, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text("map: own\nextends: amazon/855\nomit: [lines.unit_price]\n")
    ran = run("map", "lint", own, "--guide", "amazon/retail-855")
    assert ran.code == 1
    assert "MAP-307" in ran.out
    assert "amazon/retail-855 requires PO1/04" in ran.out
    assert run("map", "lint", "amazon/855", "--guide", "amazon/retail-855").code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("amazon/855", "--guide", "amazon/retail-866"), 2, "CFG-GUIDE-UNKNOWN"),
        (("amazon/855", "--guide", "amazon/retail-850"), 2, "CFG-GUIDE-OTHER"),
        (("--guide", "amazon/retail-850"), 2, "Name the map"),
        (("--partner", "retailer"), 2, "with --home"),
    ],
)
def test_a_guide_that_cannot_be_held_to_is_told(arguments: tuple[str, ...], code: int, said: str, run: Run) -> None:
    ran = run("map", "lint", *arguments)
    assert (ran.code, said in ran.err) == (code, True)


def test_a_partners_maps_are_looked_over_with_the_guides_that_its_agreements_name(own_pair: Pair, run: Run) -> None:
    home = own_pair.supplier.home
    assert run("map", "lint", "--partner", "retailer", "--home", home).code == 0
    partner = home / "partners" / "retailer.yaml"
    partner.write_text(partner.read_text().replace("send: [855, 856, 810, 812]", "send:\n    855:\n      guide: own/855"))
    guide = home / "schemas" / "x12" / "guides" / "own" / "855.yaml"
    guide.parent.mkdir(parents=True)
    guide.write_text("guide: own/855\ntitle: t\nsource: s\ndate: 2026-01-05\nschema: X12 004010 855\nrules: [{at: PWK, use: required}]\n")
    for command in (("map", "lint", "--partner", "retailer"), ("partner", "check")):
        ran = run(*command, "--home", home)
        assert (ran.code, "MAP-307" in ran.out, "own/855 requires PWK" in ran.out) == (1, True, True)
    ran = run("map", "lint", "--partner", "nobody", "--home", home)
    assert (ran.code, "CFG-PARTNER-UNKNOWN" in ran.err) == (2, True)
