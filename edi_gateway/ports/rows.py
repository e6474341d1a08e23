"""The rows that services keep, as frozen values; `store` turns them into tables. `id` is None until the row is added.

Payload bytes are never in a row: `wire`, `content` and `body` name them by their SHA-256 in hexadecimal (see `Payloads`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, FileState, Inbound, Outbound, SetIn, SetOut

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Transmission:
    """One AS2 message. `wire` is the HTTP body exactly as received or as every attempt posts it; `content` the EDI payload inside."""

    direction: Direction
    state: Inbound | Outbound
    created_at: datetime
    id: int | None = None
    partner: str | None = None
    as2_from: str = ""
    as2_to: str = ""
    message_id: str = ""
    subject: str = ""
    filename: str | None = None
    content_type: str | None = None
    headers: Headers = ()
    url: str | None = None
    remote_address: str | None = None
    wire: str | None = None
    content: str | None = None
    signed: bool = False
    encrypted: bool = False
    compressed: bool = False
    digest: str | None = None
    cipher: str | None = None
    signer: str | None = None
    mic: str | None = None
    mic_algorithm: str | None = None
    mics: Headers = ()
    """For what we send: the MIC by each algorithm that the receiver may report, as (value, algorithm)."""
    payload_head: str = ""
    """For what we send: the payload's own MIME headers, from which the other known ways of computing a MIC follow."""
    attempts: int = 0
    next_attempt_at: datetime | None = None
    tried_since: datetime | None = None
    """When the first of these attempts began; a person who sends it again begins anew."""
    settled_at: datetime | None = None
    duplicate_of: int | None = None
    revision: int | None = None
    """The configuration's revision that it was received, or sealed, by; None of one from before there were revisions."""
    faults: tuple[Fault, ...] = ()
    parts_kept: int | None = None
    """How far the translation of a long message is, in parts of it; of one of ours that the partner has, how many of its sets count.

    None where that has not begun, or has ended.
    """
    history: str | None = ""
    """The events of its state table, from its first state on; None of a row that an older release began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """One MDN: OUT is ours for what we received, IN the partner's for what we sent."""

    direction: Direction
    created_at: datetime
    id: int | None = None
    transmission_id: int | None = None
    partner: str | None = None
    message_id: str = ""
    original_message_id: str = ""
    disposition: str = ""
    verdict: str = ""
    reasons: tuple[str, ...] = ()
    mic: str | None = None
    mic_algorithm: str | None = None
    signed: bool = False
    signer: str | None = None
    signer_serial: str | None = None
    signer_fingerprint: str | None = None
    signer_not_before: datetime | None = None
    signer_not_after: datetime | None = None
    dated: str | None = None
    asynchronous: bool = False
    url: str | None = None
    http_status: int | None = None
    headers: Headers = ()
    body: str | None = None
    attempts: int = 0
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One POST of a transmission, or of an asynchronous receipt, and how it ended."""

    number: int
    url: str
    started_at: datetime
    id: int | None = None
    transmission_id: int | None = None
    receipt_id: int | None = None
    ended_at: datetime | None = None
    outcome: str = ""
    http_status: int | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interchange:
    """One ISA … IEA. Units: `offset` and `length` in bytes of the transmission's content.

    Shape:  `ta1` is TA104 of its TA1: ours for what came in, the partner's for what we sent ("" until it is known).
    """

    direction: Direction
    control_number: str
    created_at: datetime
    id: int | None = None
    transmission_id: int | None = None
    partner: str | None = None
    sender_qualifier: str = ""
    sender_id: str = ""
    receiver_qualifier: str = ""
    receiver_id: str = ""
    version: str = ""
    usage: str = ""
    content: str | None = None
    offset: int = 0
    length: int = 0
    faults: tuple[Fault, ...] = ()
    expects_ta1: bool = False
    """Whether a TA1 is awaited for it, once it is delivered."""
    ta1: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One functional group. `verdict` is AK901: ours for what came in, the partner's for what we sent ("" until it is known)."""

    direction: Direction
    functional_id: str
    control_number: str
    created_at: datetime
    id: int | None = None
    interchange_id: int | None = None
    transmission_id: int | None = None
    partner: str | None = None
    release: str = ""
    sender: str = ""
    receiver: str = ""
    set_count: int = 0
    verdict: str = ""
    acknowledged_by: int | None = None
    acknowledged_at: datetime | None = None
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionSet:
    """One ST … SE. `business_key` is what people search for: the PO, invoice or shipment number. Units: offset, length in bytes."""

    direction: Direction
    state: SetIn | SetOut
    set_id: str
    control_number: str
    created_at: datetime
    id: int | None = None
    group_id: int | None = None
    interchange_id: int | None = None
    transmission_id: int | None = None
    document_id: int | None = None
    erp_file_id: int | None = None
    partner: str | None = None
    business_key: str | None = None
    po_number: str | None = None
    verdict: str = ""
    held_code: str | None = None
    offset: int = 0
    length: int = 0
    segment_count: int = 0
    acknowledged_by: int | None = None
    """Of a set that we sent: the partner's 997 that settled it. One that came is acknowledged with its group."""
    revision: int | None = None
    """The configuration's revision that it was judged, or composed, by."""
    faults: tuple[Fault, ...] = ()
    released_by: str | None = None
    """Who let it go on although a rule of its order held it."""
    history: str | None = ""
    """The events of its state table, from its first state on; None of a row that an older release began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One canonical record as stored: `record` is its exact JSON form; typed header and line columns are made from it by the store."""

    direction: Direction
    kind: str
    record: Mapping[str, Any]
    created_at: datetime
    id: int | None = None
    partner: str | None = None
    map_name: str = ""
    map_digest: str = ""
    lineage: Mapping[str, Any] = field(default_factory=dict)
    revision: int | None = None
    """The configuration's revision whose map made it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErpFile:
    """One flat file: IN was dropped by the ERP, OUT is published for it. `result` is what `ack/<name>.result.json` says.

    Shape:  `semaphore` is what stands in the `<name>.done` beside it, None where there is none. `request_key` is the
            Idempotency-Key of one that came over the API; such a file has no `path`.
    """

    direction: Direction
    state: FileState
    partner: str
    name: str
    created_at: datetime
    id: int | None = None
    layout: str | None = None
    content: str | None = None
    path: str | None = None
    semaphore: str | None = None
    request_key: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """One window: `subject` names the table ("transmission", "group", "set") and `subject_id` the row it waits for."""

    subject: str
    subject_id: int
    kind: DeadlineKind
    due_at: datetime
    created_at: datetime
    state: DeadlineState = DeadlineState.OPEN
    id: int | None = None
    partner: str | None = None
    expects: str = ""
    settled_at: datetime | None = None
    warn_at: datetime | None = None
    warned_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One line of a message's timeline, never changed once written."""

    at: datetime
    kind: str
    words: str
    id: int | None = None
    transmission_id: int | None = None
    set_row_id: int | None = None
    erp_file_id: int | None = None
    partner: str | None = None
    actor: str = "gateway"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiToken:
    """Who may use the API. `digest` is the SHA-256 of its secret, which nobody keeps; `partners` are those it is for, none means all."""

    name: str
    digest: str
    created_at: datetime
    id: int | None = None
    partners: tuple[str, ...] = ()
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """A partner's traffic in one direction stands still until a person resumes it."""

    partner: str
    direction: Direction
    reason: str
    actor: str
    since: datetime
    id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """A server that we post to, by scheme, host and port: how often it failed in a row, since and until when it is left alone."""

    address: str
    failures: int = 0
    open_until: datetime | None = None
    opened_at: datetime | None = None
    id: int | None = None


class Origin(StrEnum):
    """Where a revision of the configuration came from."""

    HOME = "home"
    FOLDER = "folder"
    ROLLBACK = "rollback"


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One revision of the configuration; `id` is its number. Never changed once written.

    Shape:  `manifest` has the SHA-256 of each file by its path; `digest` is that of the manifest; `source` the revision that a
            rollback is equal to.
    """

    created_at: datetime
    digest: str
    manifest: Mapping[str, str]
    origin: Origin
    actor: str
    note: str = ""
    id: int | None = None
    source: int | None = None
