"""What each state waits for, so that no row can wait for nothing: a job of ours, a window, a person, or another row."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar

from edi_gateway.lifecycle.notices import NoticeState
from edi_gateway.lifecycle.states import DeadlineKind, FileState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.lifecycle.tasks import Task


@dataclass(frozen=True, slots=True)
class Work:
    """A job of ours moves it on; the reconciler enqueues one where there is none."""

    task: Task


@dataclass(frozen=True, slots=True)
class Window:
    """The world outside moves it on, or the end of this window does."""

    kind: DeadlineKind


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing of ours moves it on; `why` says what does."""

    why: "Why"


class Why(StrEnum):
    """Why a row may stand where it stands without a job or a window."""

    FINAL = "final"
    PERSON = "person"
    """It is on the list of what needs attention until a person acts."""
    PASSING = "passing"
    """It is left again within the transaction that enters it."""
    WATCH = "watch"
    """The next look at what is wrong moves it on."""
    TRANSMISSION = "transmission"
    """It follows the transmission that carries it."""


Wait: TypeAlias = Work | Window | Rest

_FINAL, _PERSON, _PASSING, _TRANSMISSION = (Rest(why) for why in (Why.FINAL, Why.PERSON, Why.PASSING, Why.TRANSMISSION))

OUTBOUND: Mapping[Outbound, Wait] = {
    Outbound.READY: Work(Task.SEND),
    Outbound.SENDING: Work(Task.SEND),
    Outbound.RETRY_WAIT: Work(Task.SEND),
    Outbound.AWAITING_MDN: Window(DeadlineKind.MDN),
    Outbound.UNVERIFIED: _PERSON,
    Outbound.STOPPED: _PERSON,
    Outbound.EXHAUSTED: _PERSON,
    Outbound.EXPIRED: _PERSON,
    Outbound.REFUSED: _PERSON,
    Outbound.DELIVERED: _FINAL,
    Outbound.CANCELLED: _FINAL,
    Outbound.SUPERSEDED: _FINAL,
}
INBOUND: Mapping[Inbound, Wait] = {
    Inbound.RECEIVED: _PASSING,
    Inbound.OPENED: _FINAL,
    Inbound.FAULTED: _PERSON,
    Inbound.NOT_AS2: _FINAL,
    Inbound.RECEIPT_DUE: Work(Task.SEND_RECEIPT),
    Inbound.RECEIPT_EXHAUSTED: _PERSON,
    Inbound.RECEIPTED: _FINAL,
    Inbound.DUPLICATE: _FINAL,
}
SET_OUT: Mapping[SetOut, Wait] = {
    SetOut.HELD: _PERSON,
    SetOut.COMPOSED: Work(Task.ENVELOPE),
    SetOut.ENVELOPED: _TRANSMISSION,
    SetOut.SENT: Window(DeadlineKind.FUNCTIONAL_ACK),
    SetOut.ACK_OVERDUE: _PERSON,
    SetOut.REJECTED: _PERSON,
    SetOut.ACCEPTED: _FINAL,
    SetOut.ACCEPTED_WITH_ERRORS: _FINAL,
    SetOut.DONE: _FINAL,
    SetOut.CANCELLED: _FINAL,
}
SET_IN: Mapping[SetIn, Wait] = {
    SetIn.PARSED: _PASSING,
    SetIn.VALID: Work(Task.MAP),
    SetIn.MAPPED: Work(Task.MAP),
    SetIn.HELD: _PERSON,
    SetIn.REJECTED: _PERSON,
    SetIn.DELIVERED: _FINAL,
    SetIn.SETTLED: _FINAL,
}
ERP_FILE: Mapping[FileState, Wait] = {
    FileState.TRIED: _FINAL,
    FileState.CLAIMED: Work(Task.COMPOSE),
    FileState.READY: Work(Task.PUBLISH),
    FileState.ACCEPTED: _FINAL,
    FileState.PARTLY: _PERSON,
    FileState.REFUSED: _PERSON,
    FileState.DUPLICATE: _FINAL,
    FileState.PUBLISHED: _FINAL,
}

NOTICE: Mapping[NoticeState, Wait] = {
    NoticeState.WAITING: Rest(Why.WATCH),
    NoticeState.DUE: Work(Task.NOTIFY),
    NoticeState.SENT: _FINAL,
    NoticeState.GATHERED: _FINAL,
    NoticeState.GIVEN_UP: _FINAL,
}


S = TypeVar("S", bound=StrEnum)


def waiting_for_a_person(table: Mapping[S, Wait]) -> tuple[str, ...]:
    """The states of a table that are on the list of what needs attention."""
    return tuple(state.value for state, wait in table.items() if wait == _PERSON)


def not_final(table: Mapping[S, Wait]) -> tuple[str, ...]:
    """The states of a table that something or someone has yet to move on."""
    return tuple(state.value for state, wait in table.items() if wait != _FINAL)


def worked_on(table: Mapping[S, Wait]) -> Mapping[Task, tuple[str, ...]]:
    """The states of a table that a job moves on, by its task."""
    found: dict[Task, tuple[str, ...]] = {}
    for state, wait in table.items():
        if isinstance(wait, Work):
            found[wait.task] = (*found.get(wait.task, ()), state.value)
    return found
