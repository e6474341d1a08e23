"""What people see: lists, search, one message whole, what is overdue."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.deadline import CLOSED_BY_A_PERSON
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, FileState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.ports import rows
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.ports.views import MessageFilter, PartnerActivity
from edi_gateway.store import SqlStore, selection
from edi_gateway.testing.clock import HandClock

IN, OUT = Direction.IN, Direction.OUT


def message(unit: UnitOfWork, clock: HandClock, direction: Direction = IN, state: Any = None, **more: Any) -> int:
    state = state or (Inbound.RECEIPTED if direction is IN else Outbound.DELIVERED)
    added = unit.transmissions.add(rows.Transmission(direction=direction, state=state, created_at=clock.now(), **more))
    assert added.id is not None
    return added.id


def a_set(unit: UnitOfWork, clock: HandClock, transmission_id: int, state: Any = SetIn.DELIVERED, **more: Any) -> int:
    direction = IN if isinstance(state, SetIn) else OUT
    row = rows.TransactionSet(
        direction=direction, state=state, set_id="850", control_number="0001", created_at=clock.now(), transmission_id=transmission_id
    )
    added = unit.sets.add(replace(row, **more))
    assert added.id is not None
    return added.id


def found(store: SqlStore, **wanted: Any) -> list[int | None]:
    return [line.transmission.id for line in store.views.messages(MessageFilter(**wanted)).lines]


@pytest.fixture
def exchange(store: SqlStore, clock: HandClock) -> SqlStore:
    """An 850 that came (1), our 997 to it (2), an 855 of ours (3) whose file the ERP dropped, and another partner's message (4)."""
    with store.begin() as unit:
        order = message(unit, clock, partner="acme", message_id="<850@acme>", filename="orders.x12")
        interchange = rows.Interchange(direction=IN, control_number="000000905", created_at=clock.now(), transmission_id=order)
        order_interchange = unit.interchanges.add(interchange).id
        group = rows.Group(
            direction=IN,
            functional_id="PO",
            control_number="77",
            created_at=clock.now(),
            transmission_id=order,
            interchange_id=order_interchange,
        )
        order_group = unit.groups.add(group).id
        record = {"id": "4500017"}
        document = unit.documents.add(rows.Document(direction=IN, kind="PurchaseOrder", record=record, created_at=clock.now())).id
        a_set(unit, clock, order, business_key="4500017", po_number="4500017", group_id=order_group, document_id=document)
        unit.receipts.add(rows.Receipt(direction=OUT, created_at=clock.now(), transmission_id=order, disposition="processed"))
        unit.attempts.add(rows.Attempt(number=1, url="http://x/", started_at=clock.now(), receipt_id=1))

        ack = message(unit, clock, OUT, partner="acme", message_id="<997@us>")
        ack_set = a_set(unit, clock, ack, SetOut.DONE, set_id="997", control_number="0009")
        unit.groups.change(order_group or 0, acknowledged_by=ack_set)

        answer = message(unit, clock, OUT, Outbound.AWAITING_MDN, partner="acme", message_id="<855@us>")
        file = rows.ErpFile(direction=IN, state=FileState.ACCEPTED, partner="acme", name="855_4500017.csv", created_at=clock.now())
        answer_set = a_set(
            unit,
            clock,
            answer,
            SetOut.SENT,
            set_id="855",
            business_key="4500017",
            po_number="4500017",
            erp_file_id=unit.erp_files.add(file).id,
        )
        for verdict in ("unverified", "good"):
            unit.receipts.add(rows.Receipt(direction=IN, created_at=clock.now(), transmission_id=answer, verdict=verdict))
        due = clock.now() + timedelta(hours=24)
        window = rows.Deadline(subject="set", subject_id=answer_set, kind=DeadlineKind.FUNCTIONAL_ACK, due_at=due, created_at=clock.now())
        unit.deadlines.add(window)
        unit.events.add(rows.Event(at=clock.now(), kind="file.claimed", words="Claimed.", erp_file_id=1))
        unit.events.add(rows.Event(at=clock.now(), kind="set.composed", words="Composed.", set_row_id=answer_set))
        unit.events.add(rows.Event(at=clock.now(), kind="mdn.sent", words="Sent.", transmission_id=order))

        message(unit, clock, partner="bulk", message_id="<850@bulk>")
    return store


def test_the_list_is_newest_first_with_the_sets_and_the_receipt_that_decides(exchange: SqlStore) -> None:
    page = exchange.views.messages(MessageFilter())
    assert [line.transmission.id for line in page.lines] == [4, 3, 2, 1]
    assert page.before is None
    answer, order = page.lines[1], page.lines[3]
    assert answer.receipt is not None
    assert answer.receipt.verdict == "good"
    assert order.receipt is not None
    assert order.receipt.disposition == "processed"
    assert [one.set_id for one in order.sets] == ["850"]
    assert [one.control_number for one in order.interchanges] == ["000000905"]


def test_pages_follow_each_other_without_gap_or_repeat(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        for _ in range(7):
            message(unit, clock)
    seen: list[int | None] = []
    before: int | None = None
    for expected in (3, 3, 1):
        page = store.views.messages(MessageFilter(), before=before, limit=3)
        assert len(page.lines) == expected
        seen += [line.transmission.id for line in page.lines]
        before = page.before
    assert before is None
    assert seen == [7, 6, 5, 4, 3, 2, 1]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("4500017", [3, 1]),
        ("45000", [3, 1]),
        ("000000905", [1]),
        ("905", [1]),
        ("77", [1]),
        ("9", [2]),
        ("<850@acme>", [1]),
        ("850@", [4, 1]),
        ("orders", [1]),
        ("855_45", [3]),
        ("nothing", []),
        ("%", []),
        ("", [4, 3, 2, 1]),
        ("  4500017 ", [3, 1]),
    ],
)
@pytest.mark.parametrize(("few", "many"), [(0, -1), (0, 1000), (1000, 1000)], ids=["most", "many", "few"])
def test_the_search_box_finds(exchange: SqlStore, monkeypatch: pytest.MonkeyPatch, text: str, ids: list[int], few: int, many: int) -> None:
    """All ways of asking, for few, for many and for most, give the same."""
    monkeypatch.setattr(selection, "FEW", few)
    monkeypatch.setattr(selection, "MANY", many)
    assert found(exchange, text=text) == ids


def test_a_message_of_many_sets_hides_no_other(store: SqlStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selection, "FEW", 10)
    with store.begin() as unit:
        crowded, single = message(unit, clock), message(unit, clock)
        for _ in range(20):
            a_set(unit, clock, crowded, po_number="77001")
        a_set(unit, clock, single, po_number="77002")
    assert found(store, text="7700") == [single, crowded]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({"partner": "bulk"}, [4]),
        ({"direction": OUT}, [3, 2]),
        ({"set_id": "997"}, [2]),
        ({"state": "awaiting_mdn"}, [3]),
        ({"state": "receipted"}, [4, 1]),
        ({"state": "receipted", "direction": OUT}, []),
        ({"partner": "acme", "direction": IN, "set_id": "850"}, [1]),
        ({"text": "4500017", "direction": OUT}, [3]),
    ],
)
def test_filters_narrow_the_list(exchange: SqlStore, wanted: dict[str, Any], ids: list[int]) -> None:
    assert found(exchange, **wanted) == ids


def test_a_span_of_time_includes_its_beginning_and_not_its_end(store: SqlStore, clock: HandClock) -> None:
    start = clock.now()
    with store.begin() as unit:
        for _ in range(3):
            message(unit, clock)
            clock.turn(timedelta(hours=1))
    assert found(store, since=start + timedelta(hours=1), until=start + timedelta(hours=2)) == [2]


@pytest.mark.parametrize(("few", "many"), [(0, -1), (0, 1000), (1000, 1000)], ids=["most", "many", "few"])
def test_attention_is_asked_for_what_waits_for_a_person(
    store: SqlStore, clock: HandClock, monkeypatch: pytest.MonkeyPatch, few: int, many: int
) -> None:
    monkeypatch.setattr(selection, "FEW", few)
    monkeypatch.setattr(selection, "MANY", many)
    fault = (Fault.of("STO-302"),)
    with store.begin() as unit:
        by_state = (Outbound.REFUSED, Outbound.UNVERIFIED, Outbound.STOPPED, Outbound.EXHAUSTED, Outbound.EXPIRED)
        waiting = [message(unit, clock, OUT, state) for state in by_state]
        waiting.append(message(unit, clock, IN, Inbound.RECEIPTED, faults=fault))
        waiting.append(message(unit, clock, IN, Inbound.RECEIPT_EXHAUSTED))
        for of_set in (SetIn.HELD, SetIn.REJECTED, SetOut.ACK_OVERDUE, SetOut.HELD):
            waiting.append(message(unit, clock))
            a_set(unit, clock, waiting[-1], of_set)
        late = message(unit, clock)
        for subject, subject_id, state in (
            ("set", a_set(unit, clock, late), DeadlineState.BREACHED),
            ("transmission", message(unit, clock, OUT), DeadlineState.BREACHED),
            ("transmission", message(unit, clock, OUT), DeadlineState.LATE),
        ):
            unit.deadlines.add(
                rows.Deadline(
                    subject=subject, subject_id=subject_id, kind=DeadlineKind.MDN, due_at=clock.now(), created_at=clock.now(), state=state
                )
            )
        waiting += [late, late + 1]
        message(unit, clock, IN, Inbound.DUPLICATE, faults=fault)
        message(unit, clock, IN, Inbound.NOT_AS2, faults=fault)
        a_set(unit, clock, message(unit, clock), SetIn.DELIVERED)
    assert found(store, attention=True) == sorted(waiting, reverse=True)


def test_one_message_comes_with_everything_that_belongs_to_it(exchange: SqlStore) -> None:
    order = exchange.views.message(1)
    assert [len(part) for part in (order.receipts, order.interchanges, order.groups, order.sets, order.documents)] == [1, 1, 1, 1, 1]
    assert [attempt.receipt_id for attempt in order.attempts] == [1]
    assert order.documents[0].record == {"id": "4500017"}
    assert [(relation, other.id) for relation, other in order.related] == [("acknowledged by", 2)]
    assert [event.kind for event in order.events] == ["mdn.sent"]

    answer = exchange.views.message(3)
    assert [file.name for file in answer.erp_files] == ["855_4500017.csv"]
    assert [window.kind for window in answer.deadlines] == [DeadlineKind.FUNCTIONAL_ACK]
    assert [event.kind for event in answer.events] == ["file.claimed", "set.composed"]

    assert [(relation, other.id) for relation, other in exchange.views.message(2).related] == [("acknowledges", 1)]


def test_duplicates_name_each_other(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        first = message(unit, clock)
        message(unit, clock, IN, Inbound.DUPLICATE, duplicate_of=first)
    assert [(relation, other.id) for relation, other in store.views.message(1).related] == [("duplicated by", 2)]
    assert [(relation, other.id) for relation, other in store.views.message(2).related] == [("duplicate of", 1)]


def test_a_message_that_is_not_there_is_a_key_error(store: SqlStore) -> None:
    with pytest.raises(KeyError):
        store.views.message(7)


def test_overdue_shows_breached_windows_first_and_then_what_comes_next(store: SqlStore, clock: HandClock) -> None:
    def window(subject: str, subject_id: int, minutes: int, state: DeadlineState = DeadlineState.OPEN) -> rows.Deadline:
        due = clock.now() + timedelta(minutes=minutes)
        return rows.Deadline(subject=subject, subject_id=subject_id, kind=DeadlineKind.MDN, due_at=due, created_at=clock.now(), state=state)

    with store.begin() as unit:
        sent = message(unit, clock, OUT)
        own_set = a_set(unit, clock, sent, SetOut.SENT)
        own_group = unit.groups.add(
            rows.Group(direction=OUT, functional_id="PR", control_number="1", created_at=clock.now(), transmission_id=sent)
        ).id
        assert own_group is not None
        for one in (
            window("set", own_set, 30),
            window("transmission", sent, 10),
            window("group", own_group, -5, DeadlineState.BREACHED),
            window("set", own_set, -1),
            window("set", own_set, -9, DeadlineState.LATE),
        ):
            unit.deadlines.add(one)
    lines = store.views.waiting_windows().lines
    assert [line.deadline.id for line in lines] == [3, 4, 2, 1]
    assert [line.transmission.id if line.transmission else None for line in lines] == [sent] * 4
    assert [line.set.id if line.set else None for line in lines] == [None, own_set, None, own_set]
    assert [line.deadline.id for line in store.views.waiting_windows(limit=3).lines] == [3, 4, 2]


def test_only_the_windows_that_are_asked_for_are_counted(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        sent = message(unit, clock, OUT)
        for minutes, partner in ((1, "bulk"), (2, "bulk"), (3, "acme"), (4, "acme")):
            due = clock.now() + timedelta(minutes=minutes)
            one = rows.Deadline(
                subject="transmission", subject_id=sent, kind=DeadlineKind.MDN, due_at=due, created_at=clock.now(), partner=partner
            )
            unit.deadlines.add(one)
    assert [line.deadline.id for line in store.views.waiting_windows(partner="acme", limit=1).lines] == [3]
    assert store.views.overdue(clock.now(), partner="acme") == {}
    clock.turn(timedelta(minutes=3))
    assert store.views.overdue(clock.now(), partner="acme") == {DeadlineKind.MDN: 1}
    assert store.views.overdue(clock.now()) == {DeadlineKind.MDN: 3}


def test_the_pages_of_the_windows_hold_each_once_whatever_ends_at_the_same_time_or_is_marked_between(
    store: SqlStore, clock: HandClock
) -> None:
    with store.begin() as unit:
        sent = message(unit, clock, OUT)
        for minutes, state in ((2, DeadlineState.OPEN), (1, DeadlineState.BREACHED), (1, DeadlineState.OPEN), (1, DeadlineState.BREACHED),
                               (3, DeadlineState.OPEN)):  # fmt: skip
            due = clock.now() + timedelta(minutes=minutes)
            one = rows.Deadline(
                subject="transmission", subject_id=sent, kind=DeadlineKind.MDN, due_at=due, created_at=clock.now(), state=state
            )
            unit.deadlines.add(one)
    seen: list[int | None] = []
    page = store.views.waiting_windows(limit=2)
    while page.after is not None:
        seen += [line.deadline.id for line in page.lines]
        with store.begin() as unit:
            unit.deadlines.advance(page.after, DeadlineState.BREACHED, DeadlineState.LATE, settled_at=clock.now())
        page = store.views.waiting_windows(limit=2, after=page.after)
    assert [*seen, *(line.deadline.id for line in page.lines)] == [2, 3, 4, 1, 5]
    with pytest.raises(KeyError):
        store.views.waiting_windows(after=4711)


def test_the_windows_that_a_person_closed_stand_with_who_and_why_until_one_is_opened_again(store: SqlStore, clock: HandClock) -> None:
    opened, ended = clock.now(), []
    with store.begin() as unit:
        sent = message(unit, clock, OUT)
        own_set = a_set(unit, clock, sent, SetOut.SENT)
        for expects, partner in (("810", "acme"), ("856", "acme"), ("820", "bulk")):
            now = clock.turn(timedelta(minutes=1))
            closed = rows.Deadline(
                subject="set", subject_id=own_set, kind=DeadlineKind.ANSWER, due_at=opened, created_at=opened, state=DeadlineState.CLOSED,
                settled_at=now, expects=expects, partner=partner,
            )  # fmt: skip
            ended.append(unit.deadlines.add(closed))
            unit.events.add(rows.Event(at=now, kind=CLOSED_BY_A_PERSON, words=f"No {expects}.", actor="ann", set_row_id=own_set))
        unit.deadlines.add(replace(ended[1], id=None, state=DeadlineState.OPEN, settled_at=None))
    found = store.views.closed_windows()
    assert [(one.line.deadline, one.actor, one.words) for one in found] == [(ended[2], "ann", "No 820."), (ended[0], "ann", "No 810.")]
    assert {one.line.transmission.id for one in found if one.line.transmission} == {sent}
    assert [one.line.deadline for one in store.views.closed_windows(partner="acme")] == [ended[0]]
    assert [one.line.deadline for one in store.views.closed_windows(limit=1)] == [ended[2]]
    assert store.views.window(ended[1].id or 0).deadline == ended[1]
    with pytest.raises(KeyError):
        store.views.window(4711)


def test_files_are_listed_newest_first_and_found_by_name(store: SqlStore, clock: HandClock) -> None:
    with store.begin() as unit:
        for partner, name in (("acme", "a1.csv"), ("bulk", "a2.csv"), ("acme", "b1.csv")):
            unit.erp_files.add(rows.ErpFile(direction=IN, state=FileState.CLAIMED, partner=partner, name=name, created_at=clock.now()))
    views = store.views
    assert [file.id for file in views.erp_files()] == [3, 2, 1]
    assert [file.id for file in views.erp_files(partner="acme", before=3)] == [1]
    assert [file.id for file in views.erp_files(text="a", limit=1)] == [2]


def test_activity_counts_each_partners_traffic(exchange: SqlStore, clock: HandClock) -> None:
    start = clock.now()
    with exchange.begin() as unit:
        clock.turn(timedelta(hours=1))
        message(unit, clock, OUT, Outbound.REFUSED, partner="acme")
    assert exchange.views.activity() == (
        PartnerActivity(partner="acme", received=1, sent=3, attention=1, last_received_at=start, last_sent_at=clock.now()),
        PartnerActivity(partner="bulk", received=1, sent=0, attention=0, last_received_at=start, last_sent_at=None),
    )


def test_open_counts_leave_out_what_is_final(exchange: SqlStore) -> None:
    with exchange.begin() as unit:
        unit.enqueue("send", key="send:1", id=1)
    assert exchange.views.open_counts() == {
        "transmission.out.awaiting_mdn": 1,
        "set.out.sent": 1,
        "deadline.open": 1,
        "job.waiting": 1,
    }


def test_what_was_ever_kept_and_what_began_lately_are_counted(store: SqlStore, clock: HandClock) -> None:
    assert store.views.kept() == {"messages": 0, "documents": 0, "files": 0}
    with store.begin() as unit:
        last = [message(unit, clock) for _ in range(3)][-1]
    clock.turn(timedelta(minutes=10))
    with store.begin() as unit:
        last = message(unit, clock)
    assert store.views.kept()["messages"] == last
    [(_, count)] = store.views.recent(clock.now() - timedelta(minutes=5)).items()
    assert count == 1
    assert sum(store.views.recent(clock.now() - timedelta(hours=1)).values()) == 4
