"""Long tables in CSV files, with the days on which their lines hold."""

from collections.abc import Callable, Mapping
from datetime import date

import pytest

from edi_gateway.faults import Severity
from edi_gateway.mapping import Compiled, Map, load_cross_reference
from edi_gateway.mapping.codecs import is_checked
from edi_gateway.records import OrderLine, PurchaseOrder
from edi_gateway.tree import Loop, Segment

FILE = "record,document,from,to,direction\nSKU-1,B001,,2026-03-31,\nSKU-1,B777,2026-04-01,,\nSKU-2,B002,,,\nSKU-2,B002X,,,read\n"


def test_a_line_holds_from_its_first_to_its_last_day() -> None:
    reference = load_cross_reference(FILE, name="items", file="items.csv").must()
    assert reference.on(date(2026, 3, 31)).codes == {"SKU-1": "B001", "SKU-2": "B002"}
    assert reference.on(date(2026, 4, 1)).codes == {"SKU-1": "B777", "SKU-2": "B002"}
    assert reference.on(date(2026, 4, 1)).names == {"B777": "SKU-1", "B002": "SKU-2", "B002X": "SKU-2"}


BODY = "fields: {id: BEG/03 via items, issue_date: BEG/05}"


@pytest.fixture
def dated(compiled: Callable[..., Compiled]) -> Map:
    loaded = load_cross_reference(FILE, name="items", file="items.csv")
    return compiled(BODY, tables=lambda name: loaded if name == "items" else None).must()


def _order(code: str, day: str = "") -> Loop:
    return Loop("850", [Segment(["BEG", "", "", code, "", day])])


def test_a_map_takes_what_holds_on_the_documents_own_day(dated: Map) -> None:
    assert dated.read(_order("B001", "20260331")).record == PurchaseOrder(id="SKU-1", issue_date=date(2026, 3, 31))
    assert dated.read(_order("B777", "20260401"), date(2020, 1, 1)).record == PurchaseOrder(id="SKU-1", issue_date=date(2026, 4, 1))
    assert dated.write(PurchaseOrder(id="SKU-1", issue_date=date(2026, 3, 31))).tree == _order("B001", "20260331")
    assert dated.write(PurchaseOrder(id="SKU-1", issue_date=date(2026, 4, 1))).tree == _order("B777", "20260401")
    assert dated.read(_order("B002X", "20260401")).record == PurchaseOrder(id="SKU-2", issue_date=date(2026, 4, 1))


def test_a_document_without_a_day_is_of_the_day_that_is_handed_in(dated: Map) -> None:
    assert dated.read(_order("B777"), date(2026, 4, 1)).record == PurchaseOrder(id="SKU-1")
    written = dated.write(PurchaseOrder(id="SKU-1"), date(2026, 3, 31)).tree
    assert written == Loop("850", [Segment(["BEG", "", "", "B001"])])


def test_on_no_known_day_only_what_always_holds_is_used(dated: Map) -> None:
    assert dated.read(_order("B002")).record == PurchaseOrder(id="SKU-2")
    assert [fault.code for fault in dated.read(_order("B001")).faults] == ["MAP-402"]


def test_a_code_that_does_not_hold_on_the_day_is_refused_with_table_and_day(dated: Map) -> None:
    (fault,) = dated.read(_order("B777", "20260331")).faults
    assert (fault.code, fault.value, fault.place.segment, fault.place.element) == ("MAP-402", "B777", "BEG", 3)
    assert "items (items.csv, 2026-03-31)" in fault.message
    (fault,) = dated.write(PurchaseOrder(id="SKU-9", issue_date=date(2026, 3, 31))).faults
    assert (fault.code, fault.value) == ("MAP-403", "SKU-9")


def test_days_on_which_the_same_lines_hold_share_one_compiled_map(dated: Map) -> None:
    reference = dated.references["items"]
    days = [None, date(2020, 1, 1), date(2026, 3, 31), date(2026, 4, 1), date(2030, 1, 1)]
    assert [reference.epoch(day) for day in days] == [-1, 0, 0, 1, 1]


def test_a_changed_line_is_another_map(compiled: Callable[..., Compiled]) -> None:
    digests = {
        compiled(BODY, tables=lambda name, text=text: load_cross_reference(text, name=name, file="items.csv")).must().digest
        for text in (FILE, FILE, FILE.replace("B777", "B778"))
    }
    assert len(digests) == 2


def test_a_faulty_cross_reference_keeps_its_map_from_compiling(compiled: Callable[..., Compiled]) -> None:
    result = compiled(BODY, tables=lambda name: load_cross_reference("record\nx\n", name=name, file="items.csv"))
    assert result.map is None
    assert [(fault.code, fault.place.file, fault.place.line) for fault in result.faults] == [("MAP-212", "items.csv", 1)]


def test_the_message_of_a_long_table_does_not_name_it_whole(compiled: Callable[..., Compiled]) -> None:
    text = "record,document\n" + "".join(f"SKU-{number},B{number}\n" for number in range(5000))
    one = compiled(BODY, tables=lambda name: load_cross_reference(text, name=name, file="items.csv")).must()
    (fault,) = one.read(_order("X")).faults
    assert "and 4960 more" in fault.fix


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('record,document\na,"b', [("MAP-210", 2)]),
        ("record,document,until\na,b,c\n", [("MAP-211", 1)]),
        ("record\na\n", [("MAP-212", 1)]),
        ("", [("MAP-212", 1), ("MAP-212", 1)]),
        ("record,document,from\na,b,1.4.2026\n", [("MAP-213", 2)]),
        ("record,document\na,\n", [("MAP-213", 2)]),
        ("record,document\na,b,c\n", [("MAP-213", 2)]),
        ("record,record,document\na,b,c\n", [("MAP-211", 1)]),
        ('record,document\n"a\nb",c\n"d\ne",c\n', [("MAP-214", 4)]),
        ("record,document,direction\na,b,up\n", [("MAP-213", 2)]),
        ("record,document\na,x\nb,x\n", [("MAP-214", 3)]),
        ("record,document,from\na,x,\na,y,2026-01-01\n", [("MAP-214", 3)]),
    ],
)
def test_what_is_wrong_in_a_cross_reference_is_told_with_its_line(text: str, found: list[tuple[str, int]]) -> None:
    loaded = load_cross_reference(text, name="items", file="items.csv")
    assert loaded.reference is None
    assert [(fault.code, fault.place.line) for fault in loaded.faults] == found


@pytest.mark.parametrize(
    ("text", "length", "good"),
    [
        ("4006381333931", 13, True),
        ("4006381333932", 13, False),
        ("036000291452", 12, True),
        ("003456789012345670", 18, True),
        ("003456789012345671", 18, False),
        ("40063813339", 13, False),
        ("٤006381333931", 13, False),
    ],
)
def test_check_digits_of_gtin_sscc_and_gln(text: str, length: int, good: bool) -> None:
    assert is_checked(text, length) is good


CHECKED = "fields: {id: BEG/03, lines: {each: PO1, fields: {gtin: 'PO1/pair[UP:12|EN:13] via ?gtin'}}}"


def _line(gtin: str) -> Loop:
    line = Segment(["PO1", "", "", "", "", "", "EN", gtin], 7, 412)
    return Loop("850", [Segment(["BEG", "", "", "P1"]), Loop("PO1", [line])])


def test_a_wrong_check_digit_passes_with_a_warning_at_its_place(compiled: Callable[..., Compiled]) -> None:
    one = compiled(CHECKED).must()
    reading = one.read(_line("4006381333932"))
    assert reading.ok
    assert reading.record == PurchaseOrder(id="P1", lines=(OrderLine(gtin="4006381333932"),))
    (fault,) = reading.faults
    assert (fault.code, fault.severity, fault.value, fault.place.position) == ("MAP-413", Severity.WARNING, "4006381333932", 7)
    assert one.read(_line("4006381333931")).faults == ()
    writing = one.write(reading.record)
    assert writing.tree is not None
    assert [(fault.code, fault.value) for fault in writing.faults] == [("MAP-413", "4006381333932")]


def test_a_map_that_refuses_takes_no_wrong_check_digit(compiled: Callable[..., Compiled]) -> None:
    one = compiled(CHECKED.replace("?gtin", "!gtin")).must()
    assert [fault.code for fault in one.read(_line("4006381333932")).faults] == ["MAP-405"]
    assert one.write(PurchaseOrder(id="P1", lines=(OrderLine(gtin="4006381333932"),))).tree is None


def test_only_numbers_with_check_digits_can_be_warned_about(compiled: Callable[..., Compiled]) -> None:
    (fault,) = compiled(CHECKED.replace("?gtin", "?upper")).faults
    assert (fault.code, fault.value) == ("MAP-205", "?upper")


def test_the_shipped_maps_warn_about_gtins_and_packs(shipped: Mapping[str, Map]) -> None:
    checked = {(name, row.path) for name, one in shipped.items() for row in one.plan.rows if row.read is not None and row.read.check}
    assert {("x12/004010/850", "lines[].gtin"), ("x12/004010/856", "orders[].packs[].sscc"), ("flat/order", "lines[].gtin")} <= checked
    assert ("walmart/850", "ship_to.id") in checked
