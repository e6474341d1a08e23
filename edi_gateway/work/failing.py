"""What follows a failed attempt of a work item, whichever engine runs it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.policy import RetryPolicy
from edi_gateway.lifecycle.retry import RetryAt, decide

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """An attempt that failed. Shape: it is tried again at `again`, or parked where that is None."""

    again: datetime | None
    fault: Fault


def failed(
    error: BaseException,
    *,
    task: str,
    key: str,
    attempts: int,
    first_at: datetime,
    now: datetime,
    retries: RetryPolicy,
    draw: Callable[[], float],
) -> Failure:
    """Decides and logs. Shape: `attempts` counts this one; `first_at` is when the first one began."""
    decision = decide(retries, attempts, first_at, now, draw())
    again = decision.at if isinstance(decision, RetryAt) else None
    fault = Fault.of("STO-302" if again is None else "STO-301", task=task, key=key, attempt=attempts, reason=_reason(error))
    log.warning("%s", fault.line(), exc_info=error)
    return Failure(again=again, fault=fault)


def deadly(*, task: str, key: str, attempts: int, retries: RetryPolicy) -> Fault | None:
    """Why an attempt is not even begun: more began than are allowed, so some of them ended with their worker. None where it may be."""
    if attempts <= retries.attempts:
        return None
    fault = Fault.of("STO-305", task=task, key=key, attempt=attempts - 1)
    log.error("%s", fault.line())
    return fault


def _reason(error: BaseException) -> str:
    """The first line of what went wrong, short: a log of it stands beside."""
    lines = str(error).strip().splitlines()
    words = f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__
    return words[:300].rstrip(".")
