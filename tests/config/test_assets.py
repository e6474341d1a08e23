"""Assets: the operator's home before what is shipped."""

from pathlib import Path

import pytest

from edi_gateway.assets import FOLDERS, PACKAGE, Assets, shipped

CHECKOUT = PACKAGE.parent


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "partners" / "sub").mkdir(parents=True)
    (tmp_path / "partners" / "acme-retail.yaml").write_text("mine")
    (tmp_path / "partners" / "sub" / "other.yaml").write_text("mine")
    (tmp_path / "partners" / ".hidden").mkdir()
    (tmp_path / "partners" / ".hidden" / "x.yaml").write_text("nobody's")
    return tmp_path


@pytest.mark.parametrize("folder", sorted(FOLDERS))
def test_every_shipped_folder_is_found_in_the_checkout(folder: str) -> None:
    assert shipped(folder) == CHECKOUT / folder


def test_a_file_of_the_home_comes_before_the_shipped_one(home: Path) -> None:
    assert Assets(home=home).find("partners", "acme-retail.yaml") == home / "partners" / "acme-retail.yaml"
    assert Assets().find("partners", "acme-retail.yaml") == CHECKOUT / "partners" / "acme-retail.yaml"


def test_what_the_home_does_not_have_is_found_among_the_shipped(home: Path) -> None:
    assert Assets(home=home).find("partners", "globex-supply.yaml") == CHECKOUT / "partners" / "globex-supply.yaml"
    assert Assets(home=home).find("partners", "nobody.yaml") is None


def test_names_are_those_of_both_with_the_homes_first(home: Path) -> None:
    names = Assets(home=home).names("partners")
    assert list(names) == ["acme-retail", "globex-supply", "sub/other"]
    assert names["acme-retail"] == home / "partners" / "acme-retail.yaml"
    assert names["globex-supply"] == CHECKOUT / "partners" / "globex-supply.yaml"


@pytest.mark.parametrize("name", ["../setup.cfg", "/etc/passwd", "sub/../../gateway.toml", ""])
def test_no_name_leads_out_of_a_folder(home: Path, name: str) -> None:
    (home / "gateway.toml").touch()
    assert Assets(home=home).find("partners", name) is None


def test_folders_that_are_not_there_are_not_searched(tmp_path: Path) -> None:
    assert Assets(home=tmp_path).roots("schemas") == (CHECKOUT / "schemas",)
