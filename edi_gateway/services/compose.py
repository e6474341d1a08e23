"""From an ERP's file to messages: each document read, judged and enveloped; every file answered, whatever it holds.

A file's documents are judged first, on bytes alone; then all that are good are enveloped in one transaction with the file's
answer, so that a file is sent once even where the gateway is stopped in the middle of it.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime

from edi_gateway import flatfile
from edi_gateway.faults import Fault, Faulty, Place
from edi_gateway.lifecycle.states import Direction, FileState
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.partners.agreement import Agreement, Partner
from edi_gateway.ports.channels import Claim
from edi_gateway.ports.rows import Document, ErpFile
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import Record, to_json
from edi_gateway.services.effects import enqueue
from edi_gateway.services.envelope import Outgoing, envelope, judge_outgoing
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.naming import business_key, po_number
from edi_gateway.services.results import DocumentAnswer, DocumentResult, FileAnswer, as_bytes

_SETTLED = (FileState.ACCEPTED, FileState.PARTLY, FileState.REFUSED, FileState.DUPLICATE)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Judged:
    """One document of a file: what is to be sent, or why it is not."""

    answer: DocumentAnswer
    record: Record | None = None
    agreement: Agreement | None = None
    outgoing: Outgoing | None = None


def scan_folders(gateway: Gateway) -> int:
    """Claims what the ERP has dropped for any partner; how many files there are to work on."""
    count = 0
    for partner in gateway.book.partners:
        for claim in gateway.drop.claim(partner.key, gateway.clock.now()):
            _take(gateway, claim)
            count += 1
    return count


def _take(gateway: Gateway, claim: Claim) -> None:
    """Keeps the bytes of a claimed file before anything looks at them; a file from before a crash is taken up where it was left."""
    digest = hashlib.sha256(claim.content).hexdigest()
    with gateway.store.begin() as uow:
        known = uow.erp_files.find(direction=Direction.IN, partner=claim.partner, path=claim.path, content=digest)
        if not known:
            row = uow.erp_files.add(
                ErpFile(
                    direction=Direction.IN,
                    state=FileState.CLAIMED,
                    partner=claim.partner,
                    name=claim.name,
                    created_at=gateway.clock.now(),
                    content=uow.payloads.put(claim.content),
                    path=claim.path,
                )
            )
        else:
            row = known[-1]
        assert row.id is not None
        enqueue(uow, Task.COMPOSE, row.id)


def compose(gateway: Gateway, erp_file_id: int) -> None:
    """Composes the messages of a claimed file, answers it and moves it away. What was done before a crash is not done again."""
    with gateway.store.read() as uow:
        row = uow.erp_files.get(erp_file_id)
        assert row.content is not None
        content = uow.payloads.get(row.content)
        before = [
            one
            for one in uow.erp_files.find(direction=Direction.IN, partner=row.partner, content=row.content)
            if one.id != row.id and one.state in (FileState.ACCEPTED, FileState.PARTLY)
        ]
    if row.state is FileState.CLAIMED:
        answer, judged = (_answer(row, duplicate_of=before[0].name), []) if before else _judge(gateway, row, content)
        row = _keep(gateway, row, answer, judged)
    _finish(gateway, row, content)


def _judge(gateway: Gateway, row: ErpFile, content: bytes) -> tuple[FileAnswer, list[_Judged]]:
    """Every document of the file judged, nothing claimed or stored."""
    partner = gateway.book.partner(row.partner)
    if partner is None:
        return _answer(row, faults=(Fault.of("STO-428", Place(file=row.name), row.partner),)), []
    layout = flatfile.recognise(content, gateway.shelf.layouts(), file=row.name)
    if isinstance(layout, Fault):
        return _answer(row, faults=(layout,)), []
    reading = flatfile.read(content, layout, file=row.name)
    agreement = next((one for one in partner.agreements if one.direction is Direction.OUT and one.layout == layout.name), None)
    if agreement is None:
        missing = Fault.of("STO-411", Place(file=row.name), layout.name, partner=partner.key, direction="that we send")
        return _answer(row, layout=layout.name, faults=(missing,)), []
    judged = [_document(gateway, partner, agreement, reading, one) for one in reading.documents]
    answer = _answer(row, layout=layout.name, faults=reading.faults)
    return replace(answer, documents=tuple(one.answer for one in judged)), judged


def _document(
    gateway: Gateway, partner: Partner, agreement: Agreement, reading: flatfile.FlatReading, document: flatfile.FlatDocument
) -> _Judged:
    answer = DocumentAnswer(
        result=DocumentResult.REFUSED,
        set_id=agreement.set_id,
        number=None,
        first_line=document.first_line,
        last_line=document.last_line,
        faults=document.faults,
    )
    if not document.ok:
        return _Judged(answer=answer)
    try:
        record = _record(gateway, agreement, reading, document)
        answer = replace(answer, number=business_key(record))
        outgoing = _outgoing(gateway, partner, agreement, record)
    except Faulty as faulty:
        return _Judged(answer=replace(answer, faults=tuple(_placed(fault, reading, document) for fault in faulty.faults)))
    return _Judged(answer=replace(answer, result=DocumentResult.QUEUED), record=record, agreement=agreement, outgoing=outgoing)


def _record(gateway: Gateway, agreement: Agreement, reading: flatfile.FlatReading, document: flatfile.FlatDocument) -> Record:
    found = gateway.shelf.map(agreement.erp_map).read(document.tree)
    if not found.ok or found.record is None:
        raise Faulty(reading.locate(fault) for fault in found.faults)
    return found.record


def _outgoing(gateway: Gateway, partner: Partner, agreement: Agreement, record: Record) -> Outgoing:
    """The set that says a record. Errors: Faulty where the map cannot write it, or the partner would find it faulty."""
    written = gateway.shelf.map(agreement.map).write(record)
    if written.tree is None:
        raise Faulty(written.faults)
    outgoing = Outgoing(
        set_id=agreement.set_id,
        release=agreement.release,
        tree=written.tree,
        business_key=business_key(record),
        po_number=po_number(record),
    )
    faults = judge_outgoing(gateway, partner, outgoing, gateway.clock.now())
    if faults:
        raise Faulty(faults)
    return outgoing


def _keep(gateway: Gateway, row: ErpFile, answer: FileAnswer, judged: list[_Judged]) -> ErpFile:
    """All good documents enveloped, and the file's answer, in one transaction."""
    assert row.id is not None
    now = gateway.clock.now()
    with gateway.store.begin() as uow:
        kept = tuple(_send(gateway, uow, row, one, now) for one in judged)
        answer = replace(answer, documents=kept)
        changes = {"layout": answer.layout, "result": answer.as_json(), "faults": answer.all_faults()}
        uow.erp_files.advance(row.id, FileState.CLAIMED, answer.state, **changes)
        note(uow, now, f"erp.{answer.state.value}", f"ERP file {row.name}: {answer.state.value}.", partner=row.partner, erp_file_id=row.id)
        return uow.erp_files.get(row.id)


def _send(gateway: Gateway, uow: UnitOfWork, row: ErpFile, judged: _Judged, now: datetime) -> DocumentAnswer:
    if judged.outgoing is None or judged.record is None or judged.agreement is None:
        return judged.answer
    partner = gateway.book.partner(row.partner)
    assert partner is not None
    used = gateway.shelf.map(judged.agreement.map)
    document = uow.documents.add(
        Document(
            direction=Direction.OUT,
            kind=type(judged.record).__name__,
            record=to_json(judged.record),
            created_at=now,
            partner=row.partner,
            map_name=judged.agreement.map,
            map_digest=used.digest,
        )
    )
    sent = envelope(gateway, uow, partner, replace(judged.outgoing, document_id=document.id, erp_file_id=row.id), now)
    return replace(judged.answer, message=sent.transmission.id, control_number=sent.interchange.control_number)


def _finish(gateway: Gateway, row: ErpFile, content: bytes) -> None:
    """Answers a settled file and moves it away; each step may be repeated."""
    if row.state not in _SETTLED or row.path is None:
        return
    now = gateway.clock.now()
    claim = Claim(partner=row.partner, name=row.name, path=row.path, content=content)
    as_json, as_text = as_bytes(row.result)
    gateway.drop.answer(row.partner, row.name, as_json, as_text)
    refused = row.state is FileState.REFUSED
    path = gateway.drop.reject(claim, now) if refused else gateway.drop.archive(claim, now)
    with gateway.store.begin() as uow:
        assert row.id is not None
        uow.erp_files.change(row.id, path=path)


def _answer(row: ErpFile, *, layout: str | None = None, faults: tuple[Fault, ...] = (), duplicate_of: str | None = None) -> FileAnswer:
    if duplicate_of is not None:
        faults = (*faults, Fault.of("STO-429", Place(file=row.name), duplicate_of))
    return FileAnswer(
        file=row.name,
        partner=row.partner,
        sha256=row.content or "",
        received_at=row.created_at,
        layout=layout,
        faults=faults,
        duplicate_of=duplicate_of,
    )


def _placed(fault: Fault, reading: flatfile.FlatReading, document: flatfile.FlatDocument) -> Fault:
    """A fault with a line of the file: its own, or the document's first where only the X12 side of it is known."""
    return fault if fault.place.line is not None else fault.at(file=reading.file, line=document.first_line)
