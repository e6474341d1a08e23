"""How workers on PostgreSQL know of a death: each holds a lock, which the server takes back when a dead process's connection closes.

That a lock is gone is no proof: a connection may be cut while its process works on. But that process connects anew and its heart goes on
to beat. One that does neither, look after look, is dead.
"""

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

LOOKS = 4
"""So many looks in a row find a dead worker without lock and heartbeat."""
_KIND = int.from_bytes(b"edig")
_MOST = 2**31
"""A lock's number has 31 bits; only of every so many workers two share one."""

_LOCK = "SELECT pg_advisory_lock_shared(%s::int, %s::int)"
_UNLOCK = "SELECT pg_advisory_unlock_shared(%s::int, %s::int)"
_WITHOUT = text(
    f"""
    SELECT worker.id, worker.last_heartbeat FROM procrastinate_workers AS worker WHERE worker.id % {_MOST} NOT IN (
        SELECT objid::bigint FROM pg_locks
        WHERE locktype = 'advisory' AND classid = {_KIND} AND objsubid = 2
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
    """  # noqa: S608 - numbers of ours
)
_BURY = text("UPDATE procrastinate_workers SET last_heartbeat = 'epoch' WHERE id = ANY(:workers)")


class Lifeline:
    """The locks of a process's workers, on one connection of its own. They are shared ones: nobody ever waits for them."""

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._held: set[int] = set()

    def hold(self, workers: Collection[int]) -> None:
        """Holds a lock for each of these and for no other. Errors: psycopg's."""
        for worker in set(workers) - self._held:
            self._driver.execute(_LOCK, (_KIND, worker % _MOST))
            self._held.add(worker)
        for worker in self._held - set(workers):
            self._driver.execute(_UNLOCK, (_KIND, worker % _MOST))
            self._held.remove(worker)


class Silence:
    """Who gave no sign of life, and in how many looks of ours: by looks and not by time, as we may be stopped for a while ourselves."""

    def __init__(self) -> None:
        self._looks: dict[tuple[int, datetime], int] = {}

    def bury(self, connect: Callable[[], Connection]) -> None:
        """One look: makes those who were silent in too many of them as silent as if they had never given a sign."""
        before = self._looks
        self.forget()
        connection = connect()
        silent = [(worker, beat) for worker, beat in connection.execute(_WITHOUT)]
        self._looks = {one: before.get(one, 0) + 1 for one in silent}
        dead = [worker for (worker, _), looks in self._looks.items() if looks >= LOOKS]
        if dead:
            connection.execute(_BURY, {"workers": dead})

    def forget(self) -> None:
        """Begins anew: who could not reach the database cannot say of others that they did not."""
        self._looks = {}
