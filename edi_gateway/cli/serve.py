"""`edi-gateway serve`: the whole gateway in one process, until it is told to stop."""

import logging
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click

from edi_gateway.bootstrap import House, Terms, read_terms
from edi_gateway.cli.logs import set_up_logging
from edi_gateway.cli.options import home_option
from edi_gateway.faults import Fault, Faulty, Severity
from edi_gateway.web.serve import serve as serve_web

PATIENCE = timedelta(seconds=30)
"""How long work that is under way may take to end; what has not ended then is done again at the next start."""

log = logging.getLogger("edi_gateway.serve")


@click.command()
@home_option
def serve(home: Path) -> None:
    """Run the gateway: AS2 endpoint, console, worker and clock in one process.

    It says where it listens, logs to standard error and runs until Ctrl-C or SIGTERM; then it answers what it has begun. A partner file
    with a fault is left out and named; the others go on. A busy port, or another gateway on the same home, exits with 3.

    \b
    Example:  edi-gateway serve --home ~/gateway
    """
    terms = read_terms(home)
    set_up_logging(terms.settings.log)
    _say_faults(terms)
    house = House(terms)
    try:
        with house.store.hold():
            _prepare(house)
            _run(house)
    finally:
        house.close()
    log.info("stopped")


def _run(house: House) -> None:
    """Serves until the end. Worker and clock begin when the port is ours and end after the last answer."""
    worker, ticker = house.worker(), house.ticker()
    with ExitStack() as running:

        def ready(url: str) -> None:
            worker.start()
            running.callback(worker.stop, PATIENCE)
            ticker.start()
            running.callback(ticker.stop)
            click.echo(f"{house.terms.book.identity.as2_id} listens at {url}: AS2 at {url}/as2, the console at {url}/")

        serve_web(house.web_parts(), ready=ready)


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
