"""Whether a document was sent before: one of its number to the same partner, and nobody has said that it does not count."""

from collections.abc import Mapping
from typing import Any

from edi_gateway.lifecycle.states import Direction, Outbound, SetOut
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.envelope import Outgoing

_NOT_TAKEN = (SetOut.REJECTED, SetOut.HELD, SetOut.CANCELLED)
"""Rejected by the partner's acknowledgment, or given up by a person: it may be sent again as it is."""
_NOT_DELIVERED = (Outbound.REFUSED, Outbound.CANCELLED)


def sent_before(uow: UnitOfWork, partner: str, outgoing: Outgoing) -> list[TransactionSet]:
    """The sets that carry a document of this kind and number to the partner, the latest first; those that do not count left out."""
    found = uow.sets.find(direction=Direction.OUT, partner=partner, set_id=outgoing.set_id, business_key=outgoing.business_key)
    return [one for one in reversed(found) if _counts(uow, one)]


def carries(uow: UnitOfWork, row: TransactionSet, record: Mapping[str, Any]) -> bool:
    """Whether a set carries exactly this record."""
    return row.document_id is not None and uow.documents.get(row.document_id).record == record


def _counts(uow: UnitOfWork, row: TransactionSet) -> bool:
    if row.state is SetOut.HELD and row.transmission_id is None:
        return True  # composed, and it waits for a person to release it or to give it up
    if row.state in _NOT_TAKEN or row.transmission_id is None:
        return False
    return uow.transmissions.get(row.transmission_id).state not in _NOT_DELIVERED
