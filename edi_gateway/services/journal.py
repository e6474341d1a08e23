"""The timeline: one line for each thing that happened to a message, kept with the change that it tells of, and logged."""

from collections.abc import Sequence
from datetime import datetime

import structlog

from edi_gateway.ports.rows import Event
from edi_gateway.ports.store import UnitOfWork

_log = structlog.get_logger(__name__)


def note(
    uow: UnitOfWork,
    now: datetime,
    kind: str,
    words: str,
    *,
    partner: str | None = None,
    transmission_id: int | None = None,
    set_row_id: int | None = None,
    erp_file_id: int | None = None,
    actor: str = "gateway",
) -> None:
    """Writes one line. Shape: `kind` is a stable word with a dot ("mdn.sent"); `words` is what a person reads.

    The log gets the kind and the ids alone: the words may quote a value, and no payload belongs into a log.
    """
    event = Event(
        at=now,
        kind=kind,
        words=words,
        partner=partner,
        transmission_id=transmission_id,
        set_row_id=set_row_id,
        erp_file_id=erp_file_id,
        actor=actor,
    )
    note_all(uow, [event])


def note_all(uow: UnitOfWork, events: Sequence[Event]) -> None:
    """Writes many lines, as `note` does one."""
    uow.events.add_all(events)
    for event in events:
        _say(event)


def _say(event: Event) -> None:
    known = {"partner": event.partner, "message": event.transmission_id, "set": event.set_row_id, "erp_file": event.erp_file_id}
    _log.info(event.kind, **{name: value for name, value in known.items() if value is not None})
