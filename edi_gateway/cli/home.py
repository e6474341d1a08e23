"""`edi-gateway init` and `edi-gateway password`: a home made, and its console's password changed."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from edi_gateway.cli.files import text_of
from edi_gateway.cli.options import home_option, json_option
from edi_gateway.cli.outcome import emit
from edi_gateway.config import load_settings
from edi_gateway.home import MadeHome, NewIdentity, change_password, make_home
from edi_gateway.home.password import make_password


@click.command()
@click.argument("home", type=click.Path(path_type=Path), metavar="HOME")
@click.option("--as2-id", help="Our AS2 name, as partners write it into AS2-To.")
@click.option("--x12-id", help="Our ISA id; the AS2 name where it is not given.")
@click.option("--qualifier", default="ZZ", show_default=True, help="The qualifier of our ISA id.")
@click.option("--group-id", help="Our id in GS02 and GS03; the ISA id where it is not given.")
@click.option("--url", help="The address that partners reach our AS2 endpoint at, such as https://edi.example.com/as2.")
@click.option("--port", type=click.IntRange(0, 65535), help="The port to listen on; 8080 where it is not given.")
@click.option("--password-file", metavar="FILE", help="A file whose first line is the console's password; - is standard input.")
@click.option("--passphrase", metavar="REFERENCE", help="What encrypts our private key: env:NAME or file:PATH.")
@json_option
def init(
    home: Path,
    as2_id: str | None,
    x12_id: str | None,
    qualifier: str,
    group_id: str | None,
    url: str | None,
    port: int | None,
    password_file: str | None,
    passphrase: str | None,
    as_json: bool,
) -> None:
    """Make a gateway's home in a new or empty folder: settings, a key of our own, folders, the console's password.

    On a terminal it asks for what is not given. Without a password one is made and shown once.

    \b
    Example:  edi-gateway init ~/gateway --as2-id OURCO --x12-id OURCO --port 8080
    """
    asks = sys.stdin.isatty() and not as_json
    if as2_id is None:
        if not asks:
            raise click.UsageError("Missing option '--as2-id': our AS2 name.")
        as2_id = click.prompt("Our AS2 name")
        x12_id = x12_id or click.prompt("Our ISA id", default=as2_id)
        url = url or click.prompt("Our public AS2 address (empty: none yet)", default="", show_default=False) or None
    password = _first_line(password_file) if password_file else None
    if password is None and asks:
        password = click.prompt("Console password (empty: make one)", default="", show_default=False, hide_input=True) or None
    identity = NewIdentity(as2_id=as2_id, id=x12_id or as2_id, qualifier=qualifier, group_id=group_id, url=url)
    made = make_home(home, identity, datetime.now(UTC), password=password, passphrase=passphrase, port=port)
    if as_json:
        emit({"home": str(made.folder), "certificate": str(made.certificate), "password": made.password, "next": _next_steps(made)})
        return
    click.echo(f"Made the home {made.folder} of {as2_id}.")
    if made.password is not None:
        click.echo(f"\nThe console's password, shown this once:  {made.password}\n")
    click.echo("Next:")
    for number, step in enumerate(_next_steps(made), 1):
        click.echo(f"  {number}. {step}")


def _next_steps(made: MadeHome) -> list[str]:
    return [
        f"Send your certificate to your partners: {made.certificate}",
        f"Copy {made.folder / 'partners' / 'examples' / 'globex-supply.yaml'} to {made.folder / 'partners'} for each partner and edit it;"
        f" their certificates go into {made.folder / 'certs'}.",
        f"Check it all: edi-gateway doctor --home {made.folder}",
        f"Run it: edi-gateway serve --home {made.folder}",
    ]


@click.command()
@home_option
@click.option("--password-file", metavar="FILE", help="A file whose first line is the new password; - is standard input.")
@click.option("--generate", is_flag=True, help="Make one and show it once.")
def password(home: Path, password_file: str | None, generate: bool) -> None:
    """Change the console's password. A gateway that runs takes the new one when it is started again.

    \b
    Example:  edi-gateway password --home ~/gateway
    """
    settings = load_settings(home)
    if password_file and generate:
        raise click.UsageError("Give --password-file or --generate, not both.")
    if generate:
        new = make_password()
    elif password_file:
        new = _first_line(password_file)
    elif sys.stdin.isatty():
        new = click.prompt("New password", hide_input=True, confirmation_prompt="Once more")
    else:
        raise click.UsageError("Missing option '--password-file' or '--generate': there is no terminal to ask at.")
    change_password(settings.console.password_file, new)
    if generate:
        click.echo(f"The console's password, shown this once:  {new}")
    click.echo("Changed. Start the gateway again for it to count.")


def _first_line(name: str) -> str:
    """The first line of a file. Errors: Faulty where it cannot be read or holds nothing."""
    return text_of(name).partition("\n")[0].strip("\r")
