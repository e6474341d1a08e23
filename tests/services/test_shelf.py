"""The shelf of a home: what is shipped is compiled once, and what a home adds is that home's alone."""

from pathlib import Path

import pytest

from edi_gateway.fileset import FileSet
from edi_gateway.services.shelf import shelf_of

MAP = "x12/004010/850"


def home(folder: Path, files: dict[str, str]) -> Path:
    for name in ("maps", "schemas", "tables"):
        (folder / name).mkdir(parents=True)
    for path, content in files.items():
        (folder / path).write_text(content)
    return folder


def test_homes_that_add_nothing_to_what_is_shipped_share_its_shelf(tmp_path: Path) -> None:
    partners_alone = FileSet(files={"partners/acme.yaml": b""}, root=tmp_path)
    assert shelf_of(home(tmp_path / "one", {})) is shelf_of(partners_alone.entry()) is shelf_of(None)
    assert shelf_of(None).map(MAP) is shelf_of(None).map(MAP)


@pytest.mark.parametrize("own", ["maps/own.yaml", "schemas/own.yaml", "tables/own.csv"])
def test_a_home_with_a_file_of_its_own_has_a_shelf_of_its_own(tmp_path: Path, own: str) -> None:
    folder = home(tmp_path / "one", {own: "own\n"})
    assert shelf_of(folder) is not shelf_of(None)
    assert shelf_of(folder) is not shelf_of(folder)
    assert "own" not in shelf_of(None).map_names()
    (folder / own).unlink()
    assert shelf_of(folder) is shelf_of(None)
