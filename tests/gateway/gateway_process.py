"""A gateway as a process of its own, which kills itself at a named point: `python gateway_process.py HOME POINT`.

It dies once: where the file `armed` stands in its home, which it takes away first. It prints its address when it listens.
"""

import os
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from edi_gateway.bootstrap import House, Terms, read_terms
from edi_gateway.services.gateway import Gateway
from edi_gateway.web.serve import serve


class Doomed:
    """Stands before something of the gateway's and kills the process before or after one of its calls."""

    def __init__(self, inner: Any, name: str, die: Callable[[], None], *, after: bool) -> None:
        self._inner, self._name, self._die, self._after = inner, name, die, after

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._inner, name)
        if name != self._name:
            return call

        def doomed(*arguments: Any, **named: Any) -> Any:
            if not self._after:
                self._die()
            result = call(*arguments, **named)
            self._die()
            return result

        return doomed


class DoomedHouse(House):
    """A gateway that dies at a point of its dealings with the outside."""

    def __init__(self, home: Path, point: str, die: Callable[[], None]) -> None:
        self._point, self._die = point, die
        super().__init__(read_terms(home))

    def _gateway_of(self, terms: Terms) -> Gateway:
        gateway = super()._gateway_of(terms)
        match self._point:
            case "file kept":
                return replace(gateway, drop=Doomed(gateway.drop, "release", self._die, after=False))
            case "file released":
                return replace(gateway, drop=Doomed(gateway.drop, "release", self._die, after=True))
            case "posted":
                return replace(gateway, poster=Doomed(gateway.poster, "post", self._die, after=True))
            case "composed":
                return replace(gateway, drop=Doomed(gateway.drop, "answer", self._die, after=False))
            case _:
                return gateway


def main(home: Path, point: str) -> None:
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    armed = home / "armed"

    def die() -> None:
        if armed.exists():
            armed.unlink()
            os.kill(os.getpid(), signal.SIGKILL)

    house = DoomedHouse(home, point, die)
    house.prepare_folders()
    parts = house.web_parts()
    if point == "received":
        receive = parts.receive

        def received(request: Any) -> Any:
            reply = receive(request)
            die()
            return reply

        parts = replace(parts, receive=received)
    worker, ticker = house.worker(), house.ticker()
    with house.store.hold():
        worker.start()
        ticker.start()
        serve(parts, ready=lambda url: print(url, flush=True))
        ticker.stop()
        worker.stop(timedelta(seconds=10))
    house.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
