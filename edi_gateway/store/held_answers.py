"""Answers that are here, and held: what an answer's window waits for does not count yet, but it is not to be asked for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from edi_gateway.lifecycle.order_references import REFERRED, REFERRING, documents_named
from edi_gateway.lifecycle.states import DeadlineKind, SetIn, SetOut
from edi_gateway.ports.rows import Deadline, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import from_json, record_type

_HELD = (SetIn.HELD, SetOut.HELD)

Asked = Sequence[tuple[Deadline, TransactionSet]]
"""Windows of answers, each with the set that it is about."""


def held_answers(uow: UnitOfWork, found: Iterable[Deadline], about: Mapping[int | None, TransactionSet]) -> dict[int, TransactionSet]:
    """By the id of each of these windows what it waits for, where that is held. Shape: `about` are the sets that they are about, by id.

    A ship notice that did not leave is what the window of its departure is about. What names an invoice or a ship notice is found by that
    where its record is kept, which it is not of one that came in and that a map or a rule holds.
    """
    waiting = [(one, about[one.subject_id]) for one in found if one.subject == "set" and one.subject_id in about and one.id is not None]
    departing = {one.id or 0: row for one, row in waiting if one.kind is DeadlineKind.DEPARTURE and row.state in _HELD}
    asked = [(one, row) for one, row in waiting if one.kind is DeadlineKind.ANSWER]
    return departing | _of_the_order(uow, asked) | _naming_it(uow, asked)


def _of_the_order(uow: UnitOfWork, asked: Asked) -> dict[int, TransactionSet]:
    """What names the order of what it answers."""
    numbers = sorted({row.po_number for _, row in asked if row.po_number is not None})
    if not numbers:
        return {}
    held = {(one.partner, one.po_number, one.set_id): one for one in uow.sets.find(po_number=numbers, state=_HELD)}
    answers = ((one, row, held.get((row.partner, row.po_number, one.expects))) for one, row in asked)
    return {one.id or 0: it for one, row, it in answers if it is not None and it.direction is not row.direction}


def _naming_it(uow: UnitOfWork, asked: Asked) -> dict[int, TransactionSet]:
    """What names the very document that it answers, and perhaps no order."""
    asked = [(one, row) for one, row in asked if one.expects in REFERRING and row.set_id in REFERRED and row.business_key and row.partner]
    numbers: dict[str, set[str]] = defaultdict(set)
    for _, row in asked:
        numbers[str(row.partner)].add(str(row.business_key))
    held = [it for partner in numbers for it in uow.referring(partner, sorted(numbers[partner])) if it.state in _HELD]
    if not held:
        return {}
    documents = uow.documents.find(id=sorted({it.document_id for it in held if it.document_id is not None}))
    named = {one.id: set(documents_named(from_json(record_type(one.kind), one.record))) for one in documents if one.record}
    return {
        one.id or 0: it
        for one, row in asked
        for it in held
        if (it.partner, it.set_id) == (row.partner, one.expects)
        and it.direction is not row.direction
        and (row.set_id, row.business_key) in named.get(it.document_id, ())
    }
