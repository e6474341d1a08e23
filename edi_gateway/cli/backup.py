"""`edi-gateway backup` and `edi-gateway restore`: a home and its database saved while it runs, checked, and put back."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from edi_gateway import __version__
from edi_gateway.bootstrap import House, read_terms
from edi_gateway.cli.logs import log_troubles_only
from edi_gateway.cli.options import home_option, json_option
from edi_gateway.cli.outcome import FINDINGS, UNUSABLE, counted, emit, end, tell
from edi_gateway.config import load_settings
from edi_gateway.faults import Fault
from edi_gateway.home.snapshot import HOME, bring_home, copy_home, place, read_manifest, seal, unpacked, verify
from edi_gateway.lifecycle.states import Direction, FileState
from edi_gateway.store.backup import SQLITE_FILE, checked_sqlite, load_backup, save_backup


@click.command()
@click.argument("target", type=click.Path(path_type=Path), metavar="TARGET")
@click.option("--dry-run", is_flag=True, help="Say what would be saved, and write nothing.")
@home_option
@json_option
def backup(target: Path, dry_run: bool, home: Path, as_json: bool) -> None:
    """Save a home and its database, running or not, into a new folder or a file that ends in .tar.

    It holds the private keys and all messages: keep it as you keep those. What the ERP has in its folders is not in it.

    \b
    Example:  edi-gateway backup /backups/gateway-monday.tar --home ~/gateway
    """
    log_troubles_only()
    settings = load_settings(home)
    url, payloads = settings.database.connect_url(), settings.database.payloads
    if dry_run:
        _tell_plan(target, settings.home, settings.database.url, as_json)
        return
    with place(target) as folder:
        facts = save_backup(url, payloads, folder, _progress)
        files = copy_home(settings.home, folder / HOME, (payloads,))
        _progress(f"files of the home: {files}")
        manifest = seal(folder, {"release": __version__, **facts}, datetime.now(UTC))
    size = sum(one["size"] for one in manifest["files"].values())
    if as_json:
        emit({"backup": str(target), "size": size, **{name: manifest[name] for name in ("made_at", "engine", "revision", "rows")}})
    else:
        rows = manifest["rows"]["transmissions"]
        click.echo(f"{target}: {counted(rows, 'message')}, {counted(len(manifest['files']), 'file')}, {size} bytes.")


def _tell_plan(target: Path, home: Path, database: str, as_json: bool) -> None:
    if as_json:
        emit({"would_write": str(target), "home": str(home), "database": database})
    else:
        click.echo(f"Would save the home {home} and the database {database} into {target}.")


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="SOURCE")
@click.option("--verify", "only_verify", is_flag=True, help="Check every file against the manifest, and change nothing.")
@click.option("--dry-run", is_flag=True, help="Check it, say what would be done, and change nothing.")
@home_option
@json_option
def restore(source: Path, only_verify: bool, dry_run: bool, home: Path, as_json: bool) -> None:
    """Put a backup back: into a home without a database, or on PostgreSQL into an empty one. Everything is checked first.

    What came or went after the backup is not in it. docs/how-to/backup.md says what that means, and what is done about it.

    \b
    Example:  edi-gateway restore /backups/gateway-monday.tar --verify
    """
    log_troubles_only()
    with unpacked(source) as folder:
        manifest = read_manifest(folder)
        faults = [*verify(folder, manifest), *_damages(folder, manifest)]
        tell(faults)
        if faults:
            _report(source, manifest, faults, as_json)
            end(FINDINGS if only_verify else UNUSABLE)
        if only_verify or dry_run:
            _report(source, manifest, faults, as_json)
            if dry_run and not as_json:
                click.echo(f"Would put it into the home {home.absolute()}. Nothing was changed.")
            return
        brought = bring_home(folder, home)
        settings = load_settings(home)
        load_backup(settings.database.connect_url(), settings.database.payloads, folder, manifest, _progress)
    staged = _stage_again(home)
    if as_json:
        emit({"restored": str(home.absolute()), "made_at": manifest["made_at"], "files_brought": brought, "files_staged": staged})
        return
    click.echo(f"Restored into {home.absolute()}, as of {manifest['made_at']}: {counted(manifest['rows']['transmissions'], 'message')}.")
    click.echo("Next: edi-gateway doctor, then ask each partner what it sent since then, and start the gateway.")


def _damages(folder: Path, manifest: Mapping[str, Any]) -> list[Fault]:
    """What the database's own check finds."""
    if manifest["engine"] != "sqlite" or not (folder / SQLITE_FILE).is_file():
        return []
    said = checked_sqlite(folder / SQLITE_FILE)
    return [] if said == "ok" else [Fault.of("STO-112", value=SQLITE_FILE, reason=f"is damaged: {said}")]


def _report(source: Path, manifest: Mapping[str, Any], faults: list[Fault], as_json: bool) -> None:
    names = ("made_at", "release", "engine", "revision", "rows")
    if as_json:
        emit({"backup": str(source), **{name: manifest[name] for name in names}, "faults": [one.as_json() for one in faults]})
    elif not faults:
        rows = counted(manifest["rows"]["transmissions"], "message")
        click.echo(f"{source} is whole: {manifest['engine']}, made {manifest['made_at']}, {rows}, {len(manifest['files'])} files.")


def _stage_again(home: Path) -> int:
    """Files that were on their way to the ERP go there once the gateway runs: their bytes are in the database; how many."""
    house = House(read_terms(home))
    try:
        house.prepare_folders()
        with house.store.read() as uow:
            waiting = uow.erp_files.find(direction=Direction.OUT, state=FileState.READY)
            for row in waiting:
                assert row.content is not None
                house.drop.stage(row.partner, row.name, uow.payloads.get(row.content), row.semaphore)
        return len(waiting)
    finally:
        house.close()


def _progress(words: str) -> None:
    click.echo(words, err=True)
