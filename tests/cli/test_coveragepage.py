"""The page of what the maps cover, and the golden records of the samples that it is made from."""

from pathlib import Path

import pytest

from edi_gateway.cli.coveragepage import PAGE, page

from .conftest import SAMPLES, Run

ROOT = Path(__file__).parents[2]
CASES = sorted([*(SAMPLES / "maps").rglob("*.edi"), *(SAMPLES / "erp").glob("idoc_*.idoc"), *(SAMPLES / "erp").glob("idoc_*.xml")])


def _map_of(case: Path) -> str:
    """The map that a sample is of: its folder's partner, or the general one of its release, or its IDoc's."""
    if case.parent.name == "erp":
        return f"flat/{case.stem.removesuffix('_xml')}"
    if case.parent.name != "maps":
        return f"{case.parent.name}/{case.stem}"
    release = "005010" if "*005010" in case.read_text() else "004010"
    return f"x12/{release}/{case.stem.partition('-')[0]}"


def test_the_page_is_current_and_every_map_comes_back() -> None:
    """Made again with `python -m edi_gateway.cli.coveragepage`."""
    made = page()
    assert (ROOT / PAGE).read_text() == made
    assert "| no |" not in made


@pytest.mark.parametrize("case", CASES, ids=lambda path: str(path.relative_to(SAMPLES)))
def test_a_sample_gives_its_golden_record_and_comes_back(case: Path, run: Run) -> None:
    assert case.with_suffix(".json").is_file()
    ran = run("map", "test", _map_of(case), case)
    assert (ran.code, ran.err) == (0, ""), ran.out
