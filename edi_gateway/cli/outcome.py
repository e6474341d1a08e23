"""How commands end and speak: exit codes, faults as lines, results as JSON or as tables."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import click

from edi_gateway.faults import Fault, Severity

GOOD, FINDINGS, UNUSABLE, UNREACHABLE = 0, 1, 2, 3


def end(code: int) -> NoReturn:
    """Ends the command with an exit code."""
    raise click.exceptions.Exit(code)


def code_of(faults: Iterable[Fault]) -> int:
    """Findings where one of the faults is more than a note."""
    return FINDINGS if any(fault.severity is not Severity.NOTE for fault in faults) else GOOD


def tell(faults: Iterable[Fault]) -> None:
    """Each fault as one line on standard error: code, place, what is wrong, what to do."""
    for fault in faults:
        click.echo(one_line(fault.line()), err=True)


def one_line(words: str) -> str:
    """Words that hold somebody else's bytes, safe for a terminal: no line ends, no control characters."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in words)


def emit(value: Any) -> None:
    """A result as JSON on standard output, keys in the order they were given."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=not _is_unicode(), default=str))


def _is_unicode() -> bool:
    """Whether standard output can hold any character."""
    return (getattr(sys.stdout, "encoding", None) or "").lower().replace("-", "") == "utf8"


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table for people: fitted to a terminal; elsewhere every row is one line, however wide, so that it can be cut and searched."""
    cells = [[one_line("" if cell is None else str(cell)) for cell in row] for row in rows]
    if sys.stdout.isatty():
        _fitted(columns, cells)
        return
    widths = [max(map(len, column)) for column in zip(columns, *cells, strict=True)]
    for row in (columns, *cells):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _fitted(columns: Sequence[str], cells: Iterable[Sequence[str]]) -> None:
    from rich.console import Console  # a heavy import that only a terminal needs
    from rich.table import Table
    from rich.text import Text

    drawn = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in columns:
        drawn.add_column(name, overflow="fold")
    for row in cells:
        drawn.add_row(*map(Text, row))
    Console(highlight=False).print(drawn)


def facts(pairs: Iterable[tuple[str, object]]) -> None:
    """Names and values under each other; what is None or empty is left out."""
    shown = [(name, str(value)) for name, value in pairs if value is not None and value != ""]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        click.echo(f"{name:<{width}}  {one_line(value)}")


def counted(number: int, noun: str) -> str:
    """A number with its noun: "1 set", "2 sets"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
