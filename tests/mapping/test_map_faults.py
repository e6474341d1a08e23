"""What is wrong with a map is said with its code, line and column."""

from collections.abc import Callable, Mapping

import pytest

from edi_gateway.mapping import Compiled, compile_map
from edi_gateway.records import PurchaseOrder
from edi_gateway.shape import Shape

Compile = Callable[..., Compiled]
LINE = 4
"""The line on which a test's own text begins, after the header."""

BROKEN = [
    ("fields: {id: BEG/03", "MAP-101", 5, 1),
    ("fields: {id: BEG/03, id: BEG/04}", "MAP-102", 4, 22),
    ("fields: {id: &a BEG/03, type: *a}", "MAP-103", 4, 31),
    ("feilds: {id: BEG/03}\nfields: {id: BEG/03}", "MAP-105", 4, 1),
    ("fields: {id: [BEG/03]}", "MAP-106", 4, 14),
    ("fields: {id: BEG03}", "MAP-107", 4, 14),
    ("fields: {id: BEG/03 through x}", "MAP-107", 4, 14),
    ("fields: {id: beg/03}", "MAP-107", 4, 14),
    ("fields: {id: BEG/19}", "MAP-108", 4, 10),
    ("fields: {id: 'REF[ON]/04'}", "MAP-109", 4, 10),
    ("fields: {id: 'BEG/pair[VN]'}", "MAP-110", 4, 10),
    ("fields: {id: BEG/03, total_amount: BEG/05}", "MAP-111", 4, 22),
    ("fields: {id: BEG/03, issued: BEG/05}", "MAP-112", 4, 22),
    ("fields: {id: {at: BEG, fields: {x: BEG/03}}}", "MAP-113", 4, 10),
    ("fields: {id: BEG/03, lines: {at: PO1, fields: {line_id: PO1/01}}}", "MAP-114", 4, 22),
    ("fields: {issue_date: BEG/05}", "MAP-118", 1, 1),
    ("fields: {id: BEG/03, buyer: N1/02}", "MAP-119", 4, 22),
    ("fields: {id: BEG/03, release_number: BEG/03}", "MAP-120", 4, 22),
    ("fields: {id: BEG/03}\nequations: {CTT/01: count(line)}", "MAP-121", 5, 21),
    ("fields: {id: BEG/03, issue_date: BEG/05 = today}", "MAP-122", 4, 22),
    ("fields: {id: BEG/03, department: 'XYZ[DP]/02'}", "MAP-124", 4, 22),
    ("fields: {id: BEG/03, lines: {each: IT1, fields: {line_id: IT1/01}}}", "MAP-124", 4, 22),
    ("fields: {id: BEG/03, ship_to: {at: 'N1[ST]', fields: nobody}}", "MAP-126", 4, 54),
    ("tables: {t: {a: NE, b: NE}}\nfields: {id: BEG/03}", "MAP-201", 4, 21),
    ("tables: {t: {a: NE, accept: {RO: b}}}\nfields: {id: BEG/03}", "MAP-202", 4, 30),
    ("tables: {t: {NE: RO, b: NE, other: keep}}\nfields: {id: BEG/03}", "MAP-203", 4, 13),
    ("fields: {id: BEG/03, type: BEG/02 via types}", "MAP-204", 4, 22),
    ("fields: {id: BEG/03, type: BEG/02 via !x}", "MAP-205", 4, 22),
    ("tables: {t: {a: QQ}}\nfields: {id: BEG/03, type: BEG/02 via t}", "MAP-206", 5, 22),
    ("fields: {id: 'BEG[02=QQ]/03'}", "MAP-207", 4, 10),
    ("fields: {id: BEG/03, department: {is: 'REF[DP]/02', when: type == 'a'}, type: BEG/02}", "MAP-301", 4, 59),
    ("fields: {id: BEG/03, department: {is: 'REF[DP]/02', when: id}}", "MAP-121", 4, 59),
    ("extends: no/such\nfields: {id: BEG/03}", "MAP-115", 4, 10),
    ("omit: [department]\nfields: {id: BEG/03}", "MAP-117", 4, 8),
]


@pytest.mark.parametrize(("body", "code", "line", "column"), BROKEN, ids=[f"{code}-{at}" for at, (_, code, _, _) in enumerate(BROKEN)])
def test_a_broken_map_is_told_with_code_line_and_column(compiled: Compile, body: str, code: str, line: int, column: int) -> None:
    result = compiled(body)
    assert result.map is None
    found = [(fault.code, fault.place.file, fault.place.line, fault.place.column) for fault in result.faults]
    assert found == [(code, "t.yaml", line, column)]
    assert "?" not in result.faults[0].message, "every fact that the words use is given"
    assert result.faults[0].fix


@pytest.mark.parametrize(
    ("body", "hint"), [("fields: {id: BEG/03, issue_dat: BEG/05}", "issue_date"), ("field: {id: BEG/03}\nfields: {id: BEG/03}", "fields")]
)
def test_the_nearest_right_name_is_offered(compiled: Compile, body: str, hint: str) -> None:
    assert hint in compiled(body).faults[0].fix


def test_all_faults_of_a_map_are_told_at_once(compiled: Compile) -> None:
    found = compiled("fields: {id: BEG/99, x: BEG/01, type: BEG/02 via t}").faults
    assert [fault.code for fault in found] == ["MAP-108", "MAP-112", "MAP-204"]


@pytest.mark.parametrize(
    ("source", "codes"),
    [
        ("", ["MAP-101"]),
        ("- a", ["MAP-101"]),
        ("map: x\nfields: {id: BEG/03}", ["MAP-104", "MAP-104"]),
        ("map: x\nrecord: Nothing\nschema: X12 1 850\nfields: {id: BEG/03}", ["MAP-123", "MAP-125"]),
    ],
)
def test_a_map_needs_its_header(source: str, codes: list[str]) -> None:
    assert [fault.code for fault in compile_map(source, file="t.yaml", shapes=lambda _: None).faults] == codes


BELOW = """map: base
record: PurchaseOrder
schema: X12 004010 850
tables: {kind: {rush: RO}}
fields:
  id: BEG/03
  type: BEG/02 via kind
  department: REF[DP]/02
  lines: {each: PO1, fields: {line_id: PO1/01, quantity: PO1/02}}
equations: {CTT/01: count(lines)}
"""


def _over(text: str, shape: Shape, bases: Mapping[str, str]) -> Compiled:
    return compile_map(
        text, file="top.yaml", shapes=lambda _: shape, base=lambda name: (bases[name], f"{name}.yaml") if name in bases else None
    )


def test_a_partner_map_holds_only_what_differs(small_shape: Shape) -> None:
    text = (
        "map: top\nextends: base\nomit: [department, lines.quantity, CTT/01]\n"
        "tables: {kind: {rush: SA}}\nfields: {release_number: BEG/04, lines: {fields: {unit_code: PO1/03}}}"
    )
    one = _over(text, small_shape, {"base": BELOW}).must()
    assert [row.path for row in one.plan.rows] == ["id", "type", "lines[].line_id", "lines[].unit_code", "release_number"]
    assert one.plan.equations == ()
    assert one.definition.tables["kind"].codes == {"rush": "SA"}
    assert one.definition.files == ("top.yaml", "base.yaml")


def test_a_fault_in_the_map_below_is_told_there(small_shape: Shape) -> None:
    (fault,) = _over("map: top\nextends: base\n", small_shape, {"base": BELOW.replace("BEG/03", "BEG/77")}).faults
    assert (fault.code, fault.place.file, fault.place.line) == ("MAP-108", "base.yaml", 6)


def test_maps_that_extend_each_other_are_refused(small_shape: Shape) -> None:
    (fault,) = _over("map: top\nextends: a\n", small_shape, {"a": "map: a\nextends: b", "b": "map: b\nextends: a"}).faults
    assert fault.code == "MAP-116"


def test_the_same_map_is_compiled_once_and_a_changed_one_again(compiled: Compile) -> None:
    first, again = compiled("fields: {id: BEG/03}"), compiled("fields: {id: BEG/03}")
    assert first.map is again.map
    other = compiled("fields: {id: BEG/04}")
    assert other.must().digest != first.must().digest


def test_a_part_of_the_map_below_may_be_used_and_replaced(small_shape: Shape) -> None:
    below = (
        "map: base\nrecord: PurchaseOrder\nschema: X12 004010 850\nparts: {party: {name: N1/02}}\n"
        "fields: {id: BEG/03, ship_to: {at: 'N1[ST]', fields: party}}\n"
    )
    used = _over("map: top\nextends: base\nfields: {buyer: {at: 'N1[BY]', fields: party}}", small_shape, {"base": below}).must()
    assert [(row.path, row.place.file) for row in used.plan.rows] == [
        ("id", "base.yaml"),
        ("ship_to.name", "base.yaml"),
        ("buyer.name", "base.yaml"),
    ]
    replaced = _over("map: top\nextends: base\nparts: {party: {city: N4/01}}", small_shape, {"base": below}).must()
    assert [(row.path, row.place.file) for row in replaced.plan.rows] == [("id", "base.yaml"), ("ship_to.city", "top.yaml")]


def test_parts_within_parts_do_not_grow_beyond_bounds(compiled: Compile) -> None:
    parts = "".join(f"  p{at}: {{buyer: {{fields: p{at + 1}}}, seller: {{fields: p{at + 1}}}}}\n" for at in range(24))
    result = compiled(f"parts:\n{parts}  p24: {{name: N1/02}}\nfields: p0\n")
    assert result.map is None
    assert result.faults[0].code == "MAP-127"


def test_a_map_is_only_ever_text(compiled: Compile) -> None:
    """Names, codes and defaults stand in the generated functions as data, whatever they hold."""
    body = """tables: {t: {"a'b": "c\\"d"}}
fields:
  id: BEG/03
  type: BEG/04 via t
  customer_reference: "REF[C'R]/02 = it's '+x"
"""
    one = compiled(body).must()
    written = one.write(PurchaseOrder(id="1", type="a'b")).tree
    assert written is not None
    assert [list(segment) for segment in written.walk()] == [["BEG", "", "", "1", 'c"d'], ["REF", "C'R", "it's '+x"]]
    assert one.read(written).record == PurchaseOrder(id="1", type="a'b", customer_reference="it's '+x")
