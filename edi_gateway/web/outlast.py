"""waitress, taught to outlive any failure: where memory runs out its own threads end, locks stay held and no socket listens."""

import socket
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any

from waitress.adjustments import Adjustments
from waitress.server import TcpWSGIServer
from waitress.trigger import trigger

from edi_gateway.web.door import VerbatimChannel
from edi_gateway.work.lasting import keep_on, tell

PATIENCE = 5.0
"""Seconds that the threads have to end."""


IDLE = 0.1
"""The part of the time of one processor that a process uses which is at something."""


class Threads:
    """The threads that answer requests, as waitress wants them. A connection whose answer failed altogether is closed.

    Units:  `clock` and `used` give seconds: the time, and the processor time that this process has had.
    """

    def __init__(self, count: int, clock: Callable[[], float] = time.monotonic, used: Callable[[], float] = time.process_time) -> None:
        self._clock, self._used = clock, used
        self._moved()
        self._waiting: SimpleQueue[VerbatimChannel | None] = SimpleQueue()
        self._ending = threading.Event()
        self._team = [threading.Thread(target=self._work, name=f"web-{number}", daemon=True) for number in range(1, count + 1)]
        for thread in self._team:
            thread.start()

    def add_task(self, task: VerbatimChannel) -> None:
        """Has a request answered."""
        is_first = self._waiting.empty()
        self._waiting.put(task)
        if is_first:
            self._moved()

    def stand(self, patience: float) -> bool:
        """Whether a request has waited for a thread for so long, none has taken another meanwhile, and hardly anything was done at all.

        All of them hang then: those that are merely slow take requests, and those that are at something long need the processor.
        """
        waited = self._clock() - self._since
        return not self._waiting.empty() and waited > patience and self._used() - self._used_then < IDLE * waited

    def _moved(self) -> None:
        self._since, self._used_then = self._clock(), self._used()

    def shutdown(self) -> None:
        """Lets each end after what it does, where that does not take too long."""
        self._ending.set()
        for _ in self._team:
            self._waiting.put(None)
        patience = time.monotonic() + PATIENCE
        for thread in self._team:
            thread.join(max(0.0, patience - time.monotonic()))

    def _work(self) -> None:
        keep_on("answering requests", self._answer, self._ending)

    def _answer(self) -> None:
        connection = self._waiting.get()
        if connection is None:
            return
        try:
            self._moved()
            connection.service()
        except BaseException as failure:
            connection.cancel()
            tell("answering a request", failure)


class Channel(VerbatimChannel):
    """A connection whose locks no failure leaves held: whoever comes next, the main loop above all, would wait for them without end."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.requests: list[Any] = []  # The main loop looks at it as soon as the connection is known, which may be all it comes to.
        super().__init__(*args, **kwargs)
        self.requests_lock = threading.RLock()  # It knows its owner, as the other one does.

    def service(self) -> None:
        try:
            super().service()
        finally:
            self._let_go()

    def handle_error(self) -> None:
        try:
            super().handle_error()
        finally:
            self._let_go()

    def _let_go(self) -> None:
        for lock in (self.requests_lock, self.outbuf_lock):
            with suppress(RuntimeError, MemoryError):
                while True:
                    lock.release()


class _Lasting:
    """A socket that stays open whatever came of reading from it."""

    def handle_error(self) -> None:
        failure = sys.exc_info()[1]
        if failure is not None:
            tell("the web server", failure)


class _Trigger(_Lasting, trigger):  # type: ignore[misc]
    """What wakes the main loop."""


class Listener(_Lasting, TcpWSGIServer):  # type: ignore[misc]
    """waitress on a bound socket. `adjustments` are its own settings."""

    channel_class = Channel
    trigger: Any

    def __init__(self, application: Any, listener: socket.socket, threads: int, **adjustments: Any) -> None:
        super().__init__(
            application,
            _sock=listener,
            dispatcher=Threads(threads),
            adj=Adjustments(sockets=[listener], **adjustments),
            sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
            bind_socket=False,
        )
        self.trigger.close()
        self.trigger = _Trigger(self._map)
