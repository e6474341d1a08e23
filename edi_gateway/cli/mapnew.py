"""`edi-gateway map new`: a first map for a partner, made from a sample of theirs."""

import re
from pathlib import Path

import click

from edi_gateway import flatfile, x12
from edi_gateway.cli.files import content_of, shown, write_result
from edi_gateway.cli.mapdocuments import FLAT, documents_of, map_of
from edi_gateway.cli.options import out_option, own_files_option
from edi_gateway.cli.outcome import GOOD, end, tell
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.mapping.sketch import sketch
from edi_gateway.marked import nearest
from edi_gateway.partners import documents
from edi_gateway.services.shelf import Shelf, shelf_of

_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*(?:/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*")
_TOLERANT = x12.Rules(mode=x12.Mode.TOLERANT)


@click.command()
@click.argument("name", metavar="NAME")
@click.option("--from", "samples", required=True, multiple=True, metavar="FILE", help="A sample; may be given several times.")
@click.option("--extends", "general", metavar="MAP", help="The map to begin with.  [default: the shipped one for the sample's document]")
@own_files_option
@out_option
def new(name: str, samples: tuple[str, ...], general: str | None, home: Path | None, out: Path | None) -> None:
    """Make a first map from samples: it extends a general one, and lists as comments what is open.

    Open is what the samples hold and no row reads, and which rows the samples never use. The text compiles as it stands: answer the
    questions, then try it with `map test` and put it into the home's maps folder.

    \b
    Example:  edi-gateway map new acme/850 --from samples/x12/850.edi --out acme-850.yaml
    """
    if not _NAME.fullmatch(name):
        raise Faulty([Fault.of("CFG-MAP-NAME", value=name)])
    shelf = shelf_of(home)
    used = map_of(shelf, general or _general(shelf, samples[0]))
    found = [one for sample in samples for one in documents_of(shelf, used, sample, _TOLERANT)]
    trees = [one.tree for one in found if one.tree is not None]
    if not trees:
        raise Faulty(fault for one in found for fault in one.faults)
    tell(fault for one in found if one.tree is None for fault in one.faults)
    write_result(out, sketch(name, used, trees).encode())
    end(GOOD)


def _general(shelf: Shelf, sample: str) -> str:
    """The name of the general map for what a sample holds first. Errors: Faulty where there is none."""
    content = content_of(sample)
    if not content.strip():
        raise Faulty([Fault.of("CFG-INPUT-EMPTY", Place(file=shown(sample)))])
    reading = x12.read(content, shelf.library, rules=_TOLERANT)
    for one in (one for interchange in reading.interchanges for one in interchange.sets):
        return documents.x12_map(one.release[:6], one.set_id)
    layout = flatfile.recognise(content, shelf.layouts(), file=sample)
    if not isinstance(layout, flatfile.Layout):
        raise Faulty([layout.at(file=shown(sample))])
    for candidate in shelf.map_names():
        if candidate.startswith(f"{FLAT}/") and shelf.map(candidate).shape.name == layout.shape.name:
            return candidate
    raise Faulty([Fault.of("STO-424", value=layout.shape.name, hint=nearest(layout.shape.name, shelf.map_names()))])
