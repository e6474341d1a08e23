"""Sealing a document of any size from a file into a file, a block at a time.

Each layer takes blocks and gives blocks. Lengths are not known beforehand, so the CMS objects are written with indefinite
lengths, as every BouncyCastle peer writes and reads them.
Source: RFC 5652 section 2 on BER; RFC 3274, RFC 5083.
"""

import hashlib
import secrets
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO

from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers import modes

from edi_gateway.as2 import ber, cms
from edi_gateway.as2.algorithms import Cipher, Digest
from edi_gateway.as2.cms.compressed import ZLIB_IDENTIFIER
from edi_gateway.as2.cms.content import KIND_OIDS, Kind
from edi_gateway.as2.cms.enveloped import NONCE_SIZE, algorithm_identifier, block_cipher, content_key
from edi_gateway.as2.cms.recipients import recipient_info
from edi_gateway.as2.extent import BLOCK
from edi_gateway.as2.identity import Certificate, OwnKey
from edi_gateway.as2.mic import Mic, mic_of
from edi_gateway.as2.parts import COMPRESSED_HEAD, encrypted_head, header_block, signature_trailer, signed_head
from edi_gateway.as2.sealing import (
    SIGNED_RECEIPT,
    STANDARD,
    Compression,
    MdnWanted,
    Security,
    checked,
    document,
    mdn_headers,
    message_headers,
)

if TYPE_CHECKING:
    from hashlib import _Hash as Hash


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedFile:
    """A message whose body was written to a file: its headers, and what is needed to judge its receipt."""

    headers: tuple[tuple[str, str], ...]
    size: int
    message_id: str
    mics: tuple[Mic, ...]
    head: bytes

    @property
    def mic(self) -> Mic:
        return self.mics[0]


def seal_file(
    payload: BinaryIO,
    body: BinaryIO,
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
) -> SealedFile:
    """As `seal`, reading the payload from a file and writing the body to one. Errors: ValueError as `seal`."""
    extra = checked(extra_headers)
    part = document(b"", content_type, filename)
    head = header_block(part.head)
    asked = mdn.algorithms if mdn else ()
    digests = dict.fromkeys([*([security.digest] if security.digest else []), *asked, Digest.SHA256])
    covered = {digest: hashlib.new(digest.value, usedforsecurity=False) for digest in digests}
    fields, blocks = _layers(part.head, payload, security, signing_key, recipients, when, covered)
    size = 0
    for block in blocks:
        size += body.write(block)
    return SealedFile(
        headers=(
            *message_headers(as2_from, as2_to, message_id, when, subject),
            *(mdn_headers(mdn) if mdn else ()),
            *extra,
            *fields,
            ("Content-Length", str(size)),
        ),
        size=size,
        message_id=message_id,
        mics=tuple(mic_of(running.digest(), digest) for digest, running in covered.items()),
        head=head,
    )


Fields = tuple[tuple[str, str], ...]


def _layers(
    fields: Fields,
    payload: BinaryIO,
    security: Security,
    signing_key: OwnKey | None,
    recipients: Sequence[Certificate],
    when: datetime,
    covered: Mapping[Digest, "Hash"],
) -> tuple[Fields, Iterator[bytes]]:
    """The outermost header fields, and the blocks of the body. `covered` has hashed what the MIC is over once they are read."""
    blocks = iter(lambda: payload.read(BLOCK), b"")
    signed, encrypted = security.digest is not None, security.cipher is not None
    before = security.compression is Compression.BEFORE_SIGNING or (security.compression is not Compression.NONE and not signed)
    if not signed and not encrypted:
        blocks = _hashed(blocks, covered)
    entity = _entity(fields, blocks)
    if encrypted and not signed:
        entity = _hashed(entity, covered)
    if before:
        fields, blocks = COMPRESSED_HEAD, _compressed(entity)
        entity = _entity(fields, blocks)
    if security.digest is not None:
        if signing_key is None:
            raise ValueError("a signed message needs a signing key")
        signing = cms.Signing(
            key=signing_key, digest=security.digest, padding=security.padding, include_certificate=security.include_certificate
        )
        boundary = b"=_" + secrets.token_hex(16).encode()
        fields = signed_head(security.digest, boundary)
        blocks = _signed(_hashed(entity, covered), covered[security.digest], signing, when, boundary, text=security.base64_signature)
        entity = _entity(fields, blocks)
        if security.compression is Compression.AFTER_SIGNING:
            fields, blocks = COMPRESSED_HEAD, _compressed(entity)
            entity = _entity(fields, blocks)
    if security.cipher is not None:
        if not recipients:
            raise ValueError("an encrypted message needs a recipient's certificate")
        fields, blocks = encrypted_head(security.cipher), _encrypted(entity, security, security.cipher, recipients)
    return fields, blocks


def _entity(fields: Fields, blocks: Iterable[bytes]) -> Iterator[bytes]:
    yield header_block(fields)
    yield from blocks


def _hashed(blocks: Iterable[bytes], running: Mapping[Digest, "Hash"]) -> Iterator[bytes]:
    for block in blocks:
        for one in running.values():
            one.update(block)
        yield block


def _signed(
    entity: Iterable[bytes], running: "Hash", signing: cms.Signing, when: datetime, boundary: bytes, *, text: bool
) -> Iterator[bytes]:
    """A multipart/signed; the signature is made when the content has gone by."""
    yield b"--" + boundary + b"\r\n"
    yield from entity
    signature = cms.sign(running.digest(), signing, when=when)
    yield signature_trailer(boundary, signature, base64_signature=text)


def _compressed(entity: Iterable[bytes]) -> Iterator[bytes]:
    yield ber.opened(ber.SEQUENCE) + KIND_OIDS[Kind.COMPRESSED] + ber.opened(0xA0) + ber.opened(ber.SEQUENCE)
    yield ber.integer(0) + ber.sequence(ZLIB_IDENTIFIER)
    yield ber.opened(ber.SEQUENCE) + KIND_OIDS[Kind.DATA] + ber.opened(0xA0) + ber.opened(ber.OCTETS)
    yield from ber.chunks(_deflated(entity))
    yield ber.END * 6


def _deflated(entity: Iterable[bytes]) -> Iterator[bytes]:
    stream = zlib.compressobj()
    for block in entity:
        yield stream.compress(block)
    yield stream.flush()


def _encrypted(entity: Iterable[bytes], security: Security, cipher: Cipher, recipients: Sequence[Certificate]) -> Iterator[bytes]:
    key = content_key(cipher)
    nonce = secrets.token_bytes(NONCE_SIZE if cipher.gcm else cipher.block_size)
    kind = Kind.AUTH_ENVELOPED if cipher.gcm else Kind.ENVELOPED
    infos = ber.set_of(recipient_info(one, key, security.transport, security.oaep_digest) for one in recipients)
    yield ber.opened(ber.SEQUENCE) + KIND_OIDS[kind] + ber.opened(0xA0) + ber.opened(ber.SEQUENCE) + ber.integer(0) + infos
    yield ber.opened(ber.SEQUENCE) + KIND_OIDS[Kind.DATA] + algorithm_identifier(cipher, nonce) + ber.opened(0xA0)
    if cipher.gcm:
        authenticated = ciphers.Cipher(block_cipher(cipher, key), modes.GCM(nonce)).encryptor()
        yield from ber.chunks(authenticated.update(block) for block in entity)
        authenticated.finalize()
        yield ber.END * 2 + ber.octets(authenticated.tag)
    else:
        yield from ber.chunks(_padded(entity, ciphers.Cipher(block_cipher(cipher, key), modes.CBC(nonce)).encryptor(), cipher.block_size))
        yield ber.END * 2
    yield ber.END * 3


def _padded(entity: Iterable[bytes], encryptor: ciphers.CipherContext, size: int) -> Iterator[bytes]:
    length = 0
    for block in entity:
        length += len(block)
        yield encryptor.update(block)
    missing = size - length % size
    yield encryptor.update(bytes([missing]) * missing) + encryptor.finalize()
