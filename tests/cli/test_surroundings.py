"""What the doctor asks of the machine."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from edi_gateway.cli.surroundings import clock, disks, queue
from edi_gateway.demo.homes import Pair
from edi_gateway.ports.alerts import Room

from .conftest import Run

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def test_a_disk_with_little_room_is_named() -> None:
    full, good = Room(folder="/full", free=1024**2, total=1024**3), Room(folder="/good", free=1024**3, total=1024**4)
    check = disks((full, good), 10 * 1024**2)
    assert (check.status, [fault.value for fault in check.faults]) == ("warning", ["/full"])
    assert disks((good,), 10 * 1024**2).status == "ok"


@pytest.mark.parametrize(
    ("server", "tick", "status"),
    [
        (NOW + 10 * SECOND, None, "ok"),
        (NOW + 31 * SECOND, None, "fault"),
        (NOW - 31 * SECOND, None, "fault"),
        (None, NOW - 3600 * SECOND, "ok"),
        (None, NOW + 31 * SECOND, "fault"),
        (None, None, "ok"),
    ],
)
def test_a_clock_that_is_apart_from_the_databases_is_a_fault(server: datetime | None, tick: datetime | None, status: str) -> None:
    assert clock(NOW, server, tick).status == status


def test_work_that_waits_and_work_that_is_parked_are_warnings() -> None:
    assert queue({"oldest_job": NOW - 599 * SECOND, "parked": 0}, NOW).status == "ok"
    assert queue({"oldest_job": NOW + 599 * SECOND, "parked": 0}, NOW).status == "ok"
    check = queue({"oldest_job": NOW - 601 * SECOND, "parked": 2}, NOW)
    assert [fault.code for fault in check.faults] == ["CFG-QUEUE-OLD", "CFG-JOBS-PARKED"]


def test_the_doctor_looks_at_the_machine_and_at_the_alert_routes(own_pair: Pair, run: Run) -> None:
    home = own_pair.supplier.home
    with (home / "gateway.toml").open("a") as settings:
        settings.write('\n[alerts.routes.ops]\nurl = "env:EDI_NO_SUCH_VARIABLE"\n')
    checks = {one["name"]: one for one in run("doctor", "--home", home, "--json").json()["checks"]}
    assert checks.keys() >= {"disk", "alerts", "port", "gateway"}
    assert [fault["code"] for fault in checks["alerts"]["faults"]] == ["CFG-SECRET-MISSING"]


def test_the_doctor_names_a_port_that_it_may_not_have(own_pair: Pair, run: Run) -> None:
    home = own_pair.supplier.home
    file = Path(home / "gateway.toml")
    file.write_text(file.read_text().replace("[server]\n", '[server]\nhost = "203.0.113.7"\n', 1))
    checks = {one["name"]: one for one in run("doctor", "--home", home, "--json").json()["checks"]}
    assert [fault["code"] for fault in checks["port"]["faults"]] == ["CFG-HOST"]
