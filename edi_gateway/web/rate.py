"""How many requests one may make: as many at once as a minute gives, then as they come back with the time."""

from datetime import datetime, timedelta
from threading import Lock

MINUTE = timedelta(minutes=1)


class Rate:
    """A bucket for each name, kept in memory: of this process alone, and full again after a restart.

    Shape:  names come from a closed set (tokens that are known), so that the memory is bounded.
    """

    def __init__(self, a_minute: int) -> None:
        self._size = float(a_minute)
        self._left: dict[object, tuple[float, datetime]] = {}
        self._lock = Lock()

    def take(self, name: object, now: datetime) -> timedelta:
        """Zero where the request may be made, and is counted; else how long until one may be."""
        with self._lock:
            left, at = self._left.get(name, (self._size, now))
            now = max(now, at)
            left = min(self._size, left + self._size * ((now - at) / MINUTE))
            if left >= 1:
                self._left[name] = (left - 1, now)
                return timedelta(0)
            self._left[name] = (left, now)
            return MINUTE * ((1 - left) / self._size)
