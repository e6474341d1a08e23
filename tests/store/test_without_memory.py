"""Whichever allocation fails while the store is used: who comes after it is not held up by a lock or a connection that stayed behind."""

import subprocess
import sys
from pathlib import Path

import pytest

PROCESS = Path(__file__).with_name("without_memory.py")
pytest.importorskip("_testcapi", reason="this Python is built without what makes allocations fail")


@pytest.mark.slow
@pytest.mark.timeout(620)  # A minute on a fast machine, four on a slow one that does other work.
@pytest.mark.parametrize("width", [1, 4, 40])
@pytest.mark.parametrize("what", ["write", "read", "claim", "exchange", "retry", "wait"])
def test_an_allocation_that_fails_holds_up_nobody_else(tmp_path: Path, what: str, width: int) -> None:
    ended = subprocess.run(
        [sys.executable, str(PROCESS), str(tmp_path / "gateway.db"), what, str(width)], capture_output=True, text=True, timeout=600
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr[-4000:]
    assert int(ended.stdout) > 200 / width, "so many allocations were made to fail"
