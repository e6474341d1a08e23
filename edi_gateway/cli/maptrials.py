"""`edi-gateway map test`, `diff` and `coverage`: what a map does to documents, and what a change of it changes."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import click

from edi_gateway import x12
from edi_gateway.cli.files import STDIN, shown, write_result
from edi_gateway.cli.mapdocuments import Document, documents_of, map_of
from edi_gateway.cli.options import json_option, own_files_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, counted, emit, end, one_line, tell
from edi_gateway.cli.records import records_of
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.mapping import Case, CaseResult, Difference, Map, Rewritten, Trial, Why, differences, try_cases
from edi_gateway.records import to_json
from edi_gateway.services.shelf import Shelf, shelf_of

TOLERANT = x12.Rules(mode=x12.Mode.TOLERANT)
"""What a map makes of a document is of interest though a segment of it has a fault."""


@click.command("test")
@click.argument("map_name", metavar="MAP")
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@click.option("--update", is_flag=True, help="Write what is read now as the golden records; nothing is compared.")
@own_files_option
@json_option
def try_map(map_name: str, files: tuple[str, ...], update: bool, home: Path | None, as_json: bool) -> None:
    """Try a map on documents: each is read, compared with its golden record, written and read again.

    The golden record of order.edi is order.json beside it, as `map read` prints it; without one only the way back is tried: the record must
    come back, and so must every element that a row reads. Where the map says the same in other words, such as a total that is counted
    anew, the first such element is shown. Exits with 1 where a document cannot be read, differs from its golden record, or does not come
    back. --update writes golden records anew, and only where every document of the file can be read and comes back.

    \b
    Example:  edi-gateway map test x12/004010/850 samples/maps/850.edi
    """
    shelf = shelf_of(home)
    used = map_of(shelf, map_name)
    if update:
        end(_updated(shelf, used, files, as_json))
    refused, cases = _cases(shelf, used, files)
    trial = try_cases(used, cases)
    if as_json:
        emit({"map": trial.map, "cases": [_case_json(one) for one in trial.results], "refused": [fault.as_json() for fault in refused]})
    else:
        for one in trial.results:
            click.echo(one_line(_case_words(one)))
            for fault in one.faults:
                click.echo(f"  {one_line(fault.line())}")
            for words in _rewritten_words(one):
                click.echo(f"  {one_line(words)}")
        tell(refused)
        bad = sum(not one.ok for one in trial.results)
        click.echo(f"{counted(len(trial.results), 'document')}, {bad or 'none'} of them not as they should be")
    end(GOOD if trial.ok and not refused else FINDINGS)


def _updated(shelf: Shelf, used: Map, files: Iterable[str], as_json: bool) -> int:
    """Writes the golden records of files whose every document is good; the exit code."""
    written: list[dict[str, Any]] = []
    for file in files:
        documents = list(documents_of(shelf, used, file, TOLERANT))
        trial = try_cases(used, [Case(name=one.name, tree=one.tree) for one in documents if one.tree is not None])
        beside = _beside(file)
        good = beside is not None and trial.ok and len(trial.results) == len(documents)
        if beside is not None and good:
            records = [to_json(one.record) for one in trial.results if one.record is not None]
            text = json.dumps(records[0] if len(records) == 1 else records, indent=2, ensure_ascii=False) + "\n"
            change = "unchanged" if beside.is_file() and beside.read_text(encoding="utf-8") == text else "written"
            if change == "written":
                write_result(beside, text.encode())
        else:
            change = "not written: a document cannot be read or does not come back" if beside is not None else "not written: no file"
        written.append({"file": shown(file), "golden": str(beside) if beside is not None else None, "change": change})
        if not as_json:
            tell(fault for one in documents if one.tree is None for fault in one.faults)
            tell(fault for one in trial.results for fault in one.faults)
            click.echo(one_line(f"{beside or shown(file)}: {change}"))
    if as_json:
        emit({"map": used.name, "updates": written})
    return FINDINGS if any(one["change"].startswith("not") for one in written) else GOOD


def _beside(file: str) -> Path | None:
    """Where the golden records of a file stand; None where there can be none."""
    beside = Path(file).with_suffix(".json")
    return None if file == STDIN or beside == Path(file) else beside


def _cases(shelf: Shelf, used: Map, files: Iterable[str]) -> tuple[list[Fault], list[Case]]:
    """A case for each document that can be read, and the faults of those that are refused."""
    refused: list[Fault] = []
    cases: list[Case] = []
    for file in files:
        documents = list(documents_of(shelf, used, file, TOLERANT))
        for one, golden in zip(documents, _golden(file, used, len(documents)), strict=True):
            if one.tree is None:
                refused += (fault.at(file=shown(file)) for fault in one.faults)
            else:
                cases.append(Case(name=f"{shown(file)}, {one.name}", tree=one.tree, record=golden))
    return refused, cases


def _golden(file: str, used: Map, count: int) -> list[dict[str, Any] | None]:
    """The golden records beside a file, one for each document. Errors: Faulty where there are more or fewer."""
    beside = _beside(file)
    if beside is None or not beside.is_file():
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
    if not problems and one.breaches:
        told = f"written again it is another document, {one.elements_read} of {one.elements} elements read"
    return f"{one.name}: {told}"


def _rewritten_words(one: CaseResult) -> Iterator[str]:
    """Where a document is written otherwise: each breach, then the first of what is said in other words."""
    for breach in one.breaches:
        yield f"{_position(breach)}{breach.words()}"
    others = [other for other in one.rewritten if other.why is not Why.BREACH]
    if others:
        more = f", and {counted(len(others) - 1, 'other')} like it" if len(others) > 1 else ""
        yield f"{_position(others[0])}{others[0].words()}: {others[0].why}{more}"


def _position(one: Rewritten) -> str:
    return f"segment {one.place.position}, " if one.place.position else ""


def _rewritten_json(one: Rewritten) -> dict[str, Any]:
    said = {"segment": one.segment, "element": one.element or None, "before": one.before, "after": one.after}
    return {**said, "why": one.why.value, "breach": one.why is Why.BREACH, "place": one.place.known()}


def _case_json(one: CaseResult) -> dict[str, Any]:
    told = {"document": one.name, "ok": one.ok, "changes": list(one.changes), "returns": one.returns}
    counts = {"elements": one.elements, "elements_read": one.elements_read}
    again = [_rewritten_json(other) for other in one.rewritten]
    return {**told, **counts, "rewritten": again, "faults": [fault.as_json() for fault in one.faults]}


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
    shelf = shelf_of(home)
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
    shelf = shelf_of(home)
    used = map_of(shelf, map_name)
    documents = [(file, one) for file in files for one in documents_of(shelf, used, file, TOLERANT)]
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
