"""The reference page of fault codes says what the register says."""

from pathlib import Path

import pytest

from edi_gateway.cli.faultpage import acknowledged_as, fault_page, readable
from edi_gateway.faults.register import register

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "faults.md"


def test_the_reference_of_fault_codes_is_current() -> None:
    assert PAGE.read_text(encoding="utf-8") == fault_page(), "run python -m edi_gateway.cli.faultpage"


def test_every_registered_code_has_one_row() -> None:
    rows = [line.split("`")[1] for line in fault_page().splitlines() if line.startswith("| <a id=")]
    assert sorted(rows) == sorted(register())


def test_a_template_is_shown_with_its_fields_named() -> None:
    assert readable("{segment}{element:02} holds {value!r}; write {{at: …}}.") == "‹segment›‹element› holds ‹value›; write {at: …}."
    assert readable("set {set_id}") == "set ‹set id›"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("X12-403", "AK304=3"),
        ("X12-111", "TA105=001"),
        ("X12-308", "AK502=7, IK502=23 in a 999"),
        ("X12-109", "TA105, by the element"),
        ("X12-103", ""),
    ],
)
def test_what_an_acknowledgment_says_stands_beside_the_code(code: str, words: str) -> None:
    assert acknowledged_as(code) == words
