"""From a valid set to the ERP: its canonical record and its flat file kept in one go, then the file put into the ERP's folder, once.

Who makes a set's file is alone with the set from before it is read until it is kept: two workers would put the file into the spool by
turns, and once it has left the spool for the ERP, that is what says so.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from edi_gateway import x12
from edi_gateway.faults import Fault, Faulty
from edi_gateway.frozen import changed
from edi_gateway.lifecycle.order_rules import Treatment, worst
from edi_gateway.lifecycle.order_thread import Entry
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.partners.agreement import Agreement, Partner, Unread
from edi_gateway.ports.rows import Document, ErpFile, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import Record, from_json, record_type, to_json
from edi_gateway.services import erp_file
from edi_gateway.services.answers import answered, await_answers, drop_answers, look_again
from edi_gateway.services.effects import advance_set_in
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.naming import business_key, po_number
from edi_gateway.services.orders import judge_order, orders_for, queue_up_for
from edi_gateway.services.publish import Kept, kept_file, put_out
from edi_gateway.services.unread import unread

_ASKED = 500
"""How many orders one question to the database is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Message:
    """The message that a set came in, and when; its sets in their order, each to be taken once; and whether any may follow this one."""

    came: datetime
    sets: Iterator[x12.TransactionSet]
    is_followed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reading:
    """What a map of ours made of a set. Shape: `named` is the set's row with the numbers and faults of the record."""

    came: datetime
    partner: Partner
    agreement: Agreement
    map_digest: str
    record: Record
    named: TransactionSet


class _Stopped(Exception):
    """The rules of its order do not let a set go on: nothing of it is kept, and it is held or refused."""

    def __init__(self, treatment: Treatment, faults: tuple[Fault, ...]) -> None:
        super().__init__(treatment)
        self.treatment = treatment
        self.faults = faults


class _Late(Exception):
    """Somebody else has taken the set on since it was read: nothing of ours is kept."""


def map_set(gateway: Gateway, set_id: int) -> None:
    """Takes a valid set to the ERP: its canonical record and its file. A set that was mapped before a crash goes on from there.

    The sets that follow it in its message are mapped with it, as that is read once for them; each is published by its own work item.
    Where no agreement or map of ours carries a set, it is held with the reason. Those before it have work items of their own, so
    that one which a mistake of ours fails on stops no other.
    """
    following: dict[int, int] = {}
    message: _Message | None = None
    with gateway.drop.alone(set_id):
        with gateway.store.read() as uow:
            row = uow.sets.get(set_id)
            if row.state is SetIn.VALID:
                message = _message(gateway, uow, row)
                following = _following(uow, row) if message.is_followed else {}
        kept = _taken_on(gateway, row, message)
    if kept is not None:
        put_out(gateway, *kept)
    while message is not None and following and (found := next(message.sets, None)) is not None:
        if (ahead := following.pop(found.offset, None)) is not None:
            _map_ahead(gateway, ahead, found, message.came)


def _following(uow: UnitOfWork, row: TransactionSet) -> dict[int, int]:
    """The valid sets that follow a set in its message, by their offset, without those that would overtake another of their order."""
    valid = uow.sets.find(transmission_id=row.transmission_id, state=SetIn.VALID)
    following = [one for one in valid if one.offset > row.offset]
    earlier = _still_to_be_read(uow, row, sorted({one.po_number for one in following if one.po_number is not None}))
    return {one.offset: one.id for one in following if one.id is not None and one.po_number not in earlier}


def _still_to_be_read(uow: UnitOfWork, row: TransactionSet, orders: Sequence[str]) -> set[str | None]:
    """Those of these orders of which an earlier message holds a set that is not mapped: what follows waits for its own work item."""
    assert row.transmission_id is not None
    found: set[str | None] = set()
    for at in range(0, len(orders), _ASKED):
        asked = orders[at : at + _ASKED]
        valid = uow.sets.find(partner=row.partner, po_number=asked, direction=Direction.IN, state=SetIn.VALID)
        found |= {one.po_number for one in valid if one.transmission_id is not None and one.transmission_id < row.transmission_id}
    return found


def _message(gateway: Gateway, uow: UnitOfWork, row: TransactionSet) -> _Message:
    """The message that a set came in, with its sets as they were read just now, or one by one, so that a large one is not held whole."""
    assert row.transmission_id is not None
    kept = uow.transmissions.get(row.transmission_id)
    assert kept.content is not None
    read = gateway.readings.sets(kept.content)
    sets: Iterable[x12.TransactionSet] = read
    if not read:
        events = x12.stream([uow.payloads.get(kept.content)], gateway.library)
        sets = (event for event in events if isinstance(event, x12.TransactionSet))
    return _Message(came=kept.created_at, sets=iter(sets), is_followed=not read or read[-1].offset > row.offset)


def _map_ahead(gateway: Gateway, set_id: int, found: x12.TransactionSet, came: datetime) -> None:
    """Keeps one more set of a message with its file, unless another worker does or has done so."""
    with gateway.drop.alone(set_id, wait=False) as alone:
        if alone:
            with gateway.store.read() as uow:
                row = uow.sets.get(set_id)
            if row.state is SetIn.VALID:
                _mapped(gateway, row, found, came)


def _taken_on(gateway: Gateway, row: TransactionSet, message: _Message | None) -> Kept | None:
    """The file of a set that is on its way to the ERP. Shape: `message` is that of a valid one, None for any other."""
    if message is not None:
        return _mapped(gateway, row, next(one for one in message.sets if one.offset == row.offset), message.came)
    if row.state is not SetIn.MAPPED:
        return None
    return _written(gateway, row) if row.erp_file_id is None else kept_file(gateway, row.erp_file_id)


def _mapped(gateway: Gateway, row: TransactionSet, found: x12.TransactionSet, came: datetime) -> Kept | None:
    """The file that a valid set, which came then, was kept with. None where it is held, with the reason, or refused, or mapped already."""
    try:
        reading = _read(gateway, row, found, came)
    except Faulty as faulty:
        _hold(gateway, row, faulty.faults)
        return None
    file: erp_file.Written | None = None
    unwritable: tuple[Fault, ...] = ()
    try:
        file = erp_file.write(gateway, reading.agreement, reading.named, reading.record)
    except Faulty as faulty:
        # What stands in the way of its file is ours to mend: the record is kept all the same.
        unwritable = faulty.faults
    if file is not None:
        erp_file.stage(gateway, file)
    try:
        mapped, kept = _keep(gateway, row, found, reading, file)
    except _Late:
        return None
    except _Stopped as stopped:
        if file is not None:
            gateway.drop.discard(file.partner, file.name)
        _stop(gateway, row, found, reading, stopped)
        return None
    if kept is None:
        _hold(gateway, mapped, unwritable)
        return None
    return kept, [mapped]


def _read(gateway: Gateway, row: TransactionSet, found: x12.TransactionSet, came: datetime) -> _Reading:
    """A valid set as the agreement's map reads it. Errors: Faulty with what stands in the way of it."""
    partner, agreement = _terms(gateway, row)
    _check_sender(partner, found.interchange)
    used = gateway.shelf.map(agreement.map, agreement.tables)
    tree = found.tree()
    reading = used.read(tree, row.created_at.date())
    if not reading.ok or reading.record is None:
        raise Faulty(found.locate(fault) for fault in reading.faults)
    left = unread(agreement.unread, used, tree)
    if left and agreement.unread is Unread.HOLD:
        raise Faulty(found.locate(fault) for fault in left)
    record = reading.record
    faults = (*row.faults, *(found.locate(fault) for fault in (*reading.faults, *left)))
    named = changed(row, business_key=business_key(record), po_number=po_number(record), faults=faults)
    return _Reading(came=came, partner=partner, agreement=agreement, map_digest=used.digest, record=record, named=named)


def _keep(
    gateway: Gateway, row: TransactionSet, found: x12.TransactionSet, reading: _Reading, file: erp_file.Written | None
) -> tuple[TransactionSet, ErpFile | None]:
    """Keeps a set's record, and its file where one could be written, in one transaction; the set as it is then. Errors: _Stopped, _Late."""
    partner, agreement, record = reading.partner, reading.agreement, reading.record
    document = Document(
        direction=Direction.IN,
        kind=type(record).__name__,
        record=to_json(record),
        created_at=gateway.clock.now(),
        partner=partner.key,
        map_name=agreement.map,
        map_digest=reading.map_digest,
        revision=gateway.revision,
    )
    with gateway.store.begin(promising=file is not None) as uow:
        now = gateway.clock.now()
        uow.expect(documents=1, erp_files=0 if file is None else 1)
        # First, as its digest is made before the writer's turn begins.
        content = uow.payloads.put(file.content) if file is not None else ""
        broken = _rules_of_its_order(uow, reading, now)
        kept = erp_file.keep(gateway, uow, file, content) if file is not None else None
        changes = {
            "business_key": reading.named.business_key,
            "po_number": reading.named.po_number,
            "faults": (*reading.named.faults, *(found.locate(fault) for fault in broken)),
            "held_code": None,
            "document_id": uow.documents.add(document).id,
            "erp_file_id": kept.id if kept is not None else None,
        }
        mapped = advance_set_in(uow, row, SetInEvent.MAPPED, **changes)
        if mapped is None:
            raise _Late
        if row.document_id is None:
            # They run from the receipt, however long our own maps held the set up.
            await_answers(uow, mapped, partner, record, reading.came)
        answered(uow, mapped, now, partner, record)
        look_again(uow, mapped, now, partner, record)
        what = f"{row.set_id} {mapped.business_key or ''}"
        _say(uow, row, now, "set.mapped", f"{what} read by map {agreement.map} as {document.kind}.")
    return mapped, kept


def _rules_of_its_order(uow: UnitOfWork, reading: _Reading, now: datetime) -> tuple[Fault, ...]:
    """What the rules of its order have to say of a document that goes on. Errors: _Stopped where it does not.

    Nothing stops what a person has released.
    """
    row, record, partner = reading.named, reading.record, reading.partner
    queue_up_for(uow, partner.key, orders_for(uow, partner.key, record))
    entry = Entry(set_id=row.set_id, number=row.business_key, at=row.created_at, record=record)
    found = judge_order(uow, partner, reading.agreement, entry, now)
    treatment = worst(found)
    if row.released_by is None and treatment in (Treatment.HOLD, Treatment.REFUSE):
        raise _Stopped(treatment, tuple(one.fault for one in found if treatment in (one.treatment, Treatment.REFUSE)))
    return tuple(one.fault for one in found)


def _stop(gateway: Gateway, row: TransactionSet, found: x12.TransactionSet, reading: _Reading, stopped: _Stopped) -> None:
    """Holds a set, or refuses it, as the rules of its order want it."""
    if stopped.treatment is Treatment.HOLD:
        _hold(gateway, row, [fault.at(set_id=row.set_id, set_control=row.control_number) for fault in stopped.faults])
        return
    broken = [found.locate(fault) for fault in stopped.faults]
    named = reading.named
    changes = {"business_key": named.business_key, "po_number": named.po_number, "faults": (*named.faults, *broken)}
    with gateway.store.begin(promising=False) as uow:
        now = gateway.clock.now()
        if advance_set_in(uow, row, SetInEvent.REFUSED, **changes):
            drop_answers(uow, row, now)
            for fault in broken:
                _say(uow, row, now, "set.refused", fault.line())


def _written(gateway: Gateway, row: TransactionSet) -> Kept | None:
    """The file of a set that was mapped before it had one, by an older release or where no file could be written of it then.

    None where it is held, with what does not fit the file, or has its file already.
    """
    assert row.id is not None
    assert row.document_id is not None
    with gateway.store.read() as uow:
        document = uow.documents.get(row.document_id)
    try:
        _, agreement = _terms(gateway, row)
        file = erp_file.write(gateway, agreement, row, from_json(record_type(document.kind), document.record))
    except Faulty as faulty:
        _hold(gateway, row, faulty.faults)
        return None
    erp_file.stage(gateway, file)
    with gateway.store.begin() as uow:
        [mapped] = uow.sets.locked(id=row.id)
        if mapped.erp_file_id is not None:
            return None
        kept = erp_file.keep(gateway, uow, file, uow.payloads.put(file.content))
        uow.sets.change(row.id, erp_file_id=kept.id)
    return kept, [mapped]


def _hold(gateway: Gateway, row: TransactionSet, faults: Sequence[Fault]) -> None:
    """Holds a set with the reason, until the cause is mended and it is replayed."""
    with gateway.store.begin(promising=False) as uow:
        now = gateway.clock.now()
        if advance_set_in(uow, row, SetInEvent.HELD, held_code=faults[0].code, faults=(*row.faults, *faults)):
            for fault in faults:
                _say(uow, row, now, "set.held", fault.line())


def _terms(gateway: Gateway, row: TransactionSet) -> tuple[Partner, Agreement]:
    """The partner and the agreement that a set falls under. Errors: Faulty (STO-411) where there is none."""
    partner = gateway.book.partner(row.partner or "")
    agreement = partner.agreement(row.set_id, Direction.IN) if partner else None
    if partner is None or agreement is None:
        raise Faulty([Fault.of("STO-411", value=row.set_id, partner=row.partner, direction="that they send")])
    return partner, agreement


def _check_sender(partner: Partner, interchange: x12.InterchangeHeader) -> None:
    """Errors: Faulty (STO-413) where an interchange names another sender than the partner whose message it is."""
    theirs = partner.x12.identity
    named = (interchange.sender_qualifier.strip(), interchange.sender.strip())
    if named != (theirs.qualifier, theirs.id):
        expected = f"{theirs.qualifier} {theirs.id}"
        raise Faulty([Fault.of("STO-413", value=" ".join(named), partner=partner.key, expected=expected)])


def _say(uow: UnitOfWork, row: TransactionSet, now: datetime, kind: str, words: str) -> None:
    note(uow, now, kind, words, partner=row.partner, transmission_id=row.transmission_id, set_row_id=row.id)
