"""Making receipts: a message disposition notification, signed or not, as response or as a message of its own.

Source: draft rfc4130bis section 8.4; RFC 8098 section 3; RFC 6522 for multipart/report.
"""

from dataclasses import dataclass
from datetime import datetime

from edi_gateway.as2 import cms
from edi_gateway.as2.disposition import Disposition, explained
from edi_gateway.as2.heading import Heading
from edi_gateway.as2.identity import Certificate
from edi_gateway.as2.mic import Mic
from edi_gateway.as2.names import one_line, write_name
from edi_gateway.as2.parts import Part, fresh_boundary, header_block, signed_part
from edi_gateway.as2.sealing import PRODUCT, message_headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """An MDN with headers and body as they are to be answered or posted. `signer` is whose signature it bears, None for none."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    message_id: str
    signer: Certificate | None = None


def make_mdn(
    heading: Heading,
    disposition: Disposition,
    *,
    message_id: str,
    when: datetime,
    mic: Mic | None = None,
    signing: cms.Signing | None = None,
) -> Receipt:
    """The receipt for a message: what became of it and, where it was taken, its MIC.

    Shape:  `heading` is the message's; the receipt goes the other way. It is signed where `signing` is given. The words depend
            on the disposition alone, so that two messages that failed for different reasons get the same answer.
    """
    report = _report(heading, disposition, mic, when)
    part = signed_part(report.raw, signing, when, base64_signature=True) if signing else report
    headers = (
        *message_headers(heading.as2_to, heading.as2_from, message_id, when, "Message disposition notification"),
        *part.head,
        ("Content-Length", str(len(part.body))),
    )
    signer = signing.key.certificate if signing else None
    return Receipt(headers=headers, body=part.body, message_id=message_id, signer=signer)


def _report(heading: Heading, disposition: Disposition, mic: Mic | None, when: datetime) -> Part:
    words = _words(heading, disposition, when).encode("ascii")
    notification = header_block(
        [
            ("Reporting-UA", PRODUCT),
            ("Original-Recipient", f"rfc822; {write_name(heading.as2_to)}"),
            ("Final-Recipient", f"rfc822; {write_name(heading.as2_to)}"),
            ("Original-Message-ID", _ascii(heading.message_id)),
            ("Disposition", disposition.verbatim),
            *((("Explanation", explanation),) if (explanation := one_line(explained(disposition) or "")) else ()),
            *((("Received-Content-MIC", mic.text),) if mic else ()),
        ]
    )
    boundary = fresh_boundary(words + notification)
    body = b"".join(
        (
            b"--",
            boundary,
            b"\r\nContent-Type: text/plain; charset=us-ascii\r\nContent-Transfer-Encoding: 7bit\r\n\r\n",
            words,
            b"\r\n--",
            boundary,
            b"\r\nContent-Type: message/disposition-notification\r\nContent-Transfer-Encoding: 7bit\r\n\r\n",
            notification,
            b"\r\n--",
            boundary,
            b"--\r\n",
        )
    )
    kind = f'multipart/report; report-type=disposition-notification; boundary="{boundary.decode()}"'
    return Part(head=(("Content-Type", kind),), body=body)


def _words(heading: Heading, disposition: Disposition, when: datetime) -> str:
    """The part for people, within ASCII."""
    if disposition.good:
        fate = "was received and taken" + (f", with a warning: {one_line(disposition.text)}" if disposition.warning else "")
        caution = "This says that the bytes arrived; it does not say that the business content was accepted."
    else:
        fate = f"was refused: {one_line(disposition.text) or disposition.kind}"
        reason = one_line(explained(disposition) or disposition.kind)
        caution = f"{reason}\r\nThe message was not processed. Please correct the cause and send it again."
    subject = f'\r\nSubject: "{one_line(heading.subject)}"' if heading.subject else ""
    sent = f"\r\nSent: {one_line(heading.date)}" if heading.date else ""
    return (
        f"The message {one_line(heading.message_id)}\r\n"
        f"from {one_line(heading.as2_from)} to {one_line(heading.as2_to)} {fate}.{subject}{sent}\r\n"
        f"Received: {when:%Y-%m-%d %H:%M:%S} UTC\r\n{caution}\r\n"
    )


def _ascii(message_id: str) -> str:
    """A Message-ID as it came, but for bytes that may not stand in a header."""
    return "".join(mark if " " <= mark <= "~" else "?" for mark in message_id)
