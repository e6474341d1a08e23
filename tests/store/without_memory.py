"""A process in which one allocation after the other fails, while a thread does something with a store: others must go on after it.

Arguments: the database's file, what is done, and how many allocations fail from each one on. It prints how many of the calls failed, and
exits with 1 where a later call of another thread does not end.
"""

import _testcapi
import faulthandler
import sys
import threading
from collections.abc import Callable
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


def main(file: Path, what: Callable[[SqlStore], None], width: int) -> int:
    faulthandler.enable()
    store = open_store(f"sqlite:///{file}", file.with_name("payloads"), clock)
    write(store)
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
        others = threading.Thread(target=lambda: (write(store), exchange(store), read(store)), daemon=True)
        others.start()
        others.join(SOON)
        if others.is_alive():
            print(f"it hangs after allocation {number} and up to {width - 1} more have failed")
            faulthandler.dump_traceback()
            return 1
        number += 1
    print(failed)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), globals()[sys.argv[2]], int(sys.argv[3])))
