"""From what goes wrong to people who know of it: within five minutes by the gateway's own clock, whatever it is."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.lifecycle.incidents import Kind
from edi_gateway.lifecycle.notices import Routing
from edi_gateway.lifecycle.states import DeadlineKind, Direction, SetIn, SetOut
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.partners.certificates import HeldKeys
from edi_gateway.partners.keyring import Keyring
from edi_gateway.ports import rows
from edi_gateway.services.gate import address_of
from edi_gateway.testing.keys import MADE_AT, own_key

LOOK = timedelta(seconds=30)
PROMPT = timedelta(minutes=5)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def _set(watched: Any, **more: Any) -> rows.TransactionSet:
    row = {"state": SetIn.DELIVERED, "direction": Direction.IN, "set_id": "850", "created_at": watched.clock.now(), "partner": "acme"}
    with watched.store.begin() as uow:
        added: rows.TransactionSet = uow.sets.add(rows.TransactionSet(control_number="0001", **{**row, **more}))
    return added


def overdue(watched: Any, kind: DeadlineKind = DeadlineKind.FUNCTIONAL_ACK) -> None:
    row = _set(watched, state=SetOut.SENT, direction=Direction.OUT, set_id="810")
    at = watched.clock.now()
    with watched.store.begin() as uow:
        uow.deadlines.add(rows.Deadline(subject="set", subject_id=row.id or 0, kind=kind, due_at=at, created_at=at - HOUR, partner="acme"))


def rejected(watched: Any) -> None:
    _set(watched, state=SetOut.REJECTED, direction=Direction.OUT, set_id="810")


def held(watched: Any) -> None:
    _set(watched, state=SetIn.HELD, held_code="STO-411")


def absent(watched: Any) -> None:
    """A partner that sent every three hours for a month, and stops: the clock stands just before that is unusual."""
    partner = next(one for one in watched.book.partners if any(each.direction is Direction.IN for each in one.agreements))
    set_id = next(each.set_id for each in partner.agreements if each.direction is Direction.IN)
    start = watched.clock.now()
    for number in range(240):
        _set(watched, set_id=set_id, partner=partner.key, created_at=start + number * 3 * HOUR)
    watched.clock.turn(239 * 3 * HOUR + 4.5 * HOUR)


def expiring(watched: Any) -> None:
    """A certificate of ours that ends in twenty days."""
    key = own_key("ending", lifetime=watched.clock.now() + 20 * DAY - MADE_AT)
    watched.keys = Keyring(ours=HeldKeys(keys=(key,), files=(Path("us.key"),), certificate_files=(Path("us.pem"),)), theirs={})


def stopped_clock(watched: Any) -> None:
    watched.store.jobs.tick(Task.RECONCILE, watched.clock.now())


def silent_server(watched: Any) -> None:
    partner = next(one for one in watched.book.partners if one.as2.url)
    now = watched.clock.now()
    with watched.store.begin() as uow:
        uow.endpoints.add(rows.Endpoint(address=address_of(partner.as2.url), failures=5, open_until=now + 2 * LOOK, opened_at=now))


def long_pause(watched: Any) -> None:
    since = watched.clock.now() - watched.alerting.longest_pause
    with watched.store.begin() as uow:
        uow.pauses.add(rows.Pause(partner="acme", direction=Direction.OUT, reason="moves", actor="ann", since=since))


SOURCES: dict[Kind, Callable[[Any], None]] = {
    Kind.WINDOW_OVERDUE: overdue,
    Kind.DOCUMENT_REJECTED: rejected,
    Kind.DOCUMENT_HELD: held,
    Kind.SILENCE: absent,
    Kind.CERTIFICATE_ENDING: expiring,
    Kind.CLOCK_STOPPED: stopped_clock,
    Kind.SERVER_SILENT: silent_server,
    Kind.PARTNER_PAUSED: long_pause,
}


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
@pytest.mark.parametrize("kind", SOURCES)
def test_people_know_within_five_minutes(watched: Any, kind: Kind) -> None:
    watched.use(routes=(Routing(name="ops", kinds=frozenset({kind})),))
    assert watched.look() == []
    SOURCES[kind](watched)
    began = watched.clock.now()
    while not watched.notifier.told:
        watched.look(LOOK)
        assert watched.clock.now() - began <= PROMPT, kind
    assert f"{kind}." in watched.notifier.told[0].words


@pytest.mark.parametrize("store", ["sqlite"], indirect=True)
def test_a_hundred_at_once_are_one_notice_and_it_comes_as_soon(watched: Any) -> None:
    began = watched.clock.now()
    for _ in range(100):
        overdue(watched, DeadlineKind.ANSWER)
    while not watched.notifier.told:
        watched.look(LOOK)
        assert watched.clock.now() - began <= PROMPT
    assert watched.notifier.titles() == ["[critical] 100 notices at once"]
