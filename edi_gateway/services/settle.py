"""An acknowledgment that came in: the group and the sets that it names are settled, and their windows closed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from edi_gateway import x12
from edi_gateway.faults import Fault
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.set_out import SetOutEvent
from edi_gateway.lifecycle.states import Direction
from edi_gateway.ports.rows import Group, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.effects import advance_set_in, advance_set_out
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.tree import Loop

_EVENTS = {
    x12.Answer.ACCEPTED: SetOutEvent.ACK_ACCEPTED,
    x12.Answer.ACCEPTED_WITH_ERRORS: SetOutEvent.ACK_ACCEPTED_WITH_ERRORS,
    x12.Answer.REJECTED: SetOutEvent.ACK_REJECTED,
}
_LETTERS = {
    x12.Answer.ACCEPTED: "A",
    x12.Answer.ACCEPTED_WITH_ERRORS: "E",
    x12.Answer.PARTIAL: "P",
    x12.Answer.REJECTED: "R",
}
_OVERDUE = "STO-402"
_FIRST_WITH_999 = "005010"
"""Has the code lists of the 999, which a partner may send for a group of an earlier release."""


def settle_set(gateway: Gateway, uow: UnitOfWork, row: TransactionSet, tree: Loop, came: datetime, now: datetime) -> None:
    """Settles what one 997 or 999 names. One for a group that we did not send is kept with a warning and changes nothing.

    Shape:  it counts from when it came, which may be long before now, when it is read.
    """
    said = x12.settle(tree)
    assert row.id is not None
    group = _group(uow, row, said)
    faults = (*row.faults, *said.faults)
    if group is None:
        unknown = Fault.of("STO-412", value=said.group_control, set_id=row.set_id, functional_id=said.functional_id, partner=row.partner)
        faults = (*faults, unknown)
        note(uow, now, "ack.unknown", unknown.line(), partner=row.partner, transmission_id=row.transmission_id, set_row_id=row.id)
    else:
        _settle_group(gateway, uow, row, group, said, came, now)
    key = f"{said.functional_id} {said.group_control}"
    advance_set_in(uow, row, SetInEvent.SETTLED, faults=faults, business_key=key)


def _settle_group(
    gateway: Gateway, uow: UnitOfWork, row: TransactionSet, group: Group, said: x12.Settlement, came: datetime, now: datetime
) -> None:
    """Every set of the group takes what is said of it; what was settled before stays as it is, but for the table's exceptions."""
    assert group.id is not None
    moved = [_settle_one(gateway, uow, row, group, sent, said, came, now) for sent in uow.sets.locked(group_id=group.id)]
    if any(moved) or not group.verdict:
        uow.groups.change(group.id, verdict=_LETTERS[said.answer], acknowledged_by=row.id, acknowledged_at=came)


def _settle_one(
    gateway: Gateway,
    uow: UnitOfWork,
    row: TransactionSet,
    group: Group,
    sent: TransactionSet,
    said: x12.Settlement,
    came: datetime,
    now: datetime,
) -> bool:
    """Takes one set that we sent to its verdict; whether that changed it."""
    answer = said.answer_for(sent.set_id, sent.control_number)
    if answer not in _EVENTS:
        return False
    named = next((one for one in said.sets if one.set_id == sent.set_id and _same_number(one.control, sent.control_number)), None)
    noting = _Noting(gateway.library, group.release, x12.Form(row.set_id))
    notes = tuple(noting.faults(sent, named)) if named else ()
    moved = advance_set_out(
        uow,
        sent,
        _EVENTS[answer],
        came,
        gateway.book.partner(row.partner or ""),
        verdict=_LETTERS[answer],
        acknowledged_by=row.id,
        # It is no longer true that no acknowledgment came; that it came late is in the window.
        faults=(*(fault for fault in sent.faults if fault.code != _OVERDUE), *notes),
    )
    words = f"{row.set_id} from the partner: {sent.set_id} {sent.control_number} is {answer.value.replace('_', ' ')}."
    words += "".join(f" {fault.line()}" for fault in notes)
    if not moved:
        words += " It was settled before; nothing changed."
    note(uow, now, f"ack.{answer.value}", words, partner=row.partner, transmission_id=sent.transmission_id, set_row_id=sent.id)
    return moved


@dataclass(frozen=True, slots=True)
class _Noting:
    """A partner's notes as faults, in the words of the standard's own code lists."""

    library: x12.Library
    release: str
    form: x12.Form

    def faults(self, sent: TransactionSet, said: x12.SetSettlement) -> Iterator[Fault]:
        """What the partner noted, at the places in our own set that the notes name."""
        in_set = {"set_id": sent.set_id, "set_control": sent.control_number}
        for segment in said.notes:
            place = {**in_set, "segment": segment.tag, "position": segment.position}
            if not segment.elements:
                yield self._fault(x12.Note.SEGMENT, segment.code, context=segment.context).at(**place)
            for element in segment.elements:
                noted = self._fault(x12.Note.ELEMENT, element.code, element.value or None, (*element.context, *segment.context))
                yield noted.at(**place, element=element.element, component=element.component, repetition=element.repetition)
        for code in said.codes:
            yield self._fault(x12.Note.SET, code).at(**in_set)

    def _fault(self, kind: x12.Note, code: str, value: str | None = None, context: tuple[str, ...] = ()) -> Fault:
        """One note, and what a 999 adds to it."""
        name = kind.name_in(self.form)
        segment = self.library.segment(self.release, name[:3]) or self.library.segment(_FIRST_WITH_999, name[:3])
        names = segment.elements[int(name[3:]) - 1].codes if segment else {}
        words = names.get(code) or "a code of the partner's own"
        return Fault.of("STO-427", value=value, ak=f"{name}={code}", words="; ".join((words, *context)))


def _group(uow: UnitOfWork, row: TransactionSet, said: x12.Settlement) -> Group | None:
    """The latest group that we sent to this partner under this control number and functional code."""
    control = said.group_control.lstrip("0")  # ours are written without leading zeros, and some partners add them
    found = uow.groups.find(direction=Direction.OUT, partner=row.partner, functional_id=said.functional_id, control_number=control)
    return found[-1] if found else None


def _same_number(one: str, other: str) -> bool:
    """Whether two control numbers are the same, leading zeros left out, which some partners drop."""
    return one.lstrip("0") == other.lstrip("0")
