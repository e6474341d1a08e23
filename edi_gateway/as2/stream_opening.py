"""Opening a message of any size from a file into a file, a block at a time, by the rules of `opening`.

What is decrypted or unpacked on the way goes into scratch files of the caller's; nothing reaches the payload's file before the
signature was verified and the agreement's demands were met.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import BinaryIO

from edi_gateway.as2 import ber, cms, mime
from edi_gateway.as2.algorithms import Digest
from edi_gateway.as2.blocks import canonical, decoded, hash_of, inflated, is_base64, opened_cbc, opened_gcm
from edi_gateway.as2.cms.compressed import Undecompressable, packed_content, size_limit
from edi_gateway.as2.cms.enveloped import TAG_SIZE, read_envelope, with_tag_behind
from edi_gateway.as2.cms.recipients import choices
from edi_gateway.as2.disposition import Modifier
from edi_gateway.as2.extent import Extent
from edi_gateway.as2.filenames import offered_name, safe_name
from edi_gateway.as2.heading import Heading
from edi_gateway.as2.identity import Certificate, OwnKey
from edi_gateway.as2.malformed import Malformed
from edi_gateway.as2.mic import Mic, mic_of
from edi_gateway.as2.opening import (
    CMS_TYPES,
    MAX_LAYERS,
    SIGNATURE_TYPES,
    SIGNED_AND_ENCRYPTED,
    Findings,
    Policy,
    demands,
    mic_algorithm,
    turned_away_by_headers,
)
from edi_gateway.as2.outcome import Layers, Refused, refused, unopened

MAX_SIGNATURE = 4 << 20
"""The bytes of a signature part that are read into memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedFile:
    """As `Opened`, the payload being in the file that was handed in; `sha256` is its digest in hex."""

    size: int
    sha256: str
    content_type: str | None
    filename: str | None
    offered_filename: str | None
    layers: Layers
    mic: Mic


def open_file(
    heading: Heading,
    headers: Iterable[tuple[str, str]],
    body: BinaryIO,
    payload: BinaryIO,
    *,
    own_keys: Sequence[OwnKey],
    partner_certificates: Sequence[Certificate],
    when: datetime,
    scratch: Callable[[], BinaryIO],
    policy: Policy = SIGNED_AND_ENCRYPTED,
) -> OpenedFile | Refused:
    """As `open_message`, reading the body from a seekable file and writing the payload to another.

    Shape:  `scratch` gives new empty files, which are closed at the end.
    """
    fields = tuple(headers)
    whole = Extent.of(body)
    if (turned_away := turned_away_by_headers(heading, fields, len(whole), policy)) is not None:
        return turned_away
    with ExitStack() as files:
        in_force = [one for one in partner_certificates if one.in_force(when)]
        wrapping = _Wrapping(own_keys, in_force, policy, lambda: files.enter_context(scratch()))
        try:
            content = wrapping.unwrap(_Entity(fields=fields, body=whole, raw=whole))
            layers = wrapping.layers
            if (demanded := demands(layers, policy)) is not None:
                return demanded
            if not wrapping.sound:
                raise Malformed("the padding of the encrypted content is wrong")
            return _delivered(content, layers, wrapping.covered, policy, heading, payload)
        except Undecompressable as problem:
            return refused("AS2-NOT-DECOMPRESSED", Modifier.DECOMPRESSION_FAILED, wrapping.layers, cause=problem)
        except Malformed as problem:
            outer = mime.field_value(next((value for name, value in fields if name.lower() == "content-type"), None))
            return unopened(wrapping.layers, str(problem), cms=outer.value in CMS_TYPES)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entity:
    """A MIME entity in a file."""

    fields: mime.HeaderFields
    body: Extent
    raw: Extent

    def one(self, name: str) -> str | None:
        return mime.one(self.fields, name)

    @property
    def kind(self) -> mime.FieldValue:
        return mime.field_value(self.one("content-type"))


def _entity(raw: Extent) -> _Entity:
    _, start = mime.header_end(raw)
    return _Entity(fields=mime.entity(raw[:start]).fields, body=raw.part(start, len(raw)), raw=raw)


class _Wrapping(Findings):
    """As `opening.Wrapping`, on files."""

    def __init__(
        self, own_keys: Sequence[OwnKey], certificates: Sequence[Certificate], policy: Policy, scratch: Callable[[], BinaryIO]
    ) -> None:
        super().__init__()
        self.covered: Callable[[Digest], bytes] | None = None
        self._own_keys = own_keys
        self._certificates = certificates
        self._policy = policy
        self._scratch = scratch

    def unwrap(self, entity: _Entity) -> _Entity:
        for _ in range(MAX_LAYERS):
            kind = entity.kind
            if kind.value == "multipart/signed":
                entity = self._multipart_signed(entity, kind.parameters.get("boundary", ""))
            elif kind.value in CMS_TYPES:
                entity = self._cms(entity)
            else:
                return entity
        raise Malformed("too many layers")

    def _multipart_signed(self, entity: _Entity, boundary: str) -> _Entity:
        self.signed = self.first(self.signed)
        ranges = mime.part_ranges(entity.body, boundary)
        if len(ranges) != 2:
            raise Malformed("a signed message is not content and signature")
        content, (start, stop) = entity.body.part(*ranges[0]), ranges[1]
        if stop - start > MAX_SIGNATURE:
            raise Malformed("a signature that is too long")
        signature = mime.entity(entity.body[start:stop])
        if mime.field_value(signature.one("content-type")).value not in SIGNATURE_TYPES:
            raise Malformed("the second part of a signed message is not a signature")
        kind, node = cms.content_info(mime.decoded_cms(signature.body, signature.one("content-transfer-encoding")))
        if kind is not cms.Kind.SIGNED:
            raise Malformed("the signature part holds another kind of content")
        forms, delivered = _signed_forms(content)
        self.verified = cms.verify(node, forms, self._certificates)
        self.covered = forms[self.verified.step]
        return _entity(delivered[self.verified.step])

    def _cms(self, entity: _Entity) -> _Entity:
        body = self._binary(entity)
        kind, node = cms.content_info(body)
        match kind:
            case cms.Kind.ENVELOPED | cms.Kind.AUTH_ENVELOPED:
                self.encrypted = self.first(self.encrypted)
                return _entity(self._decrypted(kind, node, body))
            case cms.Kind.COMPRESSED:
                self.compressed = self.first(self.compressed)
                return _entity(self._decompressed(packed_content(node), body))
            case cms.Kind.SIGNED:
                self.signed = self.first(self.signed)
                content = self._written(_ranges(body, cms.encapsulated(node)))
                self.covered = hash_of(content.blocks)
                self.verified = cms.verify(node, [self.covered], self._certificates)
                return _entity(content)
            case _:
                raise Malformed("a CMS object that wraps nothing")

    def _binary(self, entity: _Entity) -> Extent:
        """A CMS object's own bytes, whatever encoding was announced: as `mime.decoded_cms`."""
        announced = (entity.one("content-transfer-encoding") or "").strip().lower()
        first = entity.body[:1]
        if first == b"\x30" and announced != "quoted-printable":
            return entity.body
        encoding = announced or ("base64" if first == b"M" else "")
        if encoding not in ("base64", "quoted-printable"):
            return entity.body
        return self._written(decoded(entity.body.blocks(), encoding))

    def _written(self, blocks: Iterable[bytes]) -> Extent:
        file = self._scratch()
        for block in blocks:
            file.write(block)
        return Extent.of(file)

    def _decrypted(self, kind: cms.Kind, node: ber.Node, body: Extent) -> Extent:
        envelope = read_envelope(kind, node)
        how = envelope.how
        if envelope.tag_behind:
            gathered = self._written(_ranges(body, envelope.held))
            size = max(len(gathered) - TAG_SIZE, 0)
            how, encrypted = with_tag_behind(how, gathered[size:]), gathered.part(0, size).blocks
        else:
            encrypted = partial(_ranges, body, envelope.held)
            size = sum(stop - start for start, stop in envelope.held.ranges())
        if not how.cipher.gcm and (not size or size % how.cipher.block_size):
            raise Malformed("encrypted content that is not whole blocks")
        opened: Extent | None = None
        for recipient, own in choices(envelope.recipients, self._own_keys):
            file = self._scratch()
            key = recipient.content_key(own, how.cipher.key_size)
            sound = (opened_gcm if how.cipher.gcm else opened_cbc)(key, how, encrypted(), file)
            self.decrypted = cms.Decrypted(content=b"", cipher=how.cipher, transport=recipient.transport, own=own, sound=sound)
            opened = Extent.of(file)
            if sound:
                break
        if opened is None:
            raise Malformed("no key of ours can open it")
        return opened

    def _decompressed(self, packed: ber.Node, body: Extent) -> Extent:
        limit = size_limit(packed.end - packed.body, max_size=self._policy.max_payload, max_ratio=self._policy.max_ratio)
        return self._written(inflated(_ranges(body, packed), limit))


def _ranges(body: Extent, node: ber.Node) -> Iterator[bytes]:
    """The content of a string, chunk by chunk and no more than a block at a time."""
    for start, stop in node.ranges():
        yield from body.part(start, stop).blocks()


def _signed_forms(part: Extent) -> tuple[list[Callable[[Digest], bytes]], list[Extent]]:
    """As `opening.signed_forms`: the digests of the forms to try, and what is delivered where one verifies."""
    forms, delivered = [hash_of(part.blocks)], [part]
    if len(part) >= 2 and part[len(part) - 2 :] == b"\r\n":
        shorter = part.part(0, len(part) - 2)
        forms.append(hash_of(shorter.blocks))
        delivered.append(shorter)
    encoding = (_entity(part).one("content-transfer-encoding") or "").strip().lower()
    if encoding != "binary":
        forms.append(hash_of(lambda: canonical(part.blocks())))
        delivered.append(part)
    return forms, delivered


def _delivered(
    content: _Entity,
    layers: Layers,
    signed: Callable[[Digest], bytes] | None,
    policy: Policy,
    heading: Heading,
    payload: BinaryIO,
) -> OpenedFile:
    """The payload written out, and the facts about it; `signed` gives the digest of what the signature covers, where there is one."""
    covered = signed or hash_of((content.raw if layers.encrypted else content.body).blocks)
    wrapped = layers.signed or layers.encrypted or layers.compressed
    encoding = (content.one("content-transfer-encoding") or "").strip().lower()
    if not wrapped and not (encoding == "base64" and is_base64(content.body.blocks())):
        encoding = ""
    running, size = hashlib.sha256(), 0
    for block in decoded(content.body.blocks(), encoding):
        size += len(block)
        if size > policy.max_payload:
            raise Undecompressable(f"the payload is longer than {policy.max_payload} bytes")
        running.update(block)
        payload.write(block)
    digest, spelling = mic_algorithm(layers, policy, heading.mdn)
    offered = offered_name(content.fields)
    return OpenedFile(
        size=size,
        sha256=running.hexdigest(),
        content_type=content.one("content-type"),
        filename=safe_name(offered),
        offered_filename=offered,
        layers=layers,
        mic=mic_of(covered(digest), digest, spelling),
    )
