"""What every use case is given: the store, the outside world, the terms of trade, and what the core compiled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from edi_gateway import as2, x12
from edi_gateway.partners.agreement import Identity, Partner
from edi_gateway.ports.channels import Clock, Drop, Poster
from edi_gateway.ports.store import Store
from edi_gateway.services.shelf import Shelf


class Terms(Protocol):
    """The partners we trade with, and ourselves."""

    def identity(self) -> Identity:
        """Ourselves."""

    def partners(self) -> tuple[Partner, ...]:
        """Every partner whose file is good, by key."""

    def partner(self, key: str) -> Partner | None:
        """The partner of a key; None where there is none (any more)."""

    def by_as2(self, as2_from: str) -> Partner | None:
        """The partner whose AS2 name this is."""


class Keys(Protocol):
    """Keys and certificates, as they are in force at a time."""

    def own(self, now: datetime) -> tuple[as2.OwnKey, ...]:
        """Our keys for decrypting, newest first: all that we still have."""

    def signing(self, now: datetime) -> as2.OwnKey:
        """The key we sign with. Errors: Faulty where none is in force."""

    def of(self, partner: Partner, now: datetime) -> tuple[as2.Certificate, ...]:
        """A partner's certificates in force, newest first: any of them verifies, the first one encrypts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Everything that a use case needs, put together by `bootstrap`."""

    store: Store
    clock: Clock
    poster: Poster
    drop: Drop
    terms: Terms
    keys: Keys
    shelf: Shelf
    library: x12.Library
    draw: Callable[[], float]
    """A number from 0 to 1 for the jitter of retries."""
    new_message_id: Callable[[], str]
    """A Message-ID that nobody used before, in angle brackets."""
