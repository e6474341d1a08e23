"""The lists: messages, partners and ERP files."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, abort, render_template, request, url_for

from edi_gateway.lifecycle.deadline import CLOSABLE, WAITING
from edi_gateway.lifecycle.notices import TITLES
from edi_gateway.lifecycle.order_thread import Role
from edi_gateway.lifecycle.states import FileState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.partners.agreement import Partner
from edi_gateway.partners.certificates import Held
from edi_gateway.ports.rows import Deadline
from edi_gateway.ports.views import MessageFilter, Views
from edi_gateway.ports.web import WebParts
from edi_gateway.web.login import Page
from edi_gateway.web.query import asked, page_mark
from edi_gateway.web.words import INBOUND, OUTBOUND, SETS_IN, SETS_OUT

PAGE = 50
ROLES = (Role.ORDER, Role.RESPONSE, Role.SHIPMENT, Role.INVOICE, Role.ADJUSTMENT)
"""What an order's page sums up."""
RECENT = timedelta(days=7)
RECENT_SHOWN = 100
BAD_FILES = (FileState.REFUSED, FileState.PARTLY)

OPEN_STATES: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("held", (f"set.in.{SetIn.HELD}", f"set.out.{SetOut.HELD}"), SetIn.HELD),
    ("unverified MDN", (f"transmission.out.{Outbound.UNVERIFIED}",), Outbound.UNVERIFIED),
    ("exhausted", (f"transmission.out.{Outbound.EXHAUSTED}",), Outbound.EXHAUSTED),
    ("expired", (f"transmission.out.{Outbound.EXPIRED}",), Outbound.EXPIRED),
    ("stopped", (f"transmission.out.{Outbound.STOPPED}",), Outbound.STOPPED),
    ("997 overdue", (f"set.out.{SetOut.ACK_OVERDUE}",), SetOut.ACK_OVERDUE),
    ("MDN undelivered", (f"transmission.in.{Inbound.RECEIPT_EXHAUSTED}",), Inbound.RECEIPT_EXHAUSTED),
)
"""What stays open until a person or a late answer ends it: words, keys of `Views.open_counts`, the state to list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One thing that waits for a person: how many, of what, and the list of them."""

    count: str
    words: str
    address: str
    urgent: bool = True


def list_pages(parts: WebParts) -> Blueprint:
    """The pages that list things."""
    pages = Blueprint("pages", __name__)

    @pages.get("/")
    def messages() -> Page:
        wish = asked(request.args)
        now = parts.clock.now()
        page = parts.views.messages(wish.wanted, before=wish.before, limit=PAGE)
        book = parts.book()
        return render_template(
            "messages.html",
            page=page,
            wish=wish,
            now=now,
            needs=needs(parts.views, now),
            partners=book.partners,
            sets=sorted({one.set_id for partner in book.partners for one in partner.agreements} | {"997"}),
            states=STATES,
            as2_address=book.identity.url,
            partner_faults=book.faults,
        )

    @pages.get("/alerts")
    def alerts() -> Page:
        now = parts.clock.now()
        found = sorted(parts.views.incidents(), key=lambda one: (-one.weight.rank, one.opened_at))
        return render_template(
            "alerts.html",
            now=now,
            heard=[one for one in found if not one.is_muted(now)],
            muted=[one for one in found if one.is_muted(now)],
            titles=TITLES,
        )

    @pages.get("/orders/<partner>/<path:po>")
    def order(partner: str, po: str) -> Page:
        found = parts.order(partner, po)
        if found is None:
            abort(404, f"There is no document of order “{po}” with {partner}.")
        windows: dict[int, list[Deadline]] = {}
        for one in found.deadlines:
            windows.setdefault(one.subject_id, []).append(one)
        now = parts.clock.now()
        return render_template("order.html", now=now, order=found, windows=windows, roles=ROLES, waiting=WAITING, closable=CLOSABLE)

    @pages.get("/partners")
    def partners() -> Page:
        now = parts.clock.now()
        activity = {one.partner: one for one in parts.views.activity()}
        book = parts.book()
        known = book.partners
        return render_template(
            "partners.html",
            now=now,
            pauses=parts.pauses(),
            partners=known,
            activity=activity,
            strangers=[one for key, one in activity.items() if key not in {partner.key for partner in known}],
            expiry={one.key: _last_end(parts.certificates(one.as2.certificates)) for one in known},
            faults=book.faults,
            identity=book.identity,
            own=parts.certificates(book.identity.certificates),
        )

    @pages.get("/partners/<key>")
    def partner(key: str) -> Page:
        book = parts.book()
        found = book.partner(key)
        if found is None:
            abort(404, f"There is no partner “{key}” whose file could be read.")
        now = parts.clock.now()
        return render_template(
            "partner.html",
            now=now,
            pauses=[one for one in parts.pauses() if one.partner == key],
            partner=found,
            held=parts.certificates(found.as2.certificates),
            activity=next((one for one in parts.views.activity() if one.partner == key), None),
            faults=[fault for fault in book.faults if _is_about(fault.place.file, found)],
            recent=parts.views.messages(MessageFilter(partner=key), limit=10).lines,
        )

    @pages.get("/files")
    def files() -> Page:
        text, partner_key = request.args.get("q", "").strip(), request.args.get("partner") or None
        found = parts.views.erp_files(partner=partner_key, text=text, before=page_mark(request.args.get("before")), limit=PAGE + 1)
        return render_template(
            "files.html",
            now=parts.clock.now(),
            files=found[:PAGE],
            before=found[PAGE - 1].id if len(found) > PAGE else None,
            partners=parts.book().partners,
            text=text,
            partner=partner_key,
        )

    return pages


STATES: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = (
    ("Sent messages", tuple((str(state), chip.word) for state, chip in OUTBOUND.items())),
    ("Received messages", tuple((str(state), chip.word) for state, chip in INBOUND.items())),
    ("Documents sent", tuple((str(state), chip.word) for state, chip in SETS_OUT.items())),
    ("Documents received", tuple((str(state), chip.word) for state, chip in SETS_IN.items() if state not in set(SETS_OUT))),
)
"""The states to choose from, in groups, each once."""


def needs(views: Views, now: datetime) -> tuple[Need, ...]:
    """What waits for a person, the open things first, then the refusals of the last days."""
    counts = views.open_counts()
    found = [
        Need(count=str(count), words=words, address=url_for("held.show") if state is SetIn.HELD else url_for("pages.messages", state=state))
        for words, keys, state in OPEN_STATES
        if (count := _sum(counts, keys))
    ]
    breached = sum(views.overdue(now).values())
    if breached:
        found.insert(0, Need(count=str(breached), words="windows overdue", address=url_for("windows.overdue")))
    if parked := counts.get("job.parked", 0):
        found.append(Need(count=str(parked), words="jobs parked", address=url_for("health.readyz")))
    since = now - RECENT
    refused = sum(one.state in BAD_FILES and one.created_at >= since for one in views.erp_files(limit=RECENT_SHOWN))
    if refused:
        found.append(Need(count=str(refused), words="ERP files refused, whole or in part", address=url_for("pages.files"), urgent=False))
    recent = views.messages(MessageFilter(attention=True, since=since), limit=RECENT_SHOWN)
    if recent.lines:
        more = "+" if recent.before is not None else ""
        address = url_for("pages.messages", attention="1", since=since.date().isoformat())
        found.append(
            Need(count=f"{len(recent.lines)}{more}", words="messages of the last 7 days with trouble", address=address, urgent=False)
        )
    return tuple(found)


def _sum(counts: Mapping[str, int], keys: tuple[str, ...]) -> int:
    return sum(counts.get(key, 0) for key in keys)


def _last_end(held: Held) -> datetime | None:
    """When the last of a party's certificates ends; None where it has none."""
    return max((one.not_after for one in held.certificates), default=None)


def _is_about(file: str | None, partner: Partner) -> bool:
    return file is not None and partner.source is not None and file.endswith(partner.source.name)
