"""The documents of a file as a map reads them: trees of transaction sets, or of the ERP's documents."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from edi_gateway import flatfile, x12
from edi_gateway.cli.files import content_of, shown
from edi_gateway.cli.outcome import counted, tell
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.mapping import LoadedReference, Map
from edi_gateway.services.shelf import Aliases, Shelf
from edi_gateway.tree import Loop

FLAT = "flat"
CSV = ".csv"


def _as_it_is(fault: Fault) -> Fault:
    return fault


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """One document of a file: its tree, None where it is refused, and what was found. `locate` gives a map's fault its place there."""

    name: str
    tree: Loop | None
    faults: tuple[Fault, ...]
    locate: Callable[[Fault], Fault] = _as_it_is


def map_of(shelf: Shelf, name: str, tables: Aliases = ()) -> Map:
    """The map of a name, or in a file, with an agreement's tables.

    Errors: Faulty where there is none, or with what keeps it from compiling.
    """
    path = Path(name)
    if path.suffix in (".yaml", ".yml"):
        if not path.is_file():
            raise Faulty([Fault.of("CFG-INPUT", Place(file=name), reason="there is no such file")])
        return shelf.compile(path, tables)
    return shelf.map(name, tables)


def table_of(shelf: Shelf, name: str) -> LoadedReference:
    """The cross-reference in a file, or the home's `tables/NAME.csv`. Errors: Faulty where there is none."""
    known = shelf.table(name.removeprefix("tables/").removesuffix(CSV)) if name.startswith("tables/") else None
    if known is not None:
        return known
    if not Path(name).is_file():
        raise Faulty([Fault.of("CFG-INPUT", Place(file=name), reason="there is no such file")])
    return shelf.table_in(Path(name))


def documents_of(shelf: Shelf, used: Map, file: str, rules: x12.Rules) -> Iterator[Document]:
    """The documents of a file that a map is for. Errors: Faulty where there is none."""
    content = content_of(file)
    if not content.strip():
        raise Faulty([Fault.of("CFG-INPUT-EMPTY", Place(file=shown(file)))])
    format_name, _, rest = used.shape.name.partition(" ")
    if format_name == FLAT:
        yield from _flat_documents(shelf, content, shelf.layout(rest), file)
    else:
        yield from _x12_documents(x12.read(content, shelf.library, rules=rules), rest.split()[1], file)


def _flat_documents(shelf: Shelf, content: bytes, layout: flatfile.Layout, file: str) -> Iterator[Document]:
    layout = _form_of(shelf, content, layout, file)
    reading = flatfile.read(content, layout, file=shown(file))
    if not reading.documents:
        raise Faulty(reading.faults or [Fault.of("CFG-NO-DOCUMENT", Place(file=shown(file)), "no document", wanted=layout.document)])
    tell(reading.faults)
    for one in reading.documents:
        name = f"lines {one.first_line} to {one.last_line}"
        if not one.ok:
            yield Document(name=name, tree=None, faults=one.faults)
            continue
        yield Document(name=name, tree=one.tree, faults=one.faults, locate=one.locate)


def _form_of(shelf: Shelf, content: bytes, layout: flatfile.Layout, file: str) -> flatfile.Layout:
    """The layout that a file is read by: the map's, or one of the same records in another form, such as XML.

    Errors: Faulty where a file is plainly another document, of whose every line the layout would complain.
    """
    recognised = flatfile.recognise(content, shelf.layouts(), file=file)
    held = recognised.document if isinstance(recognised, flatfile.Layout) else layout.document
    if content.lstrip().startswith(b"ISA"):
        held = "an X12 interchange"
    if held != layout.document:
        raise Faulty([Fault.of("CFG-NO-DOCUMENT", Place(file=shown(file)), held, wanted=layout.document)])
    if isinstance(recognised, flatfile.Layout) and recognised.shape.name == layout.shape.name:
        return recognised
    return layout


def _x12_documents(reading: x12.Reading, set_id: str, file: str) -> Iterator[Document]:
    held = [one for interchange in reading.interchanges for one in interchange.sets]
    fitting = [one for one in held if one.set_id == set_id]
    if not fitting:
        if not held and (faults := tuple(reading.all_faults())):
            raise Faulty([fault.at(file=shown(file)) for fault in faults])
        found = ", ".join(sorted({one.set_id for one in held})) or "no transaction set"
        raise Faulty([Fault.of("CFG-NO-DOCUMENT", Place(file=shown(file)), found, wanted=set_id)])
    if len(fitting) < len(held):
        click.echo(f"{counted(len(held) - len(fitting), 'other set')} left out.", err=True)
    tell(reading.faults)
    for interchange in reading.interchanges:
        tell(interchange.faults)
        for group in interchange.groups:
            tell(group.faults)
    for one in fitting:
        name = f"{one.set_id} {one.control}"
        if one.verdict is x12.Verdict.REJECTED:
            yield Document(name=name, tree=None, faults=one.faults)
            continue
        yield Document(name=name, tree=one.tree(), faults=one.faults, locate=one.locate)
