"""`edi-gateway retention` and `edi-gateway archive`: contents whose time is over, what is held back, and whether the rest is whole."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import click

from edi_gateway.bootstrap import House
from edi_gateway.cli.house import check_partner, opened_house
from edi_gateway.cli.options import home_option, json_option, moment, now_option, reason_option
from edi_gateway.cli.outcome import FINDINGS, UNUSABLE, counted, emit, end, table, tell
from edi_gateway.faults import Fault, Faulty
from edi_gateway.ports.retention import Judged
from edi_gateway.ports.rows import Transmission
from edi_gateway.ports.views import MessageFilter
from edi_gateway.services.inspection import mic_of
from edi_gateway.services.retain import certificate_file, rule, write_certificate

_PAGE = 200


@click.group()
def retention() -> None:
    """Delete contents whose time is over, and hold others back for the law.

    \b
    Example:  edi-gateway retention plan --home ~/gateway
    """


@retention.command()
@now_option
@home_option
@json_option
def plan(now: datetime | None, home: Path, as_json: bool) -> None:
    """Say what `run` would delete, and what stays and why. Changes nothing.

    \b
    Example:  edi-gateway retention plan --home ~/gateway
    """
    with opened_house(home) as house:
        found = list(house.store.retention.judged(house.retaining.terms, moment(now)))
    _tell_plan(found, as_json)


@retention.command()
@click.option("--apply", is_flag=True, help="Delete. Without it, only say what would be deleted.")
@click.option("--certificate", type=click.Path(dir_okay=False, path_type=Path), help="Where the deletion certificate goes.")
@now_option
@home_option
@json_option
def run(apply: bool, certificate: Path | None, now: datetime | None, home: Path, as_json: bool) -> None:
    """Delete payloads, records and files whose time is over. What happened, and every id, digest and receipt, stays known.

    \b
    Example:  edi-gateway retention run --apply --home ~/gateway
    """
    at = moment(now)
    with opened_house(home) as house:
        terms = house.retaining.terms
        found = list(house.store.retention.judged(terms, at))
        if not apply:
            _tell_plan(found, as_json)
            return
        done = house.store.retention.purge([one for one in found if not one.kept], at, rule(terms))
        written = certificate or certificate_file(house.retaining.folder, at)
        house.store.retention.ran(datetime.now(UTC))
    if not done:
        emit({"deleted": 0, "certificate": None}) if as_json else click.echo("Nothing's time is over.")
        return
    write_certificate(written, done, terms, at)
    if as_json:
        emit({"deleted": len(done), "certificate": str(written)})
    else:
        click.echo(f"The contents of {counted(len(done), 'message')} are deleted. The certificate: {written}")


def _tell_plan(found: list[Judged], as_json: bool) -> None:
    counts = Counter((one.kept or "goes", one.partner or "", " ".join(one.set_ids)) for one in found)
    if as_json:
        names = ("verdict", "partner", "sets", "messages")
        emit({"plan": [dict(zip(names, (*key, count), strict=True)) for key, count in sorted(counts.items())]})
    elif counts:
        table(("what becomes of it", "partner", "documents", "messages"), ((*key, count) for key, count in sorted(counts.items())))
    else:
        click.echo("Nothing is old enough to be looked at.")


@retention.command()
@click.option("--partner", help="Everything of this partner.")
@click.option("--message", type=int, help="This message.")
@click.option("--order", help="All documents of this purchase order.")
@reason_option("Why, and who asked for it.")
@home_option
@json_option
def hold(partner: str | None, message: int | None, order: str | None, reason: str, home: Path, as_json: bool) -> None:
    """Keep contents whatever their age, until the hold is lifted. Several options narrow it: what fits all of them is held.

    \b
    Example:  edi-gateway retention hold --order 4500017 --reason "case 12/2026, legal" --home ~/gateway
    """
    if partner is None and message is None and order is None:
        raise click.UsageError("Name what to hold: --partner, --message or --order.")
    with opened_house(home) as house:
        check_partner(house, partner, house.store.views.messages(MessageFilter(partner=partner), limit=1).lines)
        number = house.store.retention.hold(datetime.now(UTC), reason, partner=partner, transmission_id=message, po_number=order)
    emit({"hold": number}) if as_json else click.echo(f"Hold {number} is in force.")


@retention.command()
@click.argument("number", type=int, metavar="HOLD")
@reason_option("Why, and who agreed.")
@home_option
@json_option
def lift(number: int, reason: str, home: Path, as_json: bool) -> None:
    """End a hold.

    \b
    Example:  edi-gateway retention lift 3 --reason "case closed, legal" --home ~/gateway
    """
    with opened_house(home) as house:
        lifted = house.store.retention.lift(number, datetime.now(UTC), reason)
    if not lifted:
        tell([Fault.of("CFG-HOLD-UNKNOWN", value=str(number))])
        end(UNUSABLE)
    emit({"lifted": number}) if as_json else click.echo(f"Hold {number} is lifted.")


@retention.command()
@home_option
@json_option
def holds(home: Path, as_json: bool) -> None:
    """List the holds in force.

    \b
    Example:  edi-gateway retention holds --home ~/gateway
    """
    with opened_house(home) as house:
        found = house.store.retention.holds()
    if as_json:
        emit({"holds": [{name: str(value) if isinstance(value, datetime) else value for name, value in one.items()} for one in found]})
    elif found:
        names = ("id", "since (UTC)", "partner", "message", "order", "reason")
        cells = ("id", "created_at", "partner", "transmission_id", "po_number", "reason")
        table(names, (tuple(one[name] for name in cells) for one in found))
    else:
        click.echo("No hold is in force.")


@click.group()
def archive() -> None:
    """Check what is kept.

    \b
    Example:  edi-gateway archive verify --home ~/gateway
    """


@archive.command("verify")
@home_option
@json_option
def verify(home: Path, as_json: bool) -> None:
    """Hash every kept payload anew, and take the MIC of every message whose bytes suffice. Exits with 1 where one differs.

    \b
    Example:  edi-gateway archive verify --home ~/gateway
    """
    counts: Counter[str] = Counter()
    faults: list[Fault] = []
    with opened_house(home) as house:
        gone = house.store.retention.deleted()
        for row in _messages(house):
            assert row.id is not None
            if row.id in gone:
                counts["contents deleted"] += 1
                continue
            counts["messages"] += 1
            found = _harm(house, row, counts)
            faults += found
            if not found:
                faults += _wrong_mic(house, row, counts)
    tell(faults)
    names = ("messages", "payloads", "MICs", "contents deleted")
    if as_json:
        emit({**{name.lower().replace(" ", "_"): counts[name] for name in names}, "faults": [one.as_json() for one in faults]})
    else:
        click.echo(", ".join(f"{counts[name]} {name}" for name in names) + f"; {counted(len(faults), 'fault')}.")
    end(FINDINGS if faults else 0)


def _messages(house: House) -> Iterator[Transmission]:
    """Every message, the newest first, a page in memory at a time."""
    before: int | None = None
    while True:
        page = house.store.views.messages(MessageFilter(), before=before, limit=_PAGE)
        yield from (line.transmission for line in page.lines)
        before = page.before
        if before is None:
            return


def _harm(house: House, row: Transmission, counts: Counter[str]) -> list[Fault]:
    """What is wrong with the kept bytes of a message and its receipts."""
    faults: list[Fault] = []
    with house.store.read() as uow:
        bodies = [one.body for one in uow.receipts.find(transmission_id=row.id)]
        for digest in dict.fromkeys(one for one in (row.wire, row.content, *bodies) if one):
            counts["payloads"] += 1
            try:
                uow.payloads.open(digest).close()
            except Faulty as faulty:
                faults += faulty.faults
            except KeyError:
                faults.append(Fault.of("STO-203", value=digest, message=row.id))
    return faults


def _wrong_mic(house: House, row: Transmission, counts: Counter[str]) -> list[Fault]:
    assert row.id is not None
    found = mic_of(house.gateway, house.store.views.open, house.store.views.message(row.id))
    if found is None or row.mic is None:
        return []
    counts["MICs"] += 1
    return [] if found == row.mic else [Fault.of("STO-204", value=row.mic, message=row.id, found=found)]
