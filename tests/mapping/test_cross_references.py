"""Long tables in CSV files, with the days on which their lines hold."""

from collections.abc import Callable
from datetime import date

import pytest

from edi_gateway.mapping import Compiled, load_cross_reference
from edi_gateway.mapping.codecs import is_checked
from edi_gateway.records import PurchaseOrder
from edi_gateway.tree import Loop, Segment

FILE = "record,document,from,to,direction\nSKU-1,B001,,2026-03-31,\nSKU-1,B777,2026-04-01,,\nSKU-2,B002,,,\nSKU-2,B002X,,,read\n"


def test_a_line_holds_from_its_first_to_its_last_day() -> None:
    reference = load_cross_reference(FILE, name="items", file="items.csv").must()
    assert reference.on(date(2026, 3, 31)).codes == {"SKU-1": "B001", "SKU-2": "B002"}
    assert reference.on(date(2026, 4, 1)).codes == {"SKU-1": "B777", "SKU-2": "B002"}
    assert reference.on(date(2026, 4, 1)).names == {"B777": "SKU-1", "B002": "SKU-2", "B002X": "SKU-2"}


def test_a_map_uses_a_cross_reference_like_its_own_table(compiled: Callable[..., Compiled]) -> None:
    table = load_cross_reference(FILE, name="items", file="items.csv").must().on(date(2026, 5, 1))
    one = compiled("fields: {id: BEG/03 via items}", tables={"items": table}).must()
    written = one.write(PurchaseOrder(id="SKU-1")).tree
    assert written == Loop("850", [Segment(["BEG", "", "", "B777"])])
    assert one.read(Loop("850", [Segment(["BEG", "", "", "B002X"])])).record == PurchaseOrder(id="SKU-2")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('record,document\na,"b', [("MAP-210", 1)]),
        ("record,document,until\na,b,c\n", [("MAP-211", 1)]),
        ("record\na\n", [("MAP-212", 1)]),
        ("", [("MAP-212", 1), ("MAP-212", 1)]),
        ("record,document,from\na,b,1.4.2026\n", [("MAP-213", 2)]),
        ("record,document\na,\n", [("MAP-213", 2)]),
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
