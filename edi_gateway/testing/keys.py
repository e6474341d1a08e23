"""Keys and certificates made for a test run: never written anywhere unless a test asks for it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

from edi_gateway.as2.identity import OwnKey, read_own_key
from edi_gateway.partners.making import MadeKey, make_own_key

MADE_AT = datetime(2026, 1, 1, tzinfo=UTC)
"""When test keys begin, give or take an hour; they end 100 years later."""
LIFETIME = timedelta(days=36_500)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFiles:
    """Where a test key and its certificate stand."""

    key: Path
    certificate: Path


@cache
def made(name: str, now: datetime = MADE_AT, lifetime: timedelta = LIFETIME) -> MadeKey:
    """The key of a name as PEM; made once a run, since RSA keys take a tenth of a second."""
    return make_own_key(name, now, lifetime=lifetime)


@cache
def own_key(name: str, now: datetime = MADE_AT, lifetime: timedelta = LIFETIME) -> OwnKey:
    """The key of a name as AS2 uses it."""
    pem = made(name, now, lifetime)
    key = read_own_key(pem.private, pem.certificate)
    if not isinstance(key, OwnKey):
        raise AssertionError(key.line())
    return key


def write_key(folder: Path, name: str, now: datetime = MADE_AT, lifetime: timedelta = LIFETIME) -> KeyFiles:
    """Writes the key of a name into a folder: `NAME.key.pem` and `NAME.pem`."""
    pem = made(name, now, lifetime)
    files = KeyFiles(key=folder / f"{name}.key.pem", certificate=folder / f"{name}.pem")
    files.key.write_bytes(pem.private)
    files.certificate.write_bytes(pem.certificate)
    return files
