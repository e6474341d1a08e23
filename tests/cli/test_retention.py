"""`edi-gateway retention` and `archive verify` on a home that has traded."""

import json
import shutil
import sqlite3
from hashlib import sha256
from pathlib import Path

import pytest

from edi_gateway.demo import papers
from edi_gateway.demo.homes import make_pair
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.pair import Trade

from .conftest import Run

SOON = "2026-03-05"
LATER = "2036-01-01"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pair = make_pair(tmp_path_factory.mktemp("pair"), HandClock().now())
    trade = Trade(pair)
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, "4500017", trade.clock.now().date()))
    trade.run()
    trade.close()
    # The answer to the order would keep it open.
    with sqlite3.connect(pair.supplier.home / "data" / "gateway.db") as database:
        database.execute("UPDATE deadlines SET state = 'dropped' WHERE state = 'open'")
    return pair.supplier.home


@pytest.fixture
def home(played: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(played, tmp_path / "supplier"))


def test_a_whole_archive_is_good_and_each_harm_to_it_is_found(home: Path, run: Run) -> None:
    ran = run("archive", "verify", "--home", home, "--json")
    assert ran.code == 0, ran.err
    found = ran.json()
    assert found["messages"] >= 2
    assert found["mics"] >= 1
    with sqlite3.connect(home / "data" / "gateway.db") as database:
        database.execute(
            "UPDATE payloads SET content = CAST(content || 'x' AS BLOB) WHERE digest = (SELECT content FROM transmissions LIMIT 1)"
        )
        database.execute("DELETE FROM payloads WHERE digest = (SELECT body FROM receipts LIMIT 1)")
    ran = run("archive", "verify", "--home", home, "--json")
    assert ran.code == 1
    assert {one["code"] for one in ran.json()["faults"]} >= {"STO-201", "STO-203"}


def test_a_mic_that_differs_is_found(home: Path, run: Run) -> None:
    with sqlite3.connect(home / "data" / "gateway.db") as database:
        database.execute("UPDATE transmissions SET mic = 'AAAA' WHERE direction = 'in' AND mic IS NOT NULL")
    ran = run("archive", "verify", "--home", home, "--json")
    assert ran.code == 1
    assert {one["code"] for one in ran.json()["faults"]} == {"STO-204"}


def test_nothing_is_deleted_without_apply_and_then_there_is_a_certificate(home: Path, run: Run) -> None:
    assert run("retention", "plan", "--home", home).out == "Nothing is old enough to be looked at.\n"
    dry = run("retention", "run", "--now", LATER, "--home", home)
    assert (dry.code, "goes" in dry.out) == (0, True)
    assert run("archive", "verify", "--home", home, "--json").json()["contents_deleted"] == 0
    ran = run("retention", "run", "--apply", "--now", LATER, "--home", home, "--json")
    assert ran.code == 0, ran.err
    certificate = json.loads(Path(ran.json()["certificate"]).read_text())
    assert certificate["count"] == ran.json()["deleted"] == len(certificate["messages"]) >= 2
    assert certificate["sha256"] == sha256(json.dumps(certificate["messages"], sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    checked = run("archive", "verify", "--home", home, "--json")
    assert (checked.code, checked.json()["contents_deleted"]) == (0, ran.json()["deleted"])
    shown = run("message", "show", "1", "--home", home)
    assert shown.code == 0
    assert run("retention", "run", "--apply", "--now", LATER, "--home", home).out == "Nothing's time is over.\n"


def test_the_doctor_tells_when_old_contents_are_not_looked_at(home: Path, run: Run) -> None:
    def told(*more: str) -> dict[str, object]:
        found = run("doctor", "--home", home, "--json", *more).json()
        return dict(next(one for one in found["checks"] if one["name"] == "retention"))

    assert told("--now", SOON)["status"] == "left out"
    late = told("--now", LATER)
    assert (late["status"], "never run" in str(late["words"])) == ("warning", True)
    assert "CFG-RETENTION-LATE" in json.dumps(late)
    assert run("retention", "run", "--apply", "--home", home).code == 0
    ran = told()
    assert (ran["status"], "last run" in str(ran["words"])) == ("ok", True)


def test_a_hold_keeps_an_order_and_is_listed_and_lifted(home: Path, run: Run) -> None:
    assert run("retention", "holds", "--home", home).out == "No hold is in force.\n"
    assert run("retention", "hold", "--reason", "case", "--home", home).code == 2
    number = run("retention", "hold", "--order", "4500017", "--reason", "case 12", "--home", home, "--json").json()["hold"]
    assert "case 12" in run("retention", "holds", "--home", home).out
    plan = run("retention", "plan", "--now", LATER, "--home", home, "--json").json()["plan"]
    assert {one["verdict"] for one in plan if "850" in one["sets"]} == {"hold"}
    assert run("retention", "lift", number, "--reason", "closed", "--home", home).code == 0
    assert run("retention", "lift", number, "--reason", "closed", "--home", home).err.startswith("CFG-HOLD-UNKNOWN")
