"""`edi-gateway x12`: X12 files checked, read aloud and acknowledged, without a gateway."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from edi_gateway import x12
from edi_gateway.assets import Assets
from edi_gateway.cli.acknowledging import When, acknowledgments
from edi_gateway.cli.files import chunks_of, content_of, shown, write_result
from edi_gateway.cli.findings import FoundInterchange, Judging, Tally, gather, interchange_json, set_json
from edi_gateway.cli.options import json_option, moment, now_option, out_option, own_files_option
from edi_gateway.cli.outcome import UNUSABLE, code_of, emit, end, one_line, tell
from edi_gateway.faults import Faulty

_MODES = click.Choice([mode.value for mode in x12.Mode])
_FORMS = click.Choice([form.value for form in x12.Form])
mode_option = click.option(
    "--mode", type=_MODES, default="strict", show_default=True, help="tolerant: faults of segments and elements reject nothing."
)


@click.group("x12")
def x12_commands() -> None:
    """Check, inspect and acknowledge X12 files.

    \b
    Example:  edi-gateway x12 check orders.edi
    """


@x12_commands.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@mode_option
@click.option("--form", type=_FORMS, default="997", show_default=True, help="Whose codes are shown: AK304 of a 997, IK304 of a 999.")
@own_files_option
@json_option
def check(files: tuple[str, ...], mode: str, form: str, home: Path | None, as_json: bool) -> None:
    """Judge files as the standard has it, one finding a line.

    Each line holds our code, the acknowledgment's code, the set, segment, loop, element, byte and value, what is wrong and what to do.
    A FILE that is - is standard input. A file that is no X12 at all, or cannot be read, exits with 2.

    \b
    Example:  edi-gateway x12 check samples/x12/850.edi
              cat *.edi | edi-gateway x12 check --json -
    """
    judging = Judging(rules=x12.Rules(mode=x12.Mode(mode)), form=x12.Form(form))
    telling = _AsJson(judging) if as_json else _AsLines(judging, is_named=len(files) > 1)
    library = _library(home)
    code = 0
    for name in files:
        tally = Tally()
        try:
            for found in gather(x12.stream(chunks_of(name), library, rules=judging.rules)):
                tally.add(found, judging)
                telling.tell(found, shown(name))
        except Faulty as faulty:
            code = UNUSABLE
            if as_json:
                telling.tell(FoundInterchange(header=None, faults=faulty.faults), shown(name))
            tell(faulty.faults)
            continue
        telling.end_of(tally, shown(name))
        code = max(code, tally.exit_code)
    telling.end()
    end(code)


class _AsLines:
    """Findings as lines, each as soon as its interchange is read."""

    def __init__(self, judging: Judging, *, is_named: bool) -> None:
        self._judging = judging
        self._is_named = is_named

    def tell(self, found: FoundInterchange, file: str) -> None:
        named = file if self._is_named else None
        for _, fault in found.envelope_faults():
            click.echo(self._judging.line(fault, named))
        for one in found.sets:
            for fault in one.faults:
                click.echo(self._judging.line(fault, named))

    def end_of(self, tally: Tally, file: str) -> None:
        click.echo(f"{one_line(file)}: {tally.words()}")

    def end(self) -> None:
        """Nothing is left to say."""


class _AsJson:
    """Findings as one JSON object for all files."""

    def __init__(self, judging: Judging) -> None:
        self._judging = judging
        self._interchanges: list[dict[str, Any]] = []
        self._sets: list[dict[str, Any]] = []

    def tell(self, found: FoundInterchange, file: str) -> None:
        self._interchanges.append(interchange_json(found, file, self._judging))
        self._sets += (set_json(one, found, file, self._judging) for one in found.sets)

    def end_of(self, tally: Tally, file: str) -> None:
        """The count stands at the end of all files."""

    def end(self) -> None:
        count = sum(len(one["faults"]) for one in (*self._interchanges, *self._sets))
        emit({"interchanges": self._interchanges, "sets": self._sets, "faults": count})


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
    library = _library(home)
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
@click.option("--form", type=_FORMS, default="997", show_default=True, help="The acknowledgment of functional groups to write.")
@click.option(
    "--ta1",
    "when",
    type=click.Choice([one.value for one in When]),
    default=When.OWED.value,
    show_default=True,
    help="Whether a TA1 goes with it: owed is where ISA14 asks for one or the envelope has a fault.",
)
@click.option("--control", type=click.IntRange(1, 999_999_999), default=1, show_default=True, help="ISA13 of the first that is written.")
@mode_option
@now_option
@own_files_option
@out_option
def ack(file: str, form: str, when: str, control: int, mode: str, now: datetime | None, home: Path | None, out: Path | None) -> None:
    """Write the acknowledgment of a file: its 997 or 999, and a TA1 where one is owed, as an interchange back to its sender.

    What the file gets wrong stands in the acknowledgment, so it is no fault here; `x12 check` tells it in words.

    \b
    Example:  edi-gateway x12 ack samples/x12/850.edi --out 997.edi
    """
    library = _library(home)
    reading = x12.read(content_of(file), library, rules=x12.Rules(mode=x12.Mode(mode)))
    if not reading.interchanges:
        raise Faulty([fault.at(file=shown(file)) for fault in reading.faults])
    tell(reading.faults)
    written = acknowledgments(reading.interchanges, library, x12.Form(form), When(when), first=control, at=moment(now))
    if not written:
        click.echo(f"{shown(file)} holds nothing that is acknowledged.", err=True)
    else:
        write_result(out, written)


def _library(home: Path | None) -> x12.Library:
    return x12.Library(Assets(home=home).roots("schemas"))
