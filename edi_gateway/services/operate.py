"""What a person may set off: the same bytes once more, the same interchange anew, a held set mapped again, or a window closed.

Each goes into the timeline with who and why.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.inbound import InboundEvent
from edi_gateway.lifecycle.outbound import OutboundEvent
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.states import Direction, Outbound, SetIn
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.rows import TransactionSet, Transmission
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.ports.web import ActionResult
from edi_gateway.services import closing
from edi_gateway.services.effects import advance_outbound, advance_set_in, enqueue
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.send_receipt import post_again

_BATCH = 200
T = TypeVar("T")


class Operator:
    """The actions on messages, as the console and the command line offer them."""

    def __init__(self, now: Callable[[], Gateway]) -> None:
        self._now = now

    def resend(self, transmission_id: int, *, actor: str, reason: str) -> ActionResult:
        """Posts the same bytes under the same Message-ID again: a message that we sent, or an asynchronous MDN of ours.

        Errors: KeyError where there is no such message.
        """
        gateway = self._now()
        with gateway.store.begin() as uow:
            now = gateway.clock.now()
            row = uow.transmissions.get(transmission_id)
            if row.direction is Direction.OUT:
                partner = gateway.book.partner(row.partner or "")
                done = advance_outbound(
                    uow, row, OutboundEvent.OPERATOR_RESEND, now, partner, attempts=0, next_attempt_at=None, tried_since=None, faults=()
                )
            else:
                done = post_again(uow, row, InboundEvent.OPERATOR_RESEND, now)
            if not done:
                return ActionResult(faults=(Fault.of("STO-415", value=str(transmission_id), state=row.state.value.replace("_", " ")),))
            words = f"Sent again with the same bytes. Reason: {reason}"
            note(uow, now, "operator.resend", words, partner=row.partner, transmission_id=row.id, actor=actor)
        return ActionResult(words="The same bytes are on their way again, under the same Message-ID.")

    def send_anew(self, transmission_id: int, *, actor: str, reason: str) -> ActionResult:
        """Sends the same interchange in a message of its own: sealed with the keys of now, under a new Message-ID.

        Shape:  the old message stays as it was, superseded; interchange, groups and sets belong to the new one from here on.
        Errors: KeyError where there is no such message.
        """
        gateway = self._now()
        with gateway.store.begin() as uow:
            now = gateway.clock.now()
            old = uow.transmissions.get(transmission_id)
            partner = gateway.book.partner(old.partner or "")
            if old.direction is not Direction.OUT or not advance_outbound(uow, old, OutboundEvent.OPERATOR_SEND_ANEW, now, partner):
                return ActionResult(faults=(Fault.of("STO-437", value=str(transmission_id), state=old.state.value.replace("_", " ")),))
            new = uow.transmissions.add(
                Transmission(
                    direction=Direction.OUT,
                    state=Outbound.READY,
                    created_at=now,
                    revision=gateway.revision,
                    partner=old.partner,
                    as2_from=gateway.book.identity.as2_id,
                    as2_to=partner.as2.id if partner else old.as2_to,
                    message_id=gateway.new_message_id(),
                    subject=old.subject,
                    filename=old.filename,
                    content_type=old.content_type,
                    url=partner.as2.url if partner else old.url,
                    content=old.content,
                )
            )
            assert new.id is not None
            _hand_over(uow, transmission_id, new.id)
            enqueue(uow, Task.SEND, new.id)
            said = (
                (transmission_id, f"Sent anew as message {new.id}. Reason: {reason}"),
                (new.id, f"Message {transmission_id} sent anew. Reason: {reason}"),
            )
            for number, words in said:
                note(uow, now, "operator.send_anew", words, partner=old.partner, transmission_id=number, actor=actor)
        return ActionResult(words=f"The same interchange is on its way as message {new.id}, under a new Message-ID.")

    def replay(self, transmission_id: int, *, actor: str, reason: str) -> ActionResult:
        """Maps the held sets of a received message again, with the maps of now, as many at a time as `replay_sets` does.

        Errors: KeyError where there is no such message.
        """
        with self._now().store.read() as uow:
            uow.transmissions.get(transmission_id)
            held = uow.sets.find(transmission_id=transmission_id, direction=Direction.IN, state=SetIn.HELD)
        count = self.replay_sets([one.id for one in held if one.id is not None], actor=actor, reason=reason)
        return _mapped_again(count) if count else ActionResult(faults=(Fault.of("STO-416", value=str(transmission_id)),))

    def close_window(self, window_id: int, *, actor: str, reason: str, dry_run: bool = False) -> ActionResult:
        """Says that what a window waits for is not to come any more."""
        return closing.close(self._now(), window_id, actor=actor, reason=reason, dry_run=dry_run)

    def reopen_window(self, window_id: int, *, actor: str, reason: str, dry_run: bool = False) -> ActionResult:
        """Waits again for what a person had closed the window of."""
        return closing.reopen(self._now(), window_id, actor=actor, reason=reason, dry_run=dry_run)

    def held(self, *, partner: str | None, code: str | None) -> tuple[TransactionSet, ...]:
        """The received sets that are held, of one partner and for one reason where these are given, the oldest first."""
        wanted = {name: value for name, value in (("partner", partner), ("held_code", code)) if value is not None}
        with self._now().store.read() as uow:
            return tuple(uow.sets.find(direction=Direction.IN, state=SetIn.HELD, **wanted))

    def replay_held(self, *, partner: str | None, code: str | None, actor: str, reason: str) -> ActionResult:
        """Maps all those sets again, as many at a time as `replay_sets` does."""
        found = [one.id for one in self.held(partner=partner, code=code) if one.id is not None]
        return _mapped_again(self.replay_sets(found, actor=actor, reason=reason))

    def replay_sets(self, set_ids: Sequence[int], *, actor: str, reason: str) -> int:
        """Maps those of these sets again that came in and are held; how many there were.

        Shape:  in batches, so that a long list holds up no other writer; of one that is broken off, the rest stays held.
        """
        count = 0
        for batch in _batched(set_ids, _BATCH):
            with self._now().store.begin() as uow:
                held = uow.sets.find(id=list(batch), direction=Direction.IN, state=SetIn.HELD)
                count += self._map_again(uow, held, actor, reason)
        return count

    def _map_again(self, uow: UnitOfWork, held: Iterable[TransactionSet], actor: str, reason: str) -> int:
        now, count = self._now().clock.now(), 0
        for one in held:
            of_the_partner = tuple(fault for fault in one.faults if fault.code.startswith("X12-"))
            if advance_set_in(uow, one, SetInEvent.OPERATOR_REPLAY, held_code=None, faults=of_the_partner):
                words = f"{one.set_id} {one.control_number} mapped again. Reason: {reason}"
                number = one.transmission_id
                note(uow, now, "operator.replay", words, partner=one.partner, transmission_id=number, set_row_id=one.id, actor=actor)
                count += 1
        return count


def _batched(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The rows in parts of this size, in order."""
    return (rows[at : at + size] for at in range(0, len(rows), size))


def _mapped_again(count: int) -> ActionResult:
    return ActionResult(words="One set is mapped again." if count == 1 else f"{count} sets are mapped again.")


def _hand_over(uow: UnitOfWork, old: int, new: int) -> None:
    """The envelopes and sets of one message belong to another from now on."""
    for table in (uow.interchanges, uow.groups, uow.sets):
        for row in table.find(transmission_id=old):
            assert row.id is not None
            table.change(row.id, transmission_id=new)
