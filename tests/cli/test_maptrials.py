"""`edi-gateway map test`, `explain`, `diff` and `coverage`: what a map does to documents, told before it runs."""

import json
from pathlib import Path

import pytest

from .conftest import SAMPLES, Run

MAP = "x12/004010/850"
ORDER = SAMPLES / "maps" / "850.edi"


@pytest.fixture
def case(run: Run, tmp_path: Path) -> tuple[Path, Path]:
    """An order and its golden record beside it."""
    order, golden = tmp_path / "order.edi", tmp_path / "order.json"
    order.write_bytes(ORDER.read_bytes())
    assert run("map", "read", MAP, order, "--out", golden).code == 0
    return order, golden


def test_a_document_that_is_as_its_golden_record_and_comes_back_is_good(case: tuple[Path, Path], run: Run) -> None:
    ran = run("map", "test", MAP, case[0])
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith("1 document, none of them not as they should be\n")
    [one] = run("map", "test", MAP, case[0], "--json").json()["cases"]
    assert (one["ok"], one["returns"], one["elements"]) == (True, True, one["elements_read"])


def test_what_differs_from_the_golden_record_is_named(case: tuple[Path, Path], run: Run) -> None:
    golden = json.loads(case[1].read_text())
    golden["lines"][0]["quantity"] = "25"
    case[1].write_text(json.dumps(golden))
    ran = run("map", "test", MAP, case[0])
    assert ran.code == 1
    assert "lines[].quantity changes" in ran.out


def test_what_is_not_written_again_is_shown_with_its_segment(case: tuple[Path, Path], run: Run, tmp_path: Path) -> None:
    losing = tmp_path / "losing.yaml"
    losing.write_text(f"map: losing\nextends: {MAP}\nfields: {{department: {{is: 'REF[DP]/02', when: type == 'rush'}}}}\n")
    case[0].write_bytes(case[0].read_bytes().replace(b"REF*CT*778812", b"REF*DP*D7"))
    case[1].unlink()
    ran = run("map", "test", losing, case[0])
    assert ran.code == 1
    assert ran.out.splitlines()[0].endswith("written again it is another document, 64 of 64 elements read")
    assert "  segment 4, REF[DP] is not written again" in ran.out.splitlines()
    [one] = run("map", "test", losing, case[0], "--json").json()["cases"]
    [breach] = [other for other in one["rewritten"] if other["breach"]]
    assert (one["ok"], one["returns"], breach["before"], breach["place"]["position"]) == (False, True, "REF*DP*D7", 4)


def test_a_golden_record_too_few_is_told(case: tuple[Path, Path], run: Run) -> None:
    case[1].write_text(json.dumps([json.loads(case[1].read_text())] * 2))
    ran = run("map", "test", MAP, case[0])
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-RECORD")


def test_golden_records_are_written_only_when_asked(case: tuple[Path, Path], run: Run) -> None:
    case[1].unlink()
    assert run("map", "test", MAP, case[0]).code == 0
    assert not case[1].exists()
    ran = run("map", "test", MAP, case[0], "--update")
    assert (ran.code, ran.out) == (0, f"{case[1]}: written\n")
    assert run("map", "test", MAP, case[0]).code == 0
    assert run("map", "test", MAP, case[0], "--update", "--json").json()["updates"][0]["change"] == "unchanged"
    golden = json.loads(case[1].read_text())
    golden["id"] = "other"
    case[1].write_text(json.dumps(golden))
    assert run("map", "test", MAP, case[0], "--update").out.endswith("written\n")
    assert run("map", "test", MAP, case[0]).code == 0


def test_what_cannot_be_read_gives_no_golden_record(case: tuple[Path, Path], run: Run) -> None:
    before = case[1].read_text()
    ran = run("map", "test", "amazon_direct/850", case[0], "--update")
    assert (ran.code, "not written" in ran.out, ran.err.split("  ")[0]) == (1, True, "MAP-402")
    assert case[1].read_text() == before


def test_a_flat_file_can_be_tried_too(run: Run) -> None:
    assert run("map", "test", "flat/order", SAMPLES / "erp" / "order.csv").code == 0


def test_a_field_is_explained_by_its_element_and_its_row(run: Run) -> None:
    [document] = run("map", "explain", MAP, ORDER, "--field", "lines[2].quantity", "--json").json()["documents"]
    [one] = document["fields"]
    assert (one["field"], one["segment"], one["element"], one["value"]) == ("lines[2].quantity", "PO1", 2, "6")
    assert one["row"]["file"].endswith("850.yaml")
    shown = run("map", "explain", MAP, ORDER)
    assert shown.code == 0
    [line] = [line for line in shown.out.splitlines() if line.startswith("lines[2].quantity ")]
    assert line.split()[1:3] == ["6", "PO102"]


def test_a_field_is_explained_by_the_byte_of_its_element(run: Run) -> None:
    content = ORDER.read_bytes()
    [document] = run("map", "explain", MAP, ORDER, "--json").json()["documents"]
    assert len(document["fields"]) > 20
    for one in document["fields"]:
        assert content[one["offset"] :].startswith(one["value"].encode()), one


def test_an_element_and_a_byte_lead_back_to_the_field(run: Run) -> None:
    [document] = run("map", "explain", MAP, ORDER, "--element", "PO102", "--json").json()["documents"]
    assert [one["field"] for one in document["fields"]] == ["lines[1].quantity", "lines[2].quantity"]
    offset = document["fields"][1]["offset"]
    [document] = run("map", "explain", MAP, ORDER, "--at", offset, "--json").json()["documents"]
    assert [one["field"] for one in document["fields"]] == ["lines[2].quantity"]
    assert run("map", "explain", MAP, ORDER, "--at", "3").code == 1, "no value of a set stands in the ISA"
    assert run("map", "explain", MAP, ORDER, "--at", "three").code == 2


def test_an_element_that_no_row_reads_is_told_so(run: Run) -> None:
    ran = run("map", "explain", "x12/004010/820", SAMPLES / "maps" / "820.edi", "--element", "BPR07")
    assert ran.code == 0
    assert "(no row reads it)" in ran.out
    assert "021000021" in ran.out


def test_a_place_in_a_flat_file_leads_back_to_the_field(run: Run) -> None:
    file = SAMPLES / "erp" / "order.csv"
    [document] = run("map", "explain", "flat/order", file, "--field", "lines[2].quantity", "--json").json()["documents"]
    [one] = document["fields"]
    line = file.read_text().splitlines()[one["line"] - 1]
    assert line[one["column"] - 1 :].startswith(one["value"])
    ran = run("map", "explain", "flat/order", file, "--at", f"{one['line']}:{one['column']}")
    assert "lines[2].quantity" in ran.out
    assert "lines[2].unit_price" not in ran.out
    assert "lines[2].unit_price" in run("map", "explain", "flat/order", file, "--at", one["line"]).out


def test_maps_are_compared_by_meaning(run: Run) -> None:
    same = run("map", "diff", MAP, MAP)
    assert (same.code, same.out) == (0, "0 differences\n")
    other = run("map", "diff", MAP, "amazon/850", "--json")
    assert other.code == 1
    assert {one["change"] for one in other.json()["differences"]} <= {"added", "removed", "changed"}


def test_coverage_names_elements_that_are_not_read_and_rows_that_are_not_used(run: Run, tmp_path: Path) -> None:
    good = run("map", "coverage", MAP, ORDER)
    assert good.code == 0
    assert "department" in next(line for line in good.out.splitlines() if line.startswith("Rows that no document uses"))
    said = run("map", "coverage", MAP, SAMPLES / "x12" / "850.edi", "--json").json()
    assert said["elements"] - said["elements_read"] == len(said["unread"])


@pytest.mark.parametrize("command", ["test", "explain", "coverage"])
def test_a_file_of_another_document_is_unusable(command: str, run: Run) -> None:
    ran = run("map", command, MAP, SAMPLES / "maps" / "810.edi")
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-NO-DOCUMENT")


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        (("--field", "lines[2].quantiy"), "Did you mean lines[2].quantity?"),
        (("--element", "PO1O2"), "Did you mean PO102?"),
        (("--at", "3"), ""),
    ],
)
def test_where_no_value_stands_the_nearest_name_is_offered(wanted: tuple[str, str], hint: str, run: Run) -> None:
    ran = run("map", "explain", MAP, ORDER, *wanted)
    assert (ran.code, ran.out, ran.err) == (1, "", f"No value stands there. {hint}".strip() + "\n")


def test_a_mistyped_maps_name_is_answered_with_those_that_come_near(run: Run) -> None:
    ran = run("map", "test", "x12/004010/85", ORDER)
    assert (ran.code, "x12/004010/850" in ran.err, "flat/order" in ran.err) == (2, True, False)


def test_an_empty_file_is_no_map_and_told_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").touch()
    ran = run("map", "lint", tmp_path / "empty.yaml")
    assert (ran.code, "there is nothing in it" in ran.out) == (1, True)
