"""Sealing a message: compress, sign, encrypt, once; the bytes are kept and every attempt posts the same.

Source: draft rfc4130bis sections 4.2, 6 and 8.3; RFC 8551 section 3; RFC 5402 for where compression goes.
"""

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from enum import StrEnum

from edi_gateway import __version__
from edi_gateway.as2 import cms
from edi_gateway.as2.algorithms import Cipher, Digest, Padding, Transport
from edi_gateway.as2.filenames import content_disposition
from edi_gateway.as2.identity import Certificate, OwnKey
from edi_gateway.as2.mic import Mic, mic, spelled
from edi_gateway.as2.names import one_line, write_name
from edi_gateway.as2.parts import Part, compressed, encrypted_head, header_block, signed_part

AS2_VERSION = "1.2"
FEATURES = "multiple-attachments, AS2-Reliability"
PRODUCT = f"edi-gateway/{__version__}"

_HEADER_NAME = re.compile(r"[!#-'*+\-.^_`|~0-9A-Za-z]+")


class Compression(StrEnum):
    """Where a document is compressed."""

    NONE = "none"
    BEFORE_SIGNING = "before-signing"
    AFTER_SIGNING = "after-signing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Security:
    """How a partner wants messages to be wrapped. `digest` None leaves them unsigned, `cipher` None unencrypted.

    Shape:  `base64_signature` writes the signature part as text, which every peer reads; else it is binary.
    """

    digest: Digest | None = Digest.SHA256
    padding: Padding = Padding.PKCS1
    cipher: Cipher | None = Cipher.AES256_CBC
    transport: Transport = Transport.PKCS1
    oaep_digest: Digest = Digest.SHA256
    compression: Compression = Compression.NONE
    include_certificate: bool = True
    base64_signature: bool = True


STANDARD = Security()


@dataclass(frozen=True, slots=True, kw_only=True)
class MdnWanted:
    """The receipt to ask for: signed or not, MIC algorithms in order, and a URL where it is to come asynchronously."""

    signed: bool = True
    algorithms: tuple[Digest, ...] = (Digest.SHA256,)
    url: str | None = None
    notify: str = "mdn@edi-gateway"


SIGNED_RECEIPT = MdnWanted()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """A message ready to post, and what is needed later to judge its receipt.

    Shape:  `mics` are the MICs by each algorithm that a receiver may report, the likeliest first; `head` is the payload's own
            MIME headers, from which together with the payload the known other ways of computing a MIC follow.
    """

    headers: tuple[tuple[str, str], ...]
    body: bytes
    message_id: str
    mics: tuple[Mic, ...]
    head: bytes

    @property
    def mic(self) -> Mic:
        return self.mics[0]


def seal(
    payload: bytes,
    *,
    as2_from: str,
    as2_to: str,
    message_id: str,
    when: datetime,
    content_type: str = "application/edi-x12",
    filename: str | None = None,
    subject: str = "",
    security: Security = STANDARD,
    signing_key: OwnKey | None = None,
    recipients: Sequence[Certificate] = (),
    mdn: MdnWanted | None = SIGNED_RECEIPT,
    extra_headers: Sequence[tuple[str, str]] = (),
) -> Sealed:
    """A message with headers and body as they are to be posted, and the MICs to expect.

    Shape:  `recipients` may hold several certificates, an own one among them for a copy that we can open.
    Errors: ValueError where a key that the security asks for is missing or cannot serve, or a name or header cannot be written:
            all of these are settled when an agreement is read.
    """
    part = document(payload, content_type, filename)
    head = header_block(part.head)
    wrapped, covered = wrap(part, security, signing_key, recipients, when)
    digests = dict.fromkeys([*([security.digest] if security.digest else []), *(mdn.algorithms if mdn else ()), Digest.SHA256])
    headers = (
        *message_headers(as2_from, as2_to, message_id, when, subject),
        *(mdn_headers(mdn) if mdn else ()),
        *checked(extra_headers),
        *wrapped.head,
        ("Content-Length", str(len(wrapped.body))),
    )
    return Sealed(
        headers=headers,
        body=wrapped.body,
        message_id=message_id,
        mics=tuple(mic(covered, digest) for digest in digests),
        head=head,
    )


def document(payload: bytes, content_type: str, filename: str | None) -> Part:
    """The payload as a MIME entity, its bytes untouched."""
    if not re.fullmatch(r"[\x20-\x7e]+", content_type):
        raise ValueError(f"{content_type!r} is not a content type")
    head = [("Content-Type", content_type), ("Content-Transfer-Encoding", "binary")]
    if filename:
        head.append(("Content-Disposition", content_disposition(filename)))
    return Part(head=tuple(head), body=payload)


def wrap(
    part: Part, security: Security, signing_key: OwnKey | None, recipients: Sequence[Certificate], when: datetime
) -> tuple[Part, bytes]:
    """The entity in the layers that the security asks for, and the bytes that the MIC is over."""
    signed, encrypted = security.digest is not None, security.cipher is not None
    covered = part.raw if signed or encrypted else part.body
    if security.compression is Compression.BEFORE_SIGNING or (security.compression is not Compression.NONE and not signed):
        part = compressed(part)
        covered = part.raw if signed else covered
    if security.digest is not None:
        if signing_key is None:
            raise ValueError("a signed message needs a signing key")
        signing = cms.Signing(
            key=signing_key, digest=security.digest, padding=security.padding, include_certificate=security.include_certificate
        )
        part = signed_part(part.raw, signing, when, base64_signature=security.base64_signature)
        if security.compression is Compression.AFTER_SIGNING:
            part = compressed(part)
    if security.cipher is not None:
        if not recipients:
            raise ValueError("an encrypted message needs a recipient's certificate")
        part = _encrypted(part.raw, security, security.cipher, recipients)
    return part, covered


def _encrypted(content: bytes, security: Security, cipher: Cipher, recipients: Sequence[Certificate]) -> Part:
    enveloped = cms.encrypt(content, recipients, cipher=cipher, transport=security.transport, oaep_digest=security.oaep_digest)
    return Part(head=encrypted_head(cipher), body=enveloped)


def message_headers(as2_from: str, as2_to: str, message_id: str, when: datetime, subject: str) -> tuple[tuple[str, str], ...]:
    """The headers that every message and MDN of ours carries."""
    if not re.fullmatch(r"<[\x21-\x7e]{1,248}>", message_id):
        raise ValueError(f"{message_id!r} is not a Message-ID in angle brackets without spaces")
    return (
        ("AS2-Version", AS2_VERSION),
        ("AS2-From", write_name(as2_from)),
        ("AS2-To", write_name(as2_to)),
        ("Message-ID", message_id),
        ("Date", format_datetime(when, usegmt=True)),
        *((("Subject", one_line(subject)),) if one_line(subject) else ()),
        ("MIME-Version", "1.0"),
        ("EDIINT-Features", FEATURES),
        ("AS2-Product", PRODUCT.replace("/", ":")),
        ("User-Agent", PRODUCT),
    )


def mdn_headers(mdn: MdnWanted) -> tuple[tuple[str, str], ...]:
    """The headers that ask for a receipt. Source: draft section 8.3."""
    asked: list[tuple[str, str]] = [("Disposition-Notification-To", one_line(mdn.notify))]
    if mdn.signed:
        algorithms = ", ".join(spelled(digest) for digest in mdn.algorithms)
        options = f"signed-receipt-protocol=optional, pkcs7-signature; signed-receipt-micalg=optional, {algorithms}"
        asked.append(("Disposition-Notification-Options", options))
    if mdn.url is not None:
        if not re.fullmatch(r"[\x21-\x7e]+", mdn.url):
            raise ValueError(f"{mdn.url!r} is not a URL")
        asked.append(("Receipt-Delivery-Option", mdn.url))
    return tuple(asked)


def checked(fields: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """Headers that may be written. Errors: ValueError where one is no header."""
    for name, value in fields:
        if not _HEADER_NAME.fullmatch(name) or not re.fullmatch(r"[\x20-\x7e\t]*", value):
            raise ValueError(f"{name!r}: {value!r} is not a header")
    return tuple(fields)


def new_message_id(domain: str) -> str:
    """A Message-ID that is unique everywhere. `domain` is the sending host's name."""
    return f"<{secrets.token_hex(16)}@{re.sub(r'[^A-Za-z0-9.-]', '-', domain) or 'localhost'}>"
