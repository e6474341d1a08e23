"""The documents of a purchase order: found, joined into its thread, and held against the agreement's rules."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from edi_gateway.lifecycle.order_lines import orders_of
from edi_gateway.lifecycle.order_rules import Finding, Rule, Treatment, judge
from edi_gateway.lifecycle.order_thread import Entry, balances
from edi_gateway.lifecycle.states import Direction, Outbound, SetIn, SetOut
from edi_gateway.partners.agreement import Agreement, Partner
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.store import Store, UnitOfWork
from edi_gateway.ports.views import OrderView
from edi_gateway.records import Record, from_json, record_type

_TAKEN = (SetIn.MAPPED, SetIn.DELIVERED)
_NOT_SENT = (SetOut.HELD, SetOut.REJECTED, SetOut.CANCELLED)
_NOT_DELIVERED = (Outbound.REFUSED, Outbound.CANCELLED)


def queue_up_for(uow: UnitOfWork, partner: str, numbers: Iterable[str]) -> None:
    """Lets the documents of these orders go one by one from here. Shape: in one order whoever asks, so that none wait for each other."""
    for po in sorted(set(numbers)):
        uow.queue_up(f"order {partner} {po}")


def judge_order(
    uow: UnitOfWork, partner: Partner, agreement: Agreement, candidate: Entry, now: datetime, *, beside: Sequence[Entry] = ()
) -> tuple[Finding, ...]:
    """The rules that a document breaks. Shape: `beside` go out with it; whoever asks has queued up for its orders.

    A document for several orders is held against each.
    """
    if all(one is Treatment.OFF for one in agreement.rules.values()):
        return ()
    agreed = {one.set_id for one in partner.agreements}
    today = now.astimezone(partner.calendar.zone).date()
    found: dict[tuple[Rule, str], Finding] = {}
    for po in orders_of(candidate.record):
        thread = [*_entries(uow, uow.order_sets(partner.key, po)), *(one for one in beside if po in orders_of(one.record))]
        for one in judge(po, thread, candidate, rules=agreement.rules, agreed=agreed, today=today):
            found.setdefault((one.rule, one.fault.line()), one)
    return tuple(found.values())


def order_view(store: Store, partner: str, po: str) -> OrderView | None:
    """An order as far as it is known; None where no document names it."""
    with store.read() as uow:
        found = uow.order_sets(partner, po)
        if not found:
            return None
        counting = _counting(uow, found)
        records = _records(uow, counting)
        entries = [_entry(row, records[row.document_id]) for row in counting if row.document_id is not None]
        ids = [row.id for row in found if row.id is not None]
        deadlines = uow.deadlines.find(subject="set", subject_id=ids)
    return OrderView(
        partner=partner,
        po=po,
        sets=tuple(found),
        counting=frozenset(row.id for row in counting if row.id is not None),
        balances=balances(po, entries),
        deadlines=tuple(deadlines),
    )


def _entries(uow: UnitOfWork, found: Sequence[TransactionSet]) -> list[Entry]:
    counting = _counting(uow, found)
    records = _records(uow, counting)
    return [_entry(row, records[row.document_id]) for row in counting if row.document_id is not None]


def _entry(row: TransactionSet, record: Record) -> Entry:
    return Entry(set_id=row.set_id, number=row.business_key, at=row.created_at, record=record)


def _records(uow: UnitOfWork, found: Sequence[TransactionSet]) -> dict[int | None, Record]:
    documents = uow.documents.find(id=[row.document_id for row in found if row.document_id is not None])
    return {one.id: from_json(record_type(one.kind), one.record) for one in documents}


def _counting(uow: UnitOfWork, found: Sequence[TransactionSet]) -> list[TransactionSet]:
    sent = [row.transmission_id for row in found if row.direction is Direction.OUT and row.transmission_id is not None]
    lost = {one.id for one in uow.transmissions.find(id=sent, state=_NOT_DELIVERED)} if sent else set()
    return [row for row in found if row.document_id is not None and _counts(row, lost)]


def _counts(row: TransactionSet, lost: set[int | None]) -> bool:
    if row.direction is Direction.IN:
        return row.state in _TAKEN
    return row.state not in _NOT_SENT and row.transmission_id not in lost
