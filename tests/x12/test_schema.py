from pathlib import Path

import pytest

from edi_gateway.faults import Faulty
from edi_gateway.shape import ElementShape, LoopShape, SegmentShape
from edi_gateway.x12 import Library
from edi_gateway.x12.check import Checker, Separators
from edi_gateway.x12.grammar import Grammar

CHECKOUT = Path(__file__).parents[2]
RELEASES = {"004010": 29, "005010": 32}
EVERY_SET = [(release, path.stem) for release in RELEASES for path in sorted((CHECKOUT / "schemas/x12" / release / "sets").glob("*.txt"))]


def test_both_releases_are_there_with_all_their_sets(library: Library) -> None:
    assert {release: len(library.sets(release)) for release in library.releases()} == RELEASES


@pytest.mark.parametrize(("release", "set_id"), EVERY_SET)
def test_every_set_loads_and_every_loop_begins_with_the_segment_it_is_named_for(library: Library, release: str, set_id: str) -> None:
    shape = library.shape(release, set_id)
    assert shape is not None
    assert shape.name == f"X12 {release} {set_id}"
    assert shape.title
    for item in shape.root.walk():
        if isinstance(item, LoopShape):
            first = item.items[0]
            assert isinstance(first, SegmentShape)
            assert (first.tag, first.requirement, first.limit) == (item.tag, "M", 1)


@pytest.mark.parametrize(("release", "set_id"), EVERY_SET)
def test_every_set_compiles_and_each_of_its_checkers_too(library: Library, release: str, set_id: str) -> None:
    shape = library.shape(release, set_id)
    assert shape is not None
    grammar = Grammar(shape, Separators(component=">", repetition="^"))
    assert grammar.levels
    for item in shape.root.walk():
        if isinstance(item, SegmentShape):
            assert not Checker(item, Separators(component=">"))([item.tag, *["?" * 100_000] * len(item.elements)])


@pytest.mark.parametrize("release", RELEASES)
def test_the_dictionary_is_sound(library: Library, release: str) -> None:
    rows = (CHECKOUT / "schemas/x12" / release / "segments.tsv").read_text().splitlines()
    for row in rows:
        segment = library.segment(release, row.split("\t")[0])
        assert segment is not None
        for note in segment.syntax:
            numbers = [int(note[at : at + 2]) for at in range(1, len(note), 2)]
            assert note[0] in "PRECL"
            assert all(1 <= number <= len(segment.elements) for number in numbers), (segment.tag, note)
        for element in segment.elements:
            _is_sound(element)


def _is_sound(element: ElementShape) -> None:
    assert element.type in {"AN", "ID", "DT", "TM", "R", "B", *(f"N{places}" for places in range(10))}
    if element.components:
        for component in element.components:
            _is_sound(component)
    else:
        assert 0 <= element.minimum <= element.maximum, element.id
        assert all(element.minimum <= len(code) <= element.maximum for code in element.codes), element.id


def test_an_industry_suffix_reads_as_its_release(library: Library) -> None:
    assert library.shape("004010VICS", "850") == library.shape("004010", "850")


@pytest.mark.parametrize("release", ["", "004030", "../etc", "0040\x0010", "sets"])
def test_a_release_without_schemas_has_none(library: Library, release: str) -> None:
    assert library.shape(release, "850") is None
    assert library.sets(release) == ()
    assert library.segment(release, "BEG") is None


def test_an_unknown_set_or_segment_is_none(library: Library) -> None:
    assert library.shape("004010", "999") is None
    assert library.shape("004010", "../850") is None
    assert library.segment("004010", "XYZ") is None


def test_an_operators_folder_goes_before_the_shipped_one_row_by_row(tmp_path: Path) -> None:
    folder = tmp_path / "x12" / "004010"
    (folder / "sets").mkdir(parents=True)
    (folder / "elements.tsv").write_text("92\tID\t2\t2\tOrder Type\tSA QQ\n")
    (folder / "sets" / "999.txt").write_text("999 PO Our Own Set\n  BEG M 1\n  loop N1 O *\n    N1 M 1\n    N3 O 2\n")
    library = Library([tmp_path, CHECKOUT / "schemas"])
    shape = library.shape("004010", "999")
    assert shape is not None
    beginning = shape.root.segments["BEG"]
    assert list(beginning.elements[1].codes) == ["SA", "QQ"]
    assert beginning.elements[0].codes
    assert list(shape.root.loops) == ["N1"]
    assert "850" in library.sets("004010")


@pytest.mark.parametrize(
    ("file", "content", "line"),
    [
        ("sets/777.txt", "777 PO Title\n  BEG M 1\n  NIX M 1\n", 3),
        ("sets/777.txt", "777 PO Title\n  BEG Q 1\n", 2),
        ("sets/777.txt", "777 PO Title\n  loop N1 O 1\n    N3 M 1\n", 2),
        ("sets/777.txt", "778 PO Title\n  BEG M 1\n", 1),
        ("sets/777.txt", "", 1),
        ("elements.tsv", "92\tID\ttwo\t2\tOrder Type\n", 1),
        ("segments.tsv", "# ours\nBEG\tBeginning\t353/M nix/M\n", 2),
        ("segments.tsv", "BEG\tBeginning\t353/M/0\n", 1),
        ("segments.tsv", "BEG\tBeginning\t353/M/many\n", 1),
    ],
)
def test_a_schema_file_that_cannot_be_understood_names_its_file_and_line(tmp_path: Path, file: str, content: str, line: int) -> None:
    path = tmp_path / "x12" / "004010" / file
    path.parent.mkdir(parents=True)
    path.write_text(content)
    library = Library([tmp_path, CHECKOUT / "schemas"])
    with pytest.raises(Faulty) as caught:
        library.shape("004010", "777" if "777" in file else "850")
    (fault,) = caught.value.faults
    assert (fault.code, fault.place.file, fault.place.line) == ("X12-801", str(path), line)
