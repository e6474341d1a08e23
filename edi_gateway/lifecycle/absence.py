"""Absence: whether a kind of document that comes regularly has not come for longer than it ever took; pure, learned from history."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

LEAST_GAPS = 10
LEAST_SPAN = timedelta(days=14)
"""With less history nothing is said: a silence is only one where we know what is usual."""
MARGIN = 1.5
SHARE_LEFT_OUT = 20
"""Of so many gaps one may be left out as unusual, and no more than one in four weeks: works holidays and breakdowns."""
WEEKS_A_BREAK = timedelta(days=28)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often something comes: the median of the gaps, and the longest silence that is still usual."""

    usual: timedelta
    longest: timedelta
    gaps: int

    @property
    def limit(self) -> timedelta:
        """From here on a silence is told of."""
        return self.longest * MARGIN


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Nothing came since `last`, for longer than is usual."""

    last: datetime
    rhythm: Rhythm


def rhythm(arrivals: Sequence[datetime]) -> Rhythm | None:
    """The rhythm of arrivals, in any order; None where there is too little history.

    Shape:  `longest` is a high quantile of the gaps: the longest one, once the few that were longer than all others are left out.
            Weekends stay in, as they come every week.
    """
    times = sorted(set(arrivals))
    gaps = sorted(later - earlier for earlier, later in pairwise(times))
    if len(gaps) < LEAST_GAPS or times[-1] - times[0] < LEAST_SPAN:
        return None
    left_out = min(len(gaps) // SHARE_LEFT_OUT, (times[-1] - times[0]) // WEEKS_A_BREAK)
    return Rhythm(usual=timedelta(seconds=median(gap.total_seconds() for gap in gaps)), longest=gaps[-1 - left_out], gaps=len(gaps))


def silence(known: Rhythm | None, last: datetime | None, now: datetime) -> Silence | None:
    """The silence since the last arrival, where it is longer than usual."""
    if known is None or last is None or now - last <= known.limit:
        return None
    return Silence(last=last, rhythm=known)


def span_words(span: timedelta) -> str:
    """A span as people say it: "3 h", "2 d 4 h", "40 min"."""
    minutes = max(round(span.total_seconds() / 60), 1)
    if minutes < 120:
        return f"{minutes} min"
    hours = round(minutes / 60)
    if hours < 48:
        return f"{hours} h"
    days, rest = divmod(hours, 24)
    return f"{days} d {rest} h" if rest else f"{days} d"
