"""The console's password, kept as an Argon2 hash, and the secret that signs its cookies."""

import os
import secrets
from pathlib import Path

import argon2

from edi_gateway.faults import Fault, Faulty, Place

SHORTEST = 8
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without characters that are mistaken for each other when read aloud or copied by hand."""


def make_password() -> str:
    """A new password: four groups of five characters, 99 bits of chance."""
    return "-".join("".join(secrets.choice(ALPHABET) for _ in range(5)) for _ in range(4))


def hash_password(password: str) -> str:
    """The Argon2id hash in its encoded form. Errors: Faulty for a password that is too short."""
    if len(password) < SHORTEST:
        raise Faulty([Fault.of("CFG-PASSWORD-SHORT", Place(), shortest=SHORTEST)])
    return argon2.PasswordHasher().hash(password)


def change_password(file: Path, password: str) -> None:
    """Puts the hash of a new password in the place of the old one, whole or not at all.

    Errors: Faulty for a password that is too short, or a file that cannot be written.
    """
    encoded = hash_password(password)
    fresh = file.with_name(f".{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        write_private(fresh, encoded.encode() + b"\n")
        fresh.replace(file)
    except OSError as wrong:
        fresh.unlink(missing_ok=True)
        raise Faulty([Fault.of("CFG-PASSWORD-UNREADABLE", Place(file=str(file)), reason=wrong.strerror or wrong)]) from None


def read_password_hash(file: Path) -> str:
    """The hash that `init` or `change_password` wrote. Errors: Faulty where there is none."""
    encoded = _first_line(file)
    try:
        argon2.extract_parameters(encoded)
    except argon2.exceptions.InvalidHashError:
        raise Faulty([Fault.of("CFG-PASSWORD-UNREADABLE", Place(file=str(file)), reason="it holds no Argon2 hash")]) from None
    return encoded


def read_cookie_secret(file: Path) -> bytes:
    """The secret that signs the console's cookies. Errors: Faulty where there is none, or one shorter than 32 characters."""
    secret = _first_line(file)
    if len(secret) < 32:
        raise Faulty([Fault.of("CFG-PASSWORD-UNREADABLE", Place(file=str(file)), reason="it holds fewer than 32 characters")])
    return secret.encode()


def _first_line(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as wrong:
        reason = wrong.strerror if isinstance(wrong, OSError) else "it is not text"
        raise Faulty([Fault.of("CFG-PASSWORD-UNREADABLE", Place(file=str(file)), reason=reason)]) from None


def write_private(path: Path, content: bytes) -> None:
    """A new file that its owner alone may read. Errors: OSError, also where the file is already there."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
