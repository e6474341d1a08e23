"""Which use case does which work item."""

from collections.abc import Callable, Mapping

from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.alerts import Notifier
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.store import Store
from edi_gateway.ports.work import Handler
from edi_gateway.services.certificates import check_certificates
from edi_gateway.services.compose import compose, scan_folders
from edi_gateway.services.deliver import map_set
from edi_gateway.services.delivered import tell_all_delivered
from edi_gateway.services.expire import sweep_deadlines
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.held import envelope_released
from edi_gateway.services.notify import notify
from edi_gateway.services.publish import publish
from edi_gateway.services.retain import Retaining
from edi_gateway.services.send import send
from edi_gateway.services.send_receipt import send_receipt
from edi_gateway.services.trace import NAME, traced
from edi_gateway.services.translate import translate
from edi_gateway.services.watch import Watch

_ABOUT_ONE_ROW: Mapping[Task, Callable[[Gateway, int], object]] = {
    Task.TRANSLATE: translate,
    Task.MAP: map_set,
    Task.PUBLISH: publish,
    Task.COMPOSE: compose,
    Task.ENVELOPE: envelope_released,
    Task.SEND: send,
    Task.TELL_DELIVERED: tell_all_delivered,
    Task.SEND_RECEIPT: send_receipt,
}
_OF_THE_CLOCK: Mapping[Task, Callable[[Gateway], object]] = {
    Task.SCAN_FOLDERS: scan_folders,
    Task.SWEEP_DEADLINES: sweep_deadlines,
    Task.CHECK_CERTIFICATES: check_certificates,
}


def handlers(now: Callable[[], Gateway]) -> dict[str, Handler]:
    """The handler of every task that is a use case. `now` gives the gateway of the moment, once for each work item."""
    about: dict[str, Handler] = {task: _for_row(now, work) for task, work in _ABOUT_ONE_ROW.items()}
    ticks: dict[str, Handler] = {task: _for_tick(now, work) for task, work in _OF_THE_CLOCK.items()}
    return {**about, **ticks}


def watch_handlers(store: Store, clock: Clock, notifier: Notifier, watch: Watch) -> dict[str, Handler]:
    """The handlers of alerting, which needs no terms of trade."""

    def look(_: Mapping[str, int | str]) -> None:
        watch.look()

    def tell(ids: Mapping[str, int | str]) -> None:
        notify(store, notifier, clock, int(ids["id"]))

    return {Task.WATCH: look, Task.NOTIFY: tell}


def retain_handlers(retaining: Retaining) -> dict[str, Handler]:
    """The handler of the daily deletion, which needs no terms of trade either."""

    def look(_: Mapping[str, int | str]) -> None:
        retaining.look()

    return {Task.RETAIN: look}


def _for_row(now: Callable[[], Gateway], work: Callable[[Gateway, int], object]) -> Handler:
    def handle(ids: Mapping[str, int | str]) -> None:
        with traced(str(ids[NAME]) if NAME in ids else None):
            work(now(), int(ids["id"]))

    return handle


def _for_tick(now: Callable[[], Gateway], work: Callable[[Gateway], object]) -> Handler:
    def handle(_: Mapping[str, int | str]) -> None:
        work(now())

    return handle
