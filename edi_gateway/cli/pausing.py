"""`edi-gateway partner pause`, `resume`, `pauses`: a partner's traffic stopped by a person, and let go on."""

from pathlib import Path

import click

from edi_gateway.cli.house import check_partner, opened_house
from edi_gateway.cli.message import actor, report
from edi_gateway.cli.options import home_option, json_option, reason_option
from edi_gateway.cli.outcome import emit, table
from edi_gateway.cli.shown import row_json
from edi_gateway.lifecycle.states import Direction
from edi_gateway.services import pauses as pausing

WAYS = {Direction.OUT: "send", Direction.IN: "receive"}
_DIRECTIONS = {word: direction for direction, word in WAYS.items()}

_direction = click.option(
    "--direction", type=click.Choice(list(_DIRECTIONS)), required=True, help="send: what goes to the partner; receive: what comes."
)


@click.command()
@click.argument("name", metavar="PARTNER")
@_direction
@reason_option("Why, for the timeline and for whoever looks.")
@home_option
@json_option
def pause(name: str, direction: str, reason: str, home: Path, as_json: bool) -> None:
    """Pause what goes to a partner, or what comes from there. The running gateway keeps to it at once.

    Paused sending keeps messages ready, our acknowledgments among them. Paused receiving keeps what comes and answers it with the MDN, and
    translates it after the resume.

    \b
    Example:  edi-gateway partner pause acme-retail --direction send --reason "their server moves" --home ~/gateway
    """
    with opened_house(home) as house:
        check_partner(house, name)
        done = pausing.pause(house.gateway, name, _DIRECTIONS[direction], actor=actor(), reason=reason)
    report(done, as_json)


@click.command()
@click.argument("name", metavar="PARTNER")
@_direction
@home_option
@json_option
def resume(name: str, direction: str, home: Path, as_json: bool) -> None:
    """Let everything go on that waited for the end of a pause.

    \b
    Example:  edi-gateway partner resume acme-retail --direction send --home ~/gateway
    """
    with opened_house(home) as house:
        done = pausing.resume(house.gateway, name, _DIRECTIONS[direction], actor=actor())
    report(done, as_json)


@click.command()
@home_option
@json_option
def pauses(home: Path, as_json: bool) -> None:
    """List what is paused, since when, by whom and why.

    \b
    Example:  edi-gateway partner pauses --home ~/gateway
    """
    with opened_house(home) as house, house.store.read() as uow:
        found = uow.pauses.find()
    if as_json:
        emit({"pauses": [row_json(one) for one in found]})
    elif found:
        rows = ((one.partner, WAYS[one.direction], f"{one.since:%Y-%m-%d %H:%M}", one.actor, one.reason) for one in found)
        table(("partner", "paused", "since (UTC)", "by", "reason"), rows)
    else:
        click.echo("Nothing is paused.")
