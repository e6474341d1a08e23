"""Which documents count, since when, and what they say."""

from datetime import datetime

from edi_gateway.lifecycle.set_out import COUNTING
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import Record, from_json, record_type


def counts(row: TransactionSet) -> bool:
    """Whether a document counts, for its order and as an answer."""
    if row.direction is Direction.OUT:
        return row.state in COUNTING
    return row.document_id is not None and row.state is not SetIn.REJECTED


def came_at(uow: UnitOfWork, row: TransactionSet) -> datetime:
    """When a document that counts came to where it was sent, as far as its sender knows."""
    carrier = uow.transmissions.get(row.transmission_id) if row.transmission_id is not None else None
    if carrier is None:
        return row.created_at
    if row.direction is Direction.IN:
        return carrier.created_at
    # Ours came with the first of two proofs: the MDN, and the 997.
    acknowledged = uow.groups.get(row.group_id).acknowledged_at if row.group_id is not None else None
    return min((at for at in (carrier.settled_at, acknowledged) if at is not None), default=row.created_at)


def record_of(uow: UnitOfWork, row: TransactionSet) -> Record | None:
    """What a document says; None where it says nothing yet, or retention has deleted its contents."""
    document = uow.documents.get(row.document_id) if row.document_id is not None else None
    return from_json(record_type(document.kind), document.record) if document is not None and document.record else None


def other_side(direction: Direction) -> Direction:
    """The other side's."""
    return Direction.IN if direction is Direction.OUT else Direction.OUT
