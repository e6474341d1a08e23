"""Silence is told of by a partner's own rhythm, and never without enough history."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.lifecycle.absence import LEAST_SPAN, MARGIN, rhythm, silence, span_words

MONDAY = datetime(2026, 1, 5, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def working_days(weeks: int, *hours: int) -> list[datetime]:
    """Arrivals at these hours of Monday to Friday."""
    return [MONDAY + timedelta(weeks=week, days=day, hours=hour) for week in range(weeks) for day in range(5) for hour in hours]


@given(st.integers(2, 8), st.sets(st.integers(0, 23), min_size=1, max_size=24), st.integers(0, 6 * 24))
def test_a_partner_that_keeps_its_week_is_never_called_silent(weeks: int, hours: set[int], after: int) -> None:
    arrivals = working_days(weeks, *sorted(hours))
    known = rhythm(arrivals)
    if known is None:
        assert arrivals[-1] - arrivals[0] < LEAST_SPAN or len(arrivals) <= 10
        return
    until_monday = MONDAY + timedelta(weeks=weeks, hours=min(hours)) - arrivals[-1]
    assert silence(known, arrivals[-1], arrivals[-1] + min(after * HOUR, until_monday)) is None


def test_a_partner_that_stops_is_told_of_with_its_usual_gap() -> None:
    arrivals = working_days(6, 9, 12, 15)
    known = rhythm(arrivals)
    assert known is not None
    found = silence(known, arrivals[-1], arrivals[-1] + 5 * DAY)
    assert found is not None
    assert found.rhythm.usual == 3 * HOUR
    assert found.rhythm.longest == timedelta(days=2, hours=18)
    assert found.last == arrivals[-1]


def test_one_works_holiday_does_not_make_the_gateway_deaf() -> None:
    arrivals = [at for at in working_days(8, 9, 12, 15) if not MONDAY + 14 * DAY <= at < MONDAY + 28 * DAY]
    known = rhythm(arrivals)
    assert known is not None
    assert known.longest < 4 * DAY


@given(st.lists(st.integers(0, 59 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes)), max_size=60))
def test_the_limit_is_never_shorter_than_the_usual_gap_and_needs_history(arrivals: list[datetime]) -> None:
    known = rhythm(arrivals)
    if known is not None:
        assert known.usual <= known.longest <= known.limit == known.longest * MARGIN
        assert known == rhythm(sorted(arrivals, reverse=True))
    if len(set(arrivals)) <= 10:
        assert known is None


def test_without_history_nothing_is_said() -> None:
    assert silence(None, MONDAY, MONDAY + 365 * DAY) is None
    assert silence(rhythm(working_days(6, 9)), None, MONDAY + 365 * DAY) is None
    assert rhythm([MONDAY + n * HOUR for n in range(100)]) is None


def test_spans_are_said_as_people_say_them() -> None:
    said = [span_words(span) for span in (timedelta(0), 40 * timedelta(minutes=1), 3 * HOUR, 2 * DAY, 2 * DAY + 4 * HOUR)]
    assert said == ["1 min", "40 min", "3 h", "2 d", "2 d 4 h"]
