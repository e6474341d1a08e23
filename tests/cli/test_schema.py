"""`edi-gateway schema`: a guide that loosens the standard is found before it is used."""

from pathlib import Path

from .conftest import ROOT, Run

GUIDE = ROOT / "schemas" / "x12" / "guides" / "amazon" / "retail-855.yaml"


def test_every_schema_guide_and_layout_that_is_shipped_is_good(run: Run) -> None:
    checked = run("schema", "check", "--json")
    assert checked.code == 0
    found = checked.json()
    assert found["faults"] == []
    assert {"X12 004010 850", "X12 005010 999", "guide amazon/retail-855", "layout order"} <= set(found["checked"])


def test_a_guide_that_loosens_the_standard_is_named_at_its_line(run: Run, tmp_path: Path) -> None:
    loose = tmp_path / "loose.yaml"
    loose.write_text(GUIDE.read_text() + "  - {at: BAK/01, use: forbidden}\n")
    checked = run("schema", "check", loose)
    assert checked.code == 1
    line = GUIDE.read_text().count("\n") + 1
    assert f"{loose}:{line}:" in checked.out
    assert run("schema", "check", GUIDE).code == 0


def test_a_layout_is_known_by_its_keys(run: Run, tmp_path: Path) -> None:
    layout = ROOT / "schemas" / "flat" / "order.yaml"
    assert run("schema", "check", layout).code == 0
    spoilt = tmp_path / "spoilt.yaml"
    spoilt.write_text(layout.read_text().replace("records:", "recrods:", 1))
    checked = run("schema", "check", spoilt)
    assert checked.code == 1
    assert "recrods" in checked.out


def test_an_empty_and_a_missing_file_are_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty.yaml").touch()
    assert run("schema", "check", tmp_path / "empty.yaml").code == 1
    missing = run("schema", "check", tmp_path / "none.yaml")
    assert missing.code == 2
    assert "none.yaml" in missing.out


def test_the_list_holds_both_releases(run: Run) -> None:
    found = run("schema", "list", "--json").json()
    assert (len(found["x12"]["004010"]), len(found["x12"]["005010"])) == (29, 32)
    assert "amazon/retail-850" in found["guides"]
