"""Migrations make what the tables say, whole or not at all."""

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from edi_gateway.faults import Faulty
from edi_gateway.store import open_store, tables
from edi_gateway.store.database import Database
from edi_gateway.store.indexes import INDEXES
from edi_gateway.store.upgrade import HEAD, alembic_config, upgrade
from edi_gateway.testing.clock import HandClock


@pytest.fixture
def database(empty_url: str):  # type: ignore[no-untyped-def]
    opened = Database(empty_url)
    yield opened
    opened.close()


def test_the_migrations_make_exactly_the_tables(database: Database) -> None:
    upgrade(database)
    with database.read() as connect:
        differences = compare_metadata(MigrationContext.configure(connect(), opts={"compare_type": True}), tables.metadata)
        named = {
            table.name: {index["name"] for index in inspect(connect()).get_indexes(table.name)} for table in tables.metadata.sorted_tables
        }
    assert differences == []
    for index in INDEXES:
        assert index.table is not None
        assert index.name in named[index.table.name]


def test_the_release_knows_its_newest_migration(database: Database) -> None:
    with database.read() as connect:
        assert ScriptDirectory.from_config(alembic_config(connect())).get_current_head() == HEAD


def test_upgrading_twice_changes_nothing(database: Database) -> None:
    upgrade(database)
    upgrade(database)
    with database.read() as connect:
        assert MigrationContext.configure(connect()).get_current_revision() == HEAD


def test_a_database_of_a_newer_release_is_refused_and_left_alone(database: Database) -> None:
    upgrade(database)
    with database.write() as connect:
        connect().exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(Faulty) as raised:
        upgrade(database)
    assert [fault.code for fault in raised.value.faults] == ["STO-103"]
    assert "9999" in raised.value.faults[0].message


def test_an_upgrade_that_fails_leaves_no_half_of_itself(database: Database) -> None:
    with database.write() as connect:
        # A table of that name in the way: the migration stops in the middle.
        connect().exec_driver_sql("CREATE TABLE sets (id INTEGER)")
    with pytest.raises(Exception, match="sets"):
        upgrade(database)
    with database.read() as connect:
        assert inspect(connect()).get_table_names() == ["sets"]


def test_a_store_is_opened_where_no_folder_was(tmp_path: Path, clock: HandClock) -> None:
    store = open_store(f"sqlite:///{tmp_path}/new/folder/gateway.db", tmp_path / "payloads", clock)
    assert store.views.counts() == {}
    store.close()
