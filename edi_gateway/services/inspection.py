"""A kept interchange taken apart for people to read, and the MIC of kept bytes taken anew."""

from collections.abc import Callable
from typing import BinaryIO

from edi_gateway import as2, x12
from edi_gateway.lifecycle.states import Direction
from edi_gateway.ports.views import MessageDetail
from edi_gateway.ports.web import IN_MEMORY, InspectedElement, InspectedSegment, Inspection
from edi_gateway.services.gateway import Gateway


def inspect(gateway: Gateway, content: bytes) -> Inspection:
    """Every segment with the names of its elements. Never raises: what cannot be read is among the faults."""
    reading = x12.read(content, gateway.library)
    first = reading.interchanges[0].delimiters if reading.interchanges else x12.Delimiters()
    control = ""
    segments = []
    for line in x12.lines(reading, gateway.library):
        if line.tag == "ST":
            control = line.elements[1].value if len(line.elements) > 1 else ""
        segments.append(_segment(line, control if line.position else ""))
    return Inspection(
        segments=tuple(segments), element_separator=first.element, terminator=first.terminator, faults=tuple(reading.all_faults())
    )


def _segment(line: x12.Line, control: str) -> InspectedSegment:
    return InspectedSegment(
        tag=line.tag,
        name=line.name,
        offset=line.offset,
        elements=tuple(
            InspectedElement(designator=one.designator, value=one.value, name=one.name, meaning=one.meaning) for one in line.elements
        ),
        position=line.position,
        depth=line.depth,
        set_control=control,
    )


def mic_of(gateway: Gateway, kept: Callable[[str], BinaryIO], detail: MessageDetail) -> str | None:
    """`_mic_of`; None as well where the bytes were deleted when their time was over."""
    try:
        return _mic_of(gateway, kept, detail)
    except KeyError:
        return None


def _mic_of(gateway: Gateway, kept: Callable[[str], BinaryIO], detail: MessageDetail) -> str | None:
    """The MIC of a message's kept bytes, taken now by the algorithm of then; None where the bytes do not suffice or are too many.

    What we received is opened again from its wire bytes. What we sent can only be opened by the partner, so its MIC is taken of the
    payload with its own headers, which is what was signed or encrypted unless it was compressed.
    """
    row = detail.transmission
    digest = as2.Digest.named(row.mic_algorithm or "")
    if digest is None or row.content is None or row.wire is None:
        return None
    partner = gateway.book.partner(row.partner or "")
    if partner is None:
        return None
    if row.direction is Direction.OUT:
        security = partner.as2.security
        if security.compress or not (security.sign or security.encrypt):
            return None
        content = _in_memory(kept(row.content))
        return None if content is None else as2.mic(row.payload_head.encode("latin-1") + content, digest).value
    heading = as2.read_heading(row.headers)
    body = _in_memory(kept(row.wire))
    if isinstance(heading, as2.Refused) or body is None:
        return None
    opened = as2.open_message(
        heading,
        row.headers,
        body,
        own_keys=gateway.keys.own(),
        partner_certificates=gateway.keys.of(partner),
        when=row.created_at,
        policy=as2.Policy(require_signed=False, require_encrypted=False, legacy=True),
    )
    return opened.mic_by(digest).value if isinstance(opened, as2.Opened) else None


def _in_memory(file: BinaryIO) -> bytes | None:
    """What a file holds; None where it is more than somebody who waits for a page should wait for."""
    with file:
        content = file.read(IN_MEMORY + 1)
    return content if len(content) <= IN_MEMORY else None
