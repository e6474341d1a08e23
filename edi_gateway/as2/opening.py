"""Opening a message: decrypt, verify, decompress, in whatever order it was wrapped; then the agreement's demands.

What counts is what was really there, never what a content type claims. Everything that fails between the wire and the
verified content gives one and the same answer.
Source: draft rfc4130bis sections 4.2 and 8.3.1; RFC 5402 for compression; RFC 8551 section 3.5 for multipart/signed.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from edi_gateway.as2 import cms, mime
from edi_gateway.as2.algorithms import Digest
from edi_gateway.as2.cms.compressed import Undecompressable
from edi_gateway.as2.disposition import Modifier
from edi_gateway.as2.filenames import offered_name, safe_name
from edi_gateway.as2.heading import Heading, MdnRequest, unanswerable
from edi_gateway.as2.identity import Certificate, OwnKey
from edi_gateway.as2.malformed import Malformed
from edi_gateway.as2.mic import mic, spelled
from edi_gateway.as2.outcome import Layers, Opened, Refused, refused, unopened

MAX_LAYERS = 5

CMS_TYPES = ("application/pkcs7-mime", "application/x-pkcs7-mime")
SIGNATURE_TYPES = ("application/pkcs7-signature", "application/x-pkcs7-signature")


class MicRule(StrEnum):
    """By which algorithm the MIC is reported: the first that the sender asks for and we compute, or the signature's own."""

    REQUESTED = "requested"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What an agreement demands of an inbound message.

    Shape:  `legacy` lets SHA-1, MD5, 3DES and short RSA keys pass.
    Units:  sizes in bytes; `max_ratio` is unpacked to packed.
    """

    require_signed: bool = True
    require_encrypted: bool = True
    legacy: bool = False
    max_body: int = 256 << 20
    max_payload: int = 256 << 20
    max_ratio: int = 200
    mic_rule: MicRule = MicRule.REQUESTED


SIGNED_AND_ENCRYPTED = Policy()


def open_message(
    heading: Heading,
    headers: Iterable[tuple[str, str]],
    body: bytes,
    *,
    own_keys: Sequence[OwnKey],
    partner_certificates: Sequence[Certificate],
    when: datetime,
    policy: Policy = SIGNED_AND_ENCRYPTED,
) -> Opened | Refused:
    """The payload of a message with all that is known of it, or the refusal with the disposition to report.

    Shape:  `heading` was read from the same headers; `partner_certificates` are the partner's own, of which those in force at
            `when` count.
    """
    fields = tuple(headers)
    if (turned_away := turned_away_by_headers(heading, fields, len(body), policy)) is not None:
        return turned_away
    wrapping = Wrapping(own_keys, [one for one in partner_certificates if one.in_force(when)], policy)
    try:
        content = wrapping.unwrap(mime.Entity(fields=fields, body=body, raw=body))
        layers = wrapping.layers
        if (demanded := demands(layers, policy)) is not None:
            return demanded
        if not wrapping.sound:
            raise Malformed("the padding of the encrypted content is wrong")
        return _opened(content, layers, wrapping.covered, policy, heading.mdn)
    except Undecompressable as problem:
        return refused("AS2-NOT-DECOMPRESSED", Modifier.DECOMPRESSION_FAILED, wrapping.layers, cause=problem)
    except Malformed as problem:
        outer = mime.field_value(next((value for name, value in fields if name.lower() == "content-type"), None))
        return unopened(wrapping.layers, str(problem), cms=outer.value in CMS_TYPES)


def turned_away_by_headers(heading: Heading, fields: mime.HeaderFields, size: int, policy: Policy) -> Refused | None:
    """The refusal of a message that need not be opened to be refused; None where it has to be."""
    if size > policy.max_body:
        return refused("AS2-TOO-LARGE", Modifier.UNEXPECTED, limit=policy.max_body, size=size)
    if heading.problem is not None:
        return heading.problem
    if (impossible := unanswerable(heading.mdn, legacy=policy.legacy)) is not None:
        return impossible
    encoding = next((value.strip().lower() for name, value in fields if name.lower() == "content-encoding"), "identity")
    if encoding not in ("identity", ""):
        return refused("AS2-CONTENT-ENCODING", Modifier.UNEXPECTED, encoding=encoding[:40])
    return None


class Findings:
    """What is found while layers are taken off; each kind may occur once."""

    def __init__(self) -> None:
        self.signed = self.encrypted = self.compressed = False
        self.verified: cms.Signed | None = None
        self.decrypted: cms.Decrypted | None = None

    @property
    def sound(self) -> bool:
        """Whether what was decrypted may be used."""
        return self.decrypted is None or self.decrypted.sound

    @property
    def layers(self) -> Layers:
        """What was found so far."""
        verified, decrypted = self.verified, self.decrypted
        return Layers(
            signed=self.signed,
            digest=verified.digest if verified else None,
            scheme=verified.scheme if verified else None,
            signer=verified.certificate if verified else None,
            encrypted=self.encrypted,
            cipher=decrypted.cipher if decrypted else None,
            transport=decrypted.transport if decrypted else None,
            opened_by=decrypted.own.certificate if decrypted else None,
            compressed=self.compressed,
        )

    @staticmethod
    def first(already: bool) -> bool:
        """True, for a kind of layer that was not met before. Errors: Malformed where it was."""
        if already:
            raise Malformed("the same kind of layer twice")
        return True


class Wrapping(Findings):
    """The layers around a content, taken off one after the other."""

    def __init__(self, own_keys: Sequence[OwnKey], certificates: Sequence[Certificate], policy: Policy) -> None:
        super().__init__()
        self.covered: bytes | None = None
        self._own_keys = own_keys
        self._certificates = certificates
        self._policy = policy

    def unwrap(self, entity: mime.Entity) -> mime.Entity:
        """The innermost entity. Errors: Malformed, Undecompressable."""
        for _ in range(MAX_LAYERS):
            kind = mime.field_value(entity.one("content-type"))
            if kind.value == "multipart/signed":
                entity = self._multipart_signed(entity, kind.parameters.get("boundary", ""))
            elif kind.value in CMS_TYPES:
                entity = self._cms(entity)
            else:
                return entity
        raise Malformed("too many layers")

    def _multipart_signed(self, entity: mime.Entity, boundary: str) -> mime.Entity:
        self.signed = self.first(self.signed)
        parts = mime.parts(entity.body, boundary)
        if len(parts) != 2:
            raise Malformed("a signed message is not content and signature")
        signature = mime.entity(parts[1])
        if mime.field_value(signature.one("content-type")).value not in SIGNATURE_TYPES:
            raise Malformed("the second part of a signed message is not a signature")
        kind, node = cms.content_info(mime.decoded_cms(signature.body, signature.one("content-transfer-encoding")))
        if kind is not cms.Kind.SIGNED:
            raise Malformed("the signature part holds another kind of content")
        forms = signed_forms(parts[0])
        self.verified = cms.verify(node, [form.digest for form in forms], self._certificates)
        form = forms[self.verified.step]
        self.covered = form.content
        return mime.entity(form.delivered)

    def _cms(self, entity: mime.Entity) -> mime.Entity:
        kind, node = cms.content_info(mime.decoded_cms(entity.body, entity.one("content-transfer-encoding")))
        match kind:
            case cms.Kind.ENVELOPED | cms.Kind.AUTH_ENVELOPED:
                self.encrypted = self.first(self.encrypted)
                self.decrypted = cms.decrypt(kind, node, self._own_keys)
                return mime.entity(self.decrypted.content)
            case cms.Kind.COMPRESSED:
                self.compressed = self.first(self.compressed)
                return mime.entity(cms.decompress(node, max_size=self._policy.max_payload, max_ratio=self._policy.max_ratio))
            case cms.Kind.SIGNED:
                self.signed = self.first(self.signed)
                self.covered = content = cms.encapsulated(node).octets()
                self.verified = cms.verify(node, [lambda digest: digest.of(content)], self._certificates)
                return mime.entity(content)
            case _:
                raise Malformed("a CMS object that wraps nothing")


class SignedForm:
    """One way in which peers are known to compute a signature: the bytes hashed, made when they are asked for, and the
    entity that is delivered."""

    __slots__ = ("_content", "_make", "delivered")

    def __init__(self, delivered: bytes, make: Callable[[bytes], bytes]) -> None:
        self.delivered = delivered
        self._make = make
        self._content: bytes | None = None

    @property
    def content(self) -> bytes:
        if self._content is None:
            self._content = self._make(self.delivered)
        return self._content

    def digest(self, digest: Digest) -> bytes:
        return digest.of(self.content)


def signed_forms(part: bytes) -> list[SignedForm]:
    """The forms of a signed part to try: the exact bytes, without the last line end, with line ends made CRLF.

    The last one serves senders who sign the canonical form and send another; what they sent is delivered unchanged.
    """
    return [SignedForm(part, bytes), SignedForm(part.removesuffix(b"\r\n"), bytes), SignedForm(part, _canonical)]


def _canonical(part: bytes) -> bytes:
    """An entity with its line ends made CRLF; as it stands where its transfer encoding is binary."""
    try:
        encoding = mime.entity(part).one("content-transfer-encoding") or ""
    except Malformed:
        return part
    return part if encoding.strip().lower() == "binary" else re.sub(rb"\r\n|\r|\n", b"\r\n", part)


def demands(layers: Layers, policy: Policy) -> Refused | None:
    """The refusal where a message is not as secure as the agreement asks; None where it is."""
    missing = [
        *(["signed"] if policy.require_signed and not layers.signed else []),
        *(["encrypted"] if policy.require_encrypted and not layers.encrypted else []),
    ]
    if missing:
        return refused("AS2-INSECURE", Modifier.INSUFFICIENT_SECURITY, layers, missing=" and ".join(missing))
    if policy.legacy:
        return None
    weak = [
        *([layers.digest.dashed] if layers.digest and layers.digest.weak else []),
        *([layers.cipher.value] if layers.cipher and layers.cipher.weak else []),
        *([f"{layers.signer.key_kind} key"] if layers.signer and layers.signer.weak else []),
    ]
    if weak:
        return refused("AS2-WEAK", Modifier.INSUFFICIENT_SECURITY, layers, algorithms=" and ".join(weak))
    return None


def _opened(content: mime.Entity, layers: Layers, signed: bytes | None, policy: Policy, mdn: MdnRequest | None) -> Opened:
    """The payload with what is known of it; `signed` is what the signature covers, where there is one."""
    wrapped = layers.signed or layers.encrypted or layers.compressed
    payload = _payload(content, wrapped=wrapped)
    if len(payload) > policy.max_payload:
        raise Undecompressable(f"the payload is longer than {policy.max_payload} bytes")
    unsigned = content.raw if layers.encrypted else content.body
    covered = unsigned if signed is None else signed
    digest, spelling = mic_algorithm(layers, policy, mdn)
    offered = offered_name(content.fields)
    return Opened(
        payload=payload,
        content_type=content.one("content-type"),
        filename=safe_name(offered),
        offered_filename=offered,
        layers=layers,
        mic=mic(covered, digest, spelling),
        covered=covered,
    )


def _payload(content: mime.Entity, *, wrapped: bool) -> bytes:
    """The document without its transfer encoding. On bare HTTP an encoding is often announced and not applied: then the bytes stand."""
    encoding = content.one("content-transfer-encoding")
    if wrapped:
        return mime.decoded(content.body, encoding)
    if (encoding or "").strip().lower() == "base64" and mime.is_base64(content.body):
        return mime.decoded(content.body, encoding)
    return content.body


def mic_algorithm(layers: Layers, policy: Policy, mdn: MdnRequest | None) -> tuple[Digest, str]:
    """The MIC's algorithm and its spelling: by the rule agreed, by the signature, or SHA-256 where there is neither."""
    requested = mdn.chosen(legacy=policy.legacy) if mdn is not None else None
    if policy.mic_rule is MicRule.SIGNATURE and layers.digest is not None:
        same = requested is not None and requested[0] is layers.digest
        return layers.digest, requested[1] if same and requested else spelled(layers.digest)
    if requested is not None:
        return requested
    digest = layers.digest or Digest.SHA256
    return digest, spelled(digest)
