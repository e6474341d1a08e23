"""The file that the ERP gets of a record: written in memory, put into the spool, then kept with the set that it is of."""

from dataclasses import dataclass

from edi_gateway import flatfile
from edi_gateway.faults import Faulty
from edi_gateway.lifecycle.states import Direction, FileState
from edi_gateway.partners.agreement import Agreement
from edi_gateway.ports.rows import ErpFile, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import Record
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.naming import erp_file_name
from edi_gateway.services.semaphore import semaphore_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A whole file for a partner's folder, in memory. Shape: `semaphore` is None where the agreement asks for none."""

    partner: str
    name: str
    layout: str
    content: bytes
    semaphore: str | None


def write(gateway: Gateway, agreement: Agreement, row: TransactionSet, record: Record) -> Written:
    """The file of a set's record. Shape: the row has the business key that the record names. Errors: Faulty with what does not fit it."""
    writing = gateway.shelf.map(agreement.erp_map, agreement.tables).write(record, row.created_at.date())
    if writing.tree is None:
        raise Faulty(writing.faults)
    layout = gateway.shelf.layout(agreement.layout)
    flat = flatfile.write([writing.tree], layout)
    if flat.content is None:
        raise Faulty(flat.faults)
    return Written(
        partner=row.partner or "",
        name=erp_file_name(agreement, row, layout),
        layout=agreement.layout,
        content=flat.content,
        semaphore=semaphore_of(flat) if agreement.semaphore else None,
    )


def stage(gateway: Gateway, file: Written) -> None:
    """Puts a file into the spool, durably. Shape: by whoever is alone with its set, before the transaction that keeps it."""
    gateway.drop.stage(file.partner, file.name, file.content, file.semaphore)


def keep(gateway: Gateway, uow: UnitOfWork, file: Written, content: str) -> ErpFile:
    """The row of a file that stands in the spool. From its commit on, that the file has left the spool says that the ERP has it.

    Shape:  `content` is the digest of its bytes, which are kept.
    """
    return uow.erp_files.add(
        ErpFile(
            direction=Direction.OUT,
            state=FileState.READY,
            partner=file.partner,
            name=file.name,
            created_at=gateway.clock.now(),
            layout=file.layout,
            semaphore=file.semaphore,
            content=content,
        )
    )
