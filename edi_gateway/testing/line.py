"""What lies between us and a PostgreSQL server, as a network does: it can forget connections, and it knows what went over it."""

import socket
import threading
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

SOON = 30.0
_STARTS = 0
_EXECUTE, _QUERY, _SYNC = b"EQS"
"""The kinds of messages by which a statement is run, and by which the server is told to answer all that was sent."""


class Line:
    """A socket of its own that leads to the server's. A forgotten connection is gone without a word before something is sent on it."""

    def __init__(self, folder: Path, server: str) -> None:
        """Shape: `server` is the socket of the server, and one of its name is made in `folder`."""
        self._sent: Counter[int] = Counter()
        self._server = server
        self._forgotten: set[socket.socket] = set()
        self._ours: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(folder / Path(server).name))
        self._listener.listen()
        self._start(self._take)

    @property
    def statements(self) -> int:
        """How many statements were run so far."""
        return self._sent[_EXECUTE] + self._sent[_QUERY]

    @property
    def waits(self) -> int:
        """How often the server was told that we wait for its answers."""
        return self._sent[_SYNC]

    def forget(self) -> None:
        self._forgotten.update(self._ours)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(SOON)
        self._listener.close()

    def _start(self, *work: Any) -> None:
        self._threads.append(threading.Thread(target=work[0], args=work[1:], daemon=True))
        self._threads[-1].start()

    def _take(self) -> None:
        with suppress(OSError):
            while True:
                ours, _ = self._listener.accept()
                self._ours.append(ours)
                self._start(self._connect, ours)

    def _connect(self, ours: socket.socket) -> None:
        with ours, socket.socket(socket.AF_UNIX) as theirs:
            theirs.connect(self._server)
            back = threading.Thread(target=_pass_all_on, args=(theirs, ours), daemon=True)
            back.start()
            unread = bytearray()
            while (block := ours.recv(65536)) and ours not in self._forgotten:
                unread += block
                self._count(unread)
                theirs.sendall(block)
            for end in (ours, theirs):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            back.join(SOON)

    def _count(self, unread: bytearray) -> None:
        """Counts the messages that came whole by their kind. Shape: the one that starts a connection has none."""
        while len(unread) >= 5:
            kind = unread[0]
            length = int.from_bytes(unread[:4]) if kind == _STARTS else 1 + int.from_bytes(unread[1:5])
            if len(unread) < length:
                return
            self._sent[kind] += 1
            del unread[:length]


def _pass_all_on(one: socket.socket, other: socket.socket) -> None:
    with suppress(OSError):
        while block := one.recv(65536):
            other.sendall(block)
