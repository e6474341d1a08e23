"""When a window warns and when it ends: around the clock, or in a partner's business time. Pure."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from edi_gateway.lifecycle.business import BusinessCalendar, after, beginning_of, between, days_after, end_of


class Counted(StrEnum):
    """What of the time counts."""

    CLOCK = "clock"
    """Every hour, and none twice: a zone's summer time would skip or repeat one."""
    HOURS = "business hours"
    DAYS = "business days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A length of time. Shape: of business days, `length` is as many days."""

    length: timedelta
    counted: Counted = Counted.CLOCK


class Since(StrEnum):
    """What a window runs from, beside a transaction set of ours ("855"), from whose delivery it may run, too."""

    RECEIVED = "received"
    """From when the document came; of what we send, from its delivery."""
    SHIP_BY = "ship_by"
    DELIVER_BY = "deliver_by"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How long something may take.

    Shape:  `warn` is the part of it that passes before the warning (0.75), or how long before its end that comes; `since` is one of
            `Since`, or a transaction set; `ahead` where it ends so long before the date of `since`, not after it.
    """

    span: Span
    warn: float | Span = 0.75
    since: str = Since.RECEIVED
    ahead: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """When a window warns, and when it is over. Units: UTC."""

    warn_at: datetime
    due_at: datetime


def clock(**length: float) -> Window:
    """A window around the clock that runs from when something came: `clock(hours=24)`."""
    return Window(span=Span(length=timedelta(**length)))


def ends(window: Window, calendar: BusinessCalendar, start: datetime) -> Ends:
    """When a window that opens now warns and ends. Errors: ValueError for a start without a time zone."""
    if start.tzinfo is None:
        raise ValueError(f"a window needs an aware start, not {start}")
    return _with_warning(window, calendar, start.astimezone(UTC), _passed(window.span, calendar, start))


def ends_by(window: Window, calendar: BusinessCalendar, opened: datetime, day: date) -> Ends:
    """When a window that hangs on a date ends: so long after the day is over, or so long before it begins.

    The date is a day of the calendar's zone. A window may be over before it is opened.
    """
    begins, is_over = beginning_of(calendar, day), end_of(calendar, day)
    due = begins - window.span.length if window.ahead else _passed(window.span, calendar, is_over)
    return _with_warning(window, calendar, opened.astimezone(UTC), due)


def _passed(span: Span, calendar: BusinessCalendar, start: datetime) -> datetime:
    match span.counted:
        case Counted.CLOCK:
            return start.astimezone(UTC) + span.length
        case Counted.HOURS:
            return after(calendar, start, span.length)
        case Counted.DAYS:
            return days_after(calendar, start, span.length.days)


def _with_warning(window: Window, calendar: BusinessCalendar, opened: datetime, due: datetime) -> Ends:
    warn = _warning(window, calendar, opened, due)
    return Ends(warn_at=min(max(warn, opened), due), due_at=due)


def _warning(window: Window, calendar: BusinessCalendar, opened: datetime, due: datetime) -> datetime:
    """A share of business time is taken in business time: three quarters of a window over a weekend are not on Sunday."""
    if due <= opened:
        return due
    if isinstance(window.warn, Span):
        if window.warn.counted is Counted.CLOCK:
            return due - window.warn.length
        return after(calendar, opened, max(between(calendar, opened, due) - window.warn.length, timedelta()))
    if window.span.counted is Counted.CLOCK:
        return opened + (due - opened) * window.warn
    return after(calendar, opened, between(calendar, opened, due) * window.warn)
