"""`edi-gateway alert`: what is wrong now, whether people can be told, and what they need not be told of."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from edi_gateway.cli.house import opened_house
from edi_gateway.cli.options import Span, home_option, json_option, reason_option
from edi_gateway.cli.outcome import FINDINGS, UNREACHABLE, UNUSABLE, counted, emit, end, table, tell
from edi_gateway.cli.shown import row_json
from edi_gateway.faults import Fault
from edi_gateway.lifecycle.incidents import Incident, IncidentState, Weight
from edi_gateway.lifecycle.notices import Notice

_UNUSABLE = frozenset({"CFG-ALERT-ROUTE", "CFG-ALERT-EXTRA", "CFG-ALERT-ADDRESS", "CFG-SECRET-MISSING"})


@click.group("alert")
def alert_commands() -> None:
    """List and mute open incidents, and try the routes that tell people.

    \b
    Example:  edi-gateway alert list --home ~/gateway
    """


@alert_commands.command("list")
@click.option("--muted", is_flag=True, help="Those that are muted as well.")
@home_option
@json_option
def list_incidents(muted: bool, home: Path, as_json: bool) -> None:
    """List the open incidents, the gravest first. Exits with 1 where there is one.

    \b
    Example:  edi-gateway alert list --home ~/gateway
    """
    now = datetime.now(UTC)
    with opened_house(home) as house, house.store.read() as uow:
        found = uow.incidents.find(state=IncidentState.OPEN)
    shown = sorted((one for one in found if muted or not one.is_muted(now)), key=lambda one: (-one.weight.rank, one.opened_at))
    hidden = len(found) - len(shown)
    if as_json:
        emit({"incidents": [row_json(one) for one in shown], "muted": hidden})
    elif shown:
        columns = ("id", "severity", "kind", "partner", "opened (UTC)", "muted until", "what is wrong")
        table(columns, (_cells(one, now) for one in shown))
    else:
        click.echo("No incident is open.")
    if hidden and not as_json:
        click.echo(f"{counted(hidden, 'more incident')} muted: edi-gateway alert list --muted", err=True)
    end(FINDINGS if shown else 0)


def _cells(one: Incident, now: datetime) -> tuple[object, ...]:
    until = f"{one.muted_until:%Y-%m-%d %H:%M}" if one.muted_until and one.is_muted(now) else ""
    return one.id, one.weight, one.kind, one.partner, f"{one.opened_at:%Y-%m-%d %H:%M}", until, one.words


@alert_commands.command("test")
@click.argument("routes", nargs=-1, metavar="[ROUTE]...")
@home_option
@json_option
def try_routes(routes: tuple[str, ...], home: Path, as_json: bool) -> None:
    """Send a test notice to each of these routes, or to all, at once. Exits with 3 where one was not taken.

    \b
    Example:  edi-gateway alert test ops --home ~/gateway
    """
    with opened_house(home) as house:
        names = routes or tuple(route.name for route in house.alerting.routes)
        notifier = house.alerting.notifier
    results = {name: notifier.tell(_trial(name)) for name in names}
    faults = [fault for fault in results.values() if fault is not None]
    if not names:
        faults = [Fault.of("CFG-ALERT-NONE")]
    tell(faults)
    if as_json:
        emit({"routes": {name: fault.as_json() if fault else "taken" for name, fault in results.items()}})
    else:
        for name in (name for name, fault in results.items() if fault is None):
            click.echo(f"{name}: taken.")
    if faults:
        end(UNUSABLE if not names or any(fault.code in _UNUSABLE for fault in faults) else UNREACHABLE)


def _trial(route: str) -> Notice:
    now = datetime.now(UTC)
    words = f"This is a test of the alert route {route}, sent by hand at {now:%Y-%m-%d %H:%M} UTC. Nothing is wrong."
    return Notice(route=route, weight=Weight.NOTE, title="[test] edi-gateway", words=words, created_at=now)


@alert_commands.command()
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="ID...")
@click.option("--for", "length", type=Span(), default="24h", show_default=True, help="How long, as 2h or 7d; 0h ends it now.")
@reason_option("Why, for those who look later.", required=False)
@home_option
@json_option
def mute(numbers: tuple[int, ...], length: timedelta, reason: str | None, home: Path, as_json: bool) -> None:
    """Say nothing more of these incidents for a while: no reminder, and no word when they end meanwhile.

    \b
    Example:  edi-gateway alert mute 17 --for 3d --reason "their VAN is down until Monday" --home ~/gateway
    """
    until = datetime.now(UTC) + length
    unknown: list[int] = []
    with opened_house(home) as house, house.store.begin() as uow:
        for number in numbers:
            changes = {"muted_until": until, "muted_because": reason or ""}
            if not uow.incidents.advance(number, IncidentState.OPEN, IncidentState.OPEN, **changes):
                unknown.append(number)
    tell(Fault.of("CFG-ALERT-INCIDENT", value=str(number)) for number in unknown)
    muted = [number for number in numbers if number not in unknown]
    if as_json:
        emit({"muted": muted, "until": until.isoformat(), "unknown": unknown})
    elif muted:
        click.echo(f"{counted(len(muted), 'incident')} muted until {until:%Y-%m-%d %H:%M} UTC.")
    if unknown:
        end(UNUSABLE)
