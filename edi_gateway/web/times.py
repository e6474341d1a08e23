"""Times and sizes as people read them."""

from datetime import datetime, timedelta

from edi_gateway.lifecycle.windows import Counted, Since, Window

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


def window(agreed: Window) -> str:
    """How long a window is, in words: `24 h`, `2 business days`, `6 h before deliver by`."""
    length = agreed.span.length
    match agreed.span.counted:
        case Counted.CLOCK:
            words = span(length)
        case Counted.HOURS:
            words = f"{length // timedelta(hours=1)} business hours"
        case Counted.DAYS:
            words = f"{length.days} business day{'' if length.days == 1 else 's'}"
    if agreed.since == Since.RECEIVED:
        return words
    return f"{words} {'before' if agreed.ahead else 'after'} {agreed.since.replace('_', ' ')}"


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
