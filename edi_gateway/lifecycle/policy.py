"""How long we wait and how often we try: values of an agreement, without a clock."""

from dataclasses import dataclass, field
from datetime import timedelta


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
class Windows:
    """What a partner is given time for. `answers` maps the set that answers ("855") to the time for it."""

    mdn: timedelta = timedelta(minutes=30)
    functional_ack: timedelta = timedelta(hours=24)
    answers: dict[str, timedelta] = field(default_factory=dict)
