"""Payloads are kept whole, once, and never given back damaged."""

import hashlib
import io
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select, update

from edi_gateway.faults import Faulty
from edi_gateway.store import SqlStore, open_store, tables
from edi_gateway.store.payloads import IN_DATABASE, PART, path_of
from edi_gateway.testing.clock import HandClock

LARGE = bytes(range(256)) * (IN_DATABASE // 256) + b"!"


@pytest.fixture
def on_sqlite(fresh_sqlite: Path, tmp_path: Path, clock: HandClock) -> Iterator[SqlStore]:
    shutil.copy(fresh_sqlite, tmp_path / "gateway.db")
    opened = open_store(f"sqlite:///{tmp_path / 'gateway.db'}", tmp_path / "payloads", clock)
    yield opened
    opened.close()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@given(content=st.binary(max_size=2000))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
def test_any_bytes_come_back_by_their_digest(store: SqlStore, content: bytes) -> None:
    with store.begin() as unit:
        digest = unit.payloads.put(content)
        assert digest == hashlib.sha256(content).hexdigest()
        assert unit.payloads.get(digest) == content
    assert store.views.payload(digest) == content


def test_on_sqlite_up_to_256_kb_stand_in_the_database_and_more_in_the_folder(on_sqlite: SqlStore, tmp_path: Path) -> None:
    with on_sqlite.begin() as unit:
        unit.payloads.put(LARGE[:-1])
        assert files(tmp_path / "payloads") == []
        digest = unit.payloads.put(LARGE)
    assert files(tmp_path / "payloads") == [path_of(tmp_path / "payloads", digest)]
    assert on_sqlite.views.payload(digest) == LARGE


@pytest.mark.parametrize("size", [IN_DATABASE, IN_DATABASE + 1, PART, PART + 1, 3 * PART, 3 * PART + 7])
def test_on_postgresql_any_size_stands_in_the_database_for_every_host(emptied_postgres: str, tmp_path: Path, size: int) -> None:
    content = (bytes(range(251)) * (size // 251 + 1))[:size]
    here, there = (open_store(emptied_postgres, tmp_path / host, HandClock()) for host in ("here", "there"))
    with here.begin() as unit:
        digest = unit.payloads.put(content)
    assert there.views.payload(digest) == content
    assert files(tmp_path) == []
    with here.begin() as unit:
        unit._connect().execute(delete(tables.payloads))
        assert unit._connect().execute(select(func.count()).select_from(tables.payload_parts)).scalar() == 0
    for store in (here, there):
        store.close()


def test_a_lost_part_is_told_and_the_rest_not_given_out(emptied_postgres: str, tmp_path: Path) -> None:
    store = open_store(emptied_postgres, tmp_path, HandClock())
    with store.begin() as unit:
        digest = unit.payloads.put(b"x" * 2 * PART)
        unit._connect().execute(delete(tables.payload_parts).where(tables.payload_parts.c.number == 1))
    with pytest.raises(Faulty, match="STO-201"):
        store.views.payload(digest)
    store.close()


@pytest.mark.parametrize("content", [b"small", LARGE], ids=["small", "large"])
def test_the_same_bytes_twice_are_kept_once(store: SqlStore, content: bytes, tmp_path: Path) -> None:
    for _ in range(2):
        with store.begin() as unit:
            assert unit.payloads.put(content) == unit.payloads.put(content)
    assert len(files(tmp_path / "payloads")) <= 1
    assert store.views.payload(hashlib.sha256(content).hexdigest()) == content


def test_bytes_whose_transaction_failed_are_not_there_and_can_be_kept_later(store: SqlStore) -> None:
    def half() -> None:
        with store.begin() as unit:
            unit.payloads.put(LARGE)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    digest = hashlib.sha256(LARGE).hexdigest()
    with pytest.raises(KeyError):
        store.views.payload(digest)
    with store.begin() as unit:
        unit.payloads.put(LARGE)
    assert store.views.payload(digest) == LARGE


def test_what_was_never_kept_is_a_key_error(store: SqlStore) -> None:
    with pytest.raises(KeyError):
        store.views.payload("0" * 64)


def test_a_damaged_file_is_named_and_not_given_out(on_sqlite: SqlStore, tmp_path: Path) -> None:
    with on_sqlite.begin() as unit:
        digest = unit.payloads.put(LARGE)
    path_of(tmp_path / "payloads", digest).write_bytes(LARGE[:-1] + b"?")
    with pytest.raises(Faulty) as raised:
        on_sqlite.views.payload(digest)
    assert [fault.code for fault in raised.value.faults] == ["STO-201"]


def test_a_lost_file_is_named(on_sqlite: SqlStore, tmp_path: Path) -> None:
    with on_sqlite.begin() as unit:
        digest = unit.payloads.put(LARGE)
    path_of(tmp_path / "payloads", digest).unlink()
    with pytest.raises(Faulty, match="STO-202"):
        on_sqlite.views.payload(digest)


def test_damaged_bytes_in_the_database_are_not_given_out(store: SqlStore) -> None:
    with store.begin() as unit:
        digest = unit.payloads.put(b"whole")
    with store._database.write() as connect:
        connect().execute(update(tables.payloads).values(content=b"hole"))
    with pytest.raises(Faulty, match="STO-201"):
        store.views.payload(digest)


def test_payloads_that_are_put_hold_no_other_writer_up(on_sqlite: SqlStore) -> None:
    """Files are made and digests computed before the transaction begins, so another writer, here of the same thread, can come between."""
    contents = [b"small", LARGE, LARGE + b"and more"]
    with on_sqlite.begin() as unit:
        digests = [unit.payloads.put(content) for content in contents]
        with on_sqlite.begin() as other:
            between = other.payloads.put(b"between")
            assert other.payloads.get(between) == b"between"
        assert all(path_of(unit.payloads._folder, digest).exists() for digest in digests[1:])
        assert [unit.payloads.get(digest) for digest in digests] == contents
    with on_sqlite.read() as unit:
        assert [unit.payloads.get(digest) for digest in digests] == contents


@pytest.mark.parametrize("content", [b"", b"ISA*small", LARGE], ids=["empty", "small", "large"])
def test_bytes_that_come_as_a_file_are_kept_and_given_back_as_one(store: SqlStore, content: bytes) -> None:
    file = io.BytesIO(content)
    file.seek(0, io.SEEK_END)
    with store.begin() as unit:
        digest = unit.payloads.put_file(file)
    assert digest == hashlib.sha256(content).hexdigest()
    with store.read() as unit:
        assert unit.payloads.size(digest) == len(content)
        with unit.payloads.open(digest) as given_back:
            assert given_back.read() == content
        assert unit.payloads.get(digest) == content


def test_what_is_in_the_database_opens_as_a_file_too(store: SqlStore) -> None:
    with store.begin() as unit:
        digest = unit.payloads.put(b"ISA*small")
        with unit.payloads.open(digest) as file:
            assert file.read() == b"ISA*small"


def test_a_damaged_or_lost_file_is_not_opened(on_sqlite: SqlStore, tmp_path: Path) -> None:
    with on_sqlite.begin() as unit:
        digest = unit.payloads.put_file(io.BytesIO(LARGE))
    path = path_of(tmp_path / "payloads", digest)
    path.write_bytes(LARGE[:-1] + b"?")
    with on_sqlite.read() as unit, pytest.raises(Faulty, match="STO-201"):
        unit.payloads.open(digest)
    path.unlink()
    with on_sqlite.read() as unit, pytest.raises(Faulty, match="STO-202"):
        unit.payloads.open(digest)
    with on_sqlite.read() as unit, pytest.raises(KeyError):
        unit.payloads.open("0" * 64)
    with on_sqlite.read() as unit, pytest.raises(KeyError):
        unit.payloads.size("0" * 64)


def test_a_scratch_file_leaves_nothing_behind(store: SqlStore, tmp_path: Path) -> None:
    with store.scratch() as file:
        file.write(LARGE)
    assert files(tmp_path / "payloads") == []
