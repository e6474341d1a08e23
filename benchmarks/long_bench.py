"""A message of very many orders: how long nobody else may write on SQLite while it is translated, and what memory that takes.

python benchmarks/long_bench.py [--sets 100000] [--lines 2]
"""

import argparse
import gc
import logging
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import structlog

from edi_gateway.bootstrap import House, read_terms
from edi_gateway.demo.homes import make_pair
from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.ports.rows import Transmission
from edi_gateway.services.translate import translate

EVERY = 0.02
"""Seconds between two transactions of the other writer."""


def orders(sets: int, lines: int) -> Iterator[bytes]:
    """One interchange with one group, a set at a time."""
    yield b"ISA*00*          *00*          *ZZ*RETAILER       *ZZ*SUPPLIER       *260302*0900*U*00401*000000001*0*P*>~\n"
    yield b"GS*PO*RETAILER*SUPPLIER*20260302*0900*1*X*004010~\n"
    items = "".join(f"PO1*{line}*6*CA*18**BP*B000124*VP*SKU-78~\n" for line in range(1, lines + 1))
    for number in range(1, sets + 1):
        head = f"ST*850*{number:09}~\nBEG*00*SA*L{number:08}**20260302~\nDTM*002*20260317~\nN1*ST*Example Stores DC 4*92*0042~\n"
        yield f"{head}N3*1 Dock Road~\nN4*Springfield*IL*62701*US~\n{items}CTT*{lines}~\nSE*{lines + 7}*{number:09}~\n".encode()
    yield f"GE*{sets}*1~\nIEA*1*000000001~\n".encode()


class Other:
    """Another writer of the process, who writes something small again and again and notes how long it waited for its turn."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.waits: list[float] = []

    def __enter__(self) -> "Other":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ending.wait(EVERY):
            began = time.perf_counter()
            with self._house.store.begin(promising=False) as uow:
                uow.control_numbers.claim("bench")
                self.waits.append(time.perf_counter() - began)


def memory(what: str) -> int:
    """Units: MB."""
    found = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith(what))
    return int(found.split()[1]) // 1024


def received(house: House, sets: int, lines: int) -> int:
    """Keeps the message, a block of it in memory at a time; its row's id."""
    with house.store.scratch() as file:
        for part in orders(sets, lines):
            file.write(part)
        with house.store.begin() as uow:
            (partner,) = house.gateway.book.partners
            row = uow.transmissions.add(
                Transmission(
                    direction=Direction.IN,
                    state=Inbound.RECEIPTED,
                    created_at=datetime.now(UTC),
                    partner=partner.key,
                    content=uow.payloads.put_file(file),
                )
            )
    assert row.id is not None
    return row.id


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--sets", type=int, default=100_000)
    parser.add_argument("--lines", type=int, default=2)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    with tempfile.TemporaryDirectory() as folder:
        house = House(read_terms(make_pair(Path(folder), datetime.now(UTC)).supplier.home))
        house.prepare_folders()
        row = received(house, options.sets, options.lines)
        gc.collect()
        before, began, processor = memory("VmRSS"), time.perf_counter(), time.process_time()
        with Other(house) as other:
            translate(house.gateway, row)
        took, processor = time.perf_counter() - began, time.process_time() - processor
        longest = [f"{wait:.2f}" for wait in sorted(other.waits)[-3:]]
        print(f"{options.sets} orders of {options.lines} lines: {took:.1f} s, {processor:.1f} s of processor, {before} MB before,", end=" ")
        print(f"{memory('VmHWM')} MB at most; another writer waited {', '.join(longest)} s at the longest ({len(other.waits)} times)")
        house.close()


if __name__ == "__main__":
    main()
