"""Threads that answer requests and hang: it is noticed, and a web process whose threads all hang is killed and started again."""

import logging
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.ports.web import HttpReply, ReceivedRequest
from edi_gateway.testing.web import sample_parts
from edi_gateway.web.outlast import Threads
from edi_gateway.web.serve import Server, bind
from edi_gateway.work.children import Children, Patience

PROCESS = Path(__file__).with_name("hanging_process.py")
ENOUGH = 30.0
LOOK = 0.1


class Request:
    """A request as a thread answers it: it hangs until it is let go."""

    def __init__(self) -> None:
        self.began, self.may_end = threading.Event(), threading.Event()

    def service(self) -> None:
        self.began.set()
        assert self.may_end.wait(ENOUGH)

    def cancel(self) -> None:
        raise AssertionError


class Hands:
    """The time and the processor time of a process, turned by hand."""

    def __init__(self) -> None:
        self.time = self.used = 0.0

    def pass_by(self, seconds: float, used: float = 0.0) -> None:
        self.time += seconds
        self.used += used


@contextmanager
def threads(count: int, hands: Hands) -> Iterator[tuple[Threads, Callable[[], Request]]]:
    """Threads on this clock, and what hands them a request."""
    team, requests = Threads(count, lambda: hands.time, lambda: hands.used), list[Request]()

    def ask() -> Request:
        requests.append(Request())
        one: Any = requests[-1]
        team.add_task(one)
        return requests[-1]

    try:
        yield team, ask
    finally:
        for one in requests:
            one.may_end.set()
        team.shutdown()


def test_threads_stand_where_a_request_waits_and_none_of_them_ends() -> None:
    hands = Hands()
    with threads(2, hands) as (team, ask):
        at_work = [ask(), ask()]
        assert all(one.began.wait(ENOUGH) for one in at_work)
        hands.pass_by(1000)
        assert not team.stand(60), "nobody waits for them"
        waiting = ask()
        hands.pass_by(60)
        assert not team.stand(60), "it has not waited long enough"
        hands.pass_by(1)
        assert team.stand(60)
        at_work[0].may_end.set()
        assert waiting.began.wait(ENOUGH)
        assert not team.stand(60)


def test_threads_that_take_requests_or_use_the_processor_do_not_stand() -> None:
    hands = Hands()
    with threads(1, hands) as (team, ask):
        requests = [ask() for _ in range(4)]
        for one in requests[:3]:
            assert one.began.wait(ENOUGH)
            hands.pass_by(50)
            assert not team.stand(60)
            one.may_end.set()
        assert requests[3].began.wait(ENOUGH)
        ask()
        hands.pass_by(600, used=90)
        assert not team.stand(60), "it is at something long"
        hands.pass_by(600)
        assert team.stand(60)


def post(listener: socket.socket, body: bytes) -> socket.socket:
    """A connection on which a message is on its way."""
    connection = socket.create_connection(listener.getsockname()[:2], timeout=ENOUGH)
    connection.sendall(b"POST /as2 HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
    return connection


@pytest.mark.slow
def test_a_web_process_whose_threads_all_hang_is_killed_and_started_again(caplog: pytest.LogCaptureFixture) -> None:
    listener, ended = bind("127.0.0.1", 0), list[int]()
    listener.listen()
    command = [sys.executable, str(PROCESS), str(listener.fileno()), "0.5"]
    patience = Patience(well=50, silent=50, start=1000)
    children = Children("web", command, 1, inherited=(listener.fileno(),), ended=ended.append, patience=patience)

    def looks_until(reached: Callable[[], object], what: str) -> None:
        end = time.monotonic() + ENOUGH
        while not reached():
            assert time.monotonic() < end, what
            time.sleep(LOOK)
            children.look()

    children.start()
    connections: list[socket.socket] = []
    try:
        connections += [post(listener, b"hang") for _ in range(2)]
        looks_until(children.alive, "it does not begin")
        looks = iter(range(70))
        looks_until(lambda: next(looks, None) is None, "this many looks")
        assert ended == [], "nobody waits: it goes on"

        connections.append(post(listener, b"hang"))
        looks_until(lambda: ended, "it is not killed")
        connections.append(post(listener, b"a message"))
        assert connections[-1].recv(4096).startswith(b"HTTP/1.1 200 ")
    finally:
        children.stop(timedelta(0))
        listener.close()
        for one in connections:
            one.close()
    assert [one.getMessage().split()[0] for one in caplog.records if one.levelno == logging.ERROR] == ["STO-307", "STO-306"]


@pytest.mark.slow
def test_a_web_server_whose_threads_all_hang_gives_no_sign_of_life_before_one_of_them_is_free() -> None:
    may_end, turns = threading.Event(), list[float]()

    def receive(request: ReceivedRequest) -> HttpReply:
        assert may_end.wait(ENOUGH)
        return HttpReply(status=200, body=b"ours")

    def eventually(reached: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + ENOUGH
        while not reached():
            assert time.monotonic() < end, what
            time.sleep(LOOK)

    def silent() -> bool:
        return time.monotonic() - turns[-1] > 1.5

    parts, listener = sample_parts(receive=receive), bind("127.0.0.1", 0)
    parts = replace(parts, settings=replace(parts.settings, threads=2))
    server = Server(parts, listener, lambda: turns.append(time.monotonic()), patience=0.5)
    listener.listen()
    running = threading.Thread(target=server.run, daemon=True)
    running.start()
    connections: list[socket.socket] = []
    try:
        eventually(lambda: bool(turns), "it does not begin")
        connections += [post(listener, b"hang") for _ in range(3)]
        eventually(silent, "it still gives a sign of life")
        may_end.set()
        eventually(lambda: not silent(), "it goes on")
    finally:
        may_end.set()
        server.stop()
        running.join(ENOUGH)
        for one in connections:
            one.close()
