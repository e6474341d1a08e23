"""What alerting needs of the world: what is wrong in the store, room on disks, and a way to tell people."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol, TypeAlias

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.incidents import Kind, Reminders
from edi_gateway.lifecycle.notices import Notice, Routing, Storm
from edi_gateway.ports import rows
from edi_gateway.ports.views import OverdueLine
from edi_gateway.ports.work import ParkedJob

Arrivals: TypeAlias = Sequence[datetime]


class Notifier(Protocol):
    """Tells people. What it is given may be told twice."""

    def tell(self, notice: Notice) -> Fault | None:
        """Sends a notice to its route; what stood in the way, None where it was taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Troubles:
    """What waits for a person, as the store holds it: at most `limit` of each kind, the oldest first."""

    limit: int
    transmissions: tuple[rows.Transmission, ...] = ()
    sets: tuple[rows.TransactionSet, ...] = ()
    files: tuple[rows.ErpFile, ...] = ()
    windows: tuple[OverdueLine, ...] = ()
    parked: tuple[ParkedJob, ...] = ()
    pauses: tuple[rows.Pause, ...] = ()
    left_alone: tuple[rows.Endpoint, ...] = ()
    """The servers that failed so often that nothing is posted to them but a probe now and then."""
    health: Mapping[str, datetime | int | None] = field(default_factory=dict)


class Lookout(Protocol):
    """Questions to the store, each its own short read transaction."""

    def troubles(self, since: datetime, limit: int) -> Troubles:
        """What waits for a person; of what may stay for ever, only what began since then."""

    def arrivals(self, partner: str, set_id: str, since: datetime, step: timedelta) -> Arrivals:
        """When documents of a kind came, oldest first, those within a step after one left out."""

    def last_arrival(self, partner: str, set_id: str) -> datetime | None:
        """When the last one came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The room on the disk of a folder. Units: bytes."""

    folder: str
    free: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerting:
    """What the watch goes by. `quiet_kinds` are not looked for; `room` looks at the disks that the gateway writes to."""

    lookout: Lookout
    notifier: Notifier
    room: Callable[[], Sequence[Room]]
    routes: tuple[Routing, ...] = ()
    reminders: Reminders = Reminders()
    storm: Storm = Storm()
    least_room: int = 0
    quiet_kinds: frozenset[Kind] = frozenset()
    longest_pause: timedelta = timedelta(hours=4)
    tick_limit: timedelta = timedelta(minutes=2)
    job_limit: timedelta = timedelta(minutes=10)
