"""Threads that outlive whatever they meet: a full queue that nobody works on looks like one that is empty."""

import logging
import threading
from collections.abc import Callable

from edi_gateway.ports.store import Unavailable

log = logging.getLogger(__name__)

PAUSE = 1.0
"""Seconds of rest after a failure: a database that is away is not asked without end."""


def keep_on(what: str, step: Callable[[], object], stopping: threading.Event) -> None:
    """Calls `step` until it is time to stop. Shape: `what` is what the log calls it.

    No failure ends it: not even one that cannot be told of, as without memory, nor a panic of a library's Rust, which is no Exception.
    """
    while not stopping.is_set():
        try:
            step()
        except BaseException as failure:
            tell(what, failure)
            _rest(stopping)


def tell(what: str, failure: BaseException) -> None:
    """Logs what something was interrupted by, where that can be told at all."""
    try:
        if isinstance(failure, Unavailable):
            log.warning("%s waits for the database: %s", what, failure)
        else:
            log.error("%s was interrupted and goes on", what, exc_info=failure)
    except BaseException:
        return  # There is nothing left to tell it with.


def _rest(stopping: threading.Event) -> None:
    try:
        stopping.wait(PAUSE)
    except BaseException:
        return  # Without memory not even a rest is to be had.
