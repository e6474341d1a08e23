"""What a received message carries for us to translate, where it may carry several documents."""

from dataclasses import dataclass
from typing import BinaryIO

from edi_gateway import as2
from edi_gateway.services.gateway import Gateway
from edi_gateway.services.large import Content, store


@dataclass(frozen=True, slots=True, kw_only=True)
class Other:
    """A document that is no X12, by what it is called."""

    content_type: str | None
    filename: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The X12 of a message, its interchanges one after another, and the attachments beside it that are none.

    Shape:  a message without X12 among several documents is carried as it came, for translation to refuse.
    """

    content: Content
    content_type: str | None
    filename: str | None
    others: tuple[Other, ...] = ()


def carried_by(opened: as2.Opened) -> Carried:
    """What an opened message carries. Source: RFC 6362 section 2, for several documents in one message."""
    documents = opened.documents()
    interchanges = [one for one in documents if _is_interchange(one.content)]
    if not interchanges or documents[0].content == opened.payload:
        return Carried(content=opened.payload, content_type=opened.content_type, filename=opened.filename)
    first = interchanges[0]
    return Carried(
        content=b"".join(one.content for one in interchanges),
        content_type=first.content_type,
        filename=first.filename,
        others=tuple(Other(content_type=one.content_type, filename=one.filename) for one in documents if one not in interchanges),
    )


def carried_in(gateway: Gateway, opened: as2.OpenedFile, payload: BinaryIO) -> Carried:
    """As `carried_by`, of a payload in a file. What is carried is kept when this returns."""
    documents = as2.divided_file(payload, opened.content_type, opened.filename)
    interchanges = [one for one in documents if _is_interchange(next(one.blocks(), b""))]
    if not interchanges or documents[0].whole:
        return Carried(content=store(gateway.store, payload), content_type=opened.content_type, filename=opened.filename)
    first = interchanges[0]
    with gateway.store.scratch() as together:
        for one in interchanges:
            together.writelines(one.blocks())
        content = store(gateway.store, together)
    return Carried(
        content=content,
        content_type=first.content_type,
        filename=first.filename,
        others=tuple(Other(content_type=one.content_type, filename=one.filename) for one in documents if one not in interchanges),
    )


def _is_interchange(content: bytes) -> bool:
    return content.lstrip().startswith(b"ISA")
