"""`edi-gateway schema`: X12 schemas, partners' guides and flat-file layouts, checked before they are used."""

from collections.abc import Iterator
from pathlib import Path

import click

from edi_gateway import flatfile, x12
from edi_gateway.cli.options import json_option, own_files_option
from edi_gateway.cli.outcome import UNUSABLE, code_of, counted, emit, end, one_line, table
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.services.shelf import Shelf, shelf_of

_LAYOUT = "document:"
"""The key that every layout has and no guide."""


@click.group()
def schema() -> None:
    """Check and list X12 schemas, partners' guides and flat-file layouts.

    \b
    Example:  edi-gateway schema check --home ~/gateway
    """


@schema.command()
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[FILE]...")
@own_files_option
@json_option
def check(files: tuple[Path, ...], home: Path | None, as_json: bool) -> None:
    """Check guides and layouts in FILEs, or every schema, guide and layout that is found where none is named.

    A guide may only tighten the standard: a rule that loosens it is a finding at its line and column.

    \b
    Example:  edi-gateway schema check my-guide.yaml
    """
    shelf = shelf_of(home)
    checked = list(_of_files(shelf, files) if files else _of_all(shelf))
    faults = [fault for _, found in checked for fault in found]
    if as_json:
        emit({"checked": [name for name, _ in checked], "faults": [fault.as_json() for fault in faults]})
    else:
        for fault in faults:
            click.echo(one_line(fault.line()))
        click.echo(f"{counted(len(checked), 'file')} checked, {counted(len(faults), 'finding')}")
    end(UNUSABLE if any(not file.is_file() for file in files) else code_of(faults))


@schema.command("list")
@own_files_option
@json_option
def list_schemas(home: Path | None, as_json: bool) -> None:
    """List the X12 sets of each release, the guides and the layouts, the home's before the shipped ones.

    \b
    Example:  edi-gateway schema list
    """
    shelf = shelf_of(home)
    sets = {release: list(shelf.library.sets(release)) for release in shelf.library.releases()}
    if as_json:
        emit({"x12": sets, "guides": list(shelf.guide_names()), "layouts": list(shelf.layout_names())})
        return
    rows = [(f"X12 {release}", " ".join(found)) for release, found in sets.items()]
    table(("kind", "names"), [*rows, ("guides", " ".join(shelf.guide_names())), ("layouts", " ".join(shelf.layout_names()))])


def _of_files(shelf: Shelf, files: tuple[Path, ...]) -> Iterator[tuple[str, tuple[Fault, ...]]]:
    for file in files:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as wrong:
            yield str(file), (Fault.of("CFG-UNREADABLE", Place(file=str(file)), reason=getattr(wrong, "strerror", None) or wrong),)
            continue
        is_layout = any(line.startswith(_LAYOUT) for line in text.splitlines())
        found = (
            flatfile.load_layout(text, file=str(file)).faults if is_layout else x12.load_guide(text, shelf.library, file=str(file)).faults
        )
        yield str(file), found


def _of_all(shelf: Shelf) -> Iterator[tuple[str, tuple[Fault, ...]]]:
    library = shelf.library
    for release in library.releases():
        for set_id in library.sets(release):
            yield f"X12 {release} {set_id}", _faults_of(lambda release=release, set_id=set_id: library.set_schema(release, set_id))
    for name in shelf.guide_names():
        yield f"guide {name}", _faults_of(lambda name=name: shelf.guide(name))
    for name in shelf.layout_names():
        yield f"layout {name}", _faults_of(lambda name=name: shelf.layout(name))


def _faults_of(load: object) -> tuple[Fault, ...]:
    """What loading something finds."""
    assert callable(load)
    try:
        load()
    except Faulty as faulty:
        return faulty.faults
    return ()
