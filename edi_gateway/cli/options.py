"""Options that several commands share."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

F = TypeVar("F", bound=Callable[..., Any])


def home_option(command: F) -> F:
    """`--home HOME`, or the environment's EDI_GATEWAY_HOME, or the folder one stands in."""
    return click.option(
        "--home",
        type=click.Path(file_okay=False, path_type=Path),
        envvar="EDI_GATEWAY_HOME",
        default=Path(),
        show_default="the folder you stand in",
        help="The gateway's home, as `init` made it (or set EDI_GATEWAY_HOME).",
    )(command)


def json_option(command: F) -> F:
    """`--json`: the result as JSON on standard output."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(command)
