"""A connection to PostgreSQL that statements are sent over by libpq's own calls, and that waits only where an answer is looked at.

What asks nothing goes with the next question, and the server goes on with it meanwhile. A statement is prepared by name when it first
comes. psycopg's cursors take a Python generator for each wait, look for a statement's text in a cache, and choose types for its values by
what they are: most of what a short statement costs. Here values go as text and the server takes their types from the statement.
"""

import select
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import psycopg
from psycopg import pq
from psycopg.abc import PQGen
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result

T = TypeVar("T")

MOST = 50
"""So many statements at most are sent before their answers are read: they would fill the memory of both sides."""
IDLE = 10.0
"""Seconds after which a network may have forgotten a connection without a word to us."""

_BYTES = (bytes, psycopg.Binary)
"""SQLAlchemy wraps bytes in the second one."""
_IDLE = int(pq.TransactionStatus.IDLE)
_SYNCED = int(pq.ExecStatus.PIPELINE_SYNC)
_ROWS = int(pq.ExecStatus.TUPLES_OK)
_DONE = (_ROWS, int(pq.ExecStatus.COMMAND_OK))


class Prepared:
    """A statement by its name on one connection, with what makes its values into bytes and its rows into values."""

    __slots__ = ("has_loaders", "name", "text", "values")

    def __init__(self, connection: "PipelinedConnection", name: bytes, text: str) -> None:
        self.name = name
        self.text = text
        self.values = Transformer(connection)
        self.has_loaders = False


class Sent:
    """A statement that was sent, or will be, and what the server answers: waited for when it is first looked at."""

    __slots__ = ("_connection", "_count", "_rows", "prepared")

    def __init__(self, connection: "PipelinedConnection", prepared: Prepared | None = None) -> None:
        self._connection = connection
        self.prepared = prepared
        self._rows: list[Any] | None = None
        self._count: int | None = None

    def answer(self, result: pq.abc.PGresult) -> None:
        """Takes what the server answered. Rows are read at once, as the connection may be another thread's when they are looked at."""
        if result.status == _ROWS:
            prepared = self.prepared
            assert prepared is not None
            # The columns of a statement are the same each time.
            prepared.values.set_pgresult(result, set_loaders=not prepared.has_loaders)
            prepared.has_loaders = True
            self._rows = prepared.values.load_rows(0, result.ntuples, list)
        else:
            self._rows = []
        self._count = result.command_tuples

    def fetchall(self) -> list[Any]:
        """The rows, each a list of its values. Errors: as `PipelinedConnection.settle`."""
        if self._rows is None:
            self._connection.settle()
        if self._rows is None:
            raise psycopg.InterfaceError("the statement was not run, because one before it failed")
        return self._rows

    @property
    def rowcount(self) -> int:
        """How many rows it found or changed. Errors: as `PipelinedConnection.settle`."""
        self.fetchall()
        return -1 if self._count is None else self._count


class PipelinedConnection(psycopg.Connection[Any]):
    """A psycopg connection that can do without its cursors; they can be used as well, and in between.

    Shape:  statements are as PostgreSQL has them, with `$1` for a value; one thread uses it at a time.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.failed = ""
        """The statement that the last error was about."""
        self._prepared_by_text: dict[str, Prepared] = {}
        self._named = 0
        self._pipelining = False
        self._heard = time.monotonic()
        self.waits_for_commit = True
        """A transaction that only read has nothing to lose: its end is sent, and heard of when the connection is used again."""
        self._unanswered: list[Sent] = []
        self._unheard: list[Sent] = []
        self._along: list[tuple[Sent, str, Sequence[Any]]] = []
        self._to_read, self._to_go_on = select.poll(), select.poll()
        self._to_read.register(self.pgconn.socket, select.POLLIN)
        self._to_go_on.register(self.pgconn.socket, select.POLLIN | select.POLLOUT)

    def send(self, text: str, values: Sequence[Any] = ()) -> Sent:
        """Sends a statement. Errors: psycopg's where a value cannot be sent, or the connection is found to be gone."""
        self._make_ready(text)
        return self._send(Sent(self), text, values)

    def send_along(self, text: str, values: Sequence[Any] = ()) -> Sent:
        """Sends a statement behind whatever is sent before the next wait, so that it has none of its own. Errors: as `send`, then."""
        sent = Sent(self)
        self._along.append((sent, text, values))
        return sent

    def _make_ready(self, text: str) -> None:
        pgconn, self.failed = self.pgconn, text
        self._hear()
        if not self._pipelining:
            pgconn.enter_pipeline_mode()
            self._pipelining = True
        if len(self._unanswered) >= MOST:
            self.settle()
        elif not self._unanswered and pgconn.transaction_status == _IDLE:
            self._notice_a_cut()

    def _send(self, sent: Sent, text: str, values: Sequence[Any]) -> Sent:
        prepared = sent.prepared = self._prepared_by_text.get(text) or self._prepare(text)
        # Bytes would be twice as long as text.
        formats = [PyFormat.BINARY if type(value) in _BYTES else PyFormat.TEXT for value in values]
        written = prepared.values.dump_sequence(values, formats)
        self.pgconn.send_query_prepared(prepared.name, written, prepared.values.formats)
        self._unanswered.append(sent)
        return sent

    def _notice_a_cut(self) -> None:
        """Nothing is lost yet where a server that was away is found out before a transaction begins, and another connection is taken."""
        if self._to_read.poll(0) or time.monotonic() - self._heard > IDLE:
            # Where it is gone its last words are read: why it went.
            self._ask_for_answers()
            self._await(())

    def settle(self) -> None:
        """Waits until all that was sent is answered. Errors: psycopg's, of the first that failed; those after it were not run."""
        self._hear()
        along, self._along = self._along, []
        for sent, text, values in along:
            self._make_ready(text)
            self._send(sent, text, values)
        if self._unanswered:
            self._ask_for_answers()
            answered, self._unanswered = self._unanswered, []
            self._await(answered)

    def _hear(self) -> None:
        """Reads how the transaction ended that nobody waited for: most often it has been answered by now."""
        if self._unheard:
            unheard, self._unheard = self._unheard, []
            self._await(unheard)

    def _ask_for_answers(self) -> None:
        self._whole(self._flush)

    def _flush(self) -> None:
        self.pgconn.pipeline_sync()
        while self.pgconn.flush():
            self._to_go_on.poll()
            self.pgconn.consume_input()

    def _whole(self, work: Callable[[], T]) -> T:
        """Does what must not be broken off: nobody knows then how far it had come, and the connection is finished."""
        try:
            return work()
        except BaseException:
            self.pgconn.finish()
            raise

    def _await(self, sent: Sequence[Sent]) -> None:
        failure = self._whole(lambda: self._read(sent))
        if failure is not None:
            self._prepared_by_text.clear()
            raise failure

    def _prepare(self, text: str) -> Prepared:
        self._named += 1
        prepared = self._prepared_by_text[text] = Prepared(self, b"gateway_%d" % self._named, text)
        self.pgconn.send_prepare(prepared.name, text.encode())
        self._unanswered.append(Sent(self, prepared))
        return prepared

    def _read(self, sent: Sequence[Sent]) -> psycopg.Error | None:
        """Reads all answers; the failure where there is one. A signal is heeded meanwhile, and other threads go on."""
        pgconn, failure, number = self.pgconn, None, 0
        while True:
            while pgconn.is_busy():
                self._to_read.poll()
                try:
                    pgconn.consume_input()
                except psycopg.OperationalError:
                    # A server that ends says why before it is gone.
                    raise failure or psycopg.OperationalError(pgconn.get_error_message()) from None
            result = pgconn.get_result()
            if result is None:
                number += 1
            elif result.status in _DONE:
                sent[number].answer(result)
            elif result.status == _SYNCED:
                self._heard = time.monotonic()
                return failure
            elif failure is None:
                failure = error_from_result(result)
                asked = sent[number].prepared if number < len(sent) else None
                self.failed = asked.text if asked else self.failed

    def raw_cursor(self) -> psycopg.RawCursor[Any]:
        """A cursor for statements as they are sent here."""
        return psycopg.RawCursor(self)

    def wait(self, gen: PQGen[T], *args: Any, **options: Any) -> T:
        """As psycopg has it, which waits by this whatever it does: what was sent comes first."""
        if self._pipelining:
            self.settle()
            self.pgconn.exit_pipeline_mode()
            self._pipelining = False
        return super().wait(gen, *args, **options)

    def commit(self) -> None:
        self._along.clear()
        if not self._pipelining:
            super().commit()
            return
        is_waited_for = self.waits_for_commit or bool(self._unanswered)
        self.send("COMMIT")
        if is_waited_for:
            self.settle()
        else:
            self._ask_for_answers()
            self._unheard, self._unanswered = self._unanswered, []

    def rollback(self) -> None:
        self._along.clear()
        with suppress(psycopg.Error):
            self.settle()
        super().rollback()
