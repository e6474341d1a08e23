"""The closed sets of states, as the rows hold them. The tables that say what follows what stand beside this module."""

from enum import StrEnum


class Direction(StrEnum):
    """Seen from us: IN comes from the partner (or, for an ERP file, from the ERP), OUT goes there."""

    IN = "in"
    OUT = "out"


class Outbound(StrEnum):
    """An AS2 message that we send."""

    READY = "ready"
    SENDING = "sending"
    DELIVERED = "delivered"
    AWAITING_MDN = "awaiting_mdn"
    REFUSED = "refused"
    UNVERIFIED = "unverified"
    RETRY_WAIT = "retry_wait"
    STOPPED = "stopped"
    EXHAUSTED = "exhausted"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"
    """Its interchange went out anew under another Message-ID."""


class Inbound(StrEnum):
    """An AS2 message that we receive. RECEIPTED: the MDN for it is stored and, where it was synchronous, on its way."""

    RECEIVED = "received"
    OPENED = "opened"
    FAULTED = "faulted"
    NOT_AS2 = "not_as2"
    """It names neither sender nor receiver: a probe, or a post that lost its way."""
    RECEIPT_DUE = "receipt_due"
    RECEIPTED = "receipted"
    RECEIPT_EXHAUSTED = "receipt_exhausted"
    DUPLICATE = "duplicate"


class SetOut(StrEnum):
    """A transaction set that we send: settled by the partner's functional acknowledgment."""

    HELD = "held"
    COMPOSED = "composed"
    ENVELOPED = "enveloped"
    SENT = "sent"
    ACCEPTED = "accepted"
    ACCEPTED_WITH_ERRORS = "accepted_with_errors"
    REJECTED = "rejected"
    ACK_OVERDUE = "ack_overdue"
    DONE = "done"
    """An acknowledgment that we sent: nothing answers it."""
    CANCELLED = "cancelled"
    """Given up by a person while it was held."""


class SetIn(StrEnum):
    """A transaction set that we receive."""

    PARSED = "parsed"
    REJECTED = "rejected"
    VALID = "valid"
    HELD = "held"
    MAPPED = "mapped"
    DELIVERED = "delivered"
    SETTLED = "settled"
    """An acknowledgment that we received: it has settled what it names."""


class FileState(StrEnum):
    """A flat file on its way from or to the ERP."""

    TRIED = "tried"
    """Kept, and only tried out: nothing of it is sent until a person hands it in."""
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    PARTLY = "partly"
    REFUSED = "refused"
    DUPLICATE = "duplicate"
    READY = "ready"
    PUBLISHED = "published"


class DeadlineState(StrEnum):
    """A window: open until it is met, or breached; late when met after the breach."""

    OPEN = "open"
    MET = "met"
    BREACHED = "breached"
    LATE = "late"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"
    """The buyer cancelled the order that it was for."""
    CLOSED = "closed"
    """A person closed it."""


class DeadlineKind(StrEnum):
    """What a window waits for."""

    MDN = "mdn"
    FUNCTIONAL_ACK = "functional_ack"
    TA1 = "ta1"
    """The partner's word on an interchange's envelope; the window is the message's that carried it."""
    ANSWER = "answer"
    DEPARTURE = "departure"
    """Our ship notice, after what it tells of has left."""
    PICKUP = "pickup"
    """The ERP takes a file out of `out/`."""
