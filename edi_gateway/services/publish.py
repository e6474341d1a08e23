"""Putting a file that is kept and stands in the spool into the ERP's folder, once and only once."""

from collections.abc import Sequence
from typing import TypeAlias

from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.states import Direction, FileState
from edi_gateway.ports.rows import ErpFile, TransactionSet
from edi_gateway.services.effects import advance_set_in
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.pickup import await_pickup

Kept: TypeAlias = tuple[ErpFile, Sequence[TransactionSet]]
"""A file that was kept, and the mapped sets that it is of."""


def publish(gateway: Gateway, erp_file_id: int) -> None:
    """Puts a file that is ready into the ERP's folder, then its semaphore. After a crash the spool says what was done before."""
    put_out(gateway, *kept_file(gateway, erp_file_id))


def kept_file(gateway: Gateway, erp_file_id: int) -> Kept:
    """A file by its number, with its sets."""
    with gateway.store.read() as uow:
        return uow.erp_files.get(erp_file_id), uow.sets.find(erp_file_id=erp_file_id, direction=Direction.IN)


def put_out(gateway: Gateway, file: ErpFile, sets: Sequence[TransactionSet]) -> None:
    """As `publish`, of what is known already."""
    if file.state is not FileState.READY:
        return
    assert file.id is not None
    path = gateway.drop.release(file.partner, file.name)
    if file.semaphore is not None:
        gateway.drop.announce(file.partner, file.name, path)
    # That it has left the spool tells it once more.
    with gateway.store.begin(promising=False) as uow:
        now = gateway.clock.now()
        if not uow.erp_files.advance(file.id, FileState.READY, FileState.PUBLISHED, path=path):
            return
        for row in sets:
            advance_set_in(uow, row, SetInEvent.DELIVERED)
            await_pickup(gateway, uow, file, row, now)
            words = f"ERP file {file.name} published."
            message = row.transmission_id
            note(uow, now, "erp.published", words, partner=row.partner, transmission_id=message, set_row_id=row.id, erp_file_id=file.id)
