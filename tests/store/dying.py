"""A process that receives messages until it is killed, or kills itself at a named step; started by test_crash.

Arguments: the store's address, the payload folder, and either a step, "never" or "never, in threads". It prints the number of each
message once that is committed: what a partner would have been promised.
"""

import os
import signal
import sys
import threading
from pathlib import Path

from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.ports.rows import Document, Event, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.store import SqlStore, open_store
from edi_gateway.store.payloads import IN_DATABASE
from edi_gateway.testing.clock import HandClock

CLOCK = HandClock()
IN_THREADS = "never, in threads"


def small(number: int) -> bytes:
    return f"message {number}".encode()


def large(number: int) -> bytes:
    return small(number).ljust(IN_DATABASE + 1, b".")


def receive(store: SqlStore, number: int, dies_at: str) -> None:
    def step(name: str) -> None:
        if name == dies_at:
            os.kill(os.getpid(), signal.SIGKILL)

    with store.begin() as unit:
        step("begun")
        _keep(unit, number, step)
    step("committed")


def _keep(unit: UnitOfWork, number: int, step) -> None:  # type: ignore[no-untyped-def]
    wire = unit.payloads.put(large(number))
    step("large payload kept")
    content = unit.payloads.put(small(number))
    step("small payload kept")
    claimed = unit.control_numbers.claim("isa:acme")
    step("number claimed")
    row = Transmission(
        direction=Direction.IN,
        state=Inbound.RECEIPTED,
        created_at=CLOCK.now(),
        message_id=str(number),
        subject=str(claimed),
        wire=wire,
        content=content,
    )
    transmission_id = unit.transmissions.add(row).id
    step("row added")
    record = {"id": str(number), "lines": [{"line_id": "1"}, {"line_id": "2"}]}
    unit.documents.add(Document(direction=Direction.IN, kind="PurchaseOrder", record=record, created_at=CLOCK.now()))
    step("document added")
    unit.events.add(Event(at=CLOCK.now(), kind="received", words="Received.", transmission_id=transmission_id))
    unit.enqueue("translate", key=f"translate:{transmission_id}", id=transmission_id or 0)
    step("enqueued")


def receive_all(store: SqlStore, number: int, dies_at: str) -> None:
    while True:
        number += 1
        receive(store, number, dies_at)
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def main(url: str, folder: str, dies_at: str) -> None:
    store = open_store(url, Path(folder), CLOCK)
    # Each process, and each thread of it, counts from a number that none before it used.
    number = os.getpid() * 1_000_000
    if dies_at == IN_THREADS:
        for thread in range(1, 6):
            threading.Thread(target=receive_all, args=(store, number + thread * 100_000, dies_at)).start()
    receive_all(store, number, dies_at)


if __name__ == "__main__":
    main(*sys.argv[1:])
