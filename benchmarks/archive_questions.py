"""What people, programs and the clock ask of an archive: the pages of the console, the lists of the command line and the API, the watch."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from edi_gateway.lifecycle.incidents import LOOK_BACK
from edi_gateway.lifecycle.states import Direction, Inbound, Outbound, SetIn
from edi_gateway.ports.views import MessageFilter
from edi_gateway.services.held import held_documents
from edi_gateway.services.orders import order_view
from edi_gateway.services.silence import HISTORY, STEP
from edi_gateway.services.submit import Submissions
from edi_gateway.services.watch import MOST
from edi_gateway.store import SqlStore
from edi_gateway.testing.archive import EVERY, PARTNER, PARTNERS, Archive, po_of
from edi_gateway.testing.pair import Party

Question = tuple[str, Callable[[], Any]]


def questions(party: Party, archive: Archive, now: datetime) -> Iterator[Question]:
    """Each question by what it is called. They are asked of the gateway whose database the archive is."""
    store = party.store
    views, newest = store.views, archive.messages
    po, middle = po_of(archive.orders // 2), 12 * (archive.orders // 2) + 1
    line = views.message(middle)

    def listed(**wanted: Any) -> Callable[[], Any]:
        before = wanted.pop("before", None)
        return lambda: views.messages(MessageFilter(**wanted), before=before)

    deep = newest // 20
    yield "messages: first page", listed()
    yield "messages: a page deep in", listed(before=deep)
    filters: dict[str, dict[str, Any]] = {
        "partner with much traffic": {"partner": PARTNER},
        "partner with little": {"partner": "partner-7"},
        "partner without any": {"partner": "nobody"},
        "received": {"direction": Direction.IN},
        "810s": {"set_id": "810"},
        "997s": {"set_id": "997"},
        "a document that never came": {"set_id": "860"},
        "state delivered": {"state": Outbound.DELIVERED},
        "state receipted": {"state": Inbound.RECEIPTED},
        "state unverified": {"state": Outbound.UNVERIFIED},
        "state held": {"state": SetIn.HELD},
        "state accepted": {"state": "accepted"},
        "state that nothing is in": {"state": Outbound.SENDING},
        "trouble": {"attention": True},
        "trouble of a week": {"attention": True, "since": now - timedelta(days=7)},
        "a day": {"since": now - timedelta(days=3), "until": now - timedelta(days=2)},
        "a day a year ago": {"since": now - EVERY * archive.orders, "until": now - EVERY * archive.orders + timedelta(days=1)},
        "partner, document and day": {"partner": "partner-7", "set_id": "856", "until": now - EVERY * (archive.orders // 2)},
        "partner, received, a week": {"partner": "partner-7", "direction": Direction.IN, "since": now - timedelta(days=7)},
        "partner and trouble": {"partner": "partner-7", "attention": True},
        "partner with much traffic and a rare state": {"partner": PARTNER, "state": SetIn.HELD},
        "partner and an accepted 812": {"partner": "partner-7", "set_id": "812", "state": "accepted"},
        "a rare document until long ago": {"set_id": "812", "until": now - EVERY * (archive.orders - 10)},
    }
    for name, wanted in filters.items():
        yield f"messages: {name}", listed(**wanted)
        if name not in ("partner without any", "a document that never came"):
            yield f"messages: {name}, deep in", listed(before=deep, **wanted)
    for name, sought in {
        "PO number": po,
        "invoice": f"INV-{po}",
        "ISA13": line.interchanges[0].control_number,
        "ISA13 of few digits": "7",
        "GS06": line.groups[0].control_number,
        "ST02": "0001",
        "ST02 without its zeros": "1",
        "Message-ID": line.transmission.message_id,
        "file name": line.transmission.filename or "",
        "ERP file name": f"order-response-{po}.csv",
        "prefix of many orders": "45",
        "prefix of some": po[:7],
        "prefix of all file names": "order",
        "nothing": "no such thing",
        "one letter": "8",
    }.items():
        yield f"search: {name}", listed(text=sought)
    yield "search: PO number with a partner and a day", listed(text=po, partner="partner-7", since=now - timedelta(days=30))
    yield "search: prefix of many, of a small partner", listed(text="45", partner="partner-7")
    yield "search: prefix of many, deep in", listed(text="45", before=deep)
    yield "one message", lambda: views.message(middle)
    yield "one order", lambda: order_view(store, party.partner, po_of(4 * (archive.orders // 8)))
    yield "overdue", views.waiting_windows
    yield "metrics: overdue", lambda: views.overdue(now)
    yield "files: first page", lambda: views.erp_files(limit=51)
    yield "files: deep in", lambda: views.erp_files(limit=51, before=archive.orders)
    yield "files: of a partner", lambda: views.erp_files(partner="partner-7", limit=51)
    yield "files: by name", lambda: views.erp_files(text=f"invoice-{po[:7]}", limit=51)
    yield "files: by a common beginning", lambda: views.erp_files(text="order", limit=51)
    yield "files: by a common beginning, of a partner", lambda: views.erp_files(text="order", partner="partner-7", limit=51)
    yield "partners", views.activity
    yield "one partner's last messages", lambda: views.messages(MessageFilter(partner="partner-7"), limit=10)
    yield "home: open counts", views.open_counts
    yield "home: trouble of the week", lambda: views.messages(MessageFilter(attention=True, since=now - timedelta(days=7)), limit=100)
    yield "alerts", views.incidents
    yield "held", lambda: _read(store, lambda uow: held_documents(uow, None))
    yield "API: one document", lambda: Submissions(lambda: party.gateway).find(6 * (archive.orders // 2) + 2)
    yield "metrics: kept", views.kept
    yield "metrics: recent", lambda: views.recent(now - timedelta(hours=1))
    yield "health", views.health
    yield "clock: due windows", lambda: _read(store, lambda uow: uow.due_deadlines(now))
    yield "clock: due warnings", lambda: _read(store, lambda uow: uow.due_warnings(now))
    yield "clock: rows without work", lambda: _read(store, lambda uow: uow.stale(now))
    yield "resume: what nobody translated", lambda: _read(store, lambda uow: uow.untranslated(PARTNER))
    everybody = [PARTNER, *(f"partner-{number}" for number in range(PARTNERS))]
    yield "watch: troubles", lambda: store.lookout.troubles(now - LOOK_BACK, MOST)
    yield "watch: arrivals of eight weeks", lambda: store.lookout.arrivals(PARTNER, "850", now - HISTORY, STEP)
    yield "watch: arrivals of a rare document", lambda: store.lookout.arrivals("partner-7", "812", now - HISTORY, STEP)
    yield "watch: last arrivals of all partners", lambda: [store.lookout.last_arrival(one, "850") for one in everybody]
    yield "posts of the last minute", lambda: _read(store, lambda uow: uow.posts(PARTNER, now - timedelta(minutes=1)))


def _read(store: SqlStore, ask: Callable[[Any], Any]) -> Any:
    with store.read() as uow:
        return ask(uow)
