"""`edi-gateway config`: planned, applied, exported, listed and rolled back, as a person and as a program see it."""

import shutil
from pathlib import Path

import pytest

from edi_gateway.demo.homes import Pair

from .conftest import Run


@pytest.fixture
def home(own_pair: Pair) -> Path:
    return own_pair.supplier.home


def change(home: Path, old: str, new: str) -> None:
    file = home / "partners" / "retailer.yaml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))


def test_a_plan_tells_what_would_change_and_changes_nothing(home: Path, run: Run) -> None:
    first = run("config", "plan", "--home", home)
    assert (first.code, first.out.splitlines()[-1]) == (1, "2 changes against no revision yet, 0 findings")
    assert run("config", "history", "--json", "--home", home).json() == {"in_force": None, "revisions": []}
    assert run("config", "apply", "--home", home).code == 0
    assert run("config", "plan", "--home", home).code == 0
    change(home, "mdn: 2m", "mdn: 5m")
    again = run("config", "plan", "--home", home)
    assert (again.code, again.out) == (
        1,
        "partners/retailer.yaml\n  windows.mdn: 2m becomes 5m\n1 change against revision 1, 0 findings\n",
    )
    assert run("config", "plan", "--json", "--home", home).json() == {
        "revision": 1,
        "refused": False,
        "changes": [{"what": "changed", "path": "partners/retailer.yaml", "subject": "windows.mdn", "before": "2m", "after": "5m"}],
        "findings": [],
        "notes": [],
    }


def test_a_bad_set_is_refused_whole_with_all_findings(home: Path, run: Run) -> None:
    run("config", "apply", "--home", home)
    change(home, "mdn: 2m", "mdn: soon")
    (home / "maps" / "own.yaml").write_text("map: [")
    refused = run("config", "apply", "--home", home)
    assert (refused.code, refused.out.splitlines()[-1]) == (1, "Refused, nothing was changed; revision 1 is in force.")
    assert "retailer.yaml:" in refused.out
    assert "own.yaml:" in refused.out
    said = run("config", "apply", "--json", "--home", home).json()
    assert (said["refused"], said["is_new"], said["revision"]) == (True, False, 1)
    assert len(said["findings"]) >= 2


def test_what_is_exported_is_the_same_when_it_is_applied(home: Path, run: Run, tmp_path: Path) -> None:
    run("config", "apply", "--home", home)
    out = tmp_path / "out"
    assert run("config", "export", out, "--home", home).out == f"Revision 1 is in {out}: 2 files.\n"
    assert run("config", "plan", "--from", out, "--home", home).code == 0
    assert run("config", "apply", "--from", out, "--home", home).out == "Nothing to change; revision 1 is in force.\n"
    again = run("config", "export", out, "--home", home)
    assert (again.code, again.err.split("  ")[0]) == (2, "CFG-SET-TAKEN")


def test_a_rollback_is_listed_and_survives_the_files_that_stay(home: Path, run: Run, tmp_path: Path) -> None:
    run("config", "apply", "--note", "first", "--home", home)
    change(home, "mdn: 2m", "mdn: 5m")
    run("config", "apply", "--note", "second", "--home", home)
    assert "windows.mdn: 5m becomes 2m" in run("config", "plan", "--revision", "1", "--home", home).out
    back = run("config", "rollback", "1", "--note", "too long", "--home", home)
    assert (back.code, back.out.splitlines()[-1]) == (0, "Revision 3 is in force. Gateways that run take it within seconds.")
    said = run("config", "history", "--json", "--home", home).json()
    assert [(one["revision"], one["origin"], one["source"], one["note"]) for one in said["revisions"]] == [
        (3, "rollback", 1, "too long"),
        (2, "home", None, "second"),
        (1, "home", None, "first"),
    ]
    assert said["revisions"][0]["digest"] == said["revisions"][2]["digest"]
    listed = run("config", "history", "--limit", "1", "--home", home)
    assert "rollback to 1" in listed.out
    assert "--limit 3" in listed.err
    run("config", "export", tmp_path / "old", "--revision", "2", "--home", home)
    assert "mdn: 5m" in (tmp_path / "old" / "partners" / "retailer.yaml").read_text()


def test_an_apply_after_somebody_elses_is_refused_where_that_is_asked(home: Path, run: Run) -> None:
    run("config", "apply", "--home", home)
    change(home, "mdn: 2m", "mdn: 5m")
    late = run("config", "apply", "--expect", "0", "--home", home)
    assert (late.code, late.err.split("  ")[0]) == (2, "CFG-SET-MOVED")
    assert run("config", "apply", "--expect", "1", "--home", home).code == 0


def test_what_is_not_there_is_told(home: Path, run: Run, tmp_path: Path) -> None:
    for arguments, code in (
        (("export", tmp_path / "out"), "CFG-SET-NONE"),
        (("rollback", "7"), "CFG-SET-UNKNOWN"),
        (("plan", "--revision", "7"), "CFG-SET-UNKNOWN"),
        (("apply", "--from", tmp_path / "nowhere"), "CFG-SET-ABSENT"),
    ):
        said = run("config", *arguments, "--home", home)
        assert (said.code, said.err.split("  ")[0]) == (2, code), arguments
        assert "Traceback" not in said.err
    empty = run("config", "history", "--home", home)
    assert (empty.code, empty.err.split("  ")[0]) == (0, "CFG-SET-NONE")
    assert run("config", "plan", "--home", tmp_path).code == 2
    shutil.rmtree(home / "partners")
    assert "PRT-ABSENT" in run("config", "apply", "--home", home).out


def test_the_doctor_tells_where_the_files_are_not_the_revision_in_force(home: Path, run: Run) -> None:
    def told() -> str:
        out = run("doctor", "--home", home).out
        return out[out.index("revision  ") :].partition("\n\n")[0]

    run("config", "apply", "--home", home)
    assert "1 is in force, and the home has no other files" in told()
    change(home, "mdn: 2m", "mdn: 5m")
    said = told()
    assert "partners/retailer.yaml is changed" in said
    assert "CFG-SET-DIFFERS" in said
    assert "config plan" in said
    assert "config apply" in said
