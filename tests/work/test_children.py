"""Further processes: what the gateway sees of one that is killed, stopped or ailing, and what they see of the gateway."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from edi_gateway.work.children import Children, Patience

PROCESS = Path(__file__).with_name("child_process.py")
ENOUGH = 30.0
LOOK = 0.1


class Running:
    """Processes of a kind, what they noted, and the ids of those that ended."""

    def __init__(self, what: str, notes: Path, patience: Patience, count: int, works: Callable[[], bool] | None) -> None:
        self.notes = notes
        self.ended: list[int] = []
        command = [sys.executable, str(PROCESS), what, str(notes)]
        self.children = Children("work", command, count, ended=self.ended.append, works=works, patience=patience)

    def noted(self) -> dict[int, str]:
        return {int(note.name): note.read_text() for note in self.notes.iterdir() if not note.suffix}

    def looks_until(self, reached: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + ENOUGH
        while not reached():
            assert time.monotonic() < end, what
            time.sleep(LOOK)
            self.children.look()

    def well(self) -> list[int]:
        """The ids of the processes once all are well."""
        self.looks_until(self.children.alive, "the processes are not well")
        return [one for one in self.noted() if one not in self.ended]


@contextmanager
def running(what: str, notes: Path, patience: Patience, *, count: int = 1, works: Callable[[], bool] | None = None) -> Iterator[Running]:
    started = Running(what, notes, patience, count, works)
    started.children.start()
    try:
        yield started
    finally:
        started.children.stop(timedelta(0))


def codes(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().split()[0] for record in caplog.records if record.levelno == logging.ERROR]


PATIENT = Patience(well=30, silent=1000, start=1000)


def test_processes_are_well_once_they_were_heard_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running("lives", tmp_path, PATIENT, count=2) as some:
        assert not some.children.alive()
        assert len(some.well()) == 2
    assert (some.ended, codes(caplog)) == ([], [])


def test_one_that_is_killed_is_told_of_and_started_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running("lives", tmp_path, PATIENT, count=2) as some:
        first = some.well()[0]
        os.kill(first, signal.SIGKILL)
        some.looks_until(lambda: bool(some.ended), "nobody sees that it ended")
        assert not some.children.alive(), "the new one was not heard of yet"
        assert len(some.well()) == 2
    assert some.ended == [first]
    assert codes(caplog) == ["STO-306"]


def test_one_that_is_stopped_is_not_well_and_is_killed_and_started_again(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running("lives", tmp_path, Patience(well=15, silent=40, start=1000)) as some:
        [first] = some.well()
        os.kill(first, signal.SIGSTOP)
        some.looks_until(lambda: not some.children.alive(), "it is taken for well")
        assert some.ended == [], "it is not killed before its time"
        some.looks_until(lambda: bool(some.ended), "it is not killed")
        [second] = some.well()
    assert some.ended == [first]
    assert second != first
    assert codes(caplog) == ["STO-307", "STO-306"]


def test_one_that_never_gives_a_sign_is_killed_later_than_one_that_begins_slowly(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running("is silent", tmp_path, Patience(well=1, silent=1, start=30)) as some:
        for _ in range(25):
            some.children.look()
        assert some.ended == []
        some.looks_until(lambda: bool(some.ended), "it is not killed")
    assert codes(caplog)[:2] == ["STO-307", "STO-306"]


def test_one_that_ails_is_not_well_and_goes_on(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with running("ails", tmp_path, PATIENT) as some:
        some.looks_until(lambda: bool(some.noted()), "it does not begin")
        for _ in range(15):
            some.children.look()
            time.sleep(LOOK)
        assert not some.children.alive()
    assert (some.ended, codes(caplog)) == ([], [])


def test_each_is_told_whether_the_work_goes_on(tmp_path: Path) -> None:
    work = {"goes on": True}
    with running("lives", tmp_path, PATIENT, count=2, works=lambda: work["goes on"]) as some:
        some.well()
        for goes_on, note in ((False, "waits"), (True, "works"), (False, "waits")):
            work["goes on"] = goes_on
            some.looks_until(lambda: set(some.noted().values()) == {note}, f"they do not know: {note}")  # noqa: B023 - called at once


def test_one_learns_that_its_gateway_is_gone(tmp_path: Path) -> None:
    program = f"""if True:
        import sys
        from datetime import timedelta
        from edi_gateway.work import Children
        children = Children("work", [sys.executable, {str(PROCESS)!r}, "lives", {str(tmp_path)!r}], 1)
        children.start()
        sys.stdin.read()
        """
    gateway = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE)
    notes = Running("lives", tmp_path, PATIENT, 0, None)
    notes.looks_until(lambda: "waits" in notes.noted().values(), "it does not begin")
    gateway.kill()
    gateway.communicate()
    try:
        notes.looks_until(lambda: set(notes.noted().values()) == {"alone"}, "it does not learn of it")
    finally:
        for one in notes.noted():
            os.kill(one, signal.SIGKILL)
