"""The page on the map language shows maps that compile, and lists every code; the editors' schema knows what the loader knows."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from edi_gateway.faults import Severity
from edi_gateway.mapping import compile_map, lint, loading
from edi_gateway.mapping.reference import findings, page_with
from edi_gateway.records import RECORDS
from edi_gateway.shape import Shape

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "map-language.md"


def test_the_list_of_findings_is_current() -> None:
    assert page_with(PAGE.read_text(), findings()) == PAGE.read_text(), "run python -m edi_gateway.mapping.reference"


def test_every_map_on_the_page_compiles(shapes: Callable[[str], Shape | None]) -> None:
    def base(name: str) -> tuple[str, str] | None:
        path = ROOT / "maps" / f"{name}.yaml"
        return (path.read_text(), str(path)) if path.is_file() else None

    maps = [block for block in re.findall(r"```yaml\n(.*?)```", PAGE.read_text(), re.DOTALL) if block.startswith("map:")]
    assert len(maps) >= 2
    for source in maps:
        assert compile_map(source, file="page.yaml", shapes=shapes, base=base).faults == ()
        errors = [fault for fault in lint(source, file="page.yaml", shapes=shapes, base=base) if fault.severity is Severity.ERROR]
        assert errors == []


def test_the_schema_for_editors_knows_every_key_and_record() -> None:
    schema = json.loads((ROOT / "schemas" / "map.schema.json").read_text())
    assert set(schema["properties"]) == set(loading.KEYS)
    assert set(schema["properties"]["record"]["enum"]) == set(RECORDS)
