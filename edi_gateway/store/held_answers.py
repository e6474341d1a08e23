"""Answers that are here, and held: what an answer's window waits for does not count yet, but it is not to be asked for."""

from collections.abc import Iterable, Mapping

from edi_gateway.lifecycle.states import DeadlineKind, SetIn, SetOut
from edi_gateway.ports.rows import Deadline, TransactionSet
from edi_gateway.store.rows import SqlRows

_HELD = (SetIn.HELD, SetOut.HELD)


def held_answers(
    sets: SqlRows[TransactionSet], found: Iterable[Deadline], about: Mapping[int | None, TransactionSet]
) -> dict[int, TransactionSet]:
    """By the id of each of these windows what it waits for, where that is held. Shape: `about` are the sets that they are about, by id.

    A ship notice that did not leave is what the window of its departure is about.
    """
    waiting = [(one, about[one.subject_id]) for one in found if one.subject == "set" and one.subject_id in about and one.id is not None]
    departing = {one.id or 0: row for one, row in waiting if one.kind is DeadlineKind.DEPARTURE and row.state in _HELD}
    asked = [(one, row) for one, row in waiting if one.kind is DeadlineKind.ANSWER and row.po_number is not None]
    if not asked:
        return departing
    numbers = sorted({str(row.po_number) for _, row in asked})
    held = {_key(one): one for one in sets.find(po_number=numbers, state=_HELD)}
    answers = ((one, row, held.get((row.partner, row.po_number, one.expects))) for one, row in asked)
    here = {one.id or 0: it for one, row, it in answers if it is not None and it.direction is not row.direction}
    return departing | here


def _key(row: TransactionSet) -> tuple[str | None, str | None, str]:
    return row.partner, row.po_number, row.set_id
