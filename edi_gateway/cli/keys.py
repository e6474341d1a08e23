"""Keys and certificates given to a command: `--own-key`, `--own-cert`, `--partner-cert`, each as often as needed."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from edi_gateway.as2 import Certificate, OwnKey
from edi_gateway.config import Secret
from edi_gateway.faults import Fault, Faulty
from edi_gateway.partners.agreement import Identity, X12Identity
from edi_gateway.partners.certificates import read_held, read_own_keys

F = TypeVar("F", bound=Callable[..., Any])
T = TypeVar("T")
_FILE = click.Path(path_type=Path)


def key_options(command: F) -> F:
    """`--own-key`, `--own-cert` and `--passphrase`."""
    for option in (
        click.option("--passphrase", metavar="REFERENCE", help="What our keys are encrypted with: env:NAME or file:PATH."),
        click.option("--own-cert", multiple=True, type=_FILE, metavar="FILE", help="The certificate of a key of ours."),
        click.option(
            "--own-key", multiple=True, type=_FILE, metavar="FILE", help="A private key of ours: PEM, DER, or P12 with its certificate."
        ),
    ):
        command = option(command)
    return command


def partner_options(command: F) -> F:
    """`--partner-cert`."""
    return click.option("--partner-cert", multiple=True, type=_FILE, metavar="FILE", help="A certificate of the partner: PEM, DER or P7B.")(
        command
    )


def own_keys(keys: Iterable[Path], certificates: Iterable[Path], passphrase: str | None) -> tuple[OwnKey, ...]:
    """Our keys, each with its certificate. Errors: Faulty where one cannot be read, or has none."""
    nobody = X12Identity(qualifier="", id="", group_id="")
    secret = Secret(reference=passphrase, base=Path.cwd()) if passphrase else None
    held = read_own_keys(Identity(as2_id="", x12=nobody, keys=tuple(keys), certificates=tuple(certificates), passphrase=secret))
    if held.faults:
        raise Faulty(held.faults)
    return held.keys


def partner_certificates(files: Iterable[Path]) -> tuple[Certificate, ...]:
    """A partner's certificates. Errors: Faulty where one cannot be read."""
    held = read_held(files)
    if held.faults:
        raise Faulty(held.faults)
    return held.certificates


def good(found: T | Fault) -> T:
    """What was read. Errors: Faulty where it could not be."""
    if isinstance(found, Fault):
        raise Faulty([found])
    return found
