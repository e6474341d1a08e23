"""What the console and the command line ask of the store: lists and whole messages, as values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Protocol

from edi_gateway.lifecycle.incidents import Incident
from edi_gateway.lifecycle.order_references import Named
from edi_gateway.lifecycle.order_thread import Balance
from edi_gateway.lifecycle.states import DeadlineKind, Direction
from edi_gateway.ports import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageFilter:
    """Which messages.

    Shape:  `state` is the message's own, or that of a set in it; `text` finds a PO, invoice or shipment number, a control number,
            a Message-ID or a file name.
    """

    text: str = ""
    partner: str | None = None
    direction: Direction | None = None
    set_id: str | None = None
    state: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    attention: bool = False
    """Only what waits for a person: faulted, rejected, held, refused, unverified, exhausted, expired, overdue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageLine:
    """One line of the list: a transmission, the receipt that decides it and the sets in it."""

    transmission: rows.Transmission
    receipt: rows.Receipt | None
    interchanges: tuple[rows.Interchange, ...]
    sets: tuple[rows.TransactionSet, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePage:
    """One page of the list, newest first; `before` asks for the next one, None at the end."""

    lines: tuple[MessageLine, ...]
    before: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageDetail:
    """Everything that is known of one message. `related`: what it acknowledges or is acknowledged by, duplicates, answers."""

    transmission: rows.Transmission
    receipts: tuple[rows.Receipt, ...]
    attempts: tuple[rows.Attempt, ...]
    interchanges: tuple[rows.Interchange, ...]
    groups: tuple[rows.Group, ...]
    sets: tuple[rows.TransactionSet, ...]
    documents: tuple[rows.Document, ...]
    erp_files: tuple[rows.ErpFile, ...]
    deadlines: tuple[rows.Deadline, ...]
    events: tuple[rows.Event, ...]
    related: tuple[tuple[str, rows.Transmission], ...]
    """Pairs of a relation ("acknowledged by", "acknowledges", "duplicate of", "duplicated by") and the other message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverdueLine:
    """A window that is breached, or open and next to come, with the message it belongs to.

    Shape:  `held` is the document that it waits for, where that is here and held.
    """

    deadline: rows.Deadline
    transmission: rows.Transmission | None
    set: rows.TransactionSet | None
    held: rows.TransactionSet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowPage:
    """One page of the windows that are waited for, by time left; `after` asks for the next one, None at the end."""

    lines: tuple[OverdueLine, ...]
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedLine:
    """A window that a person closed: who did, and the words of the timeline, with the reason."""

    line: OverdueLine
    actor: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """One purchase order with a partner: its documents in the order of their time, what they add up to, and their windows."""

    partner: str
    po: str
    sets: tuple[rows.TransactionSet, ...]
    counting: frozenset[int]
    """The ids of those that count: neither rejected, nor refused, held or given up."""
    balances: tuple[Balance, ...]
    deadlines: tuple[rows.Deadline, ...]
    refers: Mapping[int, tuple[Named, ...]] = field(default_factory=dict)
    """By a document's id, the invoices and ship notices of the order that it names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartnerActivity:
    """What a partner's traffic looks like."""

    partner: str
    received: int
    sent: int
    attention: int
    last_received_at: datetime | None
    last_sent_at: datetime | None


class Views(Protocol):
    """Queries over the store; each its own short read transaction."""

    def messages(self, wanted: MessageFilter, *, before: int | None = None, limit: int = 50) -> MessagePage:
        """One page, newest first."""

    def message(self, transmission_id: int) -> MessageDetail:
        """One message whole. Errors: KeyError where there is none."""

    def waiting_windows(self, *, partner: str | None = None, after: int | None = None, limit: int = 50) -> WindowPage:
        """One page of what is waited for, the longest overdue first, then by time left; with a partner, its own alone.

        Shape:  `after` is the id of the window that the page before ended with.
        Errors: KeyError where there is no window of that id.
        """

    def overdue(self, now: datetime, *, partner: str | None = None) -> Mapping[DeadlineKind, int]:
        """How many windows are over and not met, by kind, whether or not the clock has marked them yet."""

    def window(self, window_id: int) -> OverdueLine:
        """One window, whatever its state. Errors: KeyError where there is none."""

    def closed_windows(self, *, partner: str | None = None, limit: int = 20) -> tuple[ClosedLine, ...]:
        """The windows that a person closed and nobody opened again, the last one first."""

    def erp_files(
        self, *, partner: str | None = None, text: str = "", before: int | None = None, limit: int = 50
    ) -> tuple[rows.ErpFile, ...]:
        """Flat files in and out, newest first."""

    def activity(self) -> tuple[PartnerActivity, ...]:
        """A line a partner that was ever seen."""

    def open_counts(self) -> Mapping[str, int]:
        """How many rows are in each state that is not final: keys such as "transmission.out.retry_wait", "set.in.held", "job.parked".

        As quick with a million archived messages as with none.
        """

    def kept(self) -> Mapping[str, int]:
        """How many rows were ever kept, by table: "messages", "documents", "files". On PostgreSQL a few numbers may be left out."""

    def recent(self, since: datetime) -> Mapping[tuple[str, str], int]:
        """How many messages began since then, by direction and state."""

    def incidents(self) -> tuple[Incident, ...]:
        """The open incidents, the oldest first."""

    def payload(self, digest: str) -> bytes:
        """Kept bytes. Errors: KeyError where they are not kept."""

    def open(self, digest: str) -> BinaryIO:
        """Kept bytes as a file, of whatever size. Errors: KeyError where they are not kept."""

    def health(self) -> Mapping[str, datetime | int | None]:
        """When the clock last ticked ("tick"), when the oldest waiting job was due ("oldest_job"), how many jobs are parked ("parked")."""


class Archive(Protocol):
    """What a changed map is tried on; each call its own short read transaction."""

    def sets_since(
        self, since: datetime, set_id: str, direction: Direction, partner: str, after: int, limit: int
    ) -> tuple[rows.TransactionSet, ...]:
        """A partner's sets of one kind from a time on, in the order they were kept, those past the id `after`."""

    def erp_files_since(self, since: datetime, layout: str, partner: str, after: int, limit: int) -> tuple[rows.ErpFile, ...]:
        """The files of one layout that the ERP dropped for a partner from a time on, in the order they were kept, past the id `after`."""
