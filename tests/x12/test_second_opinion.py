"""pyx12, on our schemas exported to its maps, as the referee of our engine."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pyx12.params
import pyx12.x12n_document

from edi_gateway.x12 import Envelope, Form, GroupOut, Library, SetOut, acknowledge, read, render
from edi_gateway.x12.pyx12_maps import map_files
from edi_gateway.x12.second_opinion import Opinion, Referee

Sample = Callable[[str], bytes]
SAMPLES = [path.name for path in sorted((Path(__file__).parents[2] / "samples" / "x12").glob("*.edi")) if path.name != "ta1.edi"]


@pytest.fixture(scope="module")
def referee(library: Library) -> Iterator[Referee]:
    with Referee(library) as one:
        yield one


def opinion(content: bytes, library: Library, referee: Referee) -> Opinion:
    found = referee.opinion(read(content, library).interchanges[0].sets[0])
    assert found is not None
    return found


@pytest.mark.parametrize("name", SAMPLES)
def test_pyx12_finds_nothing_wrong_with_our_samples_either(library: Library, sample: Sample, referee: Referee, name: str) -> None:
    found = opinion(sample(name), library, referee)
    assert (found.crash, found.theirs, found.ours) == ("", (), ())


@pytest.mark.parametrize(
    ("old", "new", "position", "segment", "ours", "theirs"),
    [
        ("FOB*PP~", "QQ9*PP~", 6, "QQ9", "AK304=1", "AK304=1"),
        ("FOB*PP~", "N3*Somewhere~", 6, "N3", "AK304=2", "AK304=1"),
        ("FOB*PP~", "SN1**5*EA~", 6, "SN1", "AK304=6", "AK304=1"),
        ("FOB*PP~\n", "", 0, "SE", "AK502=4", "AK502=4"),
        ("BEG*00*SA*PO-4711**20261120~\n", "", 2, "BEG", "AK304=3", "AK304=3"),
        ("CUR*BY*USD~\n", "CUR*BY*USD~\nCUR*BY*USD~\n", 4, "CUR", "AK304=5", "AK304=5"),
        ("SAC*A*C310***1500~\n", "SAC*A*C310***1500~\n" * 26, 47, "SAC", "AK304=4", "AK304=4"),
        ("BEG*00*SA*PO", "BEG*00**PO", 2, "BEG", "AK403=1", "AK403=1"),
        ("N1*ST*Big Retail DC 17*92*0017", "N1*ST*Big Retail DC 17*92", 14, "N1", "AK403=2", "AK304=8"),
        ("REF*DP*042~", "REF*DP*042***1~", 4, "REF", "AK403=3", "AK304=8"),
        ("CUR*BY*USD", "CUR*BY*USDX", 3, "CUR", "AK403=5", "AK403=5"),
        ("PO1*1*24*EA", "PO1*1*24a*EA", 17, "PO1", "AK403=6", "AK403=6"),
        ("PO1*1*24*EA", "PO1*1*24*ZQ", 17, "PO1", "AK403=7", "AK403=7"),
        ("DTM*063*20261215", "DTM*063*20261315", 8, "DTM", "AK403=8", "AK403=8"),
        ("DTM*063*20261215", "DTM*063*20261215*2561", 8, "DTM", "AK403=9", "AK403=9"),
        ("PO4*6~", "MEA*PD*WT*5*LB****01~", 19, "MEA", "AK403=10", "AK304=8"),
    ],
)
def test_pyx12_finds_the_same_segment_at_fault(
    library: Library, sample: Sample, referee: Referee, old: str, new: str, position: int, segment: str, ours: str, theirs: str
) -> None:
    found = opinion(sample("850.edi").replace(old.encode(), new.encode(), 1), library, referee)
    assert found.agrees
    assert (segment, theirs) in {(remark.segment, remark.ak) for remark in found.theirs}
    assert (segment, ours) in {(remark.segment, remark.ak) for remark in found.ours}
    assert {remark.key for remark in found.theirs if remark.position} <= {remark.key for remark in found.ours}
    if position:
        assert (position, segment) in {remark.key for remark in found.theirs}


def test_where_the_two_differ_each_side_is_told(library: Library, sample: Sample, referee: Referee) -> None:
    found = opinion(sample("850.edi").replace(b"100 Harbor Road", b"100 Harbor Road  "), library, referee)
    assert not found.agrees
    assert [(remark.segment, remark.ak) for remark in found.only_theirs] == [("N3", "AK403=6")]
    assert found.only_ours == ()


def test_a_set_outside_ascii_does_not_crash_the_referee(library: Library, sample: Sample, referee: Referee) -> None:
    found = opinion(sample("850.edi").replace(b"100 Harbor Road", "Königstraße 5".encode()), library, referee)
    assert (found.crash, found.theirs) == ("", ())


def test_pyx12_is_shown_the_first_repetition_of_an_element(library: Library, sample: Sample, referee: Referee) -> None:
    found = opinion(sample("850-005010.edi").replace(b"N1*ST*", b"N1*ST^BY*"), library, referee)
    assert (found.crash, found.theirs, found.ours) == ("", (), ())
    found = opinion(sample("850-005010.edi").replace(b"N1*ST*", b"N1*ZZZ^BY*"), library, referee)
    assert {remark.key for remark in found.theirs} == {remark.key for remark in found.ours} == {(3, "N1")}


ENVELOPE = Envelope(
    sender_qualifier="ZZ",
    sender="OURS",
    receiver_qualifier="ZZ",
    receiver="THEIRS",
    control_number="1",
    at=datetime(2026, 1, 2, 12, tzinfo=UTC),
    group_sender="OURS",
    group_receiver="THEIRS",
    release="005010X231A1",
    version="00501",
)
REMITTANCE = """ISA*00*          *00*          *ZZ*THEIRS         *ZZ*OURS           *261120*1015*^*00501*000000101*0*T*>~
GS*RA*THEIRS*OURS*20261120*1015*101*X*005010~ST*820*0001~BPR*C*1*C*ACH*CTX*01~TRN*1*12345~N1*PR*X*92~ENT*1~RMR*IV*1**x~
SE*7*0001~GE*1*101~IEA*1*000000101~"""


def test_pyx12_takes_a_999_with_contexts_by_our_schema_and_by_its_own_map(library: Library, referee: Referee) -> None:
    (ack,) = acknowledge(read(REMITTANCE.encode(), library).interchanges[0], form=Form.IMPLEMENTATION)
    one = SetOut(set_id="999", control="0001", body=ack.body, shape=library.shape("005010", "999"))
    content = render(ENVELOPE, [GroupOut(functional_id="FA", control="1", sets=(one,))]).content
    assert content.count(b"~CTX*SITUATIONAL TRIGGER*") == 2
    assert content.count(b"~CTX*TRN02>12345~") == 2
    found = opinion(content, library, referee)
    assert (found.crash, found.theirs, found.ours) == ("", (), ())
    with_guide = content.decode().replace("~ST*999*0001~", "~ST*999*0001*005010X231A1~")
    assert is_good_by_the_map_that_pyx12_has(with_guide)
    assert not is_good_by_the_map_that_pyx12_has(with_guide.replace("TRIGGER*N1*4*", "TRIGGER*N1**", 1))


def is_good_by_the_map_that_pyx12_has(text: str) -> bool:
    return bool(pyx12.x12n_document.x12n_document(pyx12.params.ParamsBase(), io.StringIO(text), None, None))


def test_a_set_without_a_schema_has_no_second_opinion(library: Library, sample: Sample, referee: Referee) -> None:
    content = sample("850.edi").replace(b"ST*850*0001", b"ST*859*0001")
    assert referee.opinion(read(content, library).interchanges[0].sets[0]) is None


@pytest.mark.slow
def test_every_set_of_both_releases_can_be_exported(library: Library) -> None:
    for release in library.releases():
        for set_id in library.sets(release):
            files = map_files(library, release, set_id)
            assert set_id in files["set.xml"]
            assert len(files) == 5


def test_an_unknown_set_cannot_be_exported(library: Library) -> None:
    with pytest.raises(KeyError):
        map_files(library, "004010", "859")
