"""`edi-gateway x12`: findings told exactly, in lines and in JSON, and the acknowledgment written."""

import gzip
import sys
from pathlib import Path
from typing import Any

import pytest

from edi_gateway import x12
from edi_gateway.assets import Assets
from edi_gateway.cli.app import main

from .conftest import SAMPLES, Run

X12_SAMPLES = sorted((SAMPLES / "x12").glob("*.edi"))
LIBRARY = x12.Library(Assets().roots("schemas"))


def changed(order: Path, before: bytes, after: bytes) -> Path:
    """The file with one thing changed in it."""
    content = order.read_bytes()
    assert before in content
    order.write_bytes(content.replace(before, after, 1))
    return order


@pytest.mark.parametrize("sample", X12_SAMPLES, ids=lambda path: path.name)
def test_a_good_file_has_no_findings(sample: Path, run: Run) -> None:
    ran = run("x12", "check", sample)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.endswith(", 0 findings\n")
    assert run("x12", "check", "--json", sample).json()["faults"] == 0


def test_a_finding_stands_on_one_line_with_all_that_is_known(faulty: Path, run: Run) -> None:
    ran = run("x12", "check", faulty)
    assert ran.code == 1
    finding, summary = ran.out.splitlines()
    assert summary == f"{faulty}: 1 interchange, 2 sets (1 accepted, 1 rejected), 1 finding"
    [place, words] = finding.split(": ", 1)
    offset = faulty.read_bytes().index(b"PO1*1*24*QQ")
    code, ak, set_words, segment, loop, element, byte, value = place.split("  ")
    assert (ak, set_words, segment, loop, element, value) == ("AK403=7", "set 850 0001", "segment 17", "loop PO1", "PO103", "'QQ'")
    assert code.startswith("X12-5")
    assert byte.startswith("byte ")
    assert offset <= int(byte.removeprefix("byte ")) <= offset + 12
    assert "QQ" in words


def test_json_has_the_form_that_is_promised(faulty: Path, run: Run) -> None:
    ran = run("x12", "check", "--json", faulty)
    said = ran.json()
    assert ran.code == 1
    assert list(said) == ["interchanges", "sets", "faults"]
    assert said["faults"] == 1
    assert [(one["set"], one["control"], one["verdict"]) for one in said["sets"]] == [("850", "0001", "R"), ("850", "0002", "A")]
    [fault] = said["sets"][0]["faults"]
    assert {"code", "ak", "segment", "position", "loop", "element", "component", "repetition", "offset", "value", "message"} <= set(fault)
    known = {name: fault[name] for name in ("ak", "segment", "position", "loop", "element", "component", "repetition", "value")}
    assert known == {
        "ak": "AK403=7",
        "segment": "PO1",
        "position": 17,
        "loop": "PO1",
        "element": 3,
        "component": None,
        "repetition": None,
        "value": "QQ",
    }


def test_the_codes_are_those_of_the_acknowledgment_that_is_asked_for(faulty: Path, run: Run) -> None:
    said = run("x12", "check", "--json", "--form", "999", faulty).json()
    assert said["sets"][0]["faults"][0]["ak"] == "IK403=7"


FAULTS_OF_ENVELOPES = {
    "AK905=4": (b"GE*2*101", b"GE*2*102"),
    "AK905=5": (b"GE*2*101", b"GE*3*101"),
    "TA105=001": (b"IEA*1*000000101", b"IEA*1*000000102"),
    "TA105=021": (b"IEA*1*000000101", b"IEA*2*000000101"),
}


@pytest.mark.parametrize("ak", FAULTS_OF_ENVELOPES)
def test_faults_of_groups_and_interchanges_stand_with_the_interchange(ak: str, order: Path, run: Run) -> None:
    ran = run("x12", "check", "--json", changed(order, *FAULTS_OF_ENVELOPES[ak]))
    assert ran.code == 1
    [interchange] = ran.json()["interchanges"]
    assert [fault["ak"] for fault in interchange["faults"]] == [ak]
    assert interchange["faults"][0]["group"] == ("101" if ak.startswith("AK") else None)


def test_what_stands_around_an_interchange_stands_with_it(order: Path, run: Run) -> None:
    content = order.read_bytes()
    order.write_bytes(b"\xef\xbb\xbf" + content + b"MORE" + content.replace(b"000000101", b"000000102") + b"\x1a")
    said = run("x12", "check", "--json", order).json()
    assert [[fault["code"] for fault in one["faults"]] for one in said["interchanges"]] == [["X12-115", "X12-103"], ["X12-117"]]
    assert said["interchanges"][0]["faults"][1]["value"] == "MORE"
    assert said["faults"] == 3


def test_a_closed_standard_input_cannot_be_read(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    assert main(["x12", "check", "-"]) == 2
    assert capsys.readouterr().err.startswith("CFG-INPUT  standard input: The file cannot be read: it is closed.")


def test_a_rejected_group_rejects_its_sets(order: Path, run: Run) -> None:
    said = run("x12", "check", "--json", changed(order, b"GE*2*101", b"GE*2*102")).json()
    assert {one["verdict"] for one in said["sets"]} == {"R"}


def test_tolerant_mode_accepts_and_still_tells(faulty: Path, run: Run) -> None:
    ran = run("x12", "check", "--json", "--mode", "tolerant", faulty)
    [first, _] = ran.json()["sets"]
    assert (ran.code, first["verdict"], first["faults"][0]["severity"]) == (1, "E", "warning")


def test_the_characters_that_data_may_hold_can_be_named(order: Path, run: Run) -> None:
    given = changed(order, b"Paper plates", "Assiettes carrées".encode("latin-1"))
    assert [run("x12", "check", "--charset", one, given).code for one in ("utf-8", "latin-1", "extended")] == [1, 0, 1]
    assert "AK5*R" not in run("x12", "ack", "--charset", "latin-1", given).out


def test_several_files_are_all_checked_whatever_one_of_them_is(faulty: Path, order: Path, run: Run, tmp_path: Path) -> None:
    missing = tmp_path / "missing.edi"
    ran = run("x12", "check", missing, faulty, order)
    assert ran.code == 2
    assert ran.err.startswith(f"CFG-INPUT  {missing}: ")
    assert [line.split(": ")[0] for line in ran.out.splitlines() if line.endswith(("findings", "finding"))] == [
        str(faulty),
        str(order),
    ]
    assert next(iter(ran.out.splitlines())).startswith(f"{faulty}  X12-5")
    said = run("x12", "check", "--json", missing, faulty, order).json()
    assert [one["file"] for one in said["interchanges"]] == [str(missing), str(faulty), str(order)]
    assert said["interchanges"][0]["control"] is None
    assert said["interchanges"][0]["faults"][0]["code"] == "CFG-INPUT"
    assert said["faults"] == 2


def test_standard_input_is_a_file_too(faulty: Path, run: Run) -> None:
    assert run("x12", "check", "-", stdin=faulty.read_bytes()).code == 1
    assert run("x12", "check", "-", stdin=b"").code == 2


def test_a_file_that_begins_as_x12_has_findings_where_another_is_unusable(order: Path, run: Run) -> None:
    cut = run("x12", "check", "-", stdin=order.read_bytes()[:60])
    assert (cut.code, "TA105=022" in cut.out) == (1, True)
    other = run("x12", "check", "-", stdin=gzip.compress(order.read_bytes()))
    assert (other.code, "gzip" in other.out) == (2, True)


def test_somebody_elses_bytes_cannot_steer_the_terminal(order: Path, run: Run) -> None:
    ran = run("x12", "check", changed(order, b"PO1*1*24*EA*", b"PO1*1*24*\x1b[2J\r*"))
    assert ran.code == 1
    assert "\x1b" not in ran.out
    assert "\r" not in ran.out


def test_inspect_names_segments_elements_and_codes(order: Path, run: Run) -> None:
    ran = run("x12", "inspect", order)
    assert ran.code == 0
    lines = [line.strip() for line in ran.out.splitlines()]
    assert "BEG*00*SA*PO-4711**20261120    Beginning Segment for Purchase Order" in lines
    assert "BEG03    Purchase Order Number: PO-4711" in lines
    assert any(line.startswith("PO103") and line.endswith("EA (Each)") for line in lines)


def test_inspect_marks_faults_where_they_stand(faulty: Path, run: Run) -> None:
    ran = run("x12", "inspect", faulty)
    lines = ran.out.splitlines()
    [mark] = [number for number, line in enumerate(lines) if "! X12-" in line]
    assert "PO106" in lines[mark - 1] or "PO1" in lines[mark - 1]
    assert ran.code == 1


def test_inspect_in_json_holds_every_segment(order: Path, run: Run) -> None:
    said = run("x12", "inspect", "--json", order).json()
    text = order.read_text()
    assert len(said["segments"]) == text.count("~")
    assert all(text[one["offset"] :].startswith(one["tag"]) for one in said["segments"])
    beg = next(one for one in said["segments"] if one["tag"] == "BEG")
    assert (beg["position"], beg["elements"][2]) == (
        2,
        {"designator": "BEG03", "name": "Purchase Order Number", "value": "PO-4711", "meaning": ""},
    )


def written(content: str) -> x12.Interchange:
    """The one interchange that a command wrote, free of faults."""
    reading = x12.read(content.encode(), LIBRARY)
    assert [fault.line() for fault in reading.all_faults()] == []
    [interchange] = reading.interchanges
    return interchange


def test_ack_writes_a_997_back_to_the_sender(faulty: Path, run: Run) -> None:
    ran = run("x12", "ack", faulty, "--control", "77", "--now", "2026-11-20T10:20:00Z")
    assert (ran.code, ran.err) == (0, "")
    interchange = written(ran.out)
    assert (interchange.sender_qualifier, interchange.sender, interchange.receiver) == ("01", "ACMESUPPLY", "BIGRETAIL")
    assert (interchange.control_number, interchange.date, interchange.time, interchange.usage) == ("000000077", "261120", "1020", "T")
    [one] = interchange.sets
    settlement = x12.settle(one.tree())
    assert (settlement.functional_id, settlement.group_control, settlement.answer) == ("PO", "101", x12.Answer.PARTIAL)
    assert [(answer.control, answer.answer) for answer in settlement.sets] == [("0001", x12.Answer.REJECTED), ("0002", x12.Answer.ACCEPTED)]
    [note] = settlement.sets[0].notes
    assert (note.tag, note.position, note.elements[0].code, note.elements[0].value) == ("PO1", 17, "7", "QQ")


def test_ack_writes_a_999(run: Run) -> None:
    interchange = written(run("x12", "ack", "--form", "999", SAMPLES / "x12" / "850-005010.edi").out)
    [one] = interchange.sets
    assert (one.set_id, one.release, interchange.version) == ("999", "005010", "00501")


@pytest.mark.parametrize(("asked", "when", "expected"), [("0", "owed", 0), ("1", "owed", 1), ("1", "never", 0), ("0", "always", 1)])
def test_a_ta1_goes_along_where_it_is_owed(asked: str, when: str, expected: int, order: Path, run: Run) -> None:
    given = changed(order, b"*000000101*0*T*", b"*000000101*" + asked.encode() + b"*T*")
    assert len(written(run("x12", "ack", "--ta1", when, given).out).ta1s) == expected


def test_ack_speaks_of_the_sets_that_are_asked_for(faulty: Path, run: Run) -> None:
    told = {}
    for detail in x12.Detail:
        [one] = written(run("x12", "ack", "--detail", detail, faulty).out).sets
        told[detail] = [answer.control for answer in x12.settle(one.tree()).sets]
    assert list(told.values()) == [["0001", "0002"], ["0001"], []]


def test_ack_holds_the_sets_to_a_guide(order: Path, run: Run, tmp_path: Path) -> None:
    guide = tmp_path / "order.yaml"
    guide.write_text(GUIDE.replace("codes: [SA]", "codes: [NE]"))
    [one] = written(run("x12", "ack", "--guide", guide, order).out).sets
    assert {answer.answer for answer in x12.settle(one.tree()).sets} >= {x12.Answer.REJECTED}


def test_ack_writes_delimiters_of_its_own_where_theirs_are_outside_ascii(order: Path, run: Run) -> None:
    given = order.read_bytes().replace(b"*", b"\xa4").replace(b"~", b"\xb6")
    assert run("x12", "ack", "-", stdin=given).out.startswith("ISA*00*")


def test_ack_repeats_no_version_and_no_usage_that_there_is_not(order: Path, run: Run) -> None:
    changed(order, b"*00401*000000101*0*T*", b"*0040X*000000101*0*X*")
    interchange = written(run("x12", "ack", order).out)
    assert (interchange.version, interchange.usage) == ("00401", "P")


def test_ack_names_the_interchanges_parties_where_the_group_names_none(order: Path, run: Run) -> None:
    ran = run("x12", "ack", changed(order, b"GS*PO*BIGRETAIL*ACMESUPPLY*", b"GS*PO**" + b"A" * 20 + b"*"))
    assert "GS*FA*ACMESUPPLY*BIGRETAIL*" in ran.out


def test_nothing_is_written_for_acknowledgments(run: Run) -> None:
    ran = run("x12", "ack", SAMPLES / "x12" / "997.edi")
    assert (ran.code, ran.out) == (0, "")
    assert "nothing that is acknowledged" in ran.err


def test_ack_answers_every_interchange_of_a_file(order: Path, run: Run, tmp_path: Path) -> None:
    out = tmp_path / "acks.edi"
    ran = run("x12", "ack", "-", "--out", out, stdin=order.read_bytes() * 2)
    assert (ran.code, ran.out) == (0, "")
    assert [one.control_number for one in x12.read(out.read_bytes(), LIBRARY).interchanges] == ["000000001", "000000002"]


def test_a_place_that_cannot_be_written_is_a_fault(order: Path, run: Run, tmp_path: Path) -> None:
    ran = run("x12", "ack", order, "--out", tmp_path / "no" / "such" / "folder.edi")
    assert (ran.code, ran.err.startswith("CFG-OUTPUT  ")) == (2, True)


def test_a_homes_own_schemas_go_first(order: Path, run: Run, tmp_path: Path) -> None:
    own = tmp_path / "schemas" / "x12" / "004010"
    own.mkdir(parents=True)
    found: dict[str, Any] = run("x12", "check", "--json", "--home", tmp_path, order).json()
    assert found["faults"] == 0
    assert run("x12", "check", "--home", tmp_path / "none", order).code == 2


def test_every_fault_of_the_faulty_sample_is_found(run: Run) -> None:
    said = run("x12", "check", "--json", SAMPLES / "faulty" / "850.edi").json()
    first, second = ([fault["ak"] for fault in one["faults"]] for one in said["sets"])
    assert first == ["AK403=8", "AK403=1", "AK403=5", "AK403=7", "AK304=1", "AK502=4"]
    assert second == ["AK502=4"]


GUIDE = """\
guide: own/order
title: What one partner asks
source: a telephone call
date: 2026-03-02
schema: X12 004010 850
rules:
  - {at: BEG/02, codes: [SA]}
  - {at: FOB, use: required}
"""


def test_a_partners_guide_is_held_against_its_sets(order: Path, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(GUIDE)
    assert run("x12", "check", order).code == 0
    said = run("x12", "check", "--json", "--guide", file, order).json()
    assert [[fault["segment"] for fault in one["faults"]] for one in said["sets"]] == [[], ["BEG", "FOB"]]
    named = tmp_path / "schemas" / "x12" / "guides" / "own" / "order.yaml"
    named.parent.mkdir(parents=True)
    named.write_text(GUIDE)
    assert run("x12", "check", "--guide", "own/order", "--home", tmp_path, order).code == 1


def test_a_guide_that_is_none_or_faulty_is_told(order: Path, run: Run, tmp_path: Path) -> None:
    unknown = run("x12", "check", "--guide", "amazon/retail-85", order)
    assert (unknown.code, unknown.err.split("  ")[0]) == (2, "CFG-GUIDE-UNKNOWN")
    assert "Did you mean amazon/retail-850?" in unknown.err
    file = tmp_path / "own.yaml"
    file.write_text(GUIDE.replace("BEG/02", "BEG/99"))
    ran = run("x12", "check", "--guide", file, order)
    assert (ran.code, ran.err.startswith("X12-80"), f"{file}:7:" in ran.err) == (2, True, True)


@pytest.mark.slow
def test_a_second_opinion_stands_beside_each_set(faulty: Path, run: Run) -> None:
    ran = run("x12", "check", "--second-opinion", faulty)
    assert ran.code == 1
    assert "pyx12 on set 850 0001: it agrees\npyx12 on set 850 0002: it agrees\n" in ran.out
    said = run("x12", "check", "--second-opinion", "--json", faulty).json()
    assert [one["second_opinion"]["agrees"] for one in said["sets"]] == [True, True]
    assert "second_opinion" not in run("x12", "check", "--json", faulty).json()["sets"][0]


def test_the_verdicts_of_a_large_file_are_counted_without_keeping_its_sets(order: Path, run: Run) -> None:
    text = order.read_text()
    start, end = text.index("ST*850*0001"), text.index("GE*")
    many = "".join(text[start:end].replace("*0001~", f"*{number:04}A~").replace("*0002~", f"*{number:04}B~") for number in range(200))
    whole = text[:start] + many + text[end:].replace("GE*2*", "GE*400*")
    assert run("x12", "check", "-", stdin=whole.encode()).out == "standard input: 1 interchange, 400 sets (400 accepted), 0 findings\n"
    spoilt = whole.replace("IEA*1*000000101", "IEA*1*000000102")
    assert "400 sets (400 rejected)" in run("x12", "check", "-", stdin=spoilt.encode()).out
