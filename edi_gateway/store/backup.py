"""The database as files and back: one state of it, taken while the gateway runs.

SQLite copies itself. From PostgreSQL every table is copied within one snapshot, by the server's own COPY, so that no tool of the
server's release is needed. Work items are left out there: they are hints, and the reconciler writes them anew.
"""

import gzip
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from sqlalchemy import Connection, Table, func, select, text

from edi_gateway.faults import Fault, Faulty
from edi_gateway.store.database import Database
from edi_gateway.store.payloads import path_of, write_blocks
from edi_gateway.store.tables import jobs, metadata
from edi_gateway.store.upgrade import REVISION, migrate, upgrade

SQLITE_FILE = "database.sqlite"
TABLES = "tables"
PAYLOADS = "payloads"
SKIPPED = 1000
"""How many control numbers are left out at a restore: those that may have been used since the backup."""

_SKIP = text("UPDATE control_numbers SET last = last + :skipped WHERE scope NOT LIKE 'in:%'")
Say = Callable[[str], None]


def save_backup(url: str, payload_folder: Path, target: Path, say: Say) -> Mapping[str, Any]:
    """`save`, of the database at an address."""
    database = Database(url)
    try:
        return save(database, payload_folder, target, say)
    finally:
        database.close()


def load_backup(url: str, payload_folder: Path, source: Path, manifest: Mapping[str, Any], say: Say) -> None:
    """`load`, into the database at an address."""
    database = Database(url)
    try:
        load(database, payload_folder, source, manifest, say)
    finally:
        database.close()


def save(database: Database, payload_folder: Path, target: Path, say: Say) -> Mapping[str, Any]:
    """Writes the database and its payload files into a folder; what the manifest is to say of them.

    Errors: Faulty (STO-201, STO-202) for a payload that is damaged or missing; Unavailable.
    """
    if database.file is None:
        return {"engine": "postgresql", **_save_tables(database, target / TABLES, say)}
    if not database.file.is_file():
        raise Faulty([Fault.of("STO-115", value=str(database.file))])
    found = _save_sqlite(database.file, target / SQLITE_FILE)
    say(f"database: {(target / SQLITE_FILE).stat().st_size} bytes")
    count = _save_payloads(target / SQLITE_FILE, payload_folder, target / PAYLOADS, say)
    return {"engine": "sqlite", **found, "payload_files": count}


def load(database: Database, payload_folder: Path, source: Path, manifest: Mapping[str, Any], say: Say) -> None:
    """Puts a backup into a database that is empty, and brings it up to date. Control numbers go on past those used meanwhile.

    Errors: Faulty (STO-111) where the database is not empty, or of another engine; Unavailable.
    """
    engine = "sqlite" if database.file is not None else "postgresql"
    if manifest["engine"] != engine:
        raise Faulty([Fault.of("STO-111", value=engine, reason=f"the backup is of {manifest['engine']}")])
    if database.file is not None:
        if database.file.exists():
            raise Faulty([Fault.of("STO-111", value=str(database.file), reason="it is there already")])
        shutil.copyfile(source / SQLITE_FILE, database.file)
        _load_payloads(source / PAYLOADS, payload_folder, say)
    else:
        _load_tables(database, source / TABLES, manifest, say)
    upgrade(database)
    with database.write() as connect:
        connect().execute(_SKIP, {"skipped": SKIPPED})


def _save_sqlite(file: Path, target: Path) -> Mapping[str, Any]:
    with closing(sqlite3.connect(file, timeout=60)) as source, closing(sqlite3.connect(target)) as copy:
        # In one step: it sees one state, and writers go on beside it.
        source.backup(copy)
        copy.execute("PRAGMA journal_mode = DELETE")
        names = [row[0] for row in copy.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
        counts = {name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in sorted(names)}  # noqa: S608 - our tables
        revision = copy.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    return {"revision": revision, "rows": counts}


def _save_payloads(snapshot: Path, folder: Path, target: Path, say: Say) -> int:
    """The payload files that the snapshot names. A payload's file is durable before its row, so each is there."""
    with closing(sqlite3.connect(snapshot)) as copy:
        wanted = copy.execute("SELECT digest, size FROM payloads WHERE content IS NULL ORDER BY digest").fetchall()
    for number, (digest, size) in enumerate(wanted, 1):
        source = path_of(folder, digest)
        if not source.exists():
            raise Faulty([Fault.of("STO-202", value=digest, file=source)])
        with source.open("rb") as file:
            write_blocks(path_of(target, digest), _blocks(file), size)
        if number % 1000 == 0:
            say(f"payload files: {number} of {len(wanted)}")
    say(f"payload files: {len(wanted)}")
    return len(wanted)


def _load_payloads(source: Path, folder: Path, say: Say) -> None:
    files = [one for one in source.rglob("*") if one.is_file()] if source.is_dir() else []
    for file in files:
        target = folder / file.relative_to(source)
        with file.open("rb") as opened:
            write_blocks(target, _blocks(opened), file.stat().st_size)
    say(f"payload files: {len(files)}")


def _blocks(file: IO[bytes] | gzip.GzipFile) -> Iterator[bytes]:
    while block := file.read(1024 * 1024):
        yield block


def _kept_tables() -> Iterable[Table]:
    """The tables in an order in which each finds what it refers to."""
    return (table for table in metadata.sorted_tables if table is not jobs)


def _save_tables(database: Database, folder: Path, say: Say) -> Mapping[str, Any]:
    folder.mkdir()
    counts: dict[str, int] = {}
    with database.read() as connect:
        connection = connect()
        revision = connection.execute(REVISION).scalar_one()
        for table in _kept_tables():
            counts[table.name] = connection.execute(select(func.count()).select_from(table)).scalar_one()
            copied = f"COPY {_columns(table, table.columns.keys())} TO STDOUT (FORMAT binary)"
            file = folder / f"{table.name}.copy.gz"
            with gzip.open(file, "wb", compresslevel=3) as packed, _cursor(connection) as cursor, cursor.copy(copied) as rows:
                for block in rows:
                    packed.write(block)
            say(f"{table.name}: {counts[table.name]} rows")
    return {"revision": revision, "rows": counts, "columns": {one.name: list(one.columns.keys()) for one in _kept_tables()}}


def _load_tables(database: Database, folder: Path, manifest: Mapping[str, Any], say: Say) -> None:
    with database.write() as connect:
        connection = connect()
        if connection.dialect.has_table(connection, "alembic_version"):
            raise Faulty([Fault.of("STO-111", value=database.url.database or "", reason="it has tables already")])
        # As the tables were at the time of the backup; what has changed since, the migrations do to the rows as well.
        migrate(connection, str(manifest["revision"]))
        for table in _kept_tables():
            file = folder / f"{table.name}.copy.gz"
            if not file.exists():
                continue
            copied = f"COPY {_columns(table, manifest['columns'][table.name])} FROM STDIN (FORMAT binary)"
            with gzip.open(file, "rb") as rows, _cursor(connection) as cursor, cursor.copy(copied) as copy:
                for block in _blocks(rows):
                    copy.write(block)
            if "id" in table.c:
                newest = select(func.max(table.c.id)).scalar_subquery()
                connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), func.coalesce(newest, 1))))
            say(f"{table.name}: loaded")


def _columns(table: Table, names: Iterable[str]) -> str:
    listed = ", ".join(f'"{one}"' for one in names)
    return f"{table.name} ({listed})"


def _cursor(connection: Connection) -> Any:
    """The driver's own cursor, on the connection and in the transaction that are open."""
    driver: Any = connection.connection.driver_connection
    return driver.cursor()


def checked_sqlite(file: Path) -> str:
    """What SQLite's own check says of a file: "ok", or what is wrong first."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
        try:
            return str(copy.execute("PRAGMA integrity_check(1)").fetchone()[0])
        except sqlite3.DatabaseError as damaged:
            return str(damaged)
