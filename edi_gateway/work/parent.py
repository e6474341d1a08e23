"""The gateway that started this process, at the other end of its standard input: it hears of this process, and tells of the work."""

import os
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress

from edi_gateway.work.lasting import keep_on

EVERY = 0.5
"""Seconds from one sign of life to the next, where there is occasion for one."""
WELL, UNWELL = b"+", b"-"


class Parent:
    """Whoever started this process. There is one to a process, as there is one standard input."""

    def __init__(self) -> None:
        self._socket = socket.socket(fileno=os.dup(0))
        self._next = 0.0
        self._works = False
        self._gone = threading.Event()

    def beat(self, well: bool = True) -> None:
        """Gives a sign of life, not more often than is looked for one. Call it from what must not stand still."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY
            with suppress(OSError):
                self._socket.send(WELL if well else UNWELL, socket.MSG_DONTWAIT)

    def works(self) -> bool:
        """Whether those that work are well, as the gateway last told."""
        return self._works

    def is_gone(self) -> bool:
        """Whether it is no more."""
        try:
            return not self._socket.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return False
        except OSError:
            return True

    def when_gone(self, end: Callable[[], object]) -> None:
        """Listens to it in a thread of its own, and calls `end` once it is no more."""

        def watch() -> None:
            keep_on("what listens to the gateway", self._listen, self._gone)
            end()

        threading.Thread(target=watch, name="parent", daemon=True).start()

    def _listen(self) -> None:
        try:
            told = self._socket.recv(4096)
        except OSError:
            told = b""
        if told:
            self._works = told.endswith(WELL)
        else:
            self._gone.set()
