"""The watch: looks at what is wrong, keeps incidents, and hands their notices to the routes.

It runs apart from the clock, whose end it tells of.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

import structlog

from edi_gateway.lifecycle.incidents import LOOK_BACK, Change, Incident, IncidentState, Kind, judge
from edi_gateway.lifecycle.notices import Notice, NoticeState, Routing, Sending, digest, notice, sending
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.partners.book import Book
from edi_gateway.partners.keyring import Keyring
from edi_gateway.ports.alerts import Alerting
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.store import Store, UnitOfWork
from edi_gateway.services.conditions import conditions
from edi_gateway.services.effects import enqueue
from edi_gateway.services.silence import Ear
from edi_gateway.services.standstill import long_pauses, silent_servers

_log = structlog.get_logger(__name__)

MOST = 200
"""So many conditions of a kind are told of one by one."""


class Watch:
    """Looks when it is told to. One look at a time: its work item has one key."""

    def __init__(self, store: Store, clock: Clock, trade: Callable[[], tuple[Book, Keyring]], alerting: Alerting) -> None:
        self._store = store
        self._clock = clock
        self._trade = trade
        self._alerting = alerting
        self._ear = Ear(alerting.lookout)

    def look(self) -> Mapping[Change, int]:
        """One look; how many incidents it changed, by what became of them."""
        now = self._clock.now()
        book, keys = self._trade()
        found = self._alerting.lookout.troubles(now - LOOK_BACK, MOST)
        wrong = list(conditions(self._alerting, keys, found, now))
        wrong += silent_servers(found.left_alone, book, now)
        wrong += long_pauses(found.pauses, self._alerting.longest_pause, now)
        if Kind.SILENCE not in self._alerting.quiet_kinds:
            wrong += self._ear.silences(book, now)
        wrong = [one for one in wrong if one.kind not in self._alerting.quiet_kinds]
        counts: dict[Change, int] = {}
        with self._store.begin() as uow:
            held = uow.incidents.find(state=IncidentState.OPEN)
            for change, incident in judge(held, wrong, now, self._alerting.reminders):
                kept = _keep(uow, incident)
                counts[change] = counts.get(change, 0) + 1
                _log.info(f"incident.{change}", incident=kept.id, kind=str(kept.kind), partner=kept.partner)
                self._tell(uow, change, kept, now)
            for route in self._alerting.routes:
                self._send(uow, route, now)
        return counts

    def _tell(self, uow: UnitOfWork, change: Change, incident: Incident, now: datetime) -> None:
        if change is Change.LAPSED or incident.is_muted(now):
            return
        for route in self._alerting.routes:
            if route.wants(incident):
                uow.notices.add(notice(route.name, change, incident, now))

    def _send(self, uow: UnitOfWork, route: Routing, now: datetime) -> None:
        waiting = uow.notices.find(route=route.name, state=NoticeState.WAITING)
        if not waiting:
            return
        sent = uow.notices_since(route.name, now - self._alerting.storm.window)
        match sending(len(waiting), sent, now, self._alerting.storm):
            case Sending.ONE_BY_ONE:
                for one in waiting:
                    _release(uow, one, now)
            case Sending.AS_DIGEST:
                whole = uow.notices.add(digest(waiting, now))
                _release(uow, whole, now)
                for one in waiting:
                    assert one.id is not None
                    uow.notices.advance(one.id, NoticeState.WAITING, NoticeState.GATHERED, gathered_into=whole.id)
            case Sending.LATER:
                pass


def _keep(uow: UnitOfWork, incident: Incident) -> Incident:
    if incident.id is None:
        return uow.incidents.add(incident)
    changing = ("kind", "weight", "words", "fix", "level", "reminders", "next_reminder_at", "ended_at")
    changes = {name: getattr(incident, name) for name in changing}
    uow.incidents.advance(incident.id, IncidentState.OPEN, incident.state, **changes)
    return incident


def _release(uow: UnitOfWork, one: Notice, now: datetime) -> None:
    assert one.id is not None
    if uow.notices.advance(one.id, NoticeState.WAITING, NoticeState.DUE, due_at=now, next_attempt_at=now):
        enqueue(uow, Task.NOTIFY, one.id)
