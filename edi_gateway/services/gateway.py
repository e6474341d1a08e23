"""What every use case is given: the store, the outside world, the terms of trade, and what the core compiled."""

from collections.abc import Callable
from dataclasses import dataclass, field

from edi_gateway import x12
from edi_gateway.partners.book import Book
from edi_gateway.partners.keyring import Keyring
from edi_gateway.ports.channels import Clock, Drop, Poster
from edi_gateway.ports.store import Store
from edi_gateway.services.readings import Readings
from edi_gateway.services.shelf import Shelf

PIECE = 500
"""A tenth of a second, more or less, in which nobody else writes on SQLite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """Everything that a use case needs, put together by `bootstrap`."""

    store: Store
    clock: Clock
    poster: Poster
    drop: Drop
    book: Book
    keys: Keyring
    shelf: Shelf
    library: x12.Library
    revision: int | None
    """The configuration's revision that book, keys and shelf are of; None where files are used that none was made of."""
    draw: Callable[[], float]
    """A number from 0 to 1 for the jitter of retries."""
    new_message_id: Callable[[], str]
    """A Message-ID that nobody used before, in angle brackets."""
    readings: Readings = field(default_factory=Readings)
    piece: int = PIECE
    """How much of a long message is kept in one transaction. Units: sets."""
