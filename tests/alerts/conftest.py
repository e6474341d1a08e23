"""A watch over stores on both databases, with rows put in by hand, a room that is set, and a notifier that keeps what it is told."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from edi_gateway.lifecycle.notices import NoticeState, Routing
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.partners.book import Book
from edi_gateway.partners.certificates import HeldKeys
from edi_gateway.partners.keyring import Keyring
from edi_gateway.ports.alerts import Alerting, Room
from edi_gateway.services.tasks import watch_handlers
from edi_gateway.services.watch import Watch
from edi_gateway.store import SqlStore, open_store
from edi_gateway.testing.clock import HandClock
from edi_gateway.testing.hook import Hook
from edi_gateway.testing.notifier import FakeNotifier
from edi_gateway.testing.postbox import Postbox
from edi_gateway.testing.web import sample_book

PLENTY = Room(folder="/data", free=10**12, total=10**13)


class Watched:
    """A store that is watched, on a clock that is turned by hand."""

    def __init__(self, kept: SqlStore, time: HandClock, keys: Keyring, book: Book) -> None:
        self.store = kept
        self.clock = time
        self.notifier = FakeNotifier()
        self.rooms = [PLENTY]
        self.keys, self.book = keys, book
        self.alerting = Alerting(
            lookout=kept.lookout,
            notifier=self.notifier,
            room=lambda: self.rooms,
            routes=(Routing(name="ops"),),
            least_room=1024**3,
            # The work items of notices stay: no worker runs here.
            job_limit=timedelta(days=3650),
        )

    def use(self, **changes: Any) -> None:
        self.alerting = replace(self.alerting, **changes)

    def look(self, after: timedelta = timedelta(0)) -> list[str]:
        """One look, and all the work that came of it; the titles of what was told."""
        self.clock.turn(after)
        before = len(self.notifier.told)
        watch = Watch(self.store, self.clock, lambda: (self.book, self.keys), self.alerting)
        handlers = watch_handlers(self.store, self.clock, self.notifier, watch)
        handlers[Task.WATCH]({})
        with self.store.read() as uow:
            due = uow.notices.find(state=NoticeState.DUE)
        # What a worker would do, on either engine: a hint a notice, too early or not.
        for one in due:
            assert one.id is not None
            handlers[Task.NOTIFY]({"id": one.id})
        return self.notifier.titles()[before:]


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path, clock: HandClock) -> Iterator[SqlStore]:
    """An empty store on each database."""
    url = f"sqlite:///{tmp_path / 'gateway.db'}" if request.param == "sqlite" else str(request.getfixturevalue("emptied_postgres"))
    opened = open_store(url, tmp_path / "payloads", clock)
    yield opened
    opened.close()


@pytest.fixture
def book() -> Book:
    return sample_book()


@pytest.fixture
def watched(store: SqlStore, clock: HandClock, book: Book) -> Watched:
    return Watched(store, clock, Keyring(ours=HeldKeys(), theirs={}), book)


@pytest.fixture
def postbox() -> Iterator[Postbox]:
    opened = Postbox()
    yield opened
    opened.close()


@pytest.fixture
def stub() -> Iterator[Hook]:
    opened = Hook()
    yield opened
    opened.close()
