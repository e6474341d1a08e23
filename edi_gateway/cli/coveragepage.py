"""The reference page that says how much of the samples each shipped map covers; `python -m edi_gateway.cli.coveragepage` writes it.

It tries the maps as `edi-gateway map test` does.
"""

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from edi_gateway import x12
from edi_gateway.assets import shipped
from edi_gateway.cli.mapdocuments import FLAT, documents_of
from edi_gateway.mapping import Case, Map, Trial, try_cases
from edi_gateway.services.shelf import Shelf, shelf_of

PAGE = Path("docs/reference/map-coverage.md")
GOLDEN = ".json"
"""What the names of golden records end in; they stand beside their samples."""
INTRO = """\
# What the maps cover

Every shipped map, tried on the samples of its document in `samples/`: read, written, and read again. *Elements* are those that stand
in the samples, and how many of them rows of the map read; what no row reads is told of every document that has it (`MAP-407`), and the
agreement says whether that holds it. *Rows* are those of the map that read, and how many of them the samples use. A map without a
sample is held by the laws alone, which try every map on made-up records.

`edi-gateway map coverage MAP FILE` says the same of your partner's documents, element by element.

| map | record | samples | elements read | rows used | comes back |
|---|---|---|---|---|---|
"""
END = "\nMade by `python -m edi_gateway.cli.coveragepage`; do not change it by hand.\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One map and what the samples made of it."""

    map: Map
    samples: tuple[str, ...]
    trial: Trial

    def cells(self) -> Iterator[str]:
        trial = self.trial
        yield f"`{self.map.name}`"
        yield self.map.definition.record
        yield ", ".join(f"`{name}`" for name in self.samples) or "none"
        yield f"{trial.elements_read} of {trial.elements}" if self.samples else ""
        yield f"{trial.rows - len(trial.idle)} of {trial.rows}" if self.samples else ""
        yield ("yes" if trial.ok else "no") if self.samples else ""


def lines(shelf: Shelf, samples: Path) -> Iterator[Line]:
    """Every shipped map, in the order of names."""
    for name in shelf.map_names():
        used = shelf.map(name)
        kind, _, rest = used.shape.name.partition(" ")
        if kind == FLAT:
            forms = {layout.name for layout in shelf.layouts() if layout.shape.name == used.shape.name}
            files = [path for path in (samples / "erp").iterdir() if path.stem in forms and path.suffix != GOLDEN]
        else:
            release, set_id = rest.split()
            folder = samples / "maps" / ("" if name.startswith("x12/") else name.partition("/")[0])
            files = [path for path in folder.glob(f"{set_id}*.edi") if _release(path) == release]
        files.sort()
        documents = [one for path in files for one in documents_of(shelf, used, str(path), x12.Rules())]
        trial = try_cases(used, [Case(name=one.name, tree=one.tree) for one in documents if one.tree is not None])
        yield Line(map=used, samples=tuple(path.relative_to(samples).as_posix() for path in files), trial=trial)


def _release(path: Path) -> str:
    """GS08 of an interchange's first group."""
    group = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("GS*"))
    return group.rstrip("~").split("*")[8]


def page() -> str:
    """The whole page. Errors: ValueError where the samples are not there."""
    samples = shipped("samples")
    if samples is None:
        raise ValueError("there are no samples")
    rows = (f"| {' | '.join(line.cells())} |\n" for line in lines(shelf_of(None), samples))
    return INTRO + "".join(rows) + END


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.exit(0)
