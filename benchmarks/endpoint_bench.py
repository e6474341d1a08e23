"""The whole AS2 endpoint: signed and encrypted messages in, committed (SQLite, synchronous FULL), signed MDNs out.

Run:    python benchmarks/endpoint_bench.py [--messages 2000] [--senders 8] [--size 10240]
Prints: messages a second, latency median and p99, and how many replies were not 200.
"""

import argparse
import http.client
import resource
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from edi_gateway import as2
from edi_gateway.bootstrap import read_terms
from edi_gateway.demo.homes import Pair, make_pair
from edi_gateway.work import system_clock


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=2000)
    options.add_argument("--senders", type=int, default=8)
    options.add_argument("--size", type=int, default=10 * 1024)
    options.add_argument("--processes", type=int, default=2)
    wanted = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        pair = make_pair(Path(folder), system_clock.now())
        settings = pair.supplier.home / "gateway.toml"
        settings.write_text(settings.read_text().replace("# processes = 2", f"processes = {wanted.processes}"))
        sealed = seal_all(pair, wanted.messages, wanted.size)
        with (Path(folder) / "serve.log").open("wb") as log:
            command = [sys.executable, "-m", "edi_gateway", "serve", "--home", str(pair.supplier.home)]
            process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            try:
                await_ready(pair)
                measure(pair, sealed, wanted.senders)
            finally:
                process.terminate()
                process.wait()
                spent = resource.getrusage(resource.RUSAGE_CHILDREN)
                used = (spent.ru_utime + spent.ru_stime) / wanted.messages * 1000
                print(f"the gateway used {used:.1f} ms of processor time a message, its start and the work behind the MDN included")


def seal_all(pair: Pair, count: int, size: int) -> list[as2.Sealed]:
    """The retailer's messages, each under its own Message-ID, with a payload that is no X12: receiving alone is measured."""
    terms = read_terms(pair.retailer.home)
    partner = terms.book.partners[0]
    now = system_clock.now()
    key, recipient = terms.keys.signing(now), terms.keys.recipient(partner, now)
    payload = (b"0123456789abcde\n" * (size // 16 + 1))[:size]
    started = time.perf_counter()
    sealed = [
        as2.seal(
            payload,
            as2_from="RETAILER",
            as2_to="SUPPLIER",
            message_id=f"<{number}.{started}@bench.invalid>",
            when=now,
            signing_key=key,
            recipients=[recipient],
        )
        for number in range(count)
    ]
    print(f"sealed {count} messages of {size} bytes: {count / (time.perf_counter() - started):.0f}/s on one core")
    return sealed


def await_ready(pair: Pair) -> None:
    for _ in range(200):
        try:
            urllib.request.urlopen(f"{pair.supplier.url}/healthz", timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the gateway did not start")


def measure(pair: Pair, sealed: Sequence[as2.Sealed], senders: int) -> None:
    latencies: list[float] = []
    others: list[int] = []
    waiting = iter(sealed)
    lock = threading.Lock()

    def send() -> None:
        line = http.client.HTTPConnection("127.0.0.1", pair.supplier.port, timeout=60)
        while True:
            with lock:
                one = next(waiting, None)
            if one is None:
                return
            started = time.perf_counter()
            line.request("POST", "/as2", body=one.body, headers=dict(one.headers))
            answer = line.getresponse()
            answer.read()
            with lock:
                latencies.append(time.perf_counter() - started)
                if answer.status != 200:
                    others.append(answer.status)

    threads = [threading.Thread(target=send) for _ in range(senders)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - started
    ordered = sorted(latencies)
    p99 = ordered[int(len(ordered) * 0.99) - 1]
    print(
        f"{len(ordered)} messages, {senders} senders: {len(ordered) / seconds:.0f}/s, "
        f"median {statistics.median(ordered) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, {len(others)} not 200"
    )


if __name__ == "__main__":
    main()
