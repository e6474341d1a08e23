"""Rows that a job should move on and that have none: what the reconciler enqueues again.

A row and its job are committed together, so this finds what a fault of ours, a restored backup or a person's hand left behind.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, String, Table, bindparam, cast, exists, literal, or_, select

from edi_gateway.lifecycle import waits
from edi_gateway.lifecycle.precedence import order_of_set
from edi_gateway.lifecycle.states import Direction, Inbound
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.store.statements import Asked, plain
from edi_gateway.store.tables import erp_files, interchanges, jobs, notices, pauses, sets, transmissions

GRACE = timedelta(minutes=1)
"""Younger rows are let alone: a task may still be making several steps in transactions of its own."""
LOOK_BACK = timedelta(days=1)
"""How far back received messages are looked at that were never translated; nothing else marks them, so all would be."""
MOST = 500

_LOCKED = Asked(
    select(transmissions.c.faults, transmissions.c.parts_kept).where(transmissions.c.id == bindparam("row_id")).with_for_update()
)
_ITS_INTERCHANGES = Asked(select(interchanges.c.id).where(interchanges.c.transmission_id == bindparam("row_id")))
_OPENED = (Inbound.OPENED, Inbound.RECEIPTED, Inbound.RECEIPT_DUE, Inbound.RECEIPT_EXHAUSTED)


def stale_rows(connection: Connection, now: datetime) -> list[tuple[str, int, str | None]]:
    """A task, a row's id, and the order that work on a set belongs to; at most `MOST` a task."""
    found: list[tuple[str, int, str | None]] = []
    for task, table, waiting in _questions(now):
        key = literal(f"{task.value}:") + cast(table.c.id, String)
        ordered = (sets.c.partner, sets.c.set_id, sets.c.po_number) if table is sets else ()
        query = select(table.c.id, *ordered).where(waiting, table.c.created_at <= now - GRACE, ~exists().where(jobs.c.key == key))
        for row_id, *named in connection.execute(query.order_by(table.c.id).limit(MOST)):
            found.append((task.value, row_id, order_of_set(*named) if named else None))
    return found


def _questions(now: datetime) -> Iterator[tuple[Task, Table, ColumnElement[bool]]]:
    for direction, table, states in (
        (Direction.OUT, transmissions, waits.worked_on(waits.OUTBOUND)),
        (Direction.IN, transmissions, waits.worked_on(waits.INBOUND)),
        (Direction.OUT, sets, waits.worked_on(waits.SET_OUT)),
        (Direction.IN, sets, waits.worked_on(waits.SET_IN)),
    ):
        for task, waiting in states.items():
            condition = (table.c.direction == direction) & table.c.state.in_(waiting)
            if table is transmissions and task is Task.SEND:
                condition &= ~_paused(Direction.OUT)
            if table is transmissions:
                condition &= or_(table.c.next_attempt_at.is_(None), table.c.next_attempt_at <= now)
            yield task, table, condition
    for task, waiting in waits.worked_on(waits.ERP_FILE).items():
        yield task, erp_files, erp_files.c.direction.in_(list(Direction)) & erp_files.c.state.in_(waiting)
    for task, waiting in waits.worked_on(waits.NOTICE).items():
        yield task, notices, notices.c.state.in_(waiting) & or_(notices.c.next_attempt_at.is_(None), notices.c.next_attempt_at <= now)
    yield Task.TRANSLATE, transmissions, _never_translated(now)
    begun, way = transmissions.c.parts_kept.is_not(None), plain(transmissions.c.direction)
    yield Task.TRANSLATE, transmissions, begun & (way == Direction.IN) & ~_paused(Direction.IN)
    yield Task.TELL_DELIVERED, transmissions, begun & (way == Direction.OUT)


def untranslated(connection: Connection, partner: str) -> list[int]:
    """The messages of a partner that were opened and not translated to their end, the oldest first."""
    here, there = transmissions.c, transmissions.alias("there")
    # Most were translated: that is to be seen in two indexes, before a row of a message is read.
    without = select(there.c.id).where(
        there.c.partner == partner, there.c.direction == Direction.IN, ~exists().where(interchanges.c.transmission_id == there.c.id)
    )
    never = select(here.id).where(here.id.in_(without), here.state.in_(_OPENED), here.content.is_not(None), here.faults.is_(None))
    # The few that are begun are to be walked, not all of the partner.
    begun = select(here.id).where(here.parts_kept.is_not(None), plain(here.partner) == partner, plain(here.direction) == Direction.IN)
    return sorted(row for query in (never, begun) for row in connection.execute(query).scalars())


def is_begun(connection: Connection, transmission_id: int) -> bool:
    """As `ports.store.UnitOfWork` has it."""
    message = _LOCKED.ask(connection, {"row_id": transmission_id})
    # Asked behind the lock, so that it sees what the one that held it has kept.
    kept = _ITS_INTERCHANGES.ask(connection, {"row_id": transmission_id})
    [[faults, parts_kept]] = message()
    return bool(faults or parts_kept is not None or kept())


def _paused(direction: Direction) -> ColumnElement[bool]:
    """Whether a message waits for a person to resume its partner."""
    return exists().where(pauses.c.partner == transmissions.c.partner, pauses.c.direction == direction)


def _never_translated(now: datetime) -> ColumnElement[bool]:
    return (
        # The few of these days are to be walked, not all that were received.
        (plain(transmissions.c.direction) == Direction.IN)
        & plain(transmissions.c.state).in_(_OPENED)
        & (transmissions.c.created_at > now - LOOK_BACK)
        & transmissions.c.content.is_not(None)
        & transmissions.c.faults.is_(None)
        & ~_paused(Direction.IN)
        & ~exists().where(interchanges.c.transmission_id == transmissions.c.id)
    )
