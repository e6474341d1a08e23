from collections.abc import Callable

import pytest

from edi_gateway.tree import Loop
from edi_gateway.x12 import Library, Mode, Rules, Verdict, read, stream
from edi_gateway.x12.interchange import Group, Interchange, TransactionSet

Sample = Callable[[str], bytes]
Changed = Callable[[bytes, str, str], bytes]

CLEAN = ["810.edi", "812.edi", "850.edi", "850-005010.edi", "855.edi", "856.edi", "997.edi", "999.edi", "ta1.edi"]


@pytest.mark.parametrize("name", CLEAN)
def test_nothing_is_found_wrong_with_a_clean_file(library: Library, sample: Sample, name: str) -> None:
    reading = read(sample(name), library)
    assert [fault.line() for fault in reading.all_faults()] == []
    assert all(one.verdict is Verdict.ACCEPTED for one in reading.interchanges[0].sets)
    assert all(one.text.is_ordered for one in reading.interchanges[0].sets), "the fast machine should have taken it"


def test_the_envelopes_are_read_without_their_padding(library: Library, sample: Sample) -> None:
    (interchange,) = read(sample("850.edi"), library).interchanges
    (group,) = interchange.groups
    assert (interchange.sender_qualifier, interchange.sender) == ("ZZ", "BIGRETAIL")
    assert (interchange.receiver_qualifier, interchange.receiver) == ("01", "ACMESUPPLY")
    assert (interchange.control_number, interchange.version, interchange.usage, interchange.ack_requested) == (
        "000000101",
        "00401",
        "T",
        False,
    )
    assert (group.functional_id, group.control, group.release, group.declared_sets, group.received_sets) == ("PO", "101", "004010", "2", 2)
    assert [(one.set_id, one.control) for one in group.sets] == [("850", "0001"), ("850", "0002")]


def test_offsets_and_lengths_name_the_bytes_of_each_part(library: Library, sample: Sample) -> None:
    content = sample("850.edi")
    (interchange,) = read(content, library).interchanges
    first, second = interchange.sets
    assert content[first.offset : first.offset + first.length].startswith(b"ST*850*0001~")
    assert content[first.offset : first.offset + first.length].endswith(b"SE*25*0001~")
    assert content[second.offset : second.offset + second.length].endswith(b"0002~")
    assert content[interchange.offset : interchange.offset + interchange.length].endswith(b"IEA*1*000000101~")
    for position, segment in enumerate(first.segments, 1):
        text = "*".join(str(element) for element in segment).encode()
        assert segment.position == position
        assert content[segment.offset : segment.offset + len(text) + 1] == text + b"~"


def test_a_tree_nests_loops_and_leaves_out_the_envelope(library: Library, sample: Sample) -> None:
    tree = read(sample("850.edi"), library).interchanges[0].sets[1].tree()
    assert tree == Loop(
        "850",
        [
            ["BEG", "00", "NE", "PO-4712", "", "20261120"],
            Loop("N1", [["N1", "ST", "Big Retail DC 18", "92", "0018"]]),
            Loop("PO1", [["PO1", "1", "6", "EA", "12.5", "", "VN", "AC-100"]]),
            Loop("CTT", [["CTT", "1"]]),
        ],
    )


def test_hierarchical_levels_are_nested_by_their_parents(library: Library, sample: Sample) -> None:
    tree = read(sample("856.edi"), library).interchanges[0].sets[0].tree()

    def levels(loop: Loop) -> dict[str, object]:
        inner = [child for child in loop.children if isinstance(child, Loop) and child.tag == "HL"]
        return {f"{one.children[0][1]}{one.children[0][3]}": levels(one) for one in inner}

    assert levels(tree) == {"1S": {"2O": {"3P": {"4I": {}}, "5P": {"6I": {}}}}}


def test_a_composite_stands_in_the_tree_as_a_tuple(library: Library, sample: Sample, changed: Changed) -> None:
    content = changed(sample("850.edi"), "PO4*6~", "MEA*PD*WT*5*LB>1>2~\nPO4*6~").replace(b"SE*25*0001", b"SE*26*0001")
    reading = read(content, library)
    assert reading.is_clean
    measures = [segment for segment in reading.interchanges[0].sets[0].tree().walk() if segment.tag == "MEA"]
    assert measures == [["MEA", "PD", "WT", "5", ("LB", "1", "2")]]


def test_each_tree_is_new_so_that_its_taker_may_change_it(library: Library, sample: Sample) -> None:
    (one,) = read(sample("855.edi"), library).interchanges[0].sets
    taken = one.tree()
    taken.children.clear()
    assert one.tree().children


@pytest.mark.parametrize("size", [1, 7, 100, 1 << 20])
def test_a_stream_gives_the_same_whatever_its_chunks(library: Library, sample: Sample, size: int) -> None:
    content = sample("850.edi") + sample("856.edi") + sample("997.edi")
    events = list(stream((content[at : at + size] for at in range(0, len(content), size)), library))
    reading = read(content, library)
    sets = [event for event in events if isinstance(event, TransactionSet)]
    expected = [one for interchange in reading.interchanges for one in interchange.sets]
    assert [(one.control, one.offset, one.length, one.tree()) for one in sets] == [
        (one.control, one.offset, one.length, one.tree()) for one in expected
    ]
    assert [event.control for event in events if isinstance(event, Group)] == ["101"] * 3
    assert [event.offset for event in events if isinstance(event, Interchange)] == [one.offset for one in reading.interchanges]


def test_a_broken_set_does_not_stop_the_next(library: Library, sample: Sample, changed: Changed) -> None:
    content = changed(sample("850.edi"), "BEG*00*SA", "BEG*XX*SA")
    assert [one.verdict for one in read(content, library).interchanges[0].sets] == [Verdict.REJECTED, Verdict.ACCEPTED]


def test_an_unknown_set_is_rejected_and_read_on(library: Library, sample: Sample, changed: Changed) -> None:
    content = changed(sample("850.edi"), "ST*850*0001", "ST*859*0001")
    first, second = read(content, library).interchanges[0].sets
    assert [fault.code for fault in first.faults] == ["X12-301"]
    assert first.shape is None
    assert first.tree().children[0] == ["BEG", "00", "SA", "PO-4711", "", "20261120"]
    assert second.verdict is Verdict.ACCEPTED


def test_a_group_at_fault_rejects_all_its_sets(library: Library, sample: Sample, changed: Changed) -> None:
    (interchange,) = read(changed(sample("850.edi"), "GE*2*101", "GE*3*101"), library).interchanges
    assert interchange.groups[0].verdict is Verdict.REJECTED
    assert {one.verdict for one in interchange.sets} == {Verdict.REJECTED}


def test_a_tolerant_reading_accepts_with_errors_and_keeps_every_segment(library: Library, sample: Sample, changed: Changed) -> None:
    content = changed(sample("850.edi"), "FOB*PP~", "ZZZ*1*2~\nFOB*XX~").replace(b"SE*25*0001", b"SE*26*0001")
    (one, _) = read(content, library, rules=Rules(mode=Mode.TOLERANT)).interchanges[0].sets
    assert one.verdict is Verdict.ACCEPTED_WITH_ERRORS
    assert {fault.code for fault in one.faults} == {"X12-401", "X12-507"}
    assert ["ZZZ", "1", "2"] in list(one.tree().walk())
    assert read(content, library).interchanges[0].sets[0].verdict is Verdict.REJECTED


def test_a_tolerated_code_does_not_reject_but_another_does(library: Library, sample: Sample, changed: Changed) -> None:
    content = changed(sample("850.edi"), "BEG*00*SA", "BEG*XX*SA")
    rules = Rules(tolerated=frozenset({"X12-507"}))
    assert read(content, library, rules=rules).interchanges[0].sets[0].verdict is Verdict.ACCEPTED_WITH_ERRORS
    rules = Rules(mode=Mode.TOLERANT, rejecting=frozenset({"X12-507"}))
    assert read(content, library, rules=rules).interchanges[0].sets[0].verdict is Verdict.REJECTED


def test_another_release_may_be_agreed_on(library: Library, sample: Sample, changed: Changed) -> None:
    content = changed(sample("850.edi"), "*X*004010~", "*X*004030~")
    assert [fault.code for fault in read(content, library).interchanges[0].groups[0].faults] == ["X12-201"]
    (first, _) = read(content, library, rules=Rules(release="004010")).interchanges[0].sets
    assert (first.verdict, first.release, first.group.release) == (Verdict.ACCEPTED, "004010", "004030")
