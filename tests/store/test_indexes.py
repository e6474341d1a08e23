"""Lists and searches walk indexes, whatever the number of messages: SQLite's own plan says so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from edi_gateway.lifecycle.states import DeadlineKind, Direction, Inbound, SetIn
from edi_gateway.ports import rows
from edi_gateway.ports.views import MessageFilter
from edi_gateway.store import SqlStore, open_store, selection
from edi_gateway.store.unit import SqlUnitOfWork
from edi_gateway.testing.clock import HandClock

LARGE = ("transmissions", "receipts", "interchanges", "groups", "sets", "erp_files", "events", "attempts", "documents", "payloads")


@pytest.fixture
def store(tmp_path: Path, clock: HandClock) -> Iterator[SqlStore]:
    opened = open_store(f"sqlite:///{tmp_path / 'gateway.db'}", tmp_path / "payloads", clock)
    yield opened
    opened.close()


@contextmanager
def plans(store: SqlStore) -> Iterator[list[str]]:
    """The plan of every statement that is run meanwhile."""
    seen: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.lstrip().startswith(("SELECT", "UPDATE", "DELETE")):
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            seen.extend(f"{row[3]}   <- {statement}" for row in plan)

    engines = (store._database.reader, store._database.writer)
    for engine in engines:
        event.listen(engine, "before_cursor_execute", explain)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", explain)


def scans(plan: list[str]) -> list[str]:
    """Steps that read a whole large table, or sort one."""
    return [step for step in plan if step.startswith(tuple(f"SCAN {table}" for table in LARGE)) and "USING" not in step.split("<-")[0]]


@pytest.mark.parametrize("text", ["4500017", "905", "<1@acme>", "orders.csv"])
def test_a_search_for_few_scans_no_table(store: SqlStore, text: str) -> None:
    with plans(store) as plan:
        store.views.messages(MessageFilter(text=text))
    assert plan
    assert scans(plan) == []


@pytest.mark.parametrize(
    "wanted",
    [
        MessageFilter(partner="acme"),
        MessageFilter(state="delivered"),
        MessageFilter(set_id="850"),
        MessageFilter(attention=True),
    ],
)
def test_a_filter_sorts_nothing(store: SqlStore, wanted: MessageFilter) -> None:
    with plans(store) as plan:
        store.views.messages(wanted, before=1000)
    assert scans(plan) == []
    assert not [step for step in plan if "TEMP B-TREE FOR ORDER BY" in step and "FROM transmissions" in step]


def test_attention_and_what_was_never_translated_look_at_few_of_what_was_received(store: SqlStore, clock: HandClock) -> None:
    """Both ask for received messages with a second condition that few meet: that one's index is to be walked."""
    with plans(store) as plan:
        store.views.messages(MessageFilter(attention=True))
        with store.read() as unit:
            unit.stale(clock.now())
    assert [step for step in plan if "ix_transmissions_faulty" in step]
    assert [step for step in plan if "ix_transmissions_created" in step]


def test_a_search_for_many_walks_the_newest_first(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "FEW", -1)
    with plans(store) as plan:
        store.views.messages(MessageFilter(text="4"))
    assert not [step for step in plan if "TEMP B-TREE FOR ORDER BY" in step and "FROM transmissions" in step]


def test_on_postgresql_a_search_for_many_asks_of_one_message_at_a_time(
    emptied_postgres: str, tmp_path: Path, clock: HandClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What meets a condition in all other messages is not gathered beforehand, be they as few as here."""
    monkeypatch.setattr(selection, "FEW", -1)
    monkeypatch.setattr(selection, "MANY", -1)
    seen: list[str] = []

    def explain(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if statement.startswith("SELECT transmissions"):
            with cursor.connection.cursor() as other:
                seen.extend(row[0] for row in other.execute(f"EXPLAIN {statement}", parameters))

    opened = open_store(emptied_postgres, tmp_path, clock)
    event.listen(opened._database.reader, "before_cursor_execute", explain)
    for wanted in (MessageFilter(text="4"), MessageFilter(state="delivered"), MessageFilter(set_id="850"), MessageFilter(attention=True)):
        opened.views.messages(wanted)
    opened.close()
    assert [step for step in seen if "SubPlan" in step]
    assert not [step for step in seen if "hashed SubPlan" in step]


def test_a_postgresql_that_has_not_counted_its_rows_yet_reads_few_for_an_order_and_for_a_message(
    new_postgres: Callable[[], str], tmp_path: Path, clock: HandClock
) -> None:
    """In its first minutes it guesses: no other index than the right one may look as good to it."""
    now, many, asked = clock.now(), range(600), {"sets", "transmissions", "document_lines", "interchanges"}
    sent = {"direction": Direction.IN, "created_at": now, "partner": "acme"}
    notice = {"id": "S", "orders": [{"po_id": "", "pallets": [{"packs": [{"items": [{"quantity": "1", "unit_code": "EA"}] * 5}]}]}]}
    url = new_postgres()
    filling = open_store(url, tmp_path, clock)
    with filling.begin() as unit:
        for number in many:
            message = {"as2_from": "A", "as2_to": "B", "message_id": f"<{number}@a>", "content": "0" * 64}
            kept = unit.transmissions.add(rows.Transmission(state=Inbound.RECEIPTED, **sent, **message))
            if number != 7:
                unit.interchanges.add(rows.Interchange(control_number="1", transmission_id=kept.id, **sent))
            notice["orders"][0]["po_id"] = f"PO-{number}"
            document = unit.documents.add(rows.Document(kind="ShipNotice", record=notice, **sent))
            known = {"set_id": "856", "control_number": "1", "document_id": document.id}
            unit.sets.add(rows.TransactionSet(state=SetIn.DELIVERED, po_number=f"PO-{number}", **sent, **known))
    # What a connection has read is counted late.
    filling.close()
    opened = open_store(url, tmp_path, clock)
    with opened._database.write() as connect:
        counted = "SELECT relname, seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relname = ANY(%s)"
        unit = SqlUnitOfWork(connect, None, clock)
        assert len(unit.order_sets("acme", "PO-7")) == 1
        assert len(unit.sets.find(po_number="PO-7", direction=Direction.IN, partner="acme", state=SetIn.DELIVERED)) == 1
        assert unit.first_receipt("A", "B", "<7@a>") is not None
        assert not unit.is_begun(8)
        read = connect().exec_driver_sql(counted, (list(asked),)).all()
    opened.close()
    assert {name for name, _ in read} == asked
    assert all(count < 20 for _, count in read), read


def test_one_message_and_the_overdue_list_scan_no_table(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        now = clock.now()
        first = unit.deadlines.add(rows.Deadline(subject="set", subject_id=1, kind=DeadlineKind.ANSWER, due_at=now, created_at=now))
    with plans(store) as plan:
        with pytest.raises(KeyError):
            store.views.message(1)
        store.views.overdue(clock.now())
        store.views.waiting_windows()
        store.views.waiting_windows(after=first.id)
        store.views.closed_windows()
        store.views.health()
        with store.read() as unit:
            unit.due_deadlines(clock.now())
            unit.first_receipt("a", "b", "c")
            unit.stale(clock.now())
    assert scans(plan) == []
    assert not [step for step in plan if step.startswith(("SCAN deadlines", "SCAN jobs")) and "USING" not in step.split("<-")[0]]


def test_a_claimed_file_is_looked_for_by_its_name_and_not_among_all_of_its_partner(store: SqlStore) -> None:
    with plans(store) as plan, store.read() as unit:
        unit.erp_files.find(direction=Direction.IN, partner="acme", name="order.csv", path="/erp/order.csv", content="0" * 64)
    assert [step.split("   <-")[0] for step in plan] == ["SEARCH erp_files USING INDEX ix_erp_files_name (name=?)"]


def test_whether_a_message_is_begun_is_looked_up_by_its_number(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        unit.transmissions.add(rows.Transmission(direction=Direction.IN, state=Inbound.OPENED, created_at=clock.now()))
    with plans(store) as plan, store.read() as unit:
        unit.is_begun(1)
    assert scans(plan) == []
    assert len(plan) == 2


def test_what_names_an_invoice_is_looked_for_by_the_number_and_not_among_all_of_the_partner(store: SqlStore) -> None:
    with plans(store) as plan, store.read() as unit:
        unit.referring("acme", ["INV-1", "SHP-1"])
    assert [step for step in plan if "ix_sets_document (" in step]
    assert not [step for step in plan if "ix_sets_arrivals" in step]


def test_the_messages_of_a_partner_in_one_direction_are_walked_by_its_index_and_counted_there(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        unit.transmissions.add(rows.Transmission(direction=Direction.IN, state=Inbound.RECEIPTED, created_at=clock.now(), partner="acme"))
    clock.turn(timedelta(hours=1))
    with plans(store) as plan:
        store.views.messages(MessageFilter(partner="acme", direction=Direction.IN), before=1000)
        assert not [step for step in plan if "TEMP B-TREE" in step and "FROM transmissions" in step]
        plan.clear()
        assert store.views.activity()[0].received == 1
        (first,) = [step for step in plan if "ix_transmissions_partner" in step]
        assert "COVERING INDEX" in first
        plan.clear()
        store.views.activity()
    assert not [step for step in plan if "ix_transmissions_partner" in step]


def test_what_a_partner_sent_and_nobody_translated_is_found_in_indexes_before_a_row_is_read(store: SqlStore) -> None:
    with plans(store) as plan, store.read() as unit:
        unit.untranslated("acme")
    steps = [step.split("   <-")[0] for step in plan]
    assert [step for step in steps if step.startswith("SEARCH there USING COVERING INDEX ix_transmissions_partner")]
    assert [step for step in steps if step.startswith("SEARCH interchanges USING INDEX ix_interchanges_transmission")]
    assert [step for step in steps if "ix_transmissions_parts_kept" in step]
    assert [step for step in steps if step.startswith("SEARCH transmissions USING INTEGER PRIMARY KEY")]


def test_what_needs_attention_is_walked_by_its_rare_states(store: SqlStore) -> None:
    with plans(store) as plan:
        store.views.activity()
    assert not [step for step in plan if "ix_transmissions_state (direction=?)" in step]
    assert scans(plan) == []
