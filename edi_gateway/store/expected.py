"""Ids of rows that are about to be added, asked of PostgreSQL together: whoever adds one with an id need not wait for it."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection, text

from edi_gateway.store.statements import Driven

_NEXT = Driven(text("SELECT kind, nextval(CAST(kind || '_id_seq' AS regclass)) FROM unnest(CAST(:kinds AS text[])) AS kind"))


class ExpectedIds:
    """Those of one transaction. On SQLite there are none, as a row's id costs nothing to be told there.

    Shape:  they are taken behind the next question, or with the first such row that is added: what is asked after a lock has them in the
            order in which the lock was held.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._expected: list[str] = []
        self._asked: list[Any] = []
        self._ids: dict[str, list[int]] = {}

    def expect(self, counts: Mapping[str, int]) -> None:
        """So many rows of these tables."""
        self._expected += [kind for kind, count in counts.items() for _ in range(count)]

    def ask(self, connection: Connection) -> None:
        """Lets the ids of what is expected by now go behind the statement that is about to be sent."""
        if self._expected:
            expected, self._expected = self._expected, []
            if connection.dialect.name == "postgresql":
                self._asked.append(_NEXT.run_along(connection, {"kinds": f"{{{','.join(expected)}}}"}))

    def next(self, kind: str) -> int | None:
        """The id for a row; None where the database is to give it."""
        self.ask(self._connect())
        asked, self._asked = self._asked, []
        for answer in asked:
            for expected, row_id in answer.fetchall():
                self._ids.setdefault(expected, []).append(int(row_id))
        ids = self._ids.get(kind)
        return ids.pop(0) if ids else None
