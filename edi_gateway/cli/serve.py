"""`edi-gateway serve`: the whole gateway, until it is told to stop."""

import logging
import sys
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import click

from edi_gateway.bootstrap import House, Terms, read_terms
from edi_gateway.cli.logs import set_up_logging
from edi_gateway.cli.options import home_option
from edi_gateway.faults import Fault, Faulty, Severity
from edi_gateway.web.processes import WebProcesses, serve_inherited
from edi_gateway.web.serve import bind
from edi_gateway.web.serve import serve as serve_web

PATIENCE = timedelta(seconds=30)
"""How long work that is under way may take to end; what has not ended then is done again at the next start."""

log = logging.getLogger("edi_gateway.serve")


@click.command()
@home_option
@click.option("--listener", type=int, hidden=True, help="Be one web process of the gateway that holds this home, on this socket.")
def serve(home: Path, listener: int | None) -> None:
    """Run the gateway: AS2 endpoint, console, worker and clock, in one process.

    With [server] processes above 1 in gateway.toml, as many further processes answer requests, and this one keeps worker and clock.

    It says where it listens, logs to standard error and runs until Ctrl-C or SIGTERM; then it answers what it has begun. A partner file
    with a fault is left out and named; the others go on. A busy port, or another gateway on the same home, exits with 3.

    \b
    Example:  edi-gateway serve --home ~/gateway
    """
    terms = read_terms(home)
    set_up_logging(terms.settings.log)
    house = House(terms)
    try:
        if listener is not None:
            serve_inherited(house.web_parts(), listener)
            return
        _say_faults(terms)
        with house.store.hold():
            _prepare(house)
            _run(house)
    finally:
        house.close()
    log.info("stopped")


def _run(house: House) -> None:
    """Serves until the end. Worker and clock begin when the port is ours and end after the last answer."""
    worker, ticker, watcher = house.worker(), house.ticker(), house.watcher()
    with ExitStack() as running:

        def ready(url: str) -> None:
            worker.start()
            running.callback(worker.stop, PATIENCE)
            ticker.start()
            running.callback(ticker.stop)
            watcher.start()
            running.callback(watcher.stop)
            click.echo(f"{house.terms.book.identity.as2_id} listens at {url}: AS2 at {url}/as2, the console at {url}/")

        server = house.settings.server
        if server.processes == 1:
            serve_web(replace(house.web_parts(), works=worker.alive), ready=ready)
        else:
            WebProcesses(bind(server.host, server.port), partial(_web_command, house.settings.home), server.processes).run(ready)


def _web_command(home: Path, listener: int) -> list[str]:
    """The command line of one web process."""
    return [sys.executable, "-m", "edi_gateway", "serve", "--home", str(home), "--listener", str(listener)]


def _prepare(house: House) -> None:
    try:
        house.prepare_folders()
    except OSError as refused:
        folder = refused.filename or house.settings.erp.folder
        raise Faulty([Fault.of("CFG-FOLDER", value=str(folder), reason=refused.strerror or refused)]) from None


def _say_faults(terms: Terms) -> None:
    """What is wrong with partner files and certificates, into the log: the gateway runs with what is good."""
    for fault in (*terms.book.faults, *terms.keys.faults(datetime.now(UTC))):
        log.log(logging.INFO if fault.severity is Severity.NOTE else logging.WARNING, fault.line())
