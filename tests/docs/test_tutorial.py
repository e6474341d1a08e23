"""The tutorial, played from its first command to its last: its files saved, its commands run in a shell, its outputs compared."""

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
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
COMMANDS_PATIENCE = timedelta(seconds=150)
"""For one command: the demo plays a whole order to cash, which takes long on a machine that has other things to do."""
LEASH = Path(__file__).with_name("leash.py")


@contextmanager
def leashed(line: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A command in a shell. However the block ends, or this process, the command ends with all that it started."""
    theirs, ours = os.pipe()
    try:
        command = [sys.executable, str(LEASH), "bash", "-c", line]
        process = subprocess.Popen(command, env=environment, stdin=theirs, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    with process:
        try:
            yield process
        finally:
            os.close(ours)


class Reader:
    """Somebody who does what the page says, with a home folder of their own."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self._home = home
        self._stack = stack
        self._environment = {**os.environ, "HOME": str(home), "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self._serving: dict[str, ExitStack] = {}
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
            self._serving[line].close()
        self._serving[line] = self._stack.enter_context(ExitStack())
        process = self._serving[line].enter_context(leashed(f"exec {line} 2> /dev/null", self._environment))
        assert process.stdout is not None
        return process.stdout.readline()

    def _shell(self, line: str) -> subprocess.CompletedProcess[str]:
        with leashed(self.here(line), self._environment) as process:
            out, errors = process.communicate(timeout=COMMANDS_PATIENCE.total_seconds())
            return subprocess.CompletedProcess(line, process.returncode, out, errors)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    with ExitStack() as stack:
        yield Reader(tmp_path, stack)


def test_nothing_that_a_command_started_outlives_whoever_had_it_run() -> None:
    holder = f"""if True:
        import os, subprocess, sys
        theirs, ours = os.pipe()
        subprocess.run([sys.executable, {str(LEASH)!r}, "bash", "-c", "sleep 600 & echo it runs; wait"], stdin=theirs)
        """
    with subprocess.Popen([sys.executable, "-c", holder], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "it runs\n"
        process.kill()
        # What it started holds the other end of this pipe, too.
        assert process.communicate(timeout=PATIENCE.total_seconds()) == ("", None)


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
