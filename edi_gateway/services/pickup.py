"""The ERP's read receipt: a file that is no longer in `out/` was taken; one that stays there for too long is told of."""

from datetime import datetime

from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction
from edi_gateway.lifecycle.windows import Span, Window, ends
from edi_gateway.ports.rows import Deadline, ErpFile, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.windows import open_window, settle_windows

_SUBJECT = "set"


def await_pickup(gateway: Gateway, uow: UnitOfWork, file: ErpFile, row: TransactionSet, now: datetime) -> None:
    """Opens the window in which the ERP takes the file of a set that we received, where the agreement gives it one."""
    partner = gateway.book.partner(file.partner)
    agreement = partner.agreement(row.set_id, Direction.IN) if partner else None
    if partner is None or agreement is None or agreement.pickup is None:
        return
    assert row.id is not None
    found = ends(Window(span=Span(length=agreement.pickup)), partner.calendar, now)
    open_window(uow, now, DeadlineKind.PICKUP, found, subject=_SUBJECT, subject_id=row.id, partner=file.partner, expects=file.name)


def see_pickups(gateway: Gateway) -> int:
    """Settles the windows of files that the ERP has taken; how many."""
    with gateway.store.read() as uow:
        waiting = uow.deadlines.find(kind=DeadlineKind.PICKUP, state=(DeadlineState.OPEN, DeadlineState.BREACHED))
        taken = [one for one in waiting if _is_taken(gateway, uow, one)]
    for one in taken:
        with gateway.store.begin() as uow:
            now = gateway.clock.now()
            settle_windows(uow, now, DeadlineKind.PICKUP, subject=_SUBJECT, subject_id=one.subject_id)
            _say(uow, now, "erp.picked_up", f"The ERP has taken {one.expects}.", one)
    return len(taken)


def _is_taken(gateway: Gateway, uow: UnitOfWork, deadline: Deadline) -> bool:
    number = uow.sets.get(deadline.subject_id).erp_file_id
    path = uow.erp_files.get(number).path if number is not None else None
    return path is not None and not gateway.drop.stands(path)


def _say(uow: UnitOfWork, now: datetime, kind: str, words: str, deadline: Deadline) -> None:
    row = uow.sets.get(deadline.subject_id)
    note(
        uow,
        now,
        kind,
        words,
        partner=row.partner,
        transmission_id=row.transmission_id,
        set_row_id=row.id,
        erp_file_id=row.erp_file_id,
    )
