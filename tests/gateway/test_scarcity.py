"""A gateway that runs short of what its machine gives: nothing is promised that is not kept, and it goes on by itself."""

import resource
import shutil
import socket
import sqlite3
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from edi_gateway.demo.homes import Pair
from edi_gateway.ports.channels import Answer, Unreached
from edi_gateway.testing.interchanges import group, interchange, order_lines

from .serving import Serving, each_is_delivered_once, serving

pytestmark = pytest.mark.slow

LARGE = 2_000_000
"""More than stands in the database: such a payload is a file of its own."""
SHORT = timedelta(seconds=3)
Post = Callable[..., Answer | Unreached]


def numbered(count: int, first: int = 1) -> list[str]:
    return [f"PO-{number}" for number in range(first, first + count)]


def order(number: str, *, lines: int = 0, size: int = 0) -> bytes:
    """An interchange with one order, with so many more lines, and blank lines behind it up to a size."""
    control = int(number.rpartition("-")[2])
    set_id, *segments, _ = order_lines(number)
    more = [f"PO1*{line}*1*EA*1**BP*B{line:06}" for line in range(3, 3 + lines)]
    content = interchange([group("PO", str(control), [(set_id, *segments, *more, f"CTT*{2 + lines}")])], control=control)
    return content + b"\n" * max(0, size - len(content))


def is_kept(answer: Answer | Unreached) -> bool:
    """Whether an MDN was given; anything else has to be a plain "come again"."""
    if isinstance(answer, Unreached):
        return False
    assert answer.status in (200, 503), answer
    return answer.status == 200


class Sender:
    """A partner that sends the same bytes until it has its MDN."""

    def __init__(self, pair: Pair, post: Post) -> None:
        self._pair, self._post = pair, post
        self.unkept: dict[str, bytes] = {}

    def send(self, numbers: Sequence[str], *, lines: int = 0, size: int = 0, patience: timedelta = SHORT) -> list[bool]:
        """Posts each once; which of them were kept."""
        for number in numbers:
            self.unkept[number] = order(number, lines=lines, size=size)
        return [self._once(number, patience) for number in numbers]

    def insist(self, until: Callable[..., None]) -> None:
        """Posts what was not kept until it is."""
        for number in list(self.unkept):
            until(f"{number} is kept", lambda number=number: self._once(number, timedelta(seconds=20)))

    def _once(self, number: str, patience: timedelta) -> bool:
        kept = is_kept(self._post(self._pair, self.unkept[number], f"<{number.rpartition('-')[2]}@retailer.example>", patience))
        if kept:
            del self.unkept[number]
        return kept


@pytest.fixture
def pair(homes: Callable[[str], Pair]) -> Pair:
    return homes("sync")


@pytest.fixture
def sender(pair: Pair, post: Post) -> Sender:
    return Sender(pair, post)


def lift(gateway: Serving, what: int) -> None:
    """Ends a shortage: what still runs has all there is again, and what died of it is started anew, as a supervisor does."""
    if gateway.is_dead():
        gateway.kill()
        gateway.start()
    else:
        gateway.limit(what, resource.RLIM_INFINITY)


def test_without_memory_a_large_message_is_asked_for_again_and_nothing_is_lost(pair: Pair, sender: Sender, until) -> None:
    with serving(pair.supplier) as gateway:
        assert sender.send(["PO-1"]) == [True]
        for room, number in ((0, "PO-2"), (2 << 20, "PO-3")):
            gateway.limit(resource.RLIMIT_DATA, gateway.data() + room)
            before = gateway.said().count("MemoryError")
            sender.send([number], lines=4000, patience=timedelta(seconds=20))
            until("it ran out of memory", lambda before=before: gateway.is_dead() or gateway.said().count("MemoryError") > before)
            lift(gateway, resource.RLIMIT_DATA)
        sender.insist(until)
        each_is_delivered_once(pair.supplier, numbered(3), until)


def test_without_file_handles_messages_are_asked_for_again_and_it_recovers_by_itself(pair: Pair, sender: Sender, until) -> None:
    with serving(pair.supplier) as gateway:
        assert sender.send(["PO-1"]) == [True]
        process = gateway.process.pid
        refused = 0
        for more, numbers in ((0, numbered(2, 2)), (1, numbered(2, 4)), (2, numbered(2, 6)), (3, numbered(2, 8))):
            gateway.limit(resource.RLIMIT_NOFILE, gateway.handles() + 1 + more)
            refused += sender.send(numbers, size=LARGE).count(False)
            gateway.limit(resource.RLIMIT_NOFILE, resource.RLIM_INFINITY)
        assert refused, "it was never short of file handles"
        sender.insist(until)
        each_is_delivered_once(pair.supplier, numbered(9), until)
        assert (gateway.is_dead(), gateway.process.pid) == (False, process)


@contextmanager
def small_disk(folder: Path) -> Iterator[None]:
    """A disk of its own for a folder, of 24 MB; skipped where none may be mounted."""
    kept = shutil.copytree(folder, folder.with_name("kept"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "edi-gateway", str(folder)], capture_output=True, text=True)
    if mounted.returncode:
        pytest.skip(f"no disk may be mounted here: {mounted.stderr.strip()}")
    try:
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize("kind", ["a small disk", "a limit on files"])
def test_where_the_disk_fills_up_what_comes_is_asked_for_again(pair: Pair, sender: Sender, until, kind: str) -> None:
    data = pair.supplier.home / "data"
    with ExitStack() as stack:
        if kind == "a small disk":
            stack.enter_context(small_disk(data))
        gateway = stack.enter_context(serving(pair.supplier))
        assert sender.send(["PO-1"]) == [True]
        if kind == "a small disk":
            fill(data / "ballast")
        else:
            gateway.limit(resource.RLIMIT_FSIZE, 1000)
        assert sender.send(numbered(3, 2), size=LARGE) == [False] * 3
        assert sender.send(numbered(2, 5)) == [False] * 2
        assert not gateway.is_dead()
        if kind == "a small disk":
            (data / "ballast").unlink()
        else:
            gateway.limit(resource.RLIMIT_FSIZE, resource.RLIM_INFINITY)
        sender.insist(until)
        each_is_delivered_once(pair.supplier, numbered(6), until)
        assert not gateway.is_dead()


def fill(file: Path) -> None:
    """Writes until the disk is full."""
    with file.open("wb", buffering=0) as ballast:
        for block in (1 << 20, 1 << 12, 1):
            try:
                while ballast.write(b"\0" * block):
                    pass
            except OSError:
                continue


SHIM = """
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
static int refused(void) { const char *file = getenv("SYNC_REFUSED"); return file && access(file, F_OK) == 0; }
static int call(const char *name, int handle) { return ((int (*)(int)) dlsym(RTLD_NEXT, name))(handle); }
int fsync(int handle) { if (refused()) { errno = EIO; return -1; } return call("fsync", handle); }
int fdatasync(int handle) { if (refused()) { errno = EIO; return -1; } return call("fdatasync", handle); }
"""
"""A disk that says of what it was given that it could not be made durable: as long as the file SYNC_REFUSED is there."""


@pytest.fixture
def refusing(tmp_path: Path) -> tuple[dict[str, str], Path]:
    """Surroundings in which a sync fails while a file is there, and the file."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("there is no C compiler to make a failing fsync with")
    source, library, switch = tmp_path / "sync.c", tmp_path / "sync.so", tmp_path / "refused"
    source.write_text(SHIM)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    return {"LD_PRELOAD": str(library), "SYNC_REFUSED": str(switch)}, switch


@pytest.mark.parametrize("then", ["goes on", "is killed"])
def test_what_the_disk_did_not_make_durable_is_never_promised(
    pair: Pair, sender: Sender, until, refusing: tuple[dict[str, str], Path], then: str
) -> None:
    surroundings, switch = refusing
    with serving(pair.supplier, surroundings) as gateway:
        assert sender.send(["PO-1"]) == [True]
        switch.touch()
        assert sender.send(numbered(3, 2)) == [False] * 3
        assert sender.send(numbered(2, 5), size=LARGE) == [False] * 2
        if then == "is killed":
            gateway.kill()
        switch.unlink()
        if then == "is killed":
            gateway.start()
        sender.insist(until)
        each_is_delivered_once(pair.supplier, numbered(6), until)


def test_while_another_process_holds_the_database_messages_wait_or_are_asked_for_again(pair: Pair, sender: Sender, until) -> None:
    with serving(pair.supplier) as gateway:
        assert sender.send(["PO-1"]) == [True]
        with closing(sqlite3.connect(pair.supplier.home / "data" / "gateway.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert sender.send(["PO-2"], patience=timedelta(seconds=20)) == [False], "it waits for ten seconds and no longer"
            waiting = threading.Thread(target=lambda: sender.send(["PO-3"], patience=timedelta(seconds=20)))
            waiting.start()
            waiting.join(2)
            assert waiting.is_alive()
            other.execute("ROLLBACK")
            waiting.join()
        assert list(sender.unkept) == ["PO-2"], "what waited for less was taken"
        sender.insist(until)
        each_is_delivered_once(pair.supplier, numbered(3), until)
        assert not gateway.is_dead()


HEADERS = b"POST /as2 HTTP/1.1\r\nHost: gateway\r\n"
BODY = HEADERS + b"AS2-From: RETAILER\r\nAS2-To: SUPPLIER\r\nMessage-ID: <slow@retailer.example>\r\nContent-Length: 100000\r\n\r\n"


@contextmanager
def dripping(port: int, *, headers: int, bodies: int) -> Iterator[None]:
    """So many connections that send a request's headers, or its body, a byte at a time."""
    stop = threading.Event()
    with ExitStack() as stack:
        lines = [stack.enter_context(socket.create_connection(("127.0.0.1", port))) for _ in range(headers + bodies)]
        for number, line in enumerate(lines):
            line.sendall(HEADERS if number < headers else BODY)

        def drip() -> None:
            while not stop.wait(0.5):
                for line in lines:
                    line.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()


def test_slow_headers_and_slow_bodies_hold_up_nobody_else(pair: Pair, sender: Sender, until) -> None:
    with serving(pair.supplier) as gateway:
        with dripping(pair.supplier.port, headers=200, bodies=40):
            assert sender.send(numbered(10), patience=timedelta(seconds=10)) == [True] * 10
        each_is_delivered_once(pair.supplier, numbered(10), until)
        assert not gateway.is_dead()
