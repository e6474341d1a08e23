"""Contents go when their time is over; what happened stays known, on both databases."""

from datetime import timedelta

import pytest

from edi_gateway.lifecycle.retention import Retention
from edi_gateway.lifecycle.states import DeadlineKind, Direction, FileState, Inbound, SetIn
from edi_gateway.ports import rows
from edi_gateway.store import SqlStore
from edi_gateway.store.payloads import IN_DATABASE
from edi_gateway.testing.clock import HandClock

DAY = timedelta(days=1)
TERMS = Retention(keep=100 * DAY)


def receive(store: SqlStore, clock: HandClock, content: bytes, *, po: str = "1", set_id: str = "850", partner: str = "acme") -> int:
    """A message with a set, its record and its ERP file."""
    now = clock.now()
    with store.begin() as uow:
        digest = uow.payloads.put(content)
        row = uow.transmissions.add(
            rows.Transmission(
                direction=Direction.IN, state=Inbound.RECEIPTED, created_at=now, partner=partner, message_id=f"<{po}@{partner}>",
                as2_from="A", as2_to="B", wire=uow.payloads.put(b"wire " + content), content=digest,
            )
        )  # fmt: skip
        document = uow.documents.add(
            rows.Document(direction=Direction.IN, kind="order", record={"number": po, "lines": []}, created_at=now, partner=partner)
        )
        file = uow.erp_files.add(
            rows.ErpFile(
                direction=Direction.OUT, state=FileState.PUBLISHED, partner=partner, name=f"{po}.csv", created_at=now,
                content=uow.payloads.put(b"file " + content),
            )
        )  # fmt: skip
        uow.sets.add(
            rows.TransactionSet(
                direction=Direction.IN, state=SetIn.DELIVERED, set_id=set_id, control_number="1", created_at=now, partner=partner,
                po_number=po, transmission_id=row.id, document_id=document.id, erp_file_id=file.id,
            )
        )  # fmt: skip
        uow.receipts.add(
            rows.Receipt(direction=Direction.OUT, created_at=now, transmission_id=row.id, body=uow.payloads.put(b"mdn " + content))
        )
    assert row.id
    return row.id


def verdicts(store: SqlStore, clock: HandClock, terms: Retention = TERMS) -> dict[int, str]:
    return {one.id: one.kept for one in store.retention.judged(terms, clock.now())}


def purge(store: SqlStore, clock: HandClock) -> list[int]:
    going = [one for one in store.retention.judged(TERMS, clock.now()) if not one.kept]
    return [one.message.id for one in store.retention.purge(going, clock.now(), "Deleted.")]


def kept(store: SqlStore, content: bytes) -> list[str]:
    """Which payloads of a message are there."""
    from hashlib import sha256

    found = []
    with store.read() as uow:
        for name in (b"", b"wire ", b"file ", b"mdn "):
            try:
                uow.payloads.get(sha256(name + content).hexdigest())
                found.append(name.decode().strip() or "content")
            except KeyError:
                pass
    return found


@pytest.mark.parametrize("content", [b"small", b"large" * IN_DATABASE], ids=["small", "large"])
def test_contents_go_and_what_happened_stays(store: SqlStore, clock: HandClock, content: bytes) -> None:
    number = receive(store, clock, content)
    clock.turn(99 * DAY)
    assert verdicts(store, clock) == {}
    clock.turn(2 * DAY)
    assert purge(store, clock) == [number]
    assert kept(store, content) == ["mdn"]
    with store.begin() as uow:
        row = uow.transmissions.get(number)
        assert (row.message_id, row.state, row.content is not None) == ("<1@acme>", Inbound.RECEIPTED, True)
        assert [one.record for one in uow.documents.find()] == [{}]
        assert uow.events.find()[-1].kind == "retention.deleted"
        # Years later the same Message-ID is still a repetition.
        first = uow.first_receipt("A", "B", "<1@acme>")
        assert first is not None
    assert verdicts(store, clock) == {}
    assert store.retention.deleted() == {number}


def test_a_payload_that_a_younger_message_names_stays(store: SqlStore, clock: HandClock) -> None:
    receive(store, clock, b"same", po="1")
    clock.turn(101 * DAY)
    receive(store, clock, b"same", po="2")
    purge(store, clock)
    assert kept(store, b"same") == ["content", "wire", "file", "mdn"]


def test_documents_of_one_order_stay_together_until_the_last_may_go(store: SqlStore, clock: HandClock) -> None:
    order = receive(store, clock, b"order", po="7")
    invoice = receive(store, clock, b"invoice", po="7", set_id="810")
    other = receive(store, clock, b"other", po="8")
    clock.turn(101 * DAY)
    assert verdicts(store, clock) == {order: "young", invoice: "young", other: ""}
    clock.turn(450 * DAY)
    assert verdicts(store, clock) == {order: "", invoice: "", other: ""}


def test_holds_keep_what_they_name_until_they_are_lifted(store: SqlStore, clock: HandClock) -> None:
    one, two = receive(store, clock, b"1", po="1"), receive(store, clock, b"2", po="2")
    three = receive(store, clock, b"3", po="1", partner="globex")
    clock.turn(101 * DAY)
    by_order = store.retention.hold(clock.now(), "case", po_number="1")
    assert verdicts(store, clock) == {one: "hold", two: "", three: "hold"}
    assert store.retention.lift(by_order, clock.now(), "over")
    assert not store.retention.lift(by_order, clock.now(), "over")
    store.retention.hold(clock.now(), "case", partner="acme", po_number="1")
    assert verdicts(store, clock) == {one: "hold", two: "", three: ""}
    store.retention.hold(clock.now(), "case", transmission_id=two)
    assert purge(store, clock) == [three]
    assert [one["reason"] for one in store.retention.holds()] == ["case", "case"]


def test_an_open_window_keeps_its_message(store: SqlStore, clock: HandClock) -> None:
    number = receive(store, clock, b"1")
    with store.begin() as uow:
        uow.deadlines.add(
            rows.Deadline(
                subject="transmission",
                subject_id=number,
                kind=DeadlineKind.MDN,
                due_at=clock.now() + 999 * DAY,
                created_at=clock.now(),
            )
        )
    clock.turn(101 * DAY)
    assert verdicts(store, clock) == {number: "open"}
