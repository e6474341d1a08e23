"""One trace a document's way: from the receipt or the ERP's file to the last MDN, every log line of ours bears it.

It travels in the log's context within a thread, and with the work item from one to the next, whichever process does that one.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from structlog.contextvars import bound_contextvars, get_contextvars

NAME = "trace"


@contextmanager
def traced(known: str | None = None) -> Iterator[None]:
    """The block's log lines bear this trace, or a new one."""
    with bound_contextvars(**{NAME: known or secrets.token_hex(8)}):
        yield


def carried() -> dict[str, str]:
    """The trace of now, to be given to a work item; nothing where there is none."""
    found = get_contextvars().get(NAME)
    return {NAME: str(found)} if found else {}
