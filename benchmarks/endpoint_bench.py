"""The whole AS2 endpoint: signed and encrypted messages in, committed (SQLite, synchronous FULL), signed MDNs out.

Run:    python benchmarks/endpoint_bench.py [--processes 2] [--messages 2000]
Prints: for 8 and 16 senders of 10 KB, and for 8 of 1 MB: messages received, committed and answered in a second, latency median and p99,
        how many replies were not 200, and the processor time a message took. Then how long the work behind the MDNs went on.

The messages are sealed beforehand and sent over connections that stay open, by one thread that waits for whichever answers first: the
senders share the machine with the gateway, and what they take is said beside it.
"""

import argparse
import os
import selectors
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from edi_gateway import as2
from edi_gateway.bootstrap import read_terms
from edi_gateway.demo.homes import Pair, make_pair
from edi_gateway.work import system_clock

DRAIN_SECONDS = 300


@dataclass(frozen=True)
class Round:
    """One measurement: so many messages of a size, by so many senders."""

    name: str
    messages: int
    senders: int
    size: int


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=2000, help="of 10 KB; of 1 MB a tenth of that")
    options.add_argument("--processes", type=int, default=2, help="web processes of the gateway")
    wanted = options.parse_args()
    rounds = (
        Round("10 KB, 8 senders", wanted.messages, 8, 10 * 1024),
        Round("10 KB, 16 senders", wanted.messages, 16, 10 * 1024),
        Round("1 MB, 8 senders", max(1, wanted.messages // 10), 8, 1_000_000),
    )
    with tempfile.TemporaryDirectory() as folder:
        pair = make_pair(Path(folder), system_clock.now())
        settings = pair.supplier.home / "gateway.toml"
        settings.write_text(settings.read_text().replace("# processes = 2", f"processes = {wanted.processes}"))
        with serving(pair, Path(folder) / "serve.log") as gateway:
            send(pair.supplier.port, seal_all(pair, 200, 10 * 1024), senders=8)
            await_drained(pair)
            print(f"{wanted.processes} web processes, and one that translates" if wanted.processes > 1 else "one process for all")
            for one in rounds:
                measure(pair, gateway, one)


def measure(pair: Pair, gateway: int, one: Round) -> None:
    requests = seal_all(pair, one.messages, one.size)
    before, ours, started = processor_seconds(gateway), time.process_time(), time.perf_counter()
    answers = send(pair.supplier.port, requests, senders=one.senders)
    seconds = time.perf_counter() - started
    received, ours = processor_seconds(gateway) - before, time.process_time() - ours
    await_drained(pair)
    worked, whole = processor_seconds(gateway) - before, time.perf_counter() - started
    times = sorted(answers.seconds)
    print(
        f"{one.name:18} {len(times) / seconds:5.0f}/s  median {statistics.median(times) * 1000:5.1f} ms  "
        f"p99 {times[int(len(times) * 0.99) - 1] * 1000:6.1f} ms  not 200: {answers.others}  "
        f"processor a message: {received / len(times) * 1000:.2f} ms, with all work {worked / len(times) * 1000:.2f} ms, "
        f"senders {ours / len(times) * 1000:.2f} ms; received and worked through {len(times) / whole:.0f}/s"
    )


def seal_all(pair: Pair, count: int, size: int) -> list[bytes]:
    """The retailer's messages as HTTP requests, each under its own Message-ID. The payload is no X12, which is found out later."""
    terms = read_terms(pair.retailer.home)
    now = system_clock.now()
    key, recipient = terms.keys.signing(now), terms.keys.recipient(terms.book.partners[0], now)
    payload = (b"0123456789abcde\n" * (size // 16 + 1))[:size]
    started = time.perf_counter()
    return [
        http_request(
            as2.seal(
                b"%d\n" % number + payload,
                as2_from="RETAILER",
                as2_to="SUPPLIER",
                message_id=f"<{number}.{started}@bench.invalid>",
                when=now,
                signing_key=key,
                recipients=[recipient],
            )
        )
        for number in range(count)
    ]


def http_request(sealed: as2.Sealed) -> bytes:
    lines = [f"{name}: {value}" for name, value in sealed.headers]
    head = "\r\n".join(["POST /as2 HTTP/1.1", "Host: gateway", *lines])
    return f"{head}\r\n\r\n".encode("latin-1") + sealed.body


@dataclass
class Answers:
    """How long each answer took, and how many were not 200."""

    seconds: list[float] = field(default_factory=list)
    others: int = 0


class Sender:
    """One connection that sends a request, waits for the whole answer and sends the next."""

    def __init__(self, port: int, waiting: Iterator[bytes], answers: Answers) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._waiting = waiting
        self._answers = answers
        self._got = b""

    def begin(self) -> bool:
        """Sends the next request; False where none is left."""
        request = next(self._waiting, None)
        if request is None:
            self.socket.close()
            return False
        self._got, self._started = b"", time.perf_counter()
        self.socket.sendall(request)
        return True

    def take(self) -> bool:
        """Reads what has come; whether the answer is whole."""
        block = self.socket.recv(65536)
        self._got += block
        head, mark, body = self._got.partition(b"\r\n\r\n")
        if block and (not mark or len(body) < int(head.lower().partition(b"content-length:")[2].split(None, 1)[0])):
            return False
        self._answers.seconds.append(time.perf_counter() - self._started)
        self._answers.others += not head.startswith(b"HTTP/1.1 200 ")
        return True


def send(port: int, requests: Sequence[bytes], *, senders: int) -> Answers:
    answers, waiting = Answers(), iter(requests)
    with selectors.DefaultSelector() as ready:
        for sender in [Sender(port, waiting, answers) for _ in range(senders)]:
            if sender.begin():
                ready.register(sender.socket, selectors.EVENT_READ, sender)
        while ready.get_map():
            for key, _ in ready.select():
                sender = key.data
                if sender.take():
                    ready.unregister(sender.socket)
                    if sender.begin():
                        ready.register(sender.socket, selectors.EVENT_READ, sender)
    return answers


@contextmanager
def serving(pair: Pair, log: Path) -> Iterator[int]:
    """The supplier's gateway, running; its process id."""
    with log.open("wb") as file:
        command = [sys.executable, "-m", "edi_gateway", "serve", "--home", str(pair.supplier.home)]
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT)
        try:
            wait_until(lambda: answers_at(f"{pair.supplier.url}/healthz"), "the gateway did not start")
            yield process.pid
        finally:
            process.terminate()
            process.wait()


def await_drained(pair: Pair) -> None:
    """Waits until no work item is due."""
    database = next(pair.supplier.home.rglob("*.db"))

    def drained() -> bool:
        with sqlite3.connect(f"file:{database}?mode=ro", uri=True) as connection:
            (left,) = connection.execute("SELECT count(*) FROM jobs WHERE task = 'translate' AND state <> 'parked'").fetchone()
        connection.close()
        return bool(left == 0)

    wait_until(drained, "the work behind the MDNs does not end")


def wait_until(done: Callable[[], bool], otherwise: str) -> None:
    end = time.monotonic() + DRAIN_SECONDS
    while not done():
        if time.monotonic() > end:
            raise SystemExit(otherwise)
        time.sleep(0.05)


def answers_at(url: str) -> bool:
    try:
        urllib.request.urlopen(url, timeout=1).close()
    except OSError:
        return False
    return True


def processor_seconds(gateway: int) -> float:
    """User and system time of a process and of those it started, where the system tells (Linux)."""
    found = 0.0
    children = Path(f"/proc/{gateway}/task/{gateway}/children")
    for process in [gateway, *map(int, children.read_text().split())] if children.exists() else []:
        spent = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:13]
        found += sum(map(int, spent)) / os.sysconf("SC_CLK_TCK")
    return found


if __name__ == "__main__":
    main()
