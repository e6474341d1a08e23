"""Translating what was received: interchanges, groups and sets kept with their verdicts, and what came as an acknowledgment settled.

All of a message is read and judged before anything of it is kept. What our own maps make of a set is decided later and changes nothing.
"""

from edi_gateway import x12
from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.states import Direction
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.partners.agreement import Partner
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.keep import Before, Keeping, Read, kept_before

_CHUNK = 1 << 20


class _Late(Exception):
    """Another worker has kept this piece."""


def translate(gateway: Gateway, transmission_id: int) -> None:
    """Reads a received message's content and keeps all that it holds, a long one's in pieces. Does nothing for one that was translated.

    One whose translation was broken off goes on where it was.
    """
    with gateway.store.read() as uow:
        row = uow.transmissions.get(transmission_id)
        if row.content is None:
            return
        paused = uow.pauses.ask(partner=row.partner, direction=Direction.IN)
        content = uow.payloads.open(row.content)
        if paused():  # the resume enqueues it again
            content.close()
            return
        before = Before() if row.parts_kept is None else kept_before(uow, transmission_id)
    partner = gateway.book.partner(row.partner or "")
    rules, unread = _rules(gateway, partner)
    with content:
        reading = x12.read_chunks(iter(lambda: content.read(_CHUNK), b""), gateway.library, rules=rules)
    gateway.readings.keep(row.content, reading)
    keeping = Keeping(gateway, Read(transmission=row, partner=partner, rules=rules, reading=reading, unread=unread), before)
    pieces, parts, is_whole = keeping.pieces(), row.parts_kept, False
    while not is_whole:
        try:
            with gateway.store.begin(promising=False) as uow:
                if parts is None and uow.is_begun(transmission_id):
                    return
                keeping.begin(uow)
                is_whole = next(pieces, True)
                if parts is not None or not is_whole:
                    _go_on(uow, transmission_id, parts, None if is_whole else keeping.parts)
                # A piece may end before anything is in it, because what comes next is long.
                if keeping.is_further and not is_whole:
                    uow.progressed(Task.TRANSLATE.key(transmission_id))
        except _Late:
            return
        parts = keeping.parts


def _go_on(uow: UnitOfWork, transmission_id: int, before: int | None, after: int | None) -> None:
    """Says how many parts are kept with this piece. Errors: _Late where it is not the next one any more."""
    [row] = uow.transmissions.locked(id=transmission_id)
    if row.parts_kept != before:
        raise _Late
    uow.transmissions.change(transmission_id, parts_kept=after)


def _rules(gateway: Gateway, partner: Partner | None) -> tuple[x12.Rules, tuple[Fault, ...]]:
    """How the partner's sets are judged, their guides among it; and what is wrong with guides that cannot be used."""
    if partner is None:
        return x12.Rules(), ()
    guides: list[x12.Guide] = []
    faults: list[Fault] = []
    for agreement in partner.agreements:
        if agreement.direction is Direction.IN and agreement.guide:
            try:
                guides.append(gateway.shelf.guide(agreement.guide))
            except Faulty as faulty:
                faults += faulty.faults
    terms = partner.x12
    rules = x12.Rules(mode=terms.mode, charset=terms.charset, tolerated=terms.tolerate, rejecting=terms.reject, guides=tuple(guides))
    return rules, tuple(faults)
