"""Judging the documents of an ERP's file on its bytes alone: what each is to be sent as, or why it is not sent."""

import pickle
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from edi_gateway import flatfile
from edi_gateway.faults import Fault, Faulty, Place, Severity
from edi_gateway.lifecycle.states import Direction
from edi_gateway.mapping import Map, Origin
from edi_gateway.partners.agreement import Agreement, Partner, Unread
from edi_gateway.ports.rows import ErpFile
from edi_gateway.records import Record
from edi_gateway.services.envelope import Outgoing, judge_outgoing
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.naming import business_key, po_number
from edi_gateway.services.results import DocumentAnswer, DocumentResult, FileAnswer
from edi_gateway.services.semaphore import total_differs
from edi_gateway.services.unread import unread


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One document of a file: its answer, and what is to be sent where it is good."""

    answer: DocumentAnswer
    sending: "Sending | None" = None
    held_code: str | None = None
    """The rule that holds it back."""


class Sending:
    """A document that is to be sent. A file may hold a hundred thousand: record and set are kept packed, and unpacked when asked for."""

    __slots__ = ("_packed", "agreement", "partner")

    def __init__(self, partner: Partner, agreement: Agreement, record: Record, outgoing: Outgoing) -> None:
        self.partner = partner
        self.agreement = agreement
        self._packed = zlib.compress(pickle.dumps((record, outgoing)), level=1)

    @property
    def record(self) -> Record:
        return self._unpacked()[0]

    @property
    def outgoing(self) -> Outgoing:
        return self._unpacked()[1]

    def _unpacked(self) -> tuple[Record, Outgoing]:
        record, outgoing = pickle.loads(zlib.decompress(self._packed))  # noqa: S301 what this process has packed
        assert isinstance(outgoing, Outgoing)
        return record, outgoing


def judge_file(gateway: Gateway, row: ErpFile, content: bytes) -> tuple[FileAnswer, tuple[Judged, ...]]:
    """Every document of a file judged; nothing is claimed or stored."""
    answer = FileAnswer(file=row.name, partner=row.partner, sha256=row.content or "", received_at=row.created_at)
    if row.faults:
        return replace(answer, faults=row.faults), ()
    partner = gateway.book.partner(row.partner)
    if partner is None:
        return replace(answer, faults=(Fault.of("STO-428", Place(file=row.name), row.partner),)), ()
    try:
        layouts = gateway.shelf.layouts()
    except Faulty as faulty:
        return replace(answer, faults=faulty.faults), ()
    layout = flatfile.recognise(content, layouts, file=row.name)
    if isinstance(layout, Fault):
        return replace(answer, faults=(layout,)), ()
    answer = replace(answer, layout=layout.name)
    agreement = next((one for one in partner.agreements if one.direction is Direction.OUT and takes(one, layout)), None)
    if agreement is None:
        missing = Fault.of("STO-411", Place(file=row.name), layout.name, partner=partner.key, direction="that we send")
        return replace(answer, faults=(missing,)), ()
    stream = flatfile.stream(content, layout, file=row.name)
    judge = _Judge(gateway, partner, agreement)
    judged = tuple(judge.document(one) for one in stream)
    wrong = total_differs(row.semaphore, stream.end, row.name) if row.semaphore is not None else ()
    if wrong or not stream.end.whole:
        inner = (fault for one in judged for fault in one.answer.faults)
        return replace(answer, faults=(*wrong, *stream.end.faults, *inner)), ()
    return replace(answer, faults=stream.end.faults, documents=tuple(one.answer for one in judged)), judged


def takes(agreement: Agreement, layout: flatfile.Layout) -> bool:
    """Whether files of a layout are of an agreement: of its own layout, or of a workbook like it."""
    workbook = layout.format is flatfile.Format.XLSX and layout.like == agreement.layout
    return workbook or layout.name == agreement.layout


@dataclass(frozen=True, slots=True)
class _Judge:
    """Judges the documents of one file."""

    gateway: Gateway
    partner: Partner
    agreement: Agreement

    def document(self, document: flatfile.FlatDocument) -> Judged:
        answer = DocumentAnswer(
            result=DocumentResult.REFUSED,
            set_id=self.agreement.set_id,
            number=None,
            first_line=document.first_line,
            last_line=document.last_line,
            faults=document.faults,
        )
        if not document.ok:
            return Judged(answer=answer)
        try:
            return self._sending(document, answer)
        except Faulty as faulty:  # a map of ours that is missing or does not compile
            return Judged(answer=replace(answer, faults=(*answer.faults, *faulty.faults)))

    def _sending(self, document: flatfile.FlatDocument, answer: DocumentAnswer) -> Judged:
        """Errors: Faulty where a map cannot be used at all."""
        shelf, tables, day = self.gateway.shelf, self.agreement.tables, self.gateway.clock.now().date()
        erp_map, used = shelf.map(self.agreement.erp_map, tables), shelf.map(self.agreement.map, tables)
        found = erp_map.read(document.tree, day)
        answer = replace(answer, faults=(*answer.faults, *(document.locate(fault) for fault in found.faults)))
        record = found.record
        if not found.ok or record is None:
            return Judged(answer=answer)
        answer = replace(answer, number=business_key(record))
        left = unread(self.agreement.unread, erp_map, document.tree)
        answer = replace(answer, faults=(*answer.faults, *(document.locate(fault) for fault in left)))
        if left and self.agreement.unread is Unread.HOLD:
            return Judged(answer=answer)
        written = used.write(record, day)
        trace = _Trace(document, erp_map, used, record, day)
        # A warning that the file's own map gave is not said again for what is written.
        known = {(fault.code, fault.value) for fault in answer.faults}
        said = (trace.of_map(fault) for fault in written.faults if (fault.code, fault.value) not in known)
        answer = replace(answer, faults=(*answer.faults, *said))
        if written.tree is None:
            return Judged(answer=answer)
        outgoing = Outgoing(
            set_id=self.agreement.set_id,
            release=self.agreement.release,
            tree=written.tree,
            business_key=business_key(record),
            po_number=po_number(record),
        )
        faults = judge_outgoing(self.gateway, self.partner, outgoing, self.gateway.clock.now())
        answer = replace(answer, faults=(*answer.faults, *(trace.of_set(fault) for fault in faults)))
        if any(fault.severity is Severity.ERROR for fault in faults):
            return Judged(answer=answer)
        sending = Sending(self.partner, self.agreement, record, outgoing)
        return Judged(answer=replace(answer, result=DocumentResult.QUEUED), sending=sending)


@dataclass(frozen=True)
class _Trace:
    """The way back of a fault of the outgoing set: its element, the record's field, and the line and column that this was read from."""

    document: flatfile.FlatDocument
    erp_map: Map
    map: Map
    record: Record
    day: date

    def of_set(self, fault: Fault) -> Fault:
        """A fault that a receiver would find, at the value of the file that it comes from; else at the document's first line.

        Positions of faults count the ST, those of the map's origins do not.
        """
        place = fault.place
        if place.position is None or place.segment is None:
            return self._at_document(fault)
        written = [one for one in self._written if one.position == place.position - 1 and one.segment == place.segment]
        exact = [one for one in written if one.element == place.element]
        # An element that the map fills from another one's value has no field of its own; the same value stands beside it.
        near = exact or [one for one in written if one.value == fault.value]
        if near:
            return self._at_fields(fault, [one.field for one in near])
        whole = self._at_fields(fault, [one.field for one in written])
        return replace(whole.at(column=None), detail=fault.detail)

    def of_map(self, fault: Fault) -> Fault:
        """A fault of writing the record, at the value of the file that the field it names was read from."""
        field = dict(fault.detail).get("field")
        return self._at_fields(fault, [field] if field else [])

    def _at_fields(self, fault: Fault, fields: list[str]) -> Fault:
        origin = next((self._read[field] for field in fields if field in self._read), None)
        if origin is None:
            return self._at_document(fault)
        here = Fault.of(fault.code, Place(segment=origin.segment, element=origin.element, position=origin.position))
        found = self.document.locate(here)
        placed = fault.at(file=found.place.file, line=found.place.line, column=found.place.column)
        return replace(placed, detail=(*placed.detail, *found.detail))

    def _at_document(self, fault: Fault) -> Fault:
        return fault.at(file=self.document.source.file, line=self.document.first_line)

    @cached_property
    def _written(self) -> tuple[Origin, ...]:
        return self.map.explain_write(self.record, self.day)

    @cached_property
    def _read(self) -> Mapping[str, Origin]:
        return {one.field: one for one in self.erp_map.explain_read(self.document.tree, self.day)}
