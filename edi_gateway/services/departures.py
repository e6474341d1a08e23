"""Ship notices and the departures they tell of: one is to be sent within the agreed time after what it tells of has left."""

from datetime import datetime

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.departure import departed_at
from edi_gateway.lifecycle.notices import stamp
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction
from edi_gateway.lifecycle.windows import ends
from edi_gateway.partners.agreement import Agreement, Partner
from edi_gateway.ports.rows import Deadline, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import Record, ShipNotice
from edi_gateway.services.standing import counts
from edi_gateway.services.windows import drop_windows, open_again, open_window, settle_windows


def await_sending(
    uow: UnitOfWork, row: TransactionSet, partner: Partner, agreement: Agreement, record: Record, now: datetime
) -> tuple[Fault, ...]:
    """Opens the window of a ship notice that was composed; the fault of one that is late already.

    Shape:  it is that of the shipment: what replaces or cancels a notice, or comes anew under its number, opens no second one.
    """
    window = agreement.windows.departure
    if window is None or not isinstance(record, ShipNotice) or record.purpose not in (None, "original"):
        return ()
    left = departed_at(record, partner.calendar)
    if left is None or any(_windows_of(uow, one) for one in _of_the_shipment(uow, row)):
        return ()
    found = ends(window, partner.calendar, left)
    about = _id(row)
    open_window(uow, now, DeadlineKind.DEPARTURE, found, subject="set", subject_id=about, partner=partner.key, expects=row.set_id)
    if found.due_at >= now:
        return ()
    return (Fault.of("STO-462", value=row.business_key, set_id=row.set_id, left=stamp(left), due=stamp(found.due_at)),)


def sent(uow: UnitOfWork, row: TransactionSet, now: datetime) -> None:
    """The partner has a ship notice: the window of its shipment closes."""
    for one in _of_the_shipment(uow, row):
        settle_windows(uow, now, DeadlineKind.DEPARTURE, subject="set", subject_id=_id(one))


def rejected(uow: UnitOfWork, row: TransactionSet, now: datetime) -> None:
    """The partner rejected it: unless another one stands, one is to be sent within the time that was agreed for the first."""
    shipment = _of_the_shipment(uow, row)
    if not any(counts(one) for one in shipment):
        found = [window for one in shipment for window in _windows_of(uow, one)]
        open_again(uow, now, sorted(found, key=lambda one: one.id or 0))


def given_up(uow: UnitOfWork, row: TransactionSet, now: datetime) -> None:
    """It will not be sent at all."""
    drop_windows(uow, now, subject="set", subject_id=_id(row))


def is_sent(uow: UnitOfWork, row: TransactionSet) -> bool:
    """Whether the partner has a notice of a notice's shipment."""
    return any(counts(one) for one in _of_the_shipment(uow, row))


def _of_the_shipment(uow: UnitOfWork, row: TransactionSet) -> list[TransactionSet]:
    if row.business_key is None:
        return [row]
    return uow.sets.find(business_key=row.business_key, partner=row.partner, set_id=row.set_id, direction=Direction.OUT)


def _windows_of(uow: UnitOfWork, row: TransactionSet) -> list[Deadline]:
    found = uow.deadlines.find(subject="set", subject_id=_id(row), kind=DeadlineKind.DEPARTURE)
    return [one for one in found if one.state is not DeadlineState.DROPPED]


def _id(row: TransactionSet) -> int:
    assert row.id is not None
    return row.id
