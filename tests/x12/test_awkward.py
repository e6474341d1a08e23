"""Input that breaks most readers: it is read, or refused with the cause named."""

from collections.abc import Callable

import pytest

from edi_gateway.x12 import Charset, Library, Rules, Verdict, read
from edi_gateway.x12.verbatim import verbatim

Sample = Callable[[str], bytes]
Changed = Callable[[bytes, str, str], bytes]


def codes(content: bytes, library: Library, rules: Rules | None = None) -> list[str]:
    return [fault.code for fault in read(content, library, rules=rules).all_faults()]


def wrapped(content: bytes, width: int, line_end: bytes) -> bytes:
    joined = content.replace(b"\n", b"")
    return line_end.join(joined[at : at + width] for at in range(0, len(joined), width))


@pytest.mark.parametrize("line_end", [b"", b"\n", b"\r\n", b"\r", b"\n\n", b"\r\n\r\n", b"\n    "])
def test_any_line_end_may_follow_the_terminator(library: Library, sample: Sample, line_end: bytes) -> None:
    content = sample("850.edi").replace(b"\n", line_end)
    assert codes(content, library) == []
    assert len(read(content, library).interchanges[0].sets) == 2


def test_line_ends_may_be_mixed(library: Library, sample: Sample) -> None:
    lines = sample("850.edi").split(b"\n")
    content = b"".join(line + end for line, end in zip(lines, [b"\n", b"", b"\r\n"] * len(lines), strict=False))
    assert codes(content, library) == []


@pytest.mark.parametrize("terminator", [b"\n", b"\r", b"\r\n", b"\x15", b"'", b"\x85"])
def test_any_terminator_may_be_used(library: Library, sample: Sample, terminator: bytes) -> None:
    content = sample("850.edi").replace(b"~\n", terminator)
    assert codes(content, library) == []
    assert len(read(content, library).interchanges[0].sets) == 2


def test_blanks_before_a_line_end_that_terminates_are_not_data(library: Library, sample: Sample) -> None:
    content = b"".join(line.ljust(120) + b"\n" if line[:3] != b"ISA" else line + b"\n" for line in sample("850.edi").split(b"~\n")[:-1])
    assert codes(content, library) == []


@pytest.mark.parametrize("separators", ["|^~", "\x1d\x1f\x1c", "+:'", "\xa6\xa7\xb6"])
def test_delimiters_come_from_the_isa_even_outside_ascii(library: Library, sample: Sample, separators: str) -> None:
    element, component, terminator = separators
    text = sample("850.edi").decode().replace("~\n", terminator).replace("*", element).replace(">", component)
    (interchange,) = read(text.encode("latin-1"), library).interchanges
    assert [fault.line() for fault in interchange.all_faults()] == []
    assert interchange.delimiters.all == element + component + terminator


def test_interchanges_of_one_file_may_have_different_delimiters(library: Library, sample: Sample) -> None:
    other = sample("855.edi").decode().replace("~\n", "'").replace("*", "|").encode()
    reading = read(sample("850.edi") + other + sample("810.edi").replace(b"000000101", b"000000102"), library)
    assert [one.set_id for interchange in reading.interchanges for one in interchange.sets] == ["850", "850", "855", "810"]
    assert reading.is_clean


@pytest.mark.parametrize("letter", ["U", "A", "7"])
def test_a_letter_or_digit_in_isa11_never_separates_repetitions(library: Library, sample: Sample, changed: Changed, letter: str) -> None:
    content = changed(sample("850-005010.edi"), "*1015*^*00501", f"*1015*{letter}*00501")
    content = changed(content, "UP*012345678905", "VN*BU7LDA").replace(b"PO-4713", b"PO-A7U3")
    reading = read(content, library)
    assert reading.is_clean
    assert reading.interchanges[0].delimiters.repetition is None


def test_a_repetition_separator_counts_from_version_00402_on(library: Library, sample: Sample) -> None:
    assert read(sample("850-005010.edi"), library).interchanges[0].delimiters.repetition == "^"
    assert read(sample("850.edi").replace(b"*U*00401*", b"*^*00401*"), library).interchanges[0].delimiters.repetition is None


def test_a_byte_order_mark_is_skipped_and_noted(library: Library, sample: Sample) -> None:
    content = b"\xef\xbb\xbf" + sample("850.edi")
    reading = read(content, library)
    assert [fault.code for fault in reading.all_faults()] == ["X12-115"]
    assert reading.is_clean
    assert content[reading.interchanges[0].sets[0].offset :].startswith(b"ST*850*0001")


@pytest.mark.parametrize("tail", [b"\x1a", b"\x00\x00\x00", b"\r\n\x1a"])
def test_filling_after_the_interchange_is_noted(library: Library, sample: Sample, tail: bytes) -> None:
    reading = read(sample("850.edi") + tail, library)
    assert [fault.code for fault in reading.all_faults()] == ["X12-117"]
    assert reading.is_clean


def test_blank_lines_and_blanks_after_the_interchange_are_nothing(library: Library, sample: Sample) -> None:
    assert codes(b"\r\n  " + sample("850.edi") + b"\n \r\n", library) == []


@pytest.mark.parametrize(("width", "line_end"), [(80, b"\n"), (80, b"\r\n"), (72, b"\n"), (64, b"\r\n")])
def test_lines_wrapped_at_a_width_are_joined_and_offsets_still_right(library: Library, sample: Sample, width: int, line_end: bytes) -> None:
    content = wrapped(sample("850.edi"), width, line_end)
    reading = read(content, library)
    assert [fault.code for fault in reading.all_faults()] == ["X12-116"]
    assert reading.is_clean
    for segment in reading.interchanges[0].sets[0].segments:
        text = "*".join(str(element) for element in segment).encode()
        assert content[segment.offset :].replace(line_end, b"").startswith(text)


def test_an_unpadded_isa_is_read_and_each_short_element_named(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"BIGRETAIL      *", b"BIGRETAIL*")
    reading = read(content, library)
    assert [(fault.code, fault.place.element) for fault in reading.all_faults()] == [("X12-108", 6)]
    assert reading.interchanges[0].verdict is Verdict.ACCEPTED_WITH_ERRORS
    assert [one.verdict for one in reading.interchanges[0].sets] == [Verdict.ACCEPTED, Verdict.ACCEPTED]


def test_a_missing_component_separator_is_named(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"*T*>~\n", b"*T*~\n")
    reading = read(content, library)
    assert [fault.code for fault in reading.all_faults()] == ["X12-119"]
    assert len(reading.interchanges[0].sets) == 2


def test_isa_inside_data_begins_nothing(library: Library, sample: Sample, changed: Changed) -> None:
    reading = read(changed(sample("850.edi"), "MSG*Deliver to dock 4", "MSG*Ask for ISA|or VISA, ISA"), library)
    assert reading.is_clean
    assert len(reading.interchanges) == 1
    assert len(read(changed(sample("850.edi"), "PER*BD*Mary Miller", "PER*BD*ISA"), library).interchanges) == 1


def test_utf8_is_read_as_characters(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"100 Harbor Road", "Königstraße 5, Zürich – 日本".encode())
    reading = read(content, library)
    assert reading.is_clean
    values = [segment.get(1) for segment in reading.interchanges[0].sets[0].tree().walk() if segment.tag == "N3"]
    assert values == ["Königstraße 5, Zürich – 日本"]
    assert read(content, library).interchanges[0].sets[1].segments[0].offset == content.index(b"ST*850*0002")


def test_latin1_is_read_and_named_unless_it_was_agreed(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"100 Harbor Road", "Königstraße 5".encode("latin-1"))
    (fault,) = read(content, library).all_faults()
    assert (fault.code, fault.place.segment, fault.place.element, fault.value) == ("X12-515", "N3", 1, "Königstraße 5")
    assert codes(content, library, Rules(charset=Charset.LATIN1)) == []


@pytest.mark.parametrize(
    ("charset", "good"),
    [(Charset.BASIC, False), (Charset.EXTENDED, False), (Charset.LATIN1, True), (Charset.UTF8, True)],
)
def test_the_agreed_character_set_decides(library: Library, sample: Sample, charset: Charset, good: bool) -> None:
    content = sample("850.edi").decode().upper().replace("100 HARBOR ROAD", "RUE É 5").encode()
    assert codes(content, library, Rules(charset=charset)) == ([] if good else ["X12-514"])


def test_lower_case_is_outside_the_basic_set(library: Library, sample: Sample) -> None:
    assert codes(sample("855.edi"), library, Rules(charset=Charset.BASIC)) == ["X12-514"]


def test_control_characters_are_outside_every_set(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"100 Harbor Road", b"100\x07Harbor Road")
    assert codes(content, library) == ["X12-514"]


def test_binary_data_may_hold_delimiters_up_to_its_declared_length(library: Library, sample: Sample) -> None:
    binary = b"~SE*9*0001~ST*850*7~\x00\xff*"
    content = (
        sample("850.edi").replace(b"FOB*PP~\n", b"BIN*%d*%b~\nFOB*PP~\n" % (len(binary), binary)).replace(b"SE*25*0001", b"SE*26*0001")
    )
    first, second = read(content, library).interchanges[0].sets
    assert [fault.code for fault in first.faults] == ["X12-406"]
    assert second.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ("ISA*00*".encode("utf-16"), "UTF-16 text"),
        (b"UNB+UNOA:1+A+B'", "EDIFACT"),
        (b"<?xml version='1.0'?><a/>", "XML or HTML"),
        (b'{"a": 1}', "JSON"),
        (b"PK\x03\x04....", "a ZIP archive"),
        (b"%PDF-1.4", "a PDF document"),
        ("ISA*00".encode("cp037"), "EBCDIC text"),
    ],
)
def test_what_is_not_x12_is_named(library: Library, content: bytes, kind: str) -> None:
    (fault,) = read(content, library).faults
    assert (fault.code, dict(fault.detail)["kind"]) == ("X12-102", kind)


@pytest.mark.parametrize("content", [b"", b"   \r\n", b"\x1a", b"hello", b"IS", b"ISABEL was here", b"\xff" * 10_000])
def test_what_holds_no_interchange_says_so(library: Library, content: bytes) -> None:
    reading = read(content, library)
    assert reading.interchanges == ()
    assert [fault.code for fault in reading.faults] == ["X12-101"]


def test_bytes_around_interchanges_are_passed_over_with_a_warning(library: Library, sample: Sample) -> None:
    content = b"HDR 2026\n" + sample("850.edi") + b"TRAILER\n" + sample("855.edi")
    reading = read(content, library)
    assert [(fault.code, fault.place.offset) for fault in reading.faults] == [("X12-103", 0), ("X12-103", 9 + len(sample("850.edi")))]
    assert [len(interchange.sets) for interchange in reading.interchanges] == [2, 1]


@pytest.mark.parametrize(
    ("isa", "code"),
    [
        ("ISA*00*SHORT~GS*PO~", "X12-104"),
        ("ISA*00*          *00*          *ZZ*A              *ZZ*B              *261120*1015*U*00401*000000101*0*TIEA**~", "X12-104"),
        ("ISA*00*          *00*          *ZZ*A              *ZZ*B              *261120*1015*U*00401*000000101*0*T*>GS*PO~", "X12-107"),
        ("ISA*00*          *00*          *ZZ*A              *ZZ*B              *261120*1015*U*00401*000000101*0*T***", "X12-107"),
        ("ISA*00*          *00*          *ZZ*A              *ZZ*B              *261120*1015*U*00401*000000101*0*T*~~", "X12-106"),
        ("ISA*00*          *00*          *ZZ*A              *ZZ*B              *261120*1015*U*00401*000000101*0*T*>", "X12-107"),
    ],
)
def test_an_isa_without_usable_delimiters_is_refused_with_the_cause(library: Library, isa: str, code: str) -> None:
    reading = read(isa.encode(), library)
    assert reading.interchanges == ()
    assert [fault.code for fault in reading.faults] == [code]


def test_an_isa_with_one_separator_too_many_is_refused(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"ISA*00*", b"ISA**0*", 1)
    assert codes(content, library) == ["X12-107"]


@pytest.mark.parametrize("until", ["SE*25*0001", "GE*2*101", "IEA*1", "PO1*2*120", "ST*850*0002"])
def test_a_file_cut_off_anywhere_is_read_up_to_there(library: Library, sample: Sample, until: str) -> None:
    content = sample("850.edi")
    (interchange,) = read(content[: content.index(until.encode())], library).interchanges
    assert "X12-110" in {fault.code for fault in interchange.faults}
    assert interchange.verdict is Verdict.REJECTED
    assert interchange.sets[0].set_id == "850"


@pytest.mark.parametrize("terminator", [b"\n", b"\r", b"\r\n"])
def test_blank_lines_are_nothing_where_line_ends_terminate(library: Library, sample: Sample, terminator: bytes) -> None:
    content = sample("850.edi").replace(b"~\n", terminator * 2).replace(b"*EA*12.5**VN", b"*QQ*12.5**VN")
    found = read(content, library)
    assert [fault.code for fault in found.all_faults()] == ["X12-507"]
    (fault,) = found.all_faults()
    assert fault.place.position == 4
    assert fault.place.offset == content.index(b"QQ*")
    assert verbatim(content, found).render() == content


def test_empty_segments_are_skipped_with_a_warning(library: Library, sample: Sample, changed: Changed) -> None:
    reading = read(changed(sample("850.edi"), "FOB*PP~", "~FOB*PP~"), library)
    assert [(fault.code, fault.place.position) for fault in reading.all_faults()] == [("X12-409", 6)]


def test_transaction_sets_without_a_group_are_read_and_rejected(library: Library, sample: Sample) -> None:
    lines = [line for line in sample("850.edi").split(b"\n") if line[:2] not in (b"GS", b"GE")]
    (interchange,) = read(b"\n".join(lines), library).interchanges
    assert [fault.code for fault in interchange.all_faults()] == ["X12-209"]
    assert {one.verdict for one in interchange.sets} == {Verdict.REJECTED}


@pytest.mark.parametrize(("old", "new"), [(b"IEA*1*000000101", b"IEA*1*101"), (b"GE*2*101", b"GE*2*0101")])
def test_leading_zeros_make_no_other_control_number(library: Library, sample: Sample, old: bytes, new: bytes) -> None:
    (interchange,) = read(sample("850.edi").replace(old, new), library).interchanges
    assert {one.verdict for one in interchange.sets} == {Verdict.ACCEPTED}
    assert {fault.code for fault in interchange.all_faults()} <= {"X12-120"}


def test_a_trailer_without_its_zeros_is_noted_where_nine_digits_are_asked(library: Library, sample: Sample) -> None:
    (interchange,) = read(sample("850.edi").replace(b"IEA*1*000000101", b"IEA*1*101"), library).interchanges
    assert [(fault.code, fault.value) for fault in interchange.faults] == [("X12-120", "101")]
    assert interchange.verdict is Verdict.ACCEPTED_WITH_ERRORS


def test_a_segment_between_sets_is_said_to_be_outside_them(library: Library, sample: Sample) -> None:
    (interchange,) = read(sample("850.edi").replace(b"GE*2*", b"REF*DP*1~\nGE*2*"), library).interchanges
    (fault,) = interchange.all_faults()
    assert (fault.code, fault.place.group, fault.place.segment) == ("X12-113", "101", "REF")
    assert "outside every set" in fault.message


def test_segments_without_an_st_are_one_fault_and_not_one_each(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"ST*850*0001~", b"st*850*0001~", 1)
    found = read(content, library)
    assert [(fault.code, fault.value) for fault in found.all_faults()] == [("X12-113", "st*850*0001"), ("X12-205", "2")]
    assert [one.control for one in found.interchanges[0].sets] == ["0002"]
