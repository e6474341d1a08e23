from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edi_gateway.tree import Loop, Segment
from edi_gateway.x12 import Charset, Delimiters, Envelope, GroupOut, Library, Mode, Rules, SetOut, Verdict, read, render, validate

Sample = Callable[[str], bytes]
ENVELOPE = Envelope(
    sender_qualifier="ZZ",
    sender="ACMESUPPLY",
    receiver_qualifier="01",
    receiver="BIGRETAIL",
    control_number="101",
    at=datetime(2026, 11, 20, 10, 15, tzinfo=UTC),
    group_sender="ACMESUPPLY",
    group_receiver="BIGRETAIL",
    usage="T",
    delimiters=Delimiters(line_end="\n"),
)


def order(*lines: str) -> Loop:
    """A tree of lines; one that begins with blanks is inside the loop before it."""
    return Loop("850", [Segment(line.split("*")) for line in lines])


def out(body: Loop, library: Library, set_id: str = "850", control: str = "0001") -> SetOut:
    return SetOut(set_id=set_id, control=control, body=body, shape=library.shape("004010", set_id))


@pytest.mark.parametrize(("name", "functional_id"), [("855.edi", "PR"), ("856.edi", "SH"), ("810.edi", "IN"), ("997.edi", "FA")])
def test_what_was_read_is_written_back_byte_for_byte(library: Library, sample: Sample, name: str, functional_id: str) -> None:
    content = sample(name)
    (one,) = read(content, library).interchanges[0].sets
    rendered = render(ENVELOPE, [GroupOut(functional_id=functional_id, control="101", sets=(out(one.tree(), library, one.set_id),))])
    expected = content
    if name == "856.edi":
        levels = {b"HL*1**S~": b"HL*1**S*1~", b"2*1*O~": b"2*1*O*1~", b"3*2*P~": b"3*2*P*1~", b"5*2*P~": b"5*2*P*1~"}
        for old, new in {**levels, b"4*3*I~": b"4*3*I*0~", b"6*5*I~": b"6*5*I*0~"}.items():
            expected = expected.replace(old, new)
    assert rendered.faults == ()
    assert rendered.content == expected


def test_the_isa_is_106_bytes_whatever_its_values(library: Library) -> None:
    rendered = render(replace(ENVELOPE, sender="A", control_number="1", delimiters=Delimiters()), [])
    assert rendered.content.index(b"~") == 105


def test_segments_are_put_in_the_schemas_order(library: Library) -> None:
    body = Loop(
        "850",
        [
            Loop("CTT", [Segment(["CTT", "1"])]),
            Loop("PO1", [Loop("PID", [Segment(["PID", "F", "", "", "", "Mug"])]), Segment(["PO1", "1", "6", "EA", "2"])]),
            Segment(["DTM", "002", "20261215"]),
            Loop("N1", [Segment(["N3", "1 Road"]), Segment(["N1", "ST", "DC"])]),
            Segment(["BEG", "00", "SA", "PO-1", "", "20261120"]),
        ],
    )
    rendered = render(ENVELOPE, [GroupOut(functional_id="PO", control="101", sets=(out(body, library),))])
    tags = [line.split(b"*")[0] for line in rendered.content.split(b"\n")[2:-3]]
    assert tags == [b"ST", b"BEG", b"DTM", b"N1", b"N3", b"PO1", b"PID", b"CTT", b"SE"]
    assert read(rendered.content, library).is_clean


def test_levels_are_numbered_from_their_nesting_whatever_stood_there(library: Library) -> None:
    def level(code: str, *children: Loop) -> Loop:
        return Loop("HL", [Segment(["HL", "9", "9", code, "9"]), *children])

    body = Loop("856", [Segment(["BSN", "00", "S1", "20261120", "1015"]), level("S", level("O", level("I"), level("I")), level("O"))])
    rendered = render(ENVELOPE, [GroupOut(functional_id="SH", control="101", sets=(out(body, library, "856"),))])
    lines = [line for line in rendered.content.decode().split("~\n") if line.startswith("HL")]
    assert lines == ["HL*1**S*1", "HL*2*1*O*1", "HL*3*2*I*0", "HL*4*2*I*0", "HL*5*1*O*0"]


def test_trailing_empty_elements_and_components_are_left_out(library: Library) -> None:
    body = order("BEG*00*SA*PO-1**20261120***")
    body.children.append(Loop("PO1", [Segment(["PO1", "1", "6", "EA", "", ""]), Segment(["MEA", "", "", "1", ("LB", "", "")])]))
    rendered = render(ENVELOPE, [GroupOut(functional_id="PO", control="101", sets=(out(body, library),))])
    assert b"BEG*00*SA*PO-1**20261120~" in rendered.content
    assert b"PO1*1*6*EA~" in rendered.content
    assert b"MEA***1*LB~" in rendered.content


@pytest.mark.parametrize("text", ["50% off * now", "a~b", "1>2"])
def test_a_delimiter_inside_data_is_refused(library: Library, text: str) -> None:
    body = Loop("850", [Segment(["BEG", "00", "SA", text, "", "20261120"])])
    rendered = render(ENVELOPE, [GroupOut(functional_id="PO", control="101", sets=(out(body, library),))])
    assert rendered.content == b""
    (fault,) = rendered.faults
    assert (fault.code, fault.place.segment, fault.place.element, fault.place.set_control) == ("X12-601", "BEG", 3, "0001")


def test_a_delimiter_inside_data_is_replaced_where_that_was_agreed(library: Library) -> None:
    body = Loop("850", [Segment(["BEG", "00", "SA", "a*b~c", "", "20261120"])])
    rendered = render(replace(ENVELOPE, replacement=" "), [GroupOut(functional_id="PO", control="101", sets=(out(body, library),))])
    assert b"BEG*00*SA*a b c**20261120~" in rendered.content


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"sender": "A NAME OF MORE THAN 15"}, "X12-602"),
        ({"sender_qualifier": "ABC"}, "X12-602"),
        ({"control_number": "12A"}, "X12-603"),
        ({"control_number": "1234567890"}, "X12-602"),
        ({"sender": "A*B"}, "X12-601"),
        ({"delimiters": Delimiters(element="*", component="*")}, "X12-605"),
        ({"delimiters": Delimiters(terminator="A")}, "X12-605"),
        ({"group_receiver": "B~"}, "X12-601"),
    ],
)
def test_an_envelope_that_cannot_be_written_is_refused(change: dict[str, object], code: str) -> None:
    rendered = render(replace(ENVELOPE, **change), [GroupOut(functional_id="PO", control="1", sets=())])  # type: ignore[arg-type]
    assert rendered.content == b""
    assert code in {fault.code for fault in rendered.faults}


def test_a_segment_without_a_place_in_the_set_is_refused(library: Library) -> None:
    body = order("BEG*00*SA*PO-1**20261120", "SN1**5*EA")
    rendered = render(ENVELOPE, [GroupOut(functional_id="PO", control="101", sets=(out(body, library),))])
    assert [(fault.code, fault.place.segment) for fault in rendered.faults] == [("X12-604", "SN1")]


def test_characters_outside_the_agreed_set_are_refused(library: Library) -> None:
    body = Loop("850", [Segment(["BEG", "00", "SA", "é", "", "20261120"])])
    groups = [GroupOut(functional_id="PO", control="101", sets=(out(body, library),))]
    assert "é".encode() in render(ENVELOPE, groups).content
    assert "é".encode("latin-1") in render(replace(ENVELOPE, charset=Charset.LATIN1), groups).content
    assert [fault.code for fault in render(replace(ENVELOPE, charset=Charset.BASIC), groups).faults] == ["X12-606"]


def test_a_set_is_checked_before_it_is_sent_as_it_would_be_on_arrival(library: Library) -> None:
    body = order("BEG*00*XX*PO-1**20261320")
    faults = validate(out(body, library), ENVELOPE, library)
    assert [(fault.code, fault.place.segment, fault.place.element, fault.place.position) for fault in faults] == [
        ("X12-507", "BEG", 2, 2),
        ("X12-508", "BEG", 5, 2),
        ("X12-403", "PO1", None, 3),
    ]


def test_a_good_set_passes_the_check(library: Library, sample: Sample) -> None:
    (one,) = read(sample("856.edi"), library).interchanges[0].sets
    assert validate(out(one.tree(), library, "856"), ENVELOPE, library) == ()


def test_unknown_segments_that_a_tolerant_reading_kept_are_written_back(library: Library, sample: Sample) -> None:
    content = sample("855.edi").replace(b"REF*DP*042~", b"ZZZ*1*2~\nREF*DP*042~\nN3*Nowhere~").replace(b"SE*11*", b"SE*13*")
    (one,) = read(content, library, rules=Rules(mode=Mode.TOLERANT)).interchanges[0].sets
    assert one.verdict is Verdict.ACCEPTED_WITH_ERRORS
    kept = SetOut(set_id="855", control="0001", body=one.tree(), shape=None)
    rendered = render(ENVELOPE, [GroupOut(functional_id="PR", control="101", sets=(kept,))])
    assert rendered.content == content
