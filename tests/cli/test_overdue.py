"""`edi-gateway overdue`: windows by time left, in UTC and in the partner's zone."""

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edi_gateway.cli.house import opened_house
from edi_gateway.demo import papers
from edi_gateway.demo.homes import Pair, make_pair
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


def test_the_limit_counts_the_partners_own_windows_whatever_others_wait_for(run: Run, own: Path) -> None:
    with opened_house(own) as house, house.store.begin() as uow:
        [first] = [one for one in uow.deadlines.find() if one.expects == "855"]
        for minutes in (1, 2, 3):
            uow.deadlines.add(replace(first, id=None, partner="another", due_at=first.due_at - timedelta(minutes=minutes)))
    said = run("overdue", "list", "--partner", "retailer", "--limit", "2", "--json", "--home", own, "--now", START.isoformat())
    assert first.id in [one["id"] for one in said.json()["windows"]]
    assert {one["partner"] for one in said.json()["windows"]} == {"retailer"}


def test_a_list_that_is_cut_says_how_many_windows_are_over_and_how_to_see_the_rest(run: Run, own: Path) -> None:
    with opened_house(own) as house, house.store.begin() as uow:
        [first] = [one for one in uow.deadlines.find() if one.expects == "855"]
        for _ in range(600):
            uow.deadlines.add(replace(first, id=None, due_at=START))
    asked = ("overdue", "list", "--home", own, "--now", (START + timedelta(hours=1)).isoformat())
    said = run(*asked, "--limit", "500")
    mark = said.err.split("--after ")[1].split(";")[0]
    assert said.err == f"600 windows over in all. There are more: --after {mark}; --partner shows one partner's\n"
    first_page = run(*asked, "--limit", "500", "--json").json()
    assert (first_page["overdue"], first_page["after"], len(first_page["windows"])) == (600, int(mark), 500)
    rest = run(*asked, "--limit", "500", "--after", mark, "--json")
    assert (rest.json()["overdue"], rest.json()["after"], rest.code) == (600, None, 1)
    assert len({one["id"] for page in (first_page, rest.json()) for one in page["windows"] if one["stands"] == "overdue"}) == 600
    assert run(*asked, "--after", "4711").err.startswith("STO-464")
    assert "--closed" in run(*asked, "--after", mark, "--closed").err


def test_nothing_waited_for_says_what_opens_a_window(run: Run, own_pair: Pair) -> None:
    of_all, of_one = (run("overdue", "list", "--home", own_pair.supplier.home, *partner) for partner in ((), ("--partner", "retailer")))
    assert (of_all.code, of_one.code) == (0, 0)
    assert of_all.out.startswith("Nothing is waited for. A window opens when")
    assert of_one.out.startswith("Nothing of retailer is waited for. A window opens when")


def test_after_the_last_window_it_is_said_that_none_comes_later(run: Run, home: Path) -> None:
    last = listed(run, home, 0)[-1]["id"]
    said = run("overdue", "list", "--after", last, "--home", home, "--now", START.isoformat())
    assert (said.code, said.out) == (0, f"No open window ends later than window {last}.\n")


def test_the_windows_of_a_partner_whose_file_is_gone_are_listed(run: Run, own: Path) -> None:
    (own / "partners" / "retailer.yaml").unlink()
    said = run("overdue", "list", "--partner", "retailer", "--json", "--home", own, "--now", START.isoformat())
    assert {one["partner"] for one in said.json()["windows"]} == {"retailer"}


@pytest.fixture
def own(home: Path, tmp_path: Path) -> Path:
    """A home of this test alone."""
    return Path(shutil.copytree(home, tmp_path / "own"))


def owed(run: Run, home: Path) -> int:
    return next(int(str(one["id"])) for one in listed(run, home, 30) if one["expects"] == "855")


def test_a_window_is_closed_with_a_reason_and_opened_again(run: Run, own: Path) -> None:
    number = owed(run, own)
    tried = run("overdue", "close", number, "--reason", "none needed", "--dry-run", "--json", "--home", own)
    assert (tried.code, tried.json()["done"], tried.json()["dry_run"]) == (0, False, True)
    assert owed(run, own) == number

    done = run("overdue", "close", number, "--reason", "none needed, says Ms Ito", "--home", own)
    assert (done.code, done.err) == (0, "")
    assert done.out == f"Window {number} is closed: The 855 for the 850 4500017 is not waited for any more.\n"
    assert [one for one in listed(run, own, 30) if one["id"] == number] == []
    [closed] = run("overdue", "list", "--closed", "--json", "--home", own).json()["windows"]
    assert (closed["id"], closed["stands"], closed["document"], closed["number"]) == (number, "closed", "850", "4500017")
    assert closed["words"].endswith("Reason: none needed, says Ms Ito")
    table = run("overdue", "list", "--closed", "--home", own)
    assert (table.code, "none needed, says Ms Ito" in table.out) == (0, True)

    twice = run("overdue", "close", number, "--reason", "again", "--home", own)
    assert (twice.code, twice.out) == (1, "")
    assert twice.err.startswith("STO-465")
    assert "Traceback" not in twice.err

    again = run("overdue", "reopen", number, "--json", "--home", own)
    assert (again.code, again.json()["done"]) == (0, True)
    assert owed(run, own) > number
    assert run("overdue", "reopen", number, "--home", own).err.startswith("STO-466")
    shown = run("message", "show", closed["message"], "--home", own).out
    assert f"window {number} for 855: closed" in shown
    assert "none needed, says Ms Ito" in shown


@pytest.mark.parametrize("verb", ["close", "reopen"])
@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("4711", 1, "STO-464"),
        ("", 2, "'' is not a valid integer. \"edi-gateway overdue list\" shows the IDs of windows."),
        ("0", 2, "is not in the range"),
        ("-1", 2, "No such option"),
        ("all", 2, "is not a valid integer"),
        ("99999999999999999999", 2, "is not in the range"),
    ],
)
def test_a_wrong_number_of_a_window_is_told_in_words(run: Run, own: Path, verb: str, number: str, code: int, words: str) -> None:
    said = run("overdue", verb, number, "--reason", "a test", "--home", own)
    assert (said.code, said.out) == (code, "")
    assert words in said.err
    assert "Traceback" not in said.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("close", "--reason", "a test"), "Missing argument"),
        (("close", "1"), "Missing option '--reason'"),
        (("close", "1", "--reason", ""), "Say why"),
        (("close", "1", "--reason", "  "), "Say why"),
        (("close", "1", "2", "--reason", "a test"), "unexpected extra argument"),
        (("reopen",), "Missing argument"),
        (("list", "--limit", ""), "is not a valid integer"),
        (("list", "--after", ""), "'' is not a valid integer. \"edi-gateway overdue list\" shows"),
        (("list", "--after", "nonsense"), "'nonsense' is not a valid integer. \"edi-gateway overdue list\" shows"),
        (("list", "--after", "0"), "0 is not in the range 1<=x"),
        (("list", "--now", ""), "'' is not a time; write it as"),
        (("list", "--now", "yesterday"), "'yesterday' is not a time; write it as"),
    ],
)
def test_what_is_missing_or_empty_is_told_in_words(run: Run, own: Path, arguments: tuple[str, ...], words: str) -> None:
    said = run("overdue", *arguments, "--home", own)
    assert (said.code, said.out) == (2, "")
    assert words in said.err
    assert owed(run, own)
