"""`edi-gateway map replay`: what a changed map would make of the traffic that is archived, before it is put to use."""

import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from edi_gateway.cli.house import check_partner, opened_house
from edi_gateway.cli.mapdocuments import map_of
from edi_gateway.cli.options import Moment, home_option, json_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, counted, emit, end, one_line
from edi_gateway.faults import Fault, Faulty
from edi_gateway.mapping import Cluster, Map, clusters
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

    Both maps are tried on every document of the agreements that name the map in use, with the tables that each agreement names, as they
    hold on the document's day; the differences are told by kind. Exits with 1 where a document comes out differently.

    \b
    Example:  edi-gateway map replay --map acme-850.yaml --since 2026-03-02 --home ~/gateway
    """
    with opened_house(home) as house:
        check_partner(house, partner)
        shelf = house.gateway.shelf
        changed = map_of(shelf, candidate)
        live = map_of(shelf, against or changed.name)
        _check_pair(live, changed, candidate)
        plan = Change(
            name=live.name,
            live=partial(map_of, shelf, against or changed.name),
            candidate=partial(map_of, shelf, candidate),
            since=since,
            partner=partner,
        )
        tried = list(_told(rehearse(house.gateway, house.store.views, plan)))
    found = clusters(((f"{one.name} ({one.agreement})", one.kinds) for one in tried), examples=examples)
    changes = sum(one.count for one in found)
    by_agreement = _by_agreement(tried)
    if as_json:
        kinds = [{"kinds": list(one.kinds), "count": one.count, "examples": list(one.examples)} for one in found]
        counts = [{"agreement": name, "documents": tried, "changed": changed} for name, (tried, changed) in by_agreement.items()]
        said = {"map": changed.name, "against": live.name, "documents": len(tried), "changed": changes}
        emit({**said, "agreements": counts, "clusters": kinds})
    else:
        _show(found, by_agreement, live.name)
    end(FINDINGS if changes else GOOD)


def _check_pair(live: Map, changed: Map, given: str) -> None:
    """Errors: Faulty where the two maps are one, or cannot stand for each other."""
    if live.digest == changed.digest:
        raise Faulty([Fault.of("CFG-MAP-SAME", value=given, name=live.name)])
    if (live.shape.name, live.record_type) != (changed.shape.name, changed.record_type):
        raise Faulty([Fault.of("CFG-MAP-OTHER", value=given, name=live.name, ours=_ends(changed), theirs=_ends(live))])


def _ends(one: Map) -> str:
    return f"{one.record_type.__name__} and {one.shape.name}"


def _by_agreement(tried: Iterable[Rehearsed]) -> dict[str, tuple[int, int]]:
    """Per agreement, how many documents were tried and how many of them change."""
    counts: dict[str, tuple[int, int]] = {}
    for one in tried:
        documents, changed = counts.get(one.agreement, (0, 0))
        counts[one.agreement] = (documents + 1, changed + bool(one.kinds))
    return counts


def _show(found: tuple[Cluster, ...], by_agreement: dict[str, tuple[int, int]], name: str) -> None:
    for one in found:
        click.echo(f"{counted(one.count, 'document')}: {one_line('; '.join(one.kinds))}")
        for example in one.examples:
            click.echo(f"    {one_line(example)}")
    if not by_agreement:
        click.echo(f"No archived document since then went through {name}: give an earlier --since, or see which agreements name the map.")
        return
    for agreement, (documents, changed) in by_agreement.items():
        click.echo(f"{agreement}: {changed:,} of {documents:,} change")
    documents, changed = (sum(one[at] for one in by_agreement.values()) for at in (0, 1))
    click.echo(f"{changed:,} of {documents:,} change, {counted(len(found), 'kind')}")


def _told(tried: Iterable[Rehearsed]) -> Iterator[Rehearsed]:
    """The same, with a count on standard error while a person waits."""
    count = 0
    for count, one in enumerate(tried, 1):
        if sys.stderr.isatty() and count % _TOLD_EVERY == 0:
            click.echo(f"\r{count:,} documents tried", nl=False, err=True)
        yield one
    if sys.stderr.isatty() and count >= _TOLD_EVERY:
        click.echo(err=True)
