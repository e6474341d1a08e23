"""What a careful colleague would say of a map that compiles."""

from collections.abc import Callable
from pathlib import Path

import pytest

from edi_gateway.faults import Severity
from edi_gateway.mapping import Compiled, lint, lint_map
from edi_gateway.shape import Shape

ROOT = Path(__file__).parents[2]
TYPE = "tables: {kind: {rush: RO, new_order: NE}}\nfields: {id: BEG/03, type: BEG/02 via kind}"


def _base(name: str) -> tuple[str, str] | None:
    path = ROOT / "maps" / f"{name}.yaml"
    return (path.read_text(), str(path)) if path.is_file() else None


@pytest.mark.parametrize(
    ("bad", "good", "code", "line", "column"),
    [
        (TYPE, TYPE.replace("NE}", "NE, standalone: SA}"), "MAP-208", 5, 22),
        ("tables: {kind: {rush: RO}}\nfields: {id: BEG/03}", "fields: {id: BEG/03}", "MAP-209", 4, 10),
        ("fields: {id: BEG/03, department: {in: 'REF[DP]/02'}}", "fields: {id: BEG/03, department: 'REF[DP]/02'}", "MAP-304", 4, 22),
        (
            "fields: {id: BEG/03, department: 'REF[01=A]/02', customer_reference: 'REF[03=K]/02'}",
            "fields: {id: BEG/03, department: 'REF[01=A,03=L]/02', customer_reference: 'REF[03=K]/02'}",
            "MAP-305",
            4,
            50,
        ),
        ("fields: {id: BEG/03, currency: 'CUR[BY|SE]/02'}", "fields: {id: BEG/03, currency: 'CUR[BY]/02'}", "MAP-306", 4, 22),
        (
            "fields: {id: BEG/03, lines: {each: PO1, fields: {gtin: 'PO1/pair[UP|EN]'}}}",
            "fields: {id: BEG/03, lines: {each: PO1, fields: {gtin: 'PO1/pair[UP:12|EN:13]'}}}",
            "MAP-306",
            4,
            50,
        ),
    ],
)
def test_a_finding_stands_where_the_row_does_and_goes_when_it_is_mended(
    compiled: Callable[..., Compiled], bad: str, good: str, code: str, line: int, column: int
) -> None:
    found = [(fault.place.line, fault.place.column) for fault in lint_map(compiled(bad).must()) if fault.code == code]
    assert found == [(line, column)]
    assert code not in {fault.code for fault in lint_map(compiled(good).must())}


def test_a_mandatory_element_that_nobody_writes_is_found(shapes: Callable[[str], Shape | None]) -> None:
    source = "map: t\nrecord: PurchaseOrder\nschema: X12 004010 850\nfields:\n  id: BEG/03\n  type: BEG/02\n  purpose: BEG/01\n"
    found = [(fault.value, fault.place.line) for fault in lint(source, file="t.yaml", shapes=shapes) if fault.code == "MAP-302"]
    assert found == [("PO1 (loop)", 1), ("BEG05 (Date)", 5)]


def test_a_record_field_that_no_row_maps_is_noted(compiled: Callable[..., Compiled]) -> None:
    noted = {fault.value for fault in lint_map(compiled("fields: {id: BEG/03}").must()) if fault.code == "MAP-303"}
    assert {"currency", "lines"} <= noted
    assert "id" not in noted


def test_a_map_that_does_not_compile_is_told_as_compiling_tells_it(shapes: Callable[[str], Shape | None]) -> None:
    found = lint("map: t\nrecord: PurchaseOrder\nschema: X12 004010 850\nfields: {id: BEG/99}\n", file="t.yaml", shapes=shapes)
    assert [fault.code for fault in found] == ["MAP-108"]


def test_no_shipped_map_has_more_than_notes(shapes: Callable[[str], Shape | None]) -> None:
    for path in sorted((ROOT / "maps").rglob("*.yaml")):
        found = lint(path.read_text(), file=str(path), shapes=shapes, base=_base)
        assert [fault.line() for fault in found if fault.severity is not Severity.NOTE] == []
