"""Further processes of one gateway, for machines with more than one processor: started, kept running, and ended with it.

Each has a socket to the gateway as its standard input, and ends when that closes, so that none outlives a gateway that was killed. Through
it each gives signs of life: one that gives none, stopped or stuck, may hold a lock that everybody waits for, and is killed.
"""

import logging
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from edi_gateway.faults import Fault
from edi_gateway.work.lasting import keep_on
from edi_gateway.work.parent import UNWELL, WELL

log = logging.getLogger(__name__)

PAUSE = timedelta(seconds=1)
"""From one look at the processes to the next, and so how long one that died is left before it is started again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many looks in a row may hear nothing of a process. By looks, as the gateway itself may be stopped for a while.

    Shape: after `well` it is not taken for well, after `silent` it is killed; after `start` where nothing was heard of it yet.
    """

    well: int = 5
    silent: int = 30
    start: int = 120


class _Child:
    """A process, and what was heard of it."""

    def __init__(self, command: Sequence[str], inherited: Sequence[int]) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._line.setblocking(False)
            self.process = subprocess.Popen(command, stdin=theirs.fileno(), pass_fds=inherited)  # noqa: S603 - our own command
        self._heard = b""
        self._silent = 0

    def listen(self, patience: Patience) -> bool:
        """One look; whether it may go on."""
        heard = b""
        with suppress(OSError):
            heard = self._line.recv(4096)
        self._heard = heard[-1:] or self._heard
        self._silent = 0 if heard else self._silent + 1
        return self._silent <= (patience.silent if self._heard else patience.start)

    def tell(self, word: bytes) -> None:
        with suppress(OSError):
            self._line.send(word)

    def is_well(self, patience: Patience) -> bool:
        return self.process.poll() is None and self._heard == WELL and self._silent <= patience.well

    def kill(self) -> None:
        self.process.kill()
        self._silent = 0
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(PAUSE.total_seconds())

    def leave(self) -> None:
        self._line.close()


class Children:
    """So many processes of a kind.

    Shape: `kind` is what the log calls one; `ended` is told the id of one that died; all of them are told whether the work goes on.
    """

    def __init__(
        self,
        kind: str,
        command: Sequence[str],
        count: int,
        *,
        inherited: Sequence[int] = (),
        ended: Callable[[int], object] | None = None,
        works: Callable[[], bool] | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._kind = kind
        self._command = list(command)
        self._count = count
        self._inherited = tuple(inherited)
        self._ended = ended
        self._works = works
        self._patience = patience or Patience()
        self._running: list[_Child] = []

    def start(self) -> None:
        while len(self._running) < self._count:
            self._running.append(self._start())

    def look(self) -> None:
        """Kills those that gave no sign of life for too long, and starts those again that have died.

        Errors: as `ended`; it is told again at the next look.
        """
        for number, one in enumerate(self._running):
            process = one.process
            if not one.listen(self._patience) and process.poll() is None:
                log.error("%s", Fault.of("STO-307", value=self._kind, process=process.pid).line())
                one.kill()
            if process.poll() is not None:
                log.error("%s", Fault.of("STO-306", value=self._kind, process=process.pid, status=process.returncode).line())
                if self._ended is not None:
                    self._ended(process.pid)
                self._running[number] = self._start()
                one.leave()
        if self._works is not None:
            word = WELL if self._works() else UNWELL
            for one in self._running:
                one.tell(word)

    def alive(self) -> bool:
        """Whether all of them run, gave a sign of life lately, and said that they are well."""
        return all(one.is_well(self._patience) for one in self._running)

    def stop(self, patience: timedelta) -> None:
        """Asks all to end and waits for it; kills those that have not ended by then."""
        for one in self._running:
            one.process.terminate()
        end = time.monotonic() + patience.total_seconds()
        for one in self._running:
            try:
                one.process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                one.process.kill()
                one.process.wait()
            one.leave()
        self._running = []

    def _start(self) -> _Child:
        return _Child(self._command, self._inherited)


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
        """Whether all of them are well, and what keeps them."""
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
