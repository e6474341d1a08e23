"""One transaction: the rows of every table, payloads, control numbers and work, all kept together or not at all."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, bindparam, select, text

from edi_gateway.lifecycle.order_references import REFERRING
from edi_gateway.lifecycle.states import DeadlineState, Direction, Inbound
from edi_gateway.ports import rows
from edi_gateway.ports.channels import Clock
from edi_gateway.store import jobs, shared_jobs, tables
from edi_gateway.store import rows as kept
from edi_gateway.store.expected import ExpectedIds
from edi_gateway.store.held_answers import held_answers
from edi_gateway.store.numbers import SqlControlNumbers
from edi_gateway.store.order_sets import SetRows
from edi_gateway.store.payloads import SqlPayloads
from edi_gateway.store.revisions import SqlRevisions
from edi_gateway.store.rows import DocumentRows, EventRows, SqlRows
from edi_gateway.store.stale import is_begun, stale_rows, untranslated
from edi_gateway.store.statements import Asked, Driven, plain

_SEEN = tables.transmissions.c
# Only what was opened has content: a failed first try does not stand in the corrected one's way. PostgreSQL takes
# the index of directions for as good as that of Message-IDs until it has counted its rows.
_OPENED = Asked(
    kept.TRANSMISSIONS.statements.query.where(
        _SEEN.message_id == bindparam("message_id"),
        _SEEN.as2_from == bindparam("as2_from"),
        _SEEN.as2_to == bindparam("as2_to"),
        plain(_SEEN.direction) == Direction.IN,
        _SEEN.state != Inbound.DUPLICATE,
        _SEEN.content.is_not(None),
    ).order_by(_SEEN.id)
)

_QUEUE_UP = Driven(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"))


class SqlUnitOfWork:
    """Fulfils `ports.store.UnitOfWork`. `due` are the tasks that the store wakes workers for, once it is committed."""

    def __init__(self, connect: Callable[[], Connection], payload_folder: Path | None, clock: Clock) -> None:
        opened, payloads = connect, SqlPayloads(connect, payload_folder, clock)

        def connect_and_keep() -> Connection:
            payloads.keep()
            connection = opened()
            expected.ask(connection)
            return connection

        # It does not lead back here: what a failure leaves behind is then closed at once, and not by the collector some time.
        self._connect = connect = connect_and_keep
        self.payloads = payloads
        self._clock = clock
        self._expected = expected = ExpectedIds(connect)
        self.due: list[str] = []
        self._queued: set[str] = set()
        self.transmissions = SqlRows(connect, kept.TRANSMISSIONS, expected)
        self.receipts = SqlRows(connect, kept.RECEIPTS, expected)
        self.attempts = SqlRows(connect, kept.ATTEMPTS, expected)
        self.interchanges = SqlRows(connect, kept.INTERCHANGES, expected)
        self.groups = SqlRows(connect, kept.GROUPS, expected)
        self.sets = SetRows(connect, expected)
        self.documents = DocumentRows(connect, expected)
        self.erp_files = SqlRows(connect, kept.ERP_FILES, expected)
        self.deadlines = SqlRows(connect, kept.DEADLINES, expected)
        self.events = EventRows(connect, expected)
        self.api_tokens = SqlRows(connect, kept.API_TOKENS, expected)
        self.incidents = SqlRows(connect, kept.INCIDENTS, expected)
        self.notices = SqlRows(connect, kept.NOTICES, expected)
        self.pauses = SqlRows(connect, kept.PAUSES, expected)
        self.endpoints = SqlRows(connect, kept.ENDPOINTS, expected)
        self.control_numbers = SqlControlNumbers(connect)
        self.revisions = SqlRevisions(connect)

    def keep(self) -> None:
        """Writes what was put off, before the transaction ends."""
        self.payloads.keep()
        self.events.keep()

    def expect(self, **counts: int) -> None:
        self._expected.expect(counts)

    def enqueue(self, task: str, *, key: str, run_at: datetime | None = None, order: str | None = None, **ids: int | str) -> None:
        now, connection = self._clock.now(), self._connect()
        if connection.dialect.name == "postgresql":
            shared_jobs.enqueue(connection, str(task), key, run_at or now, ids, now=now, order=order)
            return
        jobs.enqueue(connection, str(task), key, run_at or now, ids, order=order)
        if run_at is None or run_at <= now:
            self.due.append(str(task))

    def progressed(self, key: str) -> None:
        connection = self._connect()
        (shared_jobs if connection.dialect.name == "postgresql" else jobs).progressed(connection, key)

    def due_deadlines(self, now: datetime, limit: int = 500) -> list[rows.Deadline]:
        table = tables.deadlines
        due = select(table).where(table.c.state == DeadlineState.OPEN, table.c.due_at <= now)
        return self.deadlines.all(due.order_by(table.c.due_at, table.c.id).limit(limit))

    def held_answers(
        self, found: Iterable[rows.Deadline], about: Mapping[int | None, rows.TransactionSet]
    ) -> dict[int, rows.TransactionSet]:
        return held_answers(self, found, about)

    def order_sets(self, partner: str, po: str) -> list[rows.TransactionSet]:
        return self.sets.of_order(partner, po)

    def order_heads(self, partner: str | None, po: str, direction: Direction) -> list[rows.TransactionSet]:
        return self.sets.in_head_of(partner, po, direction)

    def referring(self, partner: str, numbers: Collection[str]) -> list[rows.TransactionSet]:
        sets, lines, documents = tables.sets.c, tables.document_lines.c, tables.documents.c
        in_lines = select(lines.document_id).where(lines.reference.in_(numbers))
        naming = in_lines.union(select(documents.id).where(documents.reference.in_(numbers)))
        return self.sets.select(sets.document_id.in_(naming), sets.partner == partner, sets.set_id.in_(REFERRING))

    def posts(self, partner: str, since: datetime) -> list[datetime]:
        began, sent = tables.attempts.c, tables.transmissions.c
        query = select(began.started_at).join(tables.transmissions, sent.id == began.transmission_id)
        # Few began since then; of the partner there are many, so its index is not to be walked.
        query = query.where(began.started_at > since, plain(sent.partner) == partner).order_by(began.started_at)
        return list(self._connect().execute(query).scalars())

    def untranslated(self, partner: str) -> list[int]:
        return untranslated(self._connect(), partner)

    def is_begun(self, transmission_id: int) -> bool:
        return is_begun(self._connect(), transmission_id)

    def due_warnings(self, now: datetime, limit: int = 500) -> list[rows.Deadline]:
        table = tables.deadlines
        due = select(table).where(table.c.state == DeadlineState.OPEN, table.c.warned_at.is_(None), table.c.warn_at <= now)
        return self.deadlines.all(due.order_by(table.c.warn_at, table.c.id).limit(limit))

    def first_receipt(self, as2_from: str, as2_to: str, message_id: str) -> tuple[rows.Transmission, rows.Receipt | None] | None:
        self.queue_up(f"{as2_from}\n{as2_to}\n{message_id}")
        opened = self.transmissions.run(_OPENED, {"message_id": message_id, "as2_from": as2_from, "as2_to": as2_to})
        if not opened:
            return None
        receipts = self.receipts.find(transmission_id=opened[0].id, direction=Direction.OUT)
        return opened[0], receipts[0] if receipts else None

    def stale(self, now: datetime) -> list[tuple[str, int, str | None]]:
        return stale_rows(self._connect(), now)

    def notices_since(self, route: str, since: datetime) -> list[datetime]:
        table = tables.notices
        query = select(table.c.due_at).where(table.c.route == route, table.c.due_at > since)
        return list(self._connect().execute(query).scalars())

    def queue_up(self, name: str) -> None:
        connection = self._connect()
        # On SQLite all writers go one by one. Who was let on is until the transaction ends.
        is_new = name not in self._queued
        if is_new and connection.dialect.name == "postgresql" and not connection.get_execution_options().get("postgresql_readonly"):
            _QUEUE_UP.run(connection, {"name": name})
            self._queued.add(name)
            self.sets.forget()
