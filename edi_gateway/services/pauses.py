"""A partner's traffic paused by a person, and resumed.

Paused sending keeps messages as they are, ready; acknowledgments of ours are messages, too, and wait. Paused receiving takes what comes,
keeps it and answers with the MDN; it is translated after the resume, so that the 997 waits as well. Nothing expires by a pause, but windows
run.
"""

from collections.abc import Callable

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.precedence import order_of_messages
from edi_gateway.lifecycle.states import Direction, Outbound
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.rows import Pause
from edi_gateway.ports.store import Store, UnitOfWork
from edi_gateway.ports.web import ActionResult
from edi_gateway.services.effects import enqueue, enqueue_sending
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note

_WORDS = {Direction.OUT: "send", Direction.IN: "receive"}


def all_pauses(store: Store) -> tuple[Pause, ...]:
    """What is paused now, the longest first."""
    with store.read() as uow:
        return tuple(uow.pauses.find())


def is_paused(uow: UnitOfWork, partner: str | None, direction: Direction) -> bool:
    """Whether a partner's traffic in a direction stands still."""
    return bool(uow.pauses.find(partner=partner, direction=direction))


def ask_whether_paused(uow: UnitOfWork, partner: str, direction: Direction) -> Callable[[], bool]:
    """Whether what this transaction keeps may be left to the resume: paused, and no resume looks for what waits before it has ended.

    Shape:  asked now and told later, as `ports.store.Rows.ask` has it.
    """
    asked = uow.pauses.ask(partner=partner, direction=direction)

    def stays_paused() -> bool:
        if not asked():
            return False
        uow.queue_up(_turn(partner))
        return is_paused(uow, partner, direction)

    return stays_paused


def _turn(partner: str) -> str:
    """What those queue up for who change a partner's pauses, or rely on them."""
    return f"pause {partner}"


def pause(gateway: Gateway, partner: str, direction: Direction, *, actor: str, reason: str) -> ActionResult:
    """Lets nothing go on in a direction. Faults: STO-459 where it is paused already."""
    with gateway.store.begin() as uow:
        now = gateway.clock.now()
        uow.queue_up(_turn(partner))
        if is_paused(uow, partner, direction):
            return ActionResult(faults=(Fault.of("STO-459", value=partner, direction=_WORDS[direction]),))
        uow.pauses.add(Pause(partner=partner, direction=direction, reason=reason, actor=actor, since=now))
        note(uow, now, "partner.paused", f"Paused: {_WORDS[direction]}. Reason: {reason}", partner=partner, actor=actor)
    kept = "messages are kept ready" if direction is Direction.OUT else "messages are kept and get their MDN; they are translated later"
    return ActionResult(words=f"Paused: {kept}. Windows run on.")


def resume(gateway: Gateway, partner: str, direction: Direction, *, actor: str) -> ActionResult:
    """Lets everything go on that waited. Faults: STO-460 where nothing is paused."""
    with gateway.store.begin() as uow:
        now = gateway.clock.now()
        uow.queue_up(_turn(partner))
        found = uow.pauses.find(partner=partner, direction=direction)
        if not found:
            return ActionResult(faults=(Fault.of("STO-460", value=partner, direction=_WORDS[direction]),))
        for one in found:
            assert one.id is not None
            uow.pauses.remove(one.id)
        count = _send(uow, partner) if direction is Direction.OUT else _translate(uow, partner)
        words = f"Resumed: {_WORDS[direction]}, after a pause since {found[0].since:%Y-%m-%d %H:%M} UTC ({found[0].reason})."
        note(uow, now, "partner.resumed", words, partner=partner, actor=actor)
    return ActionResult(words="Resumed; one message goes on." if count == 1 else f"Resumed; {count} messages go on.")


def _send(uow: UnitOfWork, partner: str) -> int:
    """What waited has its whole time for attempts from now on."""
    waiting = uow.transmissions.find(direction=Direction.OUT, partner=partner, state=(Outbound.READY, Outbound.RETRY_WAIT))
    for row in waiting:
        assert row.id is not None
        uow.transmissions.change(row.id, next_attempt_at=None, tried_since=None)
        enqueue_sending(uow, row.id)
    return len(waiting)


def _translate(uow: UnitOfWork, partner: str) -> int:
    waiting = uow.untranslated(partner)
    for row_id in waiting:
        enqueue(uow, Task.TRANSLATE, row_id, order=order_of_messages(partner))
    return len(waiting)
