"""`edi-gateway overdue`: windows by time left, in UTC and in the partner's zone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edi_gateway.demo import papers
from edi_gateway.demo.homes import make_pair
from edi_gateway.testing.pair import Trade

from .conftest import Run

START = datetime(2026, 3, 6, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A supplier that owes an 855, with the retailer's zone in New York; the order came on a Friday. Tests only look."""
    pair = make_pair(tmp_path_factory.mktemp("overdue"), START)
    file = pair.supplier.home / "partners" / "retailer.yaml"
    file.write_text(file.read_text() + "calendar: {zone: America/New_York}\n")
    both = Trade(pair)
    both.clock.turn(START - both.clock.now())
    both.retailer.drop("order.csv", _order(both))
    both.run()
    both.close()
    return pair.supplier.home


def _order(both: Trade) -> str:
    return papers.fill(papers.ORDER, "4500017", both.clock.now().date())


def listed(run: Run, home: Path, hours: float) -> list[dict[str, object]]:
    said = run("overdue", "list", "--json", "--home", home, "--now", (START + timedelta(hours=hours)).isoformat())
    windows: list[dict[str, object]] = said.json()["windows"]
    return windows


def test_a_window_is_open_then_warns_then_is_over(run: Run, home: Path) -> None:
    found = [next(one for one in listed(run, home, hours) if one["expects"] == "855") for hours in (1, 19, 30)]
    assert [one["stands"] for one in found] == ["open", "warned", "overdue"]
    assert [one["seconds_left"] for one in found] == [23 * 3600, 5 * 3600, -6 * 3600]
    assert found[0]["due_at_partner"] == "2026-03-07T04:00:00-05:00"
    assert (found[0]["document"], found[0]["number"], found[0]["partner"]) == ("850", "4500017", "retailer")


def test_the_list_is_sorted_by_time_left_and_says_so_by_its_exit_code(run: Run, home: Path) -> None:
    left = [one["seconds_left"] for one in listed(run, home, 30)]
    assert left == sorted(left)  # type: ignore[type-var]
    early = run("overdue", "list", "--home", home, "--now", START.isoformat())
    late = run("overdue", "list", "--home", home, "--now", (START + timedelta(hours=30)).isoformat())
    assert (early.code, late.code) == (0, 1)
    assert "2026-03-07 04:00 America/New_York" in late.out
    assert "-6 h" in late.out


def test_nothing_waited_for_says_what_opens_a_window(run: Run, home: Path) -> None:
    said = run("overdue", "list", "--home", home, "--partner", "nobody")
    assert said.code == 0
    assert "Nothing is waited for" in said.out
