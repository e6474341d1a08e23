"""Opening and settling windows: each a row that waits for something by a time."""

from datetime import datetime, timedelta

from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState
from edi_gateway.ports.rows import Deadline
from edi_gateway.ports.store import UnitOfWork


def open_window(
    uow: UnitOfWork,
    now: datetime,
    kind: DeadlineKind,
    length: timedelta,
    *,
    subject: str,
    subject_id: int,
    partner: str | None,
    expects: str,
) -> None:
    """Opens a window of this length from now; a window of the same kind that is open for the same subject is dropped first."""
    for row in uow.deadlines.find(subject=subject, subject_id=subject_id, kind=kind, expects=expects, state=DeadlineState.OPEN):
        uow.deadlines.advance(_id(row), DeadlineState.OPEN, DeadlineState.DROPPED, settled_at=now)
    uow.deadlines.add(
        Deadline(
            subject=subject,
            subject_id=subject_id,
            kind=kind,
            due_at=now + length,
            created_at=now,
            partner=partner,
            expects=expects,
        )
    )


def settle_windows(
    uow: UnitOfWork, now: datetime, kind: DeadlineKind, *, subject: str, subject_id: int, expects: str | None = None
) -> None:
    """What these windows waited for has come: open ones are met, breached ones are late."""
    wanted = {} if expects is None else {"expects": expects}
    for row in uow.deadlines.find(subject=subject, subject_id=subject_id, kind=kind, **wanted):
        uow.deadlines.advance(_id(row), DeadlineState.OPEN, DeadlineState.MET, settled_at=now)
        uow.deadlines.advance(_id(row), DeadlineState.BREACHED, DeadlineState.LATE, settled_at=now)


def drop_windows(uow: UnitOfWork, now: datetime, *, subject: str, subject_id: int) -> None:
    """Nothing is waited for any more: an operator cancelled it, or what it waited for can no longer come."""
    for row in uow.deadlines.find(subject=subject, subject_id=subject_id, state=DeadlineState.OPEN):
        uow.deadlines.advance(_id(row), DeadlineState.OPEN, DeadlineState.DROPPED, settled_at=now)


def _id(row: Deadline) -> int:
    assert row.id is not None
    return row.id
