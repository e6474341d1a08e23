"""From a valid set to the ERP: its canonical record, then its flat file, put into the ERP's folder once and only once."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from edi_gateway import flatfile, x12
from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.order_rules import Treatment, worst
from edi_gateway.lifecycle.order_thread import Entry
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.states import Direction, FileState, SetIn
from edi_gateway.partners.agreement import Agreement, Partner, Unread
from edi_gateway.ports.rows import Document, ErpFile, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import Record, from_json, record_type, to_json
from edi_gateway.services.answers import answered, await_answers, drop_answers
from edi_gateway.services.effects import advance_set_in
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.naming import business_key, erp_file_name, po_number
from edi_gateway.services.orders import judge_order, orders_for, queue_up_for
from edi_gateway.services.pickup import await_pickup
from edi_gateway.services.semaphore import semaphore_of
from edi_gateway.services.unread import unread


def map_set(gateway: Gateway, set_id: int) -> None:
    """Takes a valid set to the ERP: its canonical record, then its file. A set that was mapped before a crash goes on from there.

    The sets that follow it in its message are mapped with it, as that is read once for them; each is delivered by its own work item.
    Where no agreement or map of ours carries a set, it is held with the reason. Those before it have work items of their own, so
    that one which a mistake of ours fails on stops no other.
    """
    with gateway.store.read() as uow:
        row = uow.sets.get(set_id)
        if row.state is SetIn.VALID:
            valid = uow.sets.find(transmission_id=row.transmission_id, state=SetIn.VALID)
            following = {one.offset: one for one in valid if one.offset > row.offset and not _is_overtaking(uow, one)}
            sets = _sets(gateway, uow, row)
    if row.state is not SetIn.VALID:
        _deliver(gateway, row)
        return
    for found in sets:
        if found.offset == row.offset:
            _map_and_deliver(gateway, row, found)
        elif found.offset in following:
            _map_one(gateway, following[found.offset], found)


def _is_overtaking(uow: UnitOfWork, row: TransactionSet) -> bool:
    """Whether an earlier message holds a set of the same order that is still to be read: then this one waits for its own work item."""
    if row.po_number is None:
        return False
    valid = uow.sets.find(partner=row.partner, po_number=row.po_number, direction=Direction.IN, state=SetIn.VALID)
    assert row.transmission_id is not None
    return any(one.transmission_id is not None and one.transmission_id < row.transmission_id for one in valid)


def _map_and_deliver(gateway: Gateway, row: TransactionSet, found: x12.TransactionSet) -> None:
    record = _or_hold(gateway, row, lambda: _mapped(gateway, row, found))
    assert row.id is not None
    with gateway.store.read() as uow:
        mapped = uow.sets.get(row.id)
    _deliver(gateway, mapped, record)


def _deliver(gateway: Gateway, row: TransactionSet, record: Record | None = None) -> None:
    """Makes the ERP file of a mapped set and publishes it. Shape: `record` is the set's, where it was made just now."""
    if row.state is not SetIn.MAPPED:
        return
    kept = _or_hold(gateway, row, lambda: _written(gateway, row, record))
    if kept is not None:
        publish(gateway, kept)


def publish(gateway: Gateway, erp_file_id: int) -> None:
    """Puts a file that is ready into the ERP's folder, then its semaphore. After a crash the spool says what was done before."""
    with gateway.store.read() as uow:
        row = uow.erp_files.get(erp_file_id)
    if row.state is not FileState.READY:
        return
    path = gateway.drop.release(row.partner, row.name)
    if row.semaphore is not None:
        gateway.drop.announce(row.partner, row.name, path)
    # That it has left the spool tells it once more.
    with gateway.store.begin(promising=False) as uow:
        now = gateway.clock.now()
        if not uow.erp_files.advance(erp_file_id, FileState.READY, FileState.PUBLISHED, path=path):
            return
        for one in uow.sets.find(erp_file_id=erp_file_id, direction=Direction.IN):
            advance_set_in(uow, one, SetInEvent.DELIVERED)
            await_pickup(gateway, uow, row, one, now)
            _say(uow, one, now, "erp.published", f"ERP file {row.name} published.", erp_file_id)


def _map_one(gateway: Gateway, seen: TransactionSet, found: x12.TransactionSet) -> None:
    """Maps one set of a message, unless another worker has done so since it was seen."""
    assert seen.id is not None
    with gateway.store.read() as uow:
        row = uow.sets.get(seen.id)
    if row.state is SetIn.VALID:
        _or_hold(gateway, row, lambda: _mapped(gateway, row, found))


def _mapped(gateway: Gateway, row: TransactionSet, found: x12.TransactionSet) -> Record | None:
    """The record that was kept; None where the set is refused, or mapped already. Errors: Faulty with what stands in the way of it."""
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
    key = business_key(record)
    with gateway.store.begin(promising=False) as uow:
        now = gateway.clock.now()
        treatment, broken = _rules_of_its_order(uow, row, partner, agreement, record, now)
        faults = (*row.faults, *(found.locate(fault) for fault in (*reading.faults, *left, *broken)))
        if treatment is Treatment.REFUSE:
            advance_set_in(uow, row, SetInEvent.REFUSED, business_key=key, po_number=po_number(record), faults=faults)
            drop_answers(uow, row, now)
            for fault in broken:
                _say(uow, row, now, "set.refused", found.locate(fault).line())
            return None
        changes = {"business_key": key, "po_number": po_number(record), "faults": faults, "held_code": None}
        # The guard comes first, so that who comes second leaves no record behind.
        if not advance_set_in(uow, row, SetInEvent.MAPPED, **changes):
            return None
        document = uow.documents.add(
            Document(
                direction=Direction.IN,
                kind=type(record).__name__,
                record=to_json(record),
                created_at=now,
                partner=partner.key,
                map_name=agreement.map,
                map_digest=used.digest,
                revision=gateway.revision,
            )
        )
        assert row.id is not None
        uow.sets.change(row.id, document_id=document.id)
        if row.document_id is None:
            mapped = replace(row, document_id=document.id, business_key=key, po_number=po_number(record))
            _await_answers(uow, mapped, partner, agreement, record)
        answered(uow, row, now, partner, record)
        _say(uow, row, now, "set.mapped", f"{row.set_id} {key or ''} read by map {agreement.map} as {document.kind}.")
    return record


def _rules_of_its_order(
    uow: UnitOfWork, row: TransactionSet, partner: Partner, agreement: Agreement, record: Record, now: datetime
) -> tuple[Treatment, tuple[Fault, ...]]:
    """What the rules of its order make of a document, and the faults. Errors: Faulty where it is to be held.

    Nothing holds what a person has released.
    """
    queue_up_for(uow, partner.key, orders_for(uow, partner.key, record))
    entry = Entry(set_id=row.set_id, number=business_key(record), at=row.created_at, record=record)
    found = judge_order(uow, partner, agreement, entry, now)
    if row.released_by is not None:
        return Treatment.WARN, tuple(one.fault for one in found)
    held = [one.fault for one in found if one.treatment is Treatment.HOLD]
    treatment = worst(found)
    if treatment is Treatment.HOLD:
        raise Faulty(fault.at(set_id=row.set_id, set_control=row.control_number) for fault in held)
    return treatment, tuple(one.fault for one in found)


def _await_answers(uow: UnitOfWork, row: TransactionSet, partner: Partner, agreement: Agreement, record: Record) -> None:
    """Opens the windows of the answers that are owed. They run from the receipt, however long our own maps held the set up."""
    assert row.transmission_id is not None
    if agreement.windows.answers:
        await_answers(uow, row, partner, record, uow.transmissions.get(row.transmission_id).created_at)


def _written(gateway: Gateway, row: TransactionSet, record: Record | None) -> int:
    """The id of the ERP file that is kept and staged for a mapped set. Errors: Faulty with what does not fit the file.

    Once the row is kept the file is never staged again: that it has left the spool is how `publish` knows it is done.
    """
    if row.erp_file_id is not None:
        return row.erp_file_id
    partner, agreement = _terms(gateway, row)
    if record is None:
        record = _record(gateway, row)
    writing = gateway.shelf.map(agreement.erp_map, agreement.tables).write(record, row.created_at.date())
    if writing.tree is None:
        raise Faulty(writing.faults)
    layout = gateway.shelf.layout(agreement.layout)
    flat = flatfile.write([writing.tree], layout)
    if flat.content is None:
        raise Faulty(flat.faults)
    name = erp_file_name(agreement, row, layout)
    semaphore = semaphore_of(flat) if agreement.semaphore else None
    gateway.drop.stage(partner.key, name, flat.content, semaphore)
    with gateway.store.begin() as uow:
        assert row.id is not None
        before = uow.sets.get(row.id).erp_file_id
        if before is not None:
            return before
        kept = uow.erp_files.add(
            ErpFile(
                direction=Direction.OUT,
                state=FileState.READY,
                partner=partner.key,
                name=name,
                created_at=gateway.clock.now(),
                layout=agreement.layout,
                semaphore=semaphore,
                content=uow.payloads.put(flat.content),
            )
        )
        assert kept.id is not None
        uow.sets.change(row.id, erp_file_id=kept.id)
    return kept.id


def _record(gateway: Gateway, row: TransactionSet) -> Record:
    """The record that was kept of a mapped set."""
    assert row.document_id is not None
    with gateway.store.read() as uow:
        document = uow.documents.get(row.document_id)
    return from_json(record_type(document.kind), document.record)


def _or_hold(gateway: Gateway, row: TransactionSet, work: Callable[[], Any]) -> Any:
    """Does the work; where it cannot be done, the set is held with the reason until the cause is mended and it is replayed."""
    try:
        return work()
    except Faulty as faulty:
        with gateway.store.begin(promising=False) as uow:
            now = gateway.clock.now()
            first = faulty.faults[0]
            if advance_set_in(uow, row, SetInEvent.HELD, held_code=first.code, faults=(*row.faults, *faulty.faults)):
                for fault in faulty.faults:
                    _say(uow, row, now, "set.held", fault.line())
        return None


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


def _sets(gateway: Gateway, uow: UnitOfWork, row: TransactionSet) -> Iterable[x12.TransactionSet]:
    """The sets of the message that a set came in: as they were read just now, or one by one, so that a large message is not held whole."""
    assert row.transmission_id is not None
    digest = uow.transmissions.get(row.transmission_id).content
    assert digest is not None
    if remembered := gateway.readings.sets(digest):
        return remembered
    events = x12.stream([uow.payloads.get(digest)], gateway.library)
    return (event for event in events if isinstance(event, x12.TransactionSet))


def _say(uow: UnitOfWork, row: TransactionSet, now: datetime, kind: str, words: str, erp_file_id: int | None = None) -> None:
    note(uow, now, kind, words, partner=row.partner, transmission_id=row.transmission_id, set_row_id=row.id, erp_file_id=erp_file_id)
