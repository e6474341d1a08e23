"""Signature schemes: RSA with PKCS #1 v1.5 or PSS, and ECDSA, by their identifiers.

Source: RFC 5754 section 3 for the identifiers; RFC 4056 for RSASSA-PSS; RFC 5753 section 2 for ECDSA.
"""

from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from edi_gateway.as2 import ber
from edi_gateway.as2.algorithms import DIGESTS_BY_OID, Digest, Padding
from edi_gateway.as2.cms.content import explicit_content
from edi_gateway.as2.identity import PrivateKey, PublicKey

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
RSA_SIGNATURES = (_RSA, *_RSA_WITH)
"""The identifiers of PKCS #1 v1.5 signatures, which take no parameters."""
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


def signature(content: bytes, key: PrivateKey, digest: Digest, how: Padding) -> tuple[bytes, bytes]:
    """The algorithm's identifier, and the signature over a content. An elliptic-curve key signs with ECDSA, whatever the padding."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return ber.sequence(_ECDSA_OIDS[digest]), key.sign(content, ec.ECDSA(digest.algorithm))
    if how is Padding.PKCS1:
        return ber.sequence(_RSA, ber.NULL_ELEMENT), key.sign(content, _PKCS1, digest.algorithm)
    size = digest.algorithm.digest_size
    parameters = ber.sequence(
        ber.explicit(0, digest.identifier),
        ber.explicit(1, ber.sequence(_MGF1, digest.identifier)),
        ber.explicit(2, ber.integer(size)),
    )
    pss = padding.PSS(padding.MGF1(digest.algorithm), size)
    return ber.sequence(_PSS, parameters), key.sign(content, pss, digest.algorithm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """A signature as it was sent: its algorithm's identifier with parameters, the digest it is over, and its bytes."""

    algorithm: bytes
    parameters: ber.Node | None
    digest: Digest
    value: bytes


def scheme_of(made: Signature, hashed: bytes, key: PublicKey) -> str | None:
    """The scheme by which this key made the signature over a digest; None where it did not. Errors: Malformed for broken parameters."""
    prehashed = _PREHASHED[made.digest]
    try:
        if isinstance(key, rsa.RSAPublicKey):
            scheme, how = _rsa_scheme(made)
            key.verify(made.value, hashed, how, prehashed)
            return scheme
        if made.algorithm != _ECDSA_KEY and _ECDSA_WITH.get(made.algorithm) is not made.digest:
            return None
        key.verify(made.value, hashed, ec.ECDSA(prehashed))
        return "ecdsa"
    except (InvalidSignature, UnsupportedAlgorithm, ValueError):
        return None


def _rsa_scheme(made: Signature) -> tuple[str, padding.AsymmetricPadding]:
    if made.algorithm == _RSA or _RSA_WITH.get(made.algorithm) is made.digest:
        return Padding.PKCS1.value, _PKCS1
    if made.algorithm == _PSS and made.parameters is not None:
        digest, mask, salt = _pss_parameters(made.parameters)
        if digest is made.digest:
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
