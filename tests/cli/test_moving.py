"""`edi-gateway store move`: looked at first, done once, and refused in words."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from edi_gateway.demo import papers
from edi_gateway.demo.homes import make_pair
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.pair import Trade

from .conftest import Run


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The supplier's home with one order received and published."""
    trade = Trade(make_pair(tmp_path_factory.mktemp("pair"), HandClock().now()))
    trade.retailer.drop("order.csv", papers.fill(papers.ORDER, "4500017", trade.clock.now().date()))
    trade.run()
    trade.close()
    return trade.supplier.side.home


@pytest.fixture
def home(played: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(played, tmp_path / "supplier"))


def test_a_home_is_looked_at_moved_and_works_on_from_postgresql(home: Path, run: Run, new_postgres: Callable[[], str]) -> None:
    target = new_postgres().replace("postgres:@", "postgres@")  # no password: the socket's folder is this user's alone
    dry = run("store", "move", "--to", target, "--home", home)
    assert (dry.code, dry.err) == (0, "")
    assert "Nothing was moved." in dry.out
    assert "transmissions" in dry.out
    shown = run("message", "list", "--home", home, "--json").json()
    moved = run("store", "move", "--to", target, "--apply", "--home", home, "--json")
    assert moved.code == 0, moved.err
    assert moved.json()["moved"] is True
    assert moved.json()["rows"]["transmissions"] == len(shown["messages"])
    assert "transmissions: 2" in moved.err
    settings = home / "gateway.toml"
    settings.write_text(settings.read_text().replace("[database]", f'[database]\nurl = "{target}"'))
    assert run("message", "list", "--home", home, "--json").json() == shown
    assert run("archive", "verify", "--home", home).code == 0
    again = run("store", "move", "--to", target, "--home", home)
    assert (again.code, again.err[:7]) == (2, "STO-117")


@pytest.mark.parametrize(
    ("address", "code", "exit_code"),
    [
        ("nonsense", "STO-104", 2),
        ("mysql://db/edi", "STO-104", 2),
        ("sqlite:////tmp/other.db", "STO-117", 2),
        ("postgresql://edi@127.0.0.1:1/edi", "STO-102", 3),
    ],
)
def test_an_address_that_is_no_empty_postgresql_is_refused(home: Path, run: Run, address: str, code: str, exit_code: int) -> None:
    pytest.importorskip("psycopg")
    refused = run("store", "move", "--to", address, "--home", home)
    assert (refused.code, refused.err[:7]) == (exit_code, code)


def test_a_database_that_has_rows_is_left_alone(home: Path, run: Run, new_postgres: Callable[[], str]) -> None:
    target = new_postgres()
    assert run("store", "move", "--to", target, "--apply", "--home", home).code == 0
    twice = run("store", "move", "--to", target, "--apply", "--home", home)
    assert (twice.code, twice.err[:7]) == (2, "STO-118")


def test_a_home_that_has_never_run_has_nothing_to_move(home: Path, run: Run) -> None:
    pytest.importorskip("psycopg")
    (home / "data" / "gateway.db").unlink()
    refused = run("store", "move", "--to", "postgresql://edi@127.0.0.1:1/edi", "--home", home)
    assert (refused.code, refused.err[:7]) == (2, "STO-115")
