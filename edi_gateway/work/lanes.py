"""How the threads of a worker are shared out, how often they look, and how often a work item is tried."""

from dataclasses import dataclass
from datetime import timedelta

from edi_gateway.lifecycle.policy import RetryPolicy

RETRIES = RetryPolicy(first=timedelta(seconds=5), cap=timedelta(minutes=5), attempts=8)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """Threads for some tasks; `tasks` None is for all."""

    name: str = "all"
    threads: int = 4
    tasks: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a worker keeps time with the queue.

    Shape:  an idle thread looks every `poll`, for what falls due without a commit that wakes it; a worker gives a sign of life, and looks
            for those of others, every `look`; one that gave none for a `lease` is dead, and its jobs are another's.
    """

    poll: timedelta
    lease: timedelta
    look: timedelta


ALONE = Pace(poll=timedelta(milliseconds=500), lease=timedelta(minutes=5), look=timedelta(minutes=1))
"""Of the one gateway on its database: at its start it knows that its predecessor is dead."""
AMONG_OTHERS = Pace(poll=timedelta(seconds=2), lease=timedelta(seconds=30), look=timedelta(seconds=1))
"""Of one of many workers: each look is a question to a server, and a dead one is to be missed soon."""
