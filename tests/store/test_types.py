"""Columns keep numbers exact and in order."""

import sqlite3
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Date, DateTime
from sqlalchemy.dialects import postgresql, sqlite

from edi_gateway.store.types import PART_DIGITS, WHOLE_DIGITS, Day, UtcTime, fits, from_sortable, sortable

numbers = st.builds(
    lambda digits, shift, negative: Decimal((int(negative), tuple(map(int, str(digits))), -shift)),
    st.integers(0, 10 ** (WHOLE_DIGITS + PART_DIGITS) - 1),
    st.integers(0, PART_DIGITS),
    st.booleans(),
).filter(fits)


@given(numbers)
def test_a_number_comes_back_with_every_digit(number: Decimal) -> None:
    assert from_sortable(sortable(number)) == number


@given(numbers, numbers)
def test_kept_numbers_sort_as_numbers(one: Decimal, other: Decimal) -> None:
    assert (sortable(one) < sortable(other)) == (one < other)
    assert (sortable(one) == sortable(other)) == (one == other)


@given(numbers.filter(lambda number: number >= 0))
def test_sqlite_itself_can_sum_what_is_not_negative(number: Decimal) -> None:
    with sqlite3.connect(":memory:") as connection:
        (total,) = connection.execute("SELECT CAST(? AS REAL)", (sortable(number),)).fetchone()
    connection.close()
    assert total == pytest.approx(float(number))


@pytest.mark.parametrize("text", ["NaN", "Infinity", "1E+20", "1E-21", "-123456789012345678901"])
def test_what_does_not_fit_is_refused(text: str) -> None:
    assert not fits(Decimal(text))
    with pytest.raises(ValueError, match="digits"):
        sortable(Decimal(text))


@pytest.mark.parametrize("text", ["0", "-0", "1E+19", "1E-20", "99999999999999999999.99999999999999999999", "-0.10"])
def test_what_fits_is_kept(text: str) -> None:
    assert from_sortable(sortable(Decimal(text))) == Decimal(text)


@pytest.mark.parametrize("text", ["12.25", "0", "12345678901234567890", "0.12345678901234567890", "1E+3", "-12.25"])
def test_every_way_of_writing_a_number_down_has_the_same_width(text: str) -> None:
    assert len(sortable(Decimal(text)).lstrip("-")) == WHOLE_DIGITS + 1 + PART_DIGITS


def test_a_time_without_a_zone_is_refused() -> None:
    for dialect in (sqlite.dialect(), postgresql.dialect()):
        with pytest.raises(ValueError, match="no time zone"):
            UtcTime().bind_processor(dialect)(datetime(2026, 3, 2, 9, 0))  # noqa: DTZ001 - that is what is refused


@given(st.datetimes(timezones=st.timezones()).filter(lambda moment: 1 < moment.year < 9999), st.dates())
def test_times_and_days_are_the_text_that_sqlite_was_always_given(moment: datetime, day: date) -> None:
    dialect = sqlite.dialect()
    time_of, day_of = DateTime().dialect_impl(dialect).bind_processor(dialect), Date().dialect_impl(dialect).bind_processor(dialect)
    assert time_of is not None
    assert day_of is not None
    assert UtcTime().bind_processor(dialect)(moment) == time_of(moment.astimezone(UTC).replace(tzinfo=None))
    bound = Day().bind_processor(dialect)
    assert bound is not None
    assert bound(day) == day_of(day)
