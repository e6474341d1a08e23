"""The documents of a purchase order: found, joined into its thread, and held against the agreement's rules."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from zlib import crc32

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.order_lines import orders_of
from edi_gateway.lifecycle.order_references import REFERRED, Named, documents_named, is_certain
from edi_gateway.lifecycle.order_rules import Finding, Rule, Treatment, judge
from edi_gateway.lifecycle.order_thread import Entry, balances
from edi_gateway.lifecycle.set_out import COUNTING
from edi_gateway.lifecycle.states import Direction, Outbound, SetIn, SetOut
from edi_gateway.partners.agreement import Agreement, Partner
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.store import Store, UnitOfWork
from edi_gateway.ports.views import OrderView
from edi_gateway.records import Record, from_json, record_type

_LINES = 1024
_TAKEN = (SetIn.MAPPED, SetIn.DELIVERED)
_NOT_SENT = (SetOut.HELD, SetOut.REJECTED, SetOut.CANCELLED)
_NOT_DELIVERED = (Outbound.REFUSED, Outbound.CANCELLED)


def queue_up_for(uow: UnitOfWork, partner: str, numbers: Iterable[str]) -> None:
    """Lets the documents of these orders go one by one from here. Shape: in one order whoever asks, so that none wait for each other."""
    for line in lines_of_waiting(numbers):
        uow.queue_up(f"order {partner} {line}")


def lines_of_waiting(numbers: Iterable[str]) -> list[int]:
    """Where documents of these numbers wait, in the order in which to queue up.

    Shape:  a line is of many numbers: a file of very many orders would need more locks than a database has.
    """
    return sorted({crc32(number.encode()) % _LINES for number in numbers})


def orders_for(uow: UnitOfWork, partner: str, record: Record) -> tuple[str, ...]:
    """The orders that a document belongs to: those that it names, and those of the invoices and ship notices that it names."""
    named = [one.po_number for pair in documents_named(record) for one in _known(uow, partner, pair)]
    return tuple(dict.fromkeys((*orders_of(record), *(po for po in named if po))))


def _known(uow: UnitOfWork, partner: str, named: Named) -> list[TransactionSet]:
    set_id, number = named
    return uow.sets.find(partner=partner, set_id=set_id, business_key=number)


def _unknown(uow: UnitOfWork, partner: str, agreement: Agreement, candidate: Entry) -> Iterator[Finding]:
    """What a document names that was never here."""
    treatment = agreement.rules.get(Rule.UNKNOWN_REFERENCE, Treatment.OFF)
    if treatment is Treatment.OFF or not is_certain(candidate.record):
        return
    for set_id, number in documents_named(candidate.record):
        if not _known(uow, partner, (set_id, number)):
            fault = Fault.of("STO-463", value=candidate.number, set_id=candidate.set_id, named=f"{set_id} {number}", partner=partner)
            yield Finding(rule=Rule.UNKNOWN_REFERENCE, treatment=treatment, fault=fault)


def _nothing(po: str) -> Iterable[Entry]:
    return ()


def judge_order(
    uow: UnitOfWork,
    partner: Partner,
    agreement: Agreement,
    candidate: Entry,
    now: datetime,
    *,
    beside: Callable[[str], Iterable[Entry]] = _nothing,
) -> tuple[Finding, ...]:
    """The rules that a document breaks. Shape: `beside` gives what goes out with it, by order; whoever asks has queued up for its orders.

    A document for several orders is held against each.
    """
    if all(one is Treatment.OFF for one in agreement.rules.values()):
        return ()
    agreed: dict[str, set[str]] = {}
    for each in partner.agreements:
        agreed.setdefault(each.set_id, set()).update(each.windows.answers)
    today = now.astimezone(partner.calendar.zone).date()
    found: dict[tuple[Rule, str], Finding] = {}
    for one in _unknown(uow, partner.key, agreement, candidate):
        found[one.rule, one.fault.line()] = one
    for po in orders_for(uow, partner.key, candidate.record):
        thread = [*_entries(uow, uow.order_sets(partner.key, po)), *beside(po)]
        for one in judge(po, thread, candidate, rules=agreement.rules, agreed=agreed, today=today):
            found.setdefault((one.rule, one.fault.line()), one)
    return tuple(found.values())


def order_view(store: Store, partner: str, po: str) -> OrderView | None:
    """An order as far as it is known; None where no document names it."""
    with store.read() as uow:
        found = uow.order_sets(partner, po)
        if not found:
            return None
        found, refers = _with_referring(uow, partner, found)
        counting = _counting(uow, found)
        records = _records(uow, counting)
        entries = [_entry(row, records[row.document_id]) for row in counting if row.document_id in records]
        ids = [row.id for row in found if row.id is not None]
        deadlines = uow.deadlines.find(subject="set", subject_id=ids)
    return OrderView(
        partner=partner,
        po=po,
        sets=tuple(found),
        counting=frozenset(row.id for row in counting if row.id is not None),
        balances=balances(po, entries),
        deadlines=tuple(deadlines),
        refers=refers,
    )


def _with_referring(
    uow: UnitOfWork, partner: str, found: list[TransactionSet]
) -> tuple[list[TransactionSet], Mapping[int, tuple[Named, ...]]]:
    """The documents of an order, with those that name one of its invoices or ship notices, and which they name."""
    numbers = {(one.set_id, one.business_key) for one in found if one.set_id in REFERRED and one.business_key}
    if not numbers:
        return found, {}
    candidates = uow.referring(partner, sorted({number for _, number in numbers}))
    records = _records(uow, candidates)
    refers: dict[int, tuple[Named, ...]] = {}
    for one in candidates:
        if one.document_id not in records:
            continue
        named = tuple(pair for pair in documents_named(records[one.document_id]) if pair in numbers)
        if named and one.id is not None:
            refers[one.id] = named
    here = {one.id for one in found}
    joined = [*found, *(one for one in candidates if one.id in refers and one.id not in here)]
    return sorted(joined, key=lambda one: (one.created_at, one.id or 0)), refers


def _entries(uow: UnitOfWork, found: Sequence[TransactionSet]) -> list[Entry]:
    counting = _counting(uow, found)
    records = _records(uow, counting)
    return [_entry(row, records[row.document_id]) for row in counting if row.document_id in records]


def _entry(row: TransactionSet, record: Record) -> Entry:
    return Entry(set_id=row.set_id, number=row.business_key, at=row.created_at, record=record)


def _records(uow: UnitOfWork, found: Sequence[TransactionSet]) -> dict[int | None, Record]:
    """The records of these documents by their ids, without those whose contents retention has deleted."""
    ids = [row.document_id for row in found if row.document_id is not None]
    documents = uow.documents.find(id=ids) if ids else ()
    return {one.id: from_json(record_type(one.kind), one.record) for one in documents if one.record}


def _counting(uow: UnitOfWork, found: Sequence[TransactionSet]) -> list[TransactionSet]:
    sent = [row.transmission_id for row in found if row.direction is Direction.OUT and row.transmission_id is not None]
    lost = {one.id for one in uow.transmissions.find(id=sent, state=_NOT_DELIVERED)} if sent else set()
    return [row for row in found if row.document_id is not None and _counts(row, lost)]


def _counts(row: TransactionSet, lost: set[int | None]) -> bool:
    if row.direction is Direction.IN:
        return row.state in _TAKEN
    # A 997 that accepts it says that the partner has it, whatever their MDN said.
    return row.state in COUNTING or (row.state not in _NOT_SENT and row.transmission_id not in lost)
