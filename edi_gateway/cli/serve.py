"""`edi-gateway serve`: the whole gateway, or on PostgreSQL a part of it, until it is told to stop."""

import gc
import logging
import os
import sys
import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial
from pathlib import Path

import click

from edi_gateway.bootstrap import KEPT, House, read_terms
from edi_gateway.cli.logs import set_up_logging
from edi_gateway.cli.options import home_option
from edi_gateway.faults import Fault, Faulty, Place, Severity
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.web.processes import WebProcesses, serve_inherited
from edi_gateway.web.serve import bind, until_told
from edi_gateway.web.serve import serve as serve_web
from edi_gateway.work import Children, Crew, Parent, ServiceManager, place_of

PATIENCE = timedelta(seconds=30)
"""How long work that is under way may take to end; what has not ended then is done again at the next start."""

BEAT = 1.0
"""Seconds from one sign of life of a process that works to the next."""

log = logging.getLogger("edi_gateway.serve")


class Role(StrEnum):
    """A part of the gateway that a process of its own can be."""

    WEB = "web"
    WORKER = "worker"
    CLOCK = "clock"


ALL = "all"


@click.command()
@home_option
@click.option(
    "--role",
    "named",
    multiple=True,
    type=click.Choice([ALL, *(role.value for role in Role)]),
    default=(ALL,),
    show_default=True,
    help="What this process is; may be given more than once. Anything but all needs PostgreSQL.",
)
@click.option("--listener", type=int, hidden=True, help="Be one web process of the gateway that holds this home, on this socket.")
@click.option("--crew", is_flag=True, hidden=True, help="Be one process that works for the gateway that holds this home.")
def serve(home: Path, named: tuple[str, ...], listener: int | None, crew: bool) -> None:
    """Run the gateway: AS2 endpoint, console, worker and clock, in one process.

    With [server] processes above 1 in gateway.toml, as many further processes answer requests, and this one keeps worker and clock.
    With [work] processes above 1, as many further ones translate and send.

    On PostgreSQL there may be any number of gateways on one database, on one host or many, each with the roles that it is given:
    web answers requests, worker does what they leave to do, clock makes retries and windows due.

    The home's files are applied as a revision of the configuration where they have changed; on PostgreSQL only where there is none yet.
    Where they have faults, these are named and the last good revision goes on; before there is one, faulty partners are left out.

    It says where it listens, logs to standard error and runs until Ctrl-C or SIGTERM; then it answers what it has begun. A busy port, or
    another gateway on the same home, exits with 3.

    \b
    Example:  edi-gateway serve --home ~/gateway

    \b
              edi-gateway serve --home ~/gateway --role worker --role clock
    """
    terms = read_terms(home)
    set_up_logging(terms.settings.log)
    roles = frozenset(Role) if ALL in named else frozenset(Role(name) for name in named)
    house = House(terms)
    settle_memory()
    try:
        if listener is not None:
            serve_inherited(house.web_parts(), listener)
            return
        if crew:
            _work_beside(house)
            return
        if roles != frozenset(Role) and not house.store.is_shared:
            raise Faulty([Fault.of("CFG-ROLE", value=" and ".join(sorted(roles)))])
        with house.store.hold():
            _configure(house)
            if Role.WORKER in roles:
                _prepare(house)
            _run(house, roles)
    finally:
        house.close()
    log.info("stopped")


def settle_memory() -> None:
    """What is loaded stays: the collector need not look through modules and maps again and again, nor after every few messages."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)


def _run(house: House, roles: frozenset[Role]) -> None:
    """Serves until the end. Worker and clock begin when the port is ours and end after the last answer."""
    crew = _crew(house) if Role.WORKER in roles and house.settings.work.processes > 1 else None
    worker, watcher = (house.worker(KEPT if crew else frozenset(Task)), house.watcher()) if Role.WORKER in roles else (None, None)
    ticker = house.ticker() if Role.CLOCK in roles else None
    manager = ServiceManager()
    us, server = house.terms.book.identity.as2_id, house.settings.server
    with ExitStack() as running:

        def begin() -> None:
            if house.terms.revision is not None:
                log.info("revision %s of the configuration is in force", house.terms.revision)
            for who in (worker, crew):
                if who is not None:
                    who.start()
                    running.callback(who.stop, PATIENCE)
            for other in (ticker, watcher):
                if other is not None:
                    other.start()
                    running.callback(other.stop)

        def ready(url: str) -> None:
            begin()
            manager.ready()
            click.echo(f"{us} listens at {url}: AS2 at {url}/as2, the console at {url}/")

        if Role.WEB not in roles:
            told = threading.Event()
            with until_told(told.set):
                begin()
                manager.ready()
                click.echo(f"{us} runs as {' and '.join(sorted(roles))}")
                while not told.wait(BEAT):
                    manager.beat()
            return
        workers = [one for one in (worker, crew) if one is not None]

        def works() -> bool:
            return all(one.alive() for one in workers)

        if server.processes == 1:
            serve_web(replace(house.web_parts(), works=works), ready=ready, turned=manager.beat)
        else:
            command = partial(_web_command, house.settings.home)
            WebProcesses(bind(server.host, server.port), command, server.processes, works, manager.beat).run(ready)


def _web_command(home: Path, listener: int) -> list[str]:
    """The command line of one web process."""
    return [sys.executable, "-m", "edi_gateway", "serve", "--home", str(home), "--listener", str(listener)]


def _crew(house: House) -> Crew:
    """The processes that translate and send. What one of them did that died is due again."""
    command = [sys.executable, "-m", "edi_gateway", "serve", "--home", str(house.settings.home), "--crew"]
    return Crew(Children("work", command, house.settings.work.processes, ended=lambda process: house.store.recover(place_of(process))))


def _work_beside(house: House) -> None:
    """Works for the gateway that started this process, until told to stop. Where that one is killed this process dies with it."""
    worker, told, parent = house.worker(frozenset(Task) - KEPT), threading.Event(), Parent()
    with house.store.join(), until_told(told.set):
        if parent.is_gone():
            return
        parent.when_gone(partial(os._exit, 1))
        worker.start()
        while not told.wait(BEAT):
            parent.beat(worker.alive())
        worker.stop(PATIENCE)


def _prepare(house: House) -> None:
    try:
        house.prepare_folders()
    except OSError as refused:
        folder = refused.filename or house.settings.erp.folder
        raise Faulty([Fault.of("CFG-FOLDER", value=str(folder), reason=refused.strerror or refused)]) from None


def _configure(house: House) -> None:
    """Brings the home's files into force, and into the log what is wrong with them: the gateway runs with what is good."""
    applied = house.configure()
    terms = house.terms
    found = dict.fromkeys((*applied.findings, *terms.book.faults, *terms.keys.faults(datetime.now(UTC))))
    for fault in found:
        log.log(logging.INFO if fault.severity is Severity.NOTE else logging.WARNING, fault.line())
    if applied.is_refused and applied.revision is not None:
        place = Place(file=str(house.settings.home))
        count = len([fault for fault in applied.findings if fault.severity is Severity.ERROR])
        log.error(Fault.of("CFG-SET-REFUSED", place, str(count), revision=applied.revision.id).line())
