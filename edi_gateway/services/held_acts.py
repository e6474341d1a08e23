"""What a person does to held documents, one or many: the acts of the command line, for those that are held still."""

from collections.abc import Callable, Sequence

from edi_gateway.faults import Fault
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.web import ActionResult, HeldVerb
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.held import give_up, held_documents, release
from edi_gateway.services.operate import Operator

_DONE = {HeldVerb.REPLAY: "mapped again", HeldVerb.RELEASE: "released", HeldVerb.GIVE_UP: "given up"}


class HeldDocuments:
    """Fulfils `ports.web.HeldDocuments`."""

    def __init__(self, now: Callable[[], Gateway], operator: Operator) -> None:
        self._now = now
        self._operator = operator

    def all(self) -> tuple[TransactionSet, ...]:
        with self._now().store.read() as uow:
            return tuple(held_documents(uow, None))

    def act(self, verb: HeldVerb, set_ids: Sequence[int], *, actor: str, reason: str) -> ActionResult:
        done = self._done(verb, set_ids, actor, reason)
        left = len(set_ids) - done
        if not done:
            return ActionResult(faults=tuple(Fault.of("STO-457", value=str(one)) for one in set_ids[:1]))
        words = f"One document is {_DONE[verb]}." if done == 1 else f"{done} documents are {_DONE[verb]}."
        not_held = f" {left} of those chosen {'was' if left == 1 else 'were'} not held any more." if left else ""
        return ActionResult(words=words + not_held)

    def _done(self, verb: HeldVerb, set_ids: Sequence[int], actor: str, reason: str) -> int:
        """To how many it was done. Shape: each release is a transaction of its own, so that a long list holds up no other writer."""
        if verb is HeldVerb.REPLAY:
            return self._operator.replay_sets(set_ids, actor=actor, reason=reason)
        act = release if verb is HeldVerb.RELEASE else give_up
        return sum(not act(self._now(), one, actor=actor, reason=reason).faults for one in set_ids)
