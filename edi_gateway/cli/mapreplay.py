"""`edi-gateway map replay`: what a changed map would make of the traffic that is archived, before it is put to use."""

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path

import click

from edi_gateway.bootstrap import House
from edi_gateway.cli.house import opened_house
from edi_gateway.cli.mapdocuments import map_of
from edi_gateway.cli.options import Moment, home_option, json_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, counted, emit, end, one_line
from edi_gateway.faults import Fault, Faulty
from edi_gateway.mapping import Cluster, Map, clusters
from edi_gateway.marked import nearest
from edi_gateway.services.rehearse import Change, Rehearsed, rehearse

_TOLD_EVERY = 500


@click.command()
@click.option("--map", "candidate", required=True, metavar="MAP", help="The changed map: a file, or a name.")
@click.option("--against", metavar="MAP", help="The map in use.  [default: the one of the changed map's own name]")
@click.option("--since", required=True, type=Moment(), help="Documents from this time on, such as 2026-03-02.")
@click.option("--partner", help="Only this partner's documents.")
@click.option("--examples", type=click.IntRange(0, 100), default=3, show_default=True, help="How many documents to name for each kind.")
@home_option
@json_option
def replay(candidate: str, against: str | None, since: datetime, partner: str | None, examples: int, home: Path, as_json: bool) -> None:
    """Say what a changed map would make of archived documents. Nothing is sent, kept or changed.

    Both maps are tried on every document of the agreements that name the map in use, and the differences are told by kind. Exits with
    1 where a document comes out differently.

    \b
    Example:  edi-gateway map replay --map acme-850.yaml --since 2026-03-02 --home ~/gateway
    """
    with opened_house(home) as house:
        _check_partner(house, partner)
        changed = map_of(house.gateway.shelf, candidate)
        live = map_of(house.gateway.shelf, against or changed.name)
        _check_pair(live, changed, candidate)
        plan = Change(live=live, candidate=changed, since=since, partner=partner)
        tried = list(_told(rehearse(house.gateway, house.store.views, plan)))
    found = clusters(((one.name, one.kinds) for one in tried), examples=examples)
    changes = sum(one.count for one in found)
    if as_json:
        kinds = [{"kinds": list(one.kinds), "count": one.count, "examples": list(one.examples)} for one in found]
        emit({"map": changed.name, "against": live.name, "documents": len(tried), "changed": changes, "clusters": kinds})
    else:
        _show(found, len(tried), changes, live.name)
    end(FINDINGS if changes else GOOD)


def _check_partner(house: House, partner: str | None) -> None:
    """Errors: Faulty for a partner that there is no file for."""
    known = [one.key for one in house.gateway.book.partners]
    if partner is not None and partner not in known:
        raise Faulty([Fault.of("CFG-PARTNER-UNKNOWN", value=partner, hint=nearest(partner, known))])


def _check_pair(live: Map, changed: Map, given: str) -> None:
    """Errors: Faulty where the two maps are one, or cannot stand for each other."""
    if live.digest == changed.digest:
        raise Faulty([Fault.of("CFG-MAP-SAME", value=given, name=live.name)])
    if (live.shape.name, live.record_type) != (changed.shape.name, changed.record_type):
        raise Faulty([Fault.of("CFG-MAP-OTHER", value=given, name=live.name, ours=_ends(changed), theirs=_ends(live))])


def _ends(one: Map) -> str:
    return f"{one.record_type.__name__} and {one.shape.name}"


def _show(found: Iterable[Cluster], documents: int, changes: int, name: str) -> None:
    kinds = tuple(found)
    for one in kinds:
        click.echo(f"{counted(one.count, 'document')}: {one_line('; '.join(one.kinds))}")
        for example in one.examples:
            click.echo(f"    {one_line(example)}")
    if not documents:
        click.echo(f"No archived document since then went through {name}: give an earlier --since, or see which agreements name the map.")
    else:
        click.echo(f"{changes:,} of {documents:,} change, {counted(len(kinds), 'kind')}")


def _told(tried: Iterable[Rehearsed]) -> Iterator[Rehearsed]:
    """The same, with a count on standard error while a person waits."""
    count = 0
    for count, one in enumerate(tried, 1):
        if sys.stderr.isatty() and count % _TOLD_EVERY == 0:
            click.echo(f"\r{count:,} documents tried", nl=False, err=True)
        yield one
    if sys.stderr.isatty() and count >= _TOLD_EVERY:
        click.echo(err=True)
