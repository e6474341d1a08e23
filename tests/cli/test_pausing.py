"""`edi-gateway partner pause`, `resume` and `pauses`."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from edi_gateway.demo.homes import make_pair

from .conftest import Run


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_pair(tmp_path_factory.mktemp("pausing"), datetime.now(UTC)).supplier.home


def test_a_partner_is_paused_seen_and_resumed(home: Path, run: Run) -> None:
    assert run("partner", "pauses", "--home", home).out.strip() == "Nothing is paused."
    paused = run("partner", "pause", "retailer", "--direction", "send", "--reason", "their server moves", "--home", home)
    assert (paused.code, "Paused: messages are kept ready" in paused.out) == (0, True)
    listed = run("partner", "pauses", "--json", "--home", home).json()["pauses"]
    assert [(one["partner"], one["direction"], one["reason"]) for one in listed] == [("retailer", "out", "their server moves")]
    assert "their server moves" in run("partner", "pauses", "--home", home).out
    doctor = run("doctor", "--home", home)
    assert "CFG-PAUSED" in doctor.out
    twice = run("partner", "pause", "retailer", "--direction", "send", "--reason", "twice", "--home", home)
    assert (twice.code, "STO-459" in twice.err) == (1, True)
    assert run("partner", "resume", "retailer", "--direction", "send", "--home", home).code == 0
    again = run("partner", "resume", "retailer", "--direction", "send", "--home", home)
    assert (again.code, "STO-460" in again.err) == (1, True)


def test_a_partner_that_there_is_not_is_not_paused(home: Path, run: Run) -> None:
    said = run("partner", "pause", "retailr", "--direction", "send", "--reason", "x", "--home", home)
    assert said.code == 2
    assert "Did you mean retailer?" in said.err
