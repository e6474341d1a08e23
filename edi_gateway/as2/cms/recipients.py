"""The content key on its way to each recipient: RSA with PKCS #1 v1.5 or OAEP.

A key that does not unwrap is replaced by a random one of the right size, so that what follows fails as any damaged message
does and an attacker learns nothing from the difference.
Source: RFC 5652 section 6.2.1; RFC 3560 and RFC 4055 section 4 for OAEP; RFC 8017 section 7.2.2 on answering decryption errors.
"""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from edi_gateway.as2 import ber
from edi_gateway.as2.algorithms import DIGESTS_BY_OID, Digest, Transport
from edi_gateway.as2.cms.content import explicit_content
from edi_gateway.as2.identity import Certificate, OwnKey
from edi_gateway.as2.malformed import Malformed

MAX_RECIPIENTS = 64
MAX_TRIALS = 8

_RSA = ber.oid("1.2.840.113549.1.1.1")
_OAEP = ber.oid("1.2.840.113549.1.1.7")
_MGF1 = ber.oid("1.2.840.113549.1.1.8")
_P_SPECIFIED = ber.oid("1.2.840.113549.1.1.9")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One KeyTransRecipientInfo, read."""

    issuer: bytes | None
    serial: int
    key_id: bytes | None
    transport: Transport
    how: padding.AsymmetricPadding
    encrypted_key: bytes

    def names(self, certificate: Certificate) -> bool:
        if self.key_id is not None:
            return self.key_id in certificate.key_ids
        return (self.serial, self.issuer) == (certificate.serial_number, certificate.issuer_der)

    def content_key(self, own: OwnKey, size: int) -> bytes:
        """The content key, or a random one of that size where this key does not unwrap it."""
        spare = secrets.token_bytes(size)
        if not isinstance(own.private, rsa.RSAPrivateKey):
            return spare
        try:
            key = own.private.decrypt(self.encrypted_key, self.how)
        except (ValueError, UnsupportedAlgorithm):
            return spare
        return key if len(key) == size else spare


def read_recipients(node: ber.Node) -> list[Recipient]:
    """The recipients that an RSA key can serve; other kinds are passed over."""
    if node.tag != ber.SET:
        raise Malformed("no recipients")
    return [_recipient(one) for one in node.children(limit=MAX_RECIPIENTS) if one.tag == ber.SEQUENCE]


def choices(recipients: Sequence[Recipient], own_keys: Sequence[OwnKey]) -> Iterator[tuple[Recipient, OwnKey]]:
    """Which key to try on which recipient: those that fit by name, or, where none does, all, up to MAX_TRIALS."""
    named = [(recipient, own) for own in own_keys for recipient in recipients if recipient.names(own.certificate)]
    pairs = named or [(recipient, own) for own in own_keys for recipient in recipients]
    yield from pairs[:MAX_TRIALS]


def _recipient(node: ber.Node) -> Recipient:
    fields = ber.Fields(node)
    fields.take(ber.INTEGER)
    key_id = fields.maybe(0x80)
    issuer, serial = None, 0
    if key_id is None:
        identifier = ber.Fields(fields.take(ber.SEQUENCE))
        issuer, serial = identifier.take(ber.SEQUENCE).whole, identifier.take(ber.INTEGER).integer()
    algorithm = ber.Fields(fields.take(ber.SEQUENCE))
    name = algorithm.take(ber.OBJECT).whole
    how: padding.AsymmetricPadding
    if name == _RSA:
        transport, how = Transport.PKCS1, padding.PKCS1v15()
    elif name == _OAEP:
        transport, how = Transport.OAEP, _oaep(algorithm.maybe(ber.SEQUENCE))
    else:
        raise Malformed("a key transport that is not in use")
    return Recipient(
        issuer=issuer,
        serial=serial,
        key_id=key_id.content if key_id else None,
        transport=transport,
        how=how,
        encrypted_key=fields.take(ber.OCTETS).content,
    )


def _oaep(node: ber.Node | None) -> padding.AsymmetricPadding:
    """The OAEP parameters; SHA-1 where they are not said, as the standard has it. Source: RFC 4055 section 4.1."""
    digest = mask = Digest.SHA1
    label = None
    if node is not None:
        fields = ber.Fields(node)
        if (one := fields.maybe(0xA0)) is not None:
            digest = _digest(explicit_content(one))
        if (one := fields.maybe(0xA1)) is not None:
            generator = ber.Fields(explicit_content(one))
            if generator.take(ber.OBJECT).whole != _MGF1:
                raise Malformed("a mask function other than MGF1")
            mask = _digest(generator.take(ber.SEQUENCE))
        if (one := fields.maybe(0xA2)) is not None:
            source = ber.Fields(explicit_content(one))
            if source.take(ber.OBJECT).whole != _P_SPECIFIED:
                raise Malformed("an OAEP label of another kind")
            label = source.take(ber.OCTETS).content or None
    return padding.OAEP(padding.MGF1(mask.algorithm), digest.algorithm, label)


def _digest(node: ber.Node) -> Digest:
    digest = DIGESTS_BY_OID.get(ber.Fields(node).take(ber.OBJECT).whole)
    if digest is None:
        raise Malformed("a digest algorithm that is not in use")
    return digest


def recipient_info(certificate: Certificate, content_key: bytes, transport: Transport, digest: Digest) -> bytes:
    """A KeyTransRecipientInfo for this certificate. Errors: ValueError where its key is not RSA."""
    if not isinstance(certificate.key, rsa.RSAPublicKey):
        raise ValueError(f"{certificate.subject} holds no RSA key to encrypt for")
    if transport is Transport.PKCS1:
        algorithm = ber.sequence(_RSA, ber.NULL_ELEMENT)
        encrypted = certificate.key.encrypt(content_key, padding.PKCS1v15())
    else:
        mask = ber.sequence(_MGF1, digest.identifier)
        algorithm = ber.sequence(_OAEP, ber.sequence(ber.explicit(0, digest.identifier), ber.explicit(1, mask)))
        encrypted = certificate.key.encrypt(content_key, padding.OAEP(padding.MGF1(digest.algorithm), digest.algorithm, None))
    return ber.sequence(
        ber.integer(0),
        ber.sequence(certificate.issuer_der, ber.integer(certificate.serial_number)),
        algorithm,
        ber.octets(encrypted),
    )
