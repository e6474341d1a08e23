"""Whichever allocation fails while the store is used: who comes after it is not held up by a lock or a connection that stayed behind."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

PROCESS = Path(__file__).with_name("without_memory.py")
IN_MEMORY = Path("/dev/shm")
pytest.importorskip("_testcapi", reason="this Python is built without what makes allocations fail")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder in memory, where the machine has one: thousands of commits then wait for no disk, which nothing here asks about."""
    with tempfile.TemporaryDirectory(prefix="edi-gateway-", dir=IN_MEMORY if os.access(IN_MEMORY, os.W_OK) else None) as made:
        yield Path(made)


@pytest.mark.slow
@pytest.mark.timeout(320)  # Ten seconds on a fast machine.
@pytest.mark.parametrize("width", [1, 4, 40])
@pytest.mark.parametrize("what", ["write", "read", "claim", "exchange", "retry", "wait"])
def test_an_allocation_that_fails_holds_up_nobody_else(folder: Path, what: str, width: int) -> None:
    ended = subprocess.run(
        [sys.executable, str(PROCESS), str(folder / "gateway.db"), what, str(width)], capture_output=True, text=True, timeout=300
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr[-4000:]
    assert int(ended.stdout) > 200 / width, "so many allocations were made to fail"
