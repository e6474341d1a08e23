"""A SQLite store carried over to PostgreSQL: rows, payloads of every size, numbers and the work that waits.

All of it is one transaction on the other side: a move that is broken off leaves an empty database, and begins anew. The tables there get
their indexes when all rows are in them. The source is locked against writers meanwhile, and not written to. Every payload is hashed
before it goes, and the rows are counted and the payloads hashed once more where they have arrived.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Boolean, Connection, Table, func, select, text

from edi_gateway.faults import Fault, Faulty
from edi_gateway.store import shared_jobs
from edi_gateway.store.bare_tables import bare
from edi_gateway.store.database import Database
from edi_gateway.store.hold import hold
from edi_gateway.store.job_statements import PARKED
from edi_gateway.store.payloads import PART, path_of
from edi_gateway.store.tables import jobs, metadata, payload_parts, payloads
from edi_gateway.store.types import Exact, UtcTime, from_sortable
from edi_gateway.store.upgrade import upgrade

BLOCK = 2000
"""So many rows are read at once."""
Say = Callable[[str], None]

# What is in a row is hashed by the server; what stands in parts is too large for that, and is hashed here.
_DAMAGED = text("SELECT digest FROM payloads WHERE content IS NOT NULL AND encode(sha256(content), 'hex') <> digest LIMIT 1")
_IN_PARTS = text("SELECT DISTINCT digest FROM payload_parts")
_A_PART = text("SELECT content FROM payload_parts WHERE digest = :digest AND number = :number")
_PARK = text(
    """
    WITH parked AS (
        INSERT INTO procrastinate_jobs (queue_name, task_name, lock, queueing_lock, args, status, attempts)
        VALUES (
            :task, :task, :lock, :key, jsonb_build_object('ids', CAST(:ids AS jsonb), 'due', CAST(:at AS timestamptz)), 'failed', :attempts
        )
        RETURNING id
    )
    INSERT INTO gateway_job_notes (job_id, first_at, at, fault)
    SELECT id, CAST(:first_at AS timestamptz), CAST(:at AS timestamptz), :fault FROM parked
    """
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What would be moved: rows by table, and the payloads that stand as files."""

    rows: Mapping[str, int]
    files: int
    file_bytes: int


class Move:
    """One store's way from a SQLite file to a PostgreSQL database."""

    def __init__(self, source: str, payload_folder: Path, target: str) -> None:
        """Errors: Faulty (STO-104, STO-117) for addresses that are not of these two kinds, STO-115 where there is no source."""
        self._payload_folder = payload_folder
        self._source = _of_kind(source, is_file=True)
        if self._source.file is None or not self._source.file.is_file():
            self._source.close()
            raise Faulty([Fault.of("STO-115", value=str(self._source.file))])
        try:
            self._target = _of_kind(target, is_file=False)
        except BaseException:
            self._source.close()
            raise

    def close(self) -> None:
        """Gives both databases back."""
        self._source.close()
        self._target.close()

    def plan(self) -> Plan:
        """What is there, and that the other side is empty; changes nothing. Errors: Faulty (STO-118) where it is not; Unavailable."""
        self._refuse_full()
        with self._source.read() as connect:
            names = set(connect().execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars())
            counts = {one.name: _count(connect(), one) for one in metadata.sorted_tables if one.name in names}
            large = select(func.count(), func.coalesce(func.sum(payloads.c.size), 0)).where(payloads.c.content.is_(None))
            files, size = connect().execute(large).one()
        return Plan(rows=counts, files=files, file_bytes=size)

    def run(self, now: datetime, say: Say) -> Plan:
        """Moves everything; what was moved.

        Errors: Faulty (STO-101) while a gateway runs on the source, STO-118 where the target is not empty, STO-201 and STO-202 for a
        payload that is damaged or missing, STO-119 where what arrived is not what was sent; Unavailable. Nothing has arrived then.
        """
        assert self._source.file is not None
        with hold(self._source.file):
            upgrade(self._source)
            found = self.plan()
            upgrade(self._target)
            # A transaction that writes, though it does not: commands beside it wait until all is read.
            with self._source.write() as reading, self._target.write() as writing:
                with bare(writing(), [table.name for table in metadata.sorted_tables if table is not jobs], say):
                    for table in metadata.sorted_tables:
                        if table is not jobs and table is not payload_parts:
                            self._copy(reading(), writing(), table, found.rows[table.name], say)
                self._work(reading(), writing(), now)
                say(f"jobs: {found.rows['jobs']:,}")
                say("what has arrived is counted and hashed")
                self._verify(writing(), found)
            with self._target.write() as writing:
                writing().execute(text("ANALYZE"))
        return found

    def _refuse_full(self) -> None:
        with self._target.read() as connect:
            connection = connect()
            known = [one for one in metadata.sorted_tables if connection.dialect.has_table(connection, one.name)]
            full = [one.name for one in known if connection.execute(select(1).select_from(one).limit(1)).first() is not None]
            foreign = not known and connection.dialect.has_table(connection, "alembic_version")
        if full or foreign:
            shown = self._target.url.render_as_string(hide_password=True)
            raise Faulty([Fault.of("STO-118", value=shown, reason=f"it has rows in {full[0]}" if full else "it is another program's")])

    def _copy(self, reading: Connection, writing: Connection, table: Table, count: int, say: Say) -> None:
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        makers = [(at, make) for at, column in enumerate(table.columns) if (make := _maker(column.type)) is not None]
        large: list[str] = []
        done = 0
        with _cursor(writing) as cursor, cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
            for found in _raw(reading, f'SELECT {names} FROM "{table.name}" ORDER BY rowid'):  # noqa: S608 - our tables
                if table is payloads:
                    large += _looked_at(dict(zip(table.columns.keys(), found, strict=True)))
                row = list(found)
                for at, make in makers:
                    if row[at] is not None:
                        row[at] = make(row[at])
                copy.write_row(row)
                done += 1
                if done % 100_000 == 0:
                    say(f"{table.name}: {done:,} of {count:,}")
        for number, digest in enumerate(large, 1):
            self._copy_file(writing, digest)
            if number % 100 == 0:
                say(f"large payloads: {number:,} of {len(large):,}")
        if "id" in table.c:
            newest = select(func.max(table.c.id)).scalar_subquery()
            sequence = func.pg_get_serial_sequence(table.name, "id")
            writing.execute(select(func.setval(sequence, func.coalesce(newest, 1), newest.is_not(None))))
        say(f"{table.name}: {done:,}")

    def _copy_file(self, writing: Connection, digest: str) -> None:
        """A payload's file in parts, hashed on its way. Errors: Faulty (STO-201, STO-202)."""
        path = path_of(self._payload_folder, digest)
        running = hashlib.sha256()
        try:
            file = path.open("rb")
        except FileNotFoundError:
            raise Faulty([Fault.of("STO-202", value=digest, file=path)]) from None
        with file, _cursor(writing) as cursor, cursor.copy("COPY payload_parts (digest, number, content) FROM STDIN") as copy:
            for number, part in enumerate(iter(lambda: file.read(PART), b"")):
                running.update(part)
                copy.write_row((digest, number, part))
        if running.hexdigest() != digest:
            raise Faulty([Fault.of("STO-201", value=digest, found=running.hexdigest())])

    def _work(self, reading: Connection, writing: Connection, now: datetime) -> None:
        """What waits, in its order, and what is parked. What a dead gateway was doing waits again."""
        for row in reading.execute(select(jobs).order_by(jobs.c.id)).mappings():
            if row["state"] != PARKED:
                shared_jobs.enqueue(writing, row["task"], row["key"], row["run_at"], row["ids"], now=now, order=row["ordering"])
                continue
            fault = json.dumps([one.as_json() for one in row["fault"]]) if row["fault"] else None
            values = {name: row[name] for name in ("task", "key", "attempts")}
            at, first = row["run_at"].isoformat(), (row["first_at"] or row["run_at"]).isoformat()
            lock = row["ordering"] or row["key"]
            ids = json.dumps(row["ids"])
            writing.execute(_PARK, {**values, "lock": lock, "ids": ids, "at": at, "first_at": first, "fault": fault})

    def _verify(self, writing: Connection, found: Plan) -> None:
        """Counts and hashes what has arrived, before it is committed. Errors: Faulty (STO-119)."""
        for table in metadata.sorted_tables:
            if table is not jobs and table is not payload_parts and _count(writing, table) != found.rows[table.name]:
                raise Faulty([Fault.of("STO-119", value=table.name)])
        damaged = writing.execute(_DAMAGED).scalar()
        if damaged is None:
            damaged = next(
                (digest for digest in writing.execute(_IN_PARTS).scalars().all() if _hash_of_parts(writing, digest) != digest), None
            )
        if damaged is not None:
            raise Faulty([Fault.of("STO-119", value=f"the payload {damaged}")])


def _of_kind(url: str, *, is_file: bool) -> Database:
    database = Database(url)
    if (database.file is not None) is is_file:
        return database
    shown = database.url.render_as_string(hide_password=True)
    database.close()
    raise Faulty([Fault.of("STO-117", value=shown)])


def _looked_at(row: Mapping[str, Any]) -> list[str]:
    """The digest of a payload that stands as a file; nothing for one in its row, which is hashed. Errors: Faulty (STO-201)."""
    if row["content"] is None:
        return [row["digest"]]
    actual = hashlib.sha256(row["content"]).hexdigest()
    if actual != row["digest"]:
        raise Faulty([Fault.of("STO-201", value=row["digest"], found=actual)])
    return []


def _maker(kind: Any) -> Callable[[Any], Any] | None:
    """What SQLite keeps made into what PostgreSQL's COPY reads; None where that is the same."""
    if isinstance(kind, UtcTime):
        return lambda kept: f"{kept}+00"
    if isinstance(kind, Exact):
        return from_sortable
    return bool if isinstance(kind, Boolean) else None


def _raw(reading: Connection, query: str) -> Iterator[tuple[Any, ...]]:
    """Rows as SQLite keeps them, a block in memory at a time."""
    driver: Any = reading.connection.driver_connection
    cursor = driver.execute(query)
    while block := cursor.fetchmany(BLOCK):
        yield from block


def _cursor(connection: Connection) -> Any:
    """PostgreSQL's own cursor, in the transaction that is open."""
    driver: Any = connection.connection.driver_connection
    return driver.cursor()


def _count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def _hash_of_parts(writing: Connection, digest: str) -> str:
    running = hashlib.sha256()
    for part in _parts(writing, digest):
        running.update(part)
    return running.hexdigest()


def _parts(writing: Connection, digest: str) -> Iterable[bytes]:
    number = 0
    while (part := writing.execute(_A_PART, {"digest": digest, "number": number}).scalar()) is not None:
        yield bytes(part)
        number += 1
