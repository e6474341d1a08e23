"""Several web processes on one listening socket: each takes connections from it."""

import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from edi_gateway.ports.web import WebParts
from edi_gateway.web.serve import BACKLOG, HANGING_SECONDS, STOP_SECONDS, Server, until_told, url_of
from edi_gateway.work.children import PAUSE, Children
from edi_gateway.work.lasting import keep_on
from edi_gateway.work.parent import Parent


class WebProcesses:
    """The web processes of one gateway, which binds the socket.

    Shape: `command` makes the command line of one from the socket's number; `works` says whether those that work are well; `looked` is
           called after each look at the processes.
    """

    def __init__(
        self,
        listener: socket.socket,
        command: Callable[[int], Sequence[str]],
        count: int,
        works: Callable[[], bool],
        looked: Callable[[], object] | None = None,
    ) -> None:
        self._listener = listener
        number = listener.fileno()
        self._children = Children("web", command(number), count, inherited=(number,), works=works)
        self._looked = looked
        self._stopping = threading.Event()

    def run(self, ready: Callable[[str], None]) -> None:
        """Serves until SIGTERM or SIGINT, or `stop`; then every process answers what it has begun."""
        self._listener.listen(BACKLOG)
        with until_told(self.stop):
            self._children.start()
            ready(url_of(self._listener))
            try:
                keep_on("the look after web processes", self._look, self._stopping)
            finally:
                self._listener.close()
                self._children.stop(timedelta(seconds=STOP_SECONDS) + PAUSE)

    def stop(self) -> None:
        """Asks `run` to end."""
        self._stopping.set()

    def _look(self) -> None:
        if not self._stopping.wait(PAUSE.total_seconds()):
            self._children.look()
            if self._looked is not None:
                self._looked()


def serve_inherited(parts: WebParts, number: int, patience: float = HANGING_SECONDS) -> None:
    """Serves as one of several processes, on the socket of this number, until told to stop or until the gateway is gone.

    Units:  once its threads hang for longer than `patience`, in seconds, it gives no sign of life any more, and is killed for that.
    """
    parent = Parent()
    server = Server(replace(parts, works=parent.works), socket.socket(fileno=number), parent.beat, patience)
    parent.when_gone(server.stop)
    with until_told(server.stop):
        server.run()
