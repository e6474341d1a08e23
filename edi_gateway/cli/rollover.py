"""`edi-gateway cert rollover`: the change to a new certificate, rehearsed and then done."""

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from edi_gateway.as2 import Certificate, OwnKey, read_certificates, read_own_key
from edi_gateway.bootstrap import Terms, read_terms
from edi_gateway.cli.files import content_of
from edi_gateway.cli.keys import good
from edi_gateway.cli.options import home_option, json_option, moment, now_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, emit, end, one_line
from edi_gateway.cli.partner import known_partner
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.partners.agreement import Partner
from edi_gateway.partners.lists import with_certificates, with_identity_list
from edi_gateway.partners.rollover import Phase, gaps, leaves, rehearse_own, rehearse_partner

OURS = "ours"
_AT_END, _AT_ONCE = "at-end", "at-once"


@click.command()
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
        phases = rehearse_partner(_with(terms.keys.of(partner), leaves(good(read_certificates(content_of(str(file)), file=str(file))))), at)
    else:
        assert key_file is not None
        phases = rehearse_own(_in_order(terms, _own(terms, key_file, file), sign), at)
    if as_json:
        emit({"of": name or OURS, "phases": [_phase_json(one) for one in phases], "gaps": len(gaps(phases)), "applied": apply})
    else:
        for phase in phases:
            click.echo(one_line(f"{phase.since:%Y-%m-%d %H:%M}  {_own_words(phase) if name is None else _partner_words(phase)}"))
    if apply:
        _apply(terms, terms.book.partner(name) if name else None, file, key_file, sign)
        then = "from its next start on" if name is None else "once it is applied: edi-gateway config apply"
        click.echo(f"Named. The gateway uses it {then}.", err=True)
    else:
        click.echo("Nothing was written; --apply names it.", err=True)
    end(FINDINGS if gaps(phases) else GOOD)


def _own(terms: Terms, key_file: Path, file: Path) -> OwnKey:
    secret = terms.book.identity.passphrase
    passphrase = secret.reveal() if secret else None
    return good(read_own_key(content_of(str(key_file)), content_of(str(file)), passphrase=passphrase, file=str(key_file)))


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
        names = _first(file, (Path(str(one)) for one in partner.as2.certificates))
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
