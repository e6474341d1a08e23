"""Whichever allocation fails while a request is answered and the next one taken: the server goes on to listen, with all of its threads."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

PROCESS = Path(__file__).with_name("without_memory.py")
THREADS = 2
SOON = 10.0
AT_ONCE = 1.0
REACH = 480
"""More than are made from the end of an answer until the next request is worked on."""
pytest.importorskip("_testcapi", reason="this Python is built without what makes allocations fail")


@contextmanager
def served(log: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A server in a process of its own; and its port."""
    command = [sys.executable, str(PROCESS), str(THREADS)]
    with log.open("w") as errors, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, int(process.stdout.readline().rpartition(":")[2])
        finally:
            process.kill()


def posted(port: int, body: str, patience: float) -> bytes:
    with closing(HTTPConnection("127.0.0.1", port, timeout=patience)) as connection:
        connection.request("POST", "/as2", body)
        return connection.getresponse().read()


@pytest.mark.slow
@pytest.mark.parametrize("width", [2, 8, 60])
def test_a_server_without_memory_goes_on_with_all_of_its_threads(tmp_path: Path, width: int) -> None:
    log = tmp_path / "log"
    with served(log) as (process, port), ThreadPoolExecutor(THREADS) as clients:
        for first in range(0, REACH, width):
            with suppress(OSError, HTTPException):
                posted(port, f"{first} {width}", AT_ONCE)
            with suppress(OSError, HTTPException):
                posted(port, f"{10**6} 1", AT_ONCE)
            try:
                answers = list(clients.map(lambda _: posted(port, "meet", SOON), range(THREADS)))
            except (OSError, HTTPException) as failure:
                process.send_signal(signal.SIGUSR1)
                with suppress(subprocess.TimeoutExpired):
                    process.wait(1)
                raise AssertionError(f"{failure!r} after {width} from allocation {first} on failed\n{log.read_text()[-8000:]}") from None
            assert answers == [b"ours"] * THREADS
