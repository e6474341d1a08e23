"""Deleting contents whose time is over: once a day by the clock where the settings name a time, or at a person's command."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import Any

import structlog

from edi_gateway.lifecycle.retention import Retention
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.retention import Deleted, Deleting
from edi_gateway.ports.store import Store
from edi_gateway.services.journal import note

_log = structlog.get_logger(__name__)

AT_ONCE = 2000
"""So many messages are deleted before a certificate is written: after a crash that many, at most, are deleted without one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Retaining:
    """The daily deletion. `at` is the time of day in UTC, None where the clock is not to delete; certificates go into `folder`."""

    store: Store
    deleting: Deleting
    clock: Clock
    terms: Retention
    folder: Path
    at: time | None
    at_once: int = AT_ONCE

    def is_due(self) -> bool:
        """Whether a time has come, or passed while nothing ran, that nothing was deleted for."""
        if self.at is None:
            return False
        now, last = self.clock.now(), self.deleting.last_run()
        begins = datetime.combine(now.date(), self.at, now.tzinfo)
        if begins > now:
            begins -= timedelta(days=1)
        return last is None or last < begins

    def look(self) -> int:
        """Deletes what may go if it is due; how many messages lost their contents."""
        return self.run() if self.is_due() else 0

    def run(self) -> int:
        """Deletes what may go, some thousand messages at a time, each with its certificate; how many. Begun again, it goes on."""
        now, deleted, words = self.clock.now(), 0, rule(self.terms)
        going = (one for one in self.deleting.judged(self.terms, now) if not one.kept)
        while batch := list(islice(going, self.at_once)):
            done = self.deleting.purge(batch, now, words)
            write_certificate(certificate_file(self.folder, now, deleted), done, self.terms, now)
            deleted += len(done)
            _log.info("retention.deleting", deleted=deleted)
        self.deleting.ran(now)
        if deleted:
            with self.store.begin() as uow:
                note(uow, now, "retention.ran", f"The contents of {deleted} messages are deleted. {words}", actor="retention")
        return deleted


def rule(terms: Retention) -> str:
    """The periods, as they stand in timelines and certificates."""
    named = ", ".join(f"{name} {length.days} d" for name, length in sorted(terms.sets.items()))
    return f"Contents deleted: kept for {terms.keep.days} days{f' ({named})' if named else ''}."


def certificate_file(folder: Path, now: datetime, after: int = 0) -> Path:
    """Where a certificate goes. Shape: `after` so many messages of the same run have theirs already."""
    return folder / f"{now:%Y%m%dT%H%M%SZ}{f'-{after}' if after else ''}.json"


def write_certificate(file: Path, done: Sequence[Deleted], terms: Retention, now: datetime) -> None:
    """Writes what was deleted, when and by which rule. Its own digest is over the messages, as compact JSON with sorted keys."""
    file.parent.mkdir(parents=True, exist_ok=True)
    messages = [_named(one) for one in done]
    seal = sha256(json.dumps(messages, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
    told = {"deleted_at": now.isoformat(), "rule": rule(terms), "count": len(done), "sha256": seal, "messages": messages}
    file.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")


def _named(one: Deleted) -> dict[str, Any]:
    return {
        "id": one.message.id,
        "partner": one.message.partner,
        "direction": one.message.direction,
        "message_id": one.message.message_id,
        "received_or_sent_at": one.message.created_at.isoformat(),
        "documents": list(one.message.set_ids),
        "sha256": list(one.digests),
    }
