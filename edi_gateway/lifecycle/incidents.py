"""Incidents: what is wrong now, held against what was wrong before. Each is opened once, reminded of, and ended once; pure.

A condition is what a look finds ("the 997 for this 850 is overdue"); an incident is the kept history of one condition.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What can be wrong."""

    WINDOW_CLOSING = "window_closing"
    WINDOW_OVERDUE = "window_overdue"
    DOCUMENT_REJECTED = "document_rejected"
    DOCUMENT_HELD = "document_held"
    MESSAGE_FAULTED = "message_faulted"
    MESSAGE_REFUSED = "message_refused"
    MESSAGE_UNVERIFIED = "message_unverified"
    MESSAGE_GIVEN_UP = "message_given_up"
    MESSAGE_STOPPED = "message_stopped"
    RECEIPT_GIVEN_UP = "receipt_given_up"
    FILE_REFUSED = "file_refused"
    JOB_PARKED = "job_parked"
    CERTIFICATE_ENDING = "certificate_ending"
    CERTIFICATE_ENDED = "certificate_ended"
    CLOCK_STOPPED = "clock_stopped"
    WORK_WAITS = "work_waits"
    DISK_FULL = "disk_full"
    SERVER_SILENT = "server_silent"
    """A partner's server failed so often that it is left alone."""
    PARTNER_PAUSED = "partner_paused"
    SILENCE = "silence"
    FLOOD = "flood"
    """More of a kind than are looked at one by one."""


class Weight(StrEnum):
    """How much an incident weighs."""

    NOTE = "note"
    WARNING = "warning"
    CRITICAL = "critical"

    @property
    def rank(self) -> int:
        return tuple(Weight).index(self)


class IncidentState(StrEnum):
    """OPEN until the condition is gone; LAPSED where nobody mended what cannot be mended any more."""

    OPEN = "open"
    RECOVERED = "recovered"
    LAPSED = "lapsed"


class Change(StrEnum):
    """What became of an incident in one look."""

    OPENED = "opened"
    RAISED = "raised"
    REMINDED = "reminded"
    RECOVERED = "recovered"
    LAPSED = "lapsed"


UNREMINDED = frozenset({Kind.CERTIFICATE_ENDING, Kind.WINDOW_CLOSING})
"""Told of once a level: a certificate that ends in two months is no reason for a message a day."""
OF_THE_PAST = frozenset({Kind.DOCUMENT_REJECTED, Kind.MESSAGE_REFUSED, Kind.MESSAGE_FAULTED, Kind.FILE_REFUSED})
"""What has happened and may stay as it is: such a condition ends by its age, and that is no recovery."""
LOOK_BACK = timedelta(days=7)
"""For so long after its beginning a condition of the past is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """Something that is wrong at the time of a look.

    Shape:  `key` is the same in every look; `words` is one sentence for people and holds no payload; `level` rises as it gets worse.
            `subject` and `subject_id` say which row it is about ("message", "set", "file", "job"), where it is about one.
    """

    key: str
    kind: Kind
    weight: Weight
    since: datetime
    words: str
    fix: str = ""
    partner: str | None = None
    subject: str = ""
    subject_id: int | None = None
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """The history of one condition. `muted_until` keeps it out of all notices until then."""

    key: str
    kind: Kind
    weight: Weight
    since: datetime
    words: str
    opened_at: datetime
    id: int | None = None
    fix: str = ""
    partner: str | None = None
    subject: str = ""
    subject_id: int | None = None
    level: int = 0
    state: IncidentState = IncidentState.OPEN
    reminders: int = 0
    next_reminder_at: datetime | None = None
    muted_until: datetime | None = None
    muted_because: str = ""
    ended_at: datetime | None = None

    def is_muted(self, now: datetime) -> bool:
        return self.muted_until is not None and now < self.muted_until


@dataclass(frozen=True, slots=True, kw_only=True)
class Reminders:
    """When to remind: each interval twice the one before, up to a cap."""

    first: timedelta = timedelta(hours=1)
    cap: timedelta = timedelta(hours=24)

    def after(self, reminders: int) -> timedelta:
        """The time from the opening, or the last reminder, to the next one, after so many."""
        if self.first >= self.cap:
            return self.cap
        doublings: int = 2 ** min(reminders, 30)
        return min(self.first * doublings, self.cap)


def judge(
    held: Iterable[Incident], conditions: Iterable[Condition], now: datetime, reminders: Reminders
) -> tuple[tuple[Change, Incident], ...]:
    """What changes: each incident as it is to be kept, with what became of it. What stays as it is, is left out.

    Shape:  `held` are the open incidents, one a key; of two conditions with one key the first counts.
    """
    now_wrong: dict[str, Condition] = {}
    for condition in conditions:
        now_wrong.setdefault(condition.key, condition)
    changes: list[tuple[Change, Incident]] = []
    known = set()
    for incident in held:
        known.add(incident.key)
        found = now_wrong.get(incident.key)
        change = _ended(incident, now) if found is None else _went_on(incident, found, now, reminders)
        if change is not None:
            changes.append(change)
    changes += [(Change.OPENED, _opened(one, now, reminders)) for key, one in now_wrong.items() if key not in known]
    return tuple(changes)


def _opened(condition: Condition, now: datetime, reminders: Reminders) -> Incident:
    return Incident(
        key=condition.key,
        kind=condition.kind,
        weight=condition.weight,
        since=condition.since,
        words=condition.words,
        fix=condition.fix,
        opened_at=now,
        partner=condition.partner,
        subject=condition.subject,
        subject_id=condition.subject_id,
        level=condition.level,
        next_reminder_at=None if condition.kind in UNREMINDED else now + reminders.after(0),
    )


def _ended(incident: Incident, now: datetime) -> tuple[Change, Incident]:
    lapsed = incident.kind in OF_THE_PAST and now - incident.since >= LOOK_BACK
    state, change = (IncidentState.LAPSED, Change.LAPSED) if lapsed else (IncidentState.RECOVERED, Change.RECOVERED)
    return change, replace(incident, state=state, ended_at=now, next_reminder_at=None)


def _went_on(incident: Incident, found: Condition, now: datetime, reminders: Reminders) -> tuple[Change, Incident] | None:
    if incident.is_muted(now):
        return None
    fresh = replace(incident, kind=found.kind, words=found.words, fix=found.fix, weight=found.weight, level=found.level)
    if found.level > incident.level or found.weight.rank > incident.weight.rank:
        if fresh.next_reminder_at is None and fresh.kind not in UNREMINDED:
            fresh = replace(fresh, next_reminder_at=now + reminders.after(0))
        return Change.RAISED, fresh
    if incident.next_reminder_at is not None and now >= incident.next_reminder_at:
        count = incident.reminders + 1
        return Change.REMINDED, replace(fresh, reminders=count, next_reminder_at=now + reminders.after(count))
    return None
