"""Options that several commands share, and how a command takes its example."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from edi_gateway.faults import Fault, Faulty

F = TypeVar("F", bound=Callable[..., Any])
HOME_VARIABLE = "EDI_GATEWAY_HOME"


def home_option(command: F) -> F:
    """`--home HOME`, or the environment's EDI_GATEWAY_HOME, or the folder one stands in."""
    return click.option(
        "--home",
        type=HomeFolder(),
        envvar=HOME_VARIABLE,
        default=Path(),
        show_default="the folder you stand in",
        help=f"The gateway's home, as `init` made it (or set {HOME_VARIABLE}).",
    )(command)


def own_files_option(command: F) -> F:
    """`--home HOME` where it only gives maps and schemas: not needed, and no settings are read."""
    return click.option(
        "--home",
        type=HomeFolder(must_be_there=True),
        envvar=HOME_VARIABLE,
        help="A home whose own maps and schemas go before the shipped ones.",
    )(command)


def json_option(command: F) -> F:
    """`--json`: the result as JSON on standard output."""
    return click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")(command)


def out_option(command: F) -> F:
    """`--out FILE`: where the result goes; standard output where it is not given."""
    return click.option("--out", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")(command)


def now_option(command: F) -> F:
    """`--now TIME`: the time to go by; the machine's where it is not given."""
    return click.option("--now", type=Moment(), help="The time to go by, as 2026-03-02T09:00:00Z; by default this machine's.")(command)


def reason_option(words: str, *, required: bool = True) -> Callable[[F], F]:
    """`--reason TEXT`: why a person does this. Blanks are refused, also where it may be left out."""
    return click.option("--reason", type=Reason(), required=required, help=words)


class HomeFolder(click.ParamType[Path]):
    """A home's folder; a file in its place is told with a code, and so is its absence where nothing asks for settings there."""

    name = "directory"

    def __init__(self, must_be_there: bool = False) -> None:
        self._must_be_there = must_be_there

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        if not str(value).strip():
            raise Faulty([Fault.of("CFG-HOME-NONE", value='""', reason="no folder is named")])
        folder = Path(value)
        if folder.exists() and not folder.is_dir():
            raise Faulty([Fault.of("CFG-HOME-NONE", value=str(folder), reason="it is a file")])
        if self._must_be_there and not folder.exists():
            raise Faulty([Fault.of("CFG-HOME-NONE", value=str(folder), reason="there is no such folder")])
        return folder


class Reason(click.ParamType[str]):
    """Words that say why; blanks are none."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        words = str(value).strip()
        if not words:
            self.fail("Say why: it is kept for those who look later.", param, ctx)
        return words


class Moment(click.ParamType[datetime]):
    """A time as ISO 8601 writes it. Without a zone it is UTC; a date alone is its midnight."""

    name = "time"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is not a time; write it as 2026-03-02T09:00:00Z.", param, ctx)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


class Span(click.ParamType[timedelta]):
    """A length of time with its unit: 30m, 24h, 7d."""

    name = "span"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        if isinstance(value, timedelta):
            return value
        found = re.fullmatch(r"([0-9]{1,5})([smhdw])", str(value))
        if found is None:
            self.fail(f"{value!r} is not a length of time; write it as 30m, 24h or 7d.", param, ctx)
        return timedelta(seconds=int(found[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}[found[2]])


def moment(now: datetime | None) -> datetime:
    """The time that was given, or this machine's."""
    return now or datetime.now(UTC)
