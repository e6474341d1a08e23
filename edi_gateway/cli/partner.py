"""`edi-gateway partner`: the partner files of a home, checked, listed and shown with all that they leave to the defaults."""

from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass
from datetime import datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Any

import click

from edi_gateway.bootstrap import Terms, read_terms
from edi_gateway.cli.options import home_option, json_option, moment, now_option
from edi_gateway.cli.outcome import UNUSABLE, code_of, counted, emit, end, facts, table, tell
from edi_gateway.cli.pausing import pause, pauses, resume
from edi_gateway.config import Secret
from edi_gateway.config.reference import duration_words
from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.states import Direction
from edi_gateway.marked import nearest
from edi_gateway.partners.agreement import Partner
from edi_gateway.partners.certificates import expiry, read_held
from edi_gateway.partners.load import load_partner
from edi_gateway.partners.load_x12 import SUFFIXES, USAGES
from edi_gateway.services.vetting import beside_guides, guided


@click.group()
def partner() -> None:
    """Check, list and show trading partners.

    \b
    Example:  edi-gateway partner check --home ~/gateway
    """


for _command in (pause, resume, pauses):
    partner.add_command(_command)


@partner.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@home_option
@now_option
@json_option
def check(files: tuple[Path, ...], home: Path, now: datetime | None, as_json: bool) -> None:
    """Check all partner files of a home with their certificates, or FILEs before they are put there.

    Where an agreement names a guide, its map is held to that as `map lint --partner` does. Exits with 1 where a file has a fault, a map
    does not do what a guide asks, or a certificate ends soon.

    \b
    Example:  edi-gateway partner check --home ~/gateway new-partner.yaml
    """
    terms = read_terms(home)
    good, faults = _checked_files(terms, files, moment(now)) if files else _checked_home(terms, moment(now))
    if as_json:
        emit({"partners": good, "faults": [fault.as_json() for fault in faults]})
    else:
        for fault in faults:
            click.echo(fault.line())
        click.echo(f"{counted(len(good), 'good partner file')}, {counted(len(faults), 'finding')}")
    missing = [one for one in files if not one.is_file()]
    end(UNUSABLE if missing else code_of(faults))


def _checked_home(terms: Terms, now: datetime) -> tuple[list[str], list[Fault]]:
    return [one.key for one in terms.book.partners], _once((*terms.book.faults, *beside_guides(terms), *terms.keys.faults(now)))


def _checked_files(terms: Terms, files: Iterable[Path], now: datetime) -> tuple[list[str], list[Fault]]:
    known = terms.shelf.known()
    good: list[str] = []
    faults: list[Fault] = []
    for file in files:
        found, wrong = load_partner(file, base=terms.settings.home, known=known, identity=terms.book.identity)
        faults += wrong
        if found is not None:
            good.append(found.key)
            faults += expiry(read_held(found.as2.certificates), now)
            faults += guided(terms.shelf, found.agreements)
    return good, _once(faults)


def _once(faults: Iterable[Fault]) -> list[Fault]:
    """Faults without those said twice: a certificate that cannot be read is one of the file that names it, and one of its own."""
    kept: list[Fault] = []
    for fault in faults:
        if fault not in kept:
            kept.append(fault)
    return kept


@partner.command("list")
@home_option
@json_option
def list_partners(home: Path, as_json: bool) -> None:
    """List the partners of a home.

    \b
    Example:  edi-gateway partner list --home ~/gateway
    """
    terms = read_terms(home)
    if as_json:
        emit({"partners": [_brief(terms, one) for one in terms.book.partners]})
    else:
        rows = [_brief(terms, one) for one in terms.book.partners]
        columns = ("partner", "AS2 name", "ISA id", "they send", "we send", "address", "certificate until")
        table(columns, ((*(_cell(one[name]) for name in _COLUMNS),) for one in rows))
    tell(terms.book.faults)
    end(code_of(terms.book.faults))


_COLUMNS = ("partner", "as2_id", "isa", "receive", "send", "url", "certificate_until")


def _cell(value: object) -> str:
    return " ".join(value) if isinstance(value, list) else str(value or "")


def _brief(terms: Terms, one: Partner) -> dict[str, Any]:
    ends = [certificate.not_after for certificate in terms.keys.of(one)]
    return {
        "partner": one.key,
        "name": one.name,
        "active": one.active,
        "as2_id": one.as2.id,
        "isa": f"{one.x12.identity.qualifier}:{one.x12.identity.id}",
        "receive": [agreed.set_id for agreed in one.agreements if agreed.direction is Direction.IN],
        "send": [agreed.set_id for agreed in one.agreements if agreed.direction is Direction.OUT],
        "url": one.as2.url,
        "certificate_until": f"{max(ends):%Y-%m-%d}" if ends else None,
    }


@partner.command()
@click.argument("name", metavar="PARTNER")
@home_option
@json_option
def show(name: str, home: Path, as_json: bool) -> None:
    """Show one partner: everything that its file says or leaves to the defaults, and its certificates' fingerprints.

    \b
    Example:  edi-gateway partner show globex-supply --home ~/gateway
    """
    terms = read_terms(home)
    found = known_partner(terms, name)
    certificates = [
        {
            "file": str(file),
            "subject": one.subject,
            "serial": one.serial,
            "fingerprint": one.fingerprint_shown,
            "not_before": one.not_before.isoformat(),
            "not_after": one.not_after.isoformat(),
            "key": one.key_kind,
        }
        for one, file in zip(terms.keys.theirs[found.key].certificates, terms.keys.theirs[found.key].files, strict=True)
    ]
    value = {**plain(found), "certificates": certificates}
    if as_json:
        emit(value)
    else:
        facts((path, _WRITTEN.get(path, _as_it_is)(one)) for path, one in _flat(value))


_SUFFIX_WORDS = {suffix: word for word, suffix in SUFFIXES.items()}
_USAGE_WORDS = {usage: word for word, usage in USAGES.items()}


def _as_it_is(value: Any) -> Any:
    return repr(value) if isinstance(value, str) and not value.isprintable() else value


def _size_words(size: int) -> str:
    """A size as files write it, in the largest unit that divides it."""
    unit, factor = next(
        (unit, factor) for unit, factor in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1)) if size % factor == 0
    )
    return f"{size // factor}{unit}"


_WRITTEN: dict[str, Callable[[Any], Any]] = {
    "as2.max_bytes": _size_words,
    "x12.suffix": _SUFFIX_WORDS.__getitem__,
    "x12.usage": _USAGE_WORDS.__getitem__,
    "retry.jitter": lambda share: f"{share * 100:g}%",
}
"""The leaves that a partner file writes otherwise than we hold them."""


def known_partner(terms: Terms, name: str) -> Partner:
    """The partner of a name. Errors: Faulty with the nearest right name where there is none."""
    found = terms.book.partner(name)
    if found is None:
        names = [one.key for one in terms.book.partners]
        raise Faulty([Fault.of("CFG-PARTNER-UNKNOWN", None, name, hint=nearest(name, names)), *terms.book.faults])
    return found


def plain(value: Any) -> Any:
    """A value of the house as JSON has it. Secrets are shown as where they stand."""
    match value:
        case timedelta():
            return duration_words(value)
        case Enum():
            return value.value
        case Secret():
            return value.reference
        case Path():
            return str(value)
        case dict():
            return {str(name): plain(one) for name, one in value.items()}
        case tuple() | list():
            return [plain(one) for one in value]
        case frozenset():
            return sorted(plain(one) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return {one.name: plain(getattr(value, one.name)) for one in fields(value)}
    return value


def _flat(value: Any, path: str = "") -> Iterable[tuple[str, object]]:
    """Every leaf with its path: `as2.security.sign`, `agreements[1].map`."""
    match value:
        case dict():
            for name, one in value.items():
                yield from _flat(one, f"{path}.{name}" if path else name)
        case list() if any(isinstance(one, dict) for one in value):
            for number, one in enumerate(value, 1):
                yield from _flat(one, f"{path}[{number}]")
        case list():
            yield path, ", ".join(map(str, value))
        case bool():
            yield path, "yes" if value else "no"
        case _:
            yield path, value
