"""Faults put into a clean 850, one kind each: what is found, where, and the code an acknowledgment gives it."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from edi_gateway.faults import register
from edi_gateway.x12 import Form, Library, Verdict, ack_text, read

Sample = Callable[[str], bytes]
CHECKOUT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Injection:
    """A change to the sample and the one fault it should give: code, acknowledgment code, designator, position."""

    kind: str
    old: str
    new: str
    code: str
    ack: str
    where: str
    position: int | None


INJECTIONS = [
    Injection("unrecognized segment", "FOB*PP~", "QQ9*PP~", "X12-401", "AK304=1", "QQ9", 6),
    Injection("unexpected segment", "FOB*PP~", "N3*Somewhere~", "X12-402", "AK304=2", "N3", 6),
    Injection("mandatory segment missing", "BEG*00*SA*PO-4711**20261120~\n", "", "X12-403", "AK304=3", "BEG", 2),
    Injection("mandatory loop missing", "PO1*1*6*EA*12.5**VN*AC-100~\n", "", "X12-403", "AK304=3", "PO1", 4),
    Injection("loop over its limit", "SAC*A*C310***1500~\n", "SAC*A*C310***1500~\n" * 26, "X12-404", "AK304=4", "SAC", 47),
    Injection("segment over its limit", "CUR*BY*USD~\n", "CUR*BY*USD~\n" * 2, "X12-405", "AK304=5", "CUR", 4),
    Injection("segment of another set", "FOB*PP~", "SN1**5*EA~", "X12-406", "AK304=6", "SN1", 6),
    Injection("segment out of sequence", "CTT*2*144~\n", "CTT*2*144~\nDTM*002*20261215~\n", "X12-407", "AK304=7", "DTM", 24),
    Injection("mandatory element missing", "BEG*00*SA*PO-4711**", "BEG*00**PO-4711**", "X12-501", "AK403=1", "BEG02", 2),
    Injection(
        "conditional element missing", "N1*ST*Big Retail DC 17*92*0017", "N1*ST*Big Retail DC 17*92", "X12-502", "AK403=2", "N104", 14
    ),
    Injection("too many elements", "REF*DP*042~", "REF*DP*042***1~", "X12-503", "AK403=3", "REF05", 4),
    Injection("element too short", "ITD*01*3*2**10**30", "PER*B*X", "X12-504", "AK403=4", "PER01", 7),
    Injection("element too long", "CUR*BY*USD", "CUR*BY*USDX", "X12-505", "AK403=5", "CUR02", 3),
    Injection("letters in a number", "PO1*1*24*EA", "PO1*1*24a*EA", "X12-506", "AK403=6", "PO102", 17),
    Injection("code not in its list", "PO1*1*24*EA", "PO1*1*24*ZQ", "X12-507", "AK403=7", "PO103", 17),
    Injection("date that is none", "DTM*063*20261215", "DTM*063*20261315", "X12-508", "AK403=8", "DTM02", 8),
    Injection("time that is none", "DTM*063*20261215", "DTM*063*20261215*2561", "X12-509", "AK403=9", "DTM03", 8),
    Injection("excluded element", "PO4*6~", "MEA*PD*WT*5*LB****01~", "X12-510", "AK403=10", "MEA08", 19),
    Injection("component separator in a simple element", "REF*DP*042", "REF*DP*0>2", "X12-511", "AK403=6", "REF02", 4),
    Injection("control character", "MSG*Deliver to", "MSG*Deliver\x07to", "X12-514", "AK403=6", "MSG01", 12),
    Injection("set trailer missing", "SE*25*0001~\n", "", "X12-302", "AK502=2", "SE", 24),
    Injection("set control numbers differ", "SE*25*0001~", "SE*25*0009~", "X12-303", "AK502=3", "SE02", 25),
    Injection("segment count wrong", "SE*25*0001~", "SE*24*0001~", "X12-304", "AK502=4", "SE01", 25),
    Injection("set without a schema", "ST*850*0001~", "ST*851*0001~", "X12-301", "AK502=1", "ST01", 1),
    Injection("set of another group", "ST*850*0001~", "ST*997*0001~", "X12-309", "AK502=6", "ST01", 1),
    Injection("set control number invalid", "ST*850*0002~", "ST*850*2~", "X12-307", "AK502=7", "ST02", 1),
    Injection("set control number used twice", "ST*850*0002~", "ST*850*0001~", "X12-308", "AK502=7", "ST02", 1),
    Injection("release without schemas", "*X*004010~", "*X*004030~", "X12-201", "AK905=2", "GS08", None),
    Injection("functional group unknown", "GS*PO*", "GS*QQ*", "X12-202", "AK905=1", "GS01", None),
    Injection("group trailer missing", "GE*2*101~\n", "", "X12-203", "AK905=3", "GE", None),
    Injection("group control numbers differ", "GE*2*101~", "GE*2*102~", "X12-204", "AK905=4", "GE02", None),
    Injection("transaction set count wrong", "GE*2*101~", "GE*1*101~", "X12-205", "AK905=5", "GE01", None),
    Injection("group control number invalid", "*1015*101*X*", "*1015*1O1*X*", "X12-206", "AK905=6", "GS06", None),
    Injection("interchange control numbers differ", "IEA*1*000000101~", "IEA*1*000000102~", "X12-111", "TA105=001", "IEA02", None),
    Injection("group count wrong", "IEA*1*000000101~", "IEA*2*000000101~", "X12-112", "TA105=021", "IEA01", None),
    Injection("interchange trailer missing", "IEA*1*000000101~\n", "", "X12-110", "TA105=023", "IEA", None),
    Injection("segment between groups", "IEA*1*000000101~", "REF*DP*1~\nIEA*1*000000101~", "X12-113", "TA105=024", "REF", None),
    Injection("interchange date that is none", "*261120*1015*U*", "*261320*1015*U*", "X12-109", "TA105=014", "ISA09", 1),
    Injection("interchange time that is none", "*261120*1015*U*", "*261120*2560*U*", "X12-109", "TA105=015", "ISA10", 1),
    Injection("usage indicator unknown", "*0*T*>", "*0*Q*>", "X12-109", "TA105=020", "ISA15", 1),
    Injection("acknowledgment request unknown", "*0*T*>", "*9*T*>", "X12-109", "TA105=019", "ISA14", 1),
    Injection("sender blank", "*ZZ*BIGRETAIL      *", "*ZZ*               *", "X12-109", "TA105=006", "ISA06", 1),
    Injection("sender qualifier invalid", "*ZZ*BIGRETAIL      *", "*z *BIGRETAIL      *", "X12-109", "TA105=005", "ISA05", 1),
]


@pytest.mark.parametrize("one", INJECTIONS, ids=lambda one: one.kind)
def test_a_fault_is_found_where_it_is_with_the_right_code(library: Library, sample: Sample, one: Injection) -> None:
    content = sample("850.edi").replace(one.old.encode(), one.new.encode(), 1)
    assert content != sample("850.edi")
    found = [
        (
            fault.code,
            ack_text(fault),
            f"{fault.place.segment}" + (f"{fault.place.element:02}" if fault.place.element else ""),
            fault.place.position,
        )
        for fault in read(content, library).all_faults()
    ]
    assert (one.code, one.ack, one.where, one.position) in found


@pytest.mark.parametrize(
    "kind", ["too many elements", "element too long", "letters in a number", "date that is none", "segment over its limit"]
)
def test_one_fault_gives_one_finding(library: Library, sample: Sample, kind: str) -> None:
    (one,) = [one for one in INJECTIONS if one.kind == kind]
    content = sample("850.edi").replace(one.old.encode(), one.new.encode(), 1)
    faults = [fault.code for fault in read(content, library).all_faults()]
    assert [code for code in faults if code != "X12-304"] == [one.code]


def test_a_value_and_its_byte_are_named(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"DTM*063*20261215", b"DTM*063*20261315")
    (fault,) = read(content, library).all_faults()
    assert fault.value == "20261315"
    assert fault.place.offset == content.index(b"20261315")
    assert (fault.place.set_id, fault.place.set_control, fault.place.group, fault.place.interchange) == ("850", "0001", "101", "000000101")
    assert "20261315" in fault.message


@pytest.mark.parametrize(
    ("old", "new", "code", "before"),
    [
        ("N1*ST*Big Retail DC 17*92*0017", "N1*ST*Big Retail DC 17*92", "X12-502", "N1*ST*Big Retail DC 17*92"),
        ("BEG*00*SA*", "BEG*00**", "X12-501", "BEG*00*"),
        ("*ZZ*BIGRETAIL      *01*", "*ZZ*BIGRETAIL      *0!*", "X12-109", "*ZZ*BIGRETAIL      *"),
        ("IEA*1*000000101~", "IEA*1*000000102~", "X12-111", "IEA*1*"),
    ],
)
def test_an_element_that_is_missing_or_of_the_envelope_has_its_own_byte(
    library: Library, sample: Sample, old: str, new: str, code: str, before: str
) -> None:
    content = sample("850.edi").replace(old.encode(), new.encode(), 1)
    (fault,) = read(content, library).all_faults()
    assert fault.code == code
    assert fault.place.offset == content.index(before.encode()) + len(before)


def test_a_fault_in_a_loop_names_the_loops_around_it(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"SAC*A*C310***1500", b"SAC*A*C310***15.00")
    (fault,) = read(content, library).all_faults()
    assert fault.place.loop == "PO1/SAC"


def test_a_level_at_fault_stands_in_its_loop_and_names_its_element(library: Library, sample: Sample) -> None:
    content = sample("856.edi").replace(b"HL*2*1*", b"HL*2*9*")
    fault = next(read(content, library).all_faults())
    assert (fault.code, fault.place.loop, dict(fault.detail)["reference"]) == ("X12-408", "HL", "734")


def test_a_misplaced_loop_is_named_once_with_its_content(library: Library, sample: Sample) -> None:
    content = (
        sample("850.edi")
        .replace(b"CTT*2*144~\n", b"CTT*2*144~\nN9*L1*LATE~\nMSG*Too late~\nMSG*Much too late~\n")
        .replace(b"SE*25*0001", b"SE*28*0001")
    )
    faults = list(read(content, library).all_faults())
    assert [(fault.code, fault.place.segment) for fault in faults] == [("X12-407", "N9")]


def test_segments_of_a_loop_that_was_never_opened_are_named_once(library: Library, sample: Sample) -> None:
    content = (
        sample("850.edi")
        .replace(b"N1*ST*Big Retail DC 17*92*0017~\n", b"")
        .replace(b"N1*BY*Big Retail Inc*92*0001~\n", b"")
        .replace(b"SE*25*", b"SE*23*")
    )
    faults = list(read(content, library).all_faults())
    assert [(fault.code, fault.place.segment) for fault in faults] == [("X12-402", "N3")]


def test_the_head_of_a_loop_is_said_to_lack_the_loop_around_it(library: Library, sample: Sample) -> None:
    content = sample("856.edi").replace(b"HL*", b"ZH*")
    fault = next(fault for fault in read(content, library).all_faults() if (fault.code, fault.place.segment) == ("X12-402", "N1"))
    assert fault.message == "N1 may stand only inside a loop HL, and none is open here."


def test_what_a_segment_holds_that_the_set_has_no_place_for_is_not_looked_at(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"FOB*PP~", b"BIN*8*a~b*c>d\n~")
    assert [(fault.code, fault.place.segment) for fault in read(content, library).all_faults()] == [("X12-406", "BIN")]


@pytest.mark.parametrize("old", ["BEG*00*SA*PO-4711*", "BEG*00*SA*", "BEG*00*"])
def test_a_mandatory_element_of_blanks_is_missing(library: Library, sample: Sample, old: str) -> None:
    *around, last = old.removesuffix("*").split("*")
    new = "*".join((*around, " " * len(last), ""))
    (fault,) = read(sample("850.edi").replace(old.encode(), new.encode(), 1), library).all_faults()
    assert (fault.code, fault.place.element, fault.value) == ("X12-501", len(around), " " * len(last))


@pytest.mark.parametrize(
    ("old", "new", "ak"),
    [
        (b"*ZZ*BIG", b"*ZX*BIG", "TA105=005"),
        (b"*01*ACME", b"*5 *ACME", "TA105=007"),
        (b"*1015*U*00401*", b"*1015*X*00401*", "TA105=016"),
        (b"*1015*U*00401*", b"*1015*U*00999*", "TA105=017"),
    ],
)
def test_a_value_that_an_isa_cannot_have_is_noted(library: Library, sample: Sample, old: bytes, new: bytes, ak: str) -> None:
    (interchange,) = read(sample("850.edi").replace(old, new), library).interchanges
    assert [ack_text(fault) for fault in interchange.all_faults()] == [ak]
    assert interchange.verdict is Verdict.ACCEPTED_WITH_ERRORS


def test_an_interchange_number_that_a_file_holds_twice_is_noted_on_the_second(library: Library, sample: Sample) -> None:
    first = sample("850.edi")
    other = first.replace(b"000000101", b"000000102")
    found = read(first + other + first, library)
    assert [[fault.code for fault in one.all_faults()] for one in found.interchanges] == [[], [], ["X12-121"]]
    (fault,) = found.all_faults()
    assert fault.place.offset == len(first + other) + first.index(b"000000101")
    assert ack_text(fault) == "TA105=025"


@pytest.mark.parametrize(
    ("old", "new", "code", "ak", "verdict"),
    [
        (b"ST*850*0001~", b"ST*850*0001*X~", "X12-503", "AK403=3", Verdict.REJECTED),
        (b"SE*25*0001~", b"SE*25*0001*X~", "X12-503", "AK403=3", Verdict.REJECTED),
        (b"*X*004010~", b"*X*004010*X~", "X12-114", "TA105=024", Verdict.ACCEPTED),
        (b"GE*2*101~", b"GE*2*101*X~", "X12-114", "TA105=024", Verdict.ACCEPTED),
        (b"IEA*1*000000101~", b"IEA*1*000000101*X~", "X12-114", "TA105=024", Verdict.ACCEPTED),
    ],
)
def test_an_element_too_many_in_an_envelope_is_found(
    library: Library, sample: Sample, old: bytes, new: bytes, code: str, ak: str, verdict: Verdict
) -> None:
    content = sample("850.edi").replace(old, new)
    found = read(content, library)
    (fault,) = found.all_faults()
    assert (fault.code, ack_text(fault), fault.value) == (code, ak, "X")
    assert fault.place.offset == content.index(b"*X~") + 1
    assert found.interchanges[0].sets[0].verdict is verdict


def test_an_st01_that_no_set_has_is_one_fault(library: Library, sample: Sample) -> None:
    found = read(sample("850.edi").replace(b"ST*850*0001~", b"ST*85*0001~"), library)
    assert [ack_text(fault) for fault in found.all_faults()] == ["AK502=6"]


def test_a_group_of_an_unknown_kind_is_at_fault_and_not_its_sets(library: Library, sample: Sample) -> None:
    found = read(sample("850.edi").replace(b"GS*PO*", b"GS*QQ*"), library)
    assert [fault.code for fault in found.all_faults()] == ["X12-202"]


def test_a_mandatory_segment_that_comes_late_is_not_also_missing(library: Library, sample: Sample) -> None:
    beginning = b"BEG*00*SA*PO-4711**20261120~\n"
    content = sample("850.edi").replace(beginning, b"").replace(b"CUR*BY*USD~\n", b"CUR*BY*USD~\n" + beginning)
    assert [(fault.code, fault.place.segment) for fault in read(content, library).all_faults()] == [("X12-407", "BEG")]


def test_a_mandatory_loop_that_comes_late_is_not_also_missing(library: Library, sample: Sample) -> None:
    item = b"PO1*1*6*EA*12.5**VN*AC-100~\n"
    content = sample("850.edi").replace(item, b"").replace(b"CTT*1~\n", b"CTT*1~\n" + item)
    assert [(fault.code, fault.place.segment) for fault in read(content, library).all_faults()] == [("X12-407", "PO1")]


def test_a_level_whose_parent_is_unknown_is_noted_and_its_set_accepted(library: Library, sample: Sample) -> None:
    content = sample("856.edi").replace(b"HL*3*2*P", b"HL*3*8*P")
    (interchange,) = read(content, library).interchanges
    assert [(fault.code, fault.value) for fault in interchange.sets[0].faults] == [("X12-408", "8")]
    assert interchange.sets[0].verdict is Verdict.ACCEPTED_WITH_ERRORS


@pytest.fixture
def counted(tmp_path: Path) -> Library:
    """The shipped schemas, but for a home that knows how often N101 of 005010 may stand: twice."""
    (row,) = (row for row in (CHECKOUT / "schemas/x12/005010/segments.tsv").read_text().splitlines() if row.startswith("N1\t"))
    path = tmp_path / "x12" / "005010" / "segments.tsv"
    path.parent.mkdir(parents=True)
    path.write_text(row.replace("98/M", "98/M/2") + "\n")
    return Library([tmp_path, CHECKOUT / "schemas"])


def test_where_no_count_is_known_an_element_may_be_repeated_and_each_repetition_is_checked(library: Library, sample: Sample) -> None:
    content = sample("850-005010.edi").replace(b"N1*ST*", b"N1*ST^BY^SE*")
    assert list(read(content, library).all_faults()) == []
    content = sample("850-005010.edi").replace(b"N1*ST*", b"N1*ST^B^^QQQQ*")
    found = [(fault.code, fault.place.element, fault.place.repetition, fault.value) for fault in read(content, library).all_faults()]
    assert found == [("X12-504", 1, 2, "B"), ("X12-504", 1, 3, ""), ("X12-505", 1, 4, "QQQQ")]


def test_a_count_that_the_schema_states_is_held(counted: Library, sample: Sample) -> None:
    assert list(read(sample("850-005010.edi").replace(b"N1*ST*", b"N1*ST^BY*"), counted).all_faults()) == []
    (fault,) = read(sample("850-005010.edi").replace(b"N1*ST*", b"N1*ST^BY^SE*"), counted).all_faults()
    assert (fault.code, dict(fault.detail)["count"], dict(fault.detail)["limit"]) == ("X12-512", "3", "2")


def test_nothing_may_be_repeated_in_a_release_from_before_there_were_repetitions(library: Library, sample: Sample) -> None:
    content = sample("850-005010.edi").replace(b"*X*005010~", b"*X*004010~").replace(b"N1*ST*", b"N1*ST^BY*")
    assert [fault.code for fault in read(content, library).all_faults()] == ["X12-512"]
    content = sample("850.edi").replace(b"*1015*U*", b"*1015*^*").replace(b"REF*DP*042~", b"REF*DP*0^2~")
    found = read(content, library)  # version 00401: a ^ is a character like another, though not in ISA11
    assert [(fault.code, fault.place.element) for fault in found.all_faults()] == [("X12-109", 11)]


def test_a_999_names_the_codes_of_its_release(counted: Library, sample: Sample) -> None:
    (fault,) = read(sample("850-005010.edi").replace(b"N1*ST*", b"N1*ST^BY^SE*"), counted).all_faults()
    assert (ack_text(fault), ack_text(fault, Form.IMPLEMENTATION)) == ("AK403=3", "IK403=12")


def test_every_code_that_an_acknowledgment_lists_is_registered() -> None:
    from edi_gateway.x12.acks import _CODES

    assert set(_CODES) <= set(register())


ALL_AT_ONCE = [
    ("BEG*00*SA*PO-4711", "BEG*00**PO-4711", ("AK403=1", "BEG02")),
    ("CUR*BY*USD~", "CUR*BY*USDX~\nCUR*BY*USD~", ("AK403=5", "CUR02"), ("AK304=5", "CUR")),
    ("REF*DP*042~", "REF*DP*042***1~\nREF*DP*0>2~", ("AK403=3", "REF05"), ("AK403=6", "REF02")),
    ("PER*BD*Mary", "PER*B*Mary", ("AK403=4", "PER01")),
    (
        "FOB*PP~",
        "QQ9*1~\nFOB*XX~\nSN1**5*EA~\nN3*Nowhere~",
        ("AK304=1", "QQ9"),
        ("AK403=7", "FOB01"),
        ("AK304=6", "SN1"),
        ("AK304=2", "N3"),
    ),
    ("DTM*063*20261215", "DTM*063*20261315", ("AK403=8", "DTM02")),
    ("DTM*064*20261201", "DTM*064*20261201*2561", ("AK403=9", "DTM03")),
    ("MSG*Deliver to", "MSG*Deliver\x07to", ("AK403=6", "MSG01")),
    ("N1*BY*Big Retail Inc*92*0001", "N1*BY*Big Retail Inc*92", ("AK403=2", "N104")),
    ("PO1*1*24*EA", "PO1*1*24a*EA", ("AK403=6", "PO102")),
    ("PO4*6~", "MEA*PD*WT*5*LB****01~", ("AK403=10", "MEA08")),
    ("SAC*A*C310***1500~", "SAC*A*C310***1500~\n" * 25 + "SAC*A*C310***1500~", ("AK304=4", "SAC")),
    ("N9*L1*SPECIAL~", "AMT*TT*5~\nFA1*10~\nN9*L1*SPECIAL~", ("AK304=3", "FA2")),
    ("CTT*2*144~", "CTT*2*144~\nDTM*002*20261215~", ("AK304=7", "DTM")),
    ("SE*25*0001~", "SE*99*0009~", ("AK502=4", "SE01"), ("AK502=3", "SE02")),
]


def test_twenty_one_faults_in_one_set_are_each_found_once_and_nothing_else(library: Library, sample: Sample) -> None:
    content = sample("850.edi")
    expected = []
    for old, new, *found in ALL_AT_ONCE:
        assert content.count(old.encode()) == 1, old
        content = content.replace(old.encode(), new.encode())
        expected += found
    first, second = read(content, library).interchanges[0].sets
    told = [
        (ack_text(fault), f"{fault.place.segment}" + (f"{fault.place.element:02}" if fault.place.element else "")) for fault in first.faults
    ]
    assert sorted(told) == sorted(expected)
    assert len(expected) == 21
    assert second.verdict is Verdict.ACCEPTED
