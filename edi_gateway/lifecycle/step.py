"""What all state tables share: the step that an event makes, and what the caller must do in the same transaction."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)


class Effect(StrEnum):
    """What belongs to a step: done by the service in the transaction that stores the new state."""

    ENQUEUE_TRANSLATE = "enqueue_translate"
    ENQUEUE_MAP = "enqueue_map"
    ENQUEUE_ENVELOPE = "enqueue_envelope"
    ENQUEUE_SEND = "enqueue_send"
    ENQUEUE_RECEIPT = "enqueue_receipt"
    SCHEDULE_RETRY = "schedule_retry"
    """Set `next_attempt_at` to what `retry.decide` said and enqueue the same task for that time."""
    OPEN_MDN_WINDOW = "open_mdn_window"
    CLOSE_MDN_WINDOW = "close_mdn_window"
    """Met, or late after a breach; dropped where no MDN came."""
    OPEN_ACK_WINDOW = "open_ack_window"
    CLOSE_ACK_WINDOW = "close_ack_window"
    COUNTS = "counts"
    """The partner has the set: what waited for it has come, and what is to answer it is waited for."""
    COUNTS_NO_MORE = "counts_no_more"
    """The partner had it and rejects it: what waited for it waits again, and no answer to it is waited for."""
    SETS_DELIVERED = "sets_delivered"
    """Tell every set of this transmission that it was delivered (`SetOutEvent.DELIVERED` or `DELIVERED_FINALLY`)."""
    SETS_CANCELLED = "sets_cancelled"
    """Tell every set of this transmission that it will not be sent (`SetOutEvent.CANCELLED`)."""
    SETTLE = "settle"
    """Set `settled_at`."""
    TELL_OPERATOR = "tell_operator"


@dataclass(frozen=True, slots=True, kw_only=True)
class Next(Generic[S]):
    """Where an event leads and what belongs to it."""

    state: S
    effects: tuple[Effect, ...] = ()


def to(state: S, *effects: Effect) -> Next[S]:
    """One cell of a state table."""
    return Next(state=state, effects=effects)
