"""What an address asks for, read from its query: forgiving, and saying so."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from edi_gateway.lifecycle.states import Direction
from edi_gateway.ports.views import MessageFilter

SQLITE_LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The messages that are wanted, the page, and what of the address could not be read. `args` is the query as it is kept in links."""

    wanted: MessageFilter
    before: int | None
    args: dict[str, str]
    notes: tuple[str, ...] = ()


def asked(query: Mapping[str, str]) -> Asked:
    """The wish in a query. A value that cannot be read is left out and named in `notes`."""
    args = {name: value.strip() for name, value in query.items() if value.strip()}
    notes: list[str] = []
    before = page_mark(args.pop("before", None))
    wanted = MessageFilter(
        text=args.get("q", ""),
        partner=args.get("partner"),
        direction=_direction(args, notes),
        set_id=args.get("document"),
        state=args.get("state"),
        since=_day(args, "since", notes),
        until=_end_of_day(args, notes),
        attention=args.get("attention") == "1",
    )
    return Asked(wanted=wanted, before=before, args=args, notes=tuple(notes))


def page_mark(value: str | None) -> int | None:
    """The row id that a page ends before; None for the first page."""
    if value is None or not (value.isascii() and value.isdecimal()):
        return None
    return min(int(value[:19]), SQLITE_LARGEST)


def _direction(args: dict[str, str], notes: list[str]) -> Direction | None:
    value = args.get("direction")
    if value is None:
        return None
    if value not in tuple(Direction):
        notes.append(f"There is no direction “{value}”: it is “in” or “out”.")
        return None
    return Direction(value)


def _day(args: dict[str, str], name: str, notes: list[str]) -> datetime | None:
    value = args.get(name)
    if value is None:
        return None
    try:
        return datetime.combine(date.fromisoformat(value), time.min, UTC)
    except ValueError:
        notes.append(f"“{value}” is not a day: write it as 2026-03-31.")
        return None


def _end_of_day(args: dict[str, str], notes: list[str]) -> datetime | None:
    begin = _day(args, "until", notes)
    return begin + timedelta(days=1) if begin and begin.date() < date.max else begin
