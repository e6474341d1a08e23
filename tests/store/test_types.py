"""Columns keep numbers exact and in order."""

import sqlite3
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.store.types import PART_DIGITS, WHOLE_DIGITS, fits, from_sortable, sortable

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
