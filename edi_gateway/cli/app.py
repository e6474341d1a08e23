"""The command tree, and the outer door of the command line: faults become lines on standard error and an exit code."""

import importlib
import os
import sys

import click

from edi_gateway import __version__
from edi_gateway.cli.outcome import UNREACHABLE, UNUSABLE, tell
from edi_gateway.faults import Fault, Faulty, Place

COMMANDS = {
    "init": ("home:init", "Make a gateway's home: settings, a key, folders, a password."),
    "serve": ("serve:serve", "Run the gateway: AS2 endpoint, console, worker and clock."),
    "doctor": ("doctor:doctor", "Check a home and the running gateway, and say what to mend."),
    "password": ("home:password", "Change the console's password."),
    "partner": ("partner:partner", "Check, list and show trading partners."),
    "cert": ("certs:cert", "List, import and make certificates, and change over to new ones."),
    "config": ("configuration:config", "Plan, apply, export and roll back the configuration; its history."),
    "message": ("message:message", "List, show, resend and replay messages."),
    "order": ("orders:order_commands", "Show a purchase order's thread; release and give up held documents."),
    "overdue": ("overdue:overdue_commands", "List the windows that are over, that warn, and that come next; close one by hand."),
    "file": ("erp_files:file_commands", "List and show the ERP's flat files, refused ones among them."),
    "token": ("tokens:token_commands", "Make, list and revoke the API's tokens."),
    "job": ("jobs:job_commands", "List and free work items that failed as often as agreed."),
    "alert": ("alerts:alert_commands", "List and mute what is wrong now, and try how people are told."),
    "backup": ("backup:backup", "Save a home and its database, while it runs."),
    "restore": ("backup:restore", "Check a backup, and put it back."),
    "store": ("moving:store", "Move a home's database from SQLite to PostgreSQL."),
    "retention": ("retention:retention", "Delete contents whose time is over, and hold others back."),
    "archive": ("retention:archive", "Check that what is kept is whole."),
    "x12": ("x12:x12_commands", "Check, inspect, acknowledge, compare, split and rewrite X12 files."),
    "schema": ("schema:schema", "Check and list X12 schemas, partners' guides and flat-file layouts."),
    "map": ("maps:maps", "Read and write documents through a map; try, explain and compare maps."),
    "as2": ("as2:as2_commands", "Judge captured AS2 traffic, seal and send files."),
    "demo": ("demo:demo", "Play order to cash between two gateways on this machine."),
}
"""The commands: where each is found, and its line in the list."""

UNREACHABLE_CODES = frozenset({"CFG-PORT-BUSY", "CFG-UNREACHABLE", "STO-101", "STO-102"})
"""Faults that mean: something that should answer does not, or a place is taken."""

STOPPED_BY_HAND = 130


class Commands(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(f"edi_gateway.cli.{module}"), name)
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list, from the table: no command is imported to show it."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, words) for name, (_, words) in COMMANDS.items()])


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="edi-gateway")
def commands() -> None:
    """A classic X12 EDI translator and AS2 gateway that can prove what it did.

    \b
    Exit codes: 0 good, 1 findings, 2 unusable input or usage, 3 not reachable.
    Example:    edi-gateway init ~/gateway && edi-gateway serve --home ~/gateway
    """


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; its exit code. A fault that ends a command is told in one line."""
    try:
        code = commands.main(args=arguments, prog_name="edi-gateway", standalone_mode=False)
        sys.stdout.flush()
    except click.exceptions.Abort:
        click.echo("Stopped.", err=True)
        return STOPPED_BY_HAND
    except click.ClickException as wrong:
        wrong.show()
        return UNUSABLE
    except Faulty as faulty:
        tell(faulty.faults)
        return UNREACHABLE if any(fault.code in UNREACHABLE_CODES for fault in faulty.faults) else UNUSABLE
    except BrokenPipeError:
        # Whoever read us has seen enough. Python would complain when it closes standard output, so that goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as refused:
        where = Place(file=str(refused.filename)) if refused.filename else Place()
        tell([Fault.of("CFG-SYSTEM", where, reason=refused.strerror or refused)])
        return UNUSABLE
    return code if isinstance(code, int) else 0
