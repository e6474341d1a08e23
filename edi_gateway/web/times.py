"""Times and sizes as people read them."""

from datetime import datetime, timedelta

_UNITS = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def stamp(moment: datetime | None) -> str:
    """`2026-03-01 14:05:09`, in UTC; "—" where there is none."""
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "—"


def span(length: timedelta) -> str:
    """The two largest units that matter: `3 h 5 min`, `12 s`; without a sign."""
    seconds = abs(int(length.total_seconds()))
    words = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count:
            words.append(f"{count} {unit}")
        if len(words) == 2 or (words and not count):
            break
    return " ".join(words[:2]) or "0 s"


def distance(moment: datetime | None, now: datetime) -> str:
    """How far a moment is: `5 min ago`, `in 2 h`; "" where there is none."""
    if moment is None:
        return ""
    away = span(moment - now)
    if away == "0 s":
        return "now"
    return f"in {away}" if moment > now else f"{away} ago"


def size(count: int) -> str:
    """Bytes with a fitting unit: `812 B`, `14.2 kB`, `3.0 MB`."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count / 1000:.1f} kB"
    return f"{count / 1_000_000:.1f} MB"


def took(began: datetime, ended: datetime | None) -> str:
    """How long something ran: `0.42 s`; "—" while it runs."""
    return f"{(ended - began).total_seconds():.2f} s" if ended else "—"
