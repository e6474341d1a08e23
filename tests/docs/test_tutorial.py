"""The tutorial, played from its first command to its last: its files saved, its commands run in a shell, its outputs compared."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from edi_gateway.demo.homes import free_port

from .conftest import FENCE, ROOT, Block, blocks

PAGE = ROOT / "docs" / "tutorial.md"
PAGES_PORTS = ("56045", "8081")
"""The ports that the page shows: the retailer's, which the demo chose, and the reader's own."""
INSTALLS = ("python3 -m venv", ". .venv", "pip install")
READS = ("cat ", "ls ", "edi-gateway message", "edi-gateway partner")
PATIENCE = timedelta(seconds=40)


class Reader:
    """Somebody who does what the page says, with a home folder of their own."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self._home = home
        self._stack = stack
        self._environment = {**os.environ, "HOME": str(home), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self._serving: dict[str, subprocess.Popen[str]] = {}
        self._own_port = str(free_port())

    def here(self, text: str) -> str:
        """The page's text with the ports of this machine."""
        settings = self._home / "tutorial" / "retailer" / "gateway.toml"
        found = re.search(r"^port = (\d+)$", settings.read_text(), re.MULTILINE) if settings.exists() else None
        return text.replace(PAGES_PORTS[1], self._own_port).replace(PAGES_PORTS[0], found[1] if found else PAGES_PORTS[0])

    def save(self, block: Block) -> None:
        (self._home / "tutorial" / block.label).write_text(self.here(block.text))

    def mend(self, file: str, right: str, wrong: str) -> None:
        path = self._home / "tutorial" / file
        before = path.read_text()
        assert wrong in before
        path.write_text(before.replace(wrong, right))

    def do(self, line: str) -> None:
        done = self._shell(line)
        assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"

    def read(self, lines: list[str], expected: str) -> None:
        """Looks until every command is good and together they print what the page shows."""
        pause, end = threading.Event(), datetime.now(UTC) + PATIENCE
        while True:
            done = [self._shell(line) for line in lines]
            shown = "".join(one.stdout for one in done)
            if expected in shown and not any(one.returncode for one in done):
                return
            assert datetime.now(UTC) < end, f"{lines} printed\n{shown}"
            pause.wait(0.5)

    def serve(self, line: str) -> str:
        """Starts a gateway, or starts it again; what it says of where it listens."""
        if line in self._serving:
            self._stop(self._serving[line])
        process = subprocess.Popen(
            ["bash", "-c", f"exec {line}"], env=self._environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self._stack.callback(self._stop, process)
        self._serving[line] = process
        assert process.stdout is not None
        return process.stdout.readline()

    @staticmethod
    def _stop(process: subprocess.Popen[str]) -> None:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)

    def _shell(self, line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", self.here(line)],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=PATIENCE.total_seconds(),
        )


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with ExitStack() as stack:
        yield Reader(tmp_path, stack)


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_tutorial_leads_to_an_accepted_answer(reader: Reader) -> None:
    retailer = "edi-gateway serve --home ~/tutorial/retailer"
    sections = re.split(r"^## ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for section in sections:
        if "start it again" in FENCE.sub("", section):
            reader.serve(retailer)
        for right, wrong in re.findall(r"`(\S+)` for `(\S+)`", FENCE.sub("", section)):
            reader.mend("response.csv", right, wrong)
        _follow(reader, blocks(section))
    reader.read(["edi-gateway message list PO-1001 --state accepted --direction out --home ~/tutorial/mine"], "855 PO-1001 accepted")


def _follow(reader: Reader, page: list[Block]) -> None:
    for block, after in pairwise([*page, Block(kind="", label="", text="")]):
        if block.is_file:
            reader.save(block)
        if block.kind != "sh":
            continue
        shown = after.text if after.kind == "text" and "..." not in after.text else ""
        lines = [line for line in block.text.splitlines() if not line.startswith(INSTALLS)]
        _run(reader, lines, shown)


def _run(reader: Reader, lines: list[str], shown: str) -> None:
    starts = [line for line in lines if " serve " in line]
    for line in starts:
        said = reader.serve(line)
        assert "listens at" in said
        assert not shown or said == reader.here(shown)
    for line in lines:
        if line not in starts and not line.startswith(READS):
            reader.do(line)
    reading = [line for line in lines if line.startswith(READS)]
    if reading:
        reader.read(reading, "" if starts else reader.here(shown))
