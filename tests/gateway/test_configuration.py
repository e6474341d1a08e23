"""The configuration applied from a command beside gateways that run: all of them take it within seconds, and a bad one is refused whole."""

import http.client
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.demo.homes import Pair, Side

from .test_roles import another_host, on_postgres

COMMAND = [sys.executable, "-m", "edi_gateway"]
SECONDS = timedelta(seconds=20)
"""The gateways look every two; the rest is for a machine that is busy."""
NEWCOMER = "as2:\n  id: NEWCOMER\n  url: https://new.example/as2\n  encrypt: none\n  require: []\nx12:\n  id: NEWCOMER\n"


@dataclass(frozen=True, slots=True)
class Host:
    """One process that serves, and its log."""

    side: Side
    process: subprocess.Popen[str]
    log: Path

    def knows(self, number: int) -> bool:
        """Whether a message of the newcomer is taken here, rather than refused as a stranger's."""
        headers = {"AS2-From": "NEWCOMER", "AS2-To": self.side.as2_id, "Message-ID": f"<{number}@new.example>", "AS2-Version": "1.2"}
        line = http.client.HTTPConnection("127.0.0.1", self.side.port, timeout=30)
        try:
            wanted = {"Disposition-Notification-To": "new@new.example", "Content-Type": "application/edi-x12"}
            line.request("POST", "/as2", body=b"ISA*of nobody", headers=headers | wanted)
            answer = line.getresponse()
            said = answer.read().decode()
        finally:
            line.close()
        assert answer.status == 200
        return "unknown-trading" not in said

    def is_running(self) -> bool:
        return self.process.poll() is None


def apply(home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, "config", "apply", "--home", str(home)], capture_output=True, text=True, check=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def hosts(request: pytest.FixtureRequest, homes: Callable[[str], Pair]) -> Any:
    """One gateway on SQLite, or two whole ones on one PostgreSQL, each a process of its own."""
    supplier = homes("sync").supplier
    sides = [supplier]
    if request.param == "postgresql":
        on_postgres(supplier, request.getfixturevalue("new_postgres")())
        sides.append(another_host(supplier))
    with ExitStack() as stack:
        started = []
        for side in sides:
            log = side.home / "serve.log"
            stream = stack.enter_context(log.open("w"))
            process = stack.enter_context(
                subprocess.Popen([*COMMAND, "serve", "--home", str(side.home)], stdout=subprocess.PIPE, stderr=stream, text=True)
            )
            stack.callback(process.kill)
            assert process.stdout is not None
            assert "listens at" in process.stdout.readline()
            started.append(Host(side, process, log))
        yield started


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_configuration_applied_beside_running_gateways_is_taken_by_all_and_a_bad_one_by_none(
    hosts: list[Host], until: Callable[..., None]
) -> None:
    home, numbers = hosts[0].side.home, iter(range(1, 1000))
    assert not any(host.knows(next(numbers)) for host in hosts)

    newcomer = home / "partners" / "newcomer.yaml"
    newcomer.write_text(NEWCOMER)
    applied = apply(home)
    assert (applied.returncode, "Revision 2" in applied.stdout) == (0, True), applied.stderr
    until("every host takes the newcomer", lambda: all(host.knows(next(numbers)) for host in hosts), SECONDS)
    assert all("revision 2 of the configuration is in force" in host.log.read_text() for host in hosts)

    newcomer.unlink()
    (home / "maps" / "x12" / "004010").mkdir(parents=True)
    (home / "maps" / "x12" / "004010" / "850.yaml").write_text("this is no map: [")
    refused = apply(home)
    assert (refused.returncode, "MAP-101" in refused.stdout + refused.stderr) == (1, True)
    for host in hosts:
        assert host.knows(next(numbers)), "the newcomer, whom the bad set left out, is still known"
        assert host.is_running()
        host.process.terminate()
        assert host.process.wait(40) == 0
