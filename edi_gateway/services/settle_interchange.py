"""A TA1 that came in: what it says of the envelope of an interchange that we sent."""

from datetime import datetime

from edi_gateway import x12
from edi_gateway.faults import Fault
from edi_gateway.lifecycle.set_out import SetOutEvent
from edi_gateway.lifecycle.states import DeadlineKind, Direction
from edi_gateway.ports.rows import Interchange
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.effects import advance_set_out
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.windows import settle_windows
from edi_gateway.tree import Segment

_CODE = 5
"""TA105, the interchange note code."""
_LETTERS = {x12.Answer.ACCEPTED: "A", x12.Answer.ACCEPTED_WITH_ERRORS: "E", x12.Answer.REJECTED: "R"}


def settle_ta1(gateway: Gateway, uow: UnitOfWork, bringer: Interchange, segment: Segment, came: datetime, now: datetime) -> None:
    """Settles what one TA1 names: a rejected interchange rejects all its sets, an accepted one leaves them to their 997.

    Shape:  `bringer` is the row of the interchange that the TA1 came in, at `came`, and is read now. One for an interchange that we
            did not send is kept there as a warning and changes nothing.
    """
    said = x12.settle_interchange(segment)
    sent = _sent(uow, bringer.partner, said.control)
    faults = said.faults
    if sent is None:
        unknown = Fault.of("STO-433", value=said.control, partner=bringer.partner)
        faults = (*faults, unknown)
        note(uow, now, "ack.unknown", unknown.line(), partner=bringer.partner, transmission_id=bringer.transmission_id)
    else:
        _settle(gateway, uow, sent, said, came, now)
    if faults:
        assert bringer.id is not None
        uow.interchanges.change(bringer.id, faults=(*uow.interchanges.get(bringer.id).faults, *faults))


def _settle(gateway: Gateway, uow: UnitOfWork, sent: Interchange, said: x12.InterchangeSettlement, came: datetime, now: datetime) -> None:
    assert sent.id is not None
    uow.interchanges.change(sent.id, ta1=_LETTERS.get(said.answer, ""))
    if sent.transmission_id is not None:
        settle_windows(uow, came, DeadlineKind.TA1, subject="transmission", subject_id=sent.transmission_id)
    words = f"TA1 from the partner: interchange {sent.control_number} is {said.answer.value.replace('_', ' ')}"
    if said.answer is x12.Answer.REJECTED:
        fault = Fault.of("STO-434", value=sent.control_number, ta105=said.code or "without a code", words=_meaning(gateway, said.code))
        words += f". {fault.line()}"
        partner = gateway.book.partner(sent.partner or "")
        uow.interchanges.change(sent.id, faults=(*sent.faults, fault))
        for row in uow.sets.locked(transmission_id=sent.transmission_id, interchange_id=sent.id):
            advance_set_out(uow, row, SetOutEvent.ACK_REJECTED, came, partner, verdict="R", faults=(*row.faults, fault))
    note(uow, now, f"ack.{said.answer.value}", f"{words.rstrip('.')}.", partner=sent.partner, transmission_id=sent.transmission_id)


def _meaning(gateway: Gateway, code: str) -> str:
    """What a note code means, in the words of the standard's own list."""
    segment = gateway.library.segment("004010", "TA1")
    names = segment.elements[_CODE - 1].codes if segment else {}
    return names.get(code) or "a code of the partner's own"


def _sent(uow: UnitOfWork, partner: str | None, control: str) -> Interchange | None:
    """The latest interchange that we sent to this partner under this control number."""
    found = uow.interchanges.find(direction=Direction.OUT, partner=partner, control_number=control.zfill(9))
    return found[-1] if found else None
