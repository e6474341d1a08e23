"""Public sample files, many of them broken, where a checkout has them beside it: each is read, judged and answered."""

import csv
import signal
from pathlib import Path

import pytest

from edi_gateway.x12 import Library, TransactionSet, acknowledge, interchange_lines, read, settle, stream, ta1

SHARED = Path(__file__).parents[3] / "shared" / "samples"
FILES = sorted((SHARED / "public").glob("*")) if SHARED.is_dir() else []


def index() -> dict[str, dict[str, str]]:
    with (SHARED / "INDEX.tsv").open(encoding="utf-8") as file:
        return {row["file"]: row for row in csv.DictReader(file, delimiter="\t")}


INDEX = index() if FILES else {}
pytestmark = pytest.mark.skipif(not FILES, reason="the shared samples are not here")

NOTED = {
    "SE01": "X12-304",
    "SE02": "X12-303",
    "GE01": "X12-205",
    "GE02": "X12-204",
    "IEA01": "X12-112",
    "IEA02": "X12-111",
    "no IEA": "X12-110",
    "ISA": "X12-1",
    "GE: ValueError": "X12-205",
    "IEA: ValueError": "X12-112",
    "no GE": "X12-205",
}
"""The index's notes on envelopes, and our code for each."""

WHERE_WE_DIFFER = {
    "850_004010_Inteligenz_Example3_Adobe_CLP": "an unpadded ISA and indented segments: the index took CR for the terminator",
    "860_004010_Inteligenz_Example1": "indented segments, and one without its end: the index took CR for the terminator",
    "997_004010_bots-edi_mailbag01": "interchanges of several delimiters: the index cut them all by the first's",
    "850_004010_indice-co_x12.850.issue135": "ISA16 is empty: the index kept ~ in each last element, we say X12-119",
    "940_004010_apimeister_emb_test_940_eceef": "the same",
    "940_004010_apimeister_emb_test_940_64e84": "the same",
    "940_004010_apimeister_emb_test_940_4316b": "the same",
    "940_999999_apimeister_emb_test_940_39ac9": "the same",
    "940_004010_apimeister_emb_test_940_54367": "the ISA gives no delimiters, so nothing behind it is judged",
    "940_004010_apimeister_emb_test_940_f75a0": "the same: ISA02 ends in the wrong separator",
    "940_004010_apimeister_emb_test_940_92b37": "the same",
    "850__hellooops_emb_x12.test_c0451": "sets without a GS count as the group that IEA01 counts; X12-209 says that GS is missing",
    "940_004010_olmelabs_MultipleInterchangesAndGroups": "IEA02 lacks the zeros of ISA13, which makes no other number: X12-120",
    "940_004010_olmelabs_WrongGroupsAndTranCount": "the same for its IEA02",
    "856_004060_walmartlabs_emb_TrailerSegmentCountX12RuleTest_8fbc0": "Java source around the ISA, which gives no delimiters",
    "856_004060_walmartlabs_emb_TrailerSegmentCountX12RuleTest_4412f": "the same",
    "856_004060_walmartlabs_emb_TrailerSegmentCountX12RuleTest_bb3c4": "the same",
}
"""Where a note of the index is no finding of ours, and why."""


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:60])
def test_a_public_sample_is_read_judged_and_answered(library: Library, path: Path) -> None:
    signal.alarm(20)
    content = path.read_bytes()
    reading = read(content, library)
    assert reading.interchanges or reading.faults
    for interchange in reading.interchanges:
        acknowledge(interchange)
        ta1(interchange)
        assert list(interchange_lines(interchange, library))
        for one in interchange.sets:
            tree = one.tree()
            assert sum(1 for _ in tree.walk()) >= len(one.segments) - 2 - sum(fault.code == "X12-409" for fault in one.faults)
            settle(tree)
    signal.alarm(0)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name[:60])
def test_a_public_sample_streams_to_the_same_sets(library: Library, path: Path) -> None:
    content = path.read_bytes()
    chunks = (content[at : at + 100] for at in range(0, len(content), 100))
    streamed = [event for event in stream(chunks, library) if isinstance(event, TransactionSet)]
    whole = [one for interchange in read(content, library).interchanges for one in interchange.sets]
    assert [(one.control, one.offset, one.faults) for one in streamed] == [(one.control, one.offset, one.faults) for one in whole]


BROKEN = [(name, note.strip()) for name, row in INDEX.items() if row["envelope"] != "ok" for note in row["notes"].split(";")]


@pytest.mark.parametrize(("name", "note"), [(name, note) for name, note in BROKEN if note.startswith(tuple(NOTED))])
def test_what_the_index_notes_of_an_envelope_is_found_or_explained(library: Library, name: str, note: str) -> None:
    codes = {fault.code for fault in read((SHARED / "public" / name).read_bytes(), library).all_faults()}
    expected = next(code for start, code in sorted(NOTED.items(), reverse=True) if note.startswith(start))
    assert any(code.startswith(expected) for code in codes) or name.startswith(tuple(WHERE_WE_DIFFER))
    assert codes - {"X12-115", "X12-116", "X12-117"}
