"""Every finding's bad example gives it, and the good one does not."""

from collections.abc import Callable

import pytest

from edi_gateway.faults import register
from edi_gateway.mapping import lint, load_cross_reference
from edi_gateway.mapping.examples import HEADER, MAPS, TABLES, WITHOUT
from edi_gateway.shape import Shape

from .conftest import base

Shapes = Callable[[str], Shape | None]


def _codes(text: str, shapes: Shapes) -> set[str]:
    source = text if text.startswith("map:") else HEADER + text

    def below(name: str) -> tuple[str, str] | None:
        return (source, "example.yaml") if name == "example" else base(name)

    found = lint(source, file="example.yaml", shapes=shapes, base=below)
    assert all(fault.place.line is not None for fault in found)
    return {fault.code for fault in found}


@pytest.mark.parametrize("code", MAPS)
def test_a_maps_bad_example_gives_the_finding_and_the_good_one_does_not(code: str, shapes: Shapes) -> None:
    bad, good = MAPS[code]
    assert code in _codes(bad, shapes)
    assert code not in _codes(good, shapes)


@pytest.mark.parametrize("code", TABLES)
def test_a_tables_bad_example_gives_the_finding_and_the_good_one_does_not(code: str) -> None:
    bad, good = TABLES[code]
    assert code in {fault.code for fault in load_cross_reference(bad, name="t", file="t.csv").faults}
    assert load_cross_reference(good, name="t", file="t.csv").faults == ()


def test_every_finding_of_a_text_has_its_examples() -> None:
    of_texts = {code for code in register() if code.startswith("MAP-") and code < "MAP-4"}
    assert of_texts == MAPS.keys() | TABLES.keys() | WITHOUT
