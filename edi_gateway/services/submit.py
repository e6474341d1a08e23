"""Documents that a program hands in over the API: the same way as a dropped file, and the same answer, once for every key."""

import hashlib
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from edi_gateway.lifecycle.states import Direction, FileState
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.rows import ApiToken, ErpFile
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.ports.web import Handed, Submission
from edi_gateway.services.compose import compose
from edi_gateway.services.effects import enqueue
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.tokens import known_token
from edi_gateway.services.trace import traced

RESCUE = timedelta(minutes=1)
"""When a worker takes up a file whose request ended before it was composed."""


class Submissions:
    """Fulfils `ports.web.Documents`."""

    def __init__(self, now: Callable[[], Gateway]) -> None:
        self._now = now

    def bearer(self, secret: str) -> ApiToken | None:
        """The token in force of this secret, None where there is none."""
        return known_token(self._now().store, secret)

    def submit(self, handed: Handed) -> Submission:
        """Keeps the file under its key, then composes it, unless a worker shall. The same key again gets what stands under it.

        Shape:  two requests with one key at the same time are one file: whichever comes second finds what the first has kept.
        """
        with traced():
            return self._submitted(handed)

    def _submitted(self, handed: Handed) -> Submission:
        gateway = self._now()
        row, replayed = self._kept(handed)
        same = row.content == hashlib.sha256(handed.content).hexdigest() and row.name == handed.name
        if same and not handed.later and row.state is FileState.CLAIMED:
            assert row.id is not None
            compose(gateway, row.id)
        with gateway.store.read() as uow:
            assert row.id is not None
            told = _told(uow.erp_files.get(row.id))
        return Submission(document=told, same=same, replayed=replayed)

    def find(self, file_id: int) -> Mapping[str, Any] | None:
        """What became of a file that the ERP handed in, over the API or in its folder; None where there is none."""
        with self._now().store.read() as uow:
            found = [one for one in uow.erp_files.find(id=file_id, direction=Direction.IN) if one.state is not FileState.TRIED]
            return {**_told(found[0]), "documents": _followed(uow, found[0])} if found else None

    def _kept(self, handed: Handed) -> tuple[ErpFile, bool]:
        """The file of this key, and whether it was there before."""
        gateway = self._now()
        with gateway.store.begin() as uow:
            now = gateway.clock.now()
            uow.queue_up(f"request {handed.partner} {handed.key}")
            before = uow.erp_files.find(partner=handed.partner, request_key=handed.key)
            if before:
                return before[0], True
            row = uow.erp_files.add(
                ErpFile(
                    direction=Direction.IN,
                    state=FileState.CLAIMED,
                    partner=handed.partner,
                    name=handed.name,
                    created_at=now,
                    content=uow.payloads.put(handed.content),
                    request_key=handed.key,
                )
            )
            assert row.id is not None
            enqueue(uow, Task.COMPOSE, row.id, run_at=None if handed.later else now + RESCUE)
            return row, False


def _told(row: ErpFile) -> dict[str, Any]:
    """The file's result as its folder would have it, with its number and state: once it is settled, always the same."""
    known: dict[str, Any] = {"id": row.id, "state": row.state.value, "file": row.name, "partner": row.partner, "documents": []}
    return {**known, **row.result}


def _followed(uow: UnitOfWork, row: ErpFile) -> list[dict[str, Any]]:
    """The file's documents; those that were queued by it with the states of their message and set as they are now.

    Shape:  a file's sets are kept in the order of its documents.
    """
    documents = [dict(one) for one in row.result.get("documents", ())]
    queued = [one for one in documents if one["result"] == "queued"]
    for one, kept in zip(queued, uow.sets.find(erp_file_id=row.id, direction=Direction.OUT), strict=False):
        assert kept.transmission_id is not None
        one["message"] = kept.transmission_id
        one["message_state"] = uow.transmissions.get(kept.transmission_id).state.value
        one["set_state"] = kept.state.value
    return documents
