"""The configuration in force: what the newest revision says, looked for every few seconds, so that no restart is needed.

A use case takes the gateway once, at its door, and works with that one revision to its end.
"""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from edi_gateway.faults import Faulty
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.store import Store
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.revisions import files_of
from edi_gateway.services.terms import Terms, terms_of

LOOK_EVERY = timedelta(seconds=2)

log = logging.getLogger("edi_gateway.configuration")


class InForce:
    """The terms of the newest revision, or those it was given where there is none; `make` makes a gateway of terms."""

    def __init__(self, store: Store, clock: Clock, terms: Terms, make: Callable[[Terms], Gateway]) -> None:
        self._store = store
        self._clock = clock
        self._make = make
        self._lock = threading.Lock()
        self._refused: int | None = None
        self._looked_at = clock.now()
        self._terms = terms
        self._gateway: Gateway | None = None
        self._take(self._newest())

    @property
    def terms(self) -> Terms:
        """The terms that the gateway of now works by."""
        return self._terms

    def now(self) -> Gateway:
        """The gateway of now."""
        now = self._clock.now()
        if not timedelta() <= now - self._looked_at < LOOK_EVERY and self._lock.acquire(blocking=False):
            try:
                self._looked_at = now
                self._look()
            finally:
                self._lock.release()
        return self.gateway

    @property
    def gateway(self) -> Gateway:
        """The gateway of the last look."""
        assert self._gateway is not None
        return self._gateway

    def look(self) -> None:
        """Takes the newest revision now, rather than at the next look. Errors: Faulty where it cannot be used here."""
        with self._lock:
            self._take(self._newest())

    def _look(self) -> None:
        number = None
        try:
            number = self._newest()
            if number is not None and number not in (self._terms.revision, self._refused):
                self._take(number)
                log.info("revision %s of the configuration is in force", number)
        except Faulty as faulty:
            # Without the database, or with a revision that this machine cannot use, the last one goes on.
            self._refused = number
            for fault in faulty.faults:
                log.error(fault.line())

    def _newest(self) -> int | None:
        with self._store.read() as uow:
            return uow.revisions.newest_number()

    def _take(self, number: int | None) -> None:
        terms = self._terms
        if number is not None and number != terms.revision:
            with self._store.read() as uow:
                files = files_of(uow, uow.revisions.get(number), terms.settings)
            terms = terms_of(terms.settings, files, revision=number, like=terms)
        # One assignment: another thread sees the old gateway or the new one.
        self._terms, self._gateway = terms, self._make(terms)
