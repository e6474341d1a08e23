"""`edi-gateway cert`: our certificates and the partners': listed, imported and made."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from edi_gateway.as2 import Certificate, OwnKey, read_certificates, read_own_key, read_p12
from edi_gateway.bootstrap import Terms, read_terms
from edi_gateway.cli.files import content_of
from edi_gateway.cli.keys import good
from edi_gateway.cli.options import home_option, json_option, moment, now_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, emit, end, one_line, table, tell
from edi_gateway.cli.rollover import OURS, rollover
from edi_gateway.config import Secret
from edi_gateway.faults import Fault, Faulty, Place, Severity
from edi_gateway.partners.agreement import Partner
from edi_gateway.partners.certificates import for_encryption, for_signing
from edi_gateway.partners.making import make_own_key
from edi_gateway.partners.pem import certificates_pem, key_pem
from edi_gateway.partners.rollover import leaves

_P12 = (".p12", ".pfx")
_PRIVATE, _PUBLIC = 0o600, 0o644


@click.group("cert")
def cert() -> None:
    """List, import and make certificates, and change over to new ones.

    \b
    Example:  edi-gateway cert list --home ~/gateway
    """


cert.add_command(rollover)


@cert.command("list")
@home_option
@now_option
@json_option
def list_certificates(home: Path, now: datetime | None, as_json: bool) -> None:
    """List every certificate that is named: ours and the partners', with its dates, its fingerprint and what it is used for now.

    Exits with 1 where one has ended or ends soon and no other takes over.

    \b
    Example:  edi-gateway cert list --home ~/gateway
    """
    terms, at = read_terms(home), moment(now)
    rows = [*_own_rows(terms, at), *(row for one in terms.book.partners for row in _partner_rows(terms, one, at))]
    faults = terms.keys.faults(at)
    if as_json:
        emit({"certificates": rows, "faults": [fault.as_json() for fault in faults]})
    else:
        columns = ("of", "use", "name", "from", "until", "fingerprint (SHA-256)", "file")
        table(columns, ([row[name] for name in ("of", "use", "name", "not_before", "not_after", "fingerprint", "file")] for row in rows))
        tell(faults)
    end(FINDINGS if any(fault.severity is not Severity.NOTE for fault in faults) else GOOD)


def _own_rows(terms: Terms, at: datetime) -> list[dict[str, Any]]:
    held, signing = terms.keys.ours.certificates, for_signing(terms.keys.own(), at)
    used = signing.certificate if signing else None
    return [
        _row(OURS, "signs, decrypts" if one == used else "decrypts", one, file)
        for one, file in zip(held.certificates, held.files, strict=True)
    ]


def _partner_rows(terms: Terms, partner: Partner, at: datetime) -> list[dict[str, Any]]:
    held = terms.keys.theirs[partner.key]
    used = for_encryption(held.certificates, at)
    rows = []
    for one, file in zip(held.certificates, held.files, strict=True):
        uses = (("encrypted to", one == used), ("verifies", one.in_force(at)))
        rows.append(_row(partner.key, ", ".join(word for word, is_so in uses if is_so) or "not in force", one, file))
    return rows


def _row(whose: str, use: str, one: Certificate, file: Path) -> dict[str, Any]:
    return {"of": whose, "use": use, **_about(one), "file": str(file)}


def _about(one: Certificate) -> dict[str, str]:
    """What tells a certificate from others."""
    dates = {"not_before": f"{one.not_before:%Y-%m-%d}", "not_after": f"{one.not_after:%Y-%m-%d}"}
    told = {"serial": one.serial, "key": one.key_kind, "fingerprint": one.fingerprint_shown}
    return {"name": one.common_name, "subject": one.subject, **dates, **told}


@cert.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--as", "name", metavar="NAME", help="What the new file is called; by default the certificate's name and first day.")
@click.option("--passphrase", metavar="REFERENCE", help="What a P12 is encrypted with: env:NAME or file:PATH.")
@home_option
@json_option
def import_certificates(file: Path, name: str | None, passphrase: str | None, home: Path, as_json: bool) -> None:
    """Put certificates of a PEM, DER or P7B file, or the key and certificate of a P12, into the home's certs folder as PEM.

    Authorities that came along are left out. Shows each fingerprint, to be compared over the telephone. Nothing is used before it is
    named: `cert rollover` does that. No file is overwritten.

    \b
    Example:  edi-gateway cert import partner.p7b --home ~/gateway
    """
    terms = read_terms(home)
    content = content_of(str(file))
    if file.suffix.lower() in _P12:
        key = good(read_p12(content, passphrase=_revealed(passphrase), file=str(file)))
        _report([_store_key(terms, key, name)], as_json)
    else:
        found = leaves(good(read_certificates(content, file=str(file))))
        stored = []
        for number, one in enumerate(found, 1):
            stem = name if name is None or len(found) == 1 else f"{name}-{number}"
            stored.append(_store(terms, {f"{stem or _stem(one)}.pem": (certificates_pem([one]), _PUBLIC)}, one))
        _report(stored, as_json)


@cert.command()
@click.option("--name", metavar="NAME", help="The certificate's name; our AS2 name where it is not given.")
@now_option
@home_option
@json_option
def new(name: str | None, now: datetime | None, home: Path, as_json: bool) -> None:
    """Make a new key of our own with its certificate, beside those in use. Nothing is used before it is named: `cert rollover` does that.

    \b
    Example:  edi-gateway cert new --home ~/gateway
    """
    terms = read_terms(home)
    secret = terms.book.identity.passphrase
    made = make_own_key(name or terms.book.identity.as2_id, moment(now), passphrase=secret.reveal() if secret else None)
    key = good(read_own_key(made.private, made.certificate, passphrase=secret.reveal() if secret else None))
    _report([_store_key(terms, key, None)], as_json)


def _store_key(terms: Terms, key: OwnKey, name: str | None) -> "Stored":
    """A key with its certificate; encrypted where the home's keys are."""
    stem = name or f"own-{_stem(key.certificate)}"
    secret = terms.book.identity.passphrase
    private = key_pem(key, passphrase=secret.reveal() if secret else None)
    files = {f"{stem}.key.pem": (private, _PRIVATE), f"{stem}.cert.pem": (certificates_pem([key.certificate]), _PUBLIC)}
    return _store(terms, files, key.certificate)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A certificate that was put into the home, and its files: the key's first where there is one."""

    certificate: Certificate
    files: tuple[Path, ...]


def _report(stored: Iterable[Stored], as_json: bool) -> None:
    if as_json:
        emit({"certificates": [{**_about(one.certificate), "files": [str(file) for file in one.files]} for one in stored]})
        return
    for one in stored:
        for file in one.files:
            click.echo(file)
        told = _about(one.certificate)
        click.echo(one_line(f"  {told['subject']}, {told['key']}, {told['not_before']} to {told['not_after']}"))
        click.echo(f"  SHA-256 {told['fingerprint']}")


def _store(terms: Terms, files: dict[str, tuple[bytes, int]], one: Certificate) -> Stored:
    """New files in the certs folder. Errors: Faulty (CFG-OUTPUT) where there is one of a name already, before any is written."""
    folder = terms.settings.home / "certs"
    if taken := [folder / name for name in files if (folder / name).exists()]:
        raise Faulty([Fault.of("CFG-OUTPUT", Place(file=str(path)), reason="there is one already") for path in taken])
    for name, (content, mode) in files.items():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
    return Stored(certificate=one, files=tuple(folder / name for name in files))


def _stem(one: Certificate) -> str:
    """A file name for a certificate: the letters and digits of its name, and its first day."""
    words = "".join(character if character.isascii() and character.isalnum() else "-" for character in one.common_name.lower())
    return f"{words.strip('-')[:40] or 'certificate'}-{one.not_before:%Y-%m-%d}"


def _revealed(reference: str | None) -> str | None:
    return Secret(reference=reference, base=Path.cwd()).reveal() if reference else None
