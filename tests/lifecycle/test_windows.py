"""When windows end."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from edi_gateway.lifecycle.windows import due_at


def test_a_window_runs_around_the_clock() -> None:
    friday = datetime(2026, 3, 6, 17, 0, tzinfo=UTC)
    assert due_at(friday, timedelta(hours=24)) == datetime(2026, 3, 7, 17, 0, tzinfo=UTC)


def test_a_calendar_that_is_handed_in_decides() -> None:
    def next_monday(start: datetime, length: timedelta) -> datetime:
        return start + timedelta(days=7 - start.weekday()) + length

    assert due_at(datetime(2026, 3, 6, tzinfo=UTC), timedelta(hours=1), next_monday) == datetime(2026, 3, 9, 1, tzinfo=UTC)


def test_the_hour_that_summer_time_skips_counts_as_no_time() -> None:
    before = datetime(2026, 3, 7, 12, 0, tzinfo=ZoneInfo("America/New_York"))
    assert due_at(before, timedelta(hours=24)) == datetime(2026, 3, 8, 17, 0, tzinfo=UTC)


def test_a_start_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        due_at(datetime(2026, 3, 6), timedelta(hours=1))  # noqa: DTZ001
