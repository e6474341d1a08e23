"""AS2 messages and MDNs over HTTP: one POST of given headers and bytes, followed nowhere, over in a given time."""

import contextlib
import http.client
import io
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import BinaryIO
from urllib.parse import SplitResult, urlsplit

import urllib3
from urllib3.connection import HTTPConnection
from urllib3.response import BaseHTTPResponse
from urllib3.util import SKIP_HEADER
from urllib3.util.ssl_ import create_urllib3_context

from edi_gateway.channels.addresses import Resolved, is_public, resolve
from edi_gateway.ports.channels import Answer, ClientKey, Unreached

LARGEST_ANSWER = 10 * 1024 * 1024
CHUNK = 64 * 1024
_BROKEN = (http.client.HTTPException, urllib3.exceptions.HTTPError, OSError, ValueError)


class HttpPoster:
    """Posts over connections of its own, one each: no redirects, no proxies, no compression, certificates always checked."""

    def __init__(self, *, largest_answer: int = LARGEST_ANSWER, resolver: Callable[[str, int], list[Resolved]] = resolve) -> None:
        self._largest_answer = largest_answer
        self._resolver = resolver

    def post(
        self,
        url: str,
        headers: Iterable[tuple[str, str]],
        body: bytes | BinaryIO,
        *,
        timeout: timedelta,
        authorities: str | None = None,
        client: ClientKey | None = None,
        chunked: bool = False,
        allow_private: bool = True,
    ) -> Answer | Unreached:
        """The response to one POST of exactly these headers and bytes; Host and Content-Length are added where they are not given.

        Shape:  a body in a file is read from its place on, its length being in the headers unless it is sent in chunks;
                `chunked` leaves Content-Length out and sends the body in chunks; `client` is shown to a server that asks for it;
                without `allow_private` every address of the host must be public, and the one checked is the
                one connected to.
        Units:  `timeout` is for all of it, from the connection to the last byte of the answer; the name look-up alone is the system's.
        """
        target = _target(url)
        if target is None:
            return Unreached(reason="forbidden_address", detail=f"{url} is not an http or https address")
        host = target.hostname or ""
        deadline = _Deadline(timeout)
        try:
            line = self._connected(target, deadline, allow_private)
        except OSError as wrong:
            return Unreached(reason="connect", detail=f"{host}: {_words(wrong)}")
        if isinstance(line, Unreached):
            return line
        with line, deadline.watching(line):
            if target.scheme == "https":
                secured = _secured(line, host, authorities, client, deadline)
                if isinstance(secured, Unreached):
                    return secured
                line = secured
            with line:
                return self._exchange(line, target, headers, _Chunks(body) if chunked else body, deadline)

    def _connected(self, target: SplitResult, deadline: "_Deadline", allow_private: bool) -> socket.socket | Unreached:
        """A connection to the first address that takes one. Errors: OSError where none does."""
        host = target.hostname or ""
        addresses = self._resolver(host, target.port or (443 if target.scheme == "https" else 80))
        for one in addresses:
            if not allow_private and not is_public(one.ip):
                return Unreached(reason="forbidden_address", detail=f"{host} is {one.ip}, which is not in the public internet")
        refused: OSError = OSError(f"no address for {host}")
        for one in addresses:
            if deadline.left() <= 0:
                break
            line = socket.socket(one.family, socket.SOCK_STREAM)
            try:
                line.settimeout(deadline.left())
                line.connect(one.sockaddr)
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                line.settimeout(None)
            except OSError as wrong:
                line.close()
                refused = wrong
            else:
                return line
        if deadline.left() <= 0 or isinstance(refused, TimeoutError):
            return Unreached(reason="timeout", detail=f"no connection to {host} within {deadline.words}")
        raise refused

    def _exchange(
        self,
        line: socket.socket,
        target: SplitResult,
        headers: Iterable[tuple[str, str]],
        body: "bytes | BinaryIO | _Chunks",
        deadline: "_Deadline",
    ) -> Answer | Unreached:
        connection = HTTPConnection(target.hostname or "", target.port, timeout=None, blocksize=CHUNK)
        connection.sock = line
        path = (target.path or "/") + (f"?{target.query}" if target.query else "")
        chunked = isinstance(body, _Chunks)
        sent = _headers(target, headers, without="content-length" if chunked else None)
        try:
            # A server may refuse and close before it has read everything: then its answer counts, not the broken pipe.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request("POST", path, body=body, headers=sent, chunked=chunked, preload_content=False, decode_content=False)
            response = connection.getresponse()
            content = self._content(response)
        except _BROKEN as wrong:
            if deadline.passed:
                return Unreached(reason="timeout", detail=f"no whole answer within {deadline.words}")
            return Unreached(reason="cut_off", detail=_words(wrong))
        finally:
            connection.close()
        if content is None:
            return Unreached(reason="too_large", detail=f"the answer is larger than {self._largest_answer} bytes")
        if deadline.passed:
            return Unreached(reason="timeout", detail=f"no whole answer within {deadline.words}")
        return Answer(status=response.status, headers=tuple(response.headers.iteritems()), body=content)

    def _content(self, response: BaseHTTPResponse) -> bytes | None:
        """The answer's body as it came; None where it is larger than we take."""
        content = bytearray()
        for part in response.stream(CHUNK, decode_content=False):
            content += part
            if len(content) > self._largest_answer:
                return None
        return bytes(content)


class _Chunks:
    """A body that is sent in chunks."""

    def __init__(self, body: bytes | BinaryIO) -> None:
        self._file = io.BytesIO(body) if isinstance(body, bytes) else body

    def __iter__(self) -> Iterator[bytes]:
        return iter(lambda: self._file.read(CHUNK), b"")


def _target(url: str) -> SplitResult | None:
    """The parts of an address; None for one that cannot be posted to."""
    try:
        target = urlsplit(url)
        port = target.port
    except ValueError:
        return None
    return target if target.scheme in ("http", "https") and target.hostname and port != 0 else None


class _Deadline:
    """An end for a whole exchange: socket time-outs begin anew with every byte of a slow peer, so past the connection there are none."""

    def __init__(self, timeout: timedelta) -> None:
        self._timeout = timeout
        self._end = time.monotonic() + timeout.total_seconds()
        self.passed = False

    @property
    def words(self) -> str:
        return f"{self._timeout.total_seconds():g} seconds"

    def left(self) -> float:
        return self._end - time.monotonic()

    @contextlib.contextmanager
    def watching(self, line: socket.socket) -> Iterator[None]:
        """Shuts the connection down at the end. It holds a descriptor of its own, since TLS takes the socket's away."""
        own = socket.socket(fileno=os.dup(line.fileno()))

        def end() -> None:
            self.passed = True
            with contextlib.suppress(OSError):
                own.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(max(self.left(), 0), end)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
            own.close()


def _secured(
    line: socket.socket, host: str, authorities: str | None, client: ClientKey | None, deadline: _Deadline
) -> ssl.SSLSocket | Unreached:
    try:
        context = _context(authorities, client, _changed_at(client.certificate, client.key) if client else 0)
    except OSError as wrong:
        return Unreached(reason="tls", detail=f"{_files(authorities, client)} cannot be used: {_words(wrong)}")
    try:
        return context.wrap_socket(line, server_hostname=host)
    except OSError as wrong:
        if deadline.passed:
            return Unreached(reason="timeout", detail=f"no TLS connection to {host} within {deadline.words}")
        return Unreached(reason="tls", detail=f"{host}: {_words(wrong)}")


def _changed_at(*files: str | None) -> int:
    """When the newest of these files was written. Errors: OSError where one is missing."""
    return max((Path(file).stat().st_mtime_ns for file in files if file), default=0)


def _files(authorities: str | None, client: ClientKey | None) -> str:
    """The files that a TLS context is made of, in words."""
    named = (("client certificate", client and client.certificate), ("client key", client and client.key))
    held = "the system's certificate authorities" if authorities is None else "the partner's ca_file"
    return " or ".join([*(f"the {kind} {file}" for kind, file in named if file), held])


@lru_cache(maxsize=64)
def _context(authorities: str | None, client: ClientKey | None, client_changed_at: int) -> ssl.SSLContext:
    """What servers are checked against and shown, kept: reading the system's authorities takes longer than a post. Errors: OSError."""
    context = create_urllib3_context(ssl_minimum_version=ssl.TLSVersion.TLSv1_2)
    context.check_hostname = True
    context.verify_mode = ssl.CERT_REQUIRED
    if authorities is None:
        context.load_default_certs()
    else:
        context.load_verify_locations(cadata=authorities)
    if client is not None:
        # An empty pass phrase fails where none would ask at the terminal.
        context.load_cert_chain(client.certificate, client.key, password=client.passphrase or "")
    return context


def _headers(target: SplitResult, headers: Iterable[tuple[str, str]], *, without: str | None) -> urllib3.HTTPHeaderDict:
    """The headers as given, repeated ones repeated, without those that urllib3 would add of its own."""
    chosen = urllib3.HTTPHeaderDict()
    given = [(name, value) for name, value in headers if name.lower() != without]
    names = {name.lower() for name, _ in given}
    if "host" not in names:
        chosen.add("Host", target.netloc.rpartition("@")[2])
    for name in ("User-Agent", "Accept-Encoding"):
        if name.lower() not in names:
            chosen.add(name, SKIP_HEADER)
    for name, value in given:
        chosen.add(name, value)
    return chosen


def _words(wrong: Exception) -> str:
    """What went wrong, in a few words of the system's."""
    if isinstance(wrong, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {wrong.verify_message}"
    if isinstance(wrong, ssl.SSLError):
        return str(wrong.reason or wrong)
    if isinstance(wrong, OSError):
        return wrong.strerror or str(wrong) or type(wrong).__name__
    return str(wrong) or type(wrong).__name__
