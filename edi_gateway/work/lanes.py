"""How the threads of a worker are shared out, and how often a work item is tried."""

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
