"""What the web asks of the house: how a request is received, who the partners are, what a person may set off.

`bootstrap` fills in a `WebParts`; tests fill it with the fakes of `edi_gateway.testing`.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, BinaryIO, Protocol, TypeAlias

from edi_gateway.faults import Fault
from edi_gateway.fileset import Entry
from edi_gateway.partners.book import Book
from edi_gateway.partners.certificates import Held, read_held
from edi_gateway.ports.alerts import Room
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.rows import ApiToken, ErpFile, Pause, Revision, TransactionSet
from edi_gateway.ports.views import MessageDetail, OrderView, Views

MEBIBYTE = 1024 * 1024
IN_MEMORY = 4 * MEBIBYTE
"""How many bytes of a message are handled in memory; what is larger goes from file to file. No MDN is as large."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRequest:
    """One POST to the AS2 endpoint, whole. Shape: `headers` in the order and the spelling they came in, repeated ones repeated."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    remote_address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeRequest:
    """As `ReceivedRequest`, of more than `IN_MEMORY` bytes: the body stands in a file that may be read from any place."""

    headers: tuple[tuple[str, str], ...]
    body: BinaryIO
    remote_address: str | None = None


Received: TypeAlias = ReceivedRequest | LargeRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpReply:
    """What goes back, byte for byte. Shape: the server adds Date and Server, and tells the length, whatever `headers` say of it."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedElement:
    """One element as it stood. `designator` is "PO103"; `meaning` is the name of a code ("Each" for EA), "" where none."""

    designator: str
    value: str
    name: str = ""
    meaning: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedSegment:
    """One segment with its names. A composite or repeated element is one element, its value as it stood; empty ones may be left out.

    Units:  `offset` in bytes of the content that was inspected, from zero; `position` counts in the set from one (ST is 1),
            0 for the envelope; `depth` is how far the segment is set in: loops and envelopes, from zero.
    """

    tag: str
    name: str
    offset: int
    elements: tuple[InspectedElement, ...]
    position: int = 0
    depth: int = 0
    set_control: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """An X12 text taken apart for reading. `faults` holds what made it unreadable; what could be read is there all the same."""

    segments: tuple[InspectedSegment, ...]
    element_separator: str = "*"
    terminator: str = "~"
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionResult:
    """What came of something that a person set off. `words` say it in a sentence; `faults` why it was not done."""

    words: str = ""
    faults: tuple[Fault, ...] = ()


class Actions(Protocol):
    """What a person may set off. Each is written to the message's timeline with the actor and the reason."""

    def resend(self, transmission_id: int, *, actor: str, reason: str) -> ActionResult:
        """Posts the same bytes under the same Message-ID again. Errors: KeyError where there is no such message."""

    def send_anew(self, transmission_id: int, *, actor: str, reason: str) -> ActionResult:
        """Sends the same interchange in a message of its own, under a new Message-ID. Errors: KeyError where there is no such message."""

    def replay(self, transmission_id: int, *, actor: str, reason: str) -> ActionResult:
        """Translates the sets that are held again, with the maps of now. Errors: KeyError where there is no such message."""

    def close_window(self, window_id: int, *, actor: str, reason: str) -> ActionResult:
        """Says that what a window waits for is not to come any more."""

    def reopen_window(self, window_id: int, *, actor: str, reason: str) -> ActionResult:
        """Waits again for what a person had closed the window of."""


class HeldVerb(StrEnum):
    """What a person may do to a held document."""

    REPLAY = "replay"
    """It is mapped again, with the maps, partner files and rules of now: one that came in."""
    RELEASE = "release"
    """It goes on whatever the rules of its order say."""
    GIVE_UP = "give-up"
    """It is not sent: one that goes out."""


class HeldDocuments(Protocol):
    """The documents that wait for a person. What is done is written to the timeline of each, with the actor and the reason."""

    def all(self) -> tuple[TransactionSet, ...]:
        """Those that are held in either direction, the oldest first."""

    def act(self, verb: HeldVerb, set_ids: Sequence[int], *, actor: str, reason: str) -> ActionResult:
        """Does it to each of these that is held still, and to which it can be done; says how many there were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A file handed in over the API. Shape: `later` leaves composing it to a worker; `key` is the request's Idempotency-Key."""

    partner: str
    name: str
    content: bytes
    key: str
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What stands under a key: `same` says whether it is of this content and name, `replayed` whether it was there before."""

    document: Mapping[str, Any]
    same: bool
    replayed: bool


class Documents(Protocol):
    """What the API does with the files that a program hands in."""

    def bearer(self, secret: str) -> ApiToken | None:
        """The token in force of this secret, None where there is none."""

    def submit(self, handed: Handed) -> Submission:
        """Keeps a file, and composes its messages unless a worker shall. Once a key."""

    def find(self, file_id: int) -> Mapping[str, Any] | None:
        """What became of a file, None where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form in which a document's file may be: its layout, and in what it stands ("csv", "xlsx").

    Shape:  `template` is the name of a file to fill in, "" where there is none.
    """

    layout: str
    title: str
    format: str
    template: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sendable:
    """A document that we send to a partner, with the forms in which its files are taken."""

    set_id: str
    forms: tuple[Form, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploaded:
    """A file that a person uploads for a partner, as one of the documents that we send."""

    partner: str
    set_id: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class FileView:
    """A file from the ERP, and what became of it, or would.

    Shape:  `result` is as `ack/<name>.result.json` has it; of a file that is only tried out, what would become of it now. `may_go` says
            that it may be handed in; `is_workbook` that its lines are rows of a sheet.
    """

    row: ErpFile
    result: Mapping[str, Any]
    may_go: bool = False
    is_workbook: bool = False


class Uploads(Protocol):
    """Files that a person hands in from the console: kept first, tried out, then handed in."""

    def documents(self, partner: str) -> tuple[Sendable, ...]:
        """What may be handed in for a partner; nothing where there is no such partner, or none is agreed."""

    def template(self, layout: str) -> bytes | None:
        """A file of a layout to fill in, None where there is none. Errors: Faulty where it cannot be made here."""

    def keep(self, uploaded: Uploaded, *, actor: str) -> int:
        """Keeps the bytes of a file, which is tried out from then on; its number."""

    def file(self, file_id: int) -> FileView | None:
        """A file from the ERP, however it came; None where there is none."""

    def hand_in(self, file_id: int, *, actor: str) -> None:
        """Takes a file that was tried out as a dropped one is taken. Once: a second call changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedFile:
    """What changes in one file of the configuration, each change a line of words ("as2.url: … becomes …")."""

    path: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisionDetail:
    """One revision of the configuration.

    Shape:  `changes` are those against the revision before it, by meaning; where they cannot be told, `faults` say why.
    Units:  `sizes` in bytes, by the SHA-256 of each file.
    """

    revision: Revision
    sizes: Mapping[str, int]
    changes: tuple[ChangedFile, ...] = ()
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """The files of the home that are not as the revision in force has them."""

    revision: int
    files: tuple[ChangedFile, ...]


class Configuration(Protocol):
    """The configuration's revisions."""

    def history(self) -> Sequence[Revision]:
        """Every revision, the newest, which is in force, first."""

    def in_use(self) -> int | None:
        """The revision that this process works by; None where it works by files that none was made of."""

    def revision(self, number: int) -> RevisionDetail:
        """One revision whole. Errors: KeyError where there is none."""

    def drift(self) -> Drift | None:
        """What of the home's files differs from the revision in force; None where nothing does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiSettings:
    """How the API of documents is served. Units: `max_body_bytes` a request, `rate` requests a minute and token."""

    max_body_bytes: int = 10 * MEBIBYTE
    rate: int = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """How the web is served.

    Shape:  `password_hash` is argon2's encoded form, None where no password is set (nobody can log in then);
            `secret_key` signs session cookies and is kept over restarts; `secure_cookies` where people come by HTTPS.
    """

    secret_key: bytes
    password_hash: str | None
    host: str = "127.0.0.1"
    port: int = 8080
    max_body_bytes: int = 100 * MEBIBYTE
    secure_cookies: bool = False
    session_lifetime: timedelta = timedelta(hours=12)
    tick_limit: timedelta = timedelta(minutes=2)
    """How old the clock's last tick may be before `/readyz` says no."""
    job_limit: timedelta = timedelta(minutes=10)
    """How long the oldest waiting job may be past its time before `/readyz` says no."""
    proxies: int = 0
    """How many reverse proxies stand before us: so many are believed when they say who asks."""
    threads: int = 16
    connection_limit: int = 2000
    api: ApiSettings = ApiSettings()


def _everyone(address: str) -> bool:
    return True


def _no_disk() -> tuple[Room, ...]:
    return ()


def _no_order(partner: str, po: str) -> OrderView | None:
    return None


def _elsewhere() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """All that the web needs. `receive` keeps what came before it answers; `inspect` never raises, whatever the bytes.

    `book` gives the partner files as they were last read; `admits` says whether an address may see the console at all,
    `admits_api` whether it may use the API.
    `recompute_mic` takes the MIC of the kept bytes anew; None where they do not suffice.
    """

    views: Views
    receive: Callable[[Received], HttpReply]
    book: Callable[[], Book]
    inspect: Callable[[bytes], Inspection]
    recompute_mic: Callable[[MessageDetail], str | None]
    actions: Actions
    documents: Documents
    configuration: Configuration
    uploads: Uploads
    held: HeldDocuments
    clock: Clock
    settings: WebSettings
    certificates: Callable[[Iterable[Entry]], Held] = read_held
    admits: Callable[[str], bool] = _everyone
    admits_api: Callable[[str], bool] = _everyone
    admits_metrics: Callable[[str], bool] = _everyone
    room: Callable[[], Sequence[Room]] = _no_disk
    """The room on the disks that the gateway writes to."""
    pauses: Callable[[], Sequence[Pause]] = tuple
    """What a person has paused."""
    order: Callable[[str, str], OrderView | None] = _no_order
    """The thread of an order, by partner and number; None where no document names it."""
    works: Callable[[], bool] = _elsewhere
    """Whether those that work for this gateway are well; where another one works, the age of the oldest job tells."""
    version: str = ""
