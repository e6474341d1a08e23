"""Control numbers: a row a scope, moved on in the transaction that uses the number."""

from collections.abc import Callable

from sqlalchemy import Connection, case
from sqlalchemy.dialects import postgresql, sqlite

from edi_gateway.store.tables import control_numbers


class SqlControlNumbers:
    """Atomic counters. A transaction that rolls back gives its number back: there are no gaps."""

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect

    def claim(self, scope: str, *, low: int = 1, high: int = 999_999_999) -> int:
        connection = self._connect()
        insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
        last = control_numbers.c.last
        # A range that was narrowed since begins anew: outside it there is no next number.
        following = case((last >= high, low), (last < low, low), else_=last + 1)
        claimed = (
            insert(control_numbers)
            .values(scope=scope, last=low)
            .on_conflict_do_update(index_elements=[control_numbers.c.scope], set_={"last": following})
            .returning(control_numbers.c.last)
        )
        return int(connection.execute(claimed).scalar_one())
