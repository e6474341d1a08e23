"""When to try again: a pure decision from a policy, what was tried so far, the time, and a draw for the jitter."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from edi_gateway.lifecycle.policy import RetryPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryAt:
    """Try again at this time."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhausted:
    """As often as agreed: no further try."""

    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Expired:
    """As long as agreed: no further try."""

    end: datetime


Decision: TypeAlias = RetryAt | Exhausted | Expired


def decide(policy: RetryPolicy, attempts: int, first_at: datetime, now: datetime, draw: float) -> Decision:
    """What follows a failed attempt.

    Shape:  `attempts` counts those made, the failed one included; `first_at` is when the first one began.
    Units:  `draw` is from 0 to 1: 0 shortens the interval by the jitter, 0.5 leaves it, 1 lengthens it.
    """
    end = first_at + policy.duration
    if attempts >= policy.attempts:
        return Exhausted(attempts=attempts)
    if now >= end:
        return Expired(end=end)
    wait = interval(policy, attempts) * (1 + policy.jitter * (2 * draw - 1))
    # The last try comes at the very end rather than never: what the partner was promised is the whole duration.
    return RetryAt(at=min(now + wait, end))


def interval(policy: RetryPolicy, attempts: int) -> timedelta:
    """The interval after this many attempts, without jitter: growing by the factor, up to the cap."""
    if policy.first >= policy.cap:
        return policy.cap
    if not policy.first:
        return policy.first
    steps = max(attempts - 1, 0)
    # Compared as logarithms: a power of many attempts would not fit a float.
    if steps * math.log(policy.factor) >= math.log(policy.cap / policy.first):
        return policy.cap
    return policy.first * policy.factor**steps
