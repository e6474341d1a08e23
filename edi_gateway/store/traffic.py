"""How many messages there are of each partner: counted once, and from there on only what came since.

A message's partner and direction never change and no row of it ever goes, so what was counted stays right.
"""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, and_, func, select

from edi_gateway.lifecycle.states import Direction
from edi_gateway.store.statements import plain
from edi_gateway.store.tables import transmissions

SETTLED = timedelta(minutes=10)
"""Older messages are all there: a row id is given before its transaction ends, so a younger one may appear among those counted."""

_PARTNER = plain(transmissions.c.partner)


@dataclass(frozen=True, slots=True)
class Seen:
    """So many messages, and the row id of the last one."""

    seen: int
    last: int


Counted: TypeAlias = Mapping[tuple[str, Direction], Seen]


class Traffic:
    """The counts of one database, kept in this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._upto = 0
        self._counted: Counted = {}

    def counted(self, connection: Connection, now: datetime) -> Counted:
        """The messages by partner and direction."""
        number, at = transmissions.c.id, transmissions.c.created_at
        with self._lock:
            upto, counted = self._upto, self._counted
        settled = select(number).where(at < now - SETTLED).order_by(at.desc()).limit(1)
        newest = connection.execute(settled).scalar() or 0
        if newest > upto:
            # The first time by the index that has partner and direction in order; from there on by the ids, as these are few.
            first, since = (transmissions.c.partner, number + 0 <= newest), (_PARTNER, and_(number > upto, number <= newest))
            counted = _sum(counted, _count(connection, *(since if upto else first)))
            upto = newest
            with self._lock:
                self._upto, self._counted = upto, counted
        return _sum(counted, _count(connection, _PARTNER, number > upto))


def _count(connection: Connection, partner: ColumnElement[str], which: ColumnElement[bool]) -> Iterator[tuple[tuple[str, Direction], Seen]]:
    table = transmissions.c
    sums = [(func.count().filter(table.direction == one), func.max(table.id).filter(table.direction == one)) for one in Direction]
    query = select(partner, *(column for pair in sums for column in pair)).where(partner != "", which).group_by(partner)
    for name, *found in connection.execute(query):
        for direction, seen, last in zip(Direction, found[::2], found[1::2], strict=True):
            if seen:
                yield (name, direction), Seen(seen, last)


def _sum(counted: Counted, more: Iterator[tuple[tuple[str, Direction], Seen]]) -> Counted:
    found = dict(counted)
    for key, one in more:
        found[key] = Seen(found[key].seen + one.seen if key in found else one.seen, one.last)
    return found
