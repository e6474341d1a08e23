"""Documents that a rule of their order holds back: released by a person, or given up; what is released is enveloped then."""

from edi_gateway.faults import Fault, Faulty, Severity
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.set_out import SetOutEvent
from edi_gateway.lifecycle.states import Direction, SetIn, SetOut
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.ports.web import ActionResult
from edi_gateway.records import from_json, record_type
from edi_gateway.services.effects import advance_set_in, advance_set_out
from edi_gateway.services.envelope import Outgoing, envelope, judge_outgoing
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note


def release(gateway: Gateway, set_id: int, *, actor: str, reason: str) -> ActionResult:
    """Lets a held document go on, whatever the rules of its order say."""
    with gateway.store.begin() as uow:
        row = _held(uow, set_id)
        if row is None:
            return _unknown(set_id)
        now = gateway.clock.now()
        if row.direction is Direction.IN:
            of_the_partner = tuple(fault for fault in row.faults if fault.code.startswith("X12-"))
            advance_set_in(uow, row, SetInEvent.OPERATOR_REPLAY, held_code=None, released_by=actor, faults=of_the_partner)
        else:
            partner = gateway.book.partner(row.partner or "")
            advance_set_out(uow, row, SetOutEvent.MENDED, now, partner, held_code=None, released_by=actor)
        _say(uow, row, gateway, "operator.release", f"{row.set_id} {row.business_key or ''} released. Reason: {reason}", actor)
    return ActionResult(words="The document goes on.")


def give_up(gateway: Gateway, set_id: int, *, actor: str, reason: str) -> ActionResult:
    """Ends a held document that we were to send: it is not sent, and another one of its number may be."""
    with gateway.store.begin() as uow:
        row = _held(uow, set_id)
        if row is None or row.direction is not Direction.OUT:
            return _unknown(set_id)
        advance_set_out(uow, row, SetOutEvent.GIVEN_UP, gateway.clock.now(), None)
        _say(uow, row, gateway, "operator.give_up", f"{row.set_id} {row.business_key or ''} given up. Reason: {reason}", actor)
    return ActionResult(words="The document is not sent.")


def held_documents(uow: UnitOfWork, partner: str | None) -> list[TransactionSet]:
    """What is held in either direction, the oldest first."""
    wanted = {"partner": partner} if partner else {}
    found = uow.sets.find(direction=Direction.IN, state=SetIn.HELD, **wanted)
    found += uow.sets.find(direction=Direction.OUT, state=SetOut.HELD, **wanted)
    return sorted(found, key=lambda row: row.created_at)


def envelope_released(gateway: Gateway, set_id: int) -> None:
    """Envelopes a document that was held and is released. Where it cannot be written any more it is held again, with the reason."""
    with gateway.store.read() as uow:
        row = uow.sets.get(set_id)
        if row.state is not SetOut.COMPOSED or row.document_id is None:
            return
        document = uow.documents.get(row.document_id)
    now = gateway.clock.now()
    partner = gateway.book.partner(row.partner or "")
    agreement = partner.agreement(row.set_id, Direction.OUT) if partner else None
    try:
        if partner is None or agreement is None:
            raise Faulty([Fault.of("STO-411", value=row.set_id, partner=row.partner, direction="that we send")])
        record = from_json(record_type(document.kind), document.record)
        writing = gateway.shelf.map(agreement.map, agreement.tables).write(record, row.created_at.date())
        if writing.tree is None:
            raise Faulty(writing.faults)
        outgoing = Outgoing(
            set_id=row.set_id,
            release=agreement.release,
            tree=writing.tree,
            business_key=row.business_key,
            po_number=row.po_number,
            document_id=row.document_id,
            erp_file_id=row.erp_file_id,
            composed=row,
        )
        wrong = [one for one in judge_outgoing(gateway, partner, outgoing, now) if one.severity is Severity.ERROR]
        if wrong:
            raise Faulty(wrong)
    except Faulty as faulty:
        with gateway.store.begin() as uow:
            faults = (*row.faults, *faulty.faults)
            advance_set_out(uow, row, SetOutEvent.HELD, now, partner, held_code=faulty.faults[0].code, faults=faults)
            _say(uow, row, gateway, "set.held", faulty.faults[0].line(), "gateway")
        return
    with gateway.store.begin() as uow:
        if uow.sets.get(set_id).state is SetOut.COMPOSED:
            envelope(gateway, uow, partner, outgoing, now)


def _held(uow: UnitOfWork, set_id: int) -> TransactionSet | None:
    found = uow.sets.find(id=set_id, state=[SetIn.HELD.value])
    return found[0] if found else None


def _unknown(set_id: int) -> ActionResult:
    return ActionResult(faults=(Fault.of("STO-457", value=str(set_id)),))


def _say(uow: UnitOfWork, row: TransactionSet, gateway: Gateway, kind: str, words: str, actor: str) -> None:
    note(
        uow,
        gateway.clock.now(),
        kind,
        words,
        partner=row.partner,
        transmission_id=row.transmission_id,
        set_row_id=row.id,
        erp_file_id=row.erp_file_id,
        actor=actor,
    )
