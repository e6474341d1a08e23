"""When windows warn and end: laws of business time over summer time, leap days, weekends and holidays, and cases as a table."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from edi_gateway.lifecycle.business import BusinessCalendar, after, between, days_after
from edi_gateway.lifecycle.windows import Counted, Span, Window, clock, ends, ends_by

ROUND = BusinessCalendar()
HOUR = timedelta(hours=1)

zones = st.sampled_from(["UTC", "America/New_York", "Europe/Berlin", "Asia/Shanghai", "Australia/Lord_Howe", "Asia/Kolkata"]).map(ZoneInfo)
starts = st.datetimes(datetime(2023, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone
hours = st.integers(0, 23)


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    opens = time(draw(hours), draw(st.sampled_from([0, 30])))
    closes = draw(st.none() | hours.filter(lambda hour: hour > opens.hour).map(lambda hour: time(hour)))
    holidays = frozenset(draw(st.lists(st.dates(date(2023, 1, 1), date(2030, 3, 1)), max_size=40)))
    return BusinessCalendar(
        zone=draw(zones),
        days=frozenset(draw(st.sets(st.integers(0, 6), min_size=1))),
        opens=opens,
        closes=closes,
        is_holiday=holidays.__contains__,
    )


@given(calendars(), starts, st.integers(0, 200 * 60).map(lambda minutes: timedelta(minutes=minutes)))
def test_what_was_added_is_what_passes(calendar: BusinessCalendar, start: datetime, length: timedelta) -> None:
    end = after(calendar, start, length)
    assert end >= start
    assert between(calendar, start, end) == length


@given(calendars(), starts, st.integers(0, 90))
def test_a_window_in_business_time_ends_within_opening_hours(calendar: BusinessCalendar, start: datetime, days: int) -> None:
    for end in (days_after(calendar, start, days), after(calendar, start, days * HOUR)):
        # Closing at midnight is the day before's.
        days_around = {(end - early).astimezone(calendar.zone).date() for early in (timedelta(0), timedelta(microseconds=1))}
        openings = [opening for day in days_around if (opening := calendar.opening(day)) is not None]
        assert any(opens <= end <= closes for opens, closes in openings)


@given(calendars(), starts, st.timedeltas(timedelta(0), timedelta(days=20)), st.integers(0, 30))
def test_who_begins_later_is_not_due_earlier(calendar: BusinessCalendar, start: datetime, later: timedelta, days: int) -> None:
    # Wall times that occur twice, or not at all, on one day may swap two starts within that hour.
    assert after(calendar, start, days * HOUR) <= after(calendar, start + later, days * HOUR)
    assert days_after(calendar, start, days) <= days_after(calendar, start + later, days) + HOUR


@given(calendars(), starts, st.integers(0, 30))
def test_so_many_business_days_pass_between(calendar: BusinessCalendar, start: datetime, days: int) -> None:
    end = days_after(calendar, start, days)
    first = after(calendar, start, timedelta(0)).astimezone(calendar.zone).date()
    last = (end - timedelta(microseconds=1) if end > start else end).astimezone(calendar.zone).date()
    worked = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert abs(sum(calendar.opening(day) is not None for day in worked) - 1 - days) <= 1


@given(
    calendars(),
    starts,
    st.sampled_from(Counted),
    st.integers(1, 40),
    st.floats(0, 1) | st.integers(0, 100).map(lambda n: Span(length=n * HOUR)) | st.just(Span(length=HOUR, counted=Counted.HOURS)),
)
def test_the_warning_comes_within_the_window(
    calendar: BusinessCalendar, start: datetime, counted: Counted, length: int, warn: float | Span
) -> None:
    span = Span(length=timedelta(days=length) if counted is Counted.DAYS else length * HOUR, counted=counted)
    found = ends(Window(span=span, warn=warn), calendar, start)
    assert start <= found.warn_at <= found.due_at


@given(calendars(), starts, st.dates(date(2024, 1, 1), date(2029, 1, 1)), st.integers(0, 72), st.booleans())
@example(BusinessCalendar(zone=ZoneInfo("America/New_York")), datetime(2024, 2, 1, tzinfo=UTC), date(2024, 2, 29), 0, False)
def test_a_window_on_a_date_ends_on_its_side_of_the_day(
    calendar: BusinessCalendar, start: datetime, day: date, length: int, ahead: bool
) -> None:
    found = ends_by(Window(span=Span(length=length * HOUR), ahead=ahead), calendar, start, day)
    begins = datetime.combine(day, time(0), calendar.zone)
    if ahead:
        assert found.due_at == begins.astimezone(UTC) - length * HOUR
    else:
        assert found.due_at == datetime.combine(day + timedelta(days=1), time(0), calendar.zone).astimezone(UTC) + length * HOUR


NEW_YORK = BusinessCalendar(
    zone=ZoneInfo("America/New_York"),
    opens=time(9),
    closes=time(17),
    is_holiday={date(2026, 11, 26), date(2024, 12, 25)}.__contains__,
)


@pytest.mark.parametrize(
    ("start", "span", "due"),
    [
        # Friday 16:00 in New York: one hour is left, and seven of Monday.
        ("2026-03-06T16:00", Span(length=8 * HOUR, counted=Counted.HOURS), "2026-03-09T16:00"),
        # The night on which summer time begins lies between: 48 hours around the clock are an hour later by the wall.
        ("2026-03-07T12:00", Span(length=24 * HOUR), "2026-03-08T13:00"),
        ("2026-10-31T12:00", Span(length=24 * HOUR), "2026-11-01T11:00"),
        # Business days keep the hour of the wall over it.
        ("2026-03-06T12:00", Span(length=timedelta(days=1), counted=Counted.DAYS), "2026-03-09T12:00"),
        # Wednesday before Thanksgiving.
        ("2026-11-25T10:00", Span(length=timedelta(days=1), counted=Counted.DAYS), "2026-11-27T10:00"),
        # Sunday counts as Monday's opening.
        ("2026-03-08T03:00", Span(length=timedelta(days=2), counted=Counted.DAYS), "2026-03-11T09:00"),
        # A leap day is a Thursday like any other.
        ("2024-02-28T16:00", Span(length=8 * HOUR, counted=Counted.HOURS), "2024-02-29T16:00"),
        ("2024-02-28T16:00", Span(length=timedelta(days=2), counted=Counted.DAYS), "2024-03-01T16:00"),
        # Before opening, and after closing.
        ("2026-03-10T06:00", Span(length=2 * HOUR, counted=Counted.HOURS), "2026-03-10T11:00"),
        ("2026-03-10T20:00", Span(length=2 * HOUR, counted=Counted.HOURS), "2026-03-11T11:00"),
    ],
)
def test_windows_of_a_partner_in_new_york(start: str, span: Span, due: str) -> None:
    here = NEW_YORK.zone
    begun = datetime.fromisoformat(start).replace(tzinfo=here)
    assert ends(Window(span=span), NEW_YORK, begun).due_at == datetime.fromisoformat(due).replace(tzinfo=here)


def test_a_window_around_the_clock_warns_when_three_quarters_have_passed() -> None:
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
    found = ends(clock(hours=24), ROUND, friday)
    assert found.due_at == friday + 24 * HOUR
    assert found.warn_at == friday + 18 * HOUR


def test_a_window_in_business_hours_does_not_warn_on_sunday() -> None:
    friday = datetime(2026, 3, 6, 16, 0, tzinfo=NEW_YORK.zone)
    found = ends(Window(span=Span(length=8 * HOUR, counted=Counted.HOURS)), NEW_YORK, friday)
    assert found.warn_at == datetime(2026, 3, 9, 14, 0, tzinfo=NEW_YORK.zone)


def test_a_warning_may_come_so_long_before_the_end() -> None:
    start = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
    assert ends(Window(span=Span(length=24 * HOUR), warn=Span(length=4 * HOUR)), ROUND, start).warn_at == start + 20 * HOUR
    assert ends(Window(span=Span(length=2 * HOUR), warn=Span(length=4 * HOUR)), ROUND, start).warn_at == start


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        ends(clock(hours=1), ROUND, datetime(2026, 3, 6))  # noqa: DTZ001


def test_a_calendar_that_never_opens_says_so() -> None:
    with pytest.raises(ValueError, match="never opens"):
        after(BusinessCalendar(is_holiday=lambda day: True), datetime(2026, 3, 6, tzinfo=UTC), HOUR)
