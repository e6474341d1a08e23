"""A window that was opened: what each event makes of each state.

    open → met | late | breached | dropped | withdrawn | closed
    breached → late | met | dropped | withdrawn | closed

The events:

    CAME        what it waits for came in time, though it may have been read only after the end: what came while a partner was paused
    CAME_LATE   what it waits for came after the end, whether or not the clock had looked at it by then
    PASSED      the end is over, and nothing came
    DROPPED     what it waits for can no longer come, or nobody needs it any more
    WITHDRAWN   the buyer cancelled the order, and what it waits for is not to come
    CLOSED      a person says that nothing is waited for any more

What has ended stays so: where what came counts no more, or a withdrawal does, or a person opens it again, another window opens with the
same end.
"""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum

from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState


class DeadlineEvent(StrEnum):
    """What can happen to a window; the module's docstring says what each one means."""

    CAME = "came"
    CAME_LATE = "came_late"
    PASSED = "passed"
    DROPPED = "dropped"
    WITHDRAWN = "withdrawn"
    CLOSED = "closed"


_E = DeadlineEvent
_ENDED: Mapping[DeadlineEvent, DeadlineState] = {
    _E.CAME: DeadlineState.MET,
    _E.CAME_LATE: DeadlineState.LATE,
    _E.DROPPED: DeadlineState.DROPPED,
    _E.WITHDRAWN: DeadlineState.WITHDRAWN,
    _E.CLOSED: DeadlineState.CLOSED,
}
TABLE: Mapping[DeadlineState, Mapping[DeadlineEvent, DeadlineState]] = {
    DeadlineState.OPEN: {**_ENDED, _E.PASSED: DeadlineState.BREACHED},
    DeadlineState.BREACHED: _ENDED,
    DeadlineState.MET: {},
    DeadlineState.LATE: {},
    DeadlineState.DROPPED: {},
    DeadlineState.WITHDRAWN: {},
    DeadlineState.CLOSED: {},
}
CLOSABLE = frozenset(DeadlineKind) - {DeadlineKind.MDN}
"""What a person may say is waited for no more. That of an MDN moves its message on by its end: without it that would wait for nothing."""
WAITING = tuple(state for state in DeadlineState if TABLE[state])
"""The states in which something is still waited for."""

CLOSED_BY_A_PERSON = "operator.close_window"
"""The kind of the event that says who closed a window and why; it is of the time at which the window ended."""


def advance(state: DeadlineState, event: DeadlineEvent) -> DeadlineState | None:
    """Where the event leads from this state; None where it changes nothing."""
    return TABLE[state].get(event)


def coming(came: datetime, due_at: datetime) -> DeadlineEvent:
    """The event of something that came then, for a window with this end."""
    return DeadlineEvent.CAME if came <= due_at else DeadlineEvent.CAME_LATE
