"""Control numbers: a row a scope, moved on in the transaction that uses the number."""

from collections.abc import Callable, Sequence

from sqlalchemy import Connection, text

from edi_gateway.store.statements import Driven, array_of

# Written out: both databases read this, and SQLAlchemy has a construct of its own for each.
# A range that was moved since begins anew: outside it there is no next number.
_OR_NEXT = """
    ON CONFLICT (scope) DO UPDATE SET last = CASE
        WHEN control_numbers.last >= :high OR control_numbers.last < :low THEN :low
        ELSE control_numbers.last + 1
    END
    RETURNING scope, last
"""
_CLAIM = Driven(text(f"INSERT INTO control_numbers (scope, last) VALUES (:scope, :low) {_OR_NEXT}"))  # noqa: S608 - texts of ours
# The rows are locked in the order in which they are named.
_ASKED = "SELECT scope, :low FROM unnest(CAST(:scopes AS text[])) WITH ORDINALITY AS asked (scope, place) ORDER BY place"
_CLAIM_ALL = Driven(text(f"INSERT INTO control_numbers (scope, last) {_ASKED} {_OR_NEXT}"))

# A statement that writes comes first, so that who comes second waits: the update to itself locks the row that is there.
_LOCK = Driven(text("UPDATE control_numbers SET last = last WHERE scope = :scope RETURNING last"))
_FIRST = Driven(text("INSERT INTO control_numbers (scope, last) VALUES (:scope, :number) ON CONFLICT (scope) DO NOTHING"))
_MOVE = Driven(text("UPDATE control_numbers SET last = :number WHERE scope = :scope"))
_ROUND = 1000


class SqlControlNumbers:
    """Atomic counters. A transaction that rolls back gives its number back: there are no gaps."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect

    def claim(self, scope: str, *, low: int = 1, high: int = 999_999_999) -> int:
        [last] = self.claim_all([scope], low=low, high=high)
        return last

    def claim_all(self, scopes: Sequence[str], *, low: int = 1, high: int = 999_999_999) -> list[int]:
        connection, limits = self._connect(), {"low": low, "high": high}
        if connection.dialect.name == "postgresql" and len(set(scopes)) == len(scopes):
            claimed = dict(_CLAIM_ALL.run(connection, {"scopes": array_of(scopes), **limits}).fetchall())
            return [int(claimed[scope]) for scope in scopes]
        return [int(last) for scope in scopes for [_, last] in _CLAIM.run(connection, {"scope": scope, **limits}).fetchall()]

    def seen(self, scope: str, number: int) -> int | None:
        connection = self._connect()
        locked = _LOCK.run(connection, {"scope": scope}).fetchall()
        if not locked:
            if _FIRST.run(connection, {"scope": scope, "number": number}).rowcount == 1:
                return None
            # Another one was the first meanwhile.
            locked = _LOCK.run(connection, {"scope": scope}).fetchall()
        before = int(locked[0][0])
        begins_anew = before > _ROUND and number < before // 2
        if number > before or begins_anew:
            _MOVE.run(connection, {"scope": scope, "number": number})
        return before

    def hold(self, scope: str) -> None:
        # Looked at, so that it is waited for: it is held when this returns.
        _LOCK.run(self._connect(), {"scope": scope}).fetchall()
