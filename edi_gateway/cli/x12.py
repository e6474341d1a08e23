"""`edi-gateway x12`: X12 files checked, read aloud, acknowledged and reshaped, without a gateway."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from edi_gateway import x12
from edi_gateway.cli.acknowledging import Answering, When, acknowledgments
from edi_gateway.cli.checking import check
from edi_gateway.cli.files import content_of, shown, write_result
from edi_gateway.cli.options import json_option, moment, now_option, out_option, own_files_option
from edi_gateway.cli.outcome import code_of, emit, end, one_line, tell
from edi_gateway.cli.reshaping import diff, render, split
from edi_gateway.cli.schemas import charset_option, form_option, guide_option, guides_of, library_of, mode_option
from edi_gateway.faults import Faulty


@click.group("x12")
def x12_commands() -> None:
    """Check, inspect, acknowledge, compare, split and rewrite X12 files.

    \b
    Example:  edi-gateway x12 check orders.edi
    """


for one in (check, diff, split, render):
    x12_commands.add_command(one)


@x12_commands.command()
@click.argument("file", metavar="FILE")
@mode_option
@own_files_option
@json_option
def inspect(file: str, mode: str, home: Path | None, as_json: bool) -> None:
    """Show a file as a tree: every segment with its name, every element with its name and what its code means.

    \b
    Example:  edi-gateway x12 inspect samples/x12/850.edi
    """
    library = library_of(home)
    reading = x12.read(content_of(file), library, rules=x12.Rules(mode=x12.Mode(mode)))
    if not reading.interchanges:
        raise Faulty([fault.at(file=shown(file)) for fault in reading.faults])
    lines = x12.lines(reading, library)
    faults = list(reading.all_faults())
    if as_json:
        emit({"segments": [_line_json(line) for line in lines], "faults": [fault.as_json() for fault in faults]})
    else:
        for line in lines:
            for words in _line_words(line):
                click.echo(one_line(words))
        tell(reading.faults)
    end(code_of(faults))


def _line_words(line: x12.Line) -> Iterator[str]:
    indent = "  " * line.depth
    yield f"{indent}{line.text}" + (f"    {line.name}" if line.name else "")
    for element in line.elements:
        for one in element.components or (element,):
            meaning = f" ({one.meaning})" if one.meaning else ""
            yield f"{indent}    {one.designator:<8} {one.name or 'unknown element'}: {one.value.strip()}{meaning}"
    for fault in line.faults:
        yield f"{indent}  ! {fault.code}: {fault.message} {fault.fix}"


def _line_json(line: x12.Line) -> dict[str, Any]:
    return {
        "tag": line.tag,
        "name": line.name,
        "position": line.position or None,
        "loops": list(line.loops),
        "depth": line.depth,
        "offset": line.offset,
        "text": line.text,
        "elements": [_element_json(one) for one in line.elements],
        "faults": [fault.as_json() for fault in line.faults],
    }


def _element_json(one: x12.ElementLine) -> dict[str, Any]:
    shown_parts = {"designator": one.designator, "name": one.name, "value": one.value, "meaning": one.meaning}
    return {**shown_parts, "components": [_element_json(part) for part in one.components]} if one.components else shown_parts


@x12_commands.command()
@click.argument("file", metavar="FILE")
@form_option
@click.option(
    "--detail",
    type=click.Choice([one.value for one in x12.Detail]),
    default=x12.Detail.EVERY_SET.value,
    show_default=True,
    help="Which sets the acknowledgment speaks of.",
)
@click.option(
    "--ta1",
    "when",
    type=click.Choice([one.value for one in When]),
    default=When.OWED.value,
    show_default=True,
    help="Whether a TA1 goes with it: owed is where ISA14 asks for one or the interchange is rejected.",
)
@click.option("--control", type=click.IntRange(1, 999_999_999), default=1, show_default=True, help="ISA13 of the first that is written.")
@mode_option
@charset_option
@guide_option
@now_option
@own_files_option
@out_option
def ack(
    file: str,
    form: str,
    detail: str,
    when: str,
    control: int,
    mode: str,
    charset: str,
    guides: tuple[str, ...],
    now: datetime | None,
    home: Path | None,
    out: Path | None,
) -> None:
    """Write the acknowledgment of a file: its 997 or 999, and a TA1 where one is owed, as an interchange back to its sender.

    What the file gets wrong stands in the acknowledgment, so it is no fault here; `x12 check` tells it in words.

    \b
    Example:  edi-gateway x12 ack samples/x12/850.edi --out 997.edi
    """
    library = library_of(home)
    rules = x12.Rules(mode=x12.Mode(mode), charset=x12.Charset(charset), guides=guides_of(guides, home, library))
    reading = x12.read(content_of(file), library, rules=rules)
    if not reading.interchanges:
        raise Faulty([fault.at(file=shown(file)) for fault in reading.faults])
    tell(reading.faults)
    how = Answering(form=x12.Form(form), detail=x12.Detail(detail), when=When(when), first=control, at=moment(now))
    written = acknowledgments(reading.interchanges, library, how)
    if not written:
        click.echo(f"{shown(file)} holds nothing that is acknowledged.", err=True)
    else:
        write_result(out, written)
