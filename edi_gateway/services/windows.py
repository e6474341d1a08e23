"""Opening and settling windows: each a row that waits for something by a time, and warns before."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from edi_gateway.lifecycle.deadline import WAITING, DeadlineEvent, advance, coming
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState
from edi_gateway.lifecycle.windows import Ends
from edi_gateway.ports.rows import Deadline
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.journal import note

_UNAWAITED = {
    DeadlineState.CLOSED: "a person had closed its window",
    DeadlineState.WITHDRAWN: "the order is cancelled",
}
"""Why something is not waited for any more that may come all the same."""


def open_window(
    uow: UnitOfWork,
    opened: datetime,
    kind: DeadlineKind,
    found: Ends,
    *,
    subject: str,
    subject_id: int,
    partner: str | None,
    expects: str,
) -> None:
    """Opens a window; one of the same kind that is open for the same subject is dropped first."""
    for row in uow.deadlines.find(subject=subject, subject_id=subject_id, kind=kind, expects=expects, state=DeadlineState.OPEN):
        uow.deadlines.advance(_id(row), DeadlineState.OPEN, DeadlineState.DROPPED, settled_at=opened)
    opens = Deadline(
        subject=subject,
        subject_id=subject_id,
        kind=kind,
        due_at=found.due_at,
        warn_at=found.warn_at,
        created_at=opened,
        partner=partner,
        expects=expects,
    )
    uow.deadlines.add_all([opens])


def settle_windows(
    uow: UnitOfWork, came: datetime, kind: DeadlineKind, *, subject: str, subject_id: int, expects: str | None = None
) -> None:
    """What these windows waited for has come. Shape: `came` is when it came, which may be long before it was read."""
    wanted = {} if expects is None else {"expects": expects}
    found = uow.deadlines.find(subject=subject, subject_id=subject_id, kind=kind, **wanted)
    ended = [_end(uow, row, coming(came, row.due_at), came) for row in found]
    if found and not any(ended):
        _note_unawaited(uow, came, uow.deadlines.get(_id(found[-1])))


def _note_unawaited(uow: UnitOfWork, came: datetime, row: Deadline) -> None:
    """What nobody waited for any more has come all the same: it is taken, and written down."""
    if row.state not in _UNAWAITED:
        return
    about = uow.sets.get(row.subject_id) if row.subject == "set" else None
    number = about.transmission_id if about else row.subject_id
    which = f"{about.set_id} {about.business_key or about.control_number}" if about else ""
    what = f"The {row.expects} for the {which} has come" if about else f"The {row.expects} has come"
    if row.kind is DeadlineKind.DEPARTURE:
        what = f"The partner has our {which}"
    words = f"{what}, although {_UNAWAITED[row.state]}."
    note(uow, came, "window.unawaited", words, partner=row.partner, transmission_id=number, set_row_id=about.id if about else None)


def close_window(uow: UnitOfWork, now: datetime, row: Deadline) -> bool:
    """A person says that nothing is waited for any more; False where nothing was."""
    return _end(uow, row, DeadlineEvent.CLOSED, now)


def drop_windows(
    uow: UnitOfWork, now: datetime, *, subject: str, subject_id: int, kind: DeadlineKind | None = None, expects: str | None = None
) -> None:
    """Nothing is waited for any more: an operator cancelled it, or what it waited for can no longer come."""
    wanted = {name: value for name, value in (("kind", kind), ("expects", expects)) if value is not None}
    for row in uow.deadlines.find(subject=subject, subject_id=subject_id, **wanted):
        _end(uow, row, DeadlineEvent.DROPPED, now)


def withdraw_windows(uow: UnitOfWork, now: datetime, *, subject: str, subject_id: int, kind: DeadlineKind, expects: str) -> bool:
    """The buyer cancelled what these windows are for; whether one of them waited."""
    found = uow.deadlines.find(subject=subject, subject_id=subject_id, kind=kind, expects=expects)
    return sum(_end(uow, row, DeadlineEvent.WITHDRAWN, now) for row in found) > 0


def open_again(uow: UnitOfWork, now: datetime, found: Sequence[Deadline]) -> None:
    """What came counts no more: the last of these windows, where it was closed by that, is open again until its old end.

    Shape:  the closed one stays as it was, and another one opens.
    """
    last = found[-1] if found else None
    if last is not None and last.state in (DeadlineState.MET, DeadlineState.LATE):
        open_anew(uow, now, last)


def open_anew(uow: UnitOfWork, now: datetime, last: Deadline) -> Deadline:
    """Another window in the place of one that has ended, until its old end."""
    warn_at = None if last.warn_at is None else min(max(last.warn_at, now), last.due_at)
    again = replace(last, id=None, state=DeadlineState.OPEN, created_at=now, settled_at=None, warn_at=warn_at, warned_at=None)
    return uow.deadlines.add(again)


def _end(uow: UnitOfWork, row: Deadline, event: DeadlineEvent, at: datetime) -> bool:
    """Ends a window that is open or breached: whichever it is by now, as the clock may look at it at the same time. Whether it was."""
    for before in WAITING if row.state in WAITING else ():
        after = advance(before, event)
        if after is not None and uow.deadlines.advance(_id(row), before, after, settled_at=at):
            return True
    return False


def _id(row: Deadline) -> int:
    assert row.id is not None
    return row.id
