"""What is wrong now, asked of the store by its indexes. Fulfils `ports.alerts.Lookout`."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Table, and_, bindparam, func, or_, select

from edi_gateway.lifecycle.states import Direction, FileState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.ports import rows
from edi_gateway.ports.alerts import Arrivals, Troubles
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.work import Queue
from edi_gateway.store.database import Database
from edi_gateway.store.rows import SqlRows
from edi_gateway.store.statements import Asked
from edi_gateway.store.tables import erp_files, sets, transmissions
from edi_gateway.store.unit import SqlUnitOfWork
from edi_gateway.store.views import SqlViews, by_time_left, overdue_lines

LASTING: tuple[tuple[Table, Direction, tuple[str, ...]], ...] = (
    (transmissions, Direction.OUT, (Outbound.UNVERIFIED, Outbound.EXHAUSTED, Outbound.EXPIRED, Outbound.STOPPED)),
    (transmissions, Direction.IN, (Inbound.RECEIPT_EXHAUSTED,)),
    (sets, Direction.IN, (SetIn.HELD,)),
    (sets, Direction.OUT, (SetOut.HELD,)),
)
"""States that end: they are told of until they do."""
OF_THE_PAST: tuple[tuple[Table, Direction, tuple[str, ...]], ...] = (
    (transmissions, Direction.OUT, (Outbound.REFUSED,)),
    (transmissions, Direction.IN, (Inbound.FAULTED,)),
    (sets, Direction.IN, (SetIn.REJECTED,)),
    (sets, Direction.OUT, (SetOut.REJECTED,)),
    (erp_files, Direction.IN, (FileState.REFUSED, FileState.PARTLY)),
)
"""States that may stay for ever: they are told of while they are young."""

_RECEIVED = and_(sets.c.partner == bindparam("partner"), sets.c.set_id == bindparam("set_id"), sets.c.direction == Direction.IN)
_AT_ONCE = 50
_NEXT = Asked(
    select(sets.c.created_at).where(_RECEIVED, sets.c.created_at >= bindparam("since")).order_by(sets.c.created_at).limit(_AT_ONCE)
)
_LAST = Asked(select(func.max(sets.c.created_at)).where(_RECEIVED))


class SqlLookout:
    """Questions about what is wrong, on one database."""

    def __init__(self, database: Database, payload_folder: Path | None, clock: Clock, views: SqlViews, jobs: Queue) -> None:
        self._database = database
        self._payload_folder = payload_folder
        self._clock = clock
        self._views = views
        self._jobs = jobs

    def troubles(self, since: datetime, limit: int) -> Troubles:
        now = self._clock.now()
        with self._database.read() as connect:
            unit = SqlUnitOfWork(connect, self._payload_folder, self._clock)
            found_messages = _waiting(unit.transmissions, transmissions, since, limit)
            found_sets = _waiting(unit.sets, sets, since, limit)
            found_files = _waiting(unit.erp_files, erp_files, since, limit)
            speaking = [one for one in by_time_left(unit, 2 * limit) if _speaks(one, now)][:limit]
            windows = overdue_lines(unit, speaking)
            pauses = tuple(unit.pauses.find())
            left_alone = tuple(one for one in unit.endpoints.find() if one.open_until is not None)
        return Troubles(
            limit=limit,
            transmissions=found_messages,
            sets=found_sets,
            files=found_files,
            windows=windows,
            parked=tuple(self._jobs.parked(limit)),
            pauses=pauses,
            left_alone=left_alone,
            health=self._views.health(),
        )

    def arrivals(self, partner: str, set_id: str, since: datetime, step: timedelta) -> Arrivals:
        found: list[datetime] = []
        with self._database.read() as connect:
            wanted: dict[str, Any] = {"partner": partner, "set_id": set_id, "since": since}
            # From one arrival to the next that is a step later, some at once; dense ones are skipped: an index is entered once a step.
            while block := _NEXT.rows(connect(), wanted):
                for [arrived] in block:
                    if arrived >= wanted["since"]:
                        found.append(arrived)
                        wanted["since"] = arrived + step
        return tuple(found)

    def last_arrival(self, partner: str, set_id: str) -> datetime | None:
        with self._database.read() as connect:
            last: datetime | None = _LAST.rows(connect(), {"partner": partner, "set_id": set_id})[0][0]
        return last


def _speaks(deadline: rows.Deadline, now: datetime) -> bool:
    """Whether a window is over, or so near its end that it warns."""
    return deadline.due_at <= now or (deadline.warn_at is not None and deadline.warn_at <= now)


def _waiting(table_rows: SqlRows[Any], table: Table, since: datetime, limit: int) -> tuple[Any, ...]:
    """The rows of a table that wait for a person, oldest first; one question a state, so that none hides the others."""
    found: list[rows.Transmission | rows.TransactionSet | rows.ErpFile] = []
    for past, known in ((False, LASTING), (True, OF_THE_PAST)):
        for of, direction, states in known:
            if of is not table:
                continue
            here = and_(table.c.direction == direction, or_(*(table.c.state == state for state in states)))
            if past:
                newest = select(table).where(here, table.c.created_at >= since).order_by(table.c.id.desc()).limit(limit)
                found += reversed(table_rows.all(newest))
            else:
                found += table_rows.all(select(table).where(here).order_by(table.c.id).limit(limit))
    return tuple(found)
