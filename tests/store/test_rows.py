"""Rows come back as they were kept, and change only where their guard holds."""

from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import select

from edi_gateway.faults import Fault, Place
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, FileState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.ports import rows
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.ports.views import MessageFilter
from edi_gateway.store import SqlStore
from edi_gateway.store import rows as kept
from edi_gateway.store.tables import document_lines
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.counting import counts

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, tzinfo=UTC)
FAULT = Fault.of("STO-201", Place(file="ä.csv", line=3), value="“x”", found="y")
HEADERS = (("AS2-From", "ACME"), ("Subject", "Grüße"), ("AS2-From", "twice"))

TRANSMISSION = rows.Transmission(
    direction=Direction.OUT,
    state=Outbound.READY,
    created_at=NOW,
    partner="acme",
    message_id="<1@us>",
    headers=HEADERS,
    signed=True,
    attempts=3,
    next_attempt_at=NOW + timedelta(minutes=5),
    faults=(FAULT, FAULT),
)

# Each row stands in the table that the unit's attribute names; rows that it refers to are row 1 of theirs.
EXAMPLES: dict[str, Any] = {
    "transmissions": TRANSMISSION,
    "receipts": rows.Receipt(
        direction=Direction.IN,
        created_at=NOW,
        transmission_id=1,
        reasons=("authentication-failed", "x"),
        signer_not_after=NOW,
        http_status=200,
        headers=HEADERS,
        asynchronous=True,
    ),
    "attempts": rows.Attempt(number=1, url="http://127.0.0.1/", started_at=NOW, transmission_id=1, ended_at=NOW, outcome="delivered"),
    "interchanges": rows.Interchange(direction=Direction.IN, control_number="000000042", created_at=NOW, transmission_id=1, length=812),
    "groups": rows.Group(direction=Direction.IN, functional_id="PO", control_number="42", created_at=NOW, interchange_id=1, set_count=2),
    "documents": rows.Document(
        direction=Direction.IN, kind="PurchaseOrder", record={"id": "PO1", "lines": []}, created_at=NOW, lineage={"id": {"position": 2}}
    ),
    "erp_files": rows.ErpFile(
        direction=Direction.IN, state=FileState.CLAIMED, partner="acme", name="a.csv", created_at=NOW, result={"sets": 2}, faults=(FAULT,)
    ),
    "sets": rows.TransactionSet(
        direction=Direction.IN,
        state=SetIn.HELD,
        set_id="850",
        control_number="0001",
        created_at=NOW,
        group_id=1,
        interchange_id=1,
        transmission_id=1,
        document_id=1,
        erp_file_id=1,
        business_key="PO1",
        faults=(FAULT,),
    ),
    "deadlines": rows.Deadline(subject="set", subject_id=1, kind=DeadlineKind.ANSWER, due_at=NOW, created_at=NOW, expects="855"),
    "pauses": rows.Pause(partner="acme", direction=Direction.OUT, reason="their server moves", actor="ann", since=NOW),
    "endpoints": rows.Endpoint(address="https://as2.acme.example", failures=3, open_until=NOW),
    "events": rows.Event(at=NOW, kind="mdn.sent", words="The MDN went out.", transmission_id=1, set_row_id=1, erp_file_id=1),
}


def add_all(unit: UnitOfWork) -> dict[str, Any]:
    return {name: getattr(unit, name).add(row) for name, row in EXAMPLES.items()}


def test_every_kind_of_row_comes_back_as_it_was_kept(store: SqlStore) -> None:
    with store.begin() as unit:
        added = add_all(unit)
    with store.read() as unit:
        for name, row in added.items():
            assert getattr(unit, name).get(1) == row == replace(EXAMPLES[name], id=1), name


def test_every_field_of_every_row_has_a_column(store: SqlStore) -> None:
    for one in vars(kept).values():
        if isinstance(one, kept.Kept):
            assert {field.name for field in fields(one.kind)} <= set(one.table.c.keys()), one.table.name


def test_a_state_is_read_by_its_direction(store: SqlStore) -> None:
    with store.begin() as unit:
        add_all(unit)
        ours = unit.sets.add(
            rows.TransactionSet(direction=Direction.OUT, state=SetOut.HELD, set_id="855", control_number="1", created_at=NOW)
        )
        theirs = unit.transmissions.add(rows.Transmission(direction=Direction.IN, state=Inbound.OPENED, created_at=NOW))
    with store.read() as unit:
        assert unit.sets.get(1).state is SetIn.HELD
        assert ours.id is not None
        assert unit.sets.get(ours.id).state is SetOut.HELD
        assert theirs.id is not None
        assert unit.transmissions.get(theirs.id).state is Inbound.OPENED


def test_times_come_back_in_utc_whatever_zone_they_had(store: SqlStore) -> None:
    shanghai = timezone(timedelta(hours=8))
    with store.begin() as unit:
        unit.transmissions.add(replace(TRANSMISSION, created_at=NOW.astimezone(shanghai)))
    with store.read() as unit:
        found = unit.transmissions.get(1).created_at
    assert found == NOW
    assert found.tzinfo is UTC


def test_text_that_no_database_keeps_is_kept_as_near_as_can_be(store: SqlStore) -> None:
    """What partners send is not always text; a message must not be lost for it."""
    odd = "a\0b\udcffc\ud83d\ude00é"
    with store.begin() as unit:
        unit.transmissions.add(replace(TRANSMISSION, subject=odd, message_id=odd, headers=(("Subject", odd),), faults=()))
    with store.read() as unit:
        found = unit.transmissions.get(1)
        assert unit.transmissions.find(message_id=odd) == [found]
    assert found.subject[:3] == "a\ufffdb"
    assert found.subject[-1] == "é"
    assert found.headers[0][1].startswith("a\0b")
    assert store.views.messages(MessageFilter(text=odd)).lines[0].transmission == found


def test_a_time_without_a_zone_is_refused(store: SqlStore) -> None:
    naive = datetime(2026, 3, 2)  # noqa: DTZ001
    with pytest.raises(Exception, match="no time zone"), store.begin() as unit:
        unit.transmissions.add(replace(TRANSMISSION, created_at=naive))


def test_a_row_that_is_not_there_is_a_key_error(store: SqlStore) -> None:
    with store.read() as unit, pytest.raises(KeyError, match="groups 7"):
        unit.groups.get(7)


def test_find_takes_values_lists_and_nothing(store: SqlStore) -> None:
    with store.begin() as unit:
        for partner in ("acme", "bulk", None):
            unit.transmissions.add(replace(TRANSMISSION, partner=partner))
    with store.read() as unit:
        found: Callable[..., list[int | None]] = lambda **equal: [row.id for row in unit.transmissions.find(**equal)]  # noqa: E731
        assert found(partner="bulk") == [2]
        assert found(partner=None) == [3]
        assert found(partner=("bulk", "acme")) == [1, 2]
        assert found(partner=[]) == []
        assert found(state=Outbound.READY, direction=Direction.OUT) == [1, 2, 3]
        with pytest.raises(KeyError):
            found(colour="red")


def test_a_change_sets_columns_and_nothing_else(store: SqlStore) -> None:
    with store.begin() as unit:
        added = unit.transmissions.add(TRANSMISSION)
        unit.transmissions.change(1, attempts=4, faults=(), next_attempt_at=None)
        assert unit.transmissions.get(1) == replace(added, attempts=4, faults=(), next_attempt_at=None)
        with pytest.raises(KeyError):
            unit.transmissions.change(1, colour="red")


def test_a_row_advances_only_from_the_state_it_was_seen_in(store: SqlStore) -> None:
    with store.begin() as unit:
        unit.transmissions.add(TRANSMISSION)
        assert unit.transmissions.advance(1, Outbound.READY, Outbound.SENDING, attempts=4)
        assert not unit.transmissions.advance(1, Outbound.READY, Outbound.SENDING, attempts=9)
        assert not unit.transmissions.advance(1, (Outbound.READY, Outbound.RETRY_WAIT), Outbound.CANCELLED)
        assert unit.transmissions.advance(1, (Outbound.READY, Outbound.SENDING), Outbound.DELIVERED)
        found = unit.transmissions.get(1)
    assert (found.state, found.attempts) == (Outbound.DELIVERED, 4)


def test_nothing_of_a_transaction_that_raises_is_kept(store: SqlStore) -> None:
    def half() -> None:
        with store.begin() as unit:
            add_all(unit)
            unit.enqueue("send", key="send:1", id=1)
            unit.payloads.put(b"half")
            unit.control_numbers.claim("isa:acme")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        half()
    with store.begin() as unit:
        assert all(getattr(unit, name).find() == [] for name in EXAMPLES)
        assert unit.control_numbers.claim("isa:acme") == 1
    assert counts(store) == {}


def test_a_reading_transaction_cannot_write(store: SqlStore) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?\s?only"), store.read() as unit:
        unit.transmissions.add(TRANSMISSION)


def test_due_deadlines_are_the_open_ones_whose_time_has_come(store: SqlStore, clock: HandClock) -> None:
    def deadline(minutes: int, state: DeadlineState = DeadlineState.OPEN) -> rows.Deadline:
        due = clock.now() + timedelta(minutes=minutes)
        return rows.Deadline(subject="set", subject_id=1, kind=DeadlineKind.MDN, due_at=due, created_at=NOW, state=state)

    with store.begin() as unit:
        for one in (deadline(0), deadline(5), deadline(-5), deadline(-9, DeadlineState.MET)):
            unit.deadlines.add(one)
        assert [row.id for row in unit.due_deadlines(clock.now())] == [3, 1]
        assert [row.id for row in unit.due_deadlines(clock.now(), limit=1)] == [3]


def test_many_rows_are_added_and_moved_at_once_and_those_that_went_on_are_left_alone(store: SqlStore) -> None:
    window = rows.Deadline(subject="set", subject_id=1, kind=DeadlineKind.ANSWER, due_at=NOW, created_at=NOW)
    with store.begin() as unit:
        unit.deadlines.add_all([replace(window, subject_id=number) for number in range(1, 4)])
        unit.deadlines.add_all([])
        assert unit.deadlines.advance(2, DeadlineState.OPEN, DeadlineState.MET)
    with store.begin() as unit:
        assert unit.deadlines.advance_all([1, 2, 3, 99], DeadlineState.OPEN, DeadlineState.BREACHED, settled_at=NOW) == {1, 3}
        assert unit.deadlines.advance_all([], DeadlineState.OPEN, DeadlineState.BREACHED) == set()
        found = [(row.subject_id, row.state, row.settled_at) for row in unit.deadlines.find()]
    assert found == [(1, DeadlineState.BREACHED, NOW), (2, DeadlineState.MET, None), (3, DeadlineState.BREACHED, NOW)]


def test_every_kind_of_row_that_is_added_at_once_comes_back_as_it_was_given(store: SqlStore) -> None:
    with store.begin() as unit:
        for name, row in EXAMPLES.items():
            getattr(unit, name).add_all([row])
    with store.read() as unit:
        for name, row in EXAMPLES.items():
            assert getattr(unit, name).find() == [replace(row, id=1)], name


def test_documents_added_at_once_have_their_lines(store: SqlStore) -> None:
    record = {"id": "PO1", "lines": [{"id": "1", "quantity": "2"}, {"id": "2", "quantity": "3"}]}
    document = rows.Document(direction=Direction.IN, kind="PurchaseOrder", record=record, created_at=NOW)
    with store.begin() as unit:
        unit.documents.add_all([document, document])
    assert [one["document_id"] for one in _lines_of(store)] == [1, 1, 2, 2]


def _lines_of(store: SqlStore) -> list[Any]:
    with store._database.read() as connect:
        return list(connect().execute(select(document_lines).order_by(document_lines.c.document_id, document_lines.c.position)).mappings())


def test_the_timeline_that_a_transaction_writes_can_be_read_in_it_and_stays_in_its_order(store: SqlStore) -> None:
    event = rows.Event(at=NOW, kind="mdn.sent", words="")
    with store.begin() as unit:
        unit.events.add_all([replace(event, words="first"), replace(event, words="second")])
        assert [one.words for one in unit.events.find()] == ["first", "second"]
        unit.events.add_all([replace(event, words="third")])
        added = unit.events.add(replace(event, words="fourth"))
        assert unit.events.get(added.id or 0).words == "fourth"
        unit.events.add_all([replace(event, words="fifth")])
    with store.read() as unit:
        assert [one.words for one in unit.events.find()] == ["first", "second", "third", "fourth", "fifth"]
