"""`edi-gateway map`: documents read into records, records written as documents, and maps looked over, tried, explained and compared."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from edi_gateway import flatfile, x12
from edi_gateway.bootstrap import Terms, read_terms
from edi_gateway.cli.files import write_result
from edi_gateway.cli.mapdocuments import CSV, FLAT, documents_of, map_of, table_of
from edi_gateway.cli.mapexplain import explain
from edi_gateway.cli.mapnew import new
from edi_gateway.cli.mapreplay import replay
from edi_gateway.cli.maptrials import coverage, diff, try_map
from edi_gateway.cli.options import json_option, moment, now_option, out_option, own_files_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, code_of, counted, emit, end, one_line, tell
from edi_gateway.cli.records import records_of
from edi_gateway.cli.schemas import guides_of
from edi_gateway.cli.writing import as_x12
from edi_gateway.faults import Fault, Faulty, Severity
from edi_gateway.mapping import Map
from edi_gateway.mapping.lint import lint_map
from edi_gateway.marked import nearest
from edi_gateway.records import Record, to_json
from edi_gateway.services.guided import lint_agreement, lint_guided
from edi_gateway.services.shelf import Aliases, Shelf, shelf_of


@click.group("map")
def maps() -> None:
    """Read and write documents through a map: X12 or the ERP's file on one side, a record as JSON on the other; look maps over, try them.

    MAP is a map's name, such as x12/004010/850 or flat/order, or a file that holds one.

    \b
    Example:  edi-gateway map read x12/004010/850 samples/x12/850.edi
    """


for command in (try_map, explain, diff, coverage, replay, new):
    maps.add_command(command)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """One document of a file: its record, None where it could not be read, and what was found in it."""

    name: str
    record: Record | None
    faults: tuple[Fault, ...]

    @property
    def is_good(self) -> bool:
        return self.record is not None and not any(fault.severity is Severity.ERROR for fault in self.faults)


@maps.command()
@click.argument("map_name", metavar="MAP")
@click.argument("file", metavar="FILE")
@click.option("--mode", type=click.Choice([mode.value for mode in x12.Mode]), default="strict", show_default=True, help="For X12.")
@own_files_option
@out_option
@json_option
def read(map_name: str, file: str, mode: str, home: Path | None, out: Path | None, as_json: bool) -> None:
    """Read a file's documents into records: one as a JSON object, several as a list of them.

    Faults stand on standard error; with --json they stand beside each record. What is rejected is not read.

    \b
    Example:  edi-gateway map read flat/order samples/erp/order.csv
    """
    shelf = shelf_of(home)
    used = map_of(shelf, map_name)
    found = list(_read(shelf, used, file, x12.Rules(mode=x12.Mode(mode))))
    if as_json:
        emit({"map": used.name, "documents": [_as_json(one) for one in found], "faults": sum(len(one.faults) for one in found)})
    else:
        tell(fault for one in found for fault in one.faults)
        records = [to_json(one.record) for one in found if one.record is not None]
        if records:
            text = json.dumps(records[0] if len(found) == 1 else records, indent=2, ensure_ascii=False)
            write_result(out, text.encode() + b"\n")
    end(GOOD if all(one.is_good for one in found) else FINDINGS)


def _read(shelf: Shelf, used: Map, file: str, rules: x12.Rules) -> Iterator[ReadDocument]:
    for one in documents_of(shelf, used, file, rules):
        if one.tree is None:
            yield ReadDocument(name=one.name, record=None, faults=one.faults)
            continue
        read = used.read(one.tree)
        yield ReadDocument(name=one.name, record=read.record, faults=(*one.faults, *map(one.locate, read.faults)))


def _as_json(one: ReadDocument) -> dict[str, Any]:
    return {
        "document": one.name,
        "record": to_json(one.record) if one.record is not None else None,
        "faults": [fault.as_json() for fault in one.faults],
    }


@maps.command()
@click.argument("map_name", metavar="MAP")
@click.argument("file", metavar="FILE")
@click.option("--sender", default="ZZ:SENDER", show_default=True, metavar="QUALIFIER:ID", help="Of the interchange, for X12.")
@click.option("--receiver", default="ZZ:RECEIVER", show_default=True, metavar="QUALIFIER:ID", help="Of the interchange, for X12.")
@click.option("--control", type=click.IntRange(1, 999_999_999), default=1, show_default=True, help="ISA13, for X12.")
@click.option("--segments", "only_segments", is_flag=True, help="For X12: only the segments from ST to SE, without an interchange.")
@now_option
@own_files_option
@out_option
def write(
    map_name: str,
    file: str,
    sender: str,
    receiver: str,
    control: int,
    only_segments: bool,
    now: datetime | None,
    home: Path | None,
    out: Path | None,
) -> None:
    """Write records (JSON, as `map read` prints them) as X12 or as a flat file.

    X12 is written as a whole interchange marked as a test, so that it can be checked and read again. Nothing is sent.

    \b
    Example:  edi-gateway map write x12/004010/850 order.json --out order.edi
    """
    shelf = shelf_of(home)
    used = map_of(shelf, map_name)
    writings = [used.write(record) for record in records_of(file, used.record_type)]
    faults = [fault for one in writings for fault in one.faults]
    trees = [one.tree for one in writings if one.tree is not None]
    if len(trees) < len(writings):
        tell(faults)
        end(FINDINGS)
    format_name, _, rest = used.shape.name.partition(" ")
    if format_name == FLAT:
        written = flatfile.write(trees, shelf.layout(rest))
        content, more = written.content or b"", written.faults
    else:
        envelope = x12.Envelope(
            **_party("sender", sender),
            **_party("receiver", receiver),
            control_number=str(control),
            at=moment(now),
            release=rest.split()[0],
            version=f"{rest[:5]}",
            usage="T",
            delimiters=x12.Delimiters(line_end="\n"),
        )
        content, more = as_x12(trees, rest.split()[1], envelope, shelf.library, only_segments=only_segments)
    tell((*faults, *more))
    if content:
        write_result(out, content)
    end(FINDINGS if more or faults else GOOD)


@maps.command()
@click.argument("map_names", nargs=-1, metavar="[MAP]...")
@click.option("--guide", metavar="GUIDE", help="Hold the maps to a partner's guide as well: a name, or a file.")
@click.option("--partner", metavar="PARTNER", help="The maps of this partner's agreements, each with its tables and guide; needs --home.")
@own_files_option
@json_option
def lint(map_names: tuple[str, ...], guide: str | None, partner: str | None, home: Path | None, as_json: bool) -> None:
    """Look maps over without running them: what keeps them from compiling, and what makes little sense.

    All maps and tables where none is named. With a guide it is also told which of its codes a table does not have, which code, segment or
    element would be written that it does not take, and what it requires and no row writes.

    A file that ends in .csv is looked over as a table. Each finding is a line with file, line and column. Notes alone are good.

    \b
    Example:  edi-gateway map lint maps/x12/004010/850.yaml
              edi-gateway map lint amazon/855 --guide amazon/retail-855
    """
    shelf = shelf_of(home)
    if partner is not None:
        if map_names or guide or home is None:
            raise click.UsageError("--partner stands alone, with --home: the partner's agreements name maps, tables and guides.")
        names, faults = _of_partner(read_terms(home), partner)
    elif guide is not None and not map_names:
        raise click.UsageError("Name the map that the guide is for.")
    else:
        names = map_names or (*shelf.map_names(), *(f"tables/{name}.csv" for name in shelf.table_names()))
        guides = guides_of([guide] if guide else (), home, shelf.library)
        faults = [fault for name in names for fault in _linted(shelf, name, guides)]
    if as_json:
        emit({"maps": list(names), "faults": [fault.as_json() for fault in faults]})
    else:
        for fault in faults:
            click.echo(f"{fault.severity.value:<7}  {one_line(fault.line())}")
        counts = [counted(sum(fault.severity is one for fault in faults), one.value) for one in Severity]
        tables = sum(name.endswith(CSV) for name in names)
        held = [counted(count, word) for count, word in ((len(names) - tables, "map"), (tables, "table")) if count]
        click.echo(f"{' and '.join(held)}: {', '.join(counts)}")
    end(code_of(faults))


def _of_partner(terms: Terms, key: str) -> tuple[tuple[str, ...], list[Fault]]:
    """The maps of a partner's agreements and what is found in them. Errors: Faulty where there is no such partner."""
    partner = terms.book.partner(key)
    if partner is None:
        hint = nearest(key, [one.key for one in terms.book.partners])
        raise Faulty([Fault.of("CFG-PARTNER-UNKNOWN", value=key, hint=hint)])
    names: dict[str, None] = {}
    found: dict[Fault, None] = {}
    for agreement in partner.agreements:
        for name in (agreement.map, agreement.erp_map):
            names[name] = None
            found |= dict.fromkeys(_linted(terms.shelf, name, tables=agreement.tables))
        found |= dict.fromkeys(lint_agreement(terms.shelf, agreement))
    return tuple(names), list(found)


def _linted(shelf: Shelf, name: str, guides: Iterable[x12.Guide] = (), tables: Aliases = ()) -> tuple[Fault, ...]:
    """The findings of one map or table. Errors: Faulty where there is no such map or table."""
    if name.endswith(CSV):
        return table_of(shelf, name).faults
    try:
        used = map_of(shelf, name, tables)
        return (*lint_map(used), *(fault for guide in guides for fault in lint_guided(used, guide)))
    except Faulty as faulty:
        if not all(fault.code.startswith("MAP-") for fault in faulty.faults):
            raise
        return faulty.faults


def _party(role: str, written: str) -> dict[str, Any]:
    """An envelope's sender or receiver from `QUALIFIER:ID`. Errors: click's usage error for anything else."""
    qualifier, colon, name = written.partition(":")
    if not colon or len(qualifier) != 2 or not 2 <= len(name) <= 15:
        raise click.BadParameter("write it as ZZ:NAME, the name of 2 to 15 characters.", param_hint=f"--{role}")
    return {f"{role}_qualifier": qualifier, role: name, f"group_{role}": name}
