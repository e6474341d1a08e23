from collections.abc import Callable
from pathlib import Path

import pytest

from edi_gateway.x12 import Form, Guide, Library, Rules, Verdict, ack_text, acknowledge, load_guide, read

Sample = Callable[[str], bytes]
SHIPPED = sorted((Path(__file__).parents[2] / "schemas" / "x12" / "guides").rglob("*.yaml"))
HEAD = "guide: g\ntitle: t\nsource: s\ndate: 2026-01-02\nschema: X12 004010 850\nrules:\n"


def guide(library: Library, *rules: str) -> Guide:
    loaded = load_guide(HEAD + "".join(f"  - {rule}\n" for rule in rules), library, file="g.yaml")
    assert [fault.line() for fault in loaded.faults] == []
    assert loaded.guide is not None
    return loaded.guide


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_shipped_guide_only_tightens_and_is_named_for_its_file(library: Library, path: Path) -> None:
    loaded = load_guide(path.read_text(encoding="utf-8"), library, file=path.name)
    assert [fault.line() for fault in loaded.faults] == []
    assert loaded.guide is not None
    assert loaded.guide.name == f"{path.parent.name}/{path.stem}"
    assert loaded.guide.source
    assert loaded.guide.rules


@pytest.mark.parametrize(
    ("rule", "code", "designator", "position", "in_997", "in_999"),
    [
        ('{at: "REF[CR]", use: required}', "X12-451", "REF", 25, "AK304=3", "IK304=I8"),
        ("{at: FOB, use: forbidden}", "X12-452", "FOB", 6, "AK304=2", "IK304=I4"),
        ("{at: PO1, most: 1}", "X12-453", "PO1", 20, "AK304=5", "IK304=5"),
        ("{at: BEG/06, use: required}", "X12-551", "BEG06", 2, "AK403=1", "IK403=I9"),
        ("{at: FOB/01, use: forbidden}", None, "", 0, "", ""),
        ("{at: TD5/04, use: forbidden}", "X12-552", "TD504", 10, "AK403=10", "IK403=I10"),
        ("{at: BEG/02, codes: [NE, RO]}", "X12-553", "BEG02", 2, "AK403=7", "IK403=I6"),
        ("{at: BEG/03, length: 8}", "X12-554", "BEG03", 2, "AK403=4", "IK403=4"),
        ("{at: BEG/03, length: ..5}", "X12-555", "BEG03", 2, "AK403=5", "IK403=5"),
        ('{at: "N1[ST]/N4/01", codes: [Boston]}', "X12-553", "N401", 16, "AK403=7", "IK403=I6"),
        ('{at: "N1[BY]/N4", use: required}', "X12-451", "N4", 14, "AK304=3", "IK304=I8"),
        ("{at: PO1/SAC/05, codes: ['1']}", "X12-553", "SAC05", 22, "AK403=7", "IK403=I6"),
        ('{at: "SAC[01=A,02=C310]", use: required}', "X12-451", "SAC", 25, "AK304=3", "IK304=I8"),
    ],
)
def test_each_kind_of_rule_is_held_against_a_set(
    library: Library, sample: Sample, rule: str, code: str | None, designator: str, position: int, in_997: str, in_999: str
) -> None:
    if code is None:
        loaded = load_guide(f"{HEAD}  - {rule}\n", library, file="g.yaml")
        assert [fault.code for fault in loaded.faults] == ["X12-804"]
        return
    first, _ = read(sample("850.edi"), library, rules=Rules(guides=(guide(library, rule),))).interchanges[0].sets
    (fault,) = first.faults
    assert first.verdict is Verdict.REJECTED
    shown = f"{fault.place.segment}" + (f"{fault.place.element:02}" if fault.place.element else "")
    assert (fault.code, shown, fault.place.position) == (code, designator, position)
    assert (ack_text(fault), ack_text(fault, Form.IMPLEMENTATION)) == (in_997, in_999)
    assert "guide g" in fault.message


def test_a_999_says_that_it_is_the_guide_that_a_set_is_against(library: Library, sample: Sample) -> None:
    rules = Rules(guides=(guide(library, '{at: "N1[ST]/04", length: 13}'),))
    (interchange,) = read(sample("850.edi"), library, rules=rules).interchanges
    notes = {form: [list(one) for one in acknowledge(interchange, form=form)[0].body.walk()] for form in Form}
    assert notes[Form.FUNCTIONAL][2:5] == [["AK3", "N1", "14", "N1", "8"], ["AK4", ("4",), "67", "4", "0017"], ["AK5", "R", "5"]]
    assert notes[Form.IMPLEMENTATION][3:6] == [["CTX", ("BEG03", "PO-4711")], ["IK4", ("4",), "67", "4", "0017"], ["IK5", "R", "I5"]]
    both = sample("850.edi").replace(b"BEG*00*SA*", b"BEG*00*QQ*")
    (interchange,) = read(both, library, rules=rules).interchanges
    assert ["IK5", "R", "5"] in [list(one) for one in acknowledge(interchange, form=Form.IMPLEMENTATION)[0].body.walk()]


def test_a_set_that_keeps_to_its_guide_is_accepted(library: Library, sample: Sample) -> None:
    kept = guide(library, '{at: "REF[DP]", use: required}', "{at: BEG/02, codes: [SA, NE]}", '{at: "N1[ST]/03", codes: ["92"]}')
    sets = (
        read(
            sample("850.edi")
            .replace(b"BEG*00*NE*PO-4712**20261120~", b"BEG*00*NE*PO-4712**20261120~\nREF*DP*1~")
            .replace(b"SE*6*", b"SE*7*"),
            library,
            rules=Rules(guides=(kept,)),
        )
        .interchanges[0]
        .sets
    )
    assert [fault.line() for one in sets for fault in one.faults] == []


def test_levels_are_found_at_any_depth(library: Library, sample: Sample) -> None:
    source = HEAD.replace("850", "856") + '  - {at: "HL[I]/SLN", use: required}\n  - {at: "HL[O]/PRF/01", length: 7}\n'
    loaded = load_guide(source, library, file="g.yaml").guide
    assert loaded is not None
    (one,) = read(sample("856.edi"), library, rules=Rules(guides=(loaded,))).interchanges[0].sets
    assert [(fault.code, fault.place.segment) for fault in one.faults] == [("X12-451", "SLN"), ("X12-451", "SLN")]


def test_a_set_without_a_body_misses_what_its_guide_requires(library: Library, sample: Sample) -> None:
    content = b"".join(
        line + b"\n" for line in sample("850.edi").split(b"\n") if line[:3] in (b"ISA", b"GS*", b"ST*", b"SE*", b"GE*", b"IEA")
    )
    first, _ = read(content, library, rules=Rules(guides=(guide(library, "{at: CSH, use: required}"),))).interchanges[0].sets
    assert ("X12-451", 2) in {(fault.code, fault.place.position) for fault in first.faults}


def test_uncertain_rules_are_kept_and_not_applied(library: Library, sample: Sample) -> None:
    loaded = guide(library, "{at: BEG/03, length: 8, certain: no}")
    assert (loaded.rules, len(loaded.uncertain)) == ((), 1)
    assert read(sample("850.edi"), library, rules=Rules(guides=(loaded,))).is_clean


def test_a_guide_for_another_set_or_release_is_left_alone(library: Library, sample: Sample) -> None:
    strict = guide(library, '{at: "REF[CR]", use: required}')
    assert read(sample("810.edi"), library, rules=Rules(guides=(strict,))).is_clean
    assert read(sample("850-005010.edi"), library, rules=Rules(guides=(strict,))).is_clean


@pytest.mark.parametrize(
    ("rule", "code", "words"),
    [
        ("{at: BEG/02, codes: [NE, QQ]}", "X12-804", "QQ is not in the standard's code list"),
        ("{at: BEG/03, length: ..99}", "X12-804", "the standard allows 22"),
        ("{at: PER, most: 9}", "X12-804", "the standard allows 3 uses"),
        ("{at: BEG, use: forbidden}", "X12-804", "mandatory"),
        ('{at: "REF[QQQ]", use: required}', "X12-804", "never 'QQQ'"),
        ("{at: FOB, codes: [A]}", "X12-804", "for elements"),
        ("{at: BEG/99, use: required}", "X12-803", "is not in X12 004010 850"),
        ("{at: N1/BEG, use: required}", "X12-803", "is not in X12 004010 850"),
        ("{at: beg, use: required}", "X12-802", "cannot be understood"),
        ("{at: BEG/02, code: [NE]}", "X12-802", "Did you mean codes?"),
        ("{at: BEG/02, use: never}", "X12-802", "neither required nor forbidden"),
        ("{at: BEG/02, length: long}", "X12-802", "neither a number nor a range"),
        ("{at: PO1, most: few}", "X12-802", "no number above zero"),
        ("{at: BEG/02, codes: NE}", "X12-802", "no list of codes"),
        ("just words", "X12-802", "a rule is no mapping"),
        ("{use: required}", "X12-802", "at is missing"),
    ],
)
def test_a_guide_that_is_wrong_says_where_and_why(library: Library, rule: str, code: str, words: str) -> None:
    loaded = load_guide(f"{HEAD}  - {rule}\n", library, file="g.yaml")
    assert loaded.guide is None
    assert code in {fault.code for fault in loaded.faults}
    assert any(words in fault.message for fault in loaded.faults), [fault.message for fault in loaded.faults]
    assert {(fault.place.file, fault.place.line) for fault in loaded.faults} == {("g.yaml", 7)}


@pytest.mark.parametrize("source", ["", "- a\n", "a: [", "guide: g\n", HEAD.replace("850", "999"), HEAD.replace("rules:", "rules: 1")])
def test_a_file_that_is_no_guide_says_so(library: Library, source: str) -> None:
    loaded = load_guide(source, library, file="g.yaml")
    assert loaded.guide is None
    assert {fault.code for fault in loaded.faults} == {"X12-802"}


def test_a_guide_is_held_against_each_repetition_of_an_element(library: Library, sample: Sample) -> None:
    loaded = load_guide(HEAD.replace("004010", "005010") + "  - {at: N1/01, codes: [ST, BY]}\n", library, file="g.yaml")
    assert loaded.guide is not None
    rules = Rules(guides=(loaded.guide,))
    assert list(read(sample("850-005010.edi").replace(b"N1*ST*", b"N1*ST^BY*"), library, rules=rules).all_faults()) == []
    (fault,) = read(sample("850-005010.edi").replace(b"N1*ST*", b"N1*ST^SE^BY*"), library, rules=rules).all_faults()
    assert (fault.code, fault.value, fault.place.element, fault.place.repetition) == ("X12-553", "SE", 1, 2)
