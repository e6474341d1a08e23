"""`edi-gateway alert`: what is wrong, whether people can be told, and what they need not hear."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.demo.homes import Pair
from edi_gateway.lifecycle.incidents import Incident, Kind, Weight
from edi_gateway.testing.hook import Hook

from .conftest import Run

NOW = datetime.now(UTC)


@pytest.fixture
def home(own_pair: Pair) -> Path:
    return own_pair.supplier.home


@pytest.fixture
def hook() -> Iterator[Hook]:
    opened = Hook()
    yield opened
    opened.close()


def routed(home: Path, name: str, reference: str) -> None:
    with (home / "gateway.toml").open("a") as settings:
        settings.write(f'\n[alerts.routes.{name}]\nurl = "{reference}"\n')


def incident(home: Path, key: str = "work", weight: Weight = Weight.WARNING) -> int:
    house = House(read_terms(home))
    try:
        with house.store.begin() as uow:
            row = uow.incidents.add(Incident(key=key, kind=Kind.WORK_WAITS, weight=weight, since=NOW, opened_at=NOW, words=f"{key} waits."))
    finally:
        house.close()
    assert row.id
    return row.id


def test_without_an_incident_the_list_is_good_and_says_so(home: Path, run: Run) -> None:
    ran = run("alert", "list", "--home", home)
    assert (ran.code, ran.out) == (0, "No incident is open.\n")


def test_open_incidents_are_findings_the_gravest_first(home: Path, run: Run) -> None:
    light, grave = incident(home, "light"), incident(home, "grave", Weight.CRITICAL)
    ran = run("alert", "list", "--json", "--home", home)
    assert ran.code == 1
    assert [one["id"] for one in ran.json()["incidents"]] == [grave, light]
    assert "grave waits." in run("alert", "list", "--home", home).out


def test_a_muted_incident_is_out_of_the_list_until_it_is_asked_for_or_its_time_is_over(home: Path, run: Run) -> None:
    number = incident(home)
    ran = run("alert", "mute", number, "--for", "2h", "--reason", "known", "--home", home)
    assert ran.code == 0
    assert ran.out.startswith("1 incident muted until ")
    listed = run("alert", "list", "--json", "--home", home)
    assert (listed.code, listed.json()) == (0, {"incidents": [], "muted": 1})
    assert [one["muted_because"] for one in run("alert", "list", "--muted", "--json", "--home", home).json()["incidents"]] == ["known"]
    assert run("alert", "mute", number, "--for", "0h", "--home", home).code == 0
    assert run("alert", "list", "--home", home).code == 1


def test_a_number_that_is_no_open_incident_is_told_and_keeps_none_from_being_muted(home: Path, run: Run) -> None:
    number = incident(home)
    ran = run("alert", "mute", 9999, number, "--home", home)
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-ALERT-INCIDENT")
    assert run("alert", "list", "--home", home).code == 0
    assert run("alert", "mute", number, "--for", "soon", "--home", home).code == 2


def test_a_test_notice_goes_to_each_route(home: Path, run: Run, hook: Hook, monkeypatch: pytest.MonkeyPatch) -> None:
    routed(home, "ops", "env:EDI_TEST_ALERTS")
    monkeypatch.setenv("EDI_TEST_ALERTS", hook.address)
    ran = run("alert", "test", "--home", home)
    assert (ran.code, ran.out) == (0, "ops: taken.\n")
    assert b"[test] edi-gateway" in hook.bodies[0]
    hook.status = 500
    assert run("alert", "test", "ops", "--home", home).code == 3


def test_a_test_says_what_is_missing(home: Path, run: Run) -> None:
    ran = run("alert", "test", "--home", home)
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-ALERT-NONE")
    routed(home, "ops", "env:EDI_NO_SUCH_VARIABLE")
    assert run("alert", "test", "--home", home).err.startswith("CFG-SECRET-MISSING")
    assert run("alert", "test", "opps", "--home", home).err.startswith("CFG-ALERT-ROUTE")


def test_an_address_in_the_settings_itself_is_refused_and_not_shown(home: Path, run: Run) -> None:
    routed(home, "ops", "slack://secret/token")
    ran = run("alert", "list", "--home", home)
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-VALUE")
    assert "secret/token" not in ran.err
