"""Views over messages in memory: what the console shows, without a database."""

import io
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from edi_gateway.lifecycle import waits
from edi_gateway.lifecycle.deadline import WAITING
from edi_gateway.lifecycle.incidents import Incident
from edi_gateway.lifecycle.states import DeadlineKind, DeadlineState, Direction, Inbound, Outbound, SetIn, SetOut
from edi_gateway.ports import rows
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

TROUBLE = frozenset(
    {
        *(Outbound.REFUSED, Outbound.UNVERIFIED, Outbound.STOPPED, Outbound.EXHAUSTED, Outbound.EXPIRED),
        *(Inbound.FAULTED, Inbound.RECEIPT_EXHAUSTED),
        *(SetOut.HELD, SetOut.REJECTED, SetOut.ACK_OVERDUE, SetIn.HELD, SetIn.REJECTED),
    }
)

_WAITS: Mapping[str, Mapping[Any, waits.Wait]] = {
    "transmission.in": waits.INBOUND,
    "transmission.out": waits.OUTBOUND,
    "set.in": waits.SET_IN,
    "set.out": waits.SET_OUT,
}
FINAL = frozenset(f"{name}.{state}" for name, table in _WAITS.items() for state in table if state not in waits.not_final(table))


class FakeViews:
    """Fulfils `ports.views.Views` over the messages and payloads that it is given."""

    def __init__(
        self,
        messages: Iterable[MessageDetail] = (),
        payloads: Mapping[str, bytes] | None = None,
        *,
        files: Iterable[rows.ErpFile] = (),
        health: Mapping[str, datetime | int | None] | None = None,
        parked: int = 0,
        incidents: Iterable[Incident] = (),
    ) -> None:
        self._messages = {_id(one.transmission): one for one in messages}
        self._payloads = dict(payloads or {})
        self._files = tuple(files)
        self._health = dict(health or {"tick": None, "oldest_job": None, "parked": 0})
        self._parked = parked
        self._incidents = tuple(incidents)

    def messages(self, wanted: MessageFilter, *, before: int | None = None, limit: int = 50) -> MessagePage:
        fitting = [
            one
            for number, one in sorted(self._messages.items(), reverse=True)
            if (before is None or number < before) and _fits(one, wanted)
        ]
        page = fitting[:limit]
        return MessagePage(
            lines=tuple(_line(one) for one in page),
            before=_id(page[-1].transmission) if len(fitting) > limit else None,
        )

    def message(self, transmission_id: int) -> MessageDetail:
        return self._messages[transmission_id]

    def window(self, window_id: int) -> OverdueLine:
        return {line.deadline.id: line for line in self._windows()}[window_id]

    def closed_windows(self, *, partner: str | None = None, limit: int = 20) -> tuple[ClosedLine, ...]:
        here = [line for line in self._windows() if partner in (None, line.deadline.partner)]
        closed = [line for line in here if line.deadline.state is DeadlineState.CLOSED]
        words = "Not waited for any more. Reason: agreed by phone"
        return tuple(ClosedLine(line=line, actor="anna", words=words) for line in closed[:limit])

    def _windows(self) -> list[OverdueLine]:
        return [
            OverdueLine(deadline=window, transmission=one.transmission, set=one.sets[0] if one.sets else None)
            for one in self._messages.values()
            for window in one.deadlines
        ]

    def waiting_windows(self, *, partner: str | None = None, after: int | None = None, limit: int = 50) -> WindowPage:
        lines = sorted(self._waiting(partner), key=_place)
        if after is not None:
            mark = _place(self.window(after))
            lines = [line for line in lines if _place(line) > mark]
        page = tuple(lines[:limit])
        return WindowPage(lines=page, after=page[-1].deadline.id if len(lines) > limit else None)

    def overdue(self, now: datetime, *, partner: str | None = None) -> Mapping[DeadlineKind, int]:
        found = [line.deadline for line in self._waiting(partner)]
        return Counter(one.kind for one in found if one.state is DeadlineState.BREACHED or one.due_at <= now)

    def _waiting(self, partner: str | None) -> list[OverdueLine]:
        return [line for line in self._windows() if line.deadline.state in WAITING and partner in (None, line.deadline.partner)]

    def erp_files(
        self, *, partner: str | None = None, text: str = "", before: int | None = None, limit: int = 50
    ) -> tuple[rows.ErpFile, ...]:
        found = [
            one
            for one in sorted(self._files, key=lambda one: one.id or 0, reverse=True)
            if partner in (None, one.partner) and text in one.name and (before is None or (one.id or 0) < before)
        ]
        return tuple(found[:limit])

    def activity(self) -> tuple[PartnerActivity, ...]:
        names = sorted({one.transmission.partner for one in self._messages.values() if one.transmission.partner})
        return tuple(self._activity(name) for name in names)

    def open_counts(self) -> Mapping[str, int]:
        found: Counter[str] = Counter({"job.parked": self._parked})
        for one in self._messages.values():
            found[f"transmission.{one.transmission.direction}.{one.transmission.state}"] += 1
            found.update(f"set.{each.direction}.{each.state}" for each in one.sets)
        return {key: count for key, count in found.items() if key not in FINAL}

    def kept(self) -> Mapping[str, int]:
        return {"messages": max(self._messages, default=0), "documents": 0, "files": len(self._files)}

    def recent(self, since: datetime) -> Mapping[tuple[str, str], int]:
        rows = (one.transmission for one in self._messages.values())
        return Counter((str(row.direction), str(row.state)) for row in rows if row.created_at >= since)

    def incidents(self) -> tuple[Incident, ...]:
        return self._incidents

    def payload(self, digest: str) -> bytes:
        return self._payloads[digest]

    def open(self, digest: str) -> BinaryIO:
        return io.BytesIO(self._payloads[digest])

    def health(self) -> Mapping[str, datetime | int | None]:
        return self._health

    def _activity(self, partner: str) -> PartnerActivity:
        mine = [one for one in self._messages.values() if one.transmission.partner == partner]
        received = [one.transmission.created_at for one in mine if one.transmission.direction is Direction.IN]
        sent = [one.transmission.created_at for one in mine if one.transmission.direction is Direction.OUT]
        return PartnerActivity(
            partner=partner,
            received=len(received),
            sent=len(sent),
            attention=sum(_needs_a_person(one) for one in mine),
            last_received_at=max(received, default=None),
            last_sent_at=max(sent, default=None),
        )


class BrokenViews(FakeViews):
    """A store that does not answer."""

    def messages(self, wanted: MessageFilter, *, before: int | None = None, limit: int = 50) -> MessagePage:
        raise ConnectionError("the database is gone")

    def health(self) -> Mapping[str, datetime | int | None]:
        raise ConnectionError("the database is gone")


def healthy(now: datetime) -> Mapping[str, datetime | int | None]:
    """The health of a gateway whose clock ticked five seconds ago and whose work is done."""
    return {"tick": now - timedelta(seconds=5), "oldest_job": None, "parked": 0}


def _id(row: rows.Transmission) -> int:
    assert row.id is not None
    return row.id


def _line(one: MessageDetail) -> MessageLine:
    return MessageLine(
        transmission=one.transmission, receipt=one.receipts[0] if one.receipts else None, interchanges=one.interchanges, sets=one.sets
    )


def _needs_a_person(one: MessageDetail) -> bool:
    states = {one.transmission.state, *(each.state for each in one.sets)}
    return bool(states & TROUBLE) or any(window.state is DeadlineState.BREACHED for window in one.deadlines)


def _place(line: OverdueLine) -> tuple[datetime, int]:
    return line.deadline.due_at, line.deadline.id or 0


def _fits(one: MessageDetail, wanted: MessageFilter) -> bool:
    row = one.transmission
    states = {str(row.state), *(str(each.state) for each in one.sets)}
    return (
        wanted.partner in (None, row.partner)
        and wanted.direction in (None, row.direction)
        and (wanted.set_id is None or any(each.set_id == wanted.set_id for each in one.sets))
        and (wanted.state is None or wanted.state in states)
        and (wanted.since is None or row.created_at >= wanted.since)
        and (wanted.until is None or row.created_at < wanted.until)
        and (not wanted.attention or _needs_a_person(one))
        and (not wanted.text or wanted.text in _names(one))
    )


def _names(one: MessageDetail) -> set[str | None]:
    """Everything that the search box finds a message by."""
    names: set[str | None] = {one.transmission.message_id, one.transmission.filename}
    names |= {each.control_number for each in one.interchanges} | {each.control_number for each in one.groups}
    names |= {each.control_number for each in one.sets} | {each.business_key for each in one.sets} | {each.po_number for each in one.sets}
    return names | {each.name for each in one.erp_files}
