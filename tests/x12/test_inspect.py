from collections.abc import Callable

from edi_gateway.x12 import Library, lines, read, set_lines

Sample = Callable[[str], bytes]


def test_every_segment_has_a_line_with_its_name_and_depth(library: Library, sample: Sample) -> None:
    content = sample("850.edi")
    found = list(lines(read(content, library), library))
    assert [line.text.encode() for line in found] == content.split(b"~\n")[:-1]
    assert [(line.tag, line.depth) for line in found[:4]] == [("ISA", 0), ("GS", 1), ("ST", 2), ("BEG", 3)]
    (item, *_) = [line for line in found if line.tag == "PID"]
    assert (item.name, item.loops, item.depth) == ("Product/Item Description", ("PO1", "PID"), 5)


def test_elements_have_their_names_and_what_their_codes_mean(library: Library, sample: Sample) -> None:
    (beginning, *_) = [line for line in lines(read(sample("850.edi"), library), library) if line.tag == "BEG"]
    assert [(one.designator, one.name, one.value) for one in beginning.elements] == [
        ("BEG01", "Transaction Set Purpose Code", "00"),
        ("BEG02", "Purchase Order Type Code", "SA"),
        ("BEG03", "Purchase Order Number", "PO-4711"),
        ("BEG05", "Date", "20261120"),
    ]
    assert [one.meaning for one in beginning.elements] == ["Original", "Stand-alone order", "", ""]


def test_faults_stand_at_their_segments_and_none_is_lost(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"PO1*1*24*EA", b"PO1*1*24*ZQ").replace(b"BEG*00*SA*PO-4711**20261120~\n", b"")
    content = content.replace(b"GE*2*101~\n", b"").replace(b"IEA*1*", b"IEA*4*").replace(b"SE*25*0001~\n", b"")
    reading = read(content, library)
    shown = [fault for line in lines(reading, library) for fault in line.faults]
    assert sorted(fault.line() for fault in shown) == sorted(fault.line() for fault in reading.all_faults())
    (item,) = [line for line in lines(reading, library) if line.text.startswith("PO1*1*24")]
    assert [fault.code for fault in item.faults] == ["X12-507"]


def test_a_set_alone_can_be_shown(library: Library, sample: Sample) -> None:
    one = read(sample("856.edi"), library).interchanges[0].sets[0]
    found = list(set_lines(one, library))
    assert [line.position for line in found] == list(range(1, len(found) + 1))
    assert found[0].depth == 0


def test_hierarchical_levels_are_indented_by_their_nesting(library: Library, sample: Sample) -> None:
    found = set_lines(read(sample("856.edi"), library).interchanges[0].sets[0], library)
    assert [line.depth for line in found if line.tag == "HL"] == [2, 3, 4, 5, 4, 5]


def test_trailers_are_shown_as_they_stood_where_they_stood(library: Library, sample: Sample) -> None:
    content = sample("850.edi").replace(b"GE*2*101", b"GE*7*102")
    *_, group, interchange = lines(read(content, library), library)
    assert (group.text, content[group.offset :][:8]) == ("GE*7*102", b"GE*7*102")
    assert content[interchange.offset :].startswith(interchange.text.encode())
