"""MIME entities as we write them: a document, signed, compressed; and the header fields of one that is encrypted.

Source: RFC 1847 section 2.1; RFC 8551 section 3.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edi_gateway.as2 import cms
from edi_gateway.as2.algorithms import Cipher, Digest

COMPRESSED_HEAD = (
    ("Content-Type", "application/pkcs7-mime; smime-type=compressed-data; name=smime.p7z"),
    ("Content-Transfer-Encoding", "binary"),
    ("Content-Disposition", "attachment; filename=smime.p7z"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A MIME entity in the making: its header fields and its body."""

    head: tuple[tuple[str, str], ...]
    body: bytes

    @property
    def raw(self) -> bytes:
        return header_block(self.head) + self.body


def header_block(fields: Sequence[tuple[str, str]]) -> bytes:
    """Header fields as bytes, with the empty line."""
    return "".join(f"{name}: {value}\r\n" for name, value in fields).encode("ascii") + b"\r\n"


def compressed(part: Part) -> Part:
    return Part(head=COMPRESSED_HEAD, body=cms.compress(part.raw))


def signed_part(content: bytes, signing: cms.Signing, when: datetime, *, base64_signature: bool) -> Part:
    """A multipart/signed around an entity. Source: RFC 1847 section 2.1; RFC 8551 section 3.5.3."""
    signature = cms.sign(signing.digest.of(content), signing, when=when)
    boundary = fresh_boundary(content)
    body = b"".join((b"--", boundary, b"\r\n", content, signature_trailer(boundary, signature, base64_signature=base64_signature)))
    return Part(head=signed_head(signing.digest, boundary), body=body)


def signed_head(digest: Digest, boundary: bytes) -> tuple[tuple[str, str], ...]:
    """The header fields of a multipart/signed."""
    kind = f'multipart/signed; protocol="application/pkcs7-signature"; micalg={digest.dashed}; boundary="{boundary.decode()}"'
    return (("Content-Type", kind),)


def signature_trailer(boundary: bytes, signature: bytes, *, base64_signature: bool) -> bytes:
    """What follows the content in a multipart/signed: the delimiter, the signature part and the closing delimiter."""
    encoding = b"base64" if base64_signature else b"binary"
    return b"".join(
        (
            b"\r\n--",
            boundary,
            b"\r\nContent-Type: application/pkcs7-signature; name=smime.p7s; smime-type=signed-data\r\n",
            b"Content-Transfer-Encoding: ",
            encoding,
            b"\r\nContent-Disposition: attachment; filename=smime.p7s\r\n\r\n",
            lines_of_base64(signature) if base64_signature else signature,
            b"\r\n--",
            boundary,
            b"--\r\n",
        )
    )


def lines_of_base64(content: bytes) -> bytes:
    return base64.encodebytes(content).strip().replace(b"\n", b"\r\n")


def fresh_boundary(content: bytes) -> bytes:
    """A boundary that does not occur in the content."""
    while True:
        boundary = b"=_" + secrets.token_hex(16).encode()
        if boundary not in content:
            return boundary


def encrypted_head(cipher: Cipher) -> tuple[tuple[str, str], ...]:
    """The header fields of an encrypted entity. Source: RFC 8551 section 3.2.2 for the smime-type."""
    kind = "authEnveloped-data" if cipher.gcm else "enveloped-data"
    return (
        ("Content-Type", f"application/pkcs7-mime; smime-type={kind}; name=smime.p7m"),
        ("Content-Transfer-Encoding", "binary"),
        ("Content-Disposition", "attachment; filename=smime.p7m"),
    )
