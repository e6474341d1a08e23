"""One message's page, the bytes behind it, and what a person may set off from there."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import BinaryIO

from flask import Blueprint, abort, flash, redirect, render_template, request, session, url_for
from werkzeug.utils import secure_filename
from werkzeug.wrappers import Response

from edi_gateway.as2.wire import kept_head
from edi_gateway.faults import Fault
from edi_gateway.lifecycle import inbound, outbound, set_in
from edi_gateway.lifecycle.inbound import InboundEvent
from edi_gateway.lifecycle.outbound import OutboundEvent
from edi_gateway.lifecycle.set_in import SetInEvent
from edi_gateway.lifecycle.states import Direction, Inbound, Outbound, SetIn
from edi_gateway.ports import rows
from edi_gateway.ports.views import MessageDetail
from edi_gateway.ports.web import ActionResult, Inspection, WebParts
from edi_gateway.web.flat import FlatLine, lines_of, text_of
from edi_gateway.web.login import OPERATOR, Page
from edi_gateway.web.marks import MarkedSegment, PlacedFault, faults_of, mark
from edi_gateway.web.paper import Sheet, kind_in_words, sheet

INSPECTED_BYTES = 64 * 1024
SEGMENTS_SHOWN = 1000
RAW_SHOWN_BYTES = 64 * 1024
FAULTS_SHOWN = 200
_BLOCK = 1 << 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document's record as it is shown."""

    document: rows.Document
    sheet: Sheet


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatFile:
    """An ERP file as it is shown: as a table and as its text; `text` is None where its bytes are not kept."""

    row: rows.ErpFile
    lines: tuple[FlatLine, ...] = ()
    text: str | None = None
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """The X12 content as it is shown: its first segments, and whether that is all. `size` is None where its bytes are not kept."""

    segments: tuple[MarkedSegment, ...] = ()
    inspection: Inspection | None = None
    size: int | None = None
    cut: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """Something that a person may do to a message, and what comes of it."""

    name: str
    title: str
    consequences: tuple[str, ...]


RESEND = Verb(
    name="resend",
    title="Resend the same bytes",
    consequences=(
        "The stored bytes are posted again under the same Message-ID; no control number is claimed.",
        "If the partner has the message already, its gateway answers the first MDN again and does nothing twice.",
        "Attempts are counted from one again, and the windows start anew with the delivery.",
        "It is written to the timeline with your reason.",
    ),
)
SEND_ANEW = Verb(
    name="anew",
    title="Send the interchange anew",
    consequences=(
        "The same interchange goes out in a message of its own: sealed with the keys and certificates of now, under a new Message-ID.",
        "Its control numbers stay as they are. If the old message did arrive, the partner has the interchange twice, under one number.",
        "This message stays as it was, superseded, and its documents belong to the new one: the partner's 997 settles them there.",
        "It is written to the timeline of both messages with your reason. It cannot be taken back.",
    ),
)
POST_RECEIPT = Verb(
    name="resend",
    title="Post the MDN again",
    consequences=(
        "The stored MDN is posted to the partner's address again, byte for byte.",
        "The message itself is not opened again and nothing is translated twice.",
        "It is written to the timeline with your reason.",
    ),
)
REPLAY = Verb(
    name="replay",
    title="Translate the held documents again",
    consequences=(
        "Every held document of this message is read again, with the partner file and the maps as they are now.",
        "What goes through gets its record and its ERP file; what does not stays held with its new fault.",
        "The MDN and the 997 that went out stay as they are; nothing is sent to the partner.",
        "It is written to the timeline with your reason.",
    ),
)


def message_pages(parts: WebParts) -> Blueprint:
    """A message, its bytes, and what may be done to it."""
    pages = Blueprint("message", __name__)

    @pages.get("/messages/<int:number>")
    def show(number: int) -> Page:
        message = _message(parts, number)
        faults = faults_of(message)
        return render_template(
            "message.html",
            m=message,
            now=parts.clock.now(),
            faults=faults[:FAULTS_SHOWN],
            faults_left=max(len(faults) - FAULTS_SHOWN, 0),
            raw=_raw(parts, message, faults),
            papers=[Paper(document=one, sheet=sheet(kind_in_words(one.kind), one.record)) for one in message.documents],
            files=[_flat_file(parts, one) for one in message.erp_files],
            recomputed=parts.recompute_mic(message),
            verbs=verbs_for(message),
            revisions=_revisions(message),
        )

    @pages.get("/messages/<int:number>/request")
    def kept_request(number: int) -> Response:
        row = _message(parts, number).transmission
        return _download(row.wire, f"{number}.http", lambda size: kept_head(row.headers, size))

    @pages.get("/bytes/<digest>/<name>")
    def kept_bytes(digest: str, name: str) -> Response:
        return _download(digest, name, lambda size: b"")

    def _download(digest: str | None, name: str, head_of: Callable[[int], bytes]) -> Response:
        """Kept bytes as a file, with a head before them, a block at a time."""
        content = _opened(parts, digest)
        if content is None:
            abort(404, "These bytes are not kept.")
        size = content.seek(0, io.SEEK_END)
        content.seek(0)
        head = head_of(size)
        answer = Response(chain((head,), iter(lambda: content.read(_BLOCK), b"")))
        answer.call_on_close(content.close)
        answer.headers["Content-Length"] = str(len(head) + size)
        answer.headers["Content-Type"] = "application/octet-stream"
        answer.headers["Content-Disposition"] = f'attachment; filename="{secure_filename(name) or "download.bin"}"'
        return answer

    @pages.get("/messages/<int:number>/<any(resend, anew, replay):verb>")
    def confirm(number: int, verb: str) -> Page:
        message = _message(parts, number)
        return _confirm_page(message, _verb(message, verb))

    @pages.post("/messages/<int:number>/<any(resend, anew, replay):verb>")
    def do(number: int, verb: str) -> Page:
        message = _message(parts, number)
        wanted = _verb(message, verb)
        reason = request.form.get("reason", "").strip()
        if not reason:
            return _confirm_page(message, wanted, trouble="Give a reason: it goes to the timeline."), 400
        if wanted not in verbs_for(message):
            return _confirm_page(message, wanted), 409
        act = {REPLAY.name: parts.actions.replay, SEND_ANEW.name: parts.actions.send_anew}.get(verb, parts.actions.resend)
        result: ActionResult = act(number, actor=session.get("who", OPERATOR), reason=reason)
        if result.faults:
            return _confirm_page(message, wanted, faults=result.faults), 409
        flash(result.words)
        return redirect(url_for("message.show", number=number))

    return pages


def verbs_for(message: MessageDetail) -> tuple[Verb, ...]:
    """What may be done to a message in the state it is in."""
    found = []
    match message.transmission.state:
        case Outbound() as state:
            wanted = ((RESEND, OutboundEvent.OPERATOR_RESEND), (SEND_ANEW, OutboundEvent.OPERATOR_SEND_ANEW))
            found += [verb for verb, event in wanted if outbound.advance(state, event)]
        case Inbound() as state if inbound.advance(state, InboundEvent.OPERATOR_RESEND):
            found.append(POST_RECEIPT)
    if any(isinstance(one.state, SetIn) and set_in.advance(one.state, SetInEvent.OPERATOR_REPLAY) for one in message.sets):
        found.append(REPLAY)
    return tuple(found)


def _revisions(message: MessageDetail) -> tuple[int, ...]:
    """The revisions of the configuration that a message and what it carries went by: its own first."""
    theirs = (*(one.revision for one in message.sets), *(one.revision for one in message.documents))
    return tuple(dict.fromkeys(one for one in (message.transmission.revision, *theirs) if one is not None))


def _verb(message: MessageDetail, name: str) -> Verb:
    """The verb of this name as it is for a message of this direction."""
    if name in (REPLAY.name, SEND_ANEW.name):
        return REPLAY if name == REPLAY.name else SEND_ANEW
    return RESEND if message.transmission.direction is Direction.OUT else POST_RECEIPT


def _confirm_page(message: MessageDetail, verb: Verb, *, trouble: str | None = None, faults: tuple[Fault, ...] = ()) -> str:
    may = verbs_for(message)
    others = [one for one in may if one != verb]
    return render_template("confirm.html", m=message, verb=verb, possible=verb in may, others=others, trouble=trouble, faults=faults)


def _message(parts: WebParts, number: int) -> MessageDetail:
    try:
        return parts.views.message(number)
    except KeyError:
        abort(404, f"There is no message {number}. Search for its PO number, control number or Message-ID.")


def _opened(parts: WebParts, digest: str | None) -> BinaryIO | None:
    if digest is None:
        return None
    try:
        return parts.views.open(digest)
    except KeyError:
        return None


def _payload(parts: WebParts, digest: str | None) -> bytes | None:
    file = _opened(parts, digest)
    if file is None:
        return None
    with file:
        return file.read()


def _raw(parts: WebParts, message: MessageDetail, faults: tuple[PlacedFault, ...]) -> Raw:
    file = _opened(parts, message.transmission.content)
    if file is None:
        return Raw()
    with file:
        inspection = parts.inspect(file.read(INSPECTED_BYTES))
        size = file.seek(0, io.SEEK_END)
    cut = size > INSPECTED_BYTES
    segments = inspection.segments[:-1] if cut else inspection.segments
    shown = segments[:SEGMENTS_SHOWN]
    return Raw(segments=mark(shown, faults), inspection=inspection, size=size, cut=cut or len(shown) < len(segments))


def _flat_file(parts: WebParts, row: rows.ErpFile) -> FlatFile:
    content = _payload(parts, row.content)
    if content is None:
        return FlatFile(row=row)
    shown = content[:RAW_SHOWN_BYTES]
    return FlatFile(row=row, lines=lines_of(content, row.faults), text=text_of(shown), size=len(content))
