"""Where maps, schemas, layouts and guides are found: the operator's home first, then what the gateway ships.

What is shipped lies in the wheel as `edi_gateway/shipped/…`, and in a checkout (an editable install, too) beside the package.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edi_gateway.fileset import Entry

PACKAGE = Path(__file__).resolve().parent
FOLDERS = {
    "maps": "maps",
    "schemas": "schemas",
    "partners": "partners",
    "certs.example": "certs_example",
    "samples": "samples",
}
"""The checkout's folders that travel in the wheel, each with its name there: a package's name has no dot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assets:
    """The folders that are searched, the first that has a file wins.

    Shape:  `home` is a folder on the disk or the files of a revision; None for what is shipped alone.
    """

    home: Entry | None = None

    def roots(self, folder: str) -> tuple[Entry, ...]:
        """The folders of one name ("maps"), in the order they are searched; those that are there."""
        places = [shipped(folder)] if self.home is None else [self.home / folder, shipped(folder)]
        return tuple(place for place in places if place is not None and place.is_dir())

    def find(self, folder: str, name: str) -> Entry | None:
        """The file of a name below a folder, `find("schemas", "x12/004010/850.yaml")`; None where there is none."""
        parts = Path(name).parts
        if not parts or ".." in parts or Path(name).is_absolute():
            return None
        return next((path for root in self.roots(folder) if (path := root / name).is_file()), None)

    def names(self, folder: str, ending: str = ".yaml") -> dict[str, Entry]:
        """Every file of an ending below a folder by its name without it ("x12/004010/850"); the home's before the shipped."""
        found: dict[str, Entry] = {}
        for root in self.roots(folder):
            for name, path in files_below(root):
                if name.endswith(ending):
                    found.setdefault(name.removesuffix(ending), path)
        return dict(sorted(found.items()))


def shipped(folder: str) -> Path | None:
    """Where a shipped folder lies: in the installed package or in the checkout; None where it is in neither, or is a home's alone."""
    if folder not in FOLDERS:
        return None
    installed = PACKAGE / "shipped" / FOLDERS[folder]
    checkout = PACKAGE.parent / folder
    if installed.is_dir():
        return installed
    return checkout if (PACKAGE.parent / "setup.cfg").is_file() and checkout.is_dir() else None


def files_below(root: Entry, within: str = "") -> Iterator[tuple[str, Entry]]:
    """The files below a folder with their paths seen from it; those that are hidden, or in hidden folders, are nobody's."""
    for one in sorted(root.iterdir(), key=lambda entry: entry.name):
        if one.name.startswith("."):
            continue
        if one.is_dir():
            yield from files_below(one, f"{within}{one.name}/")
        elif one.is_file():
            yield f"{within}{one.name}", one
