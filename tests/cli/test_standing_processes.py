"""Further processes that are stopped, as one that hangs is: it is seen from outside, and the gateway kills it and starts another one."""

import json
import os
import signal
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from edi_gateway.demo.homes import Pair

from .test_serve import log_of, serving
from .test_web_processes import children_of, eventually, with_processes
from .test_work_processes import with_crew

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes as Linux shows them")]


def of_kind(gateway: int, option: str) -> list[int]:
    """The processes of a gateway that were started with this option."""
    return [one for one in children_of(gateway) if option.encode() in Path(f"/proc/{one}/cmdline").read_bytes().split(b"\0")]


def works(url: str) -> bool | None:
    """What `/readyz` says of the work; None where nothing answers."""
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=5) as answer:
            told = json.load(answer)
    except urllib.error.HTTPError as refused:
        told = json.load(refused)
    except OSError:
        return None
    return bool(told["checks"]["work"]["running"])


def test_a_process_that_works_and_stands_still_is_seen_and_may_go_on(own_pair: Pair) -> None:
    side = own_pair.supplier
    with_crew(side.home, 2)
    with serving(side.home) as (gateway, _):
        eventually(lambda: works(side.url) is True, "the work is not well")
        crew = of_kind(gateway.pid, "--crew")
        os.kill(crew[0], signal.SIGSTOP)
        eventually(lambda: works(side.url) is False, "nobody sees that it stands still")
        os.kill(crew[0], signal.SIGCONT)
        eventually(lambda: works(side.url) is True, "the work is not well again")
        assert of_kind(gateway.pid, "--crew") == crew
    assert "STO-30" not in log_of(side.home)


def test_a_process_that_stands_still_is_seen_killed_and_started_again(own_pair: Pair) -> None:
    side = own_pair.supplier
    with_processes(side.home, 2)
    with_crew(side.home, 2)
    with serving(side.home) as (gateway, _):
        eventually(lambda: works(side.url) is True, "the work is not well")
        stopped = {option: of_kind(gateway.pid, option)[0] for option in ("--crew", "--listener")}
        for one in stopped.values():
            os.kill(one, signal.SIGSTOP)
        eventually(lambda: works(side.url) is False, "nobody sees that it stands still")
        for option, one in stopped.items():
            eventually(lambda: one not in children_of(gateway.pid), f"{option} goes on to stand still", 60)  # noqa: B023 - called at once
        eventually(lambda: works(side.url) is True, "the work is not well again")
        assert [len(of_kind(gateway.pid, option)) for option in stopped] == [2, 2]
    log = log_of(side.home)
    assert log.count("STO-307") == log.count("STO-306") == 2
