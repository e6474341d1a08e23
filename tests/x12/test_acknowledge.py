from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from edi_gateway.tree import Loop, Segment
from edi_gateway.x12 import (
    Answer,
    Detail,
    Envelope,
    Form,
    GroupOut,
    Interchange,
    Library,
    Mode,
    Rules,
    SetOut,
    acknowledge,
    is_owed_ta1,
    read,
    render,
    settle,
    settle_interchange,
    ta1,
    validate,
)

Sample = Callable[[str], bytes]
ENVELOPE = Envelope(
    sender_qualifier="01",
    sender="ACMESUPPLY",
    receiver_qualifier="ZZ",
    receiver="BIGRETAIL",
    control_number="55",
    at=datetime(2026, 11, 20, 10, 16, tzinfo=UTC),
    group_sender="ACMESUPPLY",
    group_receiver="BIGRETAIL",
)
LATER = replace(ENVELOPE, release="005010", version="00501")


def interchange_of(content: bytes, library: Library, rules: Rules | None = None) -> Interchange:
    (interchange,) = read(content, library, rules=rules).interchanges
    return interchange


def flat(tree: Loop) -> list[str]:
    return ["*".join(">".join(one) if isinstance(one, tuple) else one for one in segment).rstrip("*") for segment in tree.walk()]


def test_a_clean_group_is_accepted_set_by_set(library: Library, sample: Sample) -> None:
    (ack,) = acknowledge(interchange_of(sample("850.edi"), library))
    assert ack.verdict == "A"
    assert flat(ack.body) == ["AK1*PO*101", "AK2*850*0001", "AK5*A", "AK2*850*0002", "AK5*A", "AK9*A*2*2*2"]


def test_a_rejected_set_carries_its_segments_and_elements(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"PO1*1*24*EA", b"PO1*1*24a*ZQ").replace(b"FOB*PP~\n", b"QQ9*1~\n")
    (ack,) = acknowledge(interchange_of(content, library))
    assert ack.verdict == "P"
    assert flat(ack.body) == [
        "AK1*PO*101",
        "AK2*850*0001",
        "AK3*QQ9*6**1",
        "AK3*PO1*17*PO1*8",
        "AK4*2*330*6*24a",
        "AK4*3*355*7*ZQ",
        "AK5*R*5",
        "AK2*850*0002",
        "AK5*A",
        "AK9*P*2*2*1",
    ]


def test_a_component_is_named_in_the_position(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"PO4*6~", b"MEA*PD*WT*5*LB>1>x~")
    (ack,) = acknowledge(interchange_of(content, library))
    assert "AK4*4>3*649*6*x" in flat(ack.body)


@pytest.mark.parametrize(
    ("old", "new", "verdict", "trailer"),
    [
        (b"GE*2*101", b"GE*3*101", "R", "AK9*R*3*2*0*5"),
        (b"GE*2*101", b"GE*2*102", "R", "AK9*R*2*2*0*4"),
        (b"GE*2*101~\n", b"", "R", "AK9*R*2*2*0*3"),
        (b"*X*004010~", b"*X*004030~", "R", "AK9*R*2*2*0*2"),
        (b"*20261120*1015*101*", b"*20261120*9915*101*", "E", "AK9*E*2*2*2"),
    ],
)
def test_a_groups_own_faults_stand_in_its_trailer(
    library: Library, sample: Sample, old: bytes, new: bytes, verdict: str, trailer: str
) -> None:
    (ack,) = acknowledge(interchange_of(sample("850.edi").replace(old, new), library))
    assert ack.verdict == verdict
    assert flat(ack.body)[-1] == trailer


def test_a_tolerant_agreement_accepts_with_errors(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"PO1*1*24*EA", b"PO1*1*24*ZQ")
    (ack,) = acknowledge(interchange_of(content, library, Rules(mode=Mode.TOLERANT)))
    assert ack.verdict == "E"
    assert [line for line in flat(ack.body) if line[:3] in ("AK5", "AK9")] == ["AK5*E*5", "AK5*A", "AK9*E*2*2*2"]


def test_an_agreement_may_ask_for_faulty_sets_or_for_the_group_alone(library: Library, sample: Sample) -> None:
    interchange = interchange_of(sample("850.edi").replace(b"PO1*1*24*EA", b"PO1*1*24*ZQ"), library)
    (ack,) = acknowledge(interchange, detail=Detail.FAULTY_SETS)
    assert [line for line in flat(ack.body) if line.startswith("AK2")] == ["AK2*850*0001"]
    (ack,) = acknowledge(interchange, detail=Detail.GROUP_ONLY)
    assert flat(ack.body) == ["AK1*PO*101", "AK9*P*2*2*1"]


def test_an_acknowledgment_is_never_acknowledged(library: Library, sample: Sample) -> None:
    assert acknowledge(interchange_of(sample("997.edi"), library)) == ()
    assert acknowledge(interchange_of(sample("999.edi"), library), form=Form.IMPLEMENTATION) == ()


def test_bad_data_that_could_break_the_acknowledgment_is_not_copied_into_it(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"PO1*1*24*EA", "PO1*1*2>4é*EA".encode())
    (ack,) = acknowledge(interchange_of(content, library))
    assert "AK4*2*330*6" in flat(ack.body)


BROKEN = [
    (b"PO1*1*24*EA", b"PO1*1*24*ZQ"),
    (b"BEG*00*SA*PO-4711**20261120~\n", b""),
    (b"SE*25*0001~\n", b""),
    (b"MSG*Deliver", b"MSG*De\x07liver"),
    (b"SAC*A*C310***1500~\n", b"SAC*A*C310***1500~\n" * 30),
    (b"CTT*2*144", b"CTT*x*y*z*1*2*3*4*5*6"),
    (b"PO4*6~", b"MEA*PD*WT*5*LB****01~\nMEA*PD*WT*5~\nREF*DP**x*SI>1>ZZ~"),
    (b"BEG*00*SA*PO-4711", b"BEG*0*SA*PO>4711"),
    (b"FOB*PP", b"FO\xc3\xa9*PP"),
]


@pytest.mark.parametrize(("old", "new"), BROKEN)
@pytest.mark.parametrize("form", Form)
def test_what_we_acknowledge_with_is_itself_valid(library: Library, sample: Sample, old: bytes, new: bytes, form: Form) -> None:
    envelope = ENVELOPE if form is Form.FUNCTIONAL else LATER
    (ack,) = acknowledge(interchange_of(sample("850.edi").replace(old, new), library), form=form)
    one = SetOut(set_id=form.value, control="0001", body=ack.body, shape=library.shape(envelope.release, form.value))
    assert [fault.line() for fault in validate(one, envelope, library)] == []
    rendered = render(envelope, [GroupOut(functional_id="FA", control="1", sets=(one,))])
    assert rendered.faults == ()
    settlement = settle(interchange_of(rendered.content, library).sets[0].tree())
    assert settlement.group_control == "101"
    assert settlement.answer in (Answer.PARTIAL, Answer.REJECTED)


def test_a_999_renames_the_notes_and_nests_the_elements(library: Library, sample: Sample) -> None:
    content = sample("850-005010.edi").replace(b"N1*ST*", b"N1*ST^BY^Q*")
    (ack,) = acknowledge(interchange_of(content, library), form=Form.IMPLEMENTATION)
    assert flat(ack.body) == [
        "AK1*PO*101*005010",
        "AK2*850*0001",
        "IK3*N1*3*N1*8",
        "CTX*BEG03>PO-4713",
        "IK4*1>>3*98*4*Q",
        "IK5*R*5",
        "AK9*R*1*1*0",
    ]


def made(group: str, set_id: str, *body: str) -> bytes:
    """An interchange of 005010 with one set of these segments."""
    head = "ISA*00*          *00*          *ZZ*BIGRETAIL      *01*ACMESUPPLY     *261120*1015*^*00501*000000101*0*T*:"
    start = (head, f"GS*{group}*BIGRETAIL*ACMESUPPLY*20261120*1015*101*X*005010", f"ST*{set_id}*0001")
    return "".join(f"{line}~\n" for line in (*start, *body, f"SE*{len(body) + 2}*0001", "GE*1*101", "IEA*1*000000101")).encode()


def notes_of(content: bytes, library: Library) -> list[str]:
    """The segments of a 999 between AK2 and IK5."""
    (ack,) = acknowledge(interchange_of(content, library), form=Form.IMPLEMENTATION)
    lines = flat(ack.body)
    return lines[2 : next(number for number, line in enumerate(lines) if line.startswith("IK5"))]


@pytest.mark.parametrize(
    ("segment", "notes"),
    [
        ("N1*ST*Store*92", ["IK4*4*67*2", "CTX*SITUATIONAL TRIGGER*N1*3*N1*3*66"]),  # P0304
        ("REF*DP*1**SI:1:ZZ", ["IK4*4>4*127*2", "CTX*SITUATIONAL TRIGGER*REF*3**4>3*128"]),  # P0304 of C040, in REF04
        ("CUR*BY*USD******20261120", ["IK4*7*374*2", "CTX*SITUATIONAL TRIGGER*CUR*3**8*373"]),  # C0807
        ("CUR*BY*USD********007", ["IK4*11*373*2", "CTX*SITUATIONAL TRIGGER*CUR*3**10*374"]),  # L101112
        ("MEA*PD*WT*5*LB****01", ["IK4*8*936*10*01", "CTX*SITUATIONAL TRIGGER*MEA*3**3*739"]),  # E0803
        ("REF*DP", ["IK4*2*127*2"]),  # R0203: nothing stands there that asks for it
        ("CUR*BY*USDX", ["IK4*2*100*5*USDX"]),  # no syntax note
    ],
)
def test_a_999_names_the_element_that_makes_another_necessary(library: Library, segment: str, notes: list[str]) -> None:
    found = notes_of(made("PO", "850", "BEG*00*SA*PO-4713**20261120", segment, "PO1*1*24*EA"), library)
    assert found[2:] == notes


def test_a_999_names_the_business_unit_of_faults_from_its_number_on(library: Library) -> None:
    content = made("RA", "820", "BPR*C*1*C*ACH*CTX*01", f"TRN*1*{'9' * 40}", "N1*PR*X*92", "ENT*1", "RMR*IV*1**x")
    units = [line if line.startswith("CTX*T") else line[:7] for line in notes_of(content, library) if line[:3] == "IK3" or "TRN" in line]
    assert units == ["IK3*BPR", "IK3*N1*", f"CTX*TRN02>{'9' * 35}", "IK3*RMR", f"CTX*TRN02>{'9' * 35}"]


@pytest.mark.parametrize("number", ["", "PO:4713", "PO^4713", "PÖ-4713"])
def test_a_business_unit_whose_number_cannot_be_told_is_left_out(library: Library, number: str) -> None:
    notes = notes_of(made("PO", "850", f"BEG*00*SA*{number}**20261120", "CUR*BY", "PO1*1*24*EA"), library)
    assert "IK3*CUR*3**8" in notes
    assert not any(line.startswith("CTX*B") for line in notes)


def test_a_set_without_a_known_number_names_no_business_unit(library: Library) -> None:
    assert notes_of(made("RC", "861", "BRA*1*20261120*QQ*1"), library)[0].startswith("IK3*BRA*2**8")
    assert not any(line.startswith("CTX") for line in notes_of(made("RC", "861", "BRA*1*20261120*QQ*1"), library))


def test_what_a_999_says_of_the_context_is_read_into_words(library: Library, sample: Sample) -> None:
    context = b"CTX*CLM01>A-1~\nCTX*SITUATIONAL TRIGGER*BEG*2**3~\n"
    context += b"IK4*2*380*6*abc~\nCTX*SITUATIONAL TRIGGER*PO1*4*PO1*3>1*355~\nCTX*ELEMENT*PO1*4~\nCTX*SITUATIONAL TRIGGER~\nIK4*3*355*2~\n"
    content = sample("999.edi").replace(b"IK4*2*380*6*abc~\n", context).replace(b"SE*8*", b"SE*14*")
    (one,) = interchange_of(content, library).sets
    assert one.faults == ()
    said = settle(one.tree())
    (note,) = said.sets[0].notes
    assert note.context == ("CLM01 A-1", "because of BEG03 in segment 2")
    first, second = note.elements
    assert (first.element, first.code, first.value) == (2, "6", "abc")
    assert first.context == ("because of PO103-1 in segment 4", "ELEMENT at PO1 in segment 4")
    assert (second.element, second.code, second.context) == (3, "2", ())
    plain = settle(interchange_of(sample("999.edi"), library).sets[0].tree())
    assert said.sets[0].answer is plain.sets[0].answer
    assert said.answer_for("850", "0001") is Answer.REJECTED


def test_a_999_gives_back_the_convention_that_a_set_names(library: Library, sample: Sample) -> None:
    interchange = interchange_of(sample("850-005010.edi").replace(b"ST*850*0001~", b"ST*850*0001*005010ABC~"), library)
    assert [flat(acknowledge(interchange, form=form)[0].body)[1] for form in Form] == ["AK2*850*0001", "AK2*850*0001*005010ABC"]


def test_a_999_has_its_own_code_for_a_set_in_a_group_of_another_kind(library: Library, sample: Sample) -> None:
    interchange = interchange_of(sample("850-005010.edi").replace(b"GS*PO*", b"GS*IN*"), library)
    assert "AK5*R*6" in flat(acknowledge(interchange)[0].body)
    assert "IK5*R*18" in flat(acknowledge(interchange, form=Form.IMPLEMENTATION)[0].body)


def test_an_inbound_999_may_say_that_a_set_is_against_a_guide(library: Library, sample: Sample) -> None:
    content = sample("999.edi").replace(b"IK5*R*5~", b"IK5*R*I5~")
    assert content != sample("999.edi")
    (one,) = interchange_of(content, library).sets
    assert one.faults == ()
    assert settle(one.tree()).sets[0].codes == ("I5",)


def test_a_ta1_is_owed_when_asked_for_or_when_the_interchange_is_rejected(library: Library, sample: Sample) -> None:
    assert not is_owed_ta1(interchange_of(sample("850.edi"), library))
    assert is_owed_ta1(interchange_of(sample("850.edi").replace(b"*0*T*>", b"*1*T*>"), library))
    assert is_owed_ta1(interchange_of(sample("850.edi").replace(b"IEA*1*", b"IEA*4*"), library))
    assert not is_owed_ta1(interchange_of(sample("850.edi").replace(b"BIGRETAIL      *", b"BIGRETAIL*"), library))
    assert not is_owed_ta1(interchange_of(sample("ta1.edi").replace(b"IEA*0*", b"IEA*4*"), library))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (b"", b"", ["TA1", "000000101", "261120", "1015", "A", "000"]),
        (b"IEA*1*000000101", b"IEA*1*000000102", ["TA1", "000000101", "261120", "1015", "R", "001"]),
        (b"*261120*1015*U", b"*261320*1015*U", ["TA1", "000000101", "261320", "1015", "E", "014"]),
        (b"IEA*1*000000101~\n", b"", ["TA1", "000000101", "261120", "1015", "R", "023"]),
    ],
)
def test_a_ta1_says_what_became_of_the_interchange(library: Library, sample: Sample, old: bytes, new: bytes, expected: list[str]) -> None:
    assert ta1(interchange_of(sample("850.edi").replace(old, new), library)) == expected


def test_a_ta1_that_rejects_gives_the_reason_for_that_not_a_lesser_one(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"BIGRETAIL      *", b"BIGRETAIL*").replace(b"IEA*1*", b"IEA*4*")
    assert ta1(interchange_of(content, library))[4:] == ["R", "021"]


def test_transaction_sets_without_a_group_are_answered_by_a_ta1(library: Library, sample: Sample) -> None:
    lines = [line for line in sample("850.edi").split(b"\n") if line[:2] not in (b"GS", b"GE")]
    interchange = interchange_of(b"\n".join(lines), library)
    assert is_owed_ta1(interchange)
    assert ta1(interchange)[4:] == ["R", "024"]
    assert acknowledge(interchange) == ()


@pytest.mark.parametrize("group", [b"GS*PO", b"GS*PO*BIGRETAIL*ACMESUPPLY*20261120*1015**X*004010", b"GS*" + b"P" * 5000])
def test_a_group_that_no_acknowledgment_can_name_is_answered_by_a_ta1(library: Library, sample: Sample, group: bytes) -> None:
    content = sample("850.edi").replace(b"GS*PO*BIGRETAIL*ACMESUPPLY*20261120*1015*101*X*004010", group)
    interchange = interchange_of(content, library)
    assert [fault.code for fault in interchange.all_faults()] == ["X12-211"]
    assert ta1(interchange)[4:] == ["R", "024"]
    assert acknowledge(interchange) == ()


def test_what_ails_a_gs_without_a_code_in_the_997_has_one_in_the_ta1(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"*20261120*1015*101*X*", b"*20269920*1015*101*X*")
    interchange = interchange_of(content, library)
    assert ta1(interchange)[4:] == ["E", "024"]
    (ack,) = acknowledge(interchange)
    assert flat(ack.body)[-1] == "AK9*E*2*2*2"


def test_an_inbound_997_settles_each_set_and_tells_why(library: Library, sample: Sample) -> None:
    settlement = settle(interchange_of(sample("997.edi"), library).sets[0].tree())
    assert (settlement.functional_id, settlement.group_control, settlement.answer) == ("PO", "101", Answer.PARTIAL)
    assert (settlement.included, settlement.received, settlement.accepted) == (2, 2, 1)
    assert settlement.answer_for("850", "0001") is Answer.ACCEPTED
    assert settlement.answer_for("850", "2") is Answer.REJECTED
    assert settlement.answer_for("850", "0003") is None
    (note,) = settlement.sets[1].notes
    assert (note.tag, note.position, note.code) == ("PO1", 4, "8")
    (element,) = note.elements
    assert (element.element, element.reference, element.code, element.value) == (1, "350", "5", "123456789012345678901")


def test_an_inbound_999_reads_the_same(library: Library, sample: Sample) -> None:
    settlement = settle(interchange_of(sample("999.edi"), library).sets[0].tree())
    assert settlement.answer_for("850", "0001") is Answer.REJECTED
    (note,) = settlement.sets[0].notes
    assert (note.elements[0].element, note.elements[0].code) == (2, "6")


def test_a_group_answer_covers_the_sets_it_does_not_name() -> None:
    tree = Loop("997", [Segment(["AK1", "PO", "7"]), Segment(["AK9", "A", "9", "9", "9"])])
    assert settle(tree).answer_for("850", "0004") is Answer.ACCEPTED


def test_a_code_that_is_none_counts_as_a_rejection_with_a_fault(library: Library, sample: Sample) -> None:
    content = sample("997.edi").replace(b"AK9*P*", b"AK9*Z*")
    settlement = settle(interchange_of(content, library).sets[0].tree())
    assert settlement.answer is Answer.REJECTED
    assert [fault.code for fault in settlement.faults] == ["X12-702"]


def test_an_inbound_ta1_settles_its_interchange(library: Library, sample: Sample) -> None:
    (segment,) = interchange_of(sample("ta1.edi"), library).ta1s
    settled = settle_interchange(segment)
    assert (settled.control, settled.answer, settled.code) == ("000000101", Answer.ACCEPTED, "000")


def test_a_ta1_is_written_between_isa_and_iea(library: Library, sample: Sample) -> None:
    rendered = render(ENVELOPE, [], ta1s=[ta1(interchange_of(sample("850.edi"), library))])
    assert rendered.content.endswith(b"~TA1*000000101*261120*1015*A*000~IEA*0*000000055~")
    assert interchange_of(rendered.content, library).ta1s[0] == ["TA1", "000000101", "261120", "1015", "A", "000"]
