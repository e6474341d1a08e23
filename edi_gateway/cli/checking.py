"""`edi-gateway x12 check`: files judged as the standard, and where it is wanted a partner's guide, has it."""

from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Protocol

import click

from edi_gateway import x12
from edi_gateway.cli.files import chunks_of, shown
from edi_gateway.cli.findings import JsonFindings, Judging, Tally, faults_of
from edi_gateway.cli.options import json_option, own_files_option
from edi_gateway.cli.outcome import UNUSABLE, emit, end, one_line, tell
from edi_gateway.cli.schemas import charset_option, form_option, guide_option, guides_of, library_of, mode_option
from edi_gateway.cli.second import Second
from edi_gateway.faults import Fault, Faulty


@click.command()
@click.argument("files", nargs=-1, required=True, metavar="FILE...")
@mode_option
@charset_option
@guide_option
@form_option
@click.option("--second-opinion", is_flag=True, help="Ask pyx12, too, and say where it differs. Slow; the exit code is ours alone.")
@own_files_option
@json_option
def check(
    files: tuple[str, ...],
    mode: str,
    charset: str,
    guides: tuple[str, ...],
    form: str,
    second_opinion: bool,
    home: Path | None,
    as_json: bool,
) -> None:
    """Judge files as the standard has it, one finding a line.

    Each line holds our code, the acknowledgment's code, the set, segment, loop, element, byte and value, what is wrong and what to do.
    A FILE that is - is standard input. A file that is no X12 at all, or cannot be read, exits with 2.

    \b
    Example:  edi-gateway x12 check samples/faulty/850.edi
              cat *.edi | edi-gateway x12 check --json -
    """
    library = library_of(home)
    rules = x12.Rules(mode=x12.Mode(mode), charset=x12.Charset(charset), guides=guides_of(guides, home, library))
    judging = Judging(rules=rules, form=x12.Form(form))
    telling: Telling = AsJson(judging) if as_json else AsLines(judging, is_named=len(files) > 1)
    code = 0
    with ExitStack() as stack:
        second = stack.enter_context(Second(library)) if second_opinion else None
        for name in files:
            code = max(code, _check(name, library, judging, telling, second))
    telling.end()
    end(code)


def _check(name: str, library: x12.Library, judging: Judging, telling: "Telling", second: Second | None) -> int:
    """Checks one file; its exit code. One that cannot be read keeps no other from being checked."""
    tally, file = Tally(judging), shown(name)
    try:
        for event in x12.stream(chunks_of(name), library, rules=judging.rules):
            tally.take(event)
            telling.take(event, file, second.opinion(event) if second and isinstance(event, x12.TransactionSet) else None)
    except Faulty as faulty:
        telling.unreadable(file, faulty.faults)
        return UNUSABLE
    telling.end_of(file, tally)
    return tally.exit_code


class Telling(Protocol):
    """A form that findings are told in."""

    def take(self, event: x12.Event, file: str, opinion: dict[str, Any] | None) -> None:
        """One event of a file's stream, with the second opinion on a set where there is one."""

    def unreadable(self, file: str, faults: Iterable[Fault]) -> None:
        """A file that cannot be read."""

    def end_of(self, file: str, tally: Tally) -> None:
        """A file was read to its end."""

    def end(self) -> None:
        """All files were."""


class AsLines:
    """Findings as lines, each as soon as it is known."""

    def __init__(self, judging: Judging, *, is_named: bool) -> None:
        self._judging = judging
        self._is_named = is_named

    def take(self, event: x12.Event, file: str, opinion: dict[str, Any] | None) -> None:
        named = file if self._is_named else None
        for fault in faults_of(event):
            click.echo(self._judging.line(fault, named))
        if opinion is not None and isinstance(event, x12.TransactionSet):
            where = f"{named}  " if named else ""
            click.echo(one_line(f"{where}pyx12 on set {event.set_id} {event.control}: {Second.words(opinion)}"))

    def unreadable(self, file: str, faults: Iterable[Fault]) -> None:
        tell(faults)

    def end_of(self, file: str, tally: Tally) -> None:
        click.echo(f"{one_line(file)}: {tally.words()}")

    def end(self) -> None:
        """Nothing is left to say."""


class AsJson:
    """Findings as one JSON object for all files."""

    def __init__(self, judging: Judging) -> None:
        self._found = JsonFindings(judging)

    def take(self, event: x12.Event, file: str, opinion: dict[str, Any] | None) -> None:
        self._found.take(event, file, {"second_opinion": opinion} if opinion is not None else {})

    def unreadable(self, file: str, faults: Iterable[Fault]) -> None:
        self._found.outside(file, faults)
        tell(faults)

    def end_of(self, file: str, tally: Tally) -> None:
        """What stood before an interchange that never came. The count stands at the end of all files."""
        self._found.end_of(file)

    def end(self) -> None:
        emit(self._found.as_json())
