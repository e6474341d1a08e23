"""A store goes from SQLite to PostgreSQL whole, or not at all."""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text

from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.states import Direction, Inbound, SetIn
from edi_gateway.ports import rows
from edi_gateway.store import SqlStore, open_store
from edi_gateway.store.hold import hold
from edi_gateway.store.move import Move, Plan
from edi_gateway.store.payloads import PART, path_of
from edi_gateway.store.tables import jobs
from edi_gateway.testing.clock import HandClock

LARGE = b"large " * (2 * PART // 6)
TABLES = (
    "transmissions", "receipts", "attempts", "interchanges", "groups", "sets", "documents", "erp_files", "deadlines", "events",
    "api_tokens", "incidents", "notices", "pauses", "endpoints",
)  # fmt: skip


@pytest.fixture
def file(tmp_path: Path, fresh_sqlite: Path) -> Path:
    return Path(shutil.copy(fresh_sqlite, tmp_path / "gateway.db"))


@pytest.fixture
def source(file: Path, clock: HandClock) -> Iterator[SqlStore]:
    """A store with a row of its own kind in most tables, a large payload, and work in every state."""
    store = open_store(f"sqlite:///{file}", file.parent / "payloads", clock)
    fill(store, clock)
    yield store
    store.close()


def fill(store: SqlStore, clock: HandClock) -> None:
    now = clock.now()
    with store.begin() as uow:
        first = uow.transmissions.add(
            rows.Transmission(
                direction=Direction.IN, state=Inbound.RECEIPTED, created_at=now, partner="acme", message_id="<1@acme>", signed=True,
                headers=(("Subject", "Grüße\t\\N\n"),), content=uow.payloads.put(b"small \0 \\x"), wire=uow.payloads.put(LARGE),
            )
        )  # fmt: skip
        uow.transmissions.add(
            rows.Transmission(direction=Direction.IN, state=Inbound.DUPLICATE, created_at=now, duplicate_of=first.id, message_id="<1@acme>")
        )
        line = {"id": "1", "quantity": "2.50", "unit_code": "EA", "price": "3.10"}
        record = {"id": "PO1", "issue_date": "2026-03-02", "lines": [line]}
        document = uow.documents.add(rows.Document(direction=Direction.IN, kind="PurchaseOrder", record=record, created_at=now))
        uow.sets.add(
            rows.TransactionSet(
                direction=Direction.IN, state=SetIn.MAPPED, set_id="850", control_number="0001", created_at=now, partner="acme",
                po_number="PO1", transmission_id=first.id, document_id=document.id,
            )
        )  # fmt: skip
        uow.events.add(rows.Event(at=now, kind="as2.received", words="It came.", transmission_id=first.id))
        for _ in range(3):
            uow.control_numbers.claim("isa:ACME")
        uow.enqueue("translate", key="translate:1", id=1)
        uow.enqueue("map", key="map:1", order="acme 850 PO1", id=1)
        uow.enqueue("send", key="send:7", run_at=now + timedelta(hours=2), id=7)
        uow.enqueue("publish", key="publish:9", id=9)
    parked = store.jobs.claim(now, owner="here", lease=timedelta(minutes=5), tasks={"publish"})
    assert parked is not None
    store.jobs.park(parked, now, Fault.of("STO-303", task="publish", key="publish:9"))
    # What a gateway that died had in hand.
    assert store.jobs.claim(now, owner="dead", lease=timedelta(minutes=5), tasks={"translate"})


def everything(store: SqlStore) -> dict[str, list[Any]]:
    with store.read() as uow:
        return {name: getattr(uow, name).find() for name in TABLES}


def queued(store: SqlStore) -> dict[str, tuple[Any, ...]]:
    with store._database.read() as connect:
        found = connect().execute(select(jobs)).mappings().all()
    return {one["key"]: (one["task"], one["ids"], one["state"], one["run_at"]) for one in found}


@pytest.fixture
def moved(file: Path, new_postgres: Callable[[], str]) -> Callable[..., tuple[Plan, str]]:
    """Moves the file's store to a new database; what was moved, and the address."""
    target = new_postgres()

    def run(clock: HandClock, say: Callable[[str], None] = lambda words: None) -> tuple[Plan, str]:
        way = Move(f"sqlite:///{file}", file.parent / "payloads", target)
        try:
            return way.run(clock.now(), say), target
        finally:
            way.close()

    return run


def test_rows_payloads_numbers_and_work_arrive_and_the_file_stays_as_it_is(
    source: SqlStore, file: Path, clock: HandClock, moved: Callable[..., tuple[Plan, str]]
) -> None:
    before, waiting = everything(source), queued(source)
    source.close()
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    said: list[str] = []
    plan, target = moved(clock, said.append)
    assert (plan.rows["transmissions"], plan.files, plan.rows["jobs"]) == (2, 1, 4)
    assert "transmissions: 2" in said
    assert hashlib.sha256(file.read_bytes()).hexdigest() == digest
    after = open_store(target, file.parent / "nowhere", clock)
    try:
        assert everything(after) == before
        there = queued(after)
        assert there["map:1"] == waiting["map:1"]
        assert there["send:7"] == waiting["send:7"]
        assert there["publish:9"] == waiting["publish:9"]
        assert there["translate:1"][:3] == ("translate", {"id": 1}, "waiting")
        assert [one.fault.code for one in after.jobs.parked() if one.fault] == ["STO-303"]
        assert before["transmissions"][0].wire is not None
        assert after.views.payload(before["transmissions"][0].wire) == LARGE
        with after.begin() as uow:
            assert uow.control_numbers.claim("isa:ACME") == 4
            added = uow.events.add(rows.Event(at=clock.now(), kind="note", words="It goes on."))
        assert added.id == before["events"][-1].id + 1
        assert added.id is not None
    finally:
        after.close()


def test_the_tables_have_the_indexes_and_keys_that_they_would_have_had(
    source: SqlStore, clock: HandClock, moved: Callable[..., tuple[Plan, str]], new_postgres: Callable[[], str], tmp_path: Path
) -> None:
    source.close()
    said: list[str] = []
    known = []
    for url in (moved(clock, said.append)[1], new_postgres()):
        opened = open_store(url, tmp_path, clock)
        with opened._database.read() as connect:
            indexes = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'"
            keys = "SELECT conrelid::regclass::text || ': ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint"
            known.append([sorted(connect().execute(text(query)).scalars()) for query in (indexes, keys)])
        opened.close()
    assert known[0] == known[1]
    assert [one for one in known[0][1] if "FOREIGN KEY" in one]
    assert [words for words in said if words.startswith("indexes and keys: ")]


def test_nothing_is_moved_from_under_a_gateway(source: SqlStore, file: Path, clock: HandClock, moved: Callable[..., Any]) -> None:
    with hold(file), pytest.raises(Faulty) as refused:
        moved(clock)
    assert [one.code for one in refused.value.faults] == ["STO-101"]


@pytest.mark.parametrize(("harm", "code"), [("gone", "STO-202"), ("changed", "STO-201"), ("in its row", "STO-201")])
def test_a_damaged_payload_stops_the_move_and_the_next_one_begins_anew(
    source: SqlStore, file: Path, clock: HandClock, moved: Callable[..., Any], harm: str, code: str
) -> None:
    large = path_of(file.parent / "payloads", hashlib.sha256(LARGE).hexdigest())
    small = hashlib.sha256(b"small \0 \\x").hexdigest()
    with sqlite3.connect(file) as database:
        if harm == "in its row":
            database.execute("UPDATE payloads SET content = ? WHERE digest = ?", (b"x", small))
        elif harm == "gone":
            large.unlink()
        else:
            large.write_bytes(b"x" + LARGE[1:])
    database.close()
    with pytest.raises(Faulty) as refused:
        moved(clock)
    assert [one.code for one in refused.value.faults] == [code]
    large.write_bytes(LARGE)
    with sqlite3.connect(file) as database:
        database.execute("UPDATE payloads SET content = ? WHERE digest = ?", (b"small \0 \\x", small))
    database.close()
    assert moved(clock)[0].rows["transmissions"] == 2
    # And a second time nothing goes: what is there would be doubled.
    with pytest.raises(Faulty) as again:
        moved(clock)
    assert [one.code for one in again.value.faults] == ["STO-118"]


def test_a_move_that_dies_leaves_nothing_behind(source: SqlStore, file: Path, clock: HandClock, moved: Callable[..., Any]) -> None:
    class Died(Exception):
        pass

    def die(words: str) -> None:
        if words.startswith("events"):
            raise Died

    with pytest.raises(Died):
        moved(clock, die)
    assert moved(clock)[0].rows["events"] == 1


def test_only_a_file_is_moved_and_only_to_postgresql(source: SqlStore, file: Path, new_postgres: Callable[[], str], tmp_path: Path) -> None:
    here, there = f"sqlite:///{file}", new_postgres()
    for one, other, code in ((there, there, "STO-117"), (here, here, "STO-117"), (f"sqlite:///{tmp_path}/no.db", there, "STO-115")):
        with pytest.raises(Faulty) as refused:
            Move(one, tmp_path, other)
        assert [fault.code for fault in refused.value.faults] == [code]
