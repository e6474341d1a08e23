"""The page for ERP teams says what the layouts say, and its examples are files that are taken."""

import re
from collections.abc import Mapping
from pathlib import Path

from edi_gateway import flatfile
from edi_gateway.flatfile import Layout
from edi_gateway.flatfile.reference import page_with, shipped_layouts, tables

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "reference" / "erp-files.md"


def test_the_tables_of_columns_are_current() -> None:
    text = PAGE.read_text()
    assert page_with(text, tables(shipped_layouts(ROOT / "schemas" / "flat"))) == text, "run python -m edi_gateway.flatfile.reference"


def test_every_example_on_the_page_is_a_file_that_is_taken(layouts: Mapping[str, Layout]) -> None:
    examples = re.findall(r"```csv\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert len(examples) >= 5
    for example in examples:
        layout = flatfile.recognise(example.encode(), layouts.values())
        assert isinstance(layout, Layout), example
        assert flatfile.read(example.encode(), layout).all_faults == ()
