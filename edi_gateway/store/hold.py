"""One gateway a SQLite file: advisory locks beside it, which the system frees when their holder dies.

One is the gateway's. The other one is shared by the further processes that do its work: they end with it, and the next gateway
begins when the last of them has.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

from edi_gateway.faults import Fault, Faulty

PATIENCE = timedelta(seconds=10)
"""How long the processes of a gateway that is gone may take to end."""
LOOK = timedelta(milliseconds=20)


@contextmanager
def hold(file: Path) -> Iterator[None]:
    """Holds a database file for one gateway. Errors: Faulty (STO-101) where another one holds it, or still works on it."""
    handle = _opened(file, "lock")
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise _held(file, handle) from None
        _await_the_last(file, handle)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        # The file stays: removing it would let a third process lock a name that nobody else looks at.
        os.close(handle)


@contextmanager
def join(file: Path) -> Iterator[None]:
    """Works on a database file for the gateway that holds it; no other one can hold it meanwhile."""
    handle = _opened(file, "crew")
    try:
        fcntl.flock(handle, fcntl.LOCK_SH)
        yield
    finally:
        os.close(handle)


def _await_the_last(file: Path, holder: int) -> None:
    handle, end = _opened(file, "crew"), time.monotonic() + PATIENCE.total_seconds()
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except BlockingIOError:
                if time.monotonic() > end:
                    raise _held(file, holder) from None
            time.sleep(LOOK.total_seconds())
    finally:
        os.close(handle)


def _opened(file: Path, ending: str) -> int:
    return os.open(file.with_name(f"{file.name}.{ending}"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _held(file: Path, handle: int) -> Faulty:
    holder = os.read(handle, 20).decode("ascii", "replace").strip()
    words = f" (process {holder})" if holder else ""
    return Faulty([Fault.of("STO-101", file=file, holder=words)])
