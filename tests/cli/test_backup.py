"""`edi-gateway backup` and `restore`: a home saved, checked, damaged on purpose, and put back."""

import shutil
import sqlite3
from pathlib import Path

import pytest

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.demo import papers
from edi_gateway.demo.homes import make_pair
from edi_gateway.lifecycle.states import Direction, FileState
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.pair import Trade

from .conftest import Run


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The supplier's home with one order received and published."""
    pair = make_pair(tmp_path_factory.mktemp("pair"), HandClock().now())
    trade = Trade(pair)
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, "4500017", trade.clock.now().date()))
    trade.run()
    trade.close()
    return pair.supplier.home


@pytest.fixture
def home(played: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(played, tmp_path / "supplier"))


@pytest.mark.parametrize("name", ["saved", "saved.tar"])
def test_a_home_is_saved_checked_and_put_back_elsewhere(home: Path, tmp_path: Path, run: Run, name: str) -> None:
    saved = run("backup", tmp_path / name, "--home", home, "--json")
    assert saved.code == 0, saved.err
    assert saved.json()["rows"]["sets"] >= 1
    checked = run("restore", tmp_path / name, "--verify")
    assert (checked.code, "is whole" in checked.out) == (0, True)
    new = tmp_path / "new"
    restored = run("restore", tmp_path / name, "--home", new)
    assert restored.code == 0, restored.err
    shown = [run("message", "list", "--home", one, "--json").json() for one in (home, new)]
    assert shown[0] == shown[1]
    assert run("doctor", "--home", new).code in (0, 1)
    assert (new / "certs").is_dir()


def test_a_file_on_its_way_to_the_erp_is_staged_again(home: Path, tmp_path: Path, run: Run) -> None:
    with sqlite3.connect(home / "data" / "gateway.db") as database:
        database.execute("UPDATE erp_files SET state = 'ready' WHERE direction = 'out'")
    assert run("backup", tmp_path / "saved", "--home", home).code == 0
    restored = run("restore", tmp_path / "saved", "--home", tmp_path / "new", "--json")
    assert restored.json()["files_staged"] == 1
    house = House(read_terms(tmp_path / "new"))
    try:
        with house.store.read() as uow:
            [row] = uow.erp_files.find(direction=Direction.OUT, state=FileState.READY)
            content = uow.payloads.get(row.content or "")
        assert Path(house.drop.release(row.partner, row.name)).read_bytes() == content
    finally:
        house.close()


def test_nothing_is_written_in_a_dry_run_or_over_what_is_there(home: Path, tmp_path: Path, run: Run) -> None:
    ran = run("backup", tmp_path / "saved", "--dry-run", "--home", home)
    assert (ran.code, (tmp_path / "saved").exists()) == (0, False)
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved" / "mine").write_text("keep")
    assert run("backup", tmp_path / "saved", "--home", home).err.split("  ")[0] == "STO-114"
    assert [one.name for one in (tmp_path / "saved").iterdir()] == ["mine"]
    assert run("backup", tmp_path / "second", "--home", home).code == 0
    before = (home / "data" / "gateway.db").read_bytes()
    assert run("restore", tmp_path / "second", "--dry-run", "--home", home).code == 0
    ran = run("restore", tmp_path / "second", "--home", home)
    assert (ran.code, ran.err.split("  ")[0]) == (2, "STO-111")
    assert (home / "data" / "gateway.db").read_bytes() == before


@pytest.mark.parametrize("harm", ["changed", "missing", "added", "cut"])
def test_each_harm_to_a_backup_is_found(home: Path, tmp_path: Path, run: Run, harm: str) -> None:
    saved = tmp_path / "saved"
    assert run("backup", saved, "--home", home).code == 0
    victim = saved / "home" / "gateway.toml"
    match harm:
        case "changed":
            victim.write_bytes(victim.read_bytes().replace(b"a", b"b", 1))
        case "missing":
            victim.unlink()
        case "added":
            (saved / "home" / "more").write_text("x")
        case "cut":
            file = saved / "database.sqlite"
            file.write_bytes(file.read_bytes()[:-4096])
    checked = run("restore", saved, "--verify", "--json")
    assert checked.code == 1
    assert {one["code"] for one in checked.json()["faults"]} == {"STO-112"}
    assert run("restore", saved, "--home", tmp_path / "new").code == 2
    assert not (tmp_path / "new").exists()


def test_what_is_no_backup_is_told(home: Path, tmp_path: Path, run: Run) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.tar").write_bytes(b"")
    for name in ("absent", "empty", "file.tar"):
        ran = run("restore", tmp_path / name, "--verify")
        assert (ran.code, ran.err.split("  ")[0]) == (2, "STO-113"), name
    shutil.rmtree(home / "data")
    ran = run("backup", tmp_path / "none", "--home", home)
    assert (ran.code, ran.err.split("  ")[0]) == (2, "STO-115")
    assert not (tmp_path / "none").exists()
