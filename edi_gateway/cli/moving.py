"""`edi-gateway store move`: everything that is kept, carried from a SQLite file to a PostgreSQL database."""

from datetime import UTC, datetime
from pathlib import Path

import click

from edi_gateway.cli.logs import log_troubles_only
from edi_gateway.cli.options import home_option, json_option
from edi_gateway.cli.outcome import counted, emit, table
from edi_gateway.config import load_settings
from edi_gateway.store.move import Move, Plan


@click.group()
def store() -> None:
    """Move what is kept to another database.

    \b
    Example:  edi-gateway store move --to postgresql://edi@db.example.com/edi --home ~/gateway
    """


@store.command()
@click.option("--to", "target", required=True, metavar="URL", help="An empty PostgreSQL database. A password may stand in PGPASSWORD.")
@click.option("--apply", is_flag=True, help="Move. Without it, only look at both sides and say what would be moved.")
@home_option
@json_option
def move(target: str, apply: bool, home: Path, as_json: bool) -> None:
    """Carry a home's SQLite database to PostgreSQL: messages, payloads of every size, control numbers and the work that waits.

    No gateway may run on the home. The file stays as it is. What is broken off has not begun: the other database is empty then.

    \b
    Example:  edi-gateway store move --to postgresql://edi@db.example.com/edi --apply --home ~/gateway
    """
    log_troubles_only()
    database = load_settings(home).database
    way = Move(database.connect_url(), database.payloads, target)
    try:
        found = way.run(datetime.now(UTC), _progress) if apply else way.plan()
    finally:
        way.close()
    if as_json:
        told = {"rows": dict(found.rows), "payload_files": found.files, "payload_file_bytes": found.file_bytes}
        emit({"moved": apply, "from": database.url, **told})
        return
    _tell(found)
    if apply:
        click.echo(f"{counted(found.rows['transmissions'], 'message')} moved and compared. {database.url} is as it was.")
        click.echo("Next: name the new database in gateway.toml ([database] url), run edi-gateway doctor, and start the gateway.")
    else:
        click.echo("Nothing was moved. With --apply it is, while no gateway runs on this home.")


def _tell(found: Plan) -> None:
    table(("what", "rows"), ((name, f"{count}") for name, count in sorted(found.rows.items()) if count))
    if found.files:
        click.echo(f"{counted(found.files, 'payload file')} with {found.file_bytes} bytes go into the database, too.")


def _progress(words: str) -> None:
    click.echo(words, err=True)
