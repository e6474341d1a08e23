"""A backup is one state of the store, taken while others write, and comes back whole on either database."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.faults import Faulty
from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.ports import rows
from edi_gateway.store import SqlStore, open_store
from edi_gateway.store.backup import SKIPPED, load_backup, save_backup
from edi_gateway.store.payloads import IN_DATABASE
from edi_gateway.testing.clock import HandClock

LARGE = b"large " * IN_DATABASE
TABLES = ("transmissions", "receipts", "sets", "documents", "erp_files", "deadlines", "events", "incidents", "notices")


def receive(store: SqlStore, clock: HandClock, number: int, content: bytes) -> None:
    """A message with its set and its event, in one transaction."""
    with store.begin() as uow:
        row = uow.transmissions.add(
            rows.Transmission(
                direction=Direction.IN,
                state=Inbound.RECEIPTED,
                created_at=clock.now(),
                message_id=f"<{number}@acme>",
                as2_from="ACME",
                as2_to="OURCO",
                content=uow.payloads.put(content),
            )
        )
        uow.events.add(rows.Event(at=clock.now(), kind="as2.received", words=f"{number}", transmission_id=row.id))
        uow.receipts.add(rows.Receipt(direction=Direction.OUT, created_at=clock.now(), transmission_id=row.id, message_id=f"<r{number}>"))


def everything(store: SqlStore) -> dict[str, list[Any]]:
    with store.read() as uow:
        return {name: getattr(uow, name).find() for name in TABLES}


@pytest.fixture
def target_url(request: pytest.FixtureRequest, database_url: str, tmp_path: Path) -> str:
    """The address of another, empty database of the same kind."""
    if database_url.startswith("sqlite"):
        (tmp_path / "restored").mkdir()
        return f"sqlite:///{tmp_path / 'restored' / 'gateway.db'}"
    return str(request.getfixturevalue("new_postgres")())


def quiet(words: str) -> None:
    pass


def test_what_was_saved_comes_back_row_by_row_and_byte_by_byte(
    store: SqlStore, clock: HandClock, database_url: str, target_url: str, tmp_path: Path
) -> None:
    for number in range(20):
        receive(store, clock, number, b"content %d" % number)
    receive(store, clock, 20, LARGE)
    (tmp_path / "saved").mkdir()
    facts = save_backup(database_url, tmp_path / "payloads", tmp_path / "saved", quiet)
    assert facts["rows"]["transmissions"] == 21
    load_backup(target_url, tmp_path / "payloads-restored", tmp_path / "saved", facts, quiet)
    restored = open_store(target_url, tmp_path / "payloads-restored", clock)
    try:
        assert everything(restored) == everything(store)
        with restored.read() as uow:
            assert uow.payloads.get(everything(store)["transmissions"][-1].content) == LARGE
        receive(restored, clock, 21, b"and on it goes")
        assert len(everything(restored)["transmissions"]) == 22
    finally:
        restored.close()


def test_a_message_id_seen_before_the_backup_is_known_after_it_and_no_control_number_is_used_twice(
    store: SqlStore, clock: HandClock, database_url: str, target_url: str, tmp_path: Path
) -> None:
    receive(store, clock, 7, b"once")
    with store.begin() as uow:
        used = [uow.control_numbers.claim("isa:acme") for _ in range(3)]
        uow.control_numbers.seen("in:acme:ZZ:ACME", 905)
    (tmp_path / "saved").mkdir()
    facts = save_backup(database_url, tmp_path / "payloads", tmp_path / "saved", quiet)
    with store.begin() as uow:
        used += [uow.control_numbers.claim("isa:acme") for _ in range(500)]
    load_backup(target_url, tmp_path / "payloads-restored", tmp_path / "saved", facts, quiet)
    restored = open_store(target_url, tmp_path / "payloads-restored", clock)
    try:
        with restored.begin() as uow:
            first = uow.first_receipt("ACME", "OURCO", "<7@acme>")
            assert first is not None
            assert first[1] is not None
            assert first[1].message_id == "<r7>"
            following = uow.control_numbers.claim("isa:acme")
            assert uow.control_numbers.seen("in:acme:ZZ:ACME", 906) == 905
        assert following not in used
        assert following == 3 + SKIPPED + 1
    finally:
        restored.close()


def test_a_backup_under_load_is_one_state(
    opening: Callable[[], SqlStore], clock: HandClock, database_url: str, target_url: str, tmp_path: Path
) -> None:
    store, stop = opening(), threading.Event()

    def write(writer: int) -> None:
        number = 0
        while not stop.is_set():
            receive(store, clock, writer * 1_000_000 + number, LARGE[number:] if number % 40 == 0 else b"%d-%d" % (writer, number))
            number += 1

    writers = [threading.Thread(target=write, args=(writer,)) for writer in range(3)]
    for one in writers:
        one.start()
    try:
        while len(everything(store)["transmissions"]) < 60:
            pass
        (tmp_path / "saved").mkdir()
        facts = save_backup(database_url, tmp_path / "payloads", tmp_path / "saved", quiet)
    finally:
        stop.set()
        for one in writers:
            one.join()
    load_backup(target_url, tmp_path / "payloads-restored", tmp_path / "saved", facts, quiet)
    restored = open_store(target_url, tmp_path / "payloads-restored", clock)
    try:
        found = everything(restored)
        count = len(found["transmissions"])
        assert 60 <= count < len(everything(store)["transmissions"]) + 1
        assert len(found["events"]) == len(found["receipts"]) == count
        with restored.read() as uow:
            assert all(uow.payloads.get(row.content) for row in found["transmissions"])
    finally:
        restored.close()


def test_a_database_that_is_not_empty_is_left_alone(store: SqlStore, clock: HandClock, database_url: str, tmp_path: Path) -> None:
    receive(store, clock, 1, b"keep me")
    (tmp_path / "saved").mkdir()
    facts = save_backup(database_url, tmp_path / "payloads", tmp_path / "saved", quiet)
    before = everything(store)
    with pytest.raises(Faulty) as raised:
        load_backup(database_url, tmp_path / "payloads", tmp_path / "saved", facts, quiet)
    assert [fault.code for fault in raised.value.faults] == ["STO-111"]
    assert everything(store) == before


def test_a_backup_of_another_kind_of_database_is_refused(database_url: str, tmp_path: Path, store: SqlStore) -> None:
    other = "postgresql" if database_url.startswith("sqlite") else "sqlite"
    with pytest.raises(Faulty) as raised:
        load_backup(database_url, tmp_path / "payloads", tmp_path, {"engine": other}, quiet)
    assert raised.value.faults[0].code == "STO-111"
