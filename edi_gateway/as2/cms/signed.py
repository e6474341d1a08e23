"""SignedData: made detached or opaque, and verified against the partner's own certificates only.

Certificates that came along with a signature are never looked at: who signed is decided by what the agreement holds.
Source: RFC 5652 sections 5 and 11; RFC 4056 for RSASSA-PSS; RFC 5753 for ECDSA.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from edi_gateway.as2 import ber
from edi_gateway.as2.algorithms import DIGESTS_BY_OID, Digest, Padding
from edi_gateway.as2.cms.content import KIND_OIDS, Kind, explicit_content, wrapped
from edi_gateway.as2.cms.schemes import RSA_SIGNATURES, Signature, scheme_of, signature
from edi_gateway.as2.identity import Certificate, OwnKey
from edi_gateway.as2.malformed import Malformed

MAX_SIGNERS = 16

_CONTENT_TYPE = ber.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = ber.oid("1.2.840.113549.1.9.4")
_NEEDED = (_CONTENT_TYPE, _MESSAGE_DIGEST)
_DETACHED = ber.sequence(KIND_OIDS[Kind.DATA])
"""Plain content that stands elsewhere, as it is written in DER."""
_IS_DATA = ber.sequence(_CONTENT_TYPE, ber.set_of([KIND_OIDS[Kind.DATA]]))
"""The attribute that says so."""
_SIGNING_TIME = ber.oid("1.2.840.113549.1.9.5")


class Unverified(Malformed):
    """A signature that does not show that the partner signed these bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signing:
    """How to sign: with which key, over which digest."""

    key: OwnKey
    digest: Digest = Digest.SHA256
    padding: Padding = Padding.PKCS1
    include_certificate: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A signature that verified: by whom, how, and over which of the candidate byte sequences (`step`, from zero)."""

    certificate: Certificate
    digest: Digest
    scheme: str
    step: int


def sign(message_digest: bytes, signing: Signing, *, when: datetime, content: bytes | None = None) -> bytes:
    """A CMS object of kind SignedData over a content of this digest; detached unless the content is given to go inside."""
    attributes = _signed_attributes(message_digest, when)
    algorithm, value = signature(attributes, signing.key.private, signing.digest, signing.padding)
    certificate = signing.key.certificate
    signer = ber.sequence(
        ber.integer(1),
        ber.sequence(certificate.issuer_der, ber.integer(certificate.serial_number)),
        signing.digest.identifier,
        b"\xa0" + attributes[1:],
        algorithm,
        ber.octets(value),
    )
    inside = ber.explicit(0, ber.octets(content)) if content is not None else b""
    chain = (certificate, *signing.key.chain) if signing.include_certificate else ()
    return wrapped(
        Kind.SIGNED,
        ber.sequence(
            ber.integer(1),
            ber.set_of([signing.digest.identifier]),
            ber.sequence(KIND_OIDS[Kind.DATA], inside),
            ber.explicit(0, b"".join(sorted(one.der for one in chain))) if chain else b"",
            ber.set_of([signer]),
        ),
    )


def _signed_attributes(message_digest: bytes, when: datetime) -> bytes:
    return ber.set_of(
        (
            ber.sequence(_CONTENT_TYPE, ber.set_of([KIND_OIDS[Kind.DATA]])),
            ber.sequence(_SIGNING_TIME, ber.set_of([_time(when)])),
            ber.sequence(_MESSAGE_DIGEST, ber.set_of([ber.octets(message_digest)])),
        )
    )


def _time(when: datetime) -> bytes:
    """A signing time. Source: RFC 5652 section 11.3, UTCTime until 2049."""
    if when.year < 2050:
        return ber.tlv(0x17, when.strftime("%y%m%d%H%M%SZ").encode())
    return ber.tlv(0x18, when.strftime("%Y%m%d%H%M%SZ").encode())


def encapsulated(node: ber.Node) -> ber.Node:
    """The element with the content of an opaque SignedData. Errors: Malformed where it is detached or not plain content."""
    kind, inside = _content(ber.Fields(node))
    if kind != KIND_OIDS[Kind.DATA] or inside is None:
        raise Malformed("a signature without its content")
    return explicit_content(inside)


def _content(fields: ber.Fields) -> tuple[bytes, ber.Node | None]:
    """The encapsulated content's kind and the tag that holds it, the fields left standing behind it."""
    fields.take(ber.INTEGER)
    fields.take(ber.SET)
    inside = fields.take(ber.SEQUENCE)
    if inside.whole == _DETACHED:
        return KIND_OIDS[Kind.DATA], None
    content = ber.Fields(inside)
    return content.take(ber.OBJECT).whole, content.maybe(0xA0)


def verify(node: ber.Node, candidates: Sequence[Callable[[Digest], bytes]], certificates: Sequence[Certificate]) -> Signed:
    """The signature in a SignedData that one of these certificates made over one of the candidate contents.

    Shape:  a candidate gives the digest of a content, so that large contents need not be in memory.
    Errors: Unverified where no signature verifies; Malformed where the structure is broken.
    """
    fields = ber.Fields(node)
    kind, _ = _content(fields)
    if kind != KIND_OIDS[Kind.DATA]:
        raise Unverified("the signed content is not plain content")
    fields.maybe(0xA0)
    fields.maybe(0xA1)
    signers = fields.take(ber.SET).children(limit=MAX_SIGNERS)
    problem: Malformed = Unverified("nobody signed")
    for signer in signers:
        try:
            return _verified(_signer(signer), candidates, certificates)
        except Malformed as why:
            problem = why
    raise Unverified(str(problem))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Signer:
    """One SignerInfo, read."""

    issuer: bytes | None
    serial: int
    key_id: bytes | None
    attributes: ber.Node | None
    signature: Signature

    @property
    def digest(self) -> Digest:
        return self.signature.digest


def _signer(node: ber.Node) -> _Signer:
    fields = ber.Fields(node)
    fields.take(ber.INTEGER)
    key_id = fields.maybe(0x80)
    issuer, serial = None, 0
    if key_id is None:
        identifier = ber.Fields(fields.take(ber.SEQUENCE))
        issuer, serial = identifier.take(ber.SEQUENCE).whole, identifier.take(ber.INTEGER).integer()
    oid, _ = _algorithm(fields.take(ber.SEQUENCE))
    digest = DIGESTS_BY_OID.get(oid)
    if digest is None:
        raise Unverified("a digest algorithm that is not in use")
    attributes = fields.maybe(0xA0)
    oid, parameters = _algorithm(fields.take(ber.SEQUENCE))
    return _Signer(
        issuer=issuer,
        serial=serial,
        key_id=key_id.content if key_id else None,
        attributes=attributes,
        signature=Signature(algorithm=oid, parameters=parameters, digest=digest, value=fields.take(ber.OCTETS).content),
    )


def _algorithm(node: ber.Node) -> tuple[bytes, ber.Node | None]:
    """An AlgorithmIdentifier: its identifier, and its parameters where they are a sequence."""
    known = _PLAIN_ALGORITHMS.get(node.whole)
    if known is not None:
        return known, None
    fields = ber.Fields(node)
    return fields.take(ber.OBJECT).whole, fields.maybe(ber.SEQUENCE)


_PLAIN_ALGORITHMS = {
    ber.sequence(identifier, parameters): identifier
    for identifier in (*DIGESTS_BY_OID, *RSA_SIGNATURES)
    for parameters in (b"", ber.NULL_ELEMENT)
}
"""Those that nearly every signature names, as they are written in DER."""


def _verified(signer: _Signer, candidates: Sequence[Callable[[Digest], bytes]], certificates: Sequence[Certificate]) -> Signed:
    trusted = _by_name(signer, certificates)
    for step, digest in _signed_digests(signer, candidates):
        for certificate in trusted:
            scheme = scheme_of(signer.signature, digest, certificate.key)
            if scheme is not None:
                return Signed(certificate=certificate, digest=signer.digest, scheme=scheme, step=step)
    raise Unverified("no certificate of the partner in force made this signature")


def _signed_digests(signer: _Signer, candidates: Sequence[Callable[[Digest], bytes]]) -> Iterator[tuple[int, bytes]]:
    """What the signature may be over, the likeliest first: the digest of the attributes, or of a content where there are none.

    What is signed is the DER form of the attributes, with the tag of a SET; some peers put them in another order.
    Source: RFC 5652 section 5.4.
    """
    if signer.attributes is None:
        for step, candidate in enumerate(candidates):
            yield step, candidate(signer.digest)
        return
    step = _attested(signer.attributes, signer.digest, candidates)
    yield step, signer.digest.of(ber.tlv(ber.SET, signer.attributes.content))
    yield step, signer.digest.of(ber.set_of(one.whole for one in signer.attributes.children()))


def _by_name(signer: _Signer, certificates: Sequence[Certificate]) -> Sequence[Certificate]:
    """The partner's certificates, the one that the signature names first: a certificate renewed on its old key still verifies."""
    if len(certificates) < 2:
        return certificates
    named = [
        one
        for one in certificates
        if (signer.key_id in one.key_ids if signer.key_id else (one.serial_number, one.issuer_der) == (signer.serial, signer.issuer))
    ]
    return named + [one for one in certificates if one not in named]


def _attested(attributes: ber.Node, digest: Digest, candidates: Sequence[Callable[[Digest], bytes]]) -> int:
    """Which candidate the signed attributes are about.

    Errors: Unverified where content type or digest are missing, stand twice or are wrong. Source: RFC 5652 sections 11.1 and 11.2.
    """
    found: dict[bytes, ber.Node] = {}
    for attribute in attributes.children():
        for name in _NEEDED:
            if attribute.starts(name):
                if name in found:
                    raise Unverified("a signed attribute stands twice")
                found[name] = attribute
    if len(found) != 2:
        raise Unverified("a signed attribute is missing")
    if found[_CONTENT_TYPE].whole != _IS_DATA and _only_value(found[_CONTENT_TYPE]).whole != KIND_OIDS[Kind.DATA]:
        raise Unverified("the signed content type is another")
    message_digest = _only_value(found[_MESSAGE_DIGEST])
    attested = message_digest.content if message_digest.tag == ber.OCTETS else None
    for step, candidate in enumerate(candidates):
        if candidate(digest) == attested:
            return step
    raise Unverified("the content is not the one that was signed")


def _only_value(attribute: ber.Node) -> ber.Node:
    fields = ber.Fields(attribute)
    fields.take(ber.OBJECT)
    nodes = fields.take(ber.SET).children(limit=2)
    if len(nodes) != 1:
        raise Unverified("a signed attribute without exactly one value")
    return nodes[0]
