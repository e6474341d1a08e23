"""Ids of rows that are about to be added, asked of PostgreSQL together: whoever adds one with an id need not wait for it."""

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, text

from edi_gateway.store.statements import Driven

_NEXT = Driven(text("SELECT kind, nextval(CAST(kind || '_id_seq' AS regclass)) FROM unnest(CAST(:kinds AS text[])) AS kind"))


class ExpectedIds:
    """Those of one transaction. On SQLite there are none, as a row's id costs nothing to be told there.

    Shape:  they are taken when the first such row is added, so that rows stand in the order of their adding, as without this.
    """

    def __init__(self, connect: Callable[[], Connection]) -> None:
        self._connect = connect
        self._expected: list[str] = []
        self._ids: dict[str, list[int]] = {}

    def expect(self, counts: Mapping[str, int]) -> None:
        """So many rows of these tables."""
        self._expected += [kind for kind, count in counts.items() for _ in range(count)]

    def next(self, kind: str) -> int | None:
        """The id for a row; None where the database is to give it."""
        if kind in self._expected:
            self._take()
        ids = self._ids.get(kind)
        return ids.pop(0) if ids else None

    def _take(self) -> None:
        expected, self._expected = self._expected, []
        connection = self._connect()
        if connection.dialect.name == "postgresql":
            for kind, row_id in _NEXT.run(connection, {"kinds": f"{{{','.join(expected)}}}"}).fetchall():
                self._ids.setdefault(kind, []).append(int(row_id))
