"""`edi-gateway map test`, `explain`, `diff` and `coverage`: what a map does to documents, and what a change of it changes."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from edi_gateway import x12
from edi_gateway.assets import Assets
from edi_gateway.cli.files import STDIN, shown
from edi_gateway.cli.mapdocuments import Document, documents_of, map_of
from edi_gateway.cli.options import json_option, own_files_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, counted, emit, end, one_line, table, tell
from edi_gateway.cli.records import records_of
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.mapping import Case, CaseResult, Difference, Map, Origin, Trial, differences, try_cases
from edi_gateway.records import to_json
from edi_gateway.services.shelf import Shelf

_TOLERANT = x12.Rules(mode=x12.Mode.TOLERANT)
"""What a map makes of a document is of interest though a segment of it has a fault."""


@click.command("test")
@click.argument("map_name", metavar="MAP")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@own_files_option
@json_option
def try_map(map_name: str, files: tuple[str, ...], home: Path | None, as_json: bool) -> None:
    """Try a map on documents: each is read, compared with its golden record, written and read again.

    The golden record of order.edi is order.json beside it, as `map read` prints it; without one only the way back is tried. Exits with 1
    where a document cannot be read, differs from its golden record, or does not come back.

    \b
    Example:  edi-gateway map test x12/004010/850 samples/maps/850.edi
    """
    shelf = Shelf(Assets(home=home))
    used = map_of(shelf, map_name)
    refused, cases = _cases(shelf, used, files)
    trial = try_cases(used, cases)
    if as_json:
        emit({"map": trial.map, "cases": [_case_json(one) for one in trial.results], "refused": [fault.as_json() for fault in refused]})
    else:
        for one in trial.results:
            click.echo(one_line(_case_words(one)))
            for fault in one.faults:
                click.echo(f"  {one_line(fault.line())}")
        tell(refused)
        bad = sum(not one.ok for one in trial.results)
        click.echo(f"{counted(len(trial.results), 'document')}, {bad or 'none'} of them not as they should be")
    end(GOOD if trial.ok and not refused else FINDINGS)


def _cases(shelf: Shelf, used: Map, files: Iterable[str]) -> tuple[list[Fault], list[Case]]:
    """A case for each document that can be read, and the faults of those that are refused."""
    refused: list[Fault] = []
    cases: list[Case] = []
    for file in files:
        documents = list(documents_of(shelf, used, file, _TOLERANT))
        for one, golden in zip(documents, _golden(file, used, len(documents)), strict=True):
            if one.tree is None:
                refused += (fault.at(file=shown(file)) for fault in one.faults)
            else:
                cases.append(Case(name=f"{shown(file)}, {one.name}", tree=one.tree, record=golden))
    return refused, cases


def _golden(file: str, used: Map, count: int) -> list[dict[str, Any] | None]:
    """The golden records beside a file, one for each document. Errors: Faulty where there are more or fewer."""
    beside = Path(file).with_suffix(".json")
    if file == STDIN or not beside.is_file() or beside == Path(file):
        return [None] * count
    records = records_of(str(beside), used.record_type)
    if len(records) != count:
        reason = f"it holds {counted(len(records), 'record')} for {counted(count, 'document')}"
        raise Faulty([Fault.of("CFG-RECORD", Place(file=str(beside)), record=used.record_type.__name__, reason=reason)])
    return [to_json(one) for one in records]


def _case_words(one: CaseResult) -> str:
    problems = list(one.changes)
    if one.record is None:
        problems.append("it cannot be read")
    elif not one.returns:
        problems.append("written and read again it is another record")
    told = "; ".join(problems) or f"good, {one.elements_read} of {one.elements} elements read"
    return f"{one.name}: {told}"


def _case_json(one: CaseResult) -> dict[str, Any]:
    told = {"document": one.name, "ok": one.ok, "changes": list(one.changes), "returns": one.returns}
    counts = {"elements": one.elements, "elements_read": one.elements_read}
    return {**told, **counts, "faults": [fault.as_json() for fault in one.faults]}


@click.command()
@click.argument("map_name", metavar="MAP")
@click.argument("file", metavar="FILE")
@click.option("--field", metavar="PATH", help="Only this field, such as lines[2].quantity, and what is below it.")
@own_files_option
@json_option
def explain(map_name: str, file: str, field: str | None, home: Path | None, as_json: bool) -> None:
    """Say of every field where it comes from: the segment and element of the document, and the row of the map that reads it.

    \b
    Example:  edi-gateway map explain x12/004010/850 samples/maps/850.edi --field lines[2].quantity
    """
    shelf = Shelf(Assets(home=home))
    used = map_of(shelf, map_name)
    documents = list(documents_of(shelf, used, file, _TOLERANT))
    tell(fault for one in documents if one.tree is None for fault in one.faults)
    explained = [(one, [origin for origin in used.explain_read(one.tree) if _is_wanted(origin, field)]) for one in documents if one.tree]
    if as_json:
        emit(
            {"map": used.name, "documents": [{"document": one.name, "fields": list(map(_origin_json, found))} for one, found in explained]}
        )
    else:
        for one, found in explained:
            if len(explained) > 1:
                click.echo(one.name)
            table(("field", "value", "from", "segment", "row of the map"), map(_origin_cells, found))
    end(GOOD if explained and len(explained) == len(documents) else FINDINGS)


def _is_wanted(origin: Origin, field: str | None) -> bool:
    return field is None or origin.field == field or origin.field.startswith((f"{field}.", f"{field}["))


def _designator(origin: Origin) -> str:
    return f"{origin.segment}{origin.element:02}" + (f"-{origin.component}" if origin.component else "")


def _origin_cells(origin: Origin) -> tuple[object, ...]:
    return origin.field, origin.value, _designator(origin), origin.position, origin.row.words()


def _origin_json(origin: Origin) -> dict[str, Any]:
    where = {"segment": origin.segment, "element": origin.element, "component": origin.component, "position": origin.position}
    return {"field": origin.field, "value": origin.value, **where, "offset": origin.offset, "row": origin.row.known()}


@click.command()
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="NEW")
@own_files_option
@json_option
def diff(old: str, new: str, home: Path | None, as_json: bool) -> None:
    """Say what changes from one map to another by meaning: rows, tables and equations. Order, spelling and comments do not count.

    Exits with 1 where anything differs.

    \b
    Example:  edi-gateway map diff x12/004010/850 amazon/850
    """
    shelf = Shelf(Assets(home=home))
    found = differences(map_of(shelf, old), map_of(shelf, new))
    if as_json:
        emit({"differences": [_difference_json(one) for one in found]})
    else:
        for one in found:
            click.echo(one_line(one.words()))
        click.echo(counted(len(found), "difference"))
    end(FINDINGS if found else GOOD)


def _difference_json(one: Difference) -> dict[str, Any]:
    return {"change": one.change.value, "subject": one.subject, "before": one.before, "after": one.after, "place": one.place.known()}


@click.command()
@click.argument("map_name", metavar="MAP")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@own_files_option
@json_option
def coverage(map_name: str, files: tuple[str, ...], home: Path | None, as_json: bool) -> None:
    """Say how much of the documents a map reads: every element that no row reads, and every row that no document uses.

    Exits with 1 where an element is not read.

    \b
    Example:  edi-gateway map coverage x12/004010/850 samples/maps/850.edi
    """
    shelf = Shelf(Assets(home=home))
    used = map_of(shelf, map_name)
    documents = [(file, one) for file in files for one in documents_of(shelf, used, file, _TOLERANT)]
    trial = try_cases(used, [Case(name=one.name, tree=one.tree) for _, one in documents if one.tree is not None])
    unread = [fault.at(file=shown(file)) for file, one in documents for fault in _unread(used, one)]
    if as_json:
        emit({**_coverage_json(trial), "unread": [fault.as_json() for fault in unread]})
    else:
        for fault in unread:
            click.echo(one_line(fault.line()))
        if trial.idle:
            click.echo(f"Rows that no document uses: {', '.join(trial.idle)}")
        click.echo(f"{trial.elements_read} of {trial.elements} elements read, {trial.rows - len(trial.idle)} of {trial.rows} rows used")
    end(FINDINGS if unread else GOOD)


def _unread(used: Map, one: Document) -> Iterator[Fault]:
    if one.tree is None:
        yield from one.faults
    else:
        yield from map(one.locate, used.unread(one.tree))


def _coverage_json(trial: Trial) -> dict[str, Any]:
    counts = {"elements": trial.elements, "elements_read": trial.elements_read}
    return {"map": trial.map, **counts, "rows": trial.rows, "idle": list(trial.idle)}
