"""What one configuration says, read and checked: partners, keys, and the maps that agreements may name."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from edi_gateway.config import Settings, load_settings
from edi_gateway.faults import Fault
from edi_gateway.fileset import FileSet
from edi_gateway.partners.book import Book, load_book
from edi_gateway.partners.homefiles import FOLDERS, home_files
from edi_gateway.partners.identity import own_identity
from edi_gateway.partners.keyring import Keyring
from edi_gateway.services.shelf import Shelf, shelf_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """A configuration and what it means on this machine. `revision` is its number in the database, None where it has none."""

    settings: Settings
    files: FileSet
    shelf: Shelf
    book: Book
    keys: Keyring
    revision: int | None = None


def read_terms(home: Path) -> Terms:
    """What the files of a home say. Errors: Faulty where gateway.toml or our own keys are unusable; a partner's faults are in the book."""
    settings = load_settings(home)
    return terms_in(settings, settings.home)


def terms_in(settings: Settings, folder: Path) -> Terms:
    """What the files in another folder say for the gateway of these settings. Errors: as `read_terms`."""
    found = home_files(folder)
    return terms_of(settings, found.files, faults=found.faults)


def terms_of(
    settings: Settings, files: FileSet, *, faults: Iterable[Fault] = (), revision: int | None = None, like: Terms | None = None
) -> Terms:
    """What a configuration says. Errors: Faulty where our own keys are unusable.

    Shape:  `faults` were found when the files were gathered; what `like` compiled is used again where its maps and schemas are the same.
    """
    shelf = like.shelf if like is not None and _shelved(like.files) == _shelved(files) else shelf_of(files.entry())
    book = load_book(files, home=settings.home, known=shelf.known(), identity=own_identity(settings))
    book = replace(book, faults=(*faults, *book.faults))
    return Terms(settings=settings, files=files, shelf=shelf, book=book, keys=Keyring.read(book), revision=revision)


def _shelved(files: FileSet) -> dict[str, str]:
    return {path: digest for path, digest in files.manifest.items() if path.startswith(tuple(f"{folder}/" for folder in FOLDERS))}
