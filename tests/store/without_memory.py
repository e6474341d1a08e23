"""A process in which one allocation after the other fails, while a thread does something with a store: others must go on after it.

Arguments: the database's file, what is done, and how many allocations fail from each one on. It prints how many of the calls failed, and
exits with 1 where a later call of another thread does not end.
"""

import _testcapi
import faulthandler
import gc
import sqlite3
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.ports.rows import Transmission
from edi_gateway.store import SqlStore, open_store
from edi_gateway.testing.clock import HandClock

SOON = 10
LEASE = timedelta(minutes=5)
US = "us:"
clock = HandClock()


def write(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.transmissions.add(Transmission(direction=Direction.OUT, state=Outbound.READY, created_at=clock.now()))
        unit.enqueue("send", key="send:1", id=1)


def read(store: SqlStore) -> None:
    with store.read() as unit:
        unit.transmissions.get(1)


def claim(store: SqlStore) -> None:
    store.jobs.claim(clock.now(), owner=US, lease=LEASE)


def exchange(store: SqlStore) -> None:
    job = store.jobs.claim(clock.now(), owner=US, lease=LEASE)
    assert job is not None
    store.jobs.exchange(job, clock.now(), owner=US, lease=LEASE)


def retry(store: SqlStore) -> None:
    job = store.jobs.claim(clock.now(), owner=US, lease=LEASE)
    assert job is not None
    store.jobs.retry(job, clock.now(), Fault.of("STO-303", task="send", key="send:1"))


def wait(store: SqlStore) -> None:
    claim(store)
    store.jobs.wait(timedelta(milliseconds=1))


def go_on(store: SqlStore, ended: threading.Event) -> None:
    """What any other thread does, after the one that was interrupted has given back what it had claimed."""
    store.jobs.recover(US)
    write(store)
    exchange(store)
    read(store)
    ended.set()


def is_read(file: Path) -> bool:
    """Whether a transaction is left that reads, after the collector has run: the log can then never be emptied."""
    gc.collect()
    with closing(sqlite3.connect(file)) as other:
        busy, *_ = other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return bool(busy)


def main(file: Path, what: Callable[[SqlStore], None], width: int) -> int:
    faulthandler.enable()
    store = open_store(f"sqlite:///{file}", file.with_name("payloads"), clock)
    write(store)
    gc.freeze()  # What is there by now stays: the collector need look at what a failure leaves behind alone, which is much quicker.
    number = failed = passed = 0
    while passed < 3:
        store.jobs.recover()
        write(store)
        failure = None
        _testcapi.set_nomemory(number, number + width)
        try:
            what(store)
        except BaseException as error:
            failure = error
        finally:
            _testcapi.remove_mem_hooks()
        passed = 0 if failure else passed + 1
        failed += failure is not None
        del failure
        ended = threading.Event()
        others = threading.Thread(target=go_on, args=(store, ended), daemon=True)
        others.start()
        if not ended.wait(SOON):
            print(f"nobody goes on after allocation {number} and up to {width - 1} more have failed")
            faulthandler.dump_traceback()
            return 1
        others.join()
        if is_read(file):
            print(f"somebody still reads after allocation {number} and up to {width - 1} more have failed")
            return 1
        number += (width + 1) // 2
    print(failed)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), globals()[sys.argv[2]], int(sys.argv[3])))
