"""Windows that a person closes, as nothing is to come any more, and opens again. Who and why stands in the timeline."""

from datetime import datetime

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.deadline import CLOSABLE, CLOSED_BY_A_PERSON, WAITING
from edi_gateway.lifecycle.notices import stamp
from edi_gateway.lifecycle.set_out import SetOutEvent
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, SetOut
from edi_gateway.ports.rows import Deadline, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.ports.web import ActionResult
from edi_gateway.services import departures
from edi_gateway.services.answers import is_answered
from edi_gateway.services.effects import advance_set_out
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.standing import counts
from edi_gateway.services.windows import close_window, open_anew
from edi_gateway.services.withdrawals import withdrawals

_OVERDUE = "STO-402"


def close(gateway: Gateway, window_id: int, *, actor: str, reason: str, dry_run: bool = False) -> ActionResult:
    """Says that nothing is waited for any more; what comes all the same is taken. Shape: a `dry_run` says what it would do.

    Faults: STO-464, STO-465, STO-467.
    """
    with gateway.store.begin() as uow:
        row, about = _locked(uow, window_id)
        if row is None:
            return _refused("STO-464", window_id)
        if row.kind not in CLOSABLE:
            return _refused("STO-467", window_id, message=str(row.subject_id))
        if row.state not in WAITING:
            return _refused("STO-465", window_id, state=row.state.value)
        words = f"{_named(row, about)} is not waited for any more."
        if dry_run:
            return ActionResult(words=f"Window {window_id} would be closed: {words} Nothing was done.")
        now = gateway.clock.now()
        close_window(uow, now, row)
        if row.kind is DeadlineKind.FUNCTIONAL_ACK and about is not None:
            told = tuple(one for one in about.faults if one.code != _OVERDUE)
            advance_set_out(uow, about, SetOutEvent.ACK_WAIVED, now, gateway.book.partner(about.partner or ""), faults=told)
        _say(uow, now, CLOSED_BY_A_PERSON, f"{words} Reason: {reason}", row, about, actor)
    return ActionResult(words=f"Window {window_id} is closed: {words}")


def reopen(gateway: Gateway, window_id: int, *, actor: str, reason: str = "", dry_run: bool = False) -> ActionResult:
    """Waits again, until the old end, for what a person had closed the window of.

    Shape:  the closed one stays as it was, and another one opens. A `dry_run` says what it would do.
    Faults: STO-464, STO-466.
    """
    with gateway.store.begin() as uow:
        row, about = _locked(uow, window_id)
        if row is None:
            return _refused("STO-464", window_id)
        why = _why_not(uow, row, about)
        if why is not None:
            return _refused("STO-466", window_id, why=why)
        now = gateway.clock.now()
        until = f"until {stamp(row.due_at)}" if row.due_at > now else f"and is overdue since {stamp(row.due_at)}"
        words = f"{_named(row, about)} is waited for again, {until}."
        if dry_run:
            return ActionResult(words=f"Window {window_id} would be opened again: {words} Nothing was done.")
        if row.kind is DeadlineKind.FUNCTIONAL_ACK and about is not None:
            advance_set_out(uow, about, SetOutEvent.ACK_AWAITED, now, gateway.book.partner(about.partner or ""))
        again = open_anew(uow, now, row)
        because = f" Reason: {reason}" if reason else ""
        _say(uow, now, "operator.reopen_window", f"{words}{because}", row, about, actor)
    return ActionResult(words=f"Window {window_id} is open again, as window {again.id}: {words}")


def _locked(uow: UnitOfWork, window_id: int) -> tuple[Deadline | None, TransactionSet | None]:
    """A window and the set that it is about. First that, and then the window, as whatever comes from outside takes them."""
    found = uow.deadlines.find(id=window_id)
    if not found:
        return None, None
    subject, number = found[0].subject, found[0].subject_id
    about = uow.sets.locked(id=number) if subject == "set" else []
    if subject == "transmission":
        uow.transmissions.locked(id=number)
    return uow.deadlines.locked(id=window_id)[0], about[0] if about else None


def _why_not(uow: UnitOfWork, row: Deadline, about: TransactionSet | None) -> str | None:
    """Why a window cannot be opened again; None where it can."""
    if row.state is not DeadlineState.CLOSED:
        return f"it is {row.state.value}"
    alike = uow.deadlines.find(subject=row.subject, subject_id=row.subject_id, kind=row.kind, expects=row.expects)
    if alike[-1].id != row.id:
        return f"window {alike[-1].id} has taken its place"
    if _has_come(uow, row, about):
        return f"the {row.expects} is there meanwhile"
    if row.kind is DeadlineKind.ANSWER and about is not None:
        return _why_not_owed(uow, row, about)
    return None


def _why_not_owed(uow: UnitOfWork, row: Deadline, about: TransactionSet) -> str | None:
    """Why a document is owed no answer any more; None where it is."""
    if not counts(about):
        return f"the {about.set_id} does not count any more"
    by = withdrawals(uow, about, (row.expects,)).get(row.expects)
    return f"the order is cancelled by the {by.set_id} in message {by.transmission_id}" if by is not None else None


def _has_come(uow: UnitOfWork, row: Deadline, about: TransactionSet | None) -> bool:
    match row.kind:
        case DeadlineKind.ANSWER if about is not None:
            return is_answered(uow, about, row.expects)
        case DeadlineKind.DEPARTURE if about is not None:
            return departures.is_sent(uow, about)
        case DeadlineKind.FUNCTIONAL_ACK if about is not None:
            return about.state is not SetOut.DONE
        case DeadlineKind.TA1:
            return all(one.ta1 for one in uow.interchanges.find(transmission_id=row.subject_id))
        case _:
            return False


def _named(row: Deadline, about: TransactionSet | None) -> str:
    """What a window waits for, at the beginning of a sentence."""
    which = f"{about.set_id} {about.business_key or about.control_number}" if about else f"message {row.subject_id}"
    match row.kind:
        case DeadlineKind.DEPARTURE:
            return f"That the partner gets our {which}"
        case DeadlineKind.PICKUP:
            return f"That the ERP takes {row.expects}"
        case _:
            return f"The {row.expects} for {'the ' if about else ''}{which}"


def _refused(code: str, window_id: int, **detail: str) -> ActionResult:
    return ActionResult(faults=(Fault.of(code, None, str(window_id), **detail),))


def _say(uow: UnitOfWork, now: datetime, kind: str, words: str, row: Deadline, about: TransactionSet | None, actor: str) -> None:
    number = about.transmission_id if about else row.subject_id
    note(
        uow,
        now,
        kind,
        words,
        partner=row.partner,
        transmission_id=number,
        set_row_id=about.id if about else None,
        erp_file_id=about.erp_file_id if about and row.kind is DeadlineKind.PICKUP else None,
        actor=actor,
    )
