"""A gateway as a process of its own that kills itself at a failpoint; doomed.py has it run in one, `given` its home and a pipe.

A failpoint has a name: `commit before services.translate.translate` and `commit after …` stand around the end of every transaction
that writes, named for the function that began it; `job translate begun` and `job translate ended` around every work item; `post before`
and `post after`, `drop.release before` and so on around what leaves the database. The process dies where it comes to the one that
the file `armed` in its home names, which it takes away first. Every failpoint it passes is written into `passed`, once.
It sends its address when it listens, and says into the file `said` what it would say on a terminal.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import structlog

from edi_gateway.bootstrap import House, Terms, read_terms
from edi_gateway.ports.work import Handler
from edi_gateway.services.gateway import Gateway
from edi_gateway.web.serve import serve

PIECE = 20
"""Sets of a long message that are kept in one transaction: few, so that a message of a hundred is a long one."""
DROPS = ("claim", "stage", "release", "announce", "answer", "archive")


class Failpoints:
    """What the process does at a named point: note it, and die where it is armed."""

    def __init__(self, home: Path) -> None:
        self._armed = home / "armed"
        self._passed = os.open(home / "passed", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._known: set[str] = set()

    def at(self, name: str) -> None:
        if name not in self._known:
            self._known.add(name)
            os.write(self._passed, f"{name}\n".encode())
        if self._armed.exists() and self._armed.read_text() == name:
            self._armed.unlink()
            os.kill(os.getpid(), signal.SIGKILL)


class FailingStore:
    """A store whose transactions have failpoints around their end."""

    def __init__(self, inner: Any, points: Failpoints) -> None:
        self._inner, self._points = inner, points

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def begin(self, *, promising: bool = True) -> AbstractContextManager[Any]:
        frame = sys._getframe(1)
        module = str(frame.f_globals["__name__"]).removeprefix("edi_gateway.")
        return self._begin(f"{module}.{frame.f_code.co_name}", promising)

    @contextmanager
    def _begin(self, name: str, promising: bool) -> Iterator[Any]:
        with self._inner.begin(promising=promising) as unit:
            yield unit
            self._points.at(f"commit before {name}")
        self._points.at(f"commit after {name}")


class Failing:
    """Something of the gateway's with failpoints around some of its calls."""

    def __init__(self, inner: Any, kind: str, names: tuple[str, ...], points: Failpoints) -> None:
        self._inner, self._kind, self._names, self._points = inner, kind, names, points

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)
        return around(call, f"{self._kind}{name} before", f"{self._kind}{name} after", self._points) if name in self._names else call


def around(call: Callable[..., Any], before: str, after: str, points: Failpoints) -> Callable[..., Any]:
    def failing(*arguments: Any, **named: Any) -> Any:
        points.at(before)
        result = call(*arguments, **named)
        points.at(after)
        return result

    return failing


class FailingHouse(House):
    """A gateway with failpoints, whichever configuration it works by."""

    def __init__(self, terms: Terms, points: Failpoints) -> None:
        self._points = points
        super().__init__(terms)

    def _gateway_of(self, terms: Terms) -> Gateway:
        made = super()._gateway_of(terms)
        return replace(
            made,
            store=FailingStore(made.store, self._points),
            drop=Failing(made.drop, "drop.", DROPS, self._points),
            poster=Failing(made.poster, "", ("post",), self._points),
            piece=PIECE,
        )

    def handlers(self) -> dict[str, Handler]:
        made = super().handlers()
        return {task: around(call, f"job {task} begun", f"job {task} ended", self._points) for task, call in made.items()}


def main(home: Path, ready: Connection) -> None:
    os.dup2(os.open(home / "said", os.O_WRONLY | os.O_CREAT | os.O_APPEND), sys.stderr.fileno())
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    points = Failpoints(home)
    house = FailingHouse(read_terms(home), points)
    house.prepare_folders()
    parts = house.web_parts()
    parts = replace(parts, receive=around(parts.receive, "request came", "reply ready", points))
    worker, ticker = house.worker(), house.ticker()
    with house.store.hold():
        worker.start()
        ticker.start()
        serve(parts, ready=ready.send)
        ticker.stop()
        worker.stop(timedelta(seconds=10))
    house.close()


if __name__ == "__main__":
    main(*globals()["given"])
