"""Migrations make what the tables say, whole or not at all."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect

from edi_gateway.faults import Fault, Faulty
from edi_gateway.store import open_store, tables
from edi_gateway.store.database import Database
from edi_gateway.store.indexes import INDEXES
from edi_gateway.store.jobs import SqlJobs
from edi_gateway.store.upgrade import HEAD, alembic_config, migrate, upgrade
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.counting import counts


@pytest.fixture
def database(empty_url: str):  # type: ignore[no-untyped-def]
    opened = Database(empty_url)
    yield opened
    opened.close()


def test_the_migrations_make_exactly_the_tables(database: Database) -> None:
    upgrade(database)

    def is_ours(name: str | None, kind: str, parents: object) -> bool:
        """On PostgreSQL the queue is Procrastinate's, with a view over it."""
        return database.file is not None or kind != "table" or not str(name).startswith(("procrastinate_", "gateway_job", "jobs"))

    def is_wanted(what: object, name: str | None, kind: str, reflected: bool, other: object) -> bool:
        return is_ours(name, kind, None)

    with database.read() as connect:
        options = {"compare_type": True, "include_name": is_ours, "include_object": is_wanted}
        differences = compare_metadata(MigrationContext.configure(connect(), opts=options), tables.metadata)
        here = [table.name for table in tables.metadata.sorted_tables if is_ours(table.name, "table", None)]
        named = {name: {index["name"] for index in inspect(connect()).get_indexes(name)} for name in here}
    assert differences == []
    for index in INDEXES:
        assert index.table is not None
        assert index.table.name not in named or index.name in named[index.table.name]


def test_the_migrations_make_each_index_of_the_rows_that_it_is_to_have(database: Database) -> None:
    """What the comparison of Alembic does not look at."""
    if database.file is None:
        pytest.skip("PostgreSQL writes a condition in other words")
    upgrade(database)
    with database.read() as connect:
        made = {index["name"]: index for table in tables.metadata.sorted_tables for index in inspect(connect()).get_indexes(table.name)}
    for index in INDEXES:
        wanted, found = index.dialect_options["sqlite"]["where"], made[index.name]["dialect_options"].get("sqlite_where")
        assert str(found) == str(wanted), index.name


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
    assert counts(store) == {}
    store.close()


def test_work_in_flight_goes_on_after_an_upgrade_on_sqlite(tmp_path: Path, clock: HandClock) -> None:
    url = f"sqlite:///{tmp_path / 'gateway.db'}"
    older = Database(url)
    with older.write() as connect:
        command.upgrade(alembic_config(connect()), "0001")
        for row in (
            "('send', 'send:1', '{\"id\":1}', 'waiting', '2026-01-01 00:00:00.000000', 0, NULL, NULL)",
            "('send', 'send:2', '{\"id\":2}', 'running', '2026-01-01 00:00:00.000000', 1, 'dead', '2099-01-01 00:00:00.000000')",
        ):
            connect().exec_driver_sql(f"INSERT INTO jobs (task, key, ids, state, run_at, attempts, owner, lease_until) VALUES {row}")
    older.close()
    store = open_store(url, tmp_path / "payloads", clock)
    assert isinstance(store.jobs, SqlJobs)
    with store.hold():
        claimed = [store.jobs.claim(clock.now(), owner="next", lease=timedelta(minutes=5)) for _ in range(3)]
    assert sorted(job.key for job in claimed if job is not None) == ["send:1", "send:2"]
    store.close()


@pytest.fixture
def empty_postgres(new_postgres: Callable[[], str]) -> Iterator[Database]:
    opened = Database(new_postgres())
    yield opened
    opened.close()


def test_work_in_flight_goes_along_to_procrastinate(empty_postgres: Database, tmp_path: Path, clock: HandClock) -> None:
    fault = json.dumps([Fault.of("STO-302", task="send", key="send:3", attempt=8, reason="no").as_json()]).replace("'", "''")
    with empty_postgres.write() as connect:
        command.upgrade(alembic_config(connect()), "0001")
        for row in (
            "('send', 'send:1', '{\"id\":1}', 'waiting', now(), 0, NULL, NULL)",
            "('send', 'send:2', '{\"id\":2}', 'running', now(), 1, now(), NULL)",
            "('tick', 'tick', NULL, 'waiting', now(), 0, NULL, NULL)",
            f"('send', 'send:3', '{{\"id\":3}}', 'parked', now(), 8, now(), '{fault}')",
        ):
            connect().exec_driver_sql(f"INSERT INTO jobs (task, key, ids, state, run_at, attempts, first_at, fault) VALUES {row}")
    store = open_store(empty_postgres.url.render_as_string(hide_password=False), tmp_path, clock)
    assert counts(store) == {"job.waiting": 3, "job.parked": 1}
    [parked] = store.jobs.parked()
    assert (parked.key, parked.ids, parked.attempts, parked.fault and parked.fault.code) == ("send:3", {"id": 3}, 8, "STO-302")
    store.close()


def test_the_migrations_of_a_newer_procrastinate_are_applied_and_recorded(empty_postgres: Database) -> None:
    upgrade(empty_postgres)
    with empty_postgres.write() as connect:
        newest = connect().exec_driver_sql("SELECT max(name) FROM gateway_job_schema").scalar_one()
        # As if the newest one had never been: it makes this trigger.
        connect().exec_driver_sql("DELETE FROM gateway_job_schema WHERE name = (SELECT max(name) FROM gateway_job_schema)")
        connect().exec_driver_sql("DROP TRIGGER procrastinate_trigger_status_events_update_v1 ON procrastinate_jobs")
    upgrade(empty_postgres)
    with empty_postgres.read() as connect:
        assert connect().exec_driver_sql("SELECT max(name) FROM gateway_job_schema").scalar_one() == newest
        trigger = "SELECT count(*) FROM pg_trigger WHERE tgname = 'procrastinate_trigger_status_events_update_v1'"
        assert connect().exec_driver_sql(trigger).scalar_one() == 1


def test_job_tables_of_a_newer_procrastinate_are_refused(empty_postgres: Database) -> None:
    upgrade(empty_postgres)
    with empty_postgres.write() as connect:
        connect().exec_driver_sql("INSERT INTO gateway_job_schema (name) VALUES ('99.00.00_01_to_come')")
    with pytest.raises(Faulty) as raised:
        upgrade(empty_postgres)
    assert [fault.code for fault in raised.value.faults] == ["STO-106"]


def test_lines_of_documents_outlive_the_loss_of_their_numbers(database: Database) -> None:
    lines = (
        "SELECT document_id, position, line_id, po_number, quantity, due_date, reference FROM document_lines ORDER BY document_id, position"
    )
    with database.write() as connect:
        migrate(connect(), "0017")
        for number in (1, 2):
            kept = f"({number}, 'in', 'PurchaseOrder', '{{}}', '2026-01-01 00:00:00', 'x', 'x')"
            connect().exec_driver_sql(
                f"INSERT INTO documents (id, direction, kind, record, created_at, map_name, map_digest) VALUES {kept}"
            )
        for document, position, number, day in ((2, 1, 7, "'2026-02-28'"), (1, 1, 8, "NULL"), (2, 2, 9, "NULL")):
            values = f"{document}, {position}, '{number}', 'PO{number}', '2.50', {day}, 'IN{number}'"
            columns = "document_id, position, line_id, po_number, quantity, due_date, reference"
            connect().exec_driver_sql(f"INSERT INTO document_lines ({columns}) VALUES ({values})")
        before = connect().exec_driver_sql(lines).all()
    upgrade(database)
    with database.read() as connect:
        assert connect().exec_driver_sql(lines).all() == before
        assert [row[:4] for row in before] == [(1, 1, "8", "PO8"), (2, 1, "7", "PO7"), (2, 2, "9", "PO9")]
        assert "id" not in {column["name"] for column in inspect(connect()).get_columns("document_lines")}
