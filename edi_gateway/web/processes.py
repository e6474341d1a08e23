"""Several web processes on one listening socket, for machines with more than one processor.

The gateway binds the socket and starts the processes; each takes connections from it. One that dies is started again. They hold
the read end of a pipe from the gateway and end when it closes, so that none outlives a gateway that was killed.
"""

import logging
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

from edi_gateway.ports.web import WebParts
from edi_gateway.web.serve import BACKLOG, STOP_SECONDS, Server, until_told, url_of

log = logging.getLogger("edi_gateway.web")

PAUSE_SECONDS = 1.0
"""How long a process that died is left before it is started again."""


class WebProcesses:
    """The web processes of one gateway. `command` makes the command line of one from the socket's number."""

    def __init__(self, listener: socket.socket, command: Callable[[int], Sequence[str]], count: int) -> None:
        self._listener = listener
        self._command = command
        self._stopping = threading.Event()
        self._running: list[subprocess.Popen[bytes]] = []
        self._count = count

    def run(self, ready: Callable[[str], None]) -> None:
        """Serves until SIGTERM or SIGINT, or `stop`; then every process answers what it has begun."""
        self._listener.listen(BACKLOG)
        os.set_inheritable(self._listener.fileno(), True)
        with until_told(self.stop):
            self._running = [self._start() for _ in range(self._count)]
            ready(url_of(self._listener))
            try:
                while not self._stopping.wait(PAUSE_SECONDS):
                    self._running = [self._kept(one) for one in self._running]
            finally:
                self._end()

    def stop(self) -> None:
        """Asks `run` to end."""
        self._stopping.set()

    def _start(self) -> "subprocess.Popen[bytes]":
        number = self._listener.fileno()
        return subprocess.Popen(list(self._command(number)), stdin=subprocess.PIPE, pass_fds=(number,))  # noqa: S603 - our own command

    def _kept(self, one: "subprocess.Popen[bytes]") -> "subprocess.Popen[bytes]":
        if one.poll() is None:
            return one
        log.error("a web process ended with status %s and is started again", one.returncode)
        return self._start()

    def _end(self) -> None:
        self._listener.close()
        for one in self._running:
            one.terminate()
        patience = time.monotonic() + STOP_SECONDS + PAUSE_SECONDS
        for one in self._running:
            try:
                one.wait(max(0.0, patience - time.monotonic()))
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


def serve_inherited(parts: WebParts, number: int) -> None:
    """Serves as one of several processes, on the socket of this number, until told to stop or until the gateway is gone."""
    server = Server(parts, socket.socket(fileno=number))

    def watch() -> None:
        with suppress(OSError):
            while os.read(0, 1):
                pass
        server.stop()

    threading.Thread(target=watch, name="web-parent", daemon=True).start()
    with until_told(server.stop):
        server.run()
