"""Connections that are kept for whoever asks next, and transactions of their own on them.

They are handed on by a list, which needs no lock. SQLAlchemy's pools count theirs under a Condition: that is Python, and where memory is
short it may keep its own lock for good, or a count that is wrong for good, so that nobody gets a connection any more.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

KEPT = 16
"""How many wait for the next who asks; under load there are as many as ask at once."""


class Connections:
    """The connections of an engine, which pools none itself and asks the database to begin."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._spare: list[Connection] = []
        self._spoilt: list[Connection] = []

    @contextmanager
    def transaction(self) -> Iterator[Callable[[], Connection]]:
        """One that is begun when its connection is first asked for, and committed when the block has ended."""
        begun: Connection | None = None

        def connect() -> Connection:
            nonlocal begun
            if begun is None:
                begun = self._begun()
            return begun

        try:
            yield connect
            if begun is not None:
                begun.commit()
        except BaseException:
            if begun is not None:
                self._abandon(begun)
            raise
        if begun is not None:
            self._keep(begun)

    def close(self) -> None:
        """Gives back what is kept."""
        while self._spare:
            self._spare.pop().close()

    def _begun(self) -> Connection:
        """A connection whose transaction has begun: one that was cut while it was kept is found out by that, and replaced."""
        self._close_spoilt()
        while True:
            kept = _last(self._spare)
            connection = kept or self._engine.connect()
            try:
                connection.begin()
            except BaseException as error:
                self._abandon(connection)
                if kept is None or not (isinstance(error, DBAPIError) and error.connection_invalidated):
                    raise
            else:
                return connection

    def _keep(self, connection: Connection) -> None:
        if len(self._spare) < KEPT:
            self._spare.append(connection)
        else:
            connection.close()

    def _abandon(self, connection: Connection) -> None:
        """Keeps nothing that a failure was met on: who knows how far it had come."""
        self._spoilt.append(connection)
        self._close_spoilt()

    def _close_spoilt(self) -> None:
        """Where not even this can be done, whoever comes next does it: what is open keeps the database from forgetting how it was."""
        while (connection := _last(self._spoilt)) is not None:
            try:
                _undo(connection)
                connection.close()
            except MemoryError:
                self._spoilt.append(connection)
                raise


def _undo(connection: Connection) -> None:
    """Ends the driver's transaction: SQLAlchemy may take it for ended already, and what is closed with a cursor open goes on to read."""
    if not connection.invalidated:
        driver = connection.connection.driver_connection
        assert driver is not None
        try:
            driver.rollback()
        except connection.dialect.loaded_dbapi.Error:
            connection.invalidate()


def _last(connections: list[Connection]) -> Connection | None:
    """Taken from a list that other threads take from, too."""
    try:
        return connections.pop()
    except IndexError:
        return None
