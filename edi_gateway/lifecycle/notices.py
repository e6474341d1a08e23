"""Notices: what a route is told of incidents, and how a storm of them becomes one; pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from edi_gateway.lifecycle.incidents import Change, Incident, Kind, Weight


class NoticeState(StrEnum):
    """WAITING may still be gathered into a digest; DUE is on its way."""

    WAITING = "waiting"
    DUE = "due"
    SENT = "sent"
    GATHERED = "gathered"
    GIVEN_UP = "given_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One message to one route. `incident_id` is None for a digest; what went into one names it in `gathered_into`."""

    route: str
    weight: Weight
    title: str
    words: str
    created_at: datetime
    id: int | None = None
    state: NoticeState = NoticeState.WAITING
    incident_id: int | None = None
    gathered_into: int | None = None
    due_at: datetime | None = None
    attempts: int = 0
    next_attempt_at: datetime | None = None
    sent_at: datetime | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Which incidents go to a route: empty sets are for all."""

    name: str
    partners: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    least: Weight = Weight.WARNING

    def wants(self, incident: Incident) -> bool:
        """Whether it is told of this incident. What is about no partner goes to those for all partners."""
        if incident.weight.rank < self.least.rank or (self.kinds and incident.kind not in self.kinds):
            return False
        return not self.partners or incident.partner in self.partners


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """Up to `limit` notices within `window` go out one by one; beyond, they are gathered for at most `hold`."""

    limit: int = 5
    window: timedelta = timedelta(minutes=10)
    hold: timedelta = timedelta(minutes=4)


class Sending(StrEnum):
    """How what waits on a route goes out now."""

    ONE_BY_ONE = "one_by_one"
    AS_DIGEST = "as_digest"
    LATER = "later"


def sending(waiting: int, sent: Iterable[datetime], now: datetime, storm: Storm) -> Sending:
    """How so many waiting notices of a route go out. Shape: `sent` are the times at which its last notices went out."""
    lately = [at for at in sent if now - at < storm.window]
    if len(lately) + waiting <= storm.limit:
        return Sending.ONE_BY_ONE
    if lately and now - max(lately) < storm.hold:
        return Sending.LATER
    return Sending.AS_DIGEST if waiting > 1 else Sending.ONE_BY_ONE


TITLES = {
    Kind.WINDOW_CLOSING: "window about to close",
    Kind.WINDOW_OVERDUE: "window overdue",
    Kind.DOCUMENT_REJECTED: "document rejected",
    Kind.DOCUMENT_HELD: "document held",
    Kind.MESSAGE_FAULTED: "message could not be opened",
    Kind.MESSAGE_REFUSED: "message refused by the partner",
    Kind.MESSAGE_UNVERIFIED: "receipt cannot be trusted",
    Kind.MESSAGE_GIVEN_UP: "message not delivered",
    Kind.MESSAGE_STOPPED: "message stopped",
    Kind.RECEIPT_GIVEN_UP: "our receipt not delivered",
    Kind.FILE_REFUSED: "ERP file refused",
    Kind.JOB_PARKED: "work item parked",
    Kind.CERTIFICATE_ENDING: "certificate ends soon",
    Kind.CERTIFICATE_ENDED: "certificate has ended",
    Kind.CLOCK_STOPPED: "clock stands still",
    Kind.WORK_WAITS: "work is not done",
    Kind.DISK_FULL: "disk nearly full",
    Kind.SERVER_SILENT: "server does not answer",
    Kind.PARTNER_PAUSED: "partner still paused",
    Kind.SILENCE: "partner is silent",
    Kind.FLOOD: "many of a kind",
}
_BEGINNINGS = {Change.OPENED: "", Change.RAISED: "Worse: ", Change.REMINDED: "Still: ", Change.RECOVERED: "Over: ", Change.LAPSED: ""}
_MOST_IN_DIGEST = 40


def notice(route: str, change: Change, incident: Incident, now: datetime) -> Notice:
    """What a route is told of a change."""
    about = f"{incident.partner}: " if incident.partner else ""
    # A recovery is no alarm, whatever the incident weighed.
    weight = Weight.NOTE if change is Change.RECOVERED else incident.weight
    lines = [incident.words]
    if change is Change.RECOVERED:
        lines.append(f"It is over since {stamp(now)}; it was open since {stamp(incident.opened_at)}.")
    elif incident.fix:
        lines.append(incident.fix)
    if change is Change.REMINDED:
        lines.append(f"Open since {stamp(incident.opened_at)}; this is reminder {incident.reminders}.")
    if incident.id is not None:
        lines.append(f"Incident {incident.id}, {incident.kind}.")
    title = f"[{weight}] {_BEGINNINGS[change]}{about}{TITLES[incident.kind]}"
    return Notice(route=route, weight=weight, title=title, words="\n".join(lines), created_at=now, incident_id=incident.id)


def digest(waiting: Sequence[Notice], now: datetime) -> Notice:
    """One notice in place of many. Errors: ValueError for none."""
    weight = max((one.weight for one in waiting), key=lambda weight: weight.rank)
    # The heaviest first: a long list is read from the top.
    in_order = sorted(waiting, key=lambda one: -one.weight.rank)
    lines = [f"{one.title}\n  {one.words.partition(chr(10))[0]}" for one in in_order[:_MOST_IN_DIGEST]]
    if len(in_order) > _MOST_IN_DIGEST:
        lines.append(f"… and {len(in_order) - _MOST_IN_DIGEST} more: edi-gateway alert list")
    return Notice(
        route=waiting[0].route,
        weight=weight,
        title=f"[{weight}] {len(waiting)} notices at once",
        words="\n".join(lines),
        created_at=now,
    )


def stamp(moment: datetime) -> str:
    """A time as people read it."""
    return f"{moment:%Y-%m-%d %H:%M} UTC"
