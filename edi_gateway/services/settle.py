"""An acknowledgment that came in: the group and the sets that it names are settled, and their windows closed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from edi_gateway import x12
from edi_gateway.faults import Fault
from edi_gateway.lifecycle import set_out
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.set_out import SetOutEvent
from edi_gateway.lifecycle.states import Direction, SetOut
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
_AT_ONCE = 100
"""A group of more sets is long. What we make ourselves holds one; a file that a person hands in may hold any number."""
_FIRST_WITH_999 = "005010"
"""Has the code lists of the 999, which a partner may send for a group of an earlier release."""


class Settling:
    """An acknowledgment that came in, being settled: at once, or the sets of a long group of ours in transactions of their own before.

    Shape:  `came` is when it came, from when on it counts, which may be long before it is read. What it does not move, the group, and what
            becomes of the acknowledgment itself, are said at the end: all before may be done again by whoever goes on after a crash.
    """

    def __init__(self, gateway: Gateway, row: TransactionSet, tree: Loop, came: datetime) -> None:
        self._gateway = gateway
        self._row = row
        self._came = came
        self._said = x12.settle(tree)
        self._left: list[int] | None = None

    def move(self, uow: UnitOfWork, now: datetime, most: int) -> int:
        """Takes so many of those sets of a long group to their verdicts that it moves; how many, 0 where none is left."""
        if self._left is None:
            self._left = self._moving(uow)
        part, self._left = self._left[:most], self._left[most:]
        if part:
            group = _group(uow, self._row, self._said)
            assert group is not None
            for sent in uow.sets.locked(id=part):
                if self._moves(sent):
                    self._settle(uow, group, sent, now)
        return len(part)

    def end(self, uow: UnitOfWork, now: datetime) -> None:
        """Settles what is left, the group, and the acknowledgment. One for a group that we did not send is kept with a warning."""
        row, said = self._row, self._said
        faults = (*row.faults, *said.faults)
        group = _group(uow, row, said)
        if group is None:
            unknown = Fault.of(
                "STO-412", value=said.group_control, set_id=row.set_id, functional_id=said.functional_id, partner=row.partner
            )
            faults = (*faults, unknown)
            note(uow, now, "ack.unknown", unknown.line(), partner=row.partner, transmission_id=row.transmission_id, set_row_id=row.id)
        else:
            self._settle_rest(uow, group, now)
        advance_set_in(uow, row, SetInEvent.SETTLED, faults=faults, business_key=f"{said.functional_id} {said.group_control}")

    def _moving(self, uow: UnitOfWork) -> list[int]:
        """The sets of a long group that it moves."""
        group = _group(uow, self._row, self._said)
        if group is None or group.set_count <= _AT_ONCE:
            return []
        return [one.id for one in uow.sets.find(group_id=group.id) if one.id is not None and self._moves(one)]

    def _moves(self, sent: TransactionSet) -> bool:
        """Whether it changes something about a set, and has not done so yet."""
        assert isinstance(sent.state, SetOut)
        answer = self._said.answer_for(sent.set_id, sent.control_number)
        if answer not in _EVENTS or sent.acknowledged_by == self._row.id:
            return False
        return set_out.advance(sent.state, _EVENTS[answer]) is not None

    def _settle_rest(self, uow: UnitOfWork, group: Group, now: datetime) -> None:
        """Every set of the group that has no word on it yet; what was settled before stays as it is, but for the table's exceptions."""
        assert group.id is not None
        sets = uow.sets.locked(group_id=group.id)
        moved = [one.acknowledged_by == self._row.id or self._settle(uow, group, one, now) for one in sets]
        if any(moved) or not group.verdict:
            answer = _LETTERS[self._said.answer]
            uow.groups.change(group.id, verdict=answer, acknowledged_by=self._row.id, acknowledged_at=self._came)

    def _settle(self, uow: UnitOfWork, group: Group, sent: TransactionSet, now: datetime) -> bool:
        """Takes one set that we sent to its verdict; whether that changed it."""
        row, answer = self._row, self._said.answer_for(sent.set_id, sent.control_number)
        if answer not in _EVENTS:
            return False
        named = self._said.said_of(sent.set_id, sent.control_number)
        noting = _Noting(self._gateway.library, group.release, x12.Form(row.set_id))
        notes = tuple(noting.faults(sent, named)) if named else ()
        moved = advance_set_out(
            uow,
            sent,
            _EVENTS[answer],
            self._came,
            self._gateway.book.partner(row.partner or ""),
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
