"""`edi-gateway doctor`: every part of a home looked at, and the gateway that runs on it asked."""

import http.client
import json
import os
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from edi_gateway.as2 import OwnKey
from edi_gateway.bootstrap import Terms, read_terms
from edi_gateway.channels.disks import rooms
from edi_gateway.channels.folder import FolderDrop
from edi_gateway.cli import surroundings
from edi_gateway.cli.check import Check
from edi_gateway.cli.options import home_option, json_option, moment, now_option
from edi_gateway.cli.outcome import FINDINGS, GOOD, UNREACHABLE, emit, end, one_line
from edi_gateway.cli.pausing import WAYS
from edi_gateway.config import Settings, load_settings
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.home import read_cookie_secret, read_password_hash
from edi_gateway.services.configuration import drift
from edi_gateway.services.revisions import newest
from edi_gateway.store import SqlStore, open_store
from edi_gateway.work import system_clock

_ANSWERS_WITHIN = 5.0
_SQLITE = "sqlite:///"
_NAMED = 3
"""How many differing files are named."""
_HERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - asked for, not bound
"""Where a server that listens on every address is asked."""


@click.command()
@home_option
@click.option("--running", is_flag=True, help="A gateway must be running; exits with 3 where none answers.")
@now_option
@json_option
def doctor(home: Path, running: bool, now: datetime | None, as_json: bool) -> None:
    """Check a home: settings, console, keys, partner files, certificates, maps, folders, database, and the gateway that runs on it.

    Each check is a line with ok, warning or fault; each fault says what to do. Exits with 1 where there is a warning or a fault.

    \b
    Example:  edi-gateway doctor --home ~/gateway
    """
    checks = []
    for check in examine(home, moment(now), must_run=running):
        checks.append(check)
        if not as_json:
            _print(check)
    faults = [fault for check in checks for fault in check.faults]
    if as_json:
        emit({"home": str(home.absolute()), "checks": [_as_json(check) for check in checks], "faults": len(faults)})
    if running and any(fault.code == "CFG-UNREACHABLE" for fault in faults):
        end(UNREACHABLE)
    end(FINDINGS if any(check.status in ("fault", "warning") for check in checks) else GOOD)


def _print(check: Check) -> None:
    click.echo(f"{check.status:<8}  {check.name:<12}  {one_line(check.words)}")
    for fault in check.faults:
        click.echo(f"{'':<24}{one_line(fault.line())}")


def _as_json(check: Check) -> dict[str, Any]:
    return {"name": check.name, "status": check.status, "words": check.words, "faults": [fault.as_json() for fault in check.faults]}


def examine(home: Path, now: datetime, *, must_run: bool) -> Iterator[Check]:
    """Every check in turn; what rests on settings that cannot be read is not looked at. Errors: Faulty where there is no home."""
    try:
        settings = load_settings(home)
    except Faulty as faulty:
        if any(fault.code == "CFG-ABSENT" for fault in faulty.faults):
            raise
        yield Check(name="settings", words="cannot be read; nothing else was looked at", faults=faulty.faults)
        return
    file = settings.home / "gateway.toml"
    notes = () if settings.identity.url else (Fault.of("CFG-NO-ADDRESS", Place(file=str(file))),)
    yield Check(name="settings", words=f"{file}: {settings.identity.as2_id}", faults=notes)
    yield _guarded("console", "password and cookie secret are there", lambda: _console(settings))
    terms = None
    try:
        terms = read_terms(home)
    except Faulty as faulty:
        yield Check(name="partners", words="cannot be read", faults=faulty.faults)
    else:
        yield from _terms(terms, now)
    folders = (settings.home, settings.database.payloads, settings.erp.folder)
    yield surroundings.disks(rooms(folders), settings.alerts.least_room)
    yield from _database(settings, terms, now)
    yield surroundings.alerts(settings)
    yield surroundings.port(settings)
    yield _running(settings, must_run=must_run)


def _terms(terms: Terms, now: datetime) -> Iterator[Check]:
    yield _guarded("own key", "", lambda: _own_key(terms, now))
    count = len(terms.book.partners)
    words = f"{count} of them can be traded with" if count else "there is none yet; partners/examples in the home has files to copy"
    yield Check(name="partners", words=words, faults=terms.book.faults)
    held = terms.keys.theirs.values()
    certificates = sum(len(one.certificates) for one in held)
    faults = [fault for fault in terms.keys.faults(now) if fault not in terms.book.faults and fault not in terms.keys.ours.faults]
    yield Check(name="certificates", words=f"{certificates} of partners, dates looked at", faults=tuple(faults))
    yield _maps(terms)
    yield _folders(terms)


def _guarded(name: str, words: str, look: Callable[[], str]) -> Check:
    try:
        return Check(name=name, words=look() or words)
    except Faulty as faulty:
        return Check(name=name, words="not usable", faults=faulty.faults)


def _console(settings: Settings) -> str:
    read_password_hash(settings.console.password_file)
    read_cookie_secret(settings.console.secret_file)
    return ""


def _own_key(terms: Terms, now: datetime) -> str:
    """Errors: Faulty where a key cannot be read, or none is in force."""
    if terms.keys.ours.faults:
        raise Faulty(terms.keys.ours.faults)
    signing = terms.keys.signing(now)
    others = [key for key in terms.keys.own() if key != signing]
    return "; ".join((f"signs with {_key_words(signing)}", *(f"also decrypts with {_key_words(key)}" for key in others)))


def _key_words(key: OwnKey) -> str:
    one = key.certificate
    return f"{one.common_name}, {one.key_kind}, {one.not_before:%Y-%m-%d} to {one.not_after:%Y-%m-%d}, {one.fingerprint_shown}"


def _maps(terms: Terms) -> Check:
    """Every map and layout that there is, whether an agreement names it or not."""
    faults: list[Fault] = []
    good = 0
    for look, names in ((terms.shelf.map, terms.shelf.map_names()), (terms.shelf.layout, terms.shelf.layout_names())):
        for name in names:
            try:
                look(name)
                good += 1
            except Faulty as faulty:
                faults += (fault for fault in faulty.faults if fault not in faults)
    return Check(name="maps", words=f"{good} maps and layouts are good", faults=tuple(faults))


def _folders(terms: Terms) -> Check:
    """The folders that the gateway writes to: a file is made in each, renamed and removed."""
    settings = terms.settings
    drop = FolderDrop(settings.erp.folder, complete=settings.erp.complete)
    faults: list[Fault] = []
    try:
        for partner in terms.book.partners:
            drop.prepare(partner.key)
    except OSError as refused:
        faults.append(_unusable(Path(refused.filename or settings.erp.folder), refused))
    used = (
        [folder for partner in terms.book.partners for folder in sorted((settings.erp.folder / partner.key).iterdir())]
        if not faults
        else []
    )
    for folder in (settings.home / "data", settings.erp.folder, *(one for one in used if one.is_dir())):
        try:
            _write_in(folder)
        except OSError as refused:
            faults.append(_unusable(folder, refused))
    words = f"{settings.erp.folder} and {settings.home / 'data'} can be written"
    return Check(name="folders", words="not usable" if faults else words, faults=tuple(faults))


def _write_in(folder: Path) -> None:
    first = folder / f".doctor-{secrets.token_hex(4)}.tmp"
    second = first.with_suffix(".renamed.tmp")
    try:
        first.write_bytes(b"edi-gateway doctor")
        first.rename(second)
    finally:
        first.unlink(missing_ok=True)
        second.unlink(missing_ok=True)


def _unusable(folder: Path, refused: OSError) -> Fault:
    return Fault.of("CFG-FOLDER", value=str(folder), reason=refused.strerror or refused)


def _database(settings: Settings, terms: Terms | None, now: datetime) -> Iterator[Check]:
    """The database opened, and its work; one that is not there yet is left to the gateway's first start."""
    url = settings.database.url
    if url.startswith(_SQLITE) and not os.path.exists(url.removeprefix(_SQLITE)):  # noqa: PTH110 - part of an address
        yield Check(name="database", words="there is none yet; the first start makes it", is_left_out=True)
        return
    try:
        store = open_store(settings.database.connect_url(), settings.database.payloads, system_clock)
    except Faulty as faulty:
        yield Check(name="database", words="not usable", faults=faulty.faults)
        return
    try:
        health, server = store.views.health(), store.views.server_time()
        still = tuple(_standing_still(store))
        configuration = None if terms is None else _configuration(store, terms)
        deleting = surroundings.retention(settings, store.retention.last_run(), store.retention.oldest(), now)
    except Faulty as faulty:
        yield Check(name="database", words="not usable", faults=faulty.faults)
        return
    finally:
        store.close()
    yield Check(name="database", words="answers", faults=still)
    if configuration is not None:
        yield configuration
    # Against the machine's own time, whatever time the other checks were asked to go by.
    yield surroundings.clock(system_clock.now(), server, health["tick"])
    yield surroundings.queue(health, now)
    yield deleting


def _configuration(store: SqlStore, terms: Terms) -> Check:
    """Whether the files in the home are those that the gateway works by."""
    in_force = newest(store)
    if in_force is None:
        return Check(name="revision", words="there is none yet; the first start makes it, or config apply", is_left_out=True)
    found = drift(store, terms)
    if found is None:
        return Check(name="revision", words=f"{in_force.id} is in force, and the home has no other files")
    paths = ", ".join(f"{one.path} {one.words[0]}" for one in found.files[:_NAMED])
    more = f" and {len(found.files) - _NAMED} more" if len(found.files) > _NAMED else ""
    differs = Fault.of("CFG-SET-DIFFERS", Place(file=str(terms.settings.home)), str(found.revision))
    return Check(name="revision", words=f"{found.revision} is in force, and the home's files are not it: {paths}{more}", faults=(differs,))


def _standing_still(store: SqlStore) -> Iterator[Fault]:
    """Partners that a person paused, and servers that do not answer."""
    with store.read() as uow:
        for pause in uow.pauses.find():
            said = {"since": f"{pause.since:%Y-%m-%d %H:%M} UTC", "actor": pause.actor, "reason": pause.reason}
            yield Fault.of("CFG-PAUSED", None, pause.partner, direction=WAYS[pause.direction], **said)
        for one in uow.endpoints.find():
            if one.open_until is not None:
                until = f"{one.open_until:%Y-%m-%d %H:%M:%S} UTC"
                yield Fault.of("CFG-LEFT-ALONE", None, one.address, failures=str(one.failures), until=until)


def _running(settings: Settings, *, must_run: bool) -> Check:
    """The gateway that should listen at the settings' address, asked whether it is ready."""
    host, port = _HERE.get(settings.server.host, settings.server.host), settings.server.port
    address = f"{host}:{port}"
    connection = http.client.HTTPConnection(host, port, timeout=_ANSWERS_WITHIN)
    try:
        connection.request("GET", "/readyz", headers={"Accept": "application/json"})
        said = json.loads(connection.getresponse().read())
        checks = said["checks"]
        failing = [name for name, check in checks.items() if not check["ok"]]
    except (ConnectionRefusedError, TimeoutError) as refused:
        fault = Fault.of("CFG-UNREACHABLE", value=address, reason=refused.strerror or "no answer in time")
        words = f"nothing answers at {address}" if must_run else f"it is not running at {address}"
        return Check(name="gateway", words=words, faults=(fault,) if must_run else (), is_left_out=True)
    except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, AttributeError):
        return Check(name="gateway", words=f"not at {address}", faults=(Fault.of("CFG-OTHER-SERVER", value=address),))
    finally:
        connection.close()
    if failing:
        fault = Fault.of("CFG-NOT-READY", value=address, reason=_reasons(failing))
        return Check(name="gateway", words="not ready", faults=(fault,))
    return Check(name="gateway", words=f"ready at {address}")


def _reasons(failing: Iterable[str]) -> str:
    return f"it says that its {' and '.join(failing)} is not well"
