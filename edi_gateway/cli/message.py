"""`edi-gateway message`: what a home's gateway sent and received, listed, shown, sent again and mapped again."""

import getpass
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from edi_gateway.as2.wire import kept_head
from edi_gateway.cli.files import write_result
from edi_gateway.cli.house import check_partner, opened_house
from edi_gateway.cli.options import Moment, home_option, json_option, reason_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, counted, emit, end, facts, table, tell
from edi_gateway.cli.shown import message_json, row_json
from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.states import Direction, Inbound, Outbound, SetIn, SetOut
from edi_gateway.ports.rows import TransactionSet
from edi_gateway.ports.views import MessageDetail, MessageFilter, MessageLine
from edi_gateway.ports.web import ActionResult

_STATES = sorted({state.value for states in (Inbound, Outbound, SetIn, SetOut) for state in states})
_LONGEST = 500
T = TypeVar("T")


@click.group()
def message() -> None:
    """List, show, resend and replay messages, also while the gateway runs.

    \b
    Example:  edi-gateway message list --home ~/gateway
    """


@message.command("list")
@click.argument("text", required=False, default="")
@click.option("--partner", help="Only of this partner.")
@click.option("--direction", type=click.Choice([one.value for one in Direction]), help="in: received; out: sent.")
@click.option("--set", "set_id", metavar="ID", help="Only those that carry this transaction set, such as 850.")
@click.option("--state", type=click.Choice(_STATES), metavar="STATE", help="Only those in this state, or with a set in it.")
@click.option("--since", type=Moment(), help="Only from this time on, such as 2026-03-02.")
@click.option("--attention", is_flag=True, help="Only what waits for a person.")
@click.option("--limit", type=click.IntRange(1, _LONGEST), default=50, show_default=True, help="How many at most, the newest first.")
@click.option("--before", type=int, metavar="ID", help="Only those older than this one: the next page.")
@home_option
@json_option
def list_messages(
    text: str,
    partner: str | None,
    direction: str | None,
    set_id: str | None,
    state: str | None,
    since: datetime | None,
    attention: bool,
    limit: int,
    before: int | None,
    home: Path,
    as_json: bool,
) -> None:
    """List messages, the newest first. TEXT finds a PO, invoice, shipment or control number, a Message-ID or a file name.

    \b
    Example:  edi-gateway message list 4500017 --home ~/gateway
    """
    wanted = MessageFilter(
        text=text,
        partner=partner,
        direction=Direction(direction) if direction else None,
        set_id=set_id,
        state=state,
        since=since,
        attention=attention,
    )
    with opened_house(home) as house:
        page = house.store.views.messages(wanted, before=before, limit=limit)
        check_partner(house, partner, page.lines)
    if as_json:
        emit({"messages": [_brief(line) for line in page.lines], "before": page.before})
        return
    table(("id", "time (UTC)", "", "partner", "documents", "state", "Message-ID"), map(_cells, page.lines))
    if page.before is not None:
        click.echo(f"There are older ones: --before {page.before}", err=True)


def _cells(line: MessageLine) -> tuple[object, ...]:
    row = line.transmission
    documents = ", ".join(f"{one.set_id} {one.business_key or one.control_number} {one.state.value}" for one in line.sets)
    created = f"{row.created_at:%Y-%m-%d %H:%M:%S}"
    return row.id, created, row.direction.value, row.partner or "unknown", documents, row.state.value, row.message_id


def _brief(line: MessageLine) -> dict[str, Any]:
    return {
        **row_json(line.transmission, leave_out=("headers", "mics", "payload_head")),
        "sets": [row_json(one) for one in line.sets],
        "disposition": line.receipt.disposition if line.receipt else None,
    }


@message.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--content", is_flag=True, help="Write the document's own bytes to standard output instead.")
@click.option("--request", "whole", is_flag=True, help="Write the whole request, as `as2 open` reads it, to standard output instead.")
@home_option
@json_option
def show(number: int, content: bool, whole: bool, home: Path, as_json: bool) -> None:
    """Show one message whole: state, MDN, sets with their faults, ERP files, windows and timeline.

    \b
    Example:  edi-gateway message show 17 --home ~/gateway
    """
    with opened_house(home) as house:
        found = _known(number, lambda: house.store.views.message(number))
        row = found.transmission
        wanted = row.content if content else row.wire if whole else None
        kept = house.store.views.payload(wanted) if wanted else b""
    if whole:
        write_result(None, kept_head(row.headers, len(kept)) + kept)
    elif content:
        write_result(None, kept)
    elif as_json:
        emit(message_json(found))
    else:
        _print(found)


def _revisions(found: MessageDetail) -> str | None:
    """The revisions that a message and what it carries went by: "revision 4", or "revision 4; documents by 4, 5"."""
    own = found.transmission.revision
    used = {one.revision for one in found.sets} | {one.revision for one in found.documents}
    others = sorted(one for one in used - {own} if one is not None)
    later = f"; its documents also by {', '.join(map(str, others))}" if others else ""
    return None if own is None and not others else f"revision {own if own is not None else '-'}{later}"


def _print(found: MessageDetail) -> None:
    row = found.transmission
    facts(
        (
            ("message", row.id),
            ("direction", row.direction.value),
            ("state", row.state.value.replace("_", " ")),
            ("partner", row.partner),
            ("AS2", f"{row.as2_from} to {row.as2_to}"),
            ("Message-ID", row.message_id),
            ("file name", row.filename),
            ("time", f"{row.created_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("MIC", f"{row.mic}, {row.mic_algorithm}" if row.mic else None),
            ("configuration", _revisions(found)),
            ("attempts", row.attempts or None),
            ("next attempt", row.next_attempt_at),
        )
    )
    for receipt in found.receipts:
        click.echo(f"\nMDN {receipt.message_id}: {receipt.disposition}" + (f" ({receipt.verdict})" if receipt.verdict else ""))
        for reason in receipt.reasons:
            click.echo(f"  {reason}")
    for one in found.sets:
        click.echo(f"\n{one.set_id} {one.control_number} {one.business_key or ''}: {one.state.value.replace('_', ' ')}")
        for fault in one.faults:
            click.echo(f"  {fault.line()}")
    for file in found.erp_files:
        click.echo(f"\nERP file {file.name}: {file.state.value}")
    for deadline in found.deadlines:
        click.echo(
            f"\nwindow {deadline.id} for {deadline.expects or deadline.kind.value}: {deadline.state.value}, "
            f"due {deadline.due_at:%Y-%m-%d %H:%M} UTC"
        )
    for relation, other in found.related:
        click.echo(f"\n{relation} message {other.id}")
    for fault in row.faults:
        click.echo(f"\n{fault.line()}")
    click.echo("")
    for event in found.events:
        click.echo(f"{event.at:%Y-%m-%d %H:%M:%S}  {event.actor:<10}  {event.words}")


@message.command()
@click.argument("number", type=int, metavar="ID")
@reason_option("Why, for the message's timeline.")
@click.option("--anew", is_flag=True, help="Seal the same interchange anew, with the keys of now and under a new Message-ID.")
@home_option
@json_option
def resend(number: int, reason: str, anew: bool, home: Path, as_json: bool) -> None:
    """Post the same bytes under the same Message-ID again. The running gateway does it, or the next one that is started.

    A message that the partner refused, or that was sealed with a key of the past, goes out again with --anew: its interchange is the same,
    the message another.

    \b
    Example:  edi-gateway message resend 17 --reason "partner's server was down" --home ~/gateway
    """
    with opened_house(home) as house:
        act = house.operator.send_anew if anew else house.operator.resend
        done = _known(number, lambda: act(number, actor=actor(), reason=reason))
    report(done, as_json)


@message.command()
@click.argument("number", type=int, metavar="ID", required=False)
@reason_option("Why, for the timeline of each message.", required=False)
@click.option("--held", is_flag=True, help="All sets that are held, instead of those of one message.")
@click.option("--partner", help="With --held: only of this partner.")
@click.option("--code", metavar="CODE", help="With --held: only those that are held for this reason, such as MAP-407.")
@click.option("--apply", is_flag=True, help="With --held: do it. Without this, the sets are listed and nothing is done.")
@home_option
@json_option
def replay(
    number: int | None,
    reason: str | None,
    held: bool,
    partner: str | None,
    code: str | None,
    apply: bool,
    home: Path,
    as_json: bool,
) -> None:
    """Map held sets again, with the maps and partner files of the gateway that runs: those of a received message, or all of a kind.

    \b
    Example:  edi-gateway message replay 12 --reason "map mended" --home ~/gateway
              edi-gateway message replay --held --partner acme --code MAP-407 --apply --reason "map mended" --home ~/gateway
    """
    if held == (number is not None):
        raise click.UsageError("Give the ID of a message, or --held.")
    if not reason and (apply or not held):
        raise click.UsageError('Say why with --reason "map mended".')
    with opened_house(home) as house:
        if number is not None:
            done = _known(number, lambda: house.operator.replay(number, actor=actor(), reason=reason or ""))
        else:
            found = house.operator.held(partner=partner, code=code)
            check_partner(house, partner, found)
            if not apply:
                _show_held(found, as_json)
                return
            done = house.operator.replay_held(partner=partner, code=code, actor=actor(), reason=reason or "")
    report(done, as_json)


def _show_held(found: tuple[TransactionSet, ...], as_json: bool) -> None:
    """What a replay of all held sets would map again."""
    if as_json:
        emit({"held": [row_json(one) for one in found]})
        return
    if not found:
        click.echo("Nothing is held.", err=True)
        return
    rows = ((one.transmission_id, one.partner, one.set_id, one.business_key or one.control_number, one.held_code) for one in found)
    table(("message", "partner", "set", "number", "held for"), rows)
    click.echo(f"{counted(len(found), 'set')} would be mapped again; add --apply and --reason to do it.", err=True)


def report(done: ActionResult, as_json: bool) -> None:
    """Says what came of something that a person set off, and ends the command."""
    if as_json:
        emit({"done": not done.faults, "words": done.words, "faults": [fault.as_json() for fault in done.faults]})
    else:
        tell(done.faults)
        if done.words:
            click.echo(done.words)
    end(FINDINGS if done.faults else GOOD)


def _known(number: int, ask: Callable[[], T]) -> T:
    """What is asked of a message. Errors: Faulty (STO-417) where there is none."""
    try:
        return ask()
    except KeyError:
        raise Faulty([Fault.of("STO-417", value=str(number))]) from None


def actor() -> str:
    """Who is at the terminal, for the timeline."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"
