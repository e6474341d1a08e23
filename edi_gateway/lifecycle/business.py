"""Business time: the hours of working days in one zone, holidays left out. Pure arithmetic on aware times.

Opening hours are wall time, so that they move with the zone's summer time; what passes within them is real time.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

FARTHEST = 3700
"""Days looked ahead at most: a calendar that does not open for ten years never does."""


def _never(day: date) -> bool:
    return False


@dataclass(frozen=True, slots=True, kw_only=True)
class BusinessCalendar:
    """When a partner works.

    Shape:  `days` are weekdays, Monday 0; `closes` None is midnight; `is_holiday` says it of a day of the zone.
    """

    zone: tzinfo = UTC
    days: frozenset[int] = frozenset(range(5))
    opens: time = time(0)
    closes: time | None = None
    is_holiday: Callable[[date], bool] = _never

    def opening(self, day: date) -> tuple[datetime, datetime] | None:
        """From when to when a day is worked, in UTC; None for a day that is not.

        An hour that summer time skips is taken as the one after it, as zones are read everywhere (`fold` 0).
        """
        if day.weekday() not in self.days or self.is_holiday(day):
            return None
        begin = _moment(day, self.opens, self.zone)
        end = _moment(day + timedelta(days=1), time(0), self.zone) if self.closes is None else _moment(day, self.closes, self.zone)
        return (begin, end) if begin < end else None


def _moment(day: date, at: time, zone: tzinfo) -> datetime:
    return datetime.combine(day, at, zone).astimezone(UTC)


def beginning_of(calendar: BusinessCalendar, day: date) -> datetime:
    """Midnight before a day of the calendar's zone."""
    return _moment(day, time(0), calendar.zone)


def end_of(calendar: BusinessCalendar, day: date) -> datetime:
    """Midnight after a day of the calendar's zone."""
    return _moment(day + timedelta(days=1), time(0), calendar.zone)


def after(calendar: BusinessCalendar, start: datetime, length: timedelta) -> datetime:
    """When this much business time has passed since a start. Errors: ValueError where the calendar never opens."""
    left = length
    for opens, closes in _openings(calendar, start):
        begin = max(opens, start.astimezone(UTC))
        if left <= closes - begin:
            return begin + left
        left -= closes - begin
    raise ValueError("the calendar never opens")


def days_after(calendar: BusinessCalendar, start: datetime, days: int) -> datetime:
    """The same time of day so many business days later, within that day's hours; a start in closed hours counts as the next opening.

    Errors: ValueError where the calendar never opens.
    """
    wall: time | None = None
    for passed, (opens, closes) in enumerate(_openings(calendar, start)):
        if wall is None:
            wall = max(opens, start.astimezone(UTC)).astimezone(calendar.zone).time()
        if passed == days:
            there = _moment(opens.astimezone(calendar.zone).date(), wall, calendar.zone)
            return min(max(there, opens, start.astimezone(UTC)), closes)
    raise ValueError("the calendar never opens")


def between(calendar: BusinessCalendar, start: datetime, end: datetime) -> timedelta:
    """How much business time passes from one time to another; none where the end is not after the start."""
    passed = timedelta()
    for opens, closes in _openings(calendar, start):
        if opens >= end:
            break
        passed += min(closes, end.astimezone(UTC)) - max(opens, start.astimezone(UTC))
    return max(passed, timedelta())


def _openings(calendar: BusinessCalendar, start: datetime) -> Iterator[tuple[datetime, datetime]]:
    """The openings that end after a time, in order."""
    first = start.astimezone(calendar.zone).date()
    closed = 0
    for ahead in range(100 * FARTHEST):
        opening = calendar.opening(first + timedelta(days=ahead))
        closed = closed + 1 if opening is None else 0
        if closed > FARTHEST:
            return
        if opening is not None and opening[1] > start:
            yield opening
