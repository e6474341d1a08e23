"""A configuration as one immutable set of files, path to bytes; each file is read as one on a disk would be.

Loaders take an `Entry`: a `pathlib.Path` is one, and so is a file or folder of a set. Thus the files of a home and a revision that the
database holds are read by the same code.
"""

import errno
import hashlib
import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Protocol


class Entry(Protocol):
    """A file or folder to be read. `str` of it is how messages name it."""

    @property
    def name(self) -> str: ...
    def is_file(self) -> bool: ...
    def is_dir(self) -> bool: ...
    def iterdir(self) -> "Iterator[Entry]": ...
    def read_bytes(self) -> bytes:
        """Its content. Errors: OSError where it cannot be read."""

    def read_text(self, encoding: str) -> str:
        """Its content as text. Errors: OSError, UnicodeDecodeError."""

    def __truediv__(self, name: str, /) -> "Entry": ...


@dataclass(frozen=True, kw_only=True)
class FileSet:
    """Files by their path seen from the home, as "partners/acme.yaml".

    Shape:  `root` is the folder that they came from, or would stand in: messages name them so.
    """

    files: Mapping[str, bytes]
    root: Path

    @cached_property
    def manifest(self) -> dict[str, str]:
        """The SHA-256 of each file by its path, in the order of paths."""
        return {path: hashlib.sha256(self.files[path]).hexdigest() for path in sorted(self.files)}

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the whole set: equal where paths and contents are."""
        return digest_of(self.manifest)

    def entry(self, path: str = "") -> "SetEntry":
        """The file or folder of a path, whether there is one or not; of "" the set's own folder."""
        return SetEntry(set=self, path=path)

    def find(self, written: str) -> "SetEntry | None":
        """The file that is written as seen from the home ("certs/acme.pem", "./certs/acme.pem"); None where the set does not have it."""
        path = inside(written)
        return self.entry(path) if path is not None and path in self.files else None

    def shown(self, path: str) -> Path:
        """Where a file stands, or would."""
        return self.root / path

    @cached_property
    def folders(self) -> dict[str, tuple[str, ...]]:
        """The names in each folder, by the folder's path."""
        found: dict[str, set[str]] = {}
        for path in self.files:
            while path:
                folder, _, name = path.rpartition("/")
                found.setdefault(folder, set()).add(name)
                path = folder
        return {folder: tuple(sorted(names)) for folder, names in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SetEntry:
    """A file or folder of a set. Two are equal where their sets have the same at the same path."""

    set: FileSet
    path: str

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]

    def is_file(self) -> bool:
        return self.path in self.set.files

    def is_dir(self) -> bool:
        return self.path in self.set.folders

    def iterdir(self) -> Iterator["SetEntry"]:
        return (self / name for name in self.set.folders.get(self.path, ()))

    def read_bytes(self) -> bytes:
        try:
            return self.set.files[self.path]
        except KeyError:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self)) from None

    def read_text(self, encoding: str) -> str:
        return self.read_bytes().decode(encoding).replace("\r\n", "\n").replace("\r", "\n")

    def __truediv__(self, name: str, /) -> "SetEntry":
        return SetEntry(set=self.set, path=f"{self.path}/{name}" if self.path else name)

    def __str__(self) -> str:
        return str(self.set.shown(self.path))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, SetEntry):
            return NotImplemented
        return self.path == other.path and self.set.files.get(self.path) == other.set.files.get(other.path)

    def __hash__(self) -> int:
        return hash(self.path)


def digest_of(manifest: Mapping[str, str]) -> str:
    """The SHA-256 of a manifest: of its lines "digest path", in the order of paths."""
    return hashlib.sha256("".join(f"{manifest[path]} {path}\n" for path in sorted(manifest)).encode()).hexdigest()


def inside(written: str) -> str | None:
    """A path seen from the home in its one spelling; None where it leads out of it, or is no path at all."""
    if not written or "\0" in written or PurePosixPath(written).is_absolute():
        return None
    path = posixpath.normpath(written)
    return None if path in (".", "..") or path.startswith("../") else path
