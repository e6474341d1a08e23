"""A backup's folder: the home's own files, a manifest with the SHA-256 of every file, and the check of both."""

import hashlib
import json
import shutil
import tarfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from edi_gateway.faults import Fault, Faulty

MANIFEST = "manifest.json"
FORMAT = 1
HOME = "home"
LEFT_OUT = frozenset({"data", "erp"})
"""Of a home: the database and the payloads are saved as such, and the ERP's folders are the ERP's."""
_BLOCK = 1024 * 1024


def copy_home(home: Path, target: Path, besides: Iterable[Path]) -> int:
    """Copies settings, partner files, keys, maps and schemas; how many files. `besides` are folders that are saved in another way."""
    apart = {one.absolute() for one in besides}
    count = 0
    for file in sorted(home.rglob("*")):
        inside = file.relative_to(home)
        if not file.is_file() or inside.parts[0] in LEFT_OUT or any(one in apart for one in (file.absolute(), *file.absolute().parents)):
            continue
        (target / inside).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(file, target / inside)
        count += 1
    return count


def bring_home(source: Path, home: Path) -> int:
    """Puts the saved files where they are missing; how many. What is there stays as it is."""
    count = 0
    for file in sorted((source / HOME).rglob("*")):
        target = home / file.relative_to(source / HOME)
        if file.is_file() and not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file, target)
            count += 1
    return count


def seal(folder: Path, facts: Mapping[str, Any], now: datetime) -> Mapping[str, Any]:
    """Writes the manifest of a folder, last of all: without one it is no backup."""
    files = {str(file.relative_to(folder)): {"size": file.stat().st_size, "sha256": digest_of(file)} for file in _files(folder)}
    manifest = {"format": FORMAT, "made_at": now.isoformat(), **facts, "files": files}
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
    return manifest


def read_manifest(folder: Path) -> Mapping[str, Any]:
    """The manifest of a backup. Errors: Faulty (STO-113) where it is none, or of a newer form."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        form = int(found["format"])
    except (OSError, ValueError, KeyError, TypeError):
        raise Faulty([Fault.of("STO-113", value=str(folder), reason=f"it has no {MANIFEST}, or none that can be read")]) from None
    if form != FORMAT:
        raise Faulty([Fault.of("STO-113", value=str(folder), reason=f"its form is {form}; this release reads {FORMAT}")])
    return dict(found)


def verify(folder: Path, manifest: Mapping[str, Any]) -> tuple[Fault, ...]:
    """Every file held against the manifest: what is missing, what differs and what was added."""
    faults = []
    known = manifest["files"]
    for name, fact in known.items():
        file = folder / name
        if not file.is_file():
            faults.append(Fault.of("STO-112", value=name, reason="is missing"))
        elif file.stat().st_size != fact["size"] or digest_of(file) != fact["sha256"]:
            faults.append(Fault.of("STO-112", value=name, reason="is not what was saved"))
    added = {str(file.relative_to(folder)) for file in _files(folder)} - known.keys()
    faults += [Fault.of("STO-112", value=name, reason="was not there when it was made") for name in sorted(added)]
    return tuple(faults)


@contextmanager
def place(target: Path) -> Iterator[Path]:
    """A folder to write a backup into: the target itself, or one that becomes a .tar file at the end. Nothing is left of a failure.

    Errors: Faulty (STO-114) where the target is there and not empty.
    """
    if target.exists() and not (target.is_dir() and not any(target.iterdir())):
        raise Faulty([Fault.of("STO-114", value=str(target))])
    target.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as scratch:
        folder = Path(scratch) / "backup"
        folder.mkdir(mode=0o700)
        yield folder
        if target.suffix == ".tar":
            packed = Path(scratch) / "backup.tar"
            with tarfile.open(packed, "w") as archive:
                archive.add(folder, arcname=".")
            packed.chmod(0o600)
            packed.rename(target)
        else:
            folder.rename(target)


@contextmanager
def unpacked(source: Path) -> Iterator[Path]:
    """The folder of a backup, unpacked where it is a .tar file. Errors: Faulty (STO-113) where it is neither."""
    if source.is_dir():
        yield source
        return
    if not source.is_file() or not tarfile.is_tarfile(source):
        raise Faulty([Fault.of("STO-113", value=str(source), reason="it is neither a folder nor a .tar file")])
    with TemporaryDirectory(dir=source.absolute().parent, prefix=f".{source.name}.") as scratch:
        with tarfile.open(source) as archive:
            archive.extractall(scratch, filter="data")
        yield Path(scratch)


def digest_of(file: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    running = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(_BLOCK):
            running.update(block)
    return running.hexdigest()


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file() and file != folder / MANIFEST)
