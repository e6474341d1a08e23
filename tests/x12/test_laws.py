"""What holds for any input, tried with many."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edi_gateway.faults import Fault
from edi_gateway.testing.interchanges import orders
from edi_gateway.x12 import (
    Charset,
    Library,
    Mode,
    Rules,
    TransactionSet,
    acknowledge,
    interchange_lines,
    read,
    settle,
    stream,
    ta1,
)

CHECKOUT = Path(__file__).parents[2]
LIBRARY = Library([CHECKOUT / "schemas"])
SAMPLES = {path.name: path.read_bytes() for path in sorted((CHECKOUT / "samples" / "x12").glob("*.edi"))}
RULES = st.builds(Rules, mode=st.sampled_from(Mode), charset=st.sampled_from(Charset))
PIECES = [
    "~",
    "*",
    ">",
    "^",
    "\n",
    "\r\n",
    "ISA",
    "GS",
    "ST",
    "SE",
    "GE",
    "IEA",
    "TA1",
    "HL",
    "BIN",
    "BDS",
    "~ST*850*1~",
    "~SE*1*1~",
    "é",
    "\x00",
    " ",
]


def explore(content: bytes, rules: Rules) -> None:
    """Asks everything of a reading that can be asked."""
    reading = read(content, LIBRARY, rules=rules)
    assert all(isinstance(fault, Fault) and fault.line() for fault in reading.all_faults())
    for fault in reading.all_faults():
        if fault.place.element is not None and fault.value and fault.place.offset is not None:
            text = content[fault.place.offset :].translate(None, b"\r\n")
            assert _holds(text, fault.value), fault.line()
    for interchange in reading.interchanges:
        acknowledge(interchange)
        ta1(interchange)
        list(interchange_lines(interchange, LIBRARY))
        for one in interchange.sets:
            assert 0 <= one.offset <= len(content)
            settle(one.tree())
            assert sum(1 for _ in one.tree().walk()) <= len(one.segments) == one.segment_count
            firsts = {segment.tag: segment for segment in reversed(one.segments)}
            for tag, segment in firsts.items():
                first = one.first(tag)
                assert first is not None
                assert (first, first.position, first.offset) == (segment, segment.position, segment.offset)


def _holds(text: bytes, value: str) -> bool:
    """Whether bytes begin with a fault's value, whatever it was read as; line ends, and blanks before it, are not looked at."""
    value = value.replace("\r", "").replace("\n", "")
    without = text.decode("latin-1").lstrip().encode("latin-1")
    return any(one.startswith((value.encode("latin-1", "replace"), value.encode())) for one in (text, without))


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A sample with a few bytes or pieces put in, taken out or repeated."""
    content = draw(st.sampled_from(list(SAMPLES.values())))
    for _ in range(draw(st.integers(1, 5))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 40)))
        middle = draw(st.one_of(st.binary(max_size=6), st.sampled_from(PIECES).map(str.encode), st.just(content[start:end] * 2)))
        content = content[:start] + middle + content[end:]
    return content


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), RULES)
def test_any_bytes_give_faults_and_never_an_exception(content: bytes, rules: Rules) -> None:
    explore(content, rules)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), RULES)
def test_any_bytes_after_an_isa_give_faults_and_never_an_exception(content: bytes, rules: Rules) -> None:
    explore(SAMPLES["850.edi"][:107] + content, rules)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mutated(), RULES)
def test_any_damage_to_a_file_gives_faults_and_never_an_exception(content: bytes, rules: Rules) -> None:
    explore(content, rules)


@settings(max_examples=150, deadline=None)
@given(mutated(), st.integers(1, 200))
def test_chunks_of_any_size_give_what_the_whole_gives(content: bytes, size: int) -> None:
    chunks = (content[at : at + size] for at in range(0, len(content), size))
    sets = [event for event in stream(chunks, LIBRARY) if isinstance(event, TransactionSet)]
    expected = [one for interchange in read(content, LIBRARY).interchanges for one in interchange.sets]
    assert [(one.offset, one.length, one.faults) for one in sets] == [(one.offset, one.length, one.faults) for one in expected]


@given(mutated(), RULES)
def test_a_packed_set_gives_what_it_gave_before(content: bytes, rules: Rules) -> None:
    for one in (event for event in stream([content], LIBRARY, rules=rules) if isinstance(event, TransactionSet)):
        packed = one.packed()
        assert packed.text.kept is None
        assert packed.segments == one.segments
        assert packed.tree() == one.tree()
        assert (packed.segment_count, packed.convention, packed.first("N1")) == (one.segment_count, one.convention, one.first("N1"))
        assert [packed.locate(fault) for fault in one.faults] == [one.locate(fault) for fault in one.faults]
        assert packed.unpacked() == one


def test_of_a_long_content_all_but_the_first_sets_are_packed() -> None:
    content = orders(*(f"A{number}" for number in range(6000)))
    sets = read(content, LIBRARY).interchanges[0].sets
    cut = sum(one.length for one in sets if one.text.kept)
    assert (1 << 20) - 1000 < cut <= 1 << 20
    assert [one.text.kept is not None for one in sets] == sorted((one.text.kept is not None for one in sets), reverse=True)
    assert len(sets) == 6000


def test_a_set_identifier_that_no_file_could_be_named_by_is_an_unknown_set() -> None:
    """Found by a coverage-guided fuzzer: ST01 is looked for as a file, and 256 letters are no file's name."""
    for set_id in ("ÿ" * 120 + "850", "A" * 300, "../850", "850/../850"):
        content = SAMPLES["850.edi"].replace(b"ST*850*", b"ST*" + set_id.encode("latin-1") + b"*")
        explore(content, Rules())
        sets = read(content, LIBRARY).interchanges[0].sets
        assert sets
        assert all(one.shape is None for one in sets)


@given(first=st.integers(3, 104), others=st.lists(st.integers(3, 200), max_size=20), line_end=st.sampled_from([b"\n", b"\r\n"]))
def test_places_in_lines_of_any_widths_are_those_of_the_bytes_that_came(first: int, others: list[int], line_end: bytes) -> None:
    flat = SAMPLES["850.edi"].replace(b"~\n", b"~").replace(b"ST*850*0001~BEG*00*", b"ST*850*0001~BEG*99*")
    lines, at = [], 0
    for width in [first, *others, *[80] * len(flat)]:
        lines.append(flat[at : at + width])
        at += width
        if at >= len(flat):
            break
    content = line_end.join(lines)
    reading = read(content, LIBRARY)
    for one in (one for interchange in reading.interchanges for one in interchange.sets):
        assert content[one.offset :].translate(None, b"\r\n").startswith(b"ST*850*")
        assert content[: one.offset + one.length].translate(None, b"\r\n~").endswith(one.control.encode())
        for fault in one.faults:
            assert fault.place.offset is not None
            wanted = fault.value if fault.place.element else fault.place.segment
            assert content[fault.place.offset :].translate(None, b"\r\n").startswith((wanted or "").encode())
