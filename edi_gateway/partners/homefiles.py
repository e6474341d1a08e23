"""The files of a home that its configuration is made of: partner files, maps, schemas, and the certificates that partners are known by.

Settings (gateway.toml), private keys, pass phrases and passwords belong to a machine, not to the configuration.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edi_gateway.assets import files_below
from edi_gateway.config.declared import Key
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.fileset import Entry, FileSet, inside
from edi_gateway.partners.book import FOLDER
from edi_gateway.partners.keys.as2 import CA_FILE, CERTIFICATES
from edi_gateway.partners.placed import read_placed

FOLDERS = ("maps", "schemas", "tables")
ENDINGS = (".yaml", ".csv", ".tsv", ".txt")
"""What maps, layouts, guides, cross-references and schemas are written in."""
LARGEST = 16 * 1024 * 1024
_PARTNER_ENDINGS = (".yaml", ".yml")
_SECRETS = (b"PRIVATE KEY-----",)


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeFiles:
    """What a home's files give, and the faults of those that cannot be taken."""

    files: FileSet
    faults: tuple[Fault, ...] = ()


def home_files(home: Path) -> HomeFiles:
    """The configuration that stands in a folder.

    Shape:  a certificate outside the folder is not taken: it is read where it stands, on each machine.
    """
    folder = home / FOLDER
    taking = _Taking()
    if folder.is_dir():
        for file in sorted(folder.iterdir()):
            if not file.name.startswith(".") and file.suffix.lower() in _PARTNER_ENDINGS and file.is_file():
                taking.take(f"{FOLDER}/{file.name}", file, "PRT-UNREADABLE")
    else:
        taking.faults.append(Fault.of("PRT-ABSENT", Place(file=str(folder))))
    for first in FOLDERS:
        if (home / first).is_dir():
            for name, entry in files_below(home / first):
                if name.endswith(ENDINGS):
                    taking.take(f"{first}/{name}", entry, "CFG-UNREADABLE")
    for path in sorted(set(_certificates(taking.files))):
        if path not in taking.files and (home / path).is_file():
            taking.take(path, home / path, "PRT-CERT-UNREADABLE")
    return HomeFiles(files=FileSet(files=taking.files, root=home), faults=tuple(taking.faults))


def write_files(files: FileSet, folder: Path) -> None:
    """Writes a configuration as files into a folder that is new or empty, so that `home_files` gives the same. Errors: Faulty; OSError."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Faulty([Fault.of("CFG-SET-TAKEN", value=str(folder))])
    for name in (FOLDER, *FOLDERS):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for path, content in files.files.items():
        if inside(path) != path:
            raise ValueError(f"{path!r} leads out of the folder")
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)


class _Taking:
    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.faults: list[Fault] = []

    def take(self, path: str, file: Entry, unreadable: str) -> None:
        place = Place(file=str(file))
        try:
            content = file.read_bytes()
        except OSError as wrong:
            self.faults.append(Fault.of(unreadable, place, reason=wrong.strerror or wrong))
            return
        if any(mark in content for mark in _SECRETS):
            self.faults.append(Fault.of("CFG-SET-SECRET", place))
        elif len(content) > LARGEST:
            self.faults.append(Fault.of("CFG-SET-LARGE", place, str(len(content)), most=LARGEST))
        else:
            self.files[path] = content


def _certificates(files: Mapping[str, bytes]) -> Iterator[str]:
    """The paths within the home that partner files name certificates by."""
    for path, content in files.items():
        if path.startswith(f"{FOLDER}/") and path.endswith(".yaml"):
            for key in (CERTIFICATES, CA_FILE):
                yield from (found for one in _written(content, key) if (found := inside(one)) is not None)


def _written(content: bytes, key: Key[Any]) -> Iterator[str]:
    root, _ = read_placed(content.decode("utf-8-sig", errors="replace"), "")
    here = root
    for part in key.parts():
        found = here.members.get(part)
        if found is None:
            return
        here = found
    yield from (item.content for item in here.items() if isinstance(item.content, str))
