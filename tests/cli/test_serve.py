"""`edi-gateway serve` as a process: it says where it listens, refuses what it cannot have, and ends when it is told to."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from edi_gateway.demo.homes import Pair

from .conftest import SAMPLES, Run

COMMAND = [sys.executable, "-m", "edi_gateway"]


@contextmanager
def serving(home: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A gateway on a home, once it listens, and the line that says so."""
    command = [*COMMAND, "serve", "--home", str(home)]
    with (
        (home.parent / f"{home.name}.log").open("w") as log,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline()
        finally:
            process.terminate()
            process.wait(30)


def log_of(home: Path) -> str:
    return (home.parent / f"{home.name}.log").read_text()


def test_it_says_where_it_listens_answers_there_and_ends_on_sigterm(own_pair: Pair, run: Run) -> None:
    side = own_pair.supplier
    with serving(side.home) as (process, line):
        assert line == f"SUPPLIER listens at {side.url}: AS2 at {side.url}/as2, the console at {side.url}/\n"
        with urllib.request.urlopen(f"{side.url}/healthz") as answer:
            assert answer.status == 200
        doctor = run("doctor", "--running", "--home", side.home)
        assert doctor.code == 0, doctor.out
        assert f"ready at 127.0.0.1:{side.port}" in doctor.out
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
    assert "Traceback" not in log_of(side.home)
    assert run("doctor", "--running", "--home", side.home).code == 3


def test_a_second_gateway_on_the_home_or_the_port_is_refused(own_pair: Pair, run: Run) -> None:
    side, other = own_pair.supplier, own_pair.retailer
    with serving(side.home):
        again = run("serve", "--home", side.home)
        assert (again.code, again.err.split("  ")[0]) == (3, "STO-101")
        settings = other.home / "gateway.toml"
        settings.write_text(settings.read_text().replace(f"port = {other.port}", f"port = {side.port}"))
        busy = run("serve", "--home", other.home)
        assert (busy.code, busy.err.split("  ")[0]) == (3, "CFG-PORT-BUSY")


@pytest.mark.parametrize("roles", [["web"], ["worker"], ["clock"], ["web", "worker"]], ids=" and ".join)
def test_on_sqlite_one_process_is_the_whole_gateway(own_pair: Pair, run: Run, roles: list[str]) -> None:
    named = [word for role in roles for word in ("--role", role)]
    ran = run("serve", "--home", own_pair.supplier.home, *named)
    assert (ran.code, ran.out, ran.err.split("  ")[0]) == (2, "", "CFG-ROLE")
    assert " and ".join(roles) in ran.err


@pytest.mark.slow
@pytest.mark.parametrize("processes", [1, 2])
def test_systemd_hears_that_a_gateway_serves_and_that_it_lives(own_pair: Pair, processes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    home, name = own_pair.supplier.home, f"edi-gateway-{os.urandom(6).hex()}"
    settings = home / "gateway.toml"
    settings.write_text(settings.read_text().replace("# processes = 2", f"processes = {processes}", 1))
    monkeypatch.setenv("NOTIFY_SOCKET", f"@{name}")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(f"\0{name}")
        systemd.settimeout(30)
        with serving(home) as (process, _):
            assert [systemd.recv(100) for _ in range(3)] == [b"READY=1", b"WATCHDOG=1", b"WATCHDOG=1"]
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0


@pytest.mark.slow
def test_a_faulty_partner_file_stops_nobody_else(own_pair: Pair) -> None:
    home = own_pair.supplier.home
    (home / "partners" / "broken.yaml").write_text("as2:\n  ulr: x\n")
    with serving(home) as (_, line):
        assert "listens at" in line
    assert "PRT-KEY-UNKNOWN" in log_of(home)


@pytest.mark.slow
def test_the_log_is_json_where_the_settings_say_so(own_pair: Pair) -> None:
    settings = own_pair.supplier.home / "gateway.toml"
    settings.write_text(settings.read_text().replace("# format = ", 'format = "json" # '))
    with serving(own_pair.supplier.home):
        pass
    lines = [json.loads(line) for line in log_of(own_pair.supplier.home).splitlines()]
    assert lines[-1]["event"] == "stopped"
    assert all({"timestamp", "level", "event"} <= set(line) for line in lines)


@pytest.mark.parametrize(
    ("name", "before", "after", "code"),
    [
        ("gateway.toml", "port = ", "prot = ", "CFG-KEY-UNKNOWN"),
        ("console.password", "$argon2", "$bcrypt", "CFG-PASSWORD-UNREADABLE"),
    ],
)
def test_a_home_that_cannot_serve_is_told(name: str, before: str, after: str, code: str, own_pair: Pair, run: Run) -> None:
    path = own_pair.supplier.home / name
    path.write_text(path.read_text().replace(before, after, 1))
    ran = run("serve", "--home", own_pair.supplier.home)
    assert (ran.code, ran.out, ran.err.split("  ")[0]) == (2, "", code)


def test_without_a_home_there_is_nothing_to_serve(run: Run, tmp_path: Path) -> None:
    ran = run("serve", "--home", tmp_path / "none")
    assert (ran.code, ran.err.split("  ")[0]) == (2, "CFG-ABSENT")


@pytest.mark.slow
def test_a_file_for_a_partner_is_sent_whether_our_gateway_runs_or_not(own_pair: Pair, run: Run) -> None:
    retailer, supplier = own_pair.retailer.home, own_pair.supplier.home
    record = run("map", "read", "flat/order", SAMPLES / "erp" / "order.csv").out
    order = retailer / "order.edi"
    names = ("--sender", "ZZ:RETAILER", "--receiver", "ZZ:SUPPLIER")
    assert run("map", "write", "x12/004010/850", "-", *names, "--out", order, stdin=record.encode()).code == 0
    with serving(supplier):
        alone = run("as2", "send", order, "--partner", "supplier", "--home", retailer, "--json")
        assert (alone.code, alone.json()["outcome"], alone.json()["mic_matches"]) == (0, "delivered", True)
        with serving(retailer):
            through = run("as2", "send", order, "--partner", "supplier", "--home", retailer, "--json")
            assert (through.code, through.json()["outcome"]) == (0, "delivered")
        listed = run("message", "list", "4500017", "--json", "--home", supplier).json()["messages"]
    assert {one["message_id"] for one in listed} >= {alone.json()["message_id"]}
