"""The message integrity check that a receiver reports, and how it compares with what was sent.

Source: draft rfc4130bis sections 8.3.1 and 8.4.3; RFC 5402 section 4 for compressed content.
"""

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from edi_gateway.as2.algorithms import Digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Mic:
    """A digest in base64, and the algorithm as its writer spelt it ("" where none was named)."""

    value: str
    algorithm: str

    @property
    def digest(self) -> Digest | None:
        """The algorithm meant; where none was named, the one whose length fits."""
        if self.algorithm:
            return Digest.named(self.algorithm)
        return _BY_LENGTH.get(len(_raw(self.value) or b""))

    @property
    def text(self) -> str:
        """As it stands in Received-Content-MIC."""
        return f"{self.value}, {self.algorithm}" if self.algorithm else self.value

    def equals(self, other: "Mic") -> bool:
        """Whether both are the same digest by the same algorithm, whatever the spelling."""
        digest = self.digest
        if digest is None or digest is not other.digest:
            return False
        mine = _raw(self.value)
        return mine is not None and (self.value == other.value or mine == _raw(other.value))


_BY_LENGTH = {16: Digest.MD5, 20: Digest.SHA1, 32: Digest.SHA256, 48: Digest.SHA384, 64: Digest.SHA512}
_BASE64 = re.compile(r"[A-Za-z0-9+/]+={0,2}")


def mic(content: bytes, digest: Digest, spelling: str | None = None) -> Mic:
    """The MIC of a content.

    Shape:  content is the exact bytes a receiver hashes: the signed entity with its headers, or what the message kind asks for.
    """
    return mic_of(digest.of(content), digest, spelling)


def mic_of(hashed: bytes, digest: Digest, spelling: str | None = None) -> Mic:
    """The MIC of a content that was hashed before."""
    return Mic(value=base64.b64encode(hashed).decode(), algorithm=spelling or spelled(digest))


def spelled(digest: Digest) -> str:
    """The algorithm's name where no partner asked for a spelling: the registry's, but `sha1` as all peers write it."""
    return digest.value if digest.weak else digest.dashed


def read_mic(value: str) -> Mic:
    """A Received-Content-MIC field as a peer wrote it. Never fails."""
    encoded, _, algorithm = value.partition(",")
    return Mic(value="".join(encoded.split()), algorithm=algorithm.strip().strip("\"'"))


def _raw(value: str) -> bytes | None:
    """The digest's bytes; a peer that leaves the padding off means the same."""
    if not _BASE64.fullmatch(value):
        return None
    try:
        return base64.b64decode(value.rstrip("=") + "=" * (-len(value.rstrip("=")) % 4), validate=True)
    except binascii.Error:
        return None


def resemblance(received: Mic, mics: Iterable[Mic]) -> str | None:
    """How a MIC that is not one of ours is one of ours after all, badly written; None where it is not."""
    value = received.value
    for one in mics:
        raw = _raw(one.value)
        if raw is None:
            continue
        if value == one.value or _raw(value) == raw:
            return f"It is ours, but by {one.algorithm}, not {received.algorithm}."
        if value.lower() == raw.hex():
            return "It is ours, in hexadecimal instead of base64."
        if value.lower() == one.value.lower():
            return "It is ours, with upper and lower case confused."
        if len(value) >= 8 and one.value.startswith(value.rstrip("=")):
            return "It is the beginning of ours, cut off."
    return None


def ways_of_computing(head: bytes, content: bytes) -> tuple[tuple[str, bytes], ...]:
    """The bytes that peers are known to hash for a message, by the name of the way, in the order of likelihood.

    Shape:  head is the payload's MIME headers with the empty line, content the payload.
    """
    lines = re.sub(rb"\r\n|\r|\n", b"\r\n", content)
    return (
        ("the content with its MIME headers", head + content),
        ("the content alone", content),
        ("the content with its MIME headers, line ends made CRLF", head + lines),
        ("the content alone, line ends made CRLF", lines),
        ("the content with its MIME headers and a line end", head + content + b"\r\n"),
        ("the content with its MIME headers, without its last line end", (head + content).removesuffix(b"\r\n")),
        ("the content with its MIME headers, line ends made LF", (head + content).replace(b"\r\n", b"\n")),
        ("the MIME headers alone", head),
        ("nothing at all", b""),
    )


def way_of(received: Mic, ways: Iterable[tuple[str, bytes]]) -> str | None:
    """The name of the way in which a partner computed this MIC; None where no known way gives it."""
    raw = _raw(received.value)
    if raw is None:
        return None
    likely = received.digest
    others = [digest for digest in Digest if digest is not likely and digest.algorithm.digest_size == len(raw)]
    for digest in ([likely] if likely else []) + others:
        for name, content in ways:
            if digest.of(content) == raw:
                return name if digest is likely else f"{name}, with {digest.dashed} instead of {received.algorithm or 'nothing named'}"
    return None
