"""`edi-gateway overdue`: what a home's gateway waits for, and what is owed, by time left; and windows that a person closes."""

from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any, NoReturn

import click

from edi_gateway.cli.house import check_partner, opened_house
from edi_gateway.cli.message import actor, report
from edi_gateway.cli.options import home_option, json_option, moment, now_option, reason_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, counted, emit, end, table
from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.states import DeadlineState
from edi_gateway.partners.book import Book
from edi_gateway.ports.views import ClosedLine, OverdueLine
from edi_gateway.ports.web import ActionResult
from edi_gateway.web.times import span

_LONGEST = 500


class _WindowId(click.IntRange):
    """The number that a window has in the list."""

    name = "integer"

    def __init__(self) -> None:
        super().__init__(1, 2**63 - 1)

    def fail(self, message: str, param: click.Parameter | None = None, ctx: click.Context | None = None) -> NoReturn:
        super().fail(f'{message} "edi-gateway overdue list" shows the IDs of windows.', param, ctx)


_WINDOW = _WindowId()


@click.group("overdue")
def overdue_commands() -> None:
    """List the windows that are over, that warn, and that come next: MDNs, 997s and business answers. Close and reopen one by hand.

    \b
    Example:  edi-gateway overdue list --home ~/gateway
    """


@overdue_commands.command("list")
@click.option("--partner", help="Only of this partner.")
@click.option("--limit", type=click.IntRange(1, _LONGEST), default=50, show_default=True, help="How many at most.")
@click.option("--after", type=_WINDOW, metavar="ID", help="Only those that end after this one: the next page.")
@click.option("--closed", is_flag=True, help="Those that a person closed, the last one first, with who and why.")
@home_option
@now_option
@json_option
def list_windows(partner: str | None, limit: int, after: int | None, closed: bool, home: Path, now: datetime | None, as_json: bool) -> None:
    """List windows by time left, the longest overdue first. Exits with 1 where one is over.

    \b
    Example:  edi-gateway overdue list --partner acme-retail --home ~/gateway
    """
    at = moment(now)
    whose = f" of {partner}" if partner else ""
    if closed and after is not None:
        raise click.UsageError("--after goes through the windows that are waited for: it cannot stand beside --closed.")
    if closed:
        _list_closed(partner, whose, limit, home, at, as_json)
        return
    with opened_house(home) as house:
        over = sum(house.store.views.overdue(at, partner=partner).values())
        try:
            page = house.store.views.waiting_windows(partner=partner, after=after, limit=limit)
        except KeyError:
            raise Faulty([Fault.of("STO-464", value=str(after))]) from None
        rows = [_as_json(one, at, _zone(house.terms.book, one)) for one in page.lines]
        check_partner(house, partner, rows)
    if as_json:
        emit({"windows": rows, "overdue": over, "after": page.after})
    elif rows:
        table(("id", "time left", "", "due (UTC)", "due (partner)", "waits for", "partner", "document", "message"), map(_cells, rows))
    elif after is not None:
        click.echo(f"No open window{whose} ends later than window {after}.")
    else:
        words = "A window opens when a message is delivered or a document is owed; partner files say how long."
        click.echo(f"Nothing{whose} is waited for. {words}")
    if not as_json and page.after is not None:
        own = "" if partner else "; --partner shows one partner's"
        click.echo(f"{counted(over, 'window')} over in all. There are more: --after {page.after}{own}", err=True)
    end(FINDINGS if over else GOOD)


def _list_closed(partner: str | None, whose: str, limit: int, home: Path, at: datetime, as_json: bool) -> None:
    with opened_house(home) as house:
        found = house.store.views.closed_windows(partner=partner, limit=limit + 1)
        rows = [_closed_json(one, at, _zone(house.terms.book, one.line)) for one in found[:limit]]
        check_partner(house, partner, rows)
    if as_json:
        emit({"windows": rows})
    elif rows:
        columns = ("id", "closed (UTC)", "waited for", "partner", "document", "message", "by", "why")
        table(columns, map(_closed_cells, rows))
    else:
        click.echo(f"No window{whose} is closed by a person.")
    if not as_json and len(found) > limit:
        click.echo(f"There are older ones: --limit up to {_LONGEST}, --partner for one partner's", err=True)


def _closed_json(one: ClosedLine, at: datetime, zone: tzinfo | None) -> dict[str, Any]:
    ended = one.line.deadline.settled_at
    return {
        **_as_json(one.line, at, zone),
        "stands": "closed",
        "closed_at": ended.isoformat() if ended else None,
        "closed_by": one.actor,
        "words": one.words,
    }


def _closed_cells(one: dict[str, Any]) -> tuple[object, ...]:
    document = f"{one['document']} {one['number']}" if one["document"] else ""
    closed = f"{datetime.fromisoformat(one['closed_at']):%Y-%m-%d %H:%M}" if one["closed_at"] else ""
    return one["id"], closed, one["expects"] or one["kind"], one["partner"], document, one["message"], one["closed_by"], one["words"]


_number = click.argument("number", type=_WINDOW, metavar="ID")
_dry_run = click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")


@overdue_commands.command("close")
@_number
@reason_option("Why, for the timeline.")
@_dry_run
@home_option
@json_option
def close_window(number: int, reason: str, dry_run: bool, home: Path, as_json: bool) -> None:
    """Close a window by hand: what it waits for is not to come any more. ID is that of `overdue list`. Its alert is over with it.

    What comes all the same is taken as ever, and noted. The partner is told nothing. The window of an MDN cannot be closed.

    \b
    Example:  edi-gateway overdue close 17 --reason "the buyer needs no ASN, says Ms Ito" --home ~/gateway
    """
    with opened_house(home) as house:
        done = house.operator.close_window(number, actor=actor(), reason=reason, dry_run=dry_run)
    _report(done, dry_run, as_json)


@overdue_commands.command("reopen")
@_number
@reason_option("Why, for the timeline.", required=False)
@_dry_run
@home_option
@json_option
def reopen_window(number: int, reason: str | None, dry_run: bool, home: Path, as_json: bool) -> None:
    """Wait again for what a person had closed the window of, by its old end. ID is that of `overdue list --closed`.

    \b
    Example:  edi-gateway overdue reopen 17 --reason "they want the ASN after all" --home ~/gateway
    """
    with opened_house(home) as house:
        done = house.operator.reopen_window(number, actor=actor(), reason=reason or "", dry_run=dry_run)
    _report(done, dry_run, as_json)


def _report(done: ActionResult, dry_run: bool, as_json: bool) -> None:
    if not as_json:
        report(done, as_json)
    faults = [fault.as_json() for fault in done.faults]
    emit({"done": not faults and not dry_run, "dry_run": dry_run, "words": done.words, "faults": faults})
    end(FINDINGS if faults else GOOD)


def _zone(book: Book, line: OverdueLine) -> tzinfo | None:
    partner = book.partner(line.deadline.partner or "")
    return partner.calendar.zone if partner else None


def _as_json(line: OverdueLine, now: datetime, zone: tzinfo | None) -> dict[str, Any]:
    row, held = line.deadline, line.held
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
        "held": {"id": held.id, "message": held.transmission_id, "code": held.held_code} if held else None,
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
        one["id"],
        left,
        one["stands"],
        f"{datetime.fromisoformat(one['due_at']):%Y-%m-%d %H:%M}",
        f"{local:%Y-%m-%d %H:%M} {one['zone']}" if local else "",
        f"{one['expects'] or one['kind']}{_held(one['held'])}",
        one["partner"],
        f"{one['document']} {one['number']}" if one["document"] else "",
        one["message"],
    )


def _held(one: dict[str, Any] | None) -> str:
    """Where what is waited for is held, if it is."""
    if one is None:
        return ""
    where = f" in message {one['message']}" if one["message"] else ""
    return f" (here, but held{where}: {one['code']})"
