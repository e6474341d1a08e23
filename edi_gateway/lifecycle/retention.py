"""How long contents are kept, and what may go: pure.

What goes are contents: payloads, records, files. That a message came or went, its ids, digests, receipts and verdicts stay, so that it is
known when it comes again, and so that what was agreed on can still be shown.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from edi_gateway.lifecycle import waits
from edi_gateway.lifecycle.states import Inbound, Outbound, SetIn, SetOut

KEEP = timedelta(days=550)
"""Eighteen months and a little."""
MONEY = frozenset({"810", "812", "820"})
"""Invoices, credits and payments: not kept for less than `KEEP` unless the settings name them."""

_MAY_STAY = frozenset({Outbound.REFUSED, Inbound.FAULTED, SetIn.REJECTED, SetOut.REJECTED})
_WAITING = (
    *waits.not_final(waits.OUTBOUND),
    *waits.not_final(waits.INBOUND),
    *waits.not_final(waits.SET_OUT),
    *waits.not_final(waits.SET_IN),
)
_OPEN = frozenset(_WAITING) - {str(state) for state in _MAY_STAY}


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """For how long: `sets` by transaction set, `keep` for all others and for messages without any."""

    keep: timedelta = KEEP
    sets: Mapping[str, timedelta] = field(default_factory=dict)

    def period(self, set_id: str) -> timedelta:
        """How long a document of this set is kept."""
        if set_id in self.sets:
            return self.sets[set_id]
        return max(self.keep, KEEP) if set_id in MONEY else self.keep

    @property
    def shortest(self) -> timedelta:
        """No content goes before this."""
        return min((self.keep, *self.sets.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A message as retention sees it. Shape: `sets` are pairs of set and time, those of the same orders in other messages included."""

    created_at: datetime
    states: Sequence[str]
    sets: Sequence[tuple[str, datetime]] = ()
    waits: bool = False
    """Whether a window is open for it."""
    held: str = ""
    """Why a legal hold keeps it; "" where none does."""


def why_kept(message: Kept, retention: Retention, now: datetime) -> str:
    """Why the contents of a message stay, in a word; "" where they may go."""
    if message.held:
        return "hold"
    if message.waits or any(state in _OPEN for state in message.states):
        return "open"
    periods = [at + retention.period(set_id) for set_id, at in message.sets] or [message.created_at + retention.keep]
    return "young" if max(periods) > now else ""
