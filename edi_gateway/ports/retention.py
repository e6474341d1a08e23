"""What deleting contents needs of the store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edi_gateway.lifecycle.retention import Retention


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A message that is old enough to be looked at. `kept` says why its contents stay; "" where they may go."""

    id: int
    partner: str | None
    direction: str
    message_id: str
    created_at: datetime
    set_ids: tuple[str, ...]
    kept: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """A message whose contents went: with what they can still be recognised by."""

    message: Judged
    digests: tuple[str, ...]


class Deleting(Protocol):
    """What may go from a store, and its going."""

    def judged(self, retention: Retention, now: datetime) -> Iterator[Judged]:
        """Every message whose contents are there and older than the shortest period, oldest first."""

    def purge(self, messages: Sequence[Judged], now: datetime, words: str) -> list[Deleted]:
        """Deletes the contents of these messages; what was deleted. A crash leaves each batch whole or gone."""

    def last_run(self) -> datetime | None:
        """When everything was last looked at to its end; None where it never was."""

    def ran(self, at: datetime) -> None:
        """Keeps that everything was looked at."""
