"""A new home folder: settings with every key explained, our own new key, the folders, the console's password."""

import json
import secrets
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from textwrap import wrap

from edi_gateway.assets import shipped
from edi_gateway.config import keys
from edi_gateway.config.declared import Key
from edi_gateway.config.kinds import Unfit
from edi_gateway.config.placed import Placed
from edi_gateway.config.reference import default_words
from edi_gateway.config.secret import Secret
from edi_gateway.config.settings import FILE_NAME
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.home.password import hash_password, make_password, write_private
from edi_gateway.partners.making import make_own_key

FOLDERS = ("partners", "certs", "maps", "schemas", "erp", "data")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIdentity:
    """Who the new gateway is. `group_id` is the ISA id where it is not given."""

    as2_id: str
    id: str
    qualifier: str = "ZZ"
    group_id: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeHome:
    """What was made. `password` is the console's where it was generated: it stands nowhere else and is shown once."""

    folder: Path
    certificate: Path
    password: str | None = field(repr=False)


def make_home(
    folder: Path,
    identity: NewIdentity,
    now: datetime,
    *,
    password: str | None = None,
    passphrase: str | None = None,
    port: int | None = None,
) -> MadeHome:
    """A home in a new or empty folder, with a new key of our own.

    Shape:   `passphrase` is a reference ("env:NAME", "file:PATH") whose secret then encrypts the private key.
    Errors:  Faulty where the folder holds anything, cannot be written, or a name does not fit; nothing is overwritten.
    """
    folder = folder.absolute()
    given = _given(identity, passphrase, port)
    secret = Secret(reference=passphrase, base=folder).reveal() if passphrase else None
    shown = None if password is not None else make_password()
    encoded = hash_password(password if password is not None else shown or "")
    made = make_own_key(identity.as2_id, now, passphrase=secret)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_taken(folder)
        for name in FOLDERS:
            (folder / name).mkdir(mode=0o700)
        write_private(folder / "certs" / "own.key.pem", made.private)
        certificate = folder / "certs" / "own.cert.pem"
        certificate.write_bytes(made.certificate)
        write_private(folder / keys.PASSWORD_FILE.default, encoded.encode() + b"\n")
        write_private(folder / keys.SECRET_FILE.default, secrets.token_hex(32).encode() + b"\n")
        _copy_examples(folder)
        (folder / FILE_NAME).write_text(settings_text(given), encoding="utf-8")
    except OSError as wrong:
        raise Faulty([Fault.of("CFG-HOME-UNMADE", Place(), str(folder), reason=wrong.strerror or wrong)]) from None
    return MadeHome(folder=folder, certificate=certificate, password=shown)


EXAMPLE_NAME = "chat"
"""Stands where the operator chooses a name, as for the routes of alerts."""


def settings_text(given: Mapping[str, object]) -> str:
    """gateway.toml with every key explained: those given are set, the others stand as comments with an example."""
    lines = ["# The settings of this gateway. Restart it after a change.", "# Paths are seen from the folder of this file."]
    for table, members in groupby(keys.GATEWAY_KEYS, key=lambda key: key.path.partition(".")[0]):
        lines += ["", f"[{table}]"]
        for key in members:
            name = key.path.partition(".")[2].replace("*", EXAMPLE_NAME)
            absent = "" if key.required else f" Default: {default_words(key).replace('`', '')}."
            lines += [f"# {line}" for line in wrap(key.words + absent, 100)]
            lines.append(f"{name} = {json.dumps(given[key.path])}" if key.path in given else f"# {name} = {key.example}")
    return "\n".join(lines) + "\n"


def _given(identity: NewIdentity, passphrase: str | None, port: int | None) -> dict[str, object]:
    """The settings that are known from the start, by key. Errors: Faulty for each that its key cannot hold."""
    named: list[tuple[Key[str] | Key[str | None] | Key[int], str | int | None]] = [
        (keys.AS2_ID, identity.as2_id),
        (keys.QUALIFIER, identity.qualifier),
        (keys.ID, identity.id),
        (keys.GROUP_ID, identity.group_id),
        (keys.PUBLIC_URL, identity.url),
        (keys.PASSPHRASE, passphrase),
        (keys.PORT, port),
    ]
    faults = []
    for key, value in named:
        if value is None:
            continue
        try:
            key.kind.read(Placed(content=value, place=Place()))
        except Unfit as unfit:
            faults.append(Fault.of("CFG-IDENTITY", Place(), str(value), key=key.path, hint=unfit.hint))
    if faults:
        raise Faulty(faults)
    files = {"identity.keys": ["certs/own.key.pem"], "identity.certificates": ["certs/own.cert.pem"]}
    return {**{key.path: value for key, value in named if value is not None}, **files}


def _refuse_taken(folder: Path) -> None:
    found = next(iter(sorted(one.name for one in folder.iterdir())), None)
    if found is not None:
        raise Faulty([Fault.of("CFG-HOME-TAKEN", Place(), str(folder), found=found)])


def _copy_examples(folder: Path) -> None:
    """The example partners, below `partners/` where they are not read, and their certificates."""
    for name, target in (("partners", "partners/examples"), ("certs.example", "certs/examples")):
        source = shipped(name)
        if source is not None:
            shutil.copytree(source, folder / target, ignore=shutil.ignore_patterns("__pycache__", "*.py"))
