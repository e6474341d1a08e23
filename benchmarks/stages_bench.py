"""The processor time of each stage of an order, one message after the other by one thread: what a profiler is to be run on.

Run:    python benchmarks/stages_bench.py [--engine sqlite|postgresql] [--orders 300] [--log FILE]
Prints: for SQLite and for PostgreSQL the processor time that each stage takes an order, in this process, and that the database takes.

The orders and the homes are those of `pipeline_bench.py`. The stages log as those of a running gateway do, to a file: writing the lines is
a part of what an order takes.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack, redirect_stderr
from email.parser import BytesHeaderParser
from pathlib import Path

from database_server import Server, server_if_any
from order_homes import erp_folder, house_of, make_homes, names
from processor_time import postmaster, processor_seconds
from sealed_orders import seal_all

from edi_gateway.bootstrap import House
from edi_gateway.cli.logs import set_up_logging
from edi_gateway.cli.serve import settle_memory
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.web import ReceivedRequest
from edi_gateway.services.receive import receive

WARM = 50


def measure(count: int, folder: Path, server: Server | None) -> None:
    """The processor time of each stage, as of a gateway that has run for a while.

    The first orders, which maps and statements are compiled for, are not counted.
    """
    engine = "sqlite" if server is None else "postgresql"
    url = server.database() if server is not None else None
    pair = make_homes(folder, url)
    database = postmaster(url)
    requests = [_received(one.request) for one in seal_all(pair, range(1, WARM + count + 1))]
    with house_of(pair) as house, house.store.hold():
        set_up_logging(house.settings.log)
        house.prepare_folders()
        _play(house, requests[:WARM])
        settle_memory()
        before, base = time.process_time(), processor_seconds(database)
        spent = _play(house, requests[WARM:])
        whole, shared = time.process_time() - before, processor_seconds(database) - base
        done = len(names(erp_folder(pair))) - WARM
    words = "  ".join(f"{name} {seconds / count * 1000:.2f}" for name, seconds in spent.items())
    print(
        f"{engine}, by stage, one thread, {done} ERP files; ms of processor an order: {words}  all {whole / count * 1000:.2f}",
        end="",
    )
    print(f"  the database {shared / count * 1000:.2f}" if server is not None else "")


def _play(house: House, requests: Sequence[ReceivedRequest]) -> Counter[str]:
    """Takes orders through every stage; the processor seconds of each."""
    spent: Counter[str] = Counter()
    handlers = house.handlers()
    for request in requests:
        _timed(spent, "receive", lambda request=request: receive(house.gateway, request))
    for task in (Task.TRANSLATE, Task.MAP):
        for row_id in _waiting(house, task, len(requests)):
            _timed(spent, task.value, lambda task=task, row_id=row_id: handlers[task]({"id": row_id}))
    return spent


def _waiting(house: House, task: Task, count: int) -> list[int]:
    with house.store.read() as uow:
        if task is Task.TRANSLATE:
            return [row.id or 0 for row in uow.transmissions.find(direction=Direction.IN)][-count:]
        return [row.id or 0 for row in uow.sets.find(direction=Direction.IN, state=SetIn.VALID)]


def _timed(spent: Counter[str], name: str, work: object) -> None:
    assert callable(work)
    begun = time.process_time()
    work()
    spent[name] += time.process_time() - begun  # type: ignore[assignment]  # a Counter adds seconds as well


def _received(request: bytes) -> ReceivedRequest:
    head, _, body = request.partition(b"\r\n\r\n")
    _, _, lines = head.partition(b"\r\n")
    headers = tuple((name, str(value)) for name, value in BytesHeaderParser().parsebytes(lines + b"\r\n\r\n").items())
    return ReceivedRequest(headers=headers, body=body, remote_address="127.0.0.1")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--engine", choices=("sqlite", "postgresql"), action="append", help="one of them alone")
    parser.add_argument("--orders", type=int, default=300, metavar="N", help="how many orders are measured")
    parser.add_argument("--log", type=Path, metavar="FILE", help="keep what the stages log")
    parser.add_argument("--postgresql", metavar="URL", help="the server to measure on, instead of one that is started")
    wanted = parser.parse_args()
    engines = wanted.engine or ["sqlite", "postgresql"]
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="edi-gateway-bench-")))
        log = stack.enter_context((wanted.log or folder / "stages.log").open("a", buffering=1))
        stack.enter_context(redirect_stderr(log))
        server = server_if_any(wanted.postgresql, stack) if "postgresql" in engines else None
        for engine in engines:
            if engine == "sqlite" or server is not None:
                measure(wanted.orders, folder / engine, server if engine == "postgresql" else None)


if __name__ == "__main__":
    main()
