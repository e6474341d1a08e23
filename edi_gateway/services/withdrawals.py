"""Answers that a buyer has withdrawn with the order: found in what is kept of it."""

from collections.abc import Collection, Iterable

from edi_gateway.lifecycle.order_thread import ROLES, Entry, Role
from edi_gateway.lifecycle.withdrawal import is_cancellation, withdrawn_by
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import Record, from_json, record_type
from edi_gateway.services.standing import counts

OF_THE_BUYER = tuple(set_id for set_id, role in ROLES.items() if role in (Role.ORDER, Role.CHANGE))
"""The sets that an order and its cancellation come as."""


def cancels(row: TransactionSet, record: Record) -> bool:
    """Whether a document cancels the order that it names."""
    return is_cancellation(_entry(row, record))


def withdrawals(
    uow: UnitOfWork, asked: TransactionSet, answers: Collection[str], record: Record | None = None
) -> dict[str, TransactionSet]:
    """Of the answers that a document is owed by agreement, those that are withdrawn, each with the cancellation that did it.

    Shape:  `record` is the document's, where it is at hand. What retention has emptied says nothing any more.
    """
    if asked.set_id not in OF_THE_BUYER or asked.po_number is None or asked.partner is None or not answers:
        return {}
    # Of most orders the buyer sent one document: that is looked up at little cost, and no other one of the order is read then.
    there = uow.order_heads(asked.partner, asked.po_number, asked.direction)
    by_buyer = [one for one in there if one.set_id in OF_THE_BUYER and counts(one)]
    known = _entries(uow, [one for one in by_buyer if record is None or one.id != asked.id])
    if record is not None:
        known[asked.id] = _entry(asked, record)
    if all(one.id != asked.id for one in by_buyer) or asked.id not in known or not any(map(is_cancellation, known.values())):
        return {}
    rows = [one for one in uow.order_sets(asked.partner, asked.po_number) if counts(one)]
    known |= _entries(uow, [one for one in rows if one.set_id not in OF_THE_BUYER and one.direction is not asked.direction])
    thread = [known[row.id] for row in rows if row.id in known]
    by = {answer: withdrawn_by(known[asked.id], answer, thread) for answer in answers}
    return {answer: row for answer, entry in by.items() for row in rows if entry is not None and known.get(row.id) is entry}


def _entries(uow: UnitOfWork, found: Iterable[TransactionSet]) -> dict[int | None, Entry]:
    """The documents of these sets by their ids, as entries of an order's thread."""
    by_document = {one.document_id: one for one in found}
    kept = uow.documents.find(id=list(by_document)) if by_document else []
    rows = ((by_document[one.id], from_json(record_type(one.kind), one.record)) for one in kept if one.record)
    return {row.id: _entry(row, record) for row, record in rows}


def _entry(row: TransactionSet, record: Record) -> Entry:
    return Entry(set_id=row.set_id, number=row.business_key, at=row.created_at, record=record)
