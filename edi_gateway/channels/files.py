"""Files written whole or not at all, under names that are safe wherever the ERP runs."""

import os
import re
import secrets
from collections.abc import Iterator, Mapping
from itertools import count
from pathlib import Path

LONGEST_NAME = 150
_RESERVED = frozenset(("con", "prn", "aux", "nul", *(f"{device}{number}" for device in ("com", "lpt") for number in range(1, 10))))


def safe_name(name: str) -> str:
    """A file name of letters, digits, `.`, `_` and `-` that neither hides, nor climbs, nor is a device's; others become `_`."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", name).strip(".")
    stem, dot, ending = plain.rpartition(".")
    if len(plain) > LONGEST_NAME:
        plain = f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}" if dot and len(ending) <= 10 else plain[:LONGEST_NAME]
    if plain.partition(".")[0].lower() in _RESERVED:
        plain = f"_{plain}"
    return plain or "_"


def numbered(folder: Path, name: str) -> Iterator[Path]:
    """The paths that a name may have in a folder: itself, then with -2, -3 … before its ending."""
    stem, dot, ending = name.rpartition(".")
    yield folder / name
    for number in count(2):
        yield folder / (f"{stem}-{number}.{ending}" if dot and stem else f"{name}-{number}")


def standing(folder: Path, name: str, content: bytes) -> Path | None:
    """The file of this name, or of one numbered after it, that holds this content; None where there is none."""
    for path in numbered(folder, name):
        if not path.exists():
            return None
        if holds(path, content):
            return path
    raise AssertionError("numbered paths do not end")


def holds(path: Path, content: bytes) -> bool:
    """Whether a file is there and has exactly this content."""
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def replace_whole(folder: Path, files: Mapping[str, bytes]) -> None:
    """Writes files of a folder in the place of what may be there, in this order, each whole or not at all; durable before it returns."""
    fresh: list[tuple[Path, Path]] = []
    try:
        for name, content in files.items():
            fresh.append((_written(folder, name, content), folder / name))
        for path, target in fresh:
            path.replace(target)
    except OSError:
        for path, _ in fresh:
            path.unlink(missing_ok=True)
        raise
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Makes what was renamed in a folder outlast a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written(folder: Path, name: str, content: bytes) -> Path:
    """A hidden file with this content, on the disk. Errors: OSError, with nothing left behind."""
    fresh = folder / f".{name}.{secrets.token_hex(4)}.tmp"
    try:
        with fresh.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
    return fresh
