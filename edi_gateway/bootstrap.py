"""Puts a gateway together from its home: the only place that knows which adapter stands behind which port."""

import random
from dataclasses import replace
from functools import partial
from urllib.parse import urlsplit

from edi_gateway import __version__, as2
from edi_gateway.alerts.services import ServiceNotifier
from edi_gateway.channels.disks import rooms
from edi_gateway.channels.folder import FolderDrop
from edi_gateway.channels.http import HttpPoster
from edi_gateway.config import Settings
from edi_gateway.home import read_cookie_secret, read_password_hash
from edi_gateway.lifecycle.incidents import Kind, Reminders, Weight
from edi_gateway.lifecycle.notices import Routing, Storm
from edi_gateway.lifecycle.retention import Retention
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.partners.book import Book
from edi_gateway.partners.keyring import Keyring
from edi_gateway.ports.alerts import Alerting
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.web import ApiSettings, HttpReply, Received, WebParts, WebSettings
from edi_gateway.ports.work import Handler
from edi_gateway.services.configuration import Configuration
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.held_acts import HeldDocuments
from edi_gateway.services.in_force import InForce
from edi_gateway.services.inspection import inspect, mic_of
from edi_gateway.services.operate import Operator
from edi_gateway.services.orders import order_view
from edi_gateway.services.pauses import all_pauses
from edi_gateway.services.receive import receive
from edi_gateway.services.retain import Retaining
from edi_gateway.services.revisions import Applied, apply_at_start
from edi_gateway.services.submit import Submissions
from edi_gateway.services.tasks import handlers, retain_handlers, watch_handlers
from edi_gateway.services.terms import Terms as Terms
from edi_gateway.services.terms import read_terms as read_terms
from edi_gateway.services.uploads import Uploads
from edi_gateway.services.watch import Watch
from edi_gateway.store import SqlStore, open_store
from edi_gateway.work import RETAINING, TICKS, Lane, Ticker, Watcher, Worker, system_clock, upkeep_handlers

SENDING = frozenset({Task.SEND, Task.SEND_RECEIPT})
WATCHING = frozenset({Task.WATCH, Task.NOTIFY})
SWEEPING = frozenset({Task.SWEEP_DEADLINES})
KEPT = WATCHING | SWEEPING | {Task.SCAN_FOLDERS}
"""What the gateway's own process does where further ones work: light, or seen whole only by one that remembers what it saw."""


class House:
    """A gateway, put together and not yet running. `close` gives its database back."""

    def __init__(self, terms: Terms, clock: Clock = system_clock) -> None:
        settings = terms.settings
        self.settings = settings
        self.clock = clock
        self._found = terms
        self._poster = HttpPoster()
        self.drop = FolderDrop(settings.erp.folder, complete=settings.erp.complete)
        self.store: SqlStore = open_store(settings.database.connect_url(), settings.database.payloads, clock)
        try:
            self.in_force = InForce(self.store, clock, terms, self._gateway_of)
        except BaseException:
            self.store.close()
            raise
        self.operator = Operator(self.in_force.now)
        self.alerting = _alerting(settings, self.store)
        self.retaining = Retaining(
            store=self.store,
            deleting=self.store.retention,
            clock=clock,
            terms=Retention(keep=settings.retention.keep, sets=settings.retention.sets),
            folder=settings.home / "data" / "deletions",
            at=settings.retention.at,
        )
        self.watch = Watch(self.store, clock, self._trade, self.alerting)

    @property
    def terms(self) -> Terms:
        """The terms in force."""
        return self.in_force.terms

    @property
    def gateway(self) -> Gateway:
        """The gateway on the terms in force."""
        return self.in_force.now()

    def _gateway_of(self, terms: Terms) -> Gateway:
        domain = urlsplit(terms.book.identity.url or "").hostname or "edi-gateway.invalid"
        return Gateway(
            store=self.store,
            clock=self.clock,
            poster=self._poster,
            drop=self.drop,
            book=terms.book,
            keys=terms.keys,
            shelf=terms.shelf,
            library=terms.shelf.library,
            revision=terms.revision,
            draw=random.random,
            new_message_id=partial(as2.new_message_id, domain),
        )

    def _trade(self) -> tuple[Book, Keyring]:
        gateway = self.gateway
        return gateway.book, gateway.keys

    def configure(self) -> Applied:
        """Applies the home's files as a gateway does at its start, and takes the revision that is in force then."""
        applied = apply_at_start(self.store, self.clock, self._found, shared=self.store.is_shared)
        self.in_force.look()
        return applied

    def prepare_folders(self) -> None:
        """Makes every partner's ERP folders."""
        for partner in self.terms.book.partners:
            self.drop.prepare(partner.key)

    def worker(self, tasks: frozenset[Task] = frozenset(Task)) -> Worker:
        """The worker of this process, for these tasks. Posts have threads of their own, so that a slow partner holds up no translation."""
        threads = self.settings.work.threads
        shares = (
            ("send", threads, SENDING),
            ("work", max(2, threads // 2), frozenset(Task) - SENDING - WATCHING - SWEEPING),
            # Of their own: a window's end is not to wait behind a thousand translations,
            ("clock", 1, SWEEPING),
            # and whoever tells that work stands still must not stand in its queue.
            ("watch", 1, WATCHING),
        )
        lanes = [Lane(name=name, threads=count, tasks=share & tasks) for name, count, share in shares if share & tasks]
        return Worker(self.store.jobs, self.handlers(), self.clock, lanes=lanes)

    def handlers(self) -> dict[str, Handler]:
        """What does each kind of work item."""
        watching = watch_handlers(self.store, self.clock, self.alerting.notifier, self.watch)
        return {**handlers(self.in_force.now), **upkeep_handlers(self.store, self.clock), **watching, **retain_handlers(self.retaining)}

    def watcher(self) -> Watcher:
        """What makes the watch look, beside the worker and apart from the clock."""
        return Watcher(self.store)

    def ticker(self) -> Ticker:
        """The clock of this process."""
        scan = self.settings.work.scan
        ticks = [replace(one, every=scan) if one.task is Task.SCAN_FOLDERS else one for one in TICKS]
        if self.settings.retention.at is not None:
            ticks.append(RETAINING)
        return Ticker(self.store, self.clock, ticks)

    def web_parts(self) -> WebParts:
        """What the web needs. Errors: Faulty where the console's password or cookie secret cannot be read."""
        settings = self.settings
        return WebParts(
            views=self.store.views,
            receive=self._receive,
            book=lambda: self.gateway.book,
            inspect=lambda content: inspect(self.gateway, content),
            recompute_mic=lambda message: mic_of(self.gateway, self.store.views.open, message),
            actions=self.operator,
            order=partial(order_view, self.store),
            pauses=partial(all_pauses, self.store),
            documents=Submissions(self.in_force.now),
            held=HeldDocuments(self.in_force.now, self.operator),
            uploads=Uploads(self.in_force.now),
            configuration=Configuration(self.store, self._terms_of_now),
            clock=self.clock,
            admits=settings.console.allows,
            admits_metrics=settings.metrics.allows,
            room=self.alerting.room,
            admits_api=settings.api.allows,
            settings=WebSettings(
                secret_key=read_cookie_secret(settings.console.secret_file),
                password_hash=read_password_hash(settings.console.password_file),
                host=settings.server.host,
                port=settings.server.port,
                max_body_bytes=settings.server.max_body,
                secure_cookies=settings.console.secure_cookie,
                session_lifetime=settings.console.session,
                threads=settings.server.threads,
                proxies=settings.server.proxies,
                api=ApiSettings(max_body_bytes=settings.api.max_body, rate=settings.api.rate),
            ),
            version=__version__,
        )

    def _terms_of_now(self) -> Terms:
        self.in_force.now()
        return self.in_force.terms

    def _receive(self, request: Received) -> HttpReply:
        return receive(self.gateway, request)

    def close(self) -> None:
        """Gives the database back. Nothing may be running."""
        self.store.close()


def _alerting(settings: Settings, store: SqlStore) -> Alerting:
    alerts = settings.alerts
    return Alerting(
        lookout=store.lookout,
        notifier=ServiceNotifier({route.name: route.url.reveal for route in alerts.routes}),
        room=partial(rooms, (settings.home, settings.database.payloads, settings.erp.folder)),
        routes=tuple(
            Routing(
                name=route.name,
                partners=frozenset(route.partners),
                kinds=frozenset(map(Kind, route.kinds)),
                least=Weight(route.severity),
            )
            for route in alerts.routes
        ),
        reminders=Reminders(first=alerts.remind),
        storm=Storm(limit=alerts.storm),
        least_room=alerts.least_room,
        longest_pause=alerts.longest_pause,
        quiet_kinds=frozenset(map(Kind, alerts.quiet)),
    )
