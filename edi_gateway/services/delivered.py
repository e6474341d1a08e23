"""A long message of ours that the partner has: its sets count in pieces, each a transaction, so that others write in between.

How many of them count stands in the message's row: who goes on after a crash goes on there. The partner has all of them from the same time
on, whenever it is written down.
"""

from edi_gateway.lifecycle.tasks import Task
from edi_gateway.partners.agreement import Partner
from edi_gateway.services.effects import tell_delivered
from edi_gateway.services.gateway import Gateway

_EACH = 5
"""A set with its windows counts for so many sets that are kept."""


def tell_all_delivered(gateway: Gateway, transmission_id: int) -> None:
    """Lets those sets of a message count that do not yet. Does nothing for a message all of whose sets do."""
    with gateway.store.read() as uow:
        row = uow.transmissions.get(transmission_id)
        if row.parts_kept is None:
            return
        ids = [one.id for one in uow.sets.find(transmission_id=transmission_id) if one.id is not None]
    partner = gateway.book.partner(row.partner or "")
    while _tell_some(gateway, transmission_id, ids, partner):
        pass


def _tell_some(gateway: Gateway, transmission_id: int, ids: list[int], partner: Partner | None) -> bool:
    """Lets the next sets of a message count; whether there are more."""
    with gateway.store.begin(promising=False) as uow:
        # Of two workers each takes what the other has left.
        [row] = uow.transmissions.locked(id=transmission_id)
        if row.parts_kept is None:
            return False
        assert row.settled_at is not None
        upto = row.parts_kept + max(1, gateway.piece // _EACH)
        for one in uow.sets.locked(id=ids[row.parts_kept : upto]):
            tell_delivered(uow, one, row.settled_at, partner)
        is_whole = upto >= len(ids)
        uow.transmissions.change(transmission_id, parts_kept=None if is_whole else upto)
        if not is_whole:
            uow.progressed(Task.TELL_DELIVERED.key(transmission_id))
    return not is_whole
