"""What is wrong now, from what the store, the keys and the disks show. Words name documents and partners, never what a document holds."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from edi_gateway.faults import Fault
from edi_gateway.lifecycle.incidents import Condition, Kind, Weight
from edi_gateway.lifecycle.notices import stamp
from edi_gateway.lifecycle.states import DeadlineKind, Direction, FileState, Inbound, Outbound, SetIn, SetOut
from edi_gateway.partners.keyring import Keyring
from edi_gateway.ports.alerts import Alerting, Room, Troubles
from edi_gateway.ports.rows import ErpFile, TransactionSet, Transmission
from edi_gateway.ports.views import OverdueLine
from edi_gateway.ports.work import ParkedJob

_MESSAGES = {
    Outbound.REFUSED: (Kind.MESSAGE_REFUSED, Weight.CRITICAL, "was refused by the partner's receipt"),
    Outbound.UNVERIFIED: (Kind.MESSAGE_UNVERIFIED, Weight.CRITICAL, "got a receipt that cannot be trusted"),
    Outbound.EXHAUSTED: (Kind.MESSAGE_GIVEN_UP, Weight.CRITICAL, "was tried as often as agreed and did not arrive"),
    Outbound.EXPIRED: (Kind.MESSAGE_GIVEN_UP, Weight.CRITICAL, "was tried as long as agreed and did not arrive"),
    Outbound.STOPPED: (Kind.MESSAGE_STOPPED, Weight.WARNING, "was stopped"),
    Inbound.FAULTED: (Kind.MESSAGE_FAULTED, Weight.WARNING, "could not be opened"),
    Inbound.RECEIPT_EXHAUSTED: (Kind.RECEIPT_GIVEN_UP, Weight.WARNING, "did not get our receipt, which could not be posted"),
}
_SETS = {
    (Direction.IN, SetIn.HELD): (Kind.DOCUMENT_HELD, Weight.CRITICAL, "from the partner is held"),
    (Direction.OUT, SetOut.HELD): (Kind.DOCUMENT_HELD, Weight.CRITICAL, "for the partner is held"),
    (Direction.IN, SetIn.REJECTED): (Kind.DOCUMENT_REJECTED, Weight.WARNING, "from the partner was rejected by us"),
    (Direction.OUT, SetOut.REJECTED): (Kind.DOCUMENT_REJECTED, Weight.CRITICAL, "was rejected by the partner"),
}
_FILES = {FileState.REFUSED: "was refused", FileState.PARTLY: "was taken only in part"}
_STEP_WEIGHTS = {60: Weight.NOTE, 30: Weight.WARNING}
"""Of the days before a certificate's end; fewer days are critical."""
_ENDING, _ENDED = ("PRT-CERT-ENDS-SOON",), ("PRT-CERT-EXPIRED", "PRT-CERT-NONE-IN-FORCE")


def conditions(alerting: Alerting, keys: Keyring, found: Troubles, now: datetime) -> Iterator[Condition]:
    """Everything that is wrong at this time, silence apart."""
    for kind, some in _by_kind(found, now).items():
        yield from some[: found.limit]
        if len(some) >= found.limit:
            yield _flood(kind, some, found.limit)
    yield from _certificates(keys.faults(now), now)
    yield from _health(alerting, found, now)
    yield from _disks(alerting.room(), alerting.least_room, now)


def _by_kind(found: Troubles, now: datetime) -> dict[Kind, list[Condition]]:
    sorted_out: dict[Kind, list[Condition]] = {}
    for condition in (
        *(_window(line, now) for line in found.windows),
        *map(_message, found.transmissions),
        *map(_set, found.sets),
        *map(_file, found.files),
        *map(_job, found.parked),
    ):
        sorted_out.setdefault(condition.kind, []).append(condition)
    return sorted_out


def _window(line: OverdueLine, now: datetime) -> Condition:
    deadline = line.deadline
    over = deadline.due_at <= now
    state = f"is overdue since {stamp(deadline.due_at)}" if over else f"is due by {stamp(deadline.due_at)}"
    about = _set_name(line.set) if line.set else f"message {deadline.subject_id}"
    if deadline.kind is DeadlineKind.ANSWER and line.set and line.set.direction is Direction.OUT:
        words, fix = f"The partner's {deadline.expects} for {about} {state}", "Ask the partner for it."
    elif deadline.kind is DeadlineKind.DEPARTURE:
        words, fix = f"That the partner gets our {about} after its departure {state}", "See whether it is held, on its way, or rejected."
    elif deadline.kind is DeadlineKind.ANSWER:
        words, fix = f"Our {deadline.expects} for {about} {state}", "Send it, or agree on another time with the partner."
    elif deadline.kind is DeadlineKind.FUNCTIONAL_ACK:
        words, fix = f"The partner's {deadline.expects} for {about} {state}", "Ask the partner whether the document was processed."
    elif deadline.kind is DeadlineKind.TA1:
        words, fix = f"The partner's TA1 for {about} {state}", "Ask the partner whether the interchange was read."
    elif deadline.kind is DeadlineKind.PICKUP:
        words, fix = f"That the ERP takes {deadline.expects} {state}", "See whether the ERP reads its folder."
    else:
        words, fix = f"The partner's receipt for {about} {state}", "It is posted again by itself, as long as agreed."
    if line.held is not None:
        words, fix = f"{words}: it is here, but {held_where(line.held)}", _mend(line.held)
    leads_to = _message_of(line)
    return Condition(
        key=f"window:{deadline.id}",
        kind=Kind.WINDOW_OVERDUE if over else Kind.WINDOW_CLOSING,
        weight=Weight.CRITICAL if over else Weight.WARNING,
        level=int(over),
        since=deadline.due_at,
        words=f"{words}.",
        fix=fix,
        partner=deadline.partner,
        subject="message" if leads_to is not None else "",
        subject_id=leads_to,
    )


def _message_of(line: OverdueLine) -> int | None:
    """The message to look at: that of what is held, or else the window's own."""
    if line.held is not None and line.held.transmission_id is not None:
        return line.held.transmission_id
    return line.transmission.id if line.transmission else None


def held_where(row: TransactionSet) -> str:
    """ "held in message 7 (MAP-402)": of one of ours that has no message yet, without it."""
    where = f" in message {row.transmission_id}" if row.transmission_id is not None else ""
    return f"held{where} ({row.held_code})" if row.held_code else f"held{where}"


def _mend(row: TransactionSet) -> str:
    """What to do with an answer that is held."""
    if row.direction is Direction.OUT:
        return f"Release it, or give it up: edi-gateway order release {row.id}"
    return f"The partner has answered. Mend what holds it, then map it again: edi-gateway message show {row.transmission_id}"


def _message(row: Transmission) -> Condition:
    kind, weight, what = _MESSAGES[row.state]
    direction = "to" if row.direction is Direction.OUT else "from"
    return Condition(
        key=f"message:{row.id}:{kind}",
        kind=kind,
        weight=weight,
        since=row.created_at,
        words=f"Message {row.id} {direction} {row.partner or 'nobody known'} {what}{_because(row.faults)}.",
        fix=f"See: edi-gateway message show {row.id}",
        partner=row.partner,
        subject="message",
        subject_id=row.id,
    )


def _set(row: TransactionSet) -> Condition:
    kind, weight, what = _SETS[row.direction, row.state]
    because = f" ({row.held_code})" if row.held_code else _because(row.faults)
    return Condition(
        key=f"set:{row.id}:{kind}",
        kind=kind,
        weight=weight,
        since=row.created_at,
        words=f"The {_set_name(row)} {what}{because}.",
        fix=f"See: edi-gateway message show {row.transmission_id}" if row.transmission_id else "",
        partner=row.partner,
        subject="message" if row.transmission_id else "",
        subject_id=row.transmission_id,
    )


def _set_name(row: TransactionSet) -> str:
    which = row.business_key or f"with control number {row.control_number}"
    where = f" in message {row.transmission_id}" if row.transmission_id else ""
    return f"{row.set_id} {which}{where}"


def _file(row: ErpFile) -> Condition:
    return Condition(
        key=f"file:{row.id}",
        kind=Kind.FILE_REFUSED,
        weight=Weight.WARNING,
        since=row.created_at,
        words=f"The ERP's file {row.name} for {row.partner} {_FILES[row.state]}{_because(row.faults)}.",
        fix=f"See ack/{row.name}.result.txt, or: edi-gateway file show {row.id}",
        partner=row.partner,
        subject="file",
        subject_id=row.id,
    )


def _job(job: ParkedJob) -> Condition:
    code = f" ({job.fault.code})" if job.fault else ""
    return Condition(
        key=f"job:{job.id}",
        kind=Kind.JOB_PARKED,
        weight=Weight.CRITICAL,
        since=job.parked_at,
        words=f"The work item {job.key} failed {job.attempts} times and is not tried again{code}.",
        fix=f"Mend its reason, then: edi-gateway job free {job.id}",
        subject="job",
        subject_id=job.id,
    )


def _because(faults: Iterable[Fault]) -> str:
    """The first fault's code and title. Its message may quote what stood in a document."""
    first = next(iter(faults), None)
    return f" ({first.code}: {first.title})" if first else ""


def _flood(kind: Kind, some: list[Condition], limit: int) -> Condition:
    return Condition(
        key=f"flood:{kind}",
        kind=Kind.FLOOD,
        weight=max((one.weight for one in some), key=lambda weight: weight.rank),
        since=some[0].since,
        words=f"There are {limit} or more of one kind: {kind.replace('_', ' ')}. Only {limit} are told of one by one.",
        fix="See the console's lists for all of them.",
    )


def _certificates(faults: Iterable[Fault], now: datetime) -> Iterator[Condition]:
    """The certificates that have ended or will; whose successor is held is none of them."""
    for fault in faults:
        detail = dict(fault.detail)
        which = detail.get("serial") or fault.place.file or ""
        if fault.code in _ENDING:
            step = int(detail["step"])
            weight = _STEP_WEIGHTS.get(step, Weight.CRITICAL)
            yield Condition(
                key=f"certificate:{which}",
                kind=Kind.CERTIFICATE_ENDING,
                weight=weight,
                since=now,
                words=fault.message,
                fix=fault.fix,
                level=100 - step,
            )
        elif fault.code in _ENDED:
            yield Condition(
                key=f"ended:{fault.code}:{which}",
                kind=Kind.CERTIFICATE_ENDED,
                weight=Weight.CRITICAL,
                since=now,
                words=fault.message,
                fix=fault.fix,
            )


def _health(alerting: Alerting, found: Troubles, now: datetime) -> Iterator[Condition]:
    tick, job = found.health.get("tick"), found.health.get("oldest_job")
    if isinstance(tick, datetime) and now - tick > alerting.tick_limit:
        yield Condition(
            key="clock",
            kind=Kind.CLOCK_STOPPED,
            weight=Weight.CRITICAL,
            since=tick,
            words=f"The clock last ticked at {stamp(tick)}: retries and windows stand still.",
            fix="Start the gateway that runs the clock again.",
        )
    if isinstance(job, datetime) and now - job > alerting.job_limit:
        yield Condition(
            key="work",
            kind=Kind.WORK_WAITS,
            weight=Weight.CRITICAL,
            since=job,
            words=f"The oldest work item has been due since {stamp(job)}.",
            fix="See whether the workers run and what the log says; more threads or workers help where there is simply too much to do.",
        )


def _disks(rooms: Iterable[Room], least: int, now: datetime) -> Iterator[Condition]:
    for room in rooms:
        if room.free < least:
            yield Condition(
                key=f"disk:{room.folder}",
                kind=Kind.DISK_FULL,
                weight=Weight.CRITICAL,
                since=now,
                words=f"The disk of {room.folder} has {room.free // 1024**2} MiB left; alerts.least_room asks for {least // 1024**2} MiB.",
                fix="Make room. When the disk is full, nothing more is taken in.",
            )
