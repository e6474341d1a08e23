"""`edi-gateway overdue`: what a home's gateway waits for, and what is owed, by time left."""

from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import click

from edi_gateway.cli.house import opened_house
from edi_gateway.cli.options import home_option, json_option, moment, now_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, emit, end, table
from edi_gateway.lifecycle.states import DeadlineState
from edi_gateway.partners.book import Book
from edi_gateway.ports.views import OverdueLine
from edi_gateway.web.times import span

_LONGEST = 500


@click.group("overdue")
def overdue_commands() -> None:
    """List the windows that are over, that warn, and that come next: MDNs, 997s and business answers.

    \b
    Example:  edi-gateway overdue list --home ~/gateway
    """


@overdue_commands.command("list")
@click.option("--partner", help="Only of this partner.")
@click.option("--limit", type=click.IntRange(1, _LONGEST), default=50, show_default=True, help="How many of those to come, at most.")
@home_option
@now_option
@json_option
def list_windows(partner: str | None, limit: int, home: Path, now: datetime | None, as_json: bool) -> None:
    """List windows by time left, the longest overdue first. Exits with 1 where one is over.

    \b
    Example:  edi-gateway overdue list --partner acme-retail --home ~/gateway
    """
    at = moment(now)
    with opened_house(home) as house:
        found = [one for one in house.store.views.overdue(at, upcoming=limit) if partner in (None, one.deadline.partner)]
        rows = [_as_json(one, at, _zone(house.terms.book, one)) for one in found]
    if as_json:
        emit({"windows": rows})
    elif rows:
        table(("time left", "", "due (UTC)", "due (partner)", "waits for", "partner", "document", "message"), map(_cells, rows))
    else:
        click.echo("Nothing is waited for. A window opens when a message is delivered or a document is owed; partner files say how long.")
    end(FINDINGS if any(one["stands"] == "overdue" for one in rows) else GOOD)


def _zone(book: Book, line: OverdueLine) -> tzinfo | None:
    partner = book.partner(line.deadline.partner or "")
    return partner.calendar.zone if partner else None


def _as_json(line: OverdueLine, now: datetime, zone: tzinfo | None) -> dict[str, Any]:
    row = line.deadline
    return {
        "id": row.id,
        "stands": _stands(line, now),
        "seconds_left": round((row.due_at - now).total_seconds()),
        "due_at": row.due_at.isoformat(),
        "due_at_partner": row.due_at.astimezone(zone).isoformat() if zone else None,
        "zone": str(zone) if zone else None,
        "warn_at": row.warn_at.isoformat() if row.warn_at else None,
        "kind": row.kind.value,
        "expects": row.expects,
        "partner": row.partner,
        "message": line.transmission.id if line.transmission else None,
        "document": line.set.set_id if line.set else None,
        "number": (line.set.business_key or line.set.control_number) if line.set else None,
    }


def _stands(line: OverdueLine, now: datetime) -> str:
    """ "overdue", "warned" or "open", whether or not the clock has looked at it yet."""
    row = line.deadline
    if row.state is DeadlineState.BREACHED or row.due_at <= now:
        return "overdue"
    return "warned" if row.warned_at is not None or (row.warn_at is not None and row.warn_at <= now) else "open"


def _cells(one: dict[str, Any]) -> tuple[object, ...]:
    seconds = one["seconds_left"]
    left = f"{'-' if seconds < 0 else ''}{span(timedelta(seconds=seconds))}"
    local = datetime.fromisoformat(one["due_at_partner"]) if one["due_at_partner"] else None
    return (
        left,
        one["stands"],
        f"{datetime.fromisoformat(one['due_at']):%Y-%m-%d %H:%M}",
        f"{local:%Y-%m-%d %H:%M} {one['zone']}" if local else "",
        one["expects"] or one["kind"],
        one["partner"],
        f"{one['document']} {one['number']}" if one["document"] else "",
        one["message"],
    )
