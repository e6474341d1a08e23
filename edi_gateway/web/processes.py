"""Several web processes on one listening socket: each takes connections from it."""

import socket
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from edi_gateway.ports.web import WebParts
from edi_gateway.web.serve import BACKLOG, STOP_SECONDS, Server, until_told, url_of
from edi_gateway.work.children import PAUSE, Children, when_orphaned


class WebProcesses:
    """The web processes of one gateway, which binds the socket. `command` makes the command line of one from the socket's number."""

    def __init__(self, listener: socket.socket, command: Callable[[int], Sequence[str]], count: int) -> None:
        self._listener = listener
        number = listener.fileno()
        self._children = Children("web", command(number), count, inherited=(number,))
        self._stopping = threading.Event()

    def run(self, ready: Callable[[str], None]) -> None:
        """Serves until SIGTERM or SIGINT, or `stop`; then every process answers what it has begun."""
        self._listener.listen(BACKLOG)
        with until_told(self.stop):
            self._children.start()
            ready(url_of(self._listener))
            try:
                while not self._stopping.wait(PAUSE.total_seconds()):
                    self._children.look()
            finally:
                self._listener.close()
                self._children.stop(timedelta(seconds=STOP_SECONDS) + PAUSE)

    def stop(self) -> None:
        """Asks `run` to end."""
        self._stopping.set()


def serve_inherited(parts: WebParts, number: int) -> None:
    """Serves as one of several processes, on the socket of this number, until told to stop or until the gateway is gone."""
    server = Server(parts, socket.socket(fileno=number))
    when_orphaned(server.stop)
    with until_told(server.stop):
        server.run()
