"""Transactions side by side, a database that is away, and who may open it."""

import multiprocessing
import resource
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.faults import Faulty
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.ports.rows import Transmission
from edi_gateway.ports.store import Unavailable
from edi_gateway.ports.views import MessageFilter
from edi_gateway.store import SqlStore, open_store
from edi_gateway.store import database as database_module
from edi_gateway.store.database import Database
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.counting import counts


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "gateway.db"


@pytest.fixture
def on_file(file: Path, tmp_path: Path, clock: HandClock) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{file}", tmp_path / "payloads", clock)
    yield opened
    opened.close()


def sent(clock: HandClock) -> Transmission:
    return Transmission(direction=Direction.OUT, state=Outbound.READY, created_at=clock.now())


def test_a_reader_does_not_wait_for_a_writer_and_sees_one_state(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as writing:
        writing.transmissions.add(sent(clock))
        with store.read() as reading:
            assert reading.transmissions.find() == []
    with store.read() as reading:
        assert len(reading.transmissions.find()) == 1
        with store.begin() as writing:
            writing.transmissions.add(sent(clock))
        assert len(reading.transmissions.find()) == 1


def test_writers_of_many_threads_all_get_their_turn(store: SqlStore, clock: HandClock) -> None:
    def write() -> None:
        for _ in range(10):
            with store.begin() as unit:
                unit.transmissions.add(sent(clock))

    threads = [threading.Thread(target=write) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts(store) == {"transmission.out.ready": 160}


def test_a_transaction_within_another_one_is_a_mistake_and_not_a_dead_lock(on_file: SqlStore, clock: HandClock) -> None:
    with on_file.begin() as outer:
        outer.transmissions.add(sent(clock))
        with pytest.raises(RuntimeError, match="within another"), on_file.begin() as inner:
            inner.transmissions.add(sent(clock))
    assert counts(on_file) == {"transmission.out.ready": 1}


def test_a_wrong_statement_of_ours_is_not_called_an_outage(store: SqlStore) -> None:
    with pytest.raises(Exception, match="nowhere") as raised, store.read() as unit:
        unit._connect().exec_driver_sql("SELECT * FROM nowhere")
    assert not isinstance(raised.value, Faulty)


def test_a_full_disk_is_said_so_and_half_of_nothing_is_kept(on_file: SqlStore, clock: HandClock) -> None:
    with on_file._database.write() as connect:
        connect().exec_driver_sql("PRAGMA max_page_count = 130")

    def fill() -> None:
        with on_file.begin() as unit:
            unit.transmissions.add(sent(clock))
            for number in range(9):
                unit.payloads.put(bytes([number]) * 200_000)

    with pytest.raises(Unavailable) as raised:
        fill()
    assert [fault.code for fault in raised.value.faults] == ["STO-102"]
    assert "full" in str(raised.value)
    assert counts(on_file) == {}
    with on_file._database.write() as connect:
        connect().exec_driver_sql("PRAGMA max_page_count = 1000000")
    fill()
    assert counts(on_file) == {"transmission.out.ready": 1}


def test_a_write_that_the_disk_refuses_is_said_so_and_nothing_of_it_is_kept(on_file: SqlStore, clock: HandClock) -> None:
    def fill(message: str) -> None:
        with on_file.begin() as unit:
            unit.transmissions.add(replace(sent(clock), message_id=message))
            for number in range(9):
                unit.payloads.put(message.encode() + bytes([number]) * 200_000)

    fill("before")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, before[1]))
    try:
        with pytest.raises(Unavailable) as raised:
            fill("refused")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert [fault.code for fault in raised.value.faults] == ["STO-102"]
    fill("after")
    with on_file.read() as unit:
        assert [row.message_id for row in unit.transmissions.find()] == ["before", "after"]


def test_a_damaged_file_is_said_so(file: Path, tmp_path: Path, clock: HandClock) -> None:
    file.write_bytes(b"This is no database at all. " * 100)
    with pytest.raises(Unavailable, match="STO-105"):
        open_store(f"sqlite:///{file}", tmp_path / "payloads", clock)


def test_what_a_fault_says_holds_no_payload(on_file: SqlStore, file: Path) -> None:
    with sqlite3.connect(file) as other:
        other.execute("DROP TABLE payloads")
    other.close()
    with pytest.raises(Exception, match="payloads") as raised, on_file.begin() as unit:
        unit.payloads.put(b"secret terms")
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite://", "names no file"),
        ("sqlite:///:memory:", "names no file"),
        ("mysql://root:hush@localhost/x", "mysql is not supported"),
        ("gateway.db", "Could not parse"),
    ],
)
def test_an_address_that_cannot_be_used_is_explained(url: str, why: str, tmp_path: Path, clock: HandClock) -> None:
    with pytest.raises(Faulty, match="STO-104") as raised:
        open_store(url, tmp_path, clock)
    assert why in str(raised.value)
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_does_not_hold_every_character_is_refused(postgres: Any, encoding: str, tmp_path: Path, clock: HandClock) -> None:
    name = f"narrow_{encoding.lower()}"
    postgres.psql(f"CREATE DATABASE {name} ENCODING '{encoding}' LOCALE 'C' TEMPLATE template0;")
    with pytest.raises(Faulty, match="STO-108") as raised:
        open_store(str(postgres.get_uri(database=name)), tmp_path, clock)
    assert encoding in str(raised.value)
    assert name in str(raised.value)


def test_a_server_that_is_away_is_said_so(tmp_path: Path, clock: HandClock) -> None:
    pytest.importorskip("psycopg")
    with pytest.raises(Unavailable, match="STO-102"):
        open_store("postgresql://nobody@127.0.0.1:1/nothing", tmp_path, clock)


def test_connections_that_were_cut_are_replaced(postgres: Any, used_postgres: Any, tmp_path: Path, clock: HandClock) -> None:
    store = open_store(used_postgres.url.render_as_string(hide_password=False), tmp_path, clock)
    before = counts(store)
    postgres.psql("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'used';")
    assert counts(store) == before
    with store.begin() as unit:
        assert unit.control_numbers.claim("after the cut") == 1
    store.close()


@pytest.mark.parametrize("lock", ["LOCK TABLE transmissions", "SELECT 1 FROM control_numbers FOR UPDATE"], ids=["table", "row"])
def test_what_another_session_locks_is_waited_for_and_not_for_ever(
    emptied_postgres: str, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch, lock: str
) -> None:
    other = Database(emptied_postgres)
    monkeypatch.setattr(database_module, "BUSY_TIMEOUT", timedelta(seconds=0.5))
    store = open_store(emptied_postgres, tmp_path, clock)

    def use() -> int:
        with store.begin() as unit:
            unit.transmissions.find(direction=Direction.OUT)
            return unit.control_numbers.claim("one after the other")

    assert use() == 1
    with other.write() as connect:
        connect().exec_driver_sql(lock)
        with pytest.raises(Unavailable, match=r"STO-102.*lock timeout"):
            use()
    assert use() == 2
    store.close()
    other.close()


def test_a_transaction_that_is_cut_is_said_to_have_failed(postgres: Any, used_postgres: Any, tmp_path: Path, clock: HandClock) -> None:
    store = open_store(used_postgres.url.render_as_string(hide_password=False), tmp_path, clock)

    def cut() -> None:
        with store.begin() as unit:
            unit.control_numbers.claim("cut")
            postgres.psql("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = 'used';")
            unit.control_numbers.claim("cut")

    with pytest.raises(Unavailable, match="STO-102"):
        cut()
    with store.begin() as unit:
        assert unit.control_numbers.claim("cut") == 1
    store.close()


def test_on_postgresql_no_list_is_planned_without_its_values(emptied_postgres: str, tmp_path: Path, clock: HandClock) -> None:
    """One plan for rare states and common ones walks a million messages for the rare; what is looked up by its key has one."""
    opened = open_store(emptied_postgres, tmp_path, clock)
    for _ in range(10):
        opened.views.messages(MessageFilter(state="received"))
        opened.views.messages(MessageFilter(text="PO-1"))
        with opened.read() as unit, pytest.raises(KeyError):
            unit.sets.get(1)
    with opened._database.read() as connect:
        planned = connect().exec_driver_sql("SELECT statement FROM pg_prepared_statements WHERE generic_plans > 0").scalars().all()
    opened.close()
    assert [one for one in planned if "LIMIT" in one] == []
    assert any("WHERE sets.id = $1" in one for one in planned)


def hold(url: str, folder: Path, answers: Any) -> None:
    """In a process of its own: tries to be the gateway, and says how that went."""
    store = open_store(url, folder, HandClock())
    try:
        with store.hold():
            answers.put("held")
    except Faulty as faulty:
        answers.put(faulty.faults[0].line())


def test_a_second_gateway_on_one_sqlite_file_is_refused(on_file: SqlStore, file: Path, tmp_path: Path) -> None:
    processes = multiprocessing.get_context("spawn")
    answers = processes.Queue()

    def another() -> str:
        process = processes.Process(target=hold, args=(f"sqlite:///{file}", tmp_path, answers))
        process.start()
        answer = answers.get(timeout=60)
        process.join()
        return str(answer)

    with on_file.hold():
        refusal = another()
        with pytest.raises(Faulty, match="STO-101"), on_file.hold():
            pass
    assert "STO-101" in refusal
    assert str(file) in refusal
    assert "(process " in refusal
    assert another() == "held"


def test_the_next_gateway_takes_up_what_a_dead_one_was_doing(on_file: SqlStore, clock: HandClock) -> None:
    with on_file.begin() as unit:
        unit.enqueue("send", key="send:1", id=1)
    on_file.jobs.claim(clock.now(), owner="dead", lease=timedelta(days=1))
    with on_file.hold():
        assert on_file.jobs.claim(clock.now(), owner="next", lease=timedelta(days=1)) is not None
