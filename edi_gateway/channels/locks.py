"""Locks among all processes that share a folder. The system gives back those of a process that dies."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

_COUNT = 256
"""So many files serve all numbers, so that none has to be removed."""


@contextlib.contextmanager
def alone(folder: Path, number: int, *, wait: bool) -> Iterator[bool]:
    """Nobody else is in such a block with this number and folder; whether we are, as always where we wait.

    Numbers that have a file in common shut each other out as well.
    """
    folder.mkdir(parents=True, exist_ok=True)
    lock = os.open(folder / str(number % _COUNT), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        yield _is_taken(lock, wait=wait)
    finally:
        os.close(lock)


def _is_taken(lock: int, *, wait: bool) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
