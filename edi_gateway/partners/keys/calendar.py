"""The keys under `calendar` of a partner file: in which zone, and on which days and hours, business windows run."""

from datetime import date, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from edi_gateway.config.declared import Key
from edi_gateway.config.kinds import Kind, Unfit, choice, list_of, pattern
from edi_gateway.config.placed import Placed

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _zone(value: Placed) -> ZoneInfo:
    try:
        return ZoneInfo(str(value.content))
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise Unfit(value, "It needs a time zone's name, such as America/Chicago or Europe/Berlin.") from None


def _time(value: Placed) -> time:
    try:
        found = time.fromisoformat(str(value.content))
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise Unfit(value, 'It needs a time of the day, such as "08:30".')
    return found


def _date(value: Placed) -> date:
    try:
        return date.fromisoformat(str(value.content))
    except ValueError:
        raise Unfit(value, "It needs a day, such as 2026-12-24.") from None


_ZONE = Kind(name="time zone", expects="a time zone such as America/Chicago", read=_zone)
_TIME = Kind(name="time of day", expects='a time of the day such as "08:30"', read=_time)
_DATE = Kind(name="day", expects="a day such as 2026-12-24", read=_date)
_HOLIDAYS = pattern("holidays", "a country's code with or without a region's, such as US or DE-BY", "[A-Z]{2}(?:-[A-Z0-9]{1,3})?")

ZONE = Key(
    path="calendar.zone", kind=_ZONE, default=ZoneInfo("UTC"), shown="`UTC`", example="America/Chicago",
    words="The partner's time zone: their business hours are of it, dates of documents are days of it, and lists show times in it.",
)  # fmt: skip
WORKDAYS = Key(
    path="calendar.days", kind=list_of(choice(*DAYS)), default=DAYS[:5], shown="`mon` to `fri`", example="[mon, tue, wed, thu]",
    words="The days that are worked.",
)  # fmt: skip
OPENS = Key(path="calendar.opens", kind=_TIME, default=time(0), shown="midnight", example='"08:00"', words="When business hours begin.")
CLOSES = Key[time | None](
    path="calendar.closes", kind=_TIME, default=None, shown="midnight", example='"17:00"', words="When business hours end."
)
HOLIDAYS = Key[tuple[str, ...]](
    path="calendar.holidays", kind=list_of(_HOLIDAYS), default=(), example="US-TX",
    words="Countries, or regions of them, whose public holidays are not worked (ISO 3166 codes, as the package `holidays` has them).",
)  # fmt: skip
CLOSED = Key[tuple[date, ...]](
    path="calendar.closed", kind=list_of(_DATE), default=(), example="[2026-12-24, 2026-12-31]", words="Further days that are not worked."
)

KEYS: tuple[Key[Any], ...] = (ZONE, WORKDAYS, OPENS, CLOSES, HOLIDAYS, CLOSED)
