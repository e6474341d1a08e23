"""How long we wait and how often we try: values of an agreement, without a clock."""

from dataclasses import dataclass, field
from datetime import timedelta

from edi_gateway.lifecycle.windows import Window, clock


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """Growing intervals with an end. Units: `jitter` is a part of the interval (0.1 is plus or minus ten per cent)."""

    first: timedelta = timedelta(minutes=5)
    factor: float = 2.0
    cap: timedelta = timedelta(hours=1)
    attempts: int = 12
    duration: timedelta = timedelta(hours=24)
    jitter: float = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class CircuitPolicy:
    """When an address that does not answer is left alone: after so many failures in a row, for so long, then one post probes it."""

    failures: int = 5
    wait: timedelta = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much a partner's server takes. None is for no limit."""

    posts_per_minute: int | None = None
    concurrent_posts: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """What a partner is given time for, and what we have. `answers` maps the set that answers ("855") to the time for it."""

    mdn: Window = clock(minutes=30)
    functional_ack: Window = clock(hours=24)
    ta1: Window = clock(hours=24)
    answers: dict[str, Window] = field(default_factory=dict)
    departure: Window | None = None
    """How long after the departure that it tells of a ship notice of ours may be sent."""
