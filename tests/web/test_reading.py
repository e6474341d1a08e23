"""The pure parts behind the pages: words, marks, papers, flat files, times, waits."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.faults import Fault, Place
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, FileState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.ports.web import InspectedElement, InspectedSegment
from edi_gateway.testing.inspection import split_x12
from edi_gateway.testing.made import NOW
from edi_gateway.testing.order import order_record, order_segments, x12
from edi_gateway.testing.traffic import a_day
from edi_gateway.web import times, words
from edi_gateway.web.attempts import LONGEST_WAIT, Attempts
from edi_gateway.web.flat import LINES_SHOWN, lines_of, text_of
from edi_gateway.web.marks import PlacedFault, faults_of, mark
from edi_gateway.web.paper import Cell, kind_in_words, sheet
from edi_gateway.web.words import Tone, disposition_meaning, expiry_chip, mic_chip, worst


@pytest.mark.parametrize(
    ("states", "chips"),
    [
        (Outbound, words.OUTBOUND),
        (Inbound, words.INBOUND),
        (SetOut, words.SETS_OUT),
        (SetIn, words.SETS_IN),
        (FileState, words.FILES),
        (DeadlineState, words.DEADLINES),
        (DeadlineKind, words.EXPECTED),
    ],
)
def test_every_state_has_its_words(states, chips):
    assert set(states) == set(chips)


def test_the_worst_of_several_states_is_shown_with_its_share():
    accepted, rejected = words.VERDICTS["A"], words.VERDICTS["R"]
    assert worst([]) == words.NOTHING
    assert worst([accepted]) == accepted
    assert worst([accepted, rejected, accepted]).word == "rejected 1/3"
    assert worst([accepted, rejected]).tone is Tone.BAD


@pytest.mark.parametrize(
    ("disposition", "meaning"),
    [
        ("automatic-action/MDN-sent-automatically; processed", "arrived whole"),
        ("automatic-action/MDN-sent-automatically;processed", "arrived whole"),
        ("automatic-action/MDN-sent-automatically; processed/error: decryption-failed", "could not be decrypted"),
        ("automatic-action/MDN-sent-automatically; processed/Error: Authentication-Failed", "signature did not verify"),
        ("automatic-action/MDN-sent-automatically; processed/warning: duplicate-document", "had this document already"),
        ("automatic-action/MDN-sent-automatically; failed/failure: unsupported format", "cannot make the kind of MDN"),
        ("automatic-action/MDN-sent-automatically; processed/error: too-blue", "“too-blue”"),
        ("", "says nothing"),
        ("x; displayed", "“displayed”"),
    ],
)
def test_a_disposition_has_a_plain_meaning(disposition, meaning):
    assert meaning in disposition_meaning(disposition)


@given(st.text())
def test_no_disposition_is_too_odd_to_be_explained(disposition):
    assert disposition_meaning(disposition)


@pytest.mark.parametrize(
    ("ours", "theirs", "again", "word"),
    [
        ("a", "a", "a", "equal"),
        ("a", "a", None, "equal"),
        ("a", "b", "a", "different"),
        ("a", None, "a", "no proof"),
        ("a", "a", "b", "kept bytes differ"),
    ],
)
def test_three_mics_give_one_verdict(ours, theirs, again, word):
    assert mic_chip(ours, theirs, again).word == word


@pytest.mark.parametrize(("days", "tone"), [(-1, Tone.BAD), (3, Tone.BAD), (30, Tone.WARN), (90, Tone.GOOD)])
def test_a_certificate_grows_louder_towards_its_end(days, tone):
    assert expiry_chip(None, NOW + timedelta(days=days), NOW).tone is tone


def test_a_certificate_of_tomorrow_waits_and_no_certificate_warns():
    assert expiry_chip(NOW + timedelta(days=1), NOW + timedelta(days=9), NOW).tone is Tone.WAIT
    assert expiry_chip(None, None, NOW).tone is Tone.WARN


CONTENT = x12(7, "PO", "THEM", "US", [order_segments("A"), order_segments("B")])


def placed(place: Place, **known: object) -> PlacedFault:
    return PlacedFault(number=1, fault=Fault.of("X12-501", place, name="Quantity"), **known)


def marked_tags(fault: PlacedFault, content: bytes = CONTENT) -> list[tuple[int, str]]:
    found = mark(split_x12(content).segments, [fault])
    return [(index, one.segment.tag) for index, one in enumerate(found) if one.all_faults]


def test_a_fault_is_found_by_its_position_in_its_own_set():
    place = Place(set_id="850", set_control="0002", segment="BEG", position=2, element=3)
    [(index, tag)] = marked_tags(placed(place))
    assert tag == "BEG"
    segments = split_x12(CONTENT).segments
    assert segments[index].elements[2].value == "B"


def test_a_fault_is_found_by_its_byte_in_the_second_interchange():
    two = CONTENT + CONTENT
    offset = CONTENT.index(b"CUR")
    [(index, tag)] = marked_tags(placed(Place(segment="CUR", offset=len(CONTENT) + offset)), two)
    assert tag == "CUR"
    assert split_x12(two).segments[index].offset == len(CONTENT) + offset


def test_a_fault_is_found_by_its_position_in_the_second_interchange():
    two = CONTENT + CONTENT
    place = Place(set_id="850", set_control="0001", segment="CUR", position=3)
    [(index, _)] = marked_tags(placed(place, base=len(CONTENT)), two)
    assert split_x12(two).segments[index].offset > len(CONTENT)


def test_an_element_that_the_segment_does_not_have_marks_the_whole_segment():
    found = mark(split_x12(CONTENT).segments, [placed(Place(segment="CUR", set_control="0001", position=3, element=9))])
    [one] = [each for each in found if each.all_faults]
    assert one.faults


def test_an_empty_element_that_an_inspection_left_out_stands_at_its_number():
    known = (InspectedElement(designator="PO101", value="1"), InspectedElement(designator="PO104", value="3.4"))
    segment = InspectedSegment(tag="PO1", name="", offset=0, elements=known, position=4, set_control="0001")
    fault = placed(Place(segment="PO1", set_control="0001", position=4, element=3))
    [marked] = mark([segment], [fault])
    assert [one.element.value for one in marked.elements] == ["1", "", "", "3.4"]
    assert [one.element.designator for one in marked.elements if one.faults] == ["PO103"]


def test_a_missing_segment_marks_where_it_should_have_been():
    [(_, tag)] = marked_tags(placed(Place(segment="DTM", set_control="0001", position=6)))
    assert tag == "N1"


@pytest.mark.parametrize("place", [Place(file="orders.csv", line=3), Place(), Place(set_control="0009", position=4)])
def test_a_fault_of_another_place_marks_nothing(place):
    assert marked_tags(placed(place)) == []


@given(st.binary(max_size=300), st.integers(-5, 400), st.integers(0, 30), st.integers(0, 30))
def test_no_content_and_no_place_breaks_the_marks(content, offset, position, element):
    segments = split_x12(CONTENT[:120] + content).segments
    fault = placed(Place(offset=offset, position=position, element=element, segment="PO1", set_control="0001"))
    assert len(mark(segments, [fault])) == len(segments)


def test_the_faults_of_a_message_stand_once_and_are_numbered():
    rejected = next(one for one in a_day().messages if one.sets and one.sets[0].state is SetIn.REJECTED)
    assert [one.number for one in faults_of(rejected)] == [1, 2, 3]
    twice = replace(rejected, transmission=replace(rejected.transmission, faults=rejected.sets[0].faults))
    assert len({one.number for one in faults_of(twice)}) == len(faults_of(twice))


def test_a_record_is_laid_out_with_facts_parties_and_lines():
    paper = sheet("PurchaseOrder", order_record("PO-1"))
    assert ("Number", Cell(text="PO-1")) in paper.facts
    assert [group.title for group in paper.groups] == ["Requested delivery period", "Buyer", "Ship to"]
    [table] = paper.tables
    assert [column.text for column in table.columns][:5] == ["Line", "Quantity", "Unit", "Unit price", "Amount"]
    assert [row[4].text for row in table.rows] == ["1036.80", "1425.00", "489.60"]
    assert table.computed == ("Amount",)


def test_a_kind_of_record_is_told_in_words():
    assert kind_in_words("CreditDebitAdjustment") == "Credit debit adjustment"


def test_an_amount_is_left_open_where_the_price_is_not_for_one_unit():
    lines = [{"quantity": "100", "unit_price": "5", "price_basis": "HP"}, {"quantity": "1"}, {"quantity": "x", "unit_price": "5"}]
    [table] = sheet("Invoice", {"lines": lines}).tables
    at = [column.text for column in table.columns].index("Amount")
    assert [row[at].text for row in table.rows] == ["", "", ""]


def test_packs_and_orders_of_a_shipment_stand_inside_each_other():
    packs = [{"sscc": "00123", "items": [{"gtin": "1", "quantity": "2"}]}]
    paper = sheet("ShipNotice", {"id": "S", "orders": [{"po_id": "A", "packs": packs}, {"po_id": "B"}]})
    assert [one.title for one in paper.inside] == ["Order 1", "Order 2"]
    assert paper.inside[0].inside[0].facts == (("SSCC", Cell(text="00123")),)


def test_lists_inside_a_line_are_told_in_one_cell():
    [table] = sheet(
        "x", {"lines": [{"statuses": [{"status": "accepted", "quantity": "4"}, {"status": "rejected", "quantity": "1"}]}]}
    ).tables
    assert table.rows[0][0].text == "accepted 4; rejected 1"


@pytest.mark.parametrize(
    ("content", "cells"),
    [
        (b"A,b,c\n", ("A", "b", "c")),
        (b"A;b,c;d\n", ("A", "b,c", "d")),
        (b"A\tb\n", ("A", "b")),
        ("ä|b\n".encode("latin-1"), ("ä", "b")),
    ],
)
def test_a_flat_file_is_taken_apart_at_its_own_separator(content, cells):
    assert lines_of(content)[0].cells == cells


def test_a_record_over_several_lines_keeps_the_faults_of_each():
    fault = Fault.of("MAP-403", Place(file="f", line=3, column=2), "x")
    lines = lines_of(b'A,1\nB,"two\nlines"\nC,3\n', [fault])
    assert [(line.number, len(line.faults)) for line in lines] == [(1, 0), (2, 1), (4, 0)]
    assert lines[1].faulty_cells == {1}


def test_empty_cells_at_the_end_are_left_out_but_not_one_with_a_fault():
    fault = Fault.of("MAP-403", Place(file="f", line=2, column=4), "")
    assert [line.cells for line in lines_of(b"A,b,,,,\nB,,,,,\n", [fault])] == [("A", "b"), ("B", "", "")]


def test_a_fault_marks_the_cell_that_holds_its_column():
    fault = Fault.of("MAP-403", Place(file="f", line=2, column=17), "x")
    (comment, line) = lines_of(b'# a, comment; with, marks\nLIN,"a,b ""c""",xyz\n', [fault])
    assert comment.is_comment
    assert comment.cells == ("# a, comment; with, marks",)
    assert (line.cells, line.faulty_cells) == (("LIN", 'a,b "c"', "xyz"), {3})


@given(st.binary(max_size=400))
def test_no_bytes_break_a_flat_files_table(content):
    assert len(lines_of(content)) <= LINES_SHOWN
    assert isinstance(text_of(content), str)


@pytest.mark.parametrize(
    ("seconds", "told"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3700, "1 h 1 min"),
        (3600, "1 h"),
        (90000, "1 d 1 h"),
        (86405, "1 d"),
        (-61, "1 min 1 s"),
    ],
)
def test_a_length_of_time_is_told_in_two_units_at_most(seconds, told):
    assert times.span(timedelta(seconds=seconds)) == told


def test_a_moment_is_told_by_its_distance():
    assert times.distance(NOW + timedelta(minutes=5), NOW) == "in 5 min"
    assert times.distance(NOW - timedelta(minutes=5), NOW) == "5 min ago"
    assert times.distance(NOW, NOW) == "now"
    assert times.distance(None, NOW) == ""
    assert times.stamp(datetime(2026, 3, 1, 4, 5, 6, tzinfo=UTC)) == "2026-03-01 04:05:06"


@pytest.mark.parametrize(("count", "told"), [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (2_500_000, "2.5 MB")])
def test_a_size_is_told_with_a_fitting_unit(count, told):
    assert times.size(count) == told


@given(st.integers(0, 60))
def test_the_wait_never_shrinks_with_more_failures_and_has_an_end(failures):
    attempts = Attempts()
    waits = []
    for _ in range(failures):
        attempts.failed("a", NOW)
        waits.append(attempts.wait("a", NOW))
    assert waits == sorted(waits)
    assert all(wait <= LONGEST_WAIT for wait in waits)
    assert attempts.wait("b", NOW) == timedelta(0)


def test_failures_are_forgotten_after_success_and_after_an_hour():
    attempts = Attempts()
    for _ in range(9):
        attempts.failed("a", NOW)
        attempts.failed("b", NOW)
    attempts.succeeded("a")
    assert attempts.wait("a", NOW) == timedelta(0)
    attempts.failed("c", NOW + timedelta(hours=2))
    attempts.failed("b", NOW + timedelta(hours=2))
    assert attempts.wait("b", NOW + timedelta(hours=2)) == timedelta(0)


def test_a_flood_of_addresses_does_not_fill_the_memory():
    attempts = Attempts()
    for number in range(10_050):
        attempts.failed(str(number), NOW)
    assert len(attempts._failures) <= 10_000
