"""Several web processes on one socket: one that dies is started again, and none outlives the gateway."""

import json
import os
import signal
import time
import urllib.request
from contextlib import suppress
from pathlib import Path

import pytest

from edi_gateway.demo.homes import Pair

from .test_serve import serving

pytestmark = pytest.mark.slow
PATIENCE = 30.0


def children_of(process: int) -> list[int]:
    """The processes that the threads of a process started."""
    return [int(number) for thread in Path(f"/proc/{process}/task").iterdir() for number in (thread / "children").read_text().split()]


def lives(process: int) -> bool:
    """Whether a process is there, and has not merely left its number."""
    command = Path(f"/proc/{process}/cmdline")
    return command.exists() and bool(command.read_bytes())


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/healthz", timeout=5) as answer:
            return bool(json.load(answer))
    except OSError:
        return False


def eventually(reached: object, what: str, patience: float = PATIENCE) -> None:
    assert callable(reached)
    end = time.monotonic() + patience
    while not reached():
        assert time.monotonic() < end, what
        time.sleep(0.05)


def with_processes(home: Path, count: int) -> None:
    settings = home / "gateway.toml"
    text = settings.read_text()
    assert "# processes = 2" in text
    settings.write_text(text.replace("# processes = 2", f"processes = {count}", 1))


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes as Linux shows them")
def test_a_web_process_that_is_killed_is_started_again_and_all_end_with_the_gateway(own_pair: Pair) -> None:
    side = own_pair.supplier
    with_processes(side.home, 2)
    with serving(side.home) as (gateway, line):
        assert side.url in line
        first = children_of(gateway.pid)
        assert len(first) == 2
        eventually(lambda: answers(side.url), "no web process answers")
        os.kill(first[0], signal.SIGKILL)
        eventually(lambda: len(set(children_of(gateway.pid)) - {first[0]}) == 2, "the killed process was not started again")
        eventually(lambda: answers(side.url), "nothing answers after a process was killed")
        gateway.send_signal(signal.SIGTERM)
        assert gateway.wait(PATIENCE) == 0
    assert not answers(side.url)


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes as Linux shows them")
def test_no_web_process_outlives_a_gateway_that_is_killed(own_pair: Pair) -> None:
    side = own_pair.supplier
    with_processes(side.home, 2)
    with serving(side.home) as (gateway, _):
        eventually(lambda: answers(side.url), "no web process answers")
        children = children_of(gateway.pid)
        gateway.kill()
        gateway.wait(PATIENCE)
        eventually(lambda: not any(map(lives, children)), "a web process goes on")


def scraped(url: str) -> dict[str, float]:
    """The counters, whichever process answers."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=20) as answer:
        lines = answer.read().decode().splitlines()
    return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines) if name.startswith("edi_gateway_kept")}


@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes as Linux shows them")
def test_every_web_process_shows_the_same_counters(own_pair: Pair) -> None:
    side = own_pair.supplier
    with_processes(side.home, 2)
    with serving(side.home) as (gateway, _):
        eventually(lambda: answers(side.url), "no web process answers")
        children = children_of(gateway.pid)
        before = scraped(side.url)
        for _ in range(6):
            named = {"AS2-From": "NOBODY", "AS2-To": side.as2_id, "Message-ID": "<1@nobody>", "Content-Type": "text/plain"}
            with suppress(OSError):
                urllib.request.urlopen(urllib.request.Request(f"{side.url}/as2", data=b"no message", headers=named), timeout=20)
        # Each answers in turn, while the others are halted.
        seen = []
        for one in children:
            others = [other for other in children if other != one]
            for other in others:
                os.kill(other, signal.SIGSTOP)
            try:
                seen.append(scraped(side.url))
            finally:
                for other in others:
                    os.kill(other, signal.SIGCONT)
    assert len(seen) == 2
    assert seen[0] == seen[1]
    [kept] = [name for name in seen[0] if 'what="messages"' in name]
    assert seen[0][kept] == before.get(kept, 0) + 6
