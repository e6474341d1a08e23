"""The business calendar of a partner file, read and checked."""

from collections.abc import Callable
from datetime import date, time

from edi_gateway.config.declared import Reading
from edi_gateway.lifecycle.business import BusinessCalendar
from edi_gateway.partners.holidays import holidays_of, is_known
from edi_gateway.partners.keys import calendar as keys


def calendar_of(reading: Reading) -> BusinessCalendar:
    """When the partner works."""
    opens, closes, closed = reading.get(keys.OPENS), reading.get(keys.CLOSES), reading.get(keys.CLOSED)
    if closes == time(0):
        closes = None
    if closes is not None and closes <= opens:
        reading.fault("HOURS", reading.place(keys.CLOSES), f"{closes:%H:%M}", opens=f"{opens:%H:%M}")
        opens, closes = time(0), None
    return BusinessCalendar(
        zone=reading.get(keys.ZONE),
        days=frozenset(keys.DAYS.index(day) for day in reading.get(keys.WORKDAYS)) or frozenset(range(5)),
        opens=opens,
        closes=closes,
        is_holiday=_holidays(_known(reading), frozenset(closed)),
    )


def _known(reading: Reading) -> tuple[str, ...]:
    codes = reading.get(keys.HOLIDAYS)
    good = tuple(code for code in codes if is_known(code))
    for code in codes:
        if code not in good:
            reading.fault("HOLIDAYS-UNKNOWN", reading.place(keys.HOLIDAYS), code)
    return good


def _holidays(codes: tuple[str, ...], closed: frozenset[date]) -> Callable[[date], bool]:
    def is_holiday(day: date) -> bool:
        return day in closed or any(day in holidays_of(code, day.year) for code in codes)

    return is_holiday
