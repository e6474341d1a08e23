"""Every construct of the language, both ways, over a small order."""

from collections.abc import Callable
from datetime import date, time
from decimal import Decimal
from typing import Any

import pytest

from edi_gateway.mapping import Compiled, compile_map
from edi_gateway.mapping.values import BAD, read_date, read_decimal
from edi_gateway.records import OrderAcknowledgment, OrderLine, Party, Period, PurchaseOrder, Reference
from edi_gateway.shape import Shape
from edi_gateway.tree import Loop, Segment

Compile = Callable[..., Compiled]


def tree(*children: str | list[Any]) -> Loop:
    """A set from segments as text; a list is a loop."""

    def node(child: Any) -> Segment | Loop:
        if isinstance(child, list):
            inner = [node(one) for one in child]
            assert isinstance(inner[0], Segment)
            return Loop(inner[0].tag, inner)
        return Segment([tuple(part.split(">")) if ">" in part else part for part in child.split("*")], 7, 70)

    return Loop("850", [node(child) for child in children])


def texts(written: Loop | None) -> list[str]:
    assert written is not None
    return ["*".join(part if isinstance(part, str) else ">".join(part) for part in segment) for segment in written.walk()]


def both_ways(compiled: Compile, body: str, record: PurchaseOrder, *segments: str) -> None:
    one = compiled(body).must()
    assert texts(one.write(record).tree) == list(segments)
    written = one.write(record).tree
    assert written is not None
    assert one.read(written).record == record


def test_a_path_takes_and_puts_an_element(compiled: Compile) -> None:
    both_ways(compiled, "fields: {id: BEG/03}", PurchaseOrder(id="P1"), "BEG***P1")


def test_a_component_is_taken_and_put(compiled: Compile) -> None:
    body = "fields: {id: BEG/03, customer_reference: 'REF[CR]/04-2'}"
    both_ways(compiled, body, PurchaseOrder(id="P1", customer_reference="C"), "BEG***P1", "REF*CR***>C")


def test_a_selector_takes_the_segment_with_its_qualifier(compiled: Compile) -> None:
    body = "fields: {id: BEG/03, department: 'REF[DP]/02', promotion_deal: 'REF[PD]/02'}"
    both_ways(compiled, body, PurchaseOrder(id="1", department="7", promotion_deal="X"), "BEG***1", "REF*DP*7", "REF*PD*X")


def test_a_selector_with_choices_reads_each_and_writes_the_first(compiled: Compile) -> None:
    one = compiled("fields: {id: BEG/03, currency: 'CUR[BY|SE]/02'}").must()
    assert one.read(tree("BEG***1", "CUR*SE*USD")).record == PurchaseOrder(id="1", currency="USD")
    assert texts(one.write(PurchaseOrder(id="1", currency="USD")).tree) == ["BEG***1", "CUR*BY*USD"]


def test_a_selector_may_name_elements_and_several_of_them(compiled: Compile) -> None:
    body = "fields: {id: BEG/03, customer_reference: 'REF[01=ZZ,03=K]/02'}"
    both_ways(compiled, body, PurchaseOrder(id="1", customer_reference="c"), "BEG***1", "REF*ZZ*c*K")


def test_a_list_without_selector_takes_what_no_row_takes(compiled: Compile) -> None:
    body = "fields: {id: BEG/03, department: 'REF[DP]/02', references: {each: REF, fields: {qualifier: REF/01, id: REF/02}}}"
    record = PurchaseOrder(id="1", department="7", references=(Reference(qualifier="ZZ", id="a"), Reference(qualifier="DP", id="8")))
    both_ways(compiled, body, record, "BEG***1", "REF*DP*7", "REF*ZZ*a", "REF*DP*8")


def test_an_item_that_a_row_would_read_is_refused_on_write(compiled: Compile) -> None:
    body = "fields: {id: BEG/03, department: 'REF[DP]/02', references: {each: REF, fields: {qualifier: REF/01, id: REF/02}}}"
    writing = compiled(body).must().write(PurchaseOrder(id="1", references=(Reference(qualifier="DP", id="8"),)))
    assert writing.tree is None
    assert [fault.code for fault in writing.faults] == ["MAP-410"]
    assert dict(writing.faults[0].detail)["field"] == "references[1]"


def test_pairs_are_found_by_qualifier_wherever_they_stand(compiled: Compile) -> None:
    one = compiled(
        "fields: {id: BEG/03, lines: {each: PO1, fields: {seller_item_id: 'PO1/pair[VN|SK]', gtin: 'PO1/pair[UP:12|EN:13]'}}}"
    ).must()
    record = one.read(tree("BEG***1", ["PO1*1*****ZZ*z*EN*4006381333931*SK*k"])).record
    assert record == PurchaseOrder(id="1", lines=(OrderLine(seller_item_id="k", gtin="4006381333931"),))
    assert texts(one.write(record).tree) == ["BEG***1", "PO1******VN*k*EN*4006381333931"]


def test_a_value_of_no_known_length_fits_no_qualifier(compiled: Compile) -> None:
    one = compiled("fields: {id: BEG/03, lines: {each: PO1, fields: {gtin: 'PO1/pair[UP:12|EN:13]'}}}").must()
    (fault,) = one.write(PurchaseOrder(id="1", lines=(OrderLine(gtin="12345"),))).faults
    assert (fault.code, fault.value, dict(fault.detail)["field"]) == ("MAP-408", "12345", "lines[1].gtin")


def test_a_table_turns_codes_into_names_and_back(compiled: Compile) -> None:
    body = "tables: {kind: {new_order: NE, rush: RO, accept: {SA: new_order}}}\nfields: {id: BEG/03, type: BEG/02 via kind}"
    both_ways(compiled, body, PurchaseOrder(id="1", type="rush"), "BEG**RO*1")
    one = compiled(body).must()
    assert one.read(tree("BEG**SA*1")).record == PurchaseOrder(id="1", type="new_order")
    (fault,) = one.read(tree("BEG**XX*1")).faults
    assert (fault.code, fault.value, fault.place.segment, fault.place.element) == ("MAP-402", "XX", "BEG", 2)
    (fault,) = one.write(PurchaseOrder(id="1", type="slow")).faults
    assert (fault.code, fault.value) == ("MAP-403", "slow")


def test_a_table_may_keep_other_codes(compiled: Compile) -> None:
    body = "tables: {kind: {rush: RO, other: keep}}\nfields: {id: BEG/03, type: BEG/02 via kind}"
    both_ways(compiled, body, PurchaseOrder(id="1", type="ZZ"), "BEG**ZZ*1")


def test_a_default_fills_an_absent_element_and_an_absent_field(compiled: Compile) -> None:
    one = compiled("fields: {id: BEG/03, currency: 'CUR[BY]/02 = USD'}").must()
    assert one.read(tree("BEG***1")).record == PurchaseOrder(id="1", currency="USD")
    assert texts(one.write(PurchaseOrder(id="1")).tree) == ["BEG***1", "CUR*BY*USD"]
    both_ways(
        compiled, "fields: {id: BEG/03, currency: 'CUR[BY]/02 = USD'}", PurchaseOrder(id="1", currency="EUR"), "BEG***1", "CUR*BY*EUR"
    )


def test_a_condition_holds_in_both_directions(compiled: Compile) -> None:
    body = (
        "fields: {id: BEG/03, type: BEG/02, department: {is: 'REF[DP]/02', when: type == 'NE'},"
        " customer_reference: {is: 'REF[DP]/02', when: type != 'NE'}}"
    )
    both_ways(compiled, body, PurchaseOrder(id="1", type="NE", department="7"), "BEG**NE*1", "REF*DP*7")
    both_ways(compiled, body, PurchaseOrder(id="1", type="RO", customer_reference="7"), "BEG**RO*1", "REF*DP*7")


def test_an_item_within_an_item_reads_the_segment_that_opens_the_outer_one(shapes: Callable[[str], Shape | None]) -> None:
    body = """
map: t
record: OrderAcknowledgment
schema: X12 004010 855
fields:
  po_id: BAK/03
  lines:
    each: PO1
    fields:
      unit_code: PO1/03
      statuses: {each: ACK, fields: {status: ACK/01, quantity: ACK/02, unit_code: {in: PO1/03, when: quantity != none}}}
"""
    one = compile_map(body, file="t.yaml", shapes=shapes).must()
    record = one.read(tree("BAK***P1", ["PO1***CA", ["ACK*IA*2"], ["ACK*IR"]], ["PO1***EA", ["ACK*IA*5"]])).record
    assert isinstance(record, OrderAcknowledgment)
    assert [[status.unit_code for status in line.statuses] for line in record.lines] == [["CA", None], ["EA"]]
    assert texts(one.write(record).tree) == ["BAK***P1", "PO1***CA", "ACK*IA*2", "ACK*IR", "PO1***EA", "ACK*IA*5"]
    both = compile_map(body.replace("{in: PO1/03, when: quantity != none}", "PO1/03"), file="t.yaml", shapes=shapes)
    assert [fault.code for fault in both.faults] == ["MAP-124"]


def test_a_block_is_there_when_its_loop_is(compiled: Compile) -> None:
    body = "fields: {id: BEG/03, ship_to: {at: 'N1[ST]', fields: {name: N1/02, city: N4/01}}}"
    both_ways(compiled, body, PurchaseOrder(id="1", ship_to=Party(city="X")), "BEG***1", "N1*ST", "N4*X")
    both_ways(compiled, body, PurchaseOrder(id="1", ship_to=Party()), "BEG***1", "N1*ST")
    both_ways(compiled, body, PurchaseOrder(id="1"), "BEG***1")


def test_a_block_without_place_groups_fields(compiled: Compile) -> None:
    body = "fields: {id: BEG/03, requested_delivery_period: {fields: {start: 'DTM[064]/02', end: 'DTM[063]/02'}}}"
    record = PurchaseOrder(id="1", requested_delivery_period=Period(end=date(2026, 2, 3)))
    both_ways(compiled, body, record, "BEG***1", "DTM*063*20260203")


def test_lists_nest(compiled: Compile) -> None:
    body = "fields: {id: BEG/03, lines: {each: PO1, fields: {line_id: PO1/01, references: {each: REF, fields: {qualifier: REF/01}}}}}"
    line = OrderLine(line_id="1", references=(Reference(qualifier="A"), Reference(qualifier="B")))
    both_ways(compiled, body, PurchaseOrder(id="1", lines=(line, OrderLine(line_id="2"))), "BEG***1", "PO1*1", "REF*A", "REF*B", "PO1*2")


def test_segments_are_written_in_the_order_of_the_shape(compiled: Compile) -> None:
    body = "fields: {total_amount: TDS/01, currency: 'CUR[BY]/02', id: BEG/03}"
    record = PurchaseOrder(id="1", currency="USD", total_amount=Decimal("1.50"))
    both_ways(compiled, body, record, "BEG***1", "CUR*BY*USD", "TDS*150")


def test_an_equation_is_written_and_checked(compiled: Compile) -> None:
    one = compiled(
        "fields: {id: BEG/03, lines: {each: PO1, fields: {quantity: PO1/02}}}\n"
        "equations: {CTT/01: count(lines), CTT/02: sum(l.quantity for l in lines)}"
    ).must()
    record = PurchaseOrder(id="1", lines=(OrderLine(quantity=Decimal("2.5")), OrderLine(quantity=Decimal(3))))
    written = one.write(record).tree
    assert texts(written)[-1] == "CTT*2*5.5"
    reading = one.read(tree("BEG***1", ["PO1**2.5"], ["CTT*2*5.5"]))
    assert reading.record is not None
    assert not reading.ok
    assert [(fault.code, fault.value, dict(fault.detail)["want"]) for fault in reading.faults] == [
        ("MAP-401", "2", "1"),
        ("MAP-401", "5.5", "2.5"),
    ]


def test_an_absent_equation_element_is_not_missed(compiled: Compile) -> None:
    one = compiled("fields: {id: BEG/03, lines: {each: PO1, fields: {quantity: PO1/02}}}\nequations: {CTT/01: count(lines)}").must()
    assert one.read(tree("BEG***1", ["PO1**2.5"])).ok


def test_a_field_that_an_equation_contradicts_is_not_written(compiled: Compile) -> None:
    one = compiled(
        "fields: {id: BEG/03, lines: {each: PO1, fields: {quantity: PO1/02}}, total_lines: CTT/01}\nequations: {CTT/01: count(lines)}"
    ).must()
    assert [fault.code for fault in one.write(PurchaseOrder(id="1", total_lines=3)).faults] == ["MAP-401"]
    assert one.write(PurchaseOrder(id="1", total_lines=0)).ok


def test_an_equation_with_out_is_written_and_not_checked(compiled: Compile) -> None:
    one = compiled("fields: {id: BEG/03}\nequations: {BEG/04: {out: '\"R\"'}}").must()
    assert texts(one.write(PurchaseOrder(id="1")).tree) == ["BEG***1*R"]
    assert one.read(tree("BEG***1*Q")).ok


LINES = (
    "fields: {id: BEG/03, lines: {each: PO1, fields: {quantity: PO1/02, unit_code: PO1/03},"
    ' equations: {PO1/05: {out: \'"TE" if unit_code != none else ""\', in: TE}}}}'
)


def test_an_equation_of_a_list_is_over_the_fields_of_one_item(compiled: Compile) -> None:
    one = compiled(LINES).must()
    lines = (OrderLine(quantity=Decimal(1), unit_code="EA"), OrderLine(quantity=Decimal(2)))
    written = one.write(PurchaseOrder(id="1", lines=lines)).tree
    assert texts(written) == ["BEG***1", "PO1**1*EA**TE", "PO1**2"]
    assert written is not None
    assert one.read(written).record == PurchaseOrder(id="1", lines=lines)
    assert one.unread(written) == ()


def test_any_other_text_than_the_one_of_in_is_told_as_unread(compiled: Compile) -> None:
    one = compiled(LINES).must()
    read = tree("BEG***1", ["PO1**1*EA**TE"], ["PO1**2*EA**PE"])
    assert one.read(read).ok
    assert [(fault.code, dict(fault.detail)["designator"]) for fault in one.unread(read)] == [("MAP-407", "PO105")]


def test_in_and_out_may_differ(compiled: Compile) -> None:
    one = compiled("fields: {id: BEG/03, release_number: {in: 'REF[RE]/02', out: BEG/04}}").must()
    assert one.read(tree("BEG***1*9", "REF*RE*8")).record == PurchaseOrder(id="1", release_number="8")
    assert texts(one.write(PurchaseOrder(id="1", release_number="8")).tree) == ["BEG***1*8"]


def test_a_codec_is_the_last_resort(compiled: Compile) -> None:
    body = "fields: {id: BEG/03, customer_reference: 'REF[CR]/02 via !gln'}"
    both_ways(compiled, body, PurchaseOrder(id="1", customer_reference="4006381333931"), "BEG***1", "REF*CR*4006381333931")
    (fault,) = compiled(body).must().read(tree("BEG***1", "REF*CR*4006381333930")).faults
    assert fault.code == "MAP-405"


def test_a_part_stands_for_its_fields(compiled: Compile) -> None:
    body = (
        "parts: {party: {name: N1/02}}\nfields: {id: BEG/03, ship_to: {at: 'N1[ST]', fields: party}, buyer: {at: 'N1[BY]', fields: party}}"
    )
    record = PurchaseOrder(id="1", ship_to=Party(name="S"), buyer=Party(name="B"))
    both_ways(compiled, body, record, "BEG***1", "N1*ST*S", "N1*BY*B")


@pytest.mark.parametrize(
    ("path", "field", "text", "value"),
    [
        ("TDS/01", "total_amount", "12345", Decimal("123.45")),
        ("TDS/01", "total_amount", "-5", Decimal("-0.05")),
        ("CTT/02", "hash_total", "0.10", Decimal("0.10")),
        ("CTT/01", "total_lines", "12", 12),
        ("DTM[002]/02", "issue_date", "20240229", date(2024, 2, 29)),
        ("CUR[BY]/02", "backorder_allowed", "N", False),
    ],
)
def test_values_convert_exactly(compiled: Compile, path: str, field: str, text: str, value: object) -> None:
    one = compiled(f"fields: {{id: BEG/03, {field}: '{path}'}}").must()
    record = PurchaseOrder(**{"id": "1", field: value})  # type: ignore[arg-type]
    written = one.write(record).tree
    assert texts(written)[1].split("*")[-1] == text
    assert written is not None
    assert one.read(written).record == record


@pytest.mark.parametrize(
    ("path", "field", "text"),
    [
        ("TDS/01", "total_amount", "1.5"),
        ("CTT/02", "hash_total", "1e5"),
        ("CTT/02", "hash_total", "NaN"),
        ("CTT/02", "hash_total", "1_000"),
        ("CTT/02", "hash_total", "٣"),
        ("CTT/01", "total_lines", "1.5"),
        ("BEG/05", "issue_date", "20230229"),
        ("BEG/05", "issue_date", "2023-02-28"),
        ("CUR/02", "backorder_allowed", "maybe"),
    ],
)
def test_what_is_not_of_the_form_is_a_fault_with_its_place(compiled: Compile, path: str, field: str, text: str) -> None:
    one = compiled(f"fields: {{id: BEG/03, {field}: '{path}'}}").must()
    segment, _, element = path.partition("/")
    child = segment + "*" * int(element) + text
    if segment == "BEG":
        child = f"BEG***1**{text}"
    reading = one.read(tree("BEG***1", [child] if segment == "CTT" else child) if segment != "BEG" else tree(child))
    assert reading.record is None
    (fault,) = reading.faults
    assert (fault.code, fault.value, fault.place.segment, fault.place.position, fault.place.offset) == ("MAP-405", text, segment, 7, 70)
    assert dict(fault.detail)["map"].startswith("t.yaml:4:")


def test_an_amount_with_more_decimals_than_the_element_has_is_refused(compiled: Compile) -> None:
    (fault,) = (
        compiled("fields: {id: BEG/03, total_amount: TDS/01}").must().write(PurchaseOrder(id="1", total_amount=Decimal("1.005"))).faults
    )
    assert (fault.code, fault.value) == ("MAP-406", "1.005")


def test_a_required_value_that_is_absent_is_a_fault(compiled: Compile) -> None:
    body = "fields: {id: BEG/03, references: {each: REF, fields: {qualifier: REF/01}}}"
    reading = compiled(body).must().read(tree("BEG", "REF**x"))
    assert reading.record is None
    assert [(fault.code, dict(fault.detail)["field"]) for fault in reading.faults] == [
        ("MAP-404", "id"),
        ("MAP-404", "references[1].qualifier"),
    ]


def test_unread_elements_are_told_one_by_one(compiled: Compile) -> None:
    one = compiled("fields: {id: BEG/03, department: 'REF[DP]/02', lines: {each: PO1, fields: {gtin: 'PO1/pair[EN:13]'}}}").must()
    unread = one.unread(tree("BEG*00*NE*1", "REF*DP*7*words", "REF*DP*8", ["N1*ST*Name"], ["PO1*1*****EN*4006381333931*VN*v"]))
    assert [dict(fault.detail)["designator"] for fault in unread] == [
        "BEG01",
        "BEG02",
        "REF03",
        "REF01",
        "REF02",
        "N101",
        "N102",
        "PO101",
        "PO108",
        "PO109",
    ]


def test_unread_elements_are_told_by_kind_with_their_first_place_and_their_number(compiled: Compile) -> None:
    one = compiled("fields: {id: BEG/03, references: {each: REF, fields: {qualifier: REF/02}}}").must()
    document = tree("BEG*00*NE*1", "REF*DP*7*words", "REF*DP*8", "REF**9", "REF*IA*10")
    kinds = {dict(fault.detail)["designator"]: (fault.value, times) for fault, times in one.unread_kinds(document)}
    assert kinds == {"BEG01": ("00", 1), "BEG02": ("NE", 1), "REF01": ("DP", 3), "REF03": ("words", 1)}


@pytest.mark.parametrize("text", ["2026W011", "2026-1-5", "20260231", "00000101", "2026010५", "202601051"])
def test_what_is_no_day_of_eight_digits_is_no_date(text: str) -> None:
    assert read_date(text) is BAD


@pytest.mark.parametrize("text", [".", "", "1.2.3", "1e5", "٣", "1_000", "1.5\n", "+1", "NaN"])
def test_what_is_no_plain_number_is_no_number(text: str) -> None:
    assert read_decimal(text) is BAD


def test_times_keep_their_seconds(compiled: Compile) -> None:
    from edi_gateway.mapping.values import read_time, write_time

    for text, value in (("0915", time(9, 15)), ("091533", time(9, 15, 33)), ("09153307", time(9, 15, 33, 70_000))):
        assert read_time(text) == value
        assert write_time(value) == text
