"""`edi-gateway job`: work items that failed as often as agreed and wait for a person, listed and freed."""

from datetime import UTC, datetime
from pathlib import Path

import click

from edi_gateway.cli.house import opened_house
from edi_gateway.cli.options import home_option, json_option
from edi_gateway.cli.outcome import UNUSABLE, counted, emit, end, table, tell
from edi_gateway.cli.shown import row_json
from edi_gateway.faults import Fault

_LONGEST = 1000


@click.group("job")
def job_commands() -> None:
    """List and free parked work items: those that failed as often as agreed.

    \b
    Example:  edi-gateway job list --home ~/gateway
    """


@job_commands.command("list")
@click.option("--limit", type=click.IntRange(1, _LONGEST), default=100, show_default=True, help="How many at most, the oldest first.")
@home_option
@json_option
def list_jobs(limit: int, home: Path, as_json: bool) -> None:
    """List the parked work items, the oldest first, each with what it failed of.

    \b
    Example:  edi-gateway job list --home ~/gateway
    """
    with opened_house(home) as house:
        parked = house.store.jobs.parked(limit)
    if as_json:
        emit({"jobs": [row_json(one) for one in parked]})
        return
    if not parked:
        click.echo("Nothing is parked: every work item was done, or is being tried again.")
        return
    columns = ("id", "parked (UTC)", "task", "key", "tries", "what is wrong")
    rows = ((one.id, f"{one.parked_at:%Y-%m-%d %H:%M:%S}", one.task, one.key, one.attempts, _reason(one.fault)) for one in parked)
    table(columns, rows)


def _reason(fault: Fault | None) -> str:
    return f"{fault.code}: {fault.message}" if fault else ""


@job_commands.command()
@click.argument("numbers", nargs=-1, required=True, type=int, metavar="ID...")
@home_option
@json_option
def free(numbers: tuple[int, ...], home: Path, as_json: bool) -> None:
    """Free parked work items, once what they failed of is mended. The running gateway tries them at once, or the next one that is started.

    \b
    Example:  edi-gateway job free 17 --home ~/gateway
    """
    now = datetime.now(UTC)
    with opened_house(home) as house:
        freed = [number for number in numbers if house.store.jobs.free(number, now)]
    unknown = [number for number in numbers if number not in freed]
    tell(Fault.of("CFG-JOB-UNKNOWN", value=str(number)) for number in unknown)
    if as_json:
        emit({"freed": freed, "not_parked": unknown})
    elif freed:
        click.echo(f"{counted(len(freed), 'work item')} freed.")
    if unknown:
        end(UNUSABLE)
