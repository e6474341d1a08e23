"""What the agreement says of a file's documents once each is judged: those sent before, and good ones beside faulty ones."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from edi_gateway.faults import Fault, Place
from edi_gateway.partners.agreement import Mixed, Repeats
from edi_gateway.ports.rows import ErpFile, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import to_json
from edi_gateway.services.judge import Judged
from edi_gateway.services.order_policy import settle_orders
from edi_gateway.services.results import DocumentAnswer, DocumentResult, FileAnswer
from edi_gateway.services.sent import carries, sent_before


def settle(uow: UnitOfWork, row: ErpFile, answer: FileAnswer, judged: tuple[Judged, ...], now: datetime) -> tuple[Judged, ...]:
    """Each document with what the whole agreement makes of it: its number, the rules of its order, and what stands beside it."""
    judged = settle_orders(uow, row, settle_repeats(uow, row, judged), now)
    return tuple(kept_back(one) for one in judged) if must_wait(answer, judged) else judged


def settle_repeats(uow: UnitOfWork, row: ErpFile, judged: tuple[Judged, ...]) -> tuple[Judged, ...]:
    """Each document with what the agreement makes of it where one of its number went out before, or stands before it in the file."""
    here: dict[str | None, bytes] = {}
    return tuple(_settled(uow, row, one, here) for one in judged)


def must_wait(answer: FileAnswer, judged: tuple[Judged, ...]) -> bool:
    """Whether nothing of a file may be sent, as some of it is faulty and the agreement wants all or nothing."""
    waits = any(one.sending is not None and one.sending.agreement.mixed is Mixed.WAIT for one in judged)
    return waits and (bool(answer.faults) or any(one.answer.result is DocumentResult.REFUSED for one in judged))


def kept_back(judged: Judged) -> Judged:
    """A document of a file that waits: good, and not sent."""
    if judged.sending is None:
        return judged
    return Judged(answer=replace(judged.answer, result=DocumentResult.WAITING))


def with_messages(answers: Iterable[DocumentAnswer]) -> tuple[DocumentAnswer, ...]:
    """The answers, those that stand twice in the file with the message of the first."""
    sent: dict[str | None, DocumentAnswer] = {}
    told = []
    for one in answers:
        if one.result is DocumentResult.QUEUED:
            sent[one.number] = one
        elif one.result is DocumentResult.DUPLICATE and one.message is None and one.number in sent:
            one = replace(one, message=sent[one.number].message, control_number=sent[one.number].control_number)
        told.append(one)
    return tuple(told)


def _settled(uow: UnitOfWork, row: ErpFile, judged: Judged, here: dict[str | None, bytes]) -> Judged:
    sending = judged.sending
    if sending is None or sending.agreement.repeats is Repeats.ALLOW:
        return judged
    outgoing = sending.outgoing
    record, key = to_json(sending.record), outgoing.business_key
    content = _digest(record)
    place = Place(file=row.name, line=judged.answer.first_line)
    before = sent_before(uow, row.partner, outgoing)
    same = next((one for one in before if carries(uow, one, record)), None)
    if same is not None:
        return _duplicate(uow, judged, place, same)
    if key in here and here[key] == content:
        twice = Fault.of("STO-439", place, key, set_id=outgoing.set_id)
        return Judged(answer=replace(judged.answer, result=DocumentResult.DUPLICATE, faults=(*judged.answer.faults, twice)))
    if not before and key not in here:
        here[key] = content
        return judged
    where = (f"message {before[0].transmission_id}" if before[0].transmission_id else "a held document") if before else "this file"
    return _changed(judged, place, where, here, content)


def _changed(judged: Judged, place: Place, where: str, here: dict[str | None, bytes], content: bytes) -> Judged:
    """A document with the number of another, and other content."""
    sending = judged.sending
    assert sending is not None
    rejected = sending.agreement.repeats is Repeats.REJECT
    code, key = "STO-441" if rejected else "STO-440", sending.outgoing.business_key
    faults = (*judged.answer.faults, Fault.of(code, place, key, set_id=sending.outgoing.set_id, where=where))
    if rejected:
        return Judged(answer=replace(judged.answer, result=DocumentResult.REFUSED, faults=faults))
    here[key] = content
    return replace(judged, answer=replace(judged.answer, faults=faults))


def _digest(record: Any) -> bytes:
    """What stands for a record's content: of the documents of a large file not all are held."""
    return hashlib.sha256(json.dumps(record, sort_keys=True).encode()).digest()


def _duplicate(uow: UnitOfWork, judged: Judged, place: Place, before: TransactionSet) -> Judged:
    """A document that was sent before with the same content."""
    where = f"message {before.transmission_id}" if before.transmission_id else f"held document {before.id}"
    fault = Fault.of("STO-429", place, judged.answer.number, set_id=before.set_id, where=where)
    interchange = uow.interchanges.get(before.interchange_id) if before.interchange_id is not None else None
    answer = replace(
        judged.answer,
        result=DocumentResult.DUPLICATE,
        message=before.transmission_id,
        control_number=interchange.control_number if interchange else None,
        faults=(*judged.answer.faults, fault),
    )
    return Judged(answer=answer)
