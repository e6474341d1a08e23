"""Notices through Apprise: one address a route, whatever stands behind it. The door to Apprise."""

import logging
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.incidents import Weight
from edi_gateway.lifecycle.notices import Notice


class ServiceNotifier:
    """Fulfils `ports.alerts.Notifier`. `addresses` reads a route's address when it is needed: it holds a secret."""

    def __init__(self, addresses: Mapping[str, Callable[[], str]]) -> None:
        self._addresses = addresses

    def tell(self, notice: Notice) -> Fault | None:
        read = self._addresses.get(notice.route)
        if read is None:
            return Fault.of("CFG-ALERT-ROUTE", value=notice.route, known=", ".join(sorted(self._addresses)) or "none")
        try:
            address = read()
        except Faulty as faulty:
            return faulty.faults[0]
        return tell(notice, address)


def tell(notice: Notice, address: str) -> Fault | None:
    """Sends a notice to an Apprise address; what stood in the way. The address itself is told to nobody."""
    if find_spec("apprise") is None:
        return Fault.of("CFG-ALERT-EXTRA", value=notice.route)
    from apprise import Apprise, LogCapture, NotifyFormat  # an extra that is loaded where something is to be sent

    capture: Any = LogCapture
    service: Any = Apprise.instantiate(address, suppress_exceptions=True)
    if service is None:
        return Fault.of("CFG-ALERT-ADDRESS", value=notice.route)
    # At most one message: where a service takes less text than this, the rest is worth less than a second one costs.
    with capture(level=logging.WARNING, fmt="%(message)s") as said:
        if service.notify(title=notice.title, body=notice.words, notify_type=_types()[notice.weight], body_format=NotifyFormat.TEXT):
            return None
        reason = _without(said.getvalue(), address)
    return Fault.of("CFG-ALERT-UNSENT", value=notice.route, service=service.service_name, reason=reason)


def _types() -> Mapping[Weight, Any]:
    from apprise import NotifyType

    return {Weight.NOTE: NotifyType.INFO, Weight.WARNING: NotifyType.WARNING, Weight.CRITICAL: NotifyType.FAILURE}


def _without(words: str, address: str) -> str:
    """The first line of what a service said, without any part of the address that may be a secret."""
    line = next(iter(words.strip().splitlines()), "it gave no reason")
    for part in address.replace("?", "/").replace("@", "/").replace("&", "/").split("/"):
        if len(part) > 3:
            line = line.replace(part, "…")
    return line[:200].rstrip(".")
