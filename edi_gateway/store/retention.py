"""Deleting contents whose time is over, in transactions of some messages each, and the legal holds that keep them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, exists, insert, or_, select, update

from edi_gateway.lifecycle.retention import Kept, Retention, why_kept
from edi_gateway.lifecycle.states import DeadlineState
from edi_gateway.ports.retention import Deleted, Judged
from edi_gateway.store.database import Database
from edi_gateway.store.job_list import keep_tick
from edi_gateway.store.payloads import path_of
from edi_gateway.store.tables import (
    deadlines,
    deletions,
    document_lines,
    documents,
    erp_files,
    events,
    interchanges,
    legal_holds,
    payloads,
    receipts,
    sets,
    ticks,
    transmissions,
)

BATCH = 200
RAN = "retention"
"""Under this name `ticks` has when everything was last looked at."""
_HOLDERS = ((transmissions, "wire"), (transmissions, "content"), (interchanges, "content"), (erp_files, "content"), (receipts, "body"))


class SqlRetention:
    """Fulfils `ports.retention.Deleting`, and keeps the legal holds."""

    def __init__(self, database: Database, payload_folder: Path | None) -> None:
        self._database = database
        self._payload_folder = payload_folder

    def judged(self, retention: Retention, now: datetime) -> Iterator[Judged]:
        """Every message whose contents are there and older than the shortest period, oldest first."""
        after = 0
        while True:
            with self._database.read() as connect:
                query = select(transmissions).where(
                    transmissions.c.id > after,
                    transmissions.c.created_at <= now - retention.shortest,
                    ~exists().where(deletions.c.transmission_id == transmissions.c.id),
                )
                batch = connect().execute(query.order_by(transmissions.c.id).limit(BATCH)).mappings().all()
                found = [_judge(row, one, retention, now) for row, one in _looked_at(connect(), batch)]
            yield from found
            if len(batch) < BATCH:
                return
            after = batch[-1]["id"]

    def purge(self, messages: Sequence[Judged], now: datetime, words: str) -> list[Deleted]:
        """Deletes the contents of these messages; what was deleted. A crash leaves each batch whole or gone."""
        done: list[Deleted] = []
        for start in range(0, len(messages), BATCH):
            with self._database.write() as connect:
                batch, gone = _purge(connect(), messages[start : start + BATCH], now, words)
            if self._payload_folder is not None:
                for digest in gone:
                    path_of(self._payload_folder, digest).unlink(missing_ok=True)
            done += batch
        return done

    def last_run(self) -> datetime | None:
        with self._database.read() as connect:
            last: datetime | None = connect().execute(select(ticks.c.at).where(ticks.c.name == RAN)).scalar()
            return last

    def ran(self, at: datetime) -> None:
        with self._database.write() as connect:
            keep_tick(connect(), RAN, at)

    def oldest(self) -> datetime | None:
        """When the oldest message came or went whose contents are there; None where there is none."""
        there = ~exists().where(deletions.c.transmission_id == transmissions.c.id)
        query = select(transmissions.c.created_at).where(there).order_by(transmissions.c.id).limit(1)
        with self._database.read() as connect:
            oldest: datetime | None = connect().execute(query).scalar()
            return oldest

    def deleted(self) -> set[int]:
        """The messages whose contents went."""
        with self._database.read() as connect:
            return set(connect().execute(select(deletions.c.transmission_id)).scalars())

    def hold(self, now: datetime, reason: str, **about: str | int | None) -> int:
        """Keeps the contents of what these columns name, until it is lifted; its number."""
        with self._database.write() as connect:
            row = {"created_at": now, "reason": reason, "lifted_because": "", **about}
            added = connect().execute(insert(legal_holds), row).inserted_primary_key
        assert added is not None
        return int(added[0])

    def lift(self, number: int, now: datetime, reason: str) -> bool:
        """Ends a hold; False where there is none in force of this number."""
        in_force = and_(legal_holds.c.id == number, legal_holds.c.lifted_at.is_(None))
        with self._database.write() as connect:
            lifted = connect().execute(update(legal_holds).where(in_force).values(lifted_at=now, lifted_because=reason))
            return lifted.rowcount == 1

    def holds(self) -> list[dict[str, Any]]:
        """The holds in force, oldest first."""
        query = select(legal_holds).where(legal_holds.c.lifted_at.is_(None)).order_by(legal_holds.c.id)
        with self._database.read() as connect:
            return [dict(row) for row in connect().execute(query).mappings()]


def _judge(row: Mapping[Any, Any], found: Kept, retention: Retention, now: datetime) -> Judged:
    return Judged(
        id=row["id"],
        partner=row["partner"],
        direction=str(row["direction"]),
        message_id=row["message_id"],
        created_at=row["created_at"],
        set_ids=tuple(sorted({set_id for set_id, _ in found.sets})),
        kept=why_kept(found, retention, now),
    )


def _looked_at(connection: Connection, batch: Sequence[Any]) -> Iterator[tuple[Any, Kept]]:
    ids = [row["id"] for row in batch]
    by_message: dict[int, list[Any]] = {number: [] for number in ids}
    for one in connection.execute(select(sets).where(sets.c.transmission_id.in_(ids))).mappings():
        by_message[one["transmission_id"]].append(one)
    numbers = {one["po_number"] for found in by_message.values() for one in found if one["po_number"]}
    orders: dict[tuple[Any, Any], list[tuple[str, datetime]]] = {}
    same = select(sets.c.partner, sets.c.po_number, sets.c.set_id, sets.c.created_at).where(sets.c.po_number.in_(numbers))
    for partner, number, set_id, at in connection.execute(same):
        orders.setdefault((partner, number), []).append((set_id, at))
    waiting = _waiting(connection, ids, [one["id"] for found in by_message.values() for one in found])
    holds = connection.execute(select(legal_holds).where(legal_holds.c.lifted_at.is_(None))).mappings().all()
    for row in batch:
        found = by_message[row["id"]]
        yield (
            row,
            Kept(
                created_at=row["created_at"],
                states=(row["state"], *(one["state"] for one in found)),
                sets=[
                    pair
                    for one in found
                    for pair in ((one["set_id"], one["created_at"]), *orders.get((one["partner"], one["po_number"]), ()))
                ],
                waits=row["id"] in waiting["transmission"] or any(one["id"] in waiting["set"] for one in found),
                held=next((hold["reason"] or "hold" for hold in holds if _holds(hold, row, found)), ""),
            ),
        )


def _waiting(connection: Connection, messages: list[int], own_sets: list[int]) -> dict[str, set[int]]:
    """The messages and sets for which a window is open."""
    about = or_(
        and_(deadlines.c.subject == "transmission", deadlines.c.subject_id.in_(messages)),
        and_(deadlines.c.subject == "set", deadlines.c.subject_id.in_(own_sets)),
    )
    found: dict[str, set[int]] = {"transmission": set(), "set": set()}
    query = select(deadlines.c.subject, deadlines.c.subject_id).where(about, deadlines.c.state == DeadlineState.OPEN)
    for subject, number in connection.execute(query):
        found[subject].add(number)
    return found


def _holds(hold: Mapping[Any, Any], row: Mapping[Any, Any], own_sets: Iterable[Mapping[Any, Any]]) -> bool:
    """Whether a legal hold is about a message: each thing that it names has to be the message's."""
    if hold["partner"] is not None and hold["partner"] != row["partner"]:
        return False
    if hold["transmission_id"] is not None and hold["transmission_id"] != row["id"]:
        return False
    return hold["po_number"] is None or any(one["po_number"] == hold["po_number"] for one in own_sets)


def _purge(connection: Connection, messages: Sequence[Judged], now: datetime, words: str) -> tuple[list[Deleted], list[str]]:
    by_id = {one.id: one for one in messages}
    ids = list(by_id)
    digests = _digests(connection, ids)
    connection.execute(insert(deletions), [{"transmission_id": number, "at": now, "digests": tuple(digests[number])} for number in ids])
    told = {"at": now, "kind": "retention.deleted", "words": words, "actor": "retention"}
    connection.execute(insert(events), [{**told, "transmission_id": number, "partner": by_id[number].partner} for number in ids])
    _forget_records(connection, ids)
    gone = _unnamed(connection, {one for found in digests.values() for one in found})
    connection.execute(delete(payloads).where(payloads.c.digest.in_(gone)))
    return [Deleted(message=by_id[number], digests=tuple(digests[number])) for number in ids], gone


def _digests(connection: Connection, ids: list[int]) -> dict[int, list[str]]:
    """What each message's contents are kept under: its bytes, its interchanges', and those of its ERP files. Receipts stay."""
    found: dict[int, set[str]] = {number: set() for number in ids}
    own = select(transmissions.c.id, transmissions.c.wire, transmissions.c.content).where(transmissions.c.id.in_(ids))
    for row in connection.execute(own):
        found[row.id] |= {one for one in (row.wire, row.content) if one}
    for number, digest in connection.execute(
        select(interchanges.c.transmission_id, interchanges.c.content).where(interchanges.c.transmission_id.in_(ids))
    ):
        found[number] |= {digest} if digest else set()
    of_files = select(sets.c.transmission_id, erp_files.c.content).where(
        sets.c.erp_file_id == erp_files.c.id, sets.c.transmission_id.in_(ids)
    )
    for number, digest in connection.execute(of_files):
        found[number] |= {digest} if digest else set()
    return {number: sorted(some) for number, some in found.items()}


def _forget_records(connection: Connection, ids: list[int]) -> None:
    """The canonical records of these messages, and all columns that were made from them, save the numbers that they are found by."""
    own = select(sets.c.document_id).where(sets.c.transmission_id.in_(ids), sets.c.document_id.is_not(None))
    connection.execute(delete(document_lines).where(document_lines.c.document_id.in_(own)))
    kept = {"id", "direction", "kind", "created_at", "partner", "map_name", "map_digest", "number", "po_number"}
    emptied = {column.name: None for column in documents.columns if column.name not in kept and column.nullable}
    connection.execute(update(documents).where(documents.c.id.in_(own)).values(emptied))


def _unnamed(connection: Connection, digests: set[str]) -> list[str]:
    """Those of these digests that no row with contents names: one payload may be that of several messages."""
    named: set[str] = set()
    for table, name in _HOLDERS:
        column = table.c[name]
        query = select(column).where(column.in_(digests))
        if table is transmissions or table is interchanges:
            number = table.c.id if table is transmissions else table.c.transmission_id
            query = query.where(~exists().where(deletions.c.transmission_id == number))
        if table is erp_files:
            of_file = sets.c.erp_file_id == erp_files.c.id
            alive = exists().where(of_file, ~exists().where(deletions.c.transmission_id == sets.c.transmission_id))
            query = query.where(or_(alive, ~exists().where(of_file)))
        named |= set(connection.execute(query).scalars())
    return sorted(digests - named)
