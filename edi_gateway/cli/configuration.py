"""`edi-gateway config`: the configuration's revisions, planned, applied, exported, listed and rolled back."""

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import click

from edi_gateway.bootstrap import House
from edi_gateway.cli.house import opened_house
from edi_gateway.cli.message import actor
from edi_gateway.cli.options import home_option, json_option, moment, now_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, counted, emit, end, one_line, table, tell
from edi_gateway.cli.shown import row_json
from edi_gateway.faults import Fault, Faulty
from edi_gateway.partners.homefiles import write_files
from edi_gateway.ports.rows import Origin, Revision
from edi_gateway.services import revisions
from edi_gateway.services.changes import Change
from edi_gateway.services.plan import Plan, plan, terms_at
from edi_gateway.services.revisions import Applied
from edi_gateway.services.terms import Terms, read_terms, terms_in

_ORIGINS = {Origin.HOME: "home", Origin.FOLDER: "folder", Origin.ROLLBACK: "rollback to {}"}

from_option = click.option(
    "--from", "folder", type=click.Path(path_type=Path), metavar="DIR", help="Take the files in this folder instead of the home's."
)


@click.group()
def config() -> None:
    """Plan, apply, export and roll back the configuration: partners, certificates, maps, guides, layouts and schemas, as one set.

    \b
    Example:  edi-gateway config plan --home ~/gateway
    """


@config.command("plan")
@from_option
@click.option("--revision", type=int, metavar="N", help="Take a revision instead: what a rollback to it would change.")
@home_option
@now_option
@json_option
def plan_command(folder: Path | None, revision: int | None, home: Path, now: datetime | None, as_json: bool) -> None:
    """Show what the files in the home would change of the configuration in force, and what is wrong with them. Nothing is changed.

    Exits with 0 where nothing would change and nothing is wrong, with 1 otherwise.

    \b
    Example:  edi-gateway config plan --home ~/gateway
    """
    if folder is not None and revision is not None:
        raise click.UsageError("Give --from or --revision, not both.")
    with opened_house(home) as house:
        wanted = terms_at(house.store, house.terms, revision) if revision is not None else _wanted(house, home, folder)
        planned = plan(house.terms, wanted, moment(now))
    if as_json:
        emit(_plan_json(planned))
    else:
        _print(planned.changes)
        _print_findings((*planned.findings, *planned.notes))
        click.echo(_summary(planned))
    end(FINDINGS if planned.changes or planned.is_refused else GOOD)


@config.command()
@from_option
@click.option("--note", default="", help="What it is about, for the history.")
@click.option("--expect", type=click.IntRange(min=0), metavar="N", help="Only where revision N is in force still; 0 is none yet.")
@home_option
@json_option
def apply(folder: Path | None, note: str, expect: int | None, home: Path, as_json: bool) -> None:
    """Make the files in the home the newest revision, whole: a set with a finding that is an error is refused, and nothing changes.

    Gateways that run take it within seconds. Files that are equal to the newest revision make none.

    \b
    Example:  edi-gateway config apply --note "Acme's new certificate" --home ~/gateway
    """
    with opened_house(home) as house:
        wanted = _wanted(house, home, folder)
        planned = plan(house.terms, wanted, house.clock.now())
        origin = Origin.HOME if folder is None else Origin.FOLDER
        applied = revisions.apply(house.store, house.clock, wanted, origin=origin, actor=actor(), note=note, expected=expect)
    _report(planned, applied, as_json)


@config.command()
@click.argument("number", type=int, metavar="N")
@click.option("--note", default="", help="Why, for the history.")
@home_option
@json_option
def rollback(number: int, note: str, home: Path, as_json: bool) -> None:
    """Make a new revision that is equal to revision N. The files in the home stay as they are.

    `config plan --revision N` shows before what it would change.

    \b
    Example:  edi-gateway config rollback 3 --note "Acme refuses the new signature" --home ~/gateway
    """
    with opened_house(home) as house:
        planned = plan(house.terms, terms_at(house.store, house.terms, number), house.clock.now())
        applied = revisions.roll_back(house.store, house.clock, house.settings, number, actor=actor(), note=note)
    _report(planned, applied, as_json)


@config.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option("--revision", type=int, metavar="N", help="This revision instead of the one in force.")
@home_option
@json_option
def export(folder: Path, revision: int | None, home: Path, as_json: bool) -> None:
    """Write the configuration in force as files into a new folder. Applied from there it is the same, and makes no revision.

    \b
    Example:  edi-gateway config export in-force --home ~/gateway
    """
    with opened_house(home) as house:
        number = house.terms.revision if revision is None else revision
        if number is None:
            raise Faulty([Fault.of("CFG-SET-NONE")])
        files = terms_at(house.store, house.terms, number).files
    write_files(files, folder)
    if as_json:
        emit({"revision": number, "folder": str(folder), "files": files.manifest})
    else:
        click.echo(f"Revision {number} is in {folder}: {counted(len(files.files), 'file')}.")


@config.command()
@click.option("--limit", type=click.IntRange(min=1), default=20, show_default=True, help="How many at most, the newest first.")
@home_option
@json_option
def history(limit: int, home: Path, as_json: bool) -> None:
    """List the revisions, the newest, which is in force, first: when, who, from where, and the note.

    \b
    Example:  edi-gateway config history --home ~/gateway
    """
    with opened_house(home) as house:
        found = revisions.history(house.store)
    if as_json:
        emit({"in_force": found[0].id if found else None, "revisions": [_json(one) for one in found[:limit]]})
        return
    if not found:
        tell([Fault.of("CFG-SET-NONE")])
        return
    table(("revision", "time (UTC)", "who", "from", "files", "note"), map(_cells, found[:limit]))
    if len(found) > limit:
        click.echo(f"There are {len(found) - limit} older ones: --limit {len(found)}", err=True)


def _wanted(house: House, home: Path, folder: Path | None) -> Terms:
    """What is to be applied. Errors: Faulty where there is no such folder."""
    if folder is None:
        return read_terms(home)
    if not folder.is_dir():
        raise Faulty([Fault.of("CFG-SET-ABSENT", value=str(folder))])
    return terms_in(house.settings, folder)


def _report(planned: Plan, applied: Applied, as_json: bool) -> None:
    if as_json:
        number = applied.revision.id if applied.revision else None
        emit({**_plan_json(planned), "before": planned.revision, "revision": number, "is_new": applied.is_new})
    else:
        _print(planned.changes)
        _print_findings((*applied.findings, *planned.notes))
        click.echo(_outcome(applied))
    end(FINDINGS if applied.is_refused else GOOD)


def _outcome(applied: Applied) -> str:
    stands = f"revision {applied.revision.id} is in force" if applied.revision else "there is no revision yet"
    if applied.is_refused:
        return f"Refused, nothing was changed; {stands}."
    if not applied.is_new:
        return f"Nothing to change; {stands}."
    return f"{stands[0].upper()}{stands[1:]}. Gateways that run take it within seconds."


def _summary(planned: Plan) -> str:
    against = f"revision {planned.revision}" if planned.revision is not None else "no revision yet"
    verdict = "; apply would refuse it" if planned.is_refused else ""
    return f"{counted(len(planned.changes), 'change')} against {against}, {counted(len(planned.findings), 'finding')}{verdict}"


def _print(changes: Iterable[Change]) -> None:
    for path, found in groupby(changes, key=lambda one: one.path):
        click.echo(one_line(path))
        for one in found:
            click.echo(f"  {one_line(one.words())}")


def _print_findings(faults: Iterable[Fault]) -> None:
    for fault in faults:
        click.echo(f"{fault.severity.value:<7}  {one_line(fault.line())}")


def _plan_json(planned: Plan) -> dict[str, Any]:
    return {
        "revision": planned.revision,
        "refused": planned.is_refused,
        "changes": [row_json(one) for one in planned.changes],
        "findings": [fault.as_json() for fault in planned.findings],
        "notes": [fault.as_json() for fault in planned.notes],
    }


def _json(one: Revision) -> dict[str, Any]:
    return {"revision": one.id, **row_json(one, leave_out=("id",))}


def _cells(one: Revision) -> tuple[object, ...]:
    origin = _ORIGINS[one.origin].format(one.source)
    return one.id, f"{one.created_at:%Y-%m-%d %H:%M:%S}", one.actor, origin, len(one.manifest), one.note
