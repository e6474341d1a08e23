"""Opening and settling windows: each a row that waits for something by a time, and warns before."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from edi_gateway.lifecycle.business import BusinessCalendar
from edi_gateway.lifecycle.order_lines import orders_of
from edi_gateway.lifecycle.order_references import Named, documents_named
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, SetOut
from edi_gateway.lifecycle.windows import Ends, Since, Window, ends, ends_by
from edi_gateway.partners.agreement import Agreement, Partner
from edi_gateway.ports.rows import Deadline, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import PurchaseOrder, PurchaseOrderChange, Record

_THERE = (SetOut.SENT, SetOut.ACCEPTED, SetOut.ACCEPTED_WITH_ERRORS, SetOut.ACK_OVERDUE, SetOut.DONE)
"""States of a document that the partner has, and has not rejected."""


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
    uow.deadlines.add(
        Deadline(
            subject=subject,
            subject_id=subject_id,
            kind=kind,
            due_at=found.due_at,
            warn_at=found.warn_at,
            created_at=opened,
            partner=partner,
            expects=expects,
        )
    )


def open_answers(
    uow: UnitOfWork, row: TransactionSet, agreement: Agreement, partner: Partner, record: Record | None, opened: datetime
) -> None:
    """Opens the windows of the answers that a document is owed, but for those that run from another document.

    Shape:  a window that hangs on a date of the order is not opened where the order does not name the date.
    """
    for answer, window in agreement.windows.answers.items():
        found = _ends(window, partner.calendar, opened, record)
        if found is not None:
            _open_answer(uow, row, answer, found, opened)


def _ends(window: Window, calendar: BusinessCalendar, opened: datetime, record: Record | None) -> Ends | None:
    match window.since:
        case Since.RECEIVED:
            return ends(window, calendar, opened)
        case Since.SHIP_BY | Since.DELIVER_BY:
            day = _day(record, window.since)
            return ends_by(window, calendar, opened, day) if day is not None else None
        case _:
            return None


def _day(record: Record | None, since: str) -> date | None:
    """The last day that an order asks for."""
    if not isinstance(record, PurchaseOrder | PurchaseOrderChange):
        return None
    if since == Since.DELIVER_BY:
        period, day = record.requested_delivery_period, getattr(record, "requested_delivery_date", None)
    else:
        period, day = getattr(record, "requested_despatch_period", None), getattr(record, "requested_despatch_date", None)
    return (period.end or period.start if period else None) or day


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What a document speaks of: orders by their number, and invoices and ship notices by theirs."""

    orders: tuple[str, ...] = ()
    named: tuple[Named, ...] = ()


def spoken_of(record: Record) -> Spoken:
    """What a record speaks of."""
    return Spoken(orders=orders_of(record), named=documents_named(record))


def answered(uow: UnitOfWork, row: TransactionSet, spoken: Spoken, now: datetime, partner: Partner) -> None:
    """A document is there: the windows of the documents that waited for it close, those that run from it open."""
    for asked in _asked(uow, row, spoken):
        settle_windows(uow, now, DeadlineKind.ANSWER, subject="set", subject_id=_id(asked), expects=row.set_id)
        agreement = partner.agreement(asked.set_id, asked.direction)
        for answer, window in agreement.windows.answers.items() if agreement else ():
            if window.since == row.set_id and not uow.deadlines.find(
                subject="set", subject_id=asked.id, kind=DeadlineKind.ANSWER, expects=answer
            ):
                _open_answer(uow, asked, answer, ends(window, partner.calendar, now), now)


def _asked(uow: UnitOfWork, row: TransactionSet, spoken: Spoken) -> list[TransactionSet]:
    """The documents of the other side that one may answer: those of its orders, and those that it names.

    Shape:  one that names invoices answers those, and no other invoice of the order.
    """
    there = {"direction": Direction.IN if row.direction is Direction.OUT else Direction.OUT, "partner": row.partner}
    by_number = {set_id for set_id, _ in spoken.named}
    found = [one for po in spoken.orders for one in uow.sets.find(po_number=po, **there) if one.set_id not in by_number]
    for set_id, number in spoken.named:
        found += uow.sets.find(set_id=set_id, business_key=number, **there)
    return found


def _open_answer(uow: UnitOfWork, row: TransactionSet, answer: str, found: Ends, opened: datetime) -> None:
    open_window(uow, opened, DeadlineKind.ANSWER, found, subject="set", subject_id=_id(row), partner=row.partner, expects=answer)


def settle_windows(
    uow: UnitOfWork, now: datetime, kind: DeadlineKind, *, subject: str, subject_id: int, expects: str | None = None
) -> None:
    """What these windows waited for has come: open ones are met, breached ones are late."""
    wanted = {} if expects is None else {"expects": expects}
    for row in uow.deadlines.find(subject=subject, subject_id=subject_id, kind=kind, **wanted):
        # Past its end it is late, whether or not the clock has looked at it yet.
        met = DeadlineState.MET if now <= row.due_at else DeadlineState.LATE
        uow.deadlines.advance(_id(row), DeadlineState.OPEN, met, settled_at=now)
        uow.deadlines.advance(_id(row), DeadlineState.BREACHED, DeadlineState.LATE, settled_at=now)


def open_again(uow: UnitOfWork, now: datetime, found: Sequence[Deadline]) -> None:
    """What came counts no more: the last of these windows, where it was closed by that, is open again until its old end.

    Shape:  the closed one stays as it was, and another one opens.
    """
    last = found[-1] if found else None
    if last is None or last.state not in (DeadlineState.MET, DeadlineState.LATE):
        return
    warn_at = None if last.warn_at is None else min(max(last.warn_at, now), last.due_at)
    uow.deadlines.add(replace(last, id=None, state=DeadlineState.OPEN, created_at=now, settled_at=None, warn_at=warn_at, warned_at=None))


def unanswered(uow: UnitOfWork, row: TransactionSet, spoken: Spoken, now: datetime) -> None:
    """The partner rejected a document: unless another one of its kind stands, what waited for it waits again."""
    for asked in _asked(uow, row, spoken):
        others = uow.sets.find(direction=row.direction, partner=row.partner, set_id=row.set_id, po_number=asked.po_number, state=_THERE)
        if asked.business_key and (asked.set_id, asked.business_key) in spoken.named:
            naming = uow.referring(row.partner or "", [asked.business_key])
            others = [one for one in naming if one.set_id == row.set_id and one.state in _THERE]
        if all(one.id == row.id for one in others):
            found = uow.deadlines.find(subject="set", subject_id=_id(asked), kind=DeadlineKind.ANSWER, expects=row.set_id)
            open_again(uow, now, found)


def drop_windows(uow: UnitOfWork, now: datetime, *, subject: str, subject_id: int) -> None:
    """Nothing is waited for any more: an operator cancelled it, or what it waited for can no longer come."""
    for row in uow.deadlines.find(subject=subject, subject_id=subject_id, state=DeadlineState.OPEN):
        uow.deadlines.advance(_id(row), DeadlineState.OPEN, DeadlineState.DROPPED, settled_at=now)


def _id(row: Deadline | TransactionSet) -> int:
    assert row.id is not None
    return row.id
