"""When a shipment left: a time in a zone, or only a day."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edi_gateway.lifecycle.business import BusinessCalendar
from edi_gateway.lifecycle.departure import departed_at
from edi_gateway.records import ShipNotice

CHICAGO = BusinessCalendar(zone=ZoneInfo("America/Chicago"))
CODES = (*(f"{number:02}" for number in range(1, 25)), "GM", "LT", "UT", *(f"{area}{part}" for area in "ACEHMNPT" for part in "DST"))


def left(day: date | None, at: time | None = None, zone: str | None = None) -> datetime | None:
    return departed_at(ShipNotice(id="SHP-1", shipped_date=day, shipped_time=at, shipped_time_zone=zone), CHICAGO)


@pytest.mark.parametrize(
    ("zone", "hour"),
    [
        *((None, 14), ("LT", 14), ("CT", 14), ("CD", 13), ("ET", 13), ("ED", 12), ("UT", 8), ("GM", 8)),
        *(("01", 7), ("12", 20), ("13", 20), ("20", 13), ("24", 9), ("PT", 16), ("HS", 18), ("AS", 17), ("TT", 12)),
    ],
)
def test_a_time_is_of_the_zone_that_is_named_and_else_of_the_partner(zone: str | None, hour: int):
    found = left(date(2026, 1, 10), time(8, 40), zone)
    assert found is not None
    assert (found.hour, found.minute, found.tzinfo) == (hour, 40, UTC)


def test_a_named_zone_keeps_summer_time_and_a_fixed_one_does_not():
    assert left(date(2026, 7, 10), time(8), "ET") == datetime(2026, 7, 10, 12, tzinfo=UTC)
    assert left(date(2026, 7, 10), time(8), "ES") == datetime(2026, 7, 10, 13, tzinfo=UTC)


def test_a_day_without_a_time_counts_from_its_end_and_no_day_from_nothing():
    assert left(date(2026, 1, 10)) == datetime(2026, 1, 11, 6, tzinfo=UTC)
    assert left(None, time(8), "UT") is None


@given(day=st.dates(date(2000, 1, 2), date(2100, 1, 1)), at=st.times(), zone=st.sampled_from([None, *CODES]))
def test_any_departure_lies_within_a_day_of_its_date(day: date, at: time, zone: str | None):
    found = left(day, at, zone)
    assert found is not None
    assert abs((found.date() - day).days) <= 1
