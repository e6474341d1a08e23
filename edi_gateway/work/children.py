"""Further processes of one gateway, for machines with more than one processor: started, kept running, and ended with it.

Each holds the read end of a pipe from the gateway and ends when it closes, so that none outlives a gateway that was killed.
"""

import logging
import os
import select
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta

from edi_gateway.work.lasting import keep_on

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=1)
"""How long a process that died is left before it is started again."""


class Children:
    """So many processes of a kind. `kind` is what the log calls one; `ended` is told the id of one that died."""

    def __init__(
        self, kind: str, command: Sequence[str], count: int, *, inherited: Sequence[int] = (), ended: Callable[[int], object] | None = None
    ) -> None:
        self._kind = kind
        self._command = list(command)
        self._count = count
        self._inherited = tuple(inherited)
        self._ended = ended
        self._running: list[subprocess.Popen[bytes]] = []

    def start(self) -> None:
        self._running = [self._start() for _ in range(self._count)]

    def look(self) -> None:
        """Starts those again that have died. Errors: as `ended`; it is told again at the next look."""
        for number, one in enumerate(self._running):
            if one.poll() is not None:
                log.error("a %s process ended with status %s and is started again", self._kind, one.returncode)
                if self._ended is not None:
                    self._ended(one.pid)
                self._running[number] = self._start()

    def alive(self) -> bool:
        """Whether all of them run."""
        return all(one.poll() is None for one in self._running)

    def stop(self, patience: timedelta) -> None:
        """Asks all to end and waits for it; kills those that have not ended by then."""
        for one in self._running:
            one.terminate()
        end = time.monotonic() + patience.total_seconds()
        for one in self._running:
            try:
                one.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        self._running = []

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, pass_fds=self._inherited)  # noqa: S603 - our own command


class Crew:
    """Children that a thread keeps running."""

    def __init__(self, children: Children) -> None:
        self._children = children
        self._stopping = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="work-crew", daemon=True)

    def start(self) -> None:
        self._children.start()
        self._keeper.start()

    def alive(self) -> bool:
        """Whether all of them run, and what keeps them."""
        return self._keeper.is_alive() and self._children.alive()

    def stop(self, patience: timedelta) -> None:
        """Lets each finish what it is doing, for so long at most."""
        self._stopping.set()
        self._keeper.join()
        self._children.stop(patience)

    def _keep(self) -> None:
        keep_on("the look after further processes", self._look, self._stopping)

    def _look(self) -> None:
        if not self._stopping.wait(PAUSE.total_seconds()):
            self._children.look()


def is_orphaned() -> bool:
    """Whether the gateway that started this process is gone: it never writes into its pipe."""
    return bool(select.select([0], [], [], 0)[0])


def when_orphaned(end: Callable[[], object]) -> None:
    """Calls `end` in a thread of its own once the gateway that started this process is gone."""

    def watch() -> None:
        with suppress(OSError):
            while os.read(0, 1):
                pass
        end()

    threading.Thread(target=watch, name="parent", daemon=True).start()
