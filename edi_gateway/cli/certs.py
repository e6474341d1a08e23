"""`edi-gateway cert`: our certificates and the partners': listed, imported, made, and a roll-over rehearsed before it is done."""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click

from edi_gateway.as2 import Certificate, OwnKey, read_certificates, read_own_key, read_p12
from edi_gateway.bootstrap import Terms, read_terms
from edi_gateway.cli.files import content_of
from edi_gateway.cli.options import home_option, json_option, moment, now_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, emit, end, one_line, table, tell
from edi_gateway.cli.partner import known_partner
from edi_gateway.config import Secret
from edi_gateway.faults import Fault, Faulty, Place, Severity
from edi_gateway.partners.agreement import Partner
from edi_gateway.partners.certificates import for_encryption, for_signing
from edi_gateway.partners.lists import with_certificates, with_identity_list
from edi_gateway.partners.making import make_own_key
from edi_gateway.partners.pem import certificates_pem, key_pem
from edi_gateway.partners.rollover import Phase, gaps, leaves, rehearse_own, rehearse_partner

_P12 = (".p12", ".pfx")
_OURS = "ours"
_AT_END, _AT_ONCE = "at-end", "at-once"
_PRIVATE, _PUBLIC = 0o600, 0o644
T = TypeVar("T")


@click.group("cert")
def cert() -> None:
    """List, import and make certificates, and change over to new ones.

    \b
    Example:  edi-gateway cert list --home ~/gateway
    """


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
        _row(_OURS, "signs, decrypts" if one == used else "decrypts", one, file)
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
    dates = {"not_before": f"{one.not_before:%Y-%m-%d}", "not_after": f"{one.not_after:%Y-%m-%d}"}
    told = {"serial": one.serial, "key": one.key_kind, "fingerprint": one.fingerprint_shown}
    return {"of": whose, "use": use, "name": one.common_name, "subject": one.subject, **dates, **told, "file": str(file)}


@cert.command("import")
@click.argument("file", type=click.Path(path_type=Path), metavar="FILE")
@click.option("--as", "name", metavar="NAME", help="What the new file is called; by default the certificate's name and first day.")
@click.option("--passphrase", metavar="REFERENCE", help="What a P12 is encrypted with: env:NAME or file:PATH.")
@home_option
def import_certificates(file: Path, name: str | None, passphrase: str | None, home: Path) -> None:
    """Put certificates of a PEM, DER or P7B file, or the key and certificate of a P12, into the home's certs folder as PEM.

    Authorities that came along are left out. Shows each fingerprint, to be compared over the telephone. Nothing is used before it is
    named: `cert rollover` does that. No file is overwritten.

    \b
    Example:  edi-gateway cert import partner.p7b --home ~/gateway
    """
    terms = read_terms(home)
    content = content_of(str(file))
    if file.suffix.lower() in _P12:
        key = _good(read_p12(content, passphrase=_revealed(passphrase), file=str(file)))
        _store_key(terms, key, name)
    else:
        found = leaves(_good(read_certificates(content, file=str(file))))
        for number, one in enumerate(found, 1):
            stem = name if name is None or len(found) == 1 else f"{name}-{number}"
            _store(terms, {f"{stem or _stem(one)}.pem": (certificates_pem([one]), _PUBLIC)}, one)


@cert.command()
@click.option("--name", metavar="NAME", help="The certificate's name; our AS2 name where it is not given.")
@now_option
@home_option
def new(name: str | None, now: datetime | None, home: Path) -> None:
    """Make a new key of our own with its certificate, beside those in use. Nothing is used before it is named: `cert rollover` does that.

    \b
    Example:  edi-gateway cert new --home ~/gateway
    """
    terms = read_terms(home)
    secret = terms.book.identity.passphrase
    made = make_own_key(name or terms.book.identity.as2_id, moment(now), passphrase=secret.reveal() if secret else None)
    key = _good(read_own_key(made.private, made.certificate, passphrase=secret.reveal() if secret else None))
    _store_key(terms, key, None)


def _store_key(terms: Terms, key: OwnKey, name: str | None) -> None:
    """A key with its certificate; encrypted where the home's keys are."""
    stem = name or f"own-{_stem(key.certificate)}"
    secret = terms.book.identity.passphrase
    private = key_pem(key, passphrase=secret.reveal() if secret else None)
    files = {f"{stem}.key.pem": (private, _PRIVATE), f"{stem}.cert.pem": (certificates_pem([key.certificate]), _PUBLIC)}
    _store(terms, files, key.certificate)


def _store(terms: Terms, files: dict[str, tuple[bytes, int]], one: Certificate) -> None:
    """New files in the certs folder. Errors: Faulty (CFG-OUTPUT) where there is one of a name already, before any is written."""
    folder = terms.settings.home / "certs"
    if taken := [folder / name for name in files if (folder / name).exists()]:
        raise Faulty([Fault.of("CFG-OUTPUT", Place(file=str(path)), reason="there is one already") for path in taken])
    for name, (content, mode) in files.items():
        with os.fdopen(os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(content)
        click.echo(folder / name)
    click.echo(one_line(f"  {one.subject}, {one.key_kind}, {one.not_before:%Y-%m-%d} to {one.not_after:%Y-%m-%d}"))
    click.echo(f"  SHA-256 {one.fingerprint_shown}")


def _stem(one: Certificate) -> str:
    """A file name for a certificate: the letters and digits of its name, and its first day."""
    words = "".join(character if character.isascii() and character.isalnum() else "-" for character in one.common_name.lower())
    return f"{words.strip('-')[:40] or 'certificate'}-{one.not_before:%Y-%m-%d}"


@cert.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="CERTIFICATE")
@click.option("--partner", "name", metavar="PARTNER", help="Whose new certificate it is; ours where it is not given.")
@click.option("--key", "key_file", type=click.Path(path_type=Path), metavar="FILE", help="The key of our new certificate.")
@click.option(
    "--sign",
    type=click.Choice([_AT_END, _AT_ONCE]),
    default=_AT_END,
    show_default=True,
    help="When we sign with our new key: once the one in use has ended, or from now on, where every partner has its certificate.",
)
@click.option("--apply", is_flag=True, help="Name it in the partner file or in gateway.toml. Without this, nothing is written.")
@now_option
@home_option
@json_option
def rollover(
    file: Path, name: str | None, key_file: Path | None, sign: str, apply: bool, now: datetime | None, home: Path, as_json: bool
) -> None:
    """Rehearse the change to a new certificate of the home: what each side uses from which day on. Both are accepted while both are valid.

    Exits with 1 where there are days on which nothing can be used.

    \b
    Example:  edi-gateway cert rollover ~/gateway/certs/acme-2027-01-01.pem --partner acme-retail --home ~/gateway
    """
    if (name is None) != (key_file is not None):
        raise click.UsageError("Give --partner for a partner's certificate, or --key for one of ours.")
    terms, at = read_terms(home), moment(now)
    if name is not None:
        partner = known_partner(terms, name)
        phases = rehearse_partner(
            _with(terms.keys.of(partner), leaves(_good(read_certificates(content_of(str(file)), file=str(file))))), at
        )
    else:
        assert key_file is not None
        phases = rehearse_own(_in_order(terms, _own(terms, key_file, file), sign), at)
    if as_json:
        emit({"of": name or _OURS, "phases": [_phase_json(one) for one in phases], "gaps": len(gaps(phases)), "applied": apply})
    else:
        for phase in phases:
            click.echo(one_line(f"{phase.since:%Y-%m-%d %H:%M}  {_own_words(phase) if name is None else _partner_words(phase)}"))
    if apply:
        _apply(terms, terms.book.partner(name) if name else None, file, key_file, sign)
        click.echo("Named. The gateway uses it from its next start on.", err=True)
    else:
        click.echo("Nothing was written; --apply names it.", err=True)
    end(FINDINGS if gaps(phases) else GOOD)


def _own(terms: Terms, key_file: Path, file: Path) -> OwnKey:
    secret = terms.book.identity.passphrase
    passphrase = secret.reveal() if secret else None
    return _good(read_own_key(content_of(str(key_file)), content_of(str(file)), passphrase=passphrase, file=str(key_file)))


def _with(held: Sequence[Certificate], fresh: Iterable[Certificate]) -> tuple[Certificate, ...]:
    return (*(one for one in fresh if one not in held), *held)


def _in_order(terms: Terms, fresh: OwnKey, sign: str) -> tuple[OwnKey, ...]:
    """Our keys as they would be named: we sign with the first in force."""
    others = [one for one in terms.keys.own() if one != fresh]
    return (fresh, *others) if sign == _AT_ONCE else (*others, fresh)


def _own_words(phase: Phase) -> str:
    if phase.used is None:
        return "we can sign with none of our keys: nothing is sent"
    return f"we sign with {_named(phase.used)}, which partners must hold; they may encrypt to {' or '.join(map(_named, phase.accepted))}"


def _partner_words(phase: Phase) -> str:
    used = f"we encrypt to {_named(phase.used)}" if phase.used else "there is none to encrypt to: messages wait"
    verified = " or ".join(map(_named, phase.accepted)) or "no certificate: what they sign is refused"
    return f"{used}; their signatures are verified with {verified}"


def _named(one: Certificate) -> str:
    return f"{one.common_name} ({one.fingerprint_shown[:11]}…)"


def _phase_json(phase: Phase) -> dict[str, Any]:
    used = phase.used.fingerprint_shown if phase.used else None
    return {"since": phase.since.isoformat(), "used": used, "accepted": [one.fingerprint_shown for one in phase.accepted]}


def _apply(terms: Terms, partner: Partner | None, file: Path, key_file: Path | None, sign: str) -> None:
    """Names the files in the lists, the rest of the text as it stands. Errors: Faulty where a person must do it."""
    home = terms.settings.home
    if partner is not None and partner.source is not None:
        names = _first(file, partner.as2.certificates)
        _rewrite(partner.source, lambda text: with_certificates(text, _from_home(home, names)), "as2.certificates")
        return
    assert key_file is not None
    identity = terms.book.identity
    keys = (
        _first(key_file, identity.keys) if sign == _AT_ONCE else (*(one for one in identity.keys if one != key_file.absolute()), key_file)
    )
    certificates = _first(file, identity.certificates)

    def changed(text: str) -> str | None:
        with_keys = with_identity_list(text, "keys", _from_home(home, keys))
        return with_identity_list(with_keys, "certificates", _from_home(home, certificates)) if with_keys is not None else None

    _rewrite(home / "gateway.toml", changed, "[identity] keys and certificates")


def _first(file: Path, others: Iterable[Path]) -> tuple[Path, ...]:
    return (file.absolute(), *(one for one in others if one != file.absolute()))


def _from_home(home: Path, files: Iterable[Path]) -> list[str]:
    """Files as the home's own files name them."""
    absolute = [Path(os.path.abspath(one)) for one in files]  # noqa: PTH100 - symbolic links stay as they are
    return [str(one.relative_to(home.absolute())) if one.is_relative_to(home.absolute()) else str(one) for one in absolute]


def _rewrite(target: Path, change: Callable[[str], str | None], key: str) -> None:
    changed = change(target.read_text(encoding="utf-8"))
    if changed is None:
        raise Faulty([Fault.of("CFG-LIST-BY-HAND", Place(file=str(target)), key)])
    fresh = target.with_name(f".{target.name}.new")
    fresh.write_text(changed, encoding="utf-8")
    fresh.chmod(target.stat().st_mode & 0o777)
    fresh.replace(target)


def _revealed(reference: str | None) -> str | None:
    return Secret(reference=reference, base=Path.cwd()).reveal() if reference else None


def _good(found: T | Fault) -> T:
    """What was read. Errors: Faulty with the fault where it could not be."""
    if isinstance(found, Fault):
        raise Faulty([found])
    return found
