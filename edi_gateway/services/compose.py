"""From an ERP's file to messages: each document judged and enveloped; every file answered, whatever it holds.

A file's documents are judged first, on bytes alone; then all that are good are enveloped in one transaction with the file's
answer, so that a file is sent once even where the gateway is stopped in the middle of it. A document that was sent before is not
sent again, so that a corrected file may be dropped whole.
"""

import hashlib
from dataclasses import replace
from datetime import datetime

from edi_gateway.lifecycle.set_out import SetOutEvent
from edi_gateway.lifecycle.states import Direction, FileState, SetOut
from edi_gateway.lifecycle.tasks import Task
from edi_gateway.ports.channels import Claim
from edi_gateway.ports.rows import Document, ErpFile, TransactionSet
from edi_gateway.ports.store import UnitOfWork
from edi_gateway.records import to_json
from edi_gateway.services.departures import await_sending
from edi_gateway.services.effects import advance_set_out, enqueue
from edi_gateway.services.envelope import envelope
from edi_gateway.services.file_policy import settle, with_messages
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.journal import note
from edi_gateway.services.judge import Judged, judge_file
from edi_gateway.services.pickup import see_pickups
from edi_gateway.services.results import DocumentAnswer, FileAnswer, as_bytes
from edi_gateway.services.semaphore import differences, text_of
from edi_gateway.services.trace import traced

_SETTLED = (FileState.ACCEPTED, FileState.PARTLY, FileState.REFUSED, FileState.DUPLICATE)


def scan_folders(gateway: Gateway) -> int:
    """Claims what the ERP has dropped, and sees what it has taken; how many files stand claimed."""
    see_pickups(gateway)
    count = 0
    # A partner that was added since the start has no folder yet: the look makes it.
    for key in sorted({*gateway.drop.partners(), *(one.key for one in gateway.book.partners)}):
        if _looked_into(gateway, key):
            for claim in gateway.drop.claim(key, gateway.clock.now()):
                with traced():
                    _take(gateway, claim)
                count += 1
    return count


def _looked_into(gateway: Gateway, key: str) -> bool:
    """Whether the files of a folder are taken: of a partner we trade with now, and of nobody's folder, so that it is answered.

    While a partner file is faulty, a folder of nobody may be that partner's: its files wait there until it is mended.
    """
    partner = gateway.book.partner(key)
    return partner.active if partner is not None else not gateway.book.faults


def _take(gateway: Gateway, claim: Claim) -> None:
    """Keeps the bytes of a claimed file before anything looks at them. One that is known has its work item from then on."""
    digest = hashlib.sha256(claim.content).hexdigest()
    semaphore = text_of(claim.semaphore)
    with gateway.store.begin() as uow:
        # Two that scan at once both find the claimed file; the second one finds its row as well.
        uow.queue_up(f"file {claim.partner} {claim.path}")
        same = {"name": claim.name, "path": claim.path, "content": digest}
        if uow.erp_files.find(direction=Direction.IN, partner=claim.partner, **same):
            return
        row = uow.erp_files.add(
            ErpFile(
                direction=Direction.IN,
                state=FileState.CLAIMED,
                partner=claim.partner,
                name=claim.name,
                created_at=gateway.clock.now(),
                content=uow.payloads.put(claim.content),
                path=claim.path,
                semaphore=semaphore or None,
                faults=differences(semaphore, claim.content, claim.name),
            )
        )
        assert row.id is not None
        enqueue(uow, Task.COMPOSE, row.id)


def compose(gateway: Gateway, erp_file_id: int) -> None:
    """Composes the messages of a claimed file, answers it and moves it away. What was done before a crash is not done again."""
    with gateway.store.read() as uow:
        row = uow.erp_files.get(erp_file_id)
        assert row.content is not None
        content = uow.payloads.get(row.content)
    if row.state is FileState.CLAIMED:
        row = _keep(gateway, row, *judge_file(gateway, row, content))
    _finish(gateway, row, content)


def _keep(gateway: Gateway, row: ErpFile, answer: FileAnswer, judged: tuple[Judged, ...]) -> ErpFile:
    """All good documents enveloped, and the file's answer, in one transaction."""
    assert row.id is not None
    now = gateway.clock.now()
    with gateway.store.begin() as uow:
        # One file of a partner at a time: of two with the same document, the second finds what the first has sent.
        uow.queue_up(f"compose {row.partner}")
        if uow.erp_files.get(row.id).state is not FileState.CLAIMED:
            return uow.erp_files.get(row.id)
        judged = settle(uow, row, answer, judged, now)
        answer = replace(answer, documents=with_messages([_send(gateway, uow, row, one, now) for one in judged]))
        uow.erp_files.advance(
            row.id, FileState.CLAIMED, answer.state, layout=answer.layout, result=answer.as_json(), faults=answer.all_faults()
        )
        note(uow, now, f"erp.{answer.state.value}", f"ERP file {row.name}: {answer.state.value}.", partner=row.partner, erp_file_id=row.id)
        return uow.erp_files.get(row.id)


def _send(gateway: Gateway, uow: UnitOfWork, row: ErpFile, judged: Judged, now: datetime) -> DocumentAnswer:
    sending = judged.sending
    if sending is None:
        return judged.answer
    record = to_json(sending.record)
    document = uow.documents.add(
        Document(
            direction=Direction.OUT,
            kind=type(sending.record).__name__,
            record=record,
            created_at=now,
            partner=row.partner,
            map_name=sending.agreement.map,
            map_digest=gateway.shelf.map(sending.agreement.map, sending.agreement.tables).digest,
            revision=gateway.revision,
        )
    )
    if judged.held_code is not None:
        kept, answer = _hold(uow, row, judged, document, now), judged.answer
    else:
        sent = envelope(gateway, uow, sending.partner, replace(sending.outgoing, document_id=document.id, erp_file_id=row.id), now)
        kept, answer = sent.set, replace(judged.answer, message=sent.transmission.id, control_number=sent.interchange.control_number)
    late = await_sending(uow, kept, sending.partner, sending.agreement, sending.record, now)
    return replace(answer, faults=(*answer.faults, *(fault.at(file=row.name, line=answer.first_line) for fault in late)))


def _hold(uow: UnitOfWork, row: ErpFile, judged: Judged, document: Document, now: datetime) -> TransactionSet:
    """Keeps a document that a rule holds back: composed, and without an envelope until a person releases it."""
    assert judged.sending is not None
    outgoing = judged.sending.outgoing
    kept = uow.sets.add(
        TransactionSet(
            direction=Direction.OUT,
            revision=document.revision,
            state=SetOut.COMPOSED,
            set_id=outgoing.set_id,
            control_number="",
            created_at=now,
            document_id=document.id,
            erp_file_id=row.id,
            partner=row.partner,
            business_key=outgoing.business_key,
            po_number=outgoing.po_number,
        )
    )
    advance_set_out(uow, kept, SetOutEvent.HELD, now, None, held_code=judged.held_code, faults=judged.answer.faults)
    for fault in judged.answer.faults:
        note(uow, now, "set.held", fault.line(), partner=row.partner, set_row_id=kept.id, erp_file_id=row.id)
    return kept


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
