"""The web server: waitress, with limits for hostile connections, a coded fault for a port it cannot have, and an end without loss."""

import errno
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from waitress import wasyncore

from edi_gateway.faults import Fault, Faulty
from edi_gateway.ports.web import WebParts, WebSettings
from edi_gateway.web.app import create_app
from edi_gateway.web.outlast import Listener
from edi_gateway.work.lasting import keep_on

log = logging.getLogger("edi_gateway.web")

IDLE_SECONDS = 30
STOP_SECONDS = 20.0
HANGING_SECONDS = 60.0
LOOP_SECONDS = 0.5
BACKLOG = 1024
HEADER_LIMIT_BYTES = 64 * 1024


class Server:
    """A bound server. `run` serves until `stop`, which any thread or signal handler may call."""

    def __init__(
        self,
        parts: WebParts,
        listener: socket.socket | None = None,
        turned: Callable[[], object] | None = None,
        patience: float = HANGING_SECONDS,
    ) -> None:
        """Takes connections from `listener`, or binds the address of the settings. Errors: as `bind`.

        Shape: `turned` is called now and then, for as long as requests are answered; no more where all threads hang for longer than
               `patience`.
        """
        settings = parts.settings
        self._socket = listener or bind(settings.host, settings.port)
        self._server = Listener(
            create_app(parts),
            self._socket,
            settings.threads,
            connection_limit=settings.connection_limit,
            backlog=BACKLOG,
            asyncore_use_poll=True,
            channel_timeout=IDLE_SECONDS,
            recv_bytes=65536,
            max_request_body_size=settings.max_body_bytes + 1,
            max_request_header_size=HEADER_LIMIT_BYTES,
            expose_tracebacks=False,
            clear_untrusted_proxy_headers=True,
            ident=None,
            **_proxies(settings),
        )
        self._stopping = threading.Event()
        self._turned = turned
        self._patience = patience

    @property
    def url(self) -> str:
        """Where it listens."""
        return url_of(self._socket)

    def stop(self) -> None:
        """Asks `run` to end: no new connection is taken, and what is under way is answered first."""
        self._stopping.set()
        self._server.pull_trigger()

    def run(self) -> None:
        """Serves. It ends after `stop`, when the last answer has left or the patience is over."""
        keep_on("the web server", self._turn, self._stopping)
        self._server.accepting = False
        self._server.del_channel()
        self._socket.close()
        patience = time.monotonic() + STOP_SECONDS
        while self._is_busy() and time.monotonic() < patience:
            self._turn()
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._server._map)

    def _turn(self) -> None:
        wasyncore.loop(timeout=LOOP_SECONDS, use_poll=True, map=self._server._map, count=1)
        if self._turned is not None and not self._server.task_dispatcher.stand(self._patience):
            self._turned()

    def _is_busy(self) -> bool:
        """Whether a request is being read, worked on or answered."""
        return any(
            channel.request is not None or channel.requests or channel.total_outbufs_len
            for channel in list(self._server.active_channels.values())
        )


def serve(parts: WebParts, *, ready: Callable[[str], None] | None = None, turned: Callable[[], object] | None = None) -> None:
    """Serves until SIGTERM or SIGINT. `ready` is told the address once connections are taken. Errors: as `bind`.

    Shape: `turned` as `Server` has it.
    """
    server = Server(parts, turned=turned)
    with until_told(server.stop):
        if ready is not None:
            ready(server.url)
        server.run()


@contextmanager
def until_told(stop: Callable[[], None]) -> Iterator[None]:
    """Calls `stop` on SIGTERM and SIGINT while the block lasts."""

    def end(number: int, frame: FrameType | None) -> None:
        stop()

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def url_of(listener: socket.socket) -> str:
    """The address of a bound socket: `http://127.0.0.1:8080`."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _proxies(settings: WebSettings) -> dict[str, Any]:
    """Whom to believe about who asks: nobody, or so many reverse proxies as the settings count."""
    if not settings.proxies:
        return {}
    return {
        "trusted_proxy": "*",
        "trusted_proxy_count": settings.proxies,
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto"},
    }


def bind(host: str, port: int) -> socket.socket:
    """A socket bound to an address. Errors: Faulty with CFG-PORT-BUSY, CFG-PORT-FORBIDDEN or CFG-HOST."""
    where = f"{host}:{port}"
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    except (socket.gaierror, UnicodeError, OverflowError) as error:
        raise Faulty([Fault.of("CFG-HOST", value=where, reason=str(error))]) from error
    listener = socket.socket(family, kind, protocol)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(address)
    except OSError as error:
        listener.close()
        code = {errno.EADDRINUSE: "CFG-PORT-BUSY", errno.EACCES: "CFG-PORT-FORBIDDEN"}.get(error.errno or 0, "CFG-HOST")
        raise Faulty([Fault.of(code, value=where, reason=error.strerror or str(error))]) from error
    return listener
