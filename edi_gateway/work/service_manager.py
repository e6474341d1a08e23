"""The service manager that started this process, where it is systemd: it hears that the gateway serves, and that it lives.

One that does not hear of it for as long as the unit says (`WatchdogSec=`) ends the gateway and starts it again: nobody else would where
one process is all of it.

Source: sd_notify(3), the protocol of NOTIFY_SOCKET.
"""

import os
import socket
import time
from contextlib import suppress

EVERY = 1.0
"""Seconds from one sign of life to the next, where there is occasion for one."""


class ServiceManager:
    """Whoever wants to hear of this process at an address. Shape: without an address nobody does, and nothing is told."""

    def __init__(self, address: str | None = None) -> None:
        """Shape: `address` is a path, or a name behind an @; systemd's own where it is None."""
        found = os.environ.get("NOTIFY_SOCKET") if address is None else address
        self._address = f"\0{found[1:]}" if found and found.startswith("@") else found
        self._next = 0.0

    def ready(self) -> None:
        """Says that it serves from now on."""
        self._tell(b"READY=1")

    def beat(self) -> None:
        """Gives a sign of life, not more often than is looked for one. Call it from what must not stand still."""
        now = time.monotonic()
        if now >= self._next:
            self._next = now + EVERY
            self._tell(b"WATCHDOG=1")

    def _tell(self, word: bytes) -> None:
        if not self._address:
            return
        # A manager that is busy is told the next time: its patience is longer than that.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)
            line.sendto(word, self._address)
