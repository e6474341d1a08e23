"""Control numbers: a row a scope, moved on in the transaction that uses the number."""

from collections.abc import Callable

from sqlalchemy import Connection, text

# Written out: both databases read this, and SQLAlchemy has a construct of its own for each.
# A range that was moved since begins anew: outside it there is no next number.
_CLAIM = text(
    """
    INSERT INTO control_numbers (scope, last) VALUES (:scope, :low)
    ON CONFLICT (scope) DO UPDATE SET last = CASE
        WHEN control_numbers.last >= :high OR control_numbers.last < :low THEN :low
        ELSE control_numbers.last + 1
    END
    RETURNING last
    """
)

# The first statement writes at once, so that who comes second waits; the update to itself locks a row that was there.
_LOCK = text("UPDATE control_numbers SET last = last WHERE scope = :scope RETURNING last")
_FIRST = text("INSERT INTO control_numbers (scope, last) VALUES (:scope, :number) ON CONFLICT (scope) DO NOTHING RETURNING last")
_MOVE = text("UPDATE control_numbers SET last = :number WHERE scope = :scope")
_ROUND = 1000


class SqlControlNumbers:
    """Atomic counters. A transaction that rolls back gives its number back: there are no gaps."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect

    def claim(self, scope: str, *, low: int = 1, high: int = 999_999_999) -> int:
        return int(self._connect().execute(_CLAIM, {"scope": scope, "low": low, "high": high}).scalar_one())

    def seen(self, scope: str, number: int) -> int | None:
        connection = self._connect()
        if connection.execute(_FIRST, {"scope": scope, "number": number}).first() is not None:
            return None
        before = int(connection.execute(_LOCK, {"scope": scope}).scalar_one())
        begins_anew = before > _ROUND and number < before // 2
        if number > before or begins_anew:
            connection.execute(_MOVE, {"scope": scope, "number": number})
        return before
