"""The reference page of the command line, made from the commands themselves."""

import re
from collections.abc import Iterator
from pathlib import Path

import click

from edi_gateway.cli.app import commands

PAGE = Path("docs/reference/cli.md")
_INTRO = """\
# The command line

`edi-gateway` is on the PATH of the virtual environment it is installed in. Every command has `--help`. Results go to standard output, what
is wrong to standard error, a line each: code, place, what is wrong, what to do. `-` as a file is standard input. With `--json` the result
is JSON whose names stay as they are from release to release.

| Exit code | Means |
|---|---|
| 0 | good |
| 1 | findings: what was looked at has faults, or was refused |
| 2 | unusable input, or a command that was called wrongly |
| 3 | not reachable: nobody answers, or a port or a home is taken |

`EDI_GATEWAY_HOME` names the home where `--home` is not given. Made from the commands in `edi_gateway/cli`; do not change it by hand.
"""


def walk(command: click.Command = commands, name: str = "edi-gateway") -> Iterator[tuple[str, click.Command, click.Context]]:
    """Every command and group, each with its full name and a context to ask it in."""
    context = click.Context(command, info_name=name, max_content_width=100, terminal_width=100)
    yield name, command, context
    if isinstance(command, click.Group):
        for one in command.list_commands(context):
            below = command.get_command(context, one)
            assert below is not None
            yield from walk(below, f"{name} {one}")


def example(command: click.Command) -> str:
    """The example in a command's help, "" where there is none."""
    _, _, shown = (command.help or "").partition("Example:")
    return "\n".join(line.strip() for line in shown.replace("\b", "").strip().splitlines())


def cli_page() -> str:
    """The reference page of every command."""
    return "\n".join([_INTRO, *(_section(*one) for one in walk() if one[1] is not commands)])


def _section(name: str, command: click.Command, context: click.Context) -> str:
    words, _, _ = (command.help or "").partition("\b")
    paragraphs = [" ".join(one.split()) for one in words.split("\n\n")]
    lines = [f"## {name}", "", *(f"{one}\n" for one in paragraphs if one)]
    if isinstance(command, click.Group):
        return "\n".join(lines)
    lines += ["```console", f"$ {name} {' '.join(command.collect_usage_pieces(context))}", "```", ""]
    rows = [_row(one, context) for one in command.params if isinstance(one, click.Option) and not one.hidden]
    if rows:
        lines += ["| Option | What it does |", "|---|---|", *rows, ""]
    lines += ["```sh", *example(command).splitlines(), "```", ""]
    return "\n".join(lines)


def _row(option: click.Option, context: click.Context) -> str:
    record = option.get_help_record(context)
    assert record is not None, f"{option.name} is hidden"
    names, words = record
    cells = (f"`{names}`", re.sub(r"\s+", " ", words))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


if __name__ == "__main__":
    PAGE.write_text(cli_page(), encoding="utf-8")
