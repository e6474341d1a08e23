"""`edi-gateway job` and `edi-gateway file`: what stands still, and what the ERP dropped."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.demo.homes import Pair, make_pair
from edi_gateway.faults import Fault
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.testing.pair import Trade

from .conftest import SAMPLES, Run

NOW = datetime.now(UTC)


def park(home: Path, *ids: int) -> list[int]:
    """Work items that failed as often as agreed; their numbers."""
    house = House(read_terms(home))
    try:
        for one in ids:
            with house.store.begin() as unit:
                unit.enqueue(Task.SEND, key=Task.SEND.key(one), id=one)
            job = house.store.jobs.claim(NOW + timedelta(days=1), owner="test", lease=timedelta(minutes=1), tasks={Task.SEND})
            assert job is not None
            house.store.jobs.park(job, NOW, Fault.of("STO-302", task=job.task, key=job.key, attempt=8, reason="no disk"))
        return [one.id for one in house.store.jobs.parked()]
    finally:
        house.close()


@pytest.fixture
def home(own_pair: Pair) -> Path:
    return own_pair.supplier.home


def test_parked_work_is_listed_with_what_it_failed_of_and_freed(home: Path, run: Run) -> None:
    first, second = park(home, 501, 502)
    listed = run("job", "list", "--json", "--home", home).json()["jobs"]
    assert [(one["id"], one["key"], one["fault"]["code"]) for one in listed] == [
        (first, "send:501", "STO-302"),
        (second, "send:502", "STO-302"),
    ]
    assert "no disk" in run("job", "list", "--home", home).out
    ran = run("job", "free", first, "--home", home)
    assert (ran.code, ran.out) == (0, "1 work item freed.\n")
    assert [one["id"] for one in run("job", "list", "--json", "--home", home).json()["jobs"]] == [second]


def test_where_nothing_is_parked_the_list_says_so(home: Path, run: Run) -> None:
    ran = run("job", "list", "--home", home)
    assert (ran.code, ran.out) == (0, "Nothing is parked: every work item was done, or is being tried again.\n")


def test_a_work_item_that_is_not_parked_is_told_and_keeps_no_other_from_being_freed(home: Path, run: Run) -> None:
    [first] = park(home, 501)
    ran = run("job", "free", "9999", first, "--home", home)
    assert (ran.code, ran.out, ran.err.split("  ")[0]) == (2, "1 work item freed.\n", "CFG-JOB-UNKNOWN")


def test_the_doctor_names_the_commands_for_parked_work(home: Path, run: Run) -> None:
    park(home, 501)
    ran = run("doctor", "--home", home)
    assert ran.code == 1
    [line] = [line for line in ran.out.splitlines() if "CFG-JOBS-PARKED" in line]
    assert "edi-gateway job list" in line


@pytest.fixture(scope="module")
def dropped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The retailer's home after its ERP dropped a good order and one with a date that is none. Tests only look."""
    pair = make_pair(tmp_path_factory.mktemp("dropped"), NOW)
    both = Trade(pair)
    both.clock.turn(NOW - both.clock.now())
    good = (SAMPLES / "erp" / "order.csv").read_text()
    assert "20260105" in good
    both.retailer.drop("good.csv", good)
    both.run()
    both.retailer.drop("bad.csv", good.replace("20260105", "20261399"))
    both.run()
    both.close()
    return pair.retailer.home


def test_files_are_listed_newest_first(dropped: Path, run: Run) -> None:
    said = run("file", "list", "--json", "--home", dropped).json()
    assert [(one["name"], one["direction"], one["state"]) for one in said["files"]] == [
        ("bad.csv", "in", "refused"),
        ("good.csv", "in", "accepted"),
    ]
    assert said["before"] is None
    assert "good.csv" in run("file", "list", "--home", dropped).out


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (["good"], ["good.csv"]),
        (["--state", "refused"], ["bad.csv"]),
        (["--partner", "supplier", "--limit", "1"], ["bad.csv"]),
    ],
    ids=" ".join,
)
def test_a_list_of_files_holds_what_was_asked_for(wanted: list[str], names: list[str], dropped: Path, run: Run) -> None:
    assert [one["name"] for one in run("file", "list", *wanted, "--json", "--home", dropped).json()["files"]] == names


def test_a_long_list_of_files_goes_on(dropped: Path, run: Run) -> None:
    first = run("file", "list", "--limit", "1", "--json", "--home", dropped).json()
    second = run("file", "list", "--before", first["before"], "--json", "--home", dropped).json()
    assert ([one["name"] for one in second["files"]], second["before"]) == (["good.csv"], None)


def test_a_refused_file_is_shown_with_its_findings_and_its_bytes(dropped: Path, run: Run) -> None:
    number = run("file", "list", "bad", "--json", "--home", dropped).json()["files"][0]["id"]
    said = run("file", "show", number, "--json", "--home", dropped).json()
    assert said["faults"][0]["place"]["line"] == 1
    shown = run("file", "show", number, "--home", dropped).out
    assert said["faults"][0]["code"] in shown
    assert "20261399" in run("file", "show", number, "--content", "--home", dropped).out


def test_a_file_that_is_none_is_told(dropped: Path, run: Run) -> None:
    ran = run("file", "show", "999", "--home", dropped)
    assert (ran.code, ran.out, ran.err.split("  ")[0]) == (2, "", "CFG-FILE-UNKNOWN")
