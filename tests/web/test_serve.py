"""The server itself, over real connections on loopback."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from edi_gateway.faults import Faulty
from edi_gateway.ports.web import HttpReply, ReceivedRequest
from edi_gateway.testing.web import sample_parts
from edi_gateway.testing.web_fakes import FakeReceiver
from edi_gateway.web.serve import Server

PATIENCE = 10.0
CHECKOUT = Path(__file__).parents[2]
POST = b"POST /as2 HTTP/1.1\r\nHost: x\r\n"
CLOSING = POST + b"Connection: close\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"


@contextmanager
def served(receive: Callable[[ReceivedRequest], HttpReply], **settings: int) -> Iterator[tuple[str, int]]:
    """A running server; its address."""
    parts = sample_parts(receive=receive)
    server = Server(replace(parts, settings=replace(parts.settings, port=0, threads=4, **settings)))
    thread = threading.Thread(target=server.run)
    thread.start()
    host, _, port = server.url.removeprefix("http://").rpartition(":")
    try:
        yield host, int(port)
    finally:
        server.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def exchange(address: tuple[str, int], request: bytes, *, half_close: bool = False) -> bytes:
    """Everything that comes back on one connection."""
    with socket.create_connection(address, timeout=PATIENCE) as connection:
        connection.sendall(request)
        if half_close:
            connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts)


@dataclass
class SlowReceiver:
    """Answers only when it is let."""

    began: threading.Event = field(default_factory=threading.Event)
    may_end: threading.Event = field(default_factory=threading.Event)

    def __call__(self, request: ReceivedRequest) -> HttpReply:
        self.began.set()
        assert self.may_end.wait(PATIENCE)
        return HttpReply(status=200, body=b"kept")


def test_headers_arrive_and_leave_as_they_were_spelled():
    receiver = FakeReceiver(
        reply=HttpReply(status=200, headers=(("AS2-From", "US"), ("Message-ID", "<m@us>"), ("MIME-Version", "1.0")), body=b"MDN")
    )
    with served(receiver) as address:
        answer = exchange(
            address,
            CLOSING + b"AS2-FROM: a\r\nX-Two: 1\r\nX-Two: 2\r\nContent-Length: 4\r\n\r\nbody",
        )

    [request] = receiver.received
    assert request.headers == (
        ("Host", "x"),
        ("Connection", "close"),
        ("AS2-FROM", "a"),
        ("X-Two", "1"),
        ("X-Two", "2"),
        ("Content-Length", "4"),
    )
    head, _, body = answer.partition(b"\r\n\r\n")
    assert body == b"MDN"
    for line in (b"AS2-From: US", b"Message-ID: <m@us>", b"MIME-Version: 1.0", b"Content-Length: 3"):
        assert line in head.split(b"\r\n")


def test_a_chunked_message_arrives_whole():
    receiver = FakeReceiver()
    with served(receiver) as address:
        exchange(
            address,
            CLOSING + CHUNKED + b"4\r\nISA*\r\n3\r\n00*\r\n0\r\n\r\n",
        )
    assert [request.body for request in receiver.received] == [b"ISA*00*"]


@pytest.mark.parametrize(
    "request_bytes",
    [
        POST + b"Content-Length: 100\r\n\r\nhalf of it",
        POST + CHUNKED + b"64\r\nhalf of it",
        POST + CHUNKED + b"zz\r\nhalf of it\r\n",
        POST + b"Content-Length: 1e3\r\n\r\n",
        POST + b"Content-Len",
        b"\x16\x03\x01\x02\x00\x01\x00",
    ],
)
def test_what_is_cut_off_or_garbage_never_reaches_the_receiver_and_is_no_500(request_bytes):
    receiver = FakeReceiver()
    with served(receiver) as address:
        answer = exchange(address, request_bytes, half_close=True)
        assert b" 500 " not in answer.split(b"\r\n")[0]
        assert b"200 OK" in exchange(address, b"GET /as2 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert receiver.received == []


@pytest.mark.parametrize("framing", [b"Content-Length: 2000\r\n\r\n", CHUNKED + b"7d0\r\n" + b"x" * 2000 + b"\r\n0\r\n\r\n"])
def test_a_message_over_the_limit_is_refused_with_413(framing):
    receiver = FakeReceiver()
    with served(receiver, max_body_bytes=1000) as address:
        answer = exchange(address, CLOSING + framing)
    assert answer.startswith(b"HTTP/1.1 413")
    assert receiver.received == []


def test_a_message_under_way_is_answered_before_the_server_ends():
    receiver = SlowReceiver()
    parts = sample_parts(receive=receiver)
    server = Server(replace(parts, settings=replace(parts.settings, port=0, threads=2)))
    thread = threading.Thread(target=server.run)
    thread.start()
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        connection.sendall(POST + b"Content-Length: 1\r\n\r\nx")
        assert receiver.began.wait(PATIENCE)
        server.stop()
        receiver.may_end.set()
        assert connection.recv(65536).startswith(b"HTTP/1.1 200")
    thread.join(PATIENCE)
    assert not thread.is_alive()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)


def test_an_open_connection_without_a_request_does_not_hold_the_end_up():
    with served(FakeReceiver()) as address, socket.create_connection(address, timeout=PATIENCE):
        pass


def test_a_busy_port_is_a_coded_fault_that_says_what_to_do():
    parts = sample_parts()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Faulty) as caught:
            Server(replace(parts, settings=replace(parts.settings, port=port)))
    [fault] = caught.value.faults
    assert fault.code == "CFG-PORT-BUSY"
    assert str(port) in fault.message
    assert "gateway.toml" in fault.fix


@pytest.mark.parametrize("host", ["192.0.2.1", "no.such.host.invalid", "a" * 70])
def test_an_address_that_is_not_ours_is_a_coded_fault(host):
    parts = sample_parts()
    with pytest.raises(Faulty) as caught:
        Server(replace(parts, settings=replace(parts.settings, host=host, port=0)))
    assert [fault.code for fault in caught.value.faults] == ["CFG-HOST"]


def test_sigterm_ends_the_process_in_good_order():
    program = "from dataclasses import replace; from edi_gateway.testing.web import sample_parts; from edi_gateway.web.serve import serve; "
    program += "p = sample_parts(); serve(replace(p, settings=replace(p.settings, port=0)), ready=lambda url: print(url, flush=True))"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program], cwd=CHECKOUT, **pipes) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, errors) == (0, "")
