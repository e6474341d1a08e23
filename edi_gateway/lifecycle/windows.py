"""When a window ends. Windows run around the clock; a business calendar is another `Calendar`, handed in the same way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeAlias

Calendar: TypeAlias = Callable[[datetime, timedelta], datetime]
"""Gives the time when this much of its own time has passed since a start; both times are aware."""


def around_the_clock(start: datetime, length: timedelta) -> datetime:
    """Every hour counts, and none twice: a zone's summer time would skip or repeat one."""
    return start.astimezone(UTC) + length


def due_at(start: datetime, length: timedelta, calendar: Calendar = around_the_clock) -> datetime:
    """When a window of this length ends. Errors: ValueError for a start without a time zone."""
    if start.tzinfo is None:
        raise ValueError(f"a window needs an aware start, not {start}")
    return calendar(start, length)
