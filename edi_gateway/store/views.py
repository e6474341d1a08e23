"""What the console and the command line see: lists by key, never by offset, and one message whole."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, Table, and_, exists, func, or_, select, true, union

from edi_gateway.lifecycle import waits
from edi_gateway.lifecycle.deadline import CLOSED_BY_A_PERSON
from edi_gateway.lifecycle.deadline import WAITING as WAITED_FOR
from edi_gateway.lifecycle.incidents import Incident, IncidentState
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction
from edi_gateway.ports import rows
from edi_gateway.ports.channels import Clock
from edi_gateway.ports.views import (
    ClosedLine,
    MessageDetail,
    MessageFilter,
    MessageLine,
    MessagePage,
    OverdueLine,
    PartnerActivity,
    WindowPage,
)
from edi_gateway.store import selection
from edi_gateway.store.database import Database
from edi_gateway.store.job_statements import PARKED, WAITING, in_state
from edi_gateway.store.related import related
from edi_gateway.store.retention import RAN
from edi_gateway.store.statements import plain
from edi_gateway.store.tables import deadlines, documents, erp_files, events, groups, jobs, sets, ticks, transmissions
from edi_gateway.store.traffic import Traffic
from edi_gateway.store.unit import SqlUnitOfWork

T = TypeVar("T")

_OPEN = (
    ("transmission", transmissions, Direction.IN, waits.not_final(waits.INBOUND)),
    ("transmission", transmissions, Direction.OUT, waits.not_final(waits.OUTBOUND)),
    ("set", sets, Direction.IN, waits.not_final(waits.SET_IN)),
    ("set", sets, Direction.OUT, waits.not_final(waits.SET_OUT)),
    ("file", erp_files, Direction.IN, waits.not_final(waits.ERP_FILE)),
    ("file", erp_files, Direction.OUT, waits.not_final(waits.ERP_FILE)),
)
_OPEN_PLAIN = (
    ("deadline", deadlines, deadlines.c.state.in_((DeadlineState.OPEN, DeadlineState.BREACHED))),
    ("job", jobs, true()),
)


class SqlViews:
    """Fulfils `ports.views.Views` and `ports.views.Archive`."""

    def __init__(self, database: Database, payload_folder: Path | None, clock: Clock) -> None:
        self._database = database
        self._payload_folder = payload_folder
        self._clock = clock
        self._traffic = Traffic()

    def messages(self, wanted: MessageFilter, *, before: int | None = None, limit: int = 50) -> MessagePage:
        table = transmissions
        with self._database.read() as connect:
            unit = self._unit(connect)
            query = select(table).where(*selection.conditions(wanted, connect()))
            if before is not None:
                query = query.where(table.c.id < before)
            found = unit.transmissions.all(query.order_by(table.c.id.desc()).limit(limit + 1))
            page = found[:limit]
            return MessagePage(lines=_lines(unit, page), before=_id(page[-1]) if len(found) > limit else None)

    def message(self, transmission_id: int) -> MessageDetail:
        with self._database.read() as connect:
            return _detail(self._unit(connect), connect(), transmission_id)

    def waiting_windows(self, *, partner: str | None = None, after: int | None = None, limit: int = 50) -> WindowPage:
        with self._database.read() as connect:
            unit = self._unit(connect)
            found = by_time_left(unit, limit + 1, partner, None if after is None else unit.deadlines.get(after))
            page = found[:limit]
            return WindowPage(lines=overdue_lines(unit, page), after=_id(page[-1]) if len(found) > limit else None)

    def overdue(self, now: datetime, *, partner: str | None = None) -> Mapping[DeadlineKind, int]:
        query = select(deadlines.c.kind, func.count()).where(_is_over(now)).group_by(deadlines.c.kind)
        if partner is not None:
            query = query.where(deadlines.c.partner == partner)
        with self._database.read() as connect:
            return {DeadlineKind(kind): count for kind, count in connect().execute(query)}

    def window(self, window_id: int) -> OverdueLine:
        with self._database.read() as connect:
            unit = self._unit(connect)
            return overdue_lines(unit, [unit.deadlines.get(window_id)])[0]

    def closed_windows(self, *, partner: str | None = None, limit: int = 20) -> tuple[ClosedLine, ...]:
        later = deadlines.alias()
        same = (later.c[name] == deadlines.c[name] for name in ("subject", "subject_id", "kind", "expects"))
        query = select(deadlines).where(deadlines.c.state == DeadlineState.CLOSED, ~exists().where(later.c.id > deadlines.c.id, *same))
        if partner is not None:
            query = query.where(deadlines.c.partner == partner)
        with self._database.read() as connect:
            unit = self._unit(connect)
            found = unit.deadlines.all(query.order_by(deadlines.c.settled_at.desc()).limit(limit))
            return tuple(_closed(line, unit) for line in overdue_lines(unit, found))

    def erp_files(
        self, *, partner: str | None = None, text: str = "", before: int | None = None, limit: int = 50
    ) -> tuple[rows.ErpFile, ...]:
        query = select(erp_files).limit(limit)
        order: ColumnElement[int] = erp_files.c.id
        if partner is not None:
            query = query.where(erp_files.c.partner == partner)
        if before is not None:
            query = query.where(erp_files.c.id < before)
        with self._database.read() as connect:
            if text:
                named, order = selection.name_begins_with(erp_files.c.name, text, connect())
                query = query.where(named)
            return tuple(self._unit(connect).erp_files.all(query.order_by(order.desc())))

    def sets_since(
        self, since: datetime, set_id: str, direction: Direction, partner: str, after: int, limit: int
    ) -> tuple[rows.TransactionSet, ...]:
        here = and_(sets.c.set_id == set_id, sets.c.direction == direction, sets.c.partner == partner, sets.c.created_at >= since)
        with self._database.read() as connect:
            return tuple(self._unit(connect).sets.all(select(sets).where(here, sets.c.id > after).order_by(sets.c.id).limit(limit)))

    def erp_files_since(self, since: datetime, layout: str, partner: str, after: int, limit: int) -> tuple[rows.ErpFile, ...]:
        table = erp_files.c
        dropped = and_(table.direction == Direction.IN, table.partner == partner, table.layout == layout, table.created_at >= since)
        with self._database.read() as connect:
            return tuple(
                self._unit(connect).erp_files.all(select(erp_files).where(dropped, table.id > after).order_by(table.id).limit(limit))
            )

    def activity(self) -> tuple[PartnerActivity, ...]:
        waiting = union(*selection.attention().ids).subquery()
        attention = select(transmissions.c.partner, func.count().label("waiting")).where(transmissions.c.id.in_(select(waiting)))
        with self._database.read() as connect:
            counted = self._traffic.counted(connect(), self._clock.now())
            asking = {row.partner: row.waiting for row in connect().execute(attention.group_by(transmissions.c.partner))}
            last = select(transmissions.c.id, transmissions.c.created_at).where(
                transmissions.c.id.in_([one.last for one in counted.values()])
            )
            times = {row.id: row.created_at for row in connect().execute(last)}
        by_partner: dict[str, dict[Direction, tuple[int, datetime]]] = {}
        for (partner, direction), one in counted.items():
            by_partner.setdefault(partner, {})[direction] = (one.seen, times[one.last])
        return tuple(_activity(partner, by_partner[partner], asking.get(partner, 0)) for partner in sorted(by_partner))

    def open_counts(self) -> Mapping[str, int]:
        found: dict[str, int] = {}
        with self._database.read() as connect:
            for name, table, direction, states in _OPEN:
                here = and_(table.c.direction == direction, table.c.state.in_(states))
                query = select(table.c.state, func.count()).where(here).group_by(table.c.state)
                found |= {f"{name}.{direction}.{state}": count for state, count in connect().execute(query)}
            for name, table, which in _OPEN_PLAIN:
                by_state = select(table.c.state, func.count()).where(which).group_by(table.c.state)
                found |= {f"{name}.{state}": count for state, count in connect().execute(by_state)}
        return found

    def kept(self) -> Mapping[str, int]:
        counted = {"messages": transmissions, "documents": sets, "files": erp_files}
        with self._database.read() as connect:
            return {name: connect().execute(select(func.max(table.c.id))).scalar() or 0 for name, table in counted.items()}

    def recent(self, since: datetime) -> Mapping[tuple[str, str], int]:
        table = transmissions.c
        # Grouped by what no index has in order, so that the few of this time are looked at and not all that there are.
        direction = plain(table.direction)
        query = select(direction, table.state, func.count()).where(table.created_at >= since).group_by(direction, table.state)
        with self._database.read() as connect:
            return {(str(direction), state): count for direction, state, count in connect().execute(query)}

    def incidents(self) -> tuple[Incident, ...]:
        with self._database.read() as connect:
            return tuple(self._unit(connect).incidents.find(state=IncidentState.OPEN))

    def payload(self, digest: str) -> bytes:
        with self._database.read() as connect:
            return self._unit(connect).payloads.get(digest)

    def open(self, digest: str) -> BinaryIO:
        with self._database.read() as connect:
            return self._unit(connect).payloads.open(digest)

    def health(self) -> Mapping[str, datetime | int | None]:
        with self._database.read() as connect:
            return {
                "tick": connect().execute(select(func.max(ticks.c.at)).where(ticks.c.name != RAN)).scalar(),
                "oldest_job": connect().execute(select(func.min(jobs.c.run_at)).where(in_state(WAITING))).scalar(),
                "parked": connect().execute(select(func.count()).select_from(jobs).where(in_state(PARKED))).scalar(),
            }

    def server_time(self) -> datetime | None:
        """The time of the database server; None where the database is a file."""
        if self._database.file is not None:
            return None
        with self._database.read() as connect:
            found: datetime = connect().execute(select(func.clock_timestamp())).scalar_one()
            return found

    def _unit(self, connect: Any) -> SqlUnitOfWork:
        return SqlUnitOfWork(connect, self._payload_folder, self._clock)


def _lines(unit: SqlUnitOfWork, page: list[rows.Transmission]) -> tuple[MessageLine, ...]:
    ids = [_id(transmission) for transmission in page]
    receipts = _grouped(unit.receipts.find(transmission_id=ids))
    interchanges = _grouped(unit.interchanges.find(transmission_id=ids))
    of_sets = _grouped(unit.sets.find(transmission_id=ids))
    return tuple(
        MessageLine(
            transmission=transmission,
            receipt=_deciding(transmission, receipts.get(transmission.id, [])),
            interchanges=tuple(interchanges.get(transmission.id, ())),
            sets=tuple(of_sets.get(transmission.id, ())),
        )
        for transmission in page
    )


def _deciding(transmission: rows.Transmission, receipts: list[rows.Receipt]) -> rows.Receipt | None:
    """Our first MDN for what we received; the last one that came for what we sent."""
    of_it = [receipt for receipt in receipts if receipt.direction != transmission.direction]
    if not of_it:
        return None
    return of_it[0] if transmission.direction is Direction.IN else of_it[-1]


def _detail(unit: SqlUnitOfWork, connection: Connection, transmission_id: int) -> MessageDetail:
    transmission = unit.transmissions.get(transmission_id)
    # Asked for by subqueries, not by lists of ids: one interchange may hold thousands of sets.
    own_sets = select(sets.c.id).where(sets.c.transmission_id == transmission_id)
    own_groups = select(groups.c.id).where(groups.c.transmission_id == transmission_id)
    receipts = unit.receipts.find(transmission_id=transmission_id)
    attempts = unit.attempts.find(transmission_id=transmission_id)
    if receipts:
        attempts += unit.attempts.find(receipt_id=[receipt.id for receipt in receipts], transmission_id=None)
    return MessageDetail(
        transmission=transmission,
        receipts=tuple(receipts),
        attempts=tuple(attempts),
        interchanges=tuple(unit.interchanges.find(transmission_id=transmission_id)),
        groups=tuple(unit.groups.find(transmission_id=transmission_id)),
        sets=tuple(unit.sets.find(transmission_id=transmission_id)),
        documents=tuple(unit.documents.select(documents.c.id.in_(_column(sets.c.document_id, transmission_id)))),
        erp_files=tuple(unit.erp_files.select(erp_files.c.id.in_(_column(sets.c.erp_file_id, transmission_id)))),
        deadlines=tuple(unit.deadlines.select(_own_deadlines(transmission_id, own_groups, own_sets))),
        events=tuple(unit.events.select(_own_events(transmission_id, own_sets))),
        related=related(unit, transmission),
    )


def _own_events(transmission_id: int, own_sets: Select[Any]) -> ColumnElement[bool]:
    """Events of the message, of its sets, and of their ERP files as such: a file may hold other messages' sets too."""
    of_file = and_(
        events.c.erp_file_id.in_(_column(sets.c.erp_file_id, transmission_id)),
        # Written so that no index finds them: those of no message are many, those of a file few.
        func.coalesce(events.c.transmission_id, 0) == 0,
        func.coalesce(events.c.set_row_id, 0) == 0,
    )
    return _any_of(events, events.c.transmission_id == transmission_id, events.c.set_row_id.in_(own_sets), of_file)


def _own_deadlines(transmission_id: int, own_groups: Select[Any], own_sets: Select[Any]) -> ColumnElement[bool]:
    """The windows of the message, of its groups and of its sets."""
    about = deadlines.c
    return _any_of(
        deadlines,
        and_(about.subject == "transmission", about.subject_id == transmission_id),
        and_(about.subject == "group", about.subject_id.in_(own_groups)),
        and_(about.subject == "set", about.subject_id.in_(own_sets)),
    )


def _any_of(table: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """Rows that meet one of these, each found by its own index: joined by an OR, PostgreSQL would look at every row."""
    return table.c.id.in_(union(*(select(table.c.id).where(one) for one in conditions)))


def _column(column: ColumnElement[Any], transmission_id: int) -> Select[Any]:
    """What the sets of a message hold in this column."""
    return select(column).where(sets.c.transmission_id == transmission_id, column.is_not(None))


def by_time_left(unit: SqlUnitOfWork, most: int, partner: str | None = None, behind: rows.Deadline | None = None) -> list[rows.Deadline]:
    """So many windows at most that are waited for, the earliest end first; those of a partner alone, or those behind a window."""
    in_order = select(deadlines).order_by(deadlines.c.due_at, deadlines.c.id).limit(most)
    if partner is not None:
        in_order = in_order.where(deadlines.c.partner == partner)
    if behind is not None:
        later = or_(deadlines.c.due_at > behind.due_at, deadlines.c.id > _id(behind))
        in_order = in_order.where(deadlines.c.due_at >= behind.due_at, later)
    # Each state by itself: the index has the ends of each in order.
    found = [one for state in WAITED_FOR for one in unit.deadlines.all(in_order.where(deadlines.c.state == state))]
    return sorted(found, key=lambda one: (one.due_at, _id(one)))[:most]


def _is_over(now: datetime) -> ColumnElement[bool]:
    """Whether a window is over, whether or not the clock has marked it yet."""
    is_open = deadlines.c.state == DeadlineState.OPEN
    return or_(deadlines.c.state == DeadlineState.BREACHED, and_(is_open, deadlines.c.due_at <= now))


def overdue_lines(unit: SqlUnitOfWork, found: list[rows.Deadline]) -> tuple[OverdueLine, ...]:
    subjects: dict[str, list[int]] = {"transmission": [], "group": [], "set": []}
    for deadline in found:
        subjects[deadline.subject].append(deadline.subject_id)
    by_set = _by_id(unit.sets.find(id=subjects["set"]))
    by_group = _by_id(unit.groups.find(id=subjects["group"]))
    holders: list[rows.TransactionSet | rows.Group] = [*by_set.values(), *by_group.values()]
    owners = {holder.transmission_id for holder in holders if holder.transmission_id is not None}
    by_transmission = _by_id(unit.transmissions.find(id=sorted({*owners, *subjects["transmission"]})))
    held = unit.held_answers(found, by_set)
    lines = []
    for deadline in found:
        own_set = by_set.get(deadline.subject_id) if deadline.subject == "set" else None
        own_group = by_group.get(deadline.subject_id) if deadline.subject == "group" else None
        transmission_id = deadline.subject_id if deadline.subject == "transmission" else None
        if own_set:
            transmission_id = own_set.transmission_id
        elif own_group:
            transmission_id = own_group.transmission_id
        transmission = by_transmission.get(transmission_id) if transmission_id is not None else None
        lines.append(OverdueLine(deadline=deadline, transmission=transmission, set=own_set, held=held.get(_id(deadline))))
    return tuple(lines)


def _closed(line: OverdueLine, unit: SqlUnitOfWork) -> ClosedLine:
    """A window with the event that closed it, which is of the same time."""
    about = {"set_row_id": line.set.id} if line.set else {"transmission_id": line.deadline.subject_id}
    told = [one for one in unit.events.find(kind=CLOSED_BY_A_PERSON, **about) if one.at == line.deadline.settled_at]
    return ClosedLine(line=line, actor=told[-1].actor if told else "", words=told[-1].words if told else "")


def _activity(partner: str, traffic: Mapping[Direction, tuple[int, datetime]], attention: int) -> PartnerActivity:
    received, last_received = traffic.get(Direction.IN, (0, None))
    sent, last_sent = traffic.get(Direction.OUT, (0, None))
    return PartnerActivity(
        partner=partner, received=received, sent=sent, attention=attention, last_received_at=last_received, last_sent_at=last_sent
    )


def _id(row: Any) -> int:
    assert row.id is not None
    return int(row.id)


def _by_id(found: Iterable[T]) -> dict[int | None, T]:
    return {_id(one): one for one in found}


def _grouped(found: Iterable[Any]) -> dict[Any, list[Any]]:
    grouped: dict[Any, list[Any]] = {}
    for one in found:
        grouped.setdefault(one.transmission_id, []).append(one)
    return grouped
