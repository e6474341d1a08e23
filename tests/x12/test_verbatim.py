from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edi_gateway.x12 import Delimiters, Library, read
from edi_gateway.x12.diff import ChangeKind, diff
from edi_gateway.x12.verbatim import InterchangeBytes, rewrite, split_groups, split_sets, verbatim

Sample = Callable[[str], bytes]
CHECKOUT = Path(__file__).parents[2]
LIBRARY = Library([CHECKOUT / "schemas"])
SAMPLES = sorted((CHECKOUT / "samples" / "x12").glob("*.edi"))
SHARED = sorted((CHECKOUT.parent / "shared" / "samples" / "public").glob("*"))


@pytest.mark.parametrize("path", [*SAMPLES, *SHARED], ids=lambda path: path.name[:50])
def test_a_file_taken_apart_and_put_together_is_the_same_bytes(path: Path) -> None:
    content = path.read_bytes()
    assert verbatim(content, read(content, LIBRARY)).render() == content


@pytest.mark.parametrize("line_end", [b"", b"\n", b"\r\n", b"\n\n", b"\n  "])
def test_line_ends_and_blanks_are_kept(sample: Sample, line_end: bytes) -> None:
    content = b" \n" + sample("850.edi").replace(b"\n", line_end) + b"\x1a"
    assert verbatim(content, read(content, LIBRARY)).render() == content


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_wrapped_lines_are_kept(sample: Sample, line_end: bytes) -> None:
    joined = sample("850.edi").replace(b"\n", b"")
    content = line_end.join(joined[at : at + 80] for at in range(0, len(joined), 80))
    taken = verbatim(content, read(content, LIBRARY))
    assert taken.render() == content
    (interchange,) = [part for part in taken.parts if isinstance(part, InterchangeBytes)]
    assert len(interchange.segments) > 10


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_damaged_file_is_put_together_again(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(SAMPLES)).read_bytes()
    for _ in range(3):
        at = data.draw(st.integers(0, len(content)))
        content = content[:at] + data.draw(st.binary(max_size=8)) + content[data.draw(st.integers(at, min(at + 30, len(content)))) :]
    assert verbatim(content, read(content, LIBRARY)).render() == content


OTHERS = [
    Delimiters(element="|", component=":", terminator="'", line_end="\r\n"),
    Delimiters(element="\x1d", component="\x1f", terminator="\x1c"),
    Delimiters(terminator="\n"),
]


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("other", OTHERS, ids=["bars", "control", "lines"])
def test_other_delimiters_change_no_meaning_and_can_be_taken_back(path: Path, other: Delimiters) -> None:
    content = path.read_bytes()
    reading = read(content, LIBRARY)
    rewritten = rewrite(content, reading, other)
    assert rewritten.faults == ()
    again = read(rewritten.content, LIBRARY)
    assert again.is_clean
    assert (again.interchanges[0].delimiters.element, again.interchanges[0].delimiters.terminator) == (other.element, other.terminator)
    for one, new in zip(reading.interchanges[0].sets, again.interchanges[0].sets, strict=True):
        assert one.tree() == new.tree()
        assert diff(one, new) == ()
    back = rewrite(rewritten.content, again, reading.interchanges[0].delimiters)
    assert back.content == content


def test_a_new_delimiter_that_stands_in_data_is_refused(sample: Sample) -> None:
    content = sample("850.edi")
    rewritten = rewrite(content, read(content, LIBRARY), Delimiters(element=",", component=":", terminator="'"))
    assert rewritten.content == b""
    assert {(fault.code, fault.place.segment) for fault in rewritten.faults} == {("X12-601", "MSG"), ("X12-601", "PID")}


@pytest.mark.parametrize("other", [Delimiters(element="^"), Delimiters(terminator="A"), Delimiters(component="*")])
def test_delimiters_that_cannot_work_are_refused(sample: Sample, other: Delimiters) -> None:
    content = sample("850-005010.edi")
    assert [fault.code for fault in rewrite(content, read(content, LIBRARY), other).faults][:1] == ["X12-605"]


def test_each_set_can_have_an_interchange_of_its_own(sample: Sample) -> None:
    content = sample("850.edi")
    parts = list(split_sets(content, read(content, LIBRARY)))
    assert [one.control for one, _ in parts] == ["0001", "0002"]
    for one, alone in parts:
        reading = read(alone, LIBRARY)
        assert reading.is_clean
        (only,) = reading.interchanges[0].sets
        assert only.tree() == one.tree()


def several(sample: Sample, line_end: bytes = b"\n") -> bytes:
    """Two interchanges, the first with three groups: its own two orders, an invoice and a ship notice; the second with a 997."""
    orders, invoice, notice = (sample(f"{name}.edi").replace(b"\n", b"") for name in ("850", "810", "856"))
    groups = (one[one.index(b"GS*") : one.index(b"IEA*")] for one in (invoice, notice))
    whole = orders.replace(b"IEA*1*", b"".join(groups) + b"IEA*3*") + sample("997.edi").replace(b"\n", b"")
    return whole.replace(b"~", b"~" + line_end)


@pytest.mark.parametrize("line_end", [b"", b"\n", b"\r\n"])
def test_each_group_can_have_an_interchange_of_its_own_with_the_same_bytes_and_sets(sample: Sample, line_end: bytes) -> None:
    content = several(sample, line_end)
    reading = read(content, LIBRARY)
    parts = list(split_groups(content, reading))
    assert [(interchange.control_number, group.functional_id) for interchange, group, _ in parts] == [
        *((reading.interchanges[0].control_number, functional_id) for functional_id in ("PO", "IN", "SH")),
        (reading.interchanges[1].control_number, "FA"),
    ]
    again = [read(alone, LIBRARY) for _, _, alone in parts]
    assert all(one.is_clean and len(one.interchanges) == len(one.interchanges[0].groups) == 1 for one in again)
    for (interchange, group, alone), one in zip(parts, again, strict=True):
        assert one.interchanges[0].elements == interchange.elements
        assert one.interchanges[0].groups[0].elements == group.elements
        assert content[group.offset : group.offset + group.length] in alone
    both = [[(each.set_id, each.control, each.tree()) for each in one.interchanges[0].sets] for one in again]
    assert [each for one in both for each in one] == [
        (each.set_id, each.control, each.tree()) for interchange in reading.interchanges for each in interchange.sets
    ]


def test_a_group_is_taken_apart_with_its_faults_and_the_interchange_around_it_made_right(sample: Sample) -> None:
    content = several(sample).replace(b"GE*2*101~\n", b"").replace(b"IEA*3*", b"IEA*7*").replace(b"PO1*1*24*EA", b"PO1*1*24*QQ")
    reading = read(content, LIBRARY)
    _, _, alone = next(iter(split_groups(content, reading)))
    assert [fault.code for fault in reading.interchanges[0].faults] == ["X12-112"]
    assert [fault.code for fault in read(alone, LIBRARY).all_faults()] == ["X12-203", "X12-507"]


def test_sets_that_came_without_a_group_are_split_off_as_they_came(sample: Sample) -> None:
    content = b"\n".join(line for line in sample("850.edi").split(b"\n") if line[:3] not in (b"GS*", b"GE*"))
    ((_, _, alone),) = split_groups(content, read(content, LIBRARY))
    assert alone == content


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"])
def test_what_was_broken_into_lines_is_joined_before_it_is_split(sample: Sample, line_end: bytes) -> None:
    both = several(sample, b"")
    joined = both[: both.index(b"ISA*", 1)]
    content = line_end.join(joined[at : at + 80] for at in range(0, len(joined), 80))
    for split in (split_groups, split_sets):
        one, other = ([part for *_, part in split(each, read(each, LIBRARY))] for each in (joined, content))
        assert other == one


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_any_damaged_file_is_split_without_an_exception(data: st.DataObject) -> None:
    content = data.draw(st.sampled_from(SAMPLES)).read_bytes()
    for _ in range(3):
        at = data.draw(st.integers(0, len(content)))
        content = content[:at] + data.draw(st.binary(max_size=8)) + content[data.draw(st.integers(at, min(at + 30, len(content)))) :]
    reading = read(content, LIBRARY)
    assert len(list(split_groups(content, reading))) == sum(len(one.groups) for one in reading.interchanges)
    assert len(list(split_sets(content, reading))) == sum(len(one.sets) for one in reading.interchanges)


def changes(old: bytes, new: bytes) -> list[tuple[str, str, int | None, str, str]]:
    one, other = (read(content, LIBRARY).interchanges[0].sets[0] for content in (old, new))
    return [(change.kind.value, change.tag, change.element, change.old, change.new) for change in diff(one, other)]


def test_a_comparison_names_what_changed(sample: Sample) -> None:
    old = sample("850.edi")
    new = old.replace(b"PO1*1*24*EA*12.5", b"PO1*1*36*EA*12.50").replace(b"FOB*PP~\n", b"").replace(b"CTT*2*144", b"CTT*2*156")
    assert changes(old, new) == [
        ("removed", "FOB", None, "FOB*PP", ""),
        ("changed", "PO1", 2, "24", "36"),
        ("changed", "CTT", 2, "144", "156"),
    ]


def test_an_added_loop_is_named_segment_by_segment(sample: Sample) -> None:
    old = sample("850.edi")
    new = old.replace(b"CTT*2*144", b"PO1*3*1*EA*1**VN*AC-9~\nCTT*2*144")
    (change,) = diff(*(read(content, LIBRARY).interchanges[0].sets[0] for content in (old, new)))
    assert (change.kind, change.tag, change.loops, change.old_position, change.new_position) == (ChangeKind.ADDED, "PO1", ("PO1",), 0, 23)
