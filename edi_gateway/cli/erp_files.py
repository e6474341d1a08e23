"""`edi-gateway file`: the flat files that the ERP dropped or got, listed and shown; refused ones with every finding."""

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import click

from edi_gateway.cli.file_forms import convert, template
from edi_gateway.cli.files import write_result
from edi_gateway.cli.house import check_partner, opened_house
from edi_gateway.cli.options import home_option, json_option
from edi_gateway.cli.outcome import emit, end, facts, one_line, table
from edi_gateway.cli.shown import row_json
from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.states import FileState
from edi_gateway.ports.rows import ErpFile

_LONGEST = 500
_PAGE = 100


@click.group("file")
def file_commands() -> None:
    """List and show the ERP's flat files, those that were refused among them; make templates, and write a file in another form.

    \b
    Example:  edi-gateway file list --state refused --home ~/gateway
    """


for command in (template, convert):
    file_commands.add_command(command)


@file_commands.command("list")
@click.argument("text", required=False, default="")
@click.option("--partner", help="Only of this partner.")
@click.option(
    "--state", type=click.Choice([one.value for one in FileState]), metavar="STATE", help="Only those in this state, such as refused."
)
@click.option("--limit", type=click.IntRange(1, _LONGEST), default=50, show_default=True, help="How many at most, the newest first.")
@click.option("--before", type=int, metavar="ID", help="Only those older than this one: the next page.")
@home_option
@json_option
def list_files(text: str, partner: str | None, state: str | None, limit: int, before: int | None, home: Path, as_json: bool) -> None:
    """List the files from and to the ERP, the newest first. TEXT is the beginning of a file's name.

    \b
    Example:  edi-gateway file list order --home ~/gateway
    """
    with opened_house(home) as house:
        views = house.store.views

        def page(mark: int | None) -> tuple[ErpFile, ...]:
            return views.erp_files(partner=partner, text=text, before=mark, limit=_PAGE)

        found = list(islice((one for one in _all(page, before) if state is None or one.state == state), limit + 1))
        check_partner(house, partner, found)
    shown, more = found[:limit], found[limit:]
    mark = shown[-1].id if more else None
    if as_json:
        emit({"files": [row_json(one) for one in shown], "before": mark})
        return
    table(("id", "time (UTC)", "", "partner", "name", "layout", "state", "findings"), map(_cells, shown))
    if mark is not None:
        click.echo(f"There are older ones: --before {mark}", err=True)


def _all(page: Callable[[int | None], tuple[ErpFile, ...]], before: int | None) -> Iterator[ErpFile]:
    """Every file, page by page, so that only as many are read as are wanted."""
    while found := page(before):
        yield from found
        before = found[-1].id


def _cells(row: ErpFile) -> tuple[object, ...]:
    created = f"{row.created_at:%Y-%m-%d %H:%M:%S}"
    return row.id, created, row.direction.value, row.partner, row.name, row.layout, row.state.value, len(row.faults) or None


@file_commands.command()
@click.argument("number", type=int, metavar="ID")
@click.option("--content", is_flag=True, help="Write the file's own bytes to standard output instead.")
@home_option
@json_option
def show(number: int, content: bool, home: Path, as_json: bool) -> None:
    """Show one file: its state, what became of each document in it, and every finding with line and column.

    \b
    Example:  edi-gateway file show 17 --home ~/gateway
    """
    with opened_house(home) as house:
        try:
            with house.store.read() as unit:
                row = unit.erp_files.get(number)
        except KeyError:
            raise Faulty([Fault.of("CFG-FILE-UNKNOWN", value=str(number))]) from None
        if content:
            write_result(None, house.store.views.payload(row.content) if row.content else b"")
            end(0)
    if as_json:
        emit(row_json(row))
    else:
        _print(row)


def _print(row: ErpFile) -> None:
    facts(
        (
            ("file", row.id),
            ("name", row.name),
            ("direction", row.direction.value),
            ("state", row.state.value),
            ("partner", row.partner),
            ("layout", row.layout),
            ("time", f"{row.created_at:%Y-%m-%d %H:%M:%S} UTC"),
            ("path", row.path),
        )
    )
    for one in row.result.get("documents", ()):
        click.echo(one_line(_document_words(one)))
    for fault in row.faults:
        click.echo(one_line(fault.line()))


def _document_words(one: Mapping[str, Any]) -> str:
    said = f"{one['document'] or 'document'} {one['number'] or ''}".rstrip()
    message = f", message {one['message']}" if one.get("message") else ""
    return f"{said}: {one['result']}{message}"
