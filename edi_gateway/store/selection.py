"""Which messages a filter means, found by indexes however few or many there are.

Each filter that looks into other tables can be asked two ways: which messages meet it (good where they are few), and whether one
message meets it (good where they are many, as the newest are looked at first). A bounded look at the first way decides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, Table, and_, exists, func, or_, select, union_all

from edi_gateway.lifecycle import waits
from edi_gateway.lifecycle.states import DeadlineState, Direction, Inbound
from edi_gateway.ports.views import MessageFilter
from edi_gateway.store.statements import plain
from edi_gateway.store.tables import deadlines, erp_files, groups, interchanges, sets, transmissions

TRANSMISSION_ATTENTION = tuple(sorted(waits.waiting_for_a_person(waits.OUTBOUND) + waits.waiting_for_a_person(waits.INBOUND)))
SET_ATTENTION = tuple(sorted({*waits.waiting_for_a_person(waits.SET_OUT), *waits.waiting_for_a_person(waits.SET_IN)}))

_OF_NOBODY = (Inbound.DUPLICATE, Inbound.NOT_AS2)
"""Received, and nobody has to look: answered as the first one was, or no message at all, of which a scanner sends many."""

FEW = 1000
"""Up to so many messages are named one by one in the query."""
MANY = 20_000
"""Up to so many are found by their indexes; of more the newest are soon met by going through all messages."""
OUT_OF_ORDER = 1000
"""So many messages at most were kept in another order than that of their times: by several processes at once, or by a clock set back."""

_LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Selection:
    """One filter, asked both ways: `ids` gives the transmissions that meet it, `meets` whether the query's transmission does."""

    ids: tuple[Select[Any], ...]
    meets: ColumnElement[bool]


def conditions(wanted: MessageFilter, connection: Connection) -> list[ColumnElement[bool]]:
    """The filter as conditions on `transmissions`."""
    table = transmissions.c
    found: list[ColumnElement[bool]] = []
    if wanted.partner is not None:
        found.append(table.partner == wanted.partner)
    if wanted.direction is not None:
        # By itself it is met by every other message: the newest are soon met, and an index of states would have to be sorted.
        found.append(table.direction == wanted.direction if wanted.partner is not None else plain(table.direction) == wanted.direction)
    if wanted.since is not None:
        found.append(table.created_at >= wanted.since)
    if wanted.until is not None:
        found.append(table.created_at < wanted.until)
    found += _between(wanted, connection)
    return found + [_cheapest(selection, connection) for selection in _selections(wanted)]


def attention() -> Selection:
    """What waits for a person: by the state of a message or of a set in it, by a breached window, or because it could not be opened."""
    here = transmissions.c.id
    # Both directions are named because the indexes of states begin with them.
    waits = and_(transmissions.c.direction.in_(list(Direction)), transmissions.c.state.in_(TRANSMISSION_ATTENTION))
    # Of the two conditions the direction is the one that most messages meet.
    received = and_(plain(transmissions.c.direction) == Direction.IN, transmissions.c.state.not_in(_OF_NOBODY))
    faulty = and_(received, transmissions.c.faults.is_not(None))
    set_waits = and_(sets.c.direction.in_(list(Direction)), sets.c.state.in_(SET_ATTENTION))
    breached = deadlines.c.state == DeadlineState.BREACHED
    of_set = and_(deadlines.c.subject == "set", deadlines.c.subject_id == sets.c.id)
    of_group = and_(deadlines.c.subject == "group", deadlines.c.subject_id == groups.c.id)
    of_transmission = deadlines.c.subject == "transmission"
    return Selection(
        ids=(
            select(here).where(waits),
            select(here).where(faulty),
            select(sets.c.transmission_id).where(set_waits),
            select(sets.c.transmission_id).where(of_set, breached),
            select(groups.c.transmission_id).where(of_group, breached),
            select(deadlines.c.subject_id).where(of_transmission, breached),
        ),
        meets=or_(
            waits,
            faulty,
            _any(select(sets.c.id).where(sets.c.transmission_id == here, set_waits)),
            _has_breached("set", select(sets.c.id).where(sets.c.transmission_id == here).correlate(transmissions)),
            _has_breached("group", select(groups.c.id).where(groups.c.transmission_id == here).correlate(transmissions)),
            _has_breached("transmission", here),
        ),
    )


def _has_breached(subject: str, of: ColumnElement[int] | Select[int]) -> ColumnElement[bool]:
    """Whether a window of these subjects is breached: asked of the windows of one message, not of all that are breached."""
    about = deadlines.c.subject_id == of if isinstance(of, ColumnElement) else deadlines.c.subject_id.in_(of)
    return _any(select(deadlines.c.id).where(deadlines.c.subject == subject, about, plain(deadlines.c.state) == DeadlineState.BREACHED))


def _any(rows: Select[Any]) -> ColumnElement[bool]:
    """Whether there is such a row of one message: by OFFSET, as PostgreSQL would else look for those of all messages beforehand."""
    return exists(rows.correlate(transmissions).offset(0))


def begins_with(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Whether a column begins with the text, as a range of its index."""
    return and_(column >= text, column < text + _LAST)


def _selections(wanted: MessageFilter) -> Iterator[Selection]:
    if text := wanted.text.strip():
        yield _search(text)
    if wanted.set_id is not None:
        yield _of(sets, sets.c.set_id == wanted.set_id)
    if wanted.state is not None:
        yield _in_state(wanted.state)
    if wanted.attention:
        yield attention()


def _cheapest(selection: Selection, connection: Connection) -> ColumnElement[bool]:
    ids: set[int] = set()
    for one in selection.ids:
        found = connection.execute(one.limit(FEW + 1)).scalars().all()
        ids.update(row_id for row_id in found if row_id is not None)
        # Thousands of sets of one message fill a look and say little: what was cut off counts, not how many messages it named.
        if len(found) > FEW or len(ids) > FEW:
            return _of_many(selection, connection)
    return transmissions.c.id.in_(sorted(ids))


def _of_many(selection: Selection, connection: Connection) -> ColumnElement[bool]:
    left, newest = MANY, 0
    for one in selection.ids:
        looked_at = one.limit(left + 1).subquery()
        found, last = connection.execute(select(func.count(), func.max(next(iter(looked_at.c)))).select_from(looked_at)).one()
        left -= found
        newest = max(newest, last or 0)
        if left < 0:
            return selection.meets
    # With the newest of them named, what came after it is not gone through.
    return and_(transmissions.c.id <= newest, transmissions.c.id.in_(union_all(*selection.ids)))


def _between(wanted: MessageFilter, connection: Connection) -> Iterator[ColumnElement[bool]]:
    """A time as the row ids that it leaves, so that what is older or newer is not even looked at."""
    at, number = transmissions.c.created_at, transmissions.c.id
    if wanted.since is not None:
        oldest = select(number).where(at >= wanted.since).order_by(at).limit(OUT_OF_ORDER).subquery()
        yield number >= (connection.execute(select(func.min(oldest.c.id))).scalar() or 0)
    if wanted.until is not None:
        newest = select(number).where(at < wanted.until).order_by(at.desc()).limit(OUT_OF_ORDER).subquery()
        yield number <= (connection.execute(select(func.max(newest.c.id))).scalar() or 0)


def _search(text: str) -> Selection:
    """What a person types into the search box: whole control numbers, and the beginning of everything else."""
    bare = text.strip("<>")
    parts = [
        _where(or_(begins_with(transmissions.c.message_id, bare), begins_with(transmissions.c.message_id, f"<{bare}"))),
        _where(begins_with(transmissions.c.filename, text)),
        _of(sets, begins_with(sets.c.po_number, text), begins_with(plain(sets.c.po_number), text)),
        _of(sets, begins_with(sets.c.business_key, text), begins_with(plain(sets.c.business_key), text)),
        _of_erp_file(text),
    ]
    if text.isascii() and text.isdigit():
        parts += [_of(table, table.c.control_number.in_(_control_forms(text))) for table in (interchanges, groups, sets)]
    return Selection(ids=tuple(ids for part in parts for ids in part.ids), meets=or_(*(part.meets for part in parts)))


def _control_forms(text: str) -> Sequence[str]:
    """A control number as it may be kept: ISA13 has nine digits, ST02 four at least, GS06 no leading zeros."""
    short = text.lstrip("0") or "0"
    return sorted({text, short, short.zfill(4), short.zfill(9)})


def _in_state(state: str) -> Selection:
    """Messages in a state, or with a set in it. Both directions are named because the indexes of states begin with them."""
    own = and_(transmissions.c.direction.in_(list(Direction)), transmissions.c.state == state)
    of_set = _of(sets, and_(sets.c.direction.in_(list(Direction)), sets.c.state == state))
    return Selection(ids=(select(transmissions.c.id).where(own), *of_set.ids), meets=or_(own, of_set.meets))


def _where(condition: ColumnElement[bool]) -> Selection:
    return Selection(ids=(select(transmissions.c.id).where(condition),), meets=condition)


def _of(table: Table, condition: ColumnElement[bool], of_one: ColumnElement[bool] | None = None) -> Selection:
    """Messages that a row of another table belongs to. `of_one` is the condition where the rows of one message are asked."""
    column = table.c.transmission_id
    of_message = select(column).where(column == transmissions.c.id, condition if of_one is None else of_one)
    return Selection(ids=(select(column).where(condition),), meets=_any(of_message))


def _of_erp_file(text: str) -> Selection:
    named = begins_with(erp_files.c.name, text)
    of_one = erp_files.c.id.in_(select(sets.c.erp_file_id).where(sets.c.transmission_id == transmissions.c.id).correlate(transmissions))
    return Selection(
        ids=(select(sets.c.transmission_id).where(sets.c.erp_file_id == erp_files.c.id, named),),
        meets=_any(select(erp_files.c.id).where(of_one, begins_with(plain(erp_files.c.name), text))),
    )


def name_begins_with(column: Column[Any], text: str, connection: Connection) -> tuple[ColumnElement[bool], ColumnElement[int]]:
    """`begins_with` of a column in a list of its own rows, newest first, and what they are to be sorted by.

    By the column's index where it finds few rows: these are sorted by what no index has in order, so that none goes through all rows.
    """
    number = column.table.c.id
    named = begins_with(column, text)
    few = select(column).where(named).limit(MANY + 1).subquery()
    many = connection.execute(select(func.count()).select_from(few)).scalar_one() > MANY
    return (begins_with(plain(column), text), number) if many else (named, number + 0)
