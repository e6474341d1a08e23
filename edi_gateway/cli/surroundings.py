"""What the doctor asks of the machine: room on disks, the port, the clock, the age of the queue, and a way to tell people."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from importlib.util import find_spec

from edi_gateway.cli.check import Check
from edi_gateway.config import Settings
from edi_gateway.faults import Fault, Faulty
from edi_gateway.lifecycle.retention import Retention
from edi_gateway.ports.alerts import Room
from edi_gateway.web.serve import bind

DRIFT = timedelta(seconds=30)
"""So far our clock and another one may be apart: signatures, windows and certificates go by it."""
WAITED = timedelta(minutes=10)
RETAINED_WITHIN = timedelta(days=2)
"""So long ago the daily deletion may have run last."""
_MEBIBYTE = 1024**2


def disks(rooms: Sequence[Room], least: int) -> Check:
    """The disks that the gateway writes to, each with the room that `alerts.least_room` asks for."""
    faults = tuple(
        Fault.of("CFG-DISK", value=room.folder, free=f"{room.free // _MEBIBYTE} MiB", least=f"{least // _MEBIBYTE} MiB")
        for room in rooms
        if room.free < least
    )
    words = "; ".join(f"{room.free // _MEBIBYTE} MiB free of {room.total // _MEBIBYTE} at {room.folder}" for room in rooms)
    return Check(name="disk", words=words, faults=faults)


def port(settings: Settings) -> Check:
    """Whether the server may have its port. One that is taken is taken by the gateway, or the last check says by whom."""
    server = settings.server
    try:
        bind(server.host, server.port).close()
    except Faulty as faulty:
        if any(fault.code == "CFG-PORT-BUSY" for fault in faulty.faults):
            return Check(name="port", words=f"{server.port} is taken, as it is by a gateway that runs")
        return Check(name="port", words="cannot be had", faults=faulty.faults)
    return Check(name="port", words=f"{server.host}:{server.port} is free")


def clock(now: datetime, server: datetime | None, tick: object) -> Check:
    """Our clock beside the database server's; where there is none, beside the last tick, which cannot be of the future."""
    if server is not None:
        apart = abs(now - server)
        words = f"{apart.total_seconds():.0f} s apart from the database server's"
    else:
        apart = max(tick - now, timedelta(0)) if isinstance(tick, datetime) else timedelta(0)
        words = "not before what is already written" if apart <= DRIFT else "set back"
    faults = (Fault.of("CFG-CLOCK", value=f"{apart.total_seconds():.0f}"),) if apart > DRIFT else ()
    return Check(name="clock", words=words, faults=faults)


def queue(health: Mapping[str, datetime | int | None], now: datetime) -> Check:
    """How long the oldest work item waits, and whether some wait for a person."""
    oldest, parked = health["oldest_job"], health["parked"]
    waited = now - oldest if isinstance(oldest, datetime) and oldest < now else timedelta(0)
    faults = []
    if waited > WAITED:
        faults.append(Fault.of("CFG-QUEUE-OLD", value=f"{waited.total_seconds() / 60:.0f}"))
    if parked:
        faults.append(Fault.of("CFG-JOBS-PARKED", value=str(parked)))
    words = f"the oldest waits for {waited.total_seconds():.0f} s; {parked} work items wait for a person"
    return Check(name="queue", words=words, faults=tuple(faults))


def retention(settings: Settings, last: datetime | None, oldest: datetime | None, now: datetime) -> Check:
    """Whether contents whose time is over are deleted: by the gateway itself, or by a timer that calls the command."""
    terms = Retention(keep=settings.retention.keep, sets=settings.retention.sets)
    at = settings.retention.at
    by_itself = f"each day at {at:%H:%M} UTC" if at else "only at a command or a timer"
    ran = f"last run {last:%Y-%m-%d %H:%M} UTC" if last else "never run"
    if last is not None and now - last < RETAINED_WITHIN:
        return Check(name="retention", words=f"{by_itself}; {ran}")
    if oldest is None or now - oldest < terms.shortest + RETAINED_WITHIN:
        return Check(name="retention", words=f"{by_itself}; {ran}, and nothing is old enough", is_left_out=last is None)
    fault = Fault.of("CFG-RETENTION-LATE", None, ran, oldest=f"{oldest:%Y-%m-%d}")
    return Check(name="retention", words=f"{by_itself}; {ran}", faults=(fault,))


def alerts(settings: Settings) -> Check:
    """Whether anybody would be told of what is wrong: routes, their secrets, and the library that sends."""
    routes = settings.alerts.routes
    if not routes:
        return Check(name="alerts", words="gateway.toml names no route, so nobody is told", is_left_out=True)
    faults = []
    if find_spec("apprise") is None:
        faults.append(Fault.of("CFG-ALERT-EXTRA", value=routes[0].name))
    for route in routes:
        try:
            route.url.reveal()
        except Faulty as faulty:
            faults += faulty.faults
    words = f"{', '.join(route.name for route in routes)}; try them with: edi-gateway alert test"
    return Check(name="alerts", words=words, faults=tuple(faults))
