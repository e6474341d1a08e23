"""Several documents in one message: put together as multipart/related, and taken apart again.

Source: RFC 6362 sections 2 and 3; RFC 2387 for multipart/related.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from edi_gateway.as2 import mime
from edi_gateway.as2.blocks import decoded
from edi_gateway.as2.extent import Extent
from edi_gateway.as2.filenames import content_disposition, offered_name, safe_name
from edi_gateway.as2.malformed import Malformed
from edi_gateway.as2.parts import fresh_boundary, header_block


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One document of a message that carries several."""

    content: bytes
    content_type: str | None
    filename: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachmentFile:
    """As `Attachment`, its bytes being left in a file. `whole` says that it is the payload itself, which is no multipart."""

    content: Extent
    encoding: str
    content_type: str | None
    filename: str | None
    whole: bool = False

    def blocks(self) -> Iterator[bytes]:
        """The document's bytes in their order. Errors: Malformed where its base64 is broken."""
        return decoded(self.content.blocks(), self.encoding)


def related(documents: Sequence[Attachment]) -> tuple[bytes, str]:
    """The payload that carries these documents, the first of them the main one, and its content type.

    Errors: ValueError where there is none, or a content type cannot be written.
    """
    if not documents:
        raise ValueError("a message carries at least one document")
    parts = [_part(number, one) for number, one in enumerate(documents, 1)]
    boundary = fresh_boundary(b"".join(parts))
    delimiter = b"--" + boundary
    body = b"".join(delimiter + b"\r\n" + part + b"\r\n" for part in parts) + delimiter + b"--\r\n"
    main = mime.field_value(documents[0].content_type).value or "application/octet-stream"
    return body, f'multipart/related; type="{main}"; start="<document-1>"; boundary="{boundary.decode()}"'


def _part(number: int, document: Attachment) -> bytes:
    kind = document.content_type or "application/octet-stream"
    if not re.fullmatch(r"[\x20-\x7e]+", kind):
        raise ValueError(f"{kind!r} is not a content type")
    head = [("Content-Type", kind), ("Content-Transfer-Encoding", "binary"), ("Content-ID", f"<document-{number}>")]
    if document.filename:
        head.append(("Content-Disposition", content_disposition(document.filename)))
    return header_block(head) + document.content


def divided(payload: bytes, content_type: str | None, filename: str | None) -> tuple[Attachment, ...]:
    """The documents in a payload, in their order: the payload itself where it is no multipart, or none that can be read."""
    kind = mime.field_value(content_type)
    whole = (Attachment(content=payload, content_type=content_type, filename=filename),)
    if not kind.value.startswith("multipart/"):
        return whole
    try:
        parts = [mime.entity(part) for part in mime.parts(payload, kind.parameters.get("boundary", ""))]
        return tuple(
            Attachment(
                content=mime.decoded(part.body, part.one("content-transfer-encoding")),
                content_type=part.one("content-type"),
                filename=safe_name(offered_name(part.fields)),
            )
            for part in parts
        )
    except Malformed:
        return whole


def divided_file(payload: BinaryIO, content_type: str | None, filename: str | None) -> tuple[AttachmentFile, ...]:
    """As `divided`, of a payload in a file."""
    body, kind = Extent.of(payload), mime.field_value(content_type)
    whole = (AttachmentFile(content=body, encoding="", content_type=content_type, filename=filename, whole=True),)
    if not kind.value.startswith("multipart/"):
        return whole
    try:
        documents = tuple(_document(body.part(*one)) for one in mime.part_ranges(body, kind.parameters.get("boundary", "")))
        for document in documents:
            for _ in document.blocks():
                pass
    except Malformed:
        return whole
    return documents


def _document(part: Extent) -> AttachmentFile:
    _, start = mime.header_end(part)
    head = mime.entity(part[:start])
    return AttachmentFile(
        content=part.part(start, len(part)),
        encoding=(head.one("content-transfer-encoding") or "").strip().lower(),
        content_type=head.one("content-type"),
        filename=safe_name(offered_name(head.fields)),
    )
