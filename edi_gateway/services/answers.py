"""Business answers that are owed: which document answers which, and the windows of those that are waited for.

A document of ours counts once the partner has it, one of theirs once it is mapped. In whatever order a document and its answers come to
count, its windows end the same: whichever comes second finds the other. So it is with an order and its cancellation.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from edi_gateway.lifecycle.business import BusinessCalendar
from edi_gateway.lifecycle.deadline import advance, coming
from edi_gateway.lifecycle.order_lines import orders_of
from edi_gateway.lifecycle.order_references import INVOICE, REFERRED, REFERRING, Named, documents_named
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction
from edi_gateway.lifecycle.windows import Ends, Since, Window, ends, ends_by
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.rows import Deadline, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import OrderChangeAcknowledgment, PurchaseOrder, PurchaseOrderChange, Record
from edi_gateway.services.journal import note
from edi_gateway.services.orders import lines_of_waiting, queue_up_for
from edi_gateway.services.standing import came_at, counts, other_side, record_of
from edi_gateway.services.windows import drop_windows, open_again, settle_windows, withdraw_windows
from edi_gateway.services.withdrawals import OF_THE_BUYER, cancels, withdrawals

SHIP_NOTICE = "856"
_OF_SEVERAL = frozenset({SHIP_NOTICE, *REFERRING})
"""Sets that may be for several orders, or name other documents."""
_CHANGES = frozenset({"860", "865"})
"""Sets that bear the number of a change of an order, and answer each other by it."""
_OF_THE_DOCUMENT = frozenset(Since)
"""What a window runs from, where it is not another document."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What a document speaks of: orders by their number, one of their changes, and invoices and ship notices by theirs."""

    orders: tuple[str, ...] = ()
    named: tuple[Named, ...] = ()
    change: str | None = None

    def is_about(self, asked: TransactionSet) -> bool:
        """Whether it may answer a document. Shape: what names invoices answers those, and no other invoice of the order."""
        if any(set_id == asked.set_id for set_id, _ in self.named):
            return (asked.set_id, asked.business_key) in self.named
        return asked.po_number in self.orders


def spoken_of(record: Record) -> Spoken:
    """What a record speaks of."""
    change = record.change_number if isinstance(record, PurchaseOrderChange | OrderChangeAcknowledgment) else None
    return Spoken(orders=orders_of(record), named=documents_named(record), change=change)


def await_answers(uow: UnitOfWork, row: TransactionSet, partner: Partner, record: Record | None, opened: datetime) -> None:
    """A document counts from now on: the windows of its answers open, and those whose answer is here already are met.

    Shape:  `record` is the document's, None to look it up. A window that hangs on a date of the order is not opened where the order
            does not name the date, nor one that runs from another document before that one is here, nor one for what is withdrawn.
    """
    agreement = partner.agreement(row.set_id, row.direction)
    if agreement is None or not agreement.windows.answers:
        return
    _queue_up(uow, partner, Spoken(orders=(row.po_number,) if row.po_number else (), named=_name_of(row)))
    record = record or record_of(uow, row)
    if record is None:
        return
    withdrawn = withdrawals(uow, row, agreement.windows.answers, record)
    awaited: dict[str, Ends] = {}
    for answer, window in agreement.windows.answers.items():
        if answer in withdrawn:
            continue
        if window.since in _OF_THE_DOCUMENT:
            found = _ends(window, partner.calendar, opened, record)
        else:
            first = _first(uow, row, window.since)
            found = None if first is None else ends(window, partner.calendar, first)
        if found is not None:
            awaited[answer] = found
    _await(uow, row, awaited, opened)


def answered(uow: UnitOfWork, row: TransactionSet, now: datetime, partner: Partner, record: Record | None = None) -> None:
    """A document counts: the windows of the documents that waited for it close, those that run from it open.

    Shape:  `record` is the document's, where it is at hand. One of ours counts from now, one of theirs from when it came.
    """
    spoken = spoken_of(record) if record is not None else _spoken(uow, row)
    if any(_hangs_on(one.windows.answers, row.set_id) for one in partner.agreements if one.direction is not row.direction):
        _queue_up(uow, partner, spoken)
    asked = _asked(uow, row, spoken)
    came = came_at(uow, row) if asked and row.direction is Direction.IN else now
    for one in asked:
        if not _could_answer(uow, one, came):
            continue
        settle_windows(uow, came, DeadlineKind.ANSWER, subject="set", subject_id=_id(one), expects=row.set_id)
        running = dict(_running_from(partner, one, row.set_id)) if counts(one) else {}
        withdrawn = withdrawals(uow, one, running)
        _await(uow, one, {answer: ends(running[answer], partner.calendar, came) for answer in running if answer not in withdrawn}, now)


def unanswered(uow: UnitOfWork, row: TransactionSet, now: datetime, partner: Partner | None) -> None:
    """The partner rejected a document: unless another one of its kind stands, what waited for it waits again."""
    for asked in _asked(uow, row, _spoken(uow, row)):
        if counts(asked) and _first(uow, asked, row.set_id) is None:
            if row.set_id not in withdrawals(uow, asked, (row.set_id,)):
                found = uow.deadlines.find(subject="set", subject_id=_id(asked), kind=DeadlineKind.ANSWER, expects=row.set_id)
                open_again(uow, now, found)
            for answer, _ in _running_from(partner, asked, row.set_id):
                drop_answers(uow, asked, now, answer)


def look_again(uow: UnitOfWork, row: TransactionSet, now: datetime, partner: Partner, record: Record | None = None) -> None:
    """A document counts, or counts no more: what the orders that it names are owed is withdrawn, or owed again, where that hangs on it.

    Shape:  `record` is the document's, where it is at hand. A cancellation decides on all answers, a ship notice on the invoice.
    """
    if not _may_decide(row, partner):
        return
    record = record or record_of(uow, row)
    if record is None or (row.set_id in OF_THE_BUYER and not cancels(row, record)):
        return
    spoken = spoken_of(record)
    _queue_up(uow, partner, spoken)
    direction = row.direction if row.set_id in OF_THE_BUYER else other_side(row.direction)
    for po in spoken.orders:
        for asked in uow.sets.find(po_number=po, partner=row.partner, direction=direction, set_id=OF_THE_BUYER):
            if counts(asked):
                _withdraw(uow, asked, now, partner)
                await_answers(uow, asked, partner, None, came_at(uow, asked))


def _may_decide(row: TransactionSet, partner: Partner) -> bool:
    """Whether more may hang on a document than that it answers others, and is to be answered."""
    if row.set_id == SHIP_NOTICE:
        return any(INVOICE in one.windows.answers for one in partner.agreements if one.direction is not row.direction)
    return row.set_id in OF_THE_BUYER


def _withdraw(uow: UnitOfWork, asked: TransactionSet, now: datetime, partner: Partner) -> None:
    """Closes the windows of what is withdrawn, and says by which document."""
    agreement = partner.agreement(asked.set_id, asked.direction)
    found = withdrawals(uow, asked, agreement.windows.answers) if agreement else {}
    for answer, by in found.items():
        if withdraw_windows(uow, now, subject="set", subject_id=_id(asked), kind=DeadlineKind.ANSWER, expects=answer):
            words = f"The {answer} for the {_named(asked)} is not waited for any more: the order is cancelled by the {_named(by)}"
            where = f" in message {by.transmission_id}" if by.transmission_id is not None else ""
            number, about = asked.transmission_id, asked.id
            note(uow, now, "window.withdrawn", f"{words}{where}.", partner=asked.partner, transmission_id=number, set_row_id=about)


def _named(row: TransactionSet) -> str:
    return f"{row.set_id} {row.business_key or row.control_number}"


def drop_answers(uow: UnitOfWork, row: TransactionSet, now: datetime, answer: str | None = None) -> None:
    """A document counts no more, or what its answer is to follow: it is not waited for."""
    drop_windows(uow, now, subject="set", subject_id=_id(row), kind=DeadlineKind.ANSWER, expects=answer)


def _hangs_on(answers: dict[str, Window], set_id: str) -> bool:
    """Whether any of these windows waits for a set, or runs from it."""
    return set_id in answers or any(one.since == set_id for one in answers.values())


def _running_from(partner: Partner | None, asked: TransactionSet, set_id: str) -> list[tuple[str, Window]]:
    """The windows of a document's answers that run from a set of this kind."""
    agreement = partner.agreement(asked.set_id, asked.direction) if partner else None
    return [(answer, window) for answer, window in agreement.windows.answers.items() if window.since == set_id] if agreement else []


def _queue_up(uow: UnitOfWork, partner: Partner, spoken: Spoken) -> None:
    """Lets a document and its answers come to count one by one, so that the second of them finds the first."""
    queue_up_for(uow, partner.key, spoken.orders)
    for line in lines_of_waiting(f"{set_id} {number}" for set_id, number in spoken.named):
        uow.queue_up(f"named {partner.key} {line}")


def _await(uow: UnitOfWork, row: TransactionSet, awaited: Mapping[str, Ends], opened: datetime) -> None:
    """Opens the windows of answers, each of which is met, or late, where that has come; but for those that were opened before."""
    if not awaited:
        return
    before = uow.deadlines.find(subject="set", subject_id=_id(row), kind=DeadlineKind.ANSWER)
    known = {one.expects for one in before if one.state not in (DeadlineState.DROPPED, DeadlineState.WITHDRAWN)}
    uow.deadlines.add_all([_window(uow, row, answer, found, opened) for answer, found in awaited.items() if answer not in known])


def _window(uow: UnitOfWork, row: TransactionSet, answer: str, found: Ends, opened: datetime) -> Deadline:
    came = _first(uow, row, answer)
    ended = None if came is None else advance(DeadlineState.OPEN, coming(came, found.due_at))
    return Deadline(
        subject="set",
        subject_id=_id(row),
        kind=DeadlineKind.ANSWER,
        expects=answer,
        due_at=found.due_at,
        warn_at=found.warn_at,
        created_at=opened,
        partner=row.partner,
        state=ended or DeadlineState.OPEN,
        settled_at=came,
    )


def _ends(window: Window, calendar: BusinessCalendar, opened: datetime, record: Record) -> Ends | None:
    if window.since == Since.RECEIVED:
        return ends(window, calendar, opened)
    day = _day(record, window.since)
    return ends_by(window, calendar, opened, day) if day is not None else None


def _day(record: Record, since: str) -> date | None:
    """The last day that an order asks for."""
    if not isinstance(record, PurchaseOrder | PurchaseOrderChange):
        return None
    if since == Since.DELIVER_BY:
        period, day = record.requested_delivery_period, getattr(record, "requested_delivery_date", None)
    else:
        period, day = getattr(record, "requested_despatch_period", None), getattr(record, "requested_despatch_date", None)
    return (period.end or period.start if period else None) or day


def _asked(uow: UnitOfWork, row: TransactionSet, spoken: Spoken) -> list[TransactionSet]:
    """The documents of the other side that one may answer: those of its orders, and those that it names."""
    other = other_side(row.direction)
    found = [one for po in spoken.orders for one in uow.order_heads(row.partner, po, other)]
    for set_id, number in spoken.named:
        found += uow.sets.find(set_id=set_id, business_key=number, direction=other, partner=row.partner)
    return [one for one in {one.id: one for one in found}.values() if _is_about(uow, spoken, one)]


def _is_about(uow: UnitOfWork, spoken: Spoken, asked: TransactionSet) -> bool:
    """Whether what is spoken of is a document, and, where both have the number of a change, this change."""
    if not spoken.is_about(asked):
        return False
    change = _spoken(uow, asked).change if spoken.change is not None and asked.set_id in _CHANGES else None
    return change in (None, spoken.change)


def is_answered(uow: UnitOfWork, asked: TransactionSet, set_id: str) -> bool:
    """Whether an answer of a kind to a document has come, and counts."""
    return _first(uow, asked, set_id) is not None


def _first(uow: UnitOfWork, asked: TransactionSet, set_id: str) -> datetime | None:
    """When the first answer of a kind to a document came, of those that count; None where none has come.

    Shape:  what came before the document was there answered another one of its order.
    """
    came = [came_at(uow, one) for one in _of_a_kind(uow, asked, set_id) if counts(one) and _is_about(uow, _spoken(uow, one), asked)]
    return min((at for at in came if _could_answer(uow, asked, at)), default=None)


def _of_a_kind(uow: UnitOfWork, asked: TransactionSet, set_id: str) -> Iterator[TransactionSet]:
    """The documents of the other side that may answer a document, and are of one kind."""
    partner, po, other = asked.partner or "", asked.po_number, other_side(asked.direction)
    found = []
    if po is not None:
        found += uow.order_sets(partner, po) if set_id in _OF_SEVERAL else uow.order_heads(partner, po, other)
    if set_id in REFERRING:
        found += uow.referring(partner, [number for _, number in _name_of(asked)])
    return (one for one in {one.id: one for one in found}.values() if one.set_id == set_id and one.direction is other)


def _name_of(row: TransactionSet) -> tuple[Named, ...]:
    """How others name a document that they refer to."""
    return ((row.set_id, row.business_key),) if row.set_id in REFERRED and row.business_key else ()


def _spoken(uow: UnitOfWork, row: TransactionSet) -> Spoken:
    """What a kept document speaks of: most name one order, and that stands in the row."""
    record = record_of(uow, row) if row.set_id in _OF_SEVERAL | _CHANGES else None
    if record is not None:
        return spoken_of(record)
    return Spoken(orders=(row.po_number,) if row.po_number else ())


def _could_answer(uow: UnitOfWork, asked: TransactionSet, came: datetime) -> bool:
    """Whether what came then can be an answer to a document: that was here before, or, of ours, its bytes were made."""
    if asked.direction is Direction.IN:
        return asked.transmission_id is not None and came >= uow.transmissions.get(asked.transmission_id).created_at
    return asked.interchange_id is not None and came >= uow.interchanges.get(asked.interchange_id).created_at


def _id(row: TransactionSet) -> int:
    assert row.id is not None
    return row.id
