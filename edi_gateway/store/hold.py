"""One gateway a SQLite file: an advisory lock beside it, which the system frees when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edi_gateway.faults import Fault, Faulty


@contextmanager
def hold(file: Path) -> Iterator[None]:
    """Holds a database file for one gateway. Errors: Faulty (STO-101) where another one holds it."""
    path = file.with_name(file.name + ".lock")
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode("ascii", "replace").strip()
            words = f" (process {holder})" if holder else ""
            raise Faulty([Fault.of("STO-101", file=file, holder=words)]) from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        # The file stays: removing it would let a third process lock a name that nobody else looks at.
        os.close(handle)
