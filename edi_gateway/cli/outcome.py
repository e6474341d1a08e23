"""How commands end and speak: exit codes, faults as lines, results as JSON or as tables."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import Any

import click

from edi_gateway.faults import Fault

GOOD, FINDINGS, UNUSABLE, UNREACHABLE = 0, 1, 2, 3


def tell(faults: Iterable[Fault]) -> None:
    """Each fault as one line on standard error: code, place, what is wrong, what to do."""
    for fault in faults:
        click.echo(fault.line(), err=True)


def emit(value: Any) -> None:
    """A result as JSON on standard output, keys in the order they were given."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False, default=str))


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str | None = None) -> None:
    """A table for people; plain where the output is not a terminal, so that it can be cut and searched."""
    from rich.console import Console  # a heavy import that `--json` and the small commands do without
    from rich.table import Table

    wide = None if sys.stdout.isatty() else 200
    drawn = Table(*columns, title=title, title_justify="left", header_style="bold", show_edge=False, pad_edge=False)
    for row in rows:
        drawn.add_row(*("" if cell is None else str(cell) for cell in row))
    Console(width=wide, highlight=False).print(drawn)
