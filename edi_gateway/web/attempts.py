"""How often an address may try a password: the wait doubles with every failure past the first few."""

from datetime import datetime, timedelta
from threading import Lock

FREE_FAILURES = 5
LONGEST_WAIT = timedelta(minutes=5)
FORGET_AFTER = timedelta(hours=1)
ADDRESSES = 10_000


class Attempts:
    """Failures by address, kept in memory: a restart forgets them, and an address that is quiet for an hour is forgotten too."""

    def __init__(self) -> None:
        self._failures: dict[str, tuple[int, datetime]] = {}
        self._lock = Lock()

    def wait(self, address: str, now: datetime) -> timedelta:
        """How long this address has to wait before its next try; zero where it may try now."""
        with self._lock:
            count, last = self._failures.get(address, (0, now))
        if count < FREE_FAILURES:
            return timedelta(0)
        pause = min(timedelta(seconds=2 ** min(count - FREE_FAILURES, 20)), LONGEST_WAIT)
        return max(last + pause - now, timedelta(0))

    def failed(self, address: str, now: datetime) -> None:
        """Counts a failure."""
        with self._lock:
            self._forget(now)
            count, _ = self._failures.pop(address, (0, now))
            self._failures[address] = (count + 1, now)

    def succeeded(self, address: str) -> None:
        """Forgets the failures of an address that knew the password."""
        with self._lock:
            self._failures.pop(address, None)

    def _forget(self, now: datetime) -> None:
        """Drops what is old, oldest first, and the oldest where there are too many addresses."""
        while self._failures:
            address, (_, last) = next(iter(self._failures.items()))
            if now - last < FORGET_AFTER and len(self._failures) < ADDRESSES:
                return
            del self._failures[address]
