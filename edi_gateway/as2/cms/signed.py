"""SignedData: made detached or opaque, and verified against the partner's own certificates only.

Certificates that came along with a signature are never looked at: who signed is decided by what the agreement holds.
Source: RFC 5652 sections 5 and 11; RFC 4056 for RSASSA-PSS; RFC 5753 for ECDSA.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from edi_gateway.as2 import ber
from edi_gateway.as2.algorithms import DIGESTS_BY_OID, Digest, Padding
from edi_gateway.as2.cms.content import KIND_OIDS, Kind, explicit_content, wrapped
from edi_gateway.as2.identity import Certificate, OwnKey
from edi_gateway.as2.malformed import Malformed

MAX_SIGNERS = 16

_CONTENT_TYPE = ber.oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = ber.oid("1.2.840.113549.1.9.4")
_SIGNING_TIME = ber.oid("1.2.840.113549.1.9.5")

_RSA = ber.oid("1.2.840.113549.1.1.1")
_PSS = ber.oid("1.2.840.113549.1.1.10")
_MGF1 = ber.oid("1.2.840.113549.1.1.8")
_RSA_WITH = {
    ber.oid("1.2.840.113549.1.1.4"): Digest.MD5,
    ber.oid("1.2.840.113549.1.1.5"): Digest.SHA1,
    ber.oid("1.3.14.3.2.29"): Digest.SHA1,
    ber.oid("1.2.840.113549.1.1.11"): Digest.SHA256,
    ber.oid("1.2.840.113549.1.1.12"): Digest.SHA384,
    ber.oid("1.2.840.113549.1.1.13"): Digest.SHA512,
}
_ECDSA_KEY = ber.oid("1.2.840.10045.2.1")
_ECDSA_WITH = {
    ber.oid("1.2.840.10045.4.1"): Digest.SHA1,
    ber.oid("1.2.840.10045.4.3.2"): Digest.SHA256,
    ber.oid("1.2.840.10045.4.3.3"): Digest.SHA384,
    ber.oid("1.2.840.10045.4.3.4"): Digest.SHA512,
}
_PKCS1 = padding.PKCS1v15()
_PREHASHED = {digest: utils.Prehashed(digest.algorithm) for digest in Digest}
_ECDSA_OIDS = {digest: identifier for identifier, digest in _ECDSA_WITH.items()}


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
    algorithm, signature = _signature(attributes, signing)
    certificate = signing.key.certificate
    signer = ber.sequence(
        ber.integer(1),
        ber.sequence(certificate.issuer_der, ber.integer(certificate.serial_number)),
        signing.digest.identifier,
        b"\xa0" + attributes[1:],
        algorithm,
        ber.octets(signature),
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


def _signature(attributes: bytes, signing: Signing) -> tuple[bytes, bytes]:
    """The signature algorithm's identifier, and the signature over the attributes."""
    key, digest = signing.key.private, signing.digest
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return ber.sequence(_ECDSA_OIDS[digest]), key.sign(attributes, ec.ECDSA(digest.algorithm))
    if signing.padding is Padding.PKCS1:
        return ber.sequence(_RSA, ber.NULL_ELEMENT), key.sign(attributes, padding.PKCS1v15(), digest.algorithm)
    size = digest.algorithm.digest_size
    hash_identifier = digest.identifier
    parameters = ber.sequence(
        ber.explicit(0, hash_identifier),
        ber.explicit(1, ber.sequence(_MGF1, hash_identifier)),
        ber.explicit(2, ber.integer(size)),
    )
    pss = padding.PSS(padding.MGF1(digest.algorithm), size)
    return ber.sequence(_PSS, parameters), key.sign(attributes, pss, digest.algorithm)


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
    content = ber.Fields(fields.take(ber.SEQUENCE))
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
    digest: Digest
    attributes: ber.Node | None
    algorithm: bytes
    parameters: ber.Node | None
    signature: bytes


def _signer(node: ber.Node) -> _Signer:
    fields = ber.Fields(node)
    fields.take(ber.INTEGER)
    key_id = fields.maybe(0x80)
    issuer, serial = None, 0
    if key_id is None:
        identifier = ber.Fields(fields.take(ber.SEQUENCE))
        issuer, serial = identifier.take(ber.SEQUENCE).whole, identifier.take(ber.INTEGER).integer()
    digest = DIGESTS_BY_OID.get(ber.Fields(fields.take(ber.SEQUENCE)).take(ber.OBJECT).whole)
    if digest is None:
        raise Unverified("a digest algorithm that is not in use")
    attributes = fields.maybe(0xA0)
    algorithm = ber.Fields(fields.take(ber.SEQUENCE))
    oid = algorithm.take(ber.OBJECT).whole
    return _Signer(
        issuer=issuer,
        serial=serial,
        key_id=key_id.content if key_id else None,
        digest=digest,
        attributes=attributes,
        algorithm=oid,
        parameters=algorithm.maybe(ber.SEQUENCE),
        signature=fields.take(ber.OCTETS).content,
    )


def _verified(signer: _Signer, candidates: Sequence[Callable[[Digest], bytes]], certificates: Sequence[Certificate]) -> Signed:
    trusted = _by_name(signer, certificates)
    for step, digest in _signed_digests(signer, candidates):
        for certificate in trusted:
            scheme = _matches(certificate, signer, digest)
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
        for name in (_CONTENT_TYPE, _MESSAGE_DIGEST):
            if attribute.starts(name):
                if name in found:
                    raise Unverified("a signed attribute stands twice")
                fields = ber.Fields(attribute)
                fields.take(ber.OBJECT)
                found[name] = fields.take(ber.SET)
    if len(found) != 2:
        raise Unverified("a signed attribute is missing")
    content_type, message_digest = _only(found[_CONTENT_TYPE]), _only(found[_MESSAGE_DIGEST])
    if content_type.whole != KIND_OIDS[Kind.DATA]:
        raise Unverified("the signed content type is another")
    attested = message_digest.content if message_digest.tag == ber.OCTETS else None
    for step, candidate in enumerate(candidates):
        if candidate(digest) == attested:
            return step
    raise Unverified("the content is not the one that was signed")


def _only(values: ber.Node) -> ber.Node:
    nodes = values.children(limit=2)
    if len(nodes) != 1:
        raise Unverified("a signed attribute without exactly one value")
    return nodes[0]


def _matches(certificate: Certificate, signer: _Signer, digest: bytes) -> str | None:
    """The scheme by which this certificate's key made the signature over a digest; None where it did not."""
    key = certificate.key
    hashed = _PREHASHED[signer.digest]
    try:
        if isinstance(key, rsa.RSAPublicKey):
            scheme, how = _rsa_scheme(signer)
            key.verify(signer.signature, digest, how, hashed)
            return scheme
        if signer.algorithm != _ECDSA_KEY and _ECDSA_WITH.get(signer.algorithm) is not signer.digest:
            return None
        key.verify(signer.signature, digest, ec.ECDSA(hashed))
        return "ecdsa"
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return None


def _rsa_scheme(signer: _Signer) -> tuple[str, padding.AsymmetricPadding]:
    if signer.algorithm == _RSA or _RSA_WITH.get(signer.algorithm) is signer.digest:
        return Padding.PKCS1.value, _PKCS1
    if signer.algorithm == _PSS and signer.parameters is not None:
        digest, mask, salt = _pss_parameters(signer.parameters)
        if digest is signer.digest:
            return Padding.PSS.value, padding.PSS(padding.MGF1(mask.algorithm), salt)
    raise ValueError("a signature algorithm that does not fit")


def _pss_parameters(node: ber.Node) -> tuple[Digest, Digest, int]:
    """Digest, mask digest and salt length. Source: RFC 4055 section 3.1, SHA-1 and 20 where they are not said."""
    fields = ber.Fields(node)
    digest = mask = Digest.SHA1
    salt = 20
    if (one := fields.maybe(0xA0)) is not None:
        digest = _digest(explicit_content(one))
    if (one := fields.maybe(0xA1)) is not None:
        generator = ber.Fields(explicit_content(one))
        if generator.take(ber.OBJECT).whole != _MGF1:
            raise ValueError("a mask function other than MGF1")
        mask = _digest(generator.take(ber.SEQUENCE))
    if (one := fields.maybe(0xA2)) is not None:
        salt = explicit_content(one).integer()
    if not 0 <= salt <= 512:
        raise ValueError("a salt of that length is not in use")
    return digest, mask, salt


def _digest(node: ber.Node) -> Digest:
    digest = DIGESTS_BY_OID.get(ber.Fields(node).take(ber.OBJECT).whole)
    if digest is None:
        raise ValueError("a digest algorithm that is not in use")
    return digest
