"""Keeping one received set: in the state that its verdict gives it; an acknowledgment, until what it names is settled, as it was read."""

from dataclasses import replace
from datetime import datetime

from edi_gateway import x12
from edi_gateway.faults import Fault
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.states import Direction, SetIn
from edi_gateway.ports.rows import Group, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.effects import FUNCTIONAL_ACKNOWLEDGMENTS, begin_set
from edi_gateway.services.journal import note
from edi_gateway.services.naming import named_by


def settles(found: x12.TransactionSet) -> bool:
    """Whether a set is an acknowledgment that says what became of sets of ours."""
    return found.verdict is not x12.Verdict.REJECTED and found.set_id in FUNCTIONAL_ACKNOWLEDGMENTS


def row_of(found: x12.TransactionSet, group: Group, revision: int | None, now: datetime) -> TransactionSet:
    """The row of a set that came in a group, before it is kept."""
    found = found.unpacked()
    key, order = named_by(found)
    return TransactionSet(
        direction=Direction.IN,
        state=SetIn.PARSED,
        set_id=found.set_id,
        control_number=found.control,
        created_at=now,
        group_id=group.id,
        interchange_id=group.interchange_id,
        transmission_id=group.transmission_id,
        partner=group.partner,
        business_key=key,
        po_number=order,
        verdict=found.verdict.letter,
        offset=found.offset,
        length=found.length,
        segment_count=found.segment_count,
        revision=revision,
        faults=found.faults,
    )


def keep_set(uow: UnitOfWork, row: TransactionSet, found: x12.TransactionSet, came: datetime, now: datetime) -> TransactionSet:
    """Keeps a set, whose message came then, as it is judged by now; its row.

    Shape:  what an acknowledgment names is still to be settled.
    """
    if found.faults is not row.faults:
        row = replace(row, verdict=found.verdict.letter, faults=found.faults)
    what = f"{row.set_id} {row.control_number}"
    if settles(found):
        row = uow.sets.add(row)
    elif found.verdict is x12.Verdict.REJECTED:
        row = begin_set(uow, row, SetInEvent.FOUND_INVALID)
        why = _count(found.faults) if found.faults else "what is around it is"
        _say(uow, now, "x12.rejected", f"{what} rejected: {why}.", row)
    else:
        row = begin_set(uow, row, SetInEvent.FOUND_VALID, came)
        _say(uow, now, "x12.valid", f"{what} is {found.verdict.value.replace('_', ' ')}.", row)
    return row


def _say(uow: UnitOfWork, now: datetime, kind: str, words: str, row: TransactionSet) -> None:
    note(uow, now, kind, words, partner=row.partner, transmission_id=row.transmission_id, set_row_id=row.id)


def _count(faults: tuple[Fault, ...]) -> str:
    return "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
