"""When a shipment left, as its ship notice says: a time in a zone, or only the day. Pure.

Source: X12 element 623 for the zones.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from edi_gateway.lifecycle.business import BusinessCalendar, end_of
from edi_gateway.records import ShipNotice


def _hours(count: float) -> tzinfo:
    return timezone(timedelta(hours=count))


_ZONES: Mapping[str, tzinfo] = {
    "UT": UTC,
    "GM": UTC,
    **{f"{hours:02}": _hours(hours) for hours in range(1, 13)},
    # From here on they count down: 13 is twelve hours behind, 24 one.
    **{f"{25 - hours}": _hours(-hours) for hours in range(1, 13)},
    "NS": _hours(-3.5),
    "ND": _hours(-2.5),
    "NT": ZoneInfo("America/St_Johns"),
    "TS": _hours(-4),
    "TD": _hours(-3),
    "TT": ZoneInfo("America/Halifax"),
    "ES": _hours(-5),
    "ED": _hours(-4),
    "ET": ZoneInfo("America/New_York"),
    "CS": _hours(-6),
    "CD": _hours(-5),
    "CT": ZoneInfo("America/Chicago"),
    "MS": _hours(-7),
    "MD": _hours(-6),
    "MT": ZoneInfo("America/Denver"),
    "PS": _hours(-8),
    "PD": _hours(-7),
    "PT": ZoneInfo("America/Los_Angeles"),
    "AS": _hours(-9),
    "AD": _hours(-8),
    "AT": ZoneInfo("America/Anchorage"),
    "HS": _hours(-10),
    "HD": _hours(-9),
    "HT": ZoneInfo("America/Adak"),
}


def departed_at(notice: ShipNotice, calendar: BusinessCalendar) -> datetime | None:
    """When a shipment left at the latest; None where its notice does not say the day.

    Shape:  a time without a zone, or with one that is not known (LT is local time), is the calendar's; a day without a time is
            over before anything counts as late.
    """
    if notice.shipped_date is None:
        return None
    if notice.shipped_time is None:
        return end_of(calendar, notice.shipped_date)
    zone = _ZONES.get(notice.shipped_time_zone or "", calendar.zone)
    return datetime.combine(notice.shipped_date, notice.shipped_time.replace(tzinfo=None), zone).astimezone(UTC)
