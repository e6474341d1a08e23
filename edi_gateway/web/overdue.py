"""The windows: what is overdue and what comes next, and a person who closes one or opens it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.deadline import CLOSABLE, WAITING
from edi_gateway.lifecycle.states import DeadlineState
from edi_gateway.ports.views import OverdueLine
from edi_gateway.ports.web import WebParts
from edi_gateway.web.login import OPERATOR, Page
from edi_gateway.web.query import page_mark

PAGE = 50
CLOSED_SHOWN = 20
_ONE = f"/overdue/<int(max={2**63 - 1}):number>/<any(close, reopen):verb>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Something that a person may do to a window, and what comes of it."""

    title: str
    consequences: tuple[str, ...]


ACTS: Mapping[str, Act] = {
    "close": Act(
        title="Close the window",
        consequences=(
            "It is not waited for any more: it leaves the list of what is overdue, and its alert is over.",
            "The partner is told nothing. What comes all the same is taken as ever, and noted in the timeline.",
            "It can be opened again until then.",
            "It is written to the timeline with your reason.",
        ),
    ),
    "reopen": Act(
        title="Open the window again",
        consequences=(
            "It is waited for again, by its old end. Where that is over it is overdue at once, and alerts as such.",
            "It is written to the timeline with your reason.",
        ),
    ),
}


def window_pages(parts: WebParts) -> Blueprint:
    """The list, and the question before a window is closed or opened again."""
    pages = Blueprint("windows", __name__)

    @pages.get("/overdue")
    def overdue() -> Page:
        now = parts.clock.now()
        partner = request.args.get("partner") or None
        after = page_mark(request.args.get("after"))
        try:
            page = parts.views.waiting_windows(partner=partner, after=after, limit=PAGE)
        except KeyError:
            abort(404, _no_window(after))
        closed = parts.views.closed_windows(partner=partner, limit=CLOSED_SHOWN + 1) if after is None else ()
        return render_template(
            "overdue.html",
            now=now,
            is_warned=is_warned,
            page=page,
            after=after,
            over=sum(parts.views.overdue(now, partner=partner).values()),
            breached=[one for one in page.lines if is_breached(one, now)],
            upcoming=[one for one in page.lines if not is_breached(one, now)],
            closed=closed[:CLOSED_SHOWN],
            more_closed=len(closed) > CLOSED_SHOWN,
            partner=partner,
            closable=CLOSABLE,
            zones={one.key: one.calendar.zone for one in parts.book().partners},
        )

    @pages.get(_ONE)
    def confirm(number: int, verb: str) -> Page:
        return _question(parts, number, verb)

    @pages.post(_ONE)
    def do(number: int, verb: str) -> Page:
        reason = request.form.get("reason", "").strip()
        if not reason:
            return _question(parts, number, verb, "Give a reason: it goes to the timeline."), 400
        act = parts.actions.close_window if verb == "close" else parts.actions.reopen_window
        result = act(number, actor=session.get("who", OPERATOR), reason=reason)
        if result.faults:
            return _question(parts, number, verb, faults=result.faults), 409
        flash(result.words)
        return redirect(url_for("windows.overdue"))

    return pages


def is_breached(line: OverdueLine, now: datetime) -> bool:
    """Whether a window is over, whether or not the clock has marked it yet."""
    return line.deadline.state is DeadlineState.BREACHED or line.deadline.due_at <= now


def is_warned(line: OverdueLine, now: datetime) -> bool:
    """Whether a window warns, whether or not the clock has marked it yet."""
    row = line.deadline
    return row.warned_at is not None or (row.warn_at is not None and row.warn_at <= now)


def _no_window(number: int | None) -> str:
    return f"There is no window {number}. The page “Overdue” lists those that are open."


def _question(parts: WebParts, number: int, verb: str, trouble: str | None = None, *, faults: tuple[Fault, ...] = ()) -> str:
    try:
        line = parts.views.window(number)
    except KeyError:
        abort(404, _no_window(number))
    row = line.deadline
    possible = row.kind in CLOSABLE and (row.state in WAITING if verb == "close" else row.state is DeadlineState.CLOSED)
    return render_template(
        "window_act.html",
        act=ACTS[verb],
        verb=verb,
        line=line,
        now=parts.clock.now(),
        possible=possible,
        is_own=row.kind not in CLOSABLE,
        trouble=trouble,
        faults=faults,
    )
