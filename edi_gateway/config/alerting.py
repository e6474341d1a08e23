"""The alert keys of gateway.toml, and what they say."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from edi_gateway.config.declared import Key, Reading
from edi_gateway.config.kinds import DURATION, REFERENCE, SIZE, TEXT, choice, integer, list_of
from edi_gateway.config.secret import Secret

KINDS = (
    "window_closing",
    "window_overdue",
    "document_rejected",
    "document_held",
    "message_faulted",
    "message_refused",
    "message_unverified",
    "message_given_up",
    "message_stopped",
    "receipt_given_up",
    "file_refused",
    "job_parked",
    "certificate_ending",
    "certificate_ended",
    "clock_stopped",
    "work_waits",
    "disk_full",
    "server_silent",
    "partner_paused",
    "silence",
    "flood",
)
"""The kinds of incident, as `lifecycle.incidents.Kind` has them; a test holds both together."""

REMIND = Key(
    path="alerts.remind",
    kind=DURATION,
    default=timedelta(hours=1),
    shown='"1h"',
    words="How long after its opening an incident is told of again; each further interval is twice the one before, up to a day.",
    example='"1h"',
)
STORM = Key(
    path="alerts.storm",
    kind=integer(1, 1000),
    default=5,
    words="More notices than this within ten minutes, on one route, are gathered into one.",
    example="5",
)
LEAST_ROOM = Key(
    path="alerts.least_room",
    kind=SIZE,
    default=1024**3,
    shown='"1GiB"',
    words="With less room than this on a disk that the gateway writes to, people are told.",
    example='"1GiB"',
)
LONGEST_PAUSE = Key(
    path="alerts.longest_pause",
    kind=DURATION,
    default=timedelta(hours=4),
    shown='"4h"',
    words="A partner's traffic that is paused for longer than this is told of, until it is resumed.",
    example='"12h"',
)
QUIET = Key[tuple[str, ...]](
    path="alerts.quiet",
    kind=list_of(choice(*KINDS)),
    default=(),
    words="Kinds of incident that are not looked for.",
    example='["silence"]',
)
URL = Key[str | None](
    path="alerts.routes.*.url",
    kind=REFERENCE,
    default=None,
    required=True,
    words="Where the Apprise address stands that this route sends to; the address holds secrets, so it is never written here.",
    example='"env:EDI_ALERT_CHAT"',
)
LEAST = Key(
    path="alerts.routes.*.severity",
    kind=choice("note", "warning", "critical"),
    default="warning",
    words="The least severity that this route is told of.",
    example='"critical"',
)
PARTNERS = Key[tuple[str, ...]](
    path="alerts.routes.*.partners",
    kind=list_of(TEXT),
    default=(),
    shown="all, and what is about none",
    words="The partners that this route is about, by the names of their files.",
    example='["acme-retail"]',
)
ROUTE_KINDS = Key[tuple[str, ...]](
    path="alerts.routes.*.kinds",
    kind=list_of(choice(*KINDS)),
    default=(),
    shown="all",
    words="The kinds of incident that this route is told of.",
    example='["window_overdue", "document_rejected"]',
)
ALERT_KEYS: tuple[Key[Any], ...] = (REMIND, STORM, LEAST_ROOM, LONGEST_PAUSE, QUIET, URL, LEAST, PARTNERS, ROUTE_KINDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouteSettings:
    """One way to tell people. `url` is where its address stands."""

    name: str
    url: Secret
    severity: str = LEAST.default
    partners: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """Who is told of what. Units: `least_room` in bytes."""

    routes: tuple[RouteSettings, ...] = ()
    remind: timedelta = REMIND.default
    storm: int = STORM.default
    least_room: int = LEAST_ROOM.default
    longest_pause: timedelta = LONGEST_PAUSE.default
    quiet: tuple[str, ...] = ()


def read_alerts(reading: Reading) -> AlertSettings:
    """The `[alerts]` table and its routes."""
    get = reading.get
    return AlertSettings(
        routes=tuple(_route(reading, name) for name in reading.names("alerts.routes")),
        remind=get(REMIND),
        storm=get(STORM),
        least_room=get(LEAST_ROOM),
        longest_pause=get(LONGEST_PAUSE),
        quiet=get(QUIET),
    )


def _route(reading: Reading, name: str) -> RouteSettings:
    get = reading.get
    return RouteSettings(
        name=name,
        url=Secret(reference=get(URL, name) or "", base=reading.base),
        severity=get(LEAST, name),
        partners=get(PARTNERS, name),
        kinds=get(ROUTE_KINDS, name),
    )
