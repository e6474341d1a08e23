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


class SqlControlNumbers:
    """Atomic counters. A transaction that rolls back gives its number back: there are no gaps."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect

    def claim(self, scope: str, *, low: int = 1, high: int = 999_999_999) -> int:
        return int(self._connect().execute(_CLAIM, {"scope": scope, "low": low, "high": high}).scalar_one())
