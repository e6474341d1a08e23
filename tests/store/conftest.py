"""Stores on both databases: SQLite always, PostgreSQL where the test extra brought a server."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edi_gateway.store import SqlStore, open_store
from edi_gateway.store.database import Database
from edi_gateway.store.upgrade import upgrade
from edi_gateway.testing.clock import HandClock


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
    return str(request.getfixturevalue("emptied_postgres"))


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without tables."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    return str(request.getfixturevalue("new_postgres")())


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
