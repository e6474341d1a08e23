"""What a received message carries for us to translate, where it may carry several documents."""

from dataclasses import dataclass

from edi_gateway import as2


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """The X12 of a message, its interchanges one after another, and the attachments beside it that are none.

    Shape:  a message without X12 among several documents is carried as it came, for translation to refuse.
    """

    content: bytes
    content_type: str | None
    filename: str | None
    others: tuple[as2.Attachment, ...] = ()


def carried_by(opened: as2.Opened) -> Carried:
    """What an opened message carries. Source: RFC 6362 section 2, for several documents in one message."""
    documents = opened.documents()
    interchanges = [one for one in documents if one.content.lstrip().startswith(b"ISA")]
    if not interchanges or documents[0].content == opened.payload:
        return Carried(content=opened.payload, content_type=opened.content_type, filename=opened.filename)
    first = interchanges[0]
    return Carried(
        content=b"".join(one.content for one in interchanges),
        content_type=first.content_type,
        filename=first.filename,
        others=tuple(one for one in documents if one not in interchanges),
    )
