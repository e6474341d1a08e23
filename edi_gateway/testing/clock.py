"""A clock that is turned by hand."""

from datetime import UTC, datetime, timedelta


class HandClock:
    """Stands still until it is turned."""

    def __init__(self, at: datetime = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)) -> None:
        self._at = at

    def now(self) -> datetime:
        return self._at

    def turn(self, by: timedelta) -> datetime:
        """Moves on, or back where `by` is negative; the time it shows then."""
        self._at += by
        return self._at
