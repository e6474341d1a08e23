"""What the reconciler finds: rows that wait for a job and have none."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import Direction, FileState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.rows import ErpFile, Interchange, TransactionSet, Transmission
from edi_gateway.store import SharedJobs, SqlStore
from edi_gateway.testing.clock import HandClock


def stale(store: SqlStore, clock: HandClock) -> list[tuple[str, int]]:
    with store.read() as unit:
        return [(task, row_id) for task, row_id, _ in unit.stale(clock.now())]


def sent(clock: HandClock, state: Outbound = Outbound.READY, **more: Any) -> Transmission:
    return Transmission(direction=Direction.OUT, state=state, created_at=clock.now(), **more)


def received(clock: HandClock, state: Inbound = Inbound.RECEIPTED, **more: Any) -> Transmission:
    return Transmission(direction=Direction.IN, state=state, created_at=clock.now(), **more)


def a_set(clock: HandClock, direction: Direction, state: SetIn | SetOut) -> TransactionSet:
    return TransactionSet(direction=direction, state=state, set_id="850", control_number="1", created_at=clock.now())


def test_rows_that_wait_for_work_without_a_job_are_found_with_their_task(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        for row in (sent(clock), sent(clock, Outbound.SENDING), received(clock, Inbound.RECEIPT_DUE)):
            unit.transmissions.add(row)
        for of_set in (
            a_set(clock, Direction.IN, SetIn.VALID),
            a_set(clock, Direction.IN, SetIn.MAPPED),
            a_set(clock, Direction.OUT, SetOut.COMPOSED),
        ):
            unit.sets.add(of_set)
        for state in (FileState.CLAIMED, FileState.READY, FileState.PUBLISHED):
            unit.erp_files.add(ErpFile(direction=Direction.IN, state=state, partner="acme", name="a.csv", created_at=clock.now()))
    clock.turn(timedelta(minutes=2))
    assert set(stale(store, clock)) == {
        (Task.SEND, 1),
        (Task.SEND, 2),
        (Task.SEND_RECEIPT, 3),
        (Task.MAP, 1),
        (Task.MAP, 2),
        (Task.ENVELOPE, 3),
        (Task.COMPOSE, 1),
        (Task.PUBLISH, 2),
    }


def test_rows_of_the_last_minute_are_let_alone(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        unit.transmissions.add(sent(clock))
    assert stale(store, clock) == []


def test_what_waits_for_its_next_attempt_is_stale_only_after_it(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        unit.transmissions.add(sent(clock, Outbound.RETRY_WAIT, next_attempt_at=clock.now() + timedelta(minutes=10)))
    assert stale(store, clock) == []
    clock.turn(timedelta(minutes=10))
    assert stale(store, clock) == [(Task.SEND, 1)]


@pytest.mark.parametrize("state", ["waiting", "running", "parked"])
def test_a_row_whose_job_is_known_is_not_stale(store: SqlStore, clock: HandClock, state: str) -> None:
    with store.begin() as unit:
        unit.transmissions.add(sent(clock))
        unit.enqueue(Task.SEND, key=Task.SEND.key(1), id=1)
    if isinstance(store.jobs, SharedJobs):
        status = {"waiting": "todo", "running": "doing", "parked": "failed"}[state]
        with store._database.write() as connect:
            connect().exec_driver_sql(f"UPDATE procrastinate_jobs SET status = '{status}'")
    elif state != "waiting":
        job = store.jobs.claim(clock.now(), owner="one", lease=timedelta(hours=1))
        assert job is not None
        if state == "parked":
            store.jobs.park(job, clock.now(), Fault.of("STO-302"))
    clock.turn(timedelta(minutes=2))
    assert stale(store, clock) == []


def test_a_message_that_was_never_translated_is_found(store: SqlStore, clock: HandClock) -> None:
    opened = received(clock, content="c0ffee")
    with store.begin() as unit:
        unit.transmissions.add(opened)
        unit.transmissions.add(opened)
        unit.interchanges.add(Interchange(direction=Direction.IN, control_number="1", created_at=clock.now(), transmission_id=2))
        unit.transmissions.add(replace(opened, faults=(Fault.of("STO-302"),)))
        unit.transmissions.add(replace(opened, content=None))
        unit.transmissions.add(replace(opened, state=Inbound.DUPLICATE))
    clock.turn(timedelta(minutes=2))
    assert stale(store, clock) == [(Task.TRANSLATE, 1)]


def test_a_message_whose_translation_was_broken_off_is_found_whatever_is_kept_of_it(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        unit.transmissions.add(received(clock, content="c0ffee", partner="acme", parts_kept=500, faults=(Fault.of("STO-302"),)))
        unit.interchanges.add(Interchange(direction=Direction.IN, control_number="1", created_at=clock.now(), transmission_id=1))
    clock.turn(timedelta(days=3))
    with store.read() as unit:
        assert stale(store, clock) == [(Task.TRANSLATE, 1)]
        assert unit.untranslated("acme") == [1]
        assert unit.untranslated("other") == []
    with store.begin() as unit:
        unit.transmissions.change(1, parts_kept=None)
    with store.read() as unit:
        assert stale(store, clock) == []
        assert unit.untranslated("acme") == []


def test_work_on_a_set_is_found_with_its_order(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        for set_id, po_number in (("850", "4711"), ("860", "4711"), ("850", None)):
            unit.sets.add(replace(a_set(clock, Direction.IN, SetIn.VALID), set_id=set_id, po_number=po_number, partner="acme"))
    clock.turn(timedelta(minutes=2))
    with store.read() as unit:
        assert [order for _, _, order in unit.stale(clock.now())] == ["acme:850:4711", "acme:850:4711", None]
