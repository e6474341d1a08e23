"""Certificates and own keys as values, read from the forms in which partners and authorities hand them over.

PEM and DER (one or many), P7B and P12. Nothing here touches a disk: bytes come in.
"""

import binascii
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_private_key,
    load_pem_private_key,
    pkcs7,
    pkcs12,
)

from edi_gateway.as2 import ber
from edi_gateway.as2.malformed import Malformed
from edi_gateway.faults import Fault

SMALLEST_RSA_KEY = 2048
SMALLEST_CURVE = 256
"""Bits below which a key serves only a partner marked legacy: RSA, and elliptic curve."""

PublicKey = rsa.RSAPublicKey | ec.EllipticCurvePublicKey
PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey

_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """An X.509 certificate as AS2 uses it. Two are equal where their bytes are.

    Units:  times are aware UTC; `fingerprint` is the SHA-256 of the DER form in lower-case hex; `serial` is hex.
    """

    der: bytes = field(repr=False)
    fingerprint: str = field(compare=False)
    subject: str = field(compare=False)
    issuer: str = field(compare=False)
    serial: str = field(compare=False)
    not_before: datetime = field(compare=False)
    not_after: datetime = field(compare=False)
    key: PublicKey = field(compare=False, repr=False)
    issuer_der: bytes = field(compare=False, repr=False)
    serial_number: int = field(compare=False, repr=False)
    key_ids: tuple[bytes, ...] = field(compare=False, repr=False)

    def in_force(self, when: datetime) -> bool:
        """Whether it is valid at a time; both ends count."""
        return self.not_before <= when <= self.not_after

    @property
    def common_name(self) -> str:
        """The subject's common name, or the whole subject where it has none."""
        match = re.search(r"(?:^|,)CN=((?:\\.|[^,\\])*)", self.subject)
        return match[1] if match else self.subject

    @property
    def key_kind(self) -> str:
        """The public key in a person's words: `RSA 2048`, `EC secp256r1`."""
        if isinstance(self.key, rsa.RSAPublicKey):
            return f"RSA {self.key.key_size}"
        return f"EC {self.key.curve.name}"

    @property
    def weak(self) -> bool:
        """Whether its key is too short for any but a legacy partner. Source: draft rfc4130bis section 9.1."""
        return self.key.key_size < (SMALLEST_RSA_KEY if isinstance(self.key, rsa.RSAPublicKey) else SMALLEST_CURVE)

    @property
    def fingerprint_shown(self) -> str:
        """The fingerprint as people compare it over the telephone: `AB:CD:…`."""
        return ":".join(self.fingerprint[i : i + 2].upper() for i in range(0, len(self.fingerprint), 2))


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnKey:
    """A private key with its certificate, and the certificates above it where they came along."""

    certificate: Certificate
    private: PrivateKey = field(repr=False, compare=False)
    chain: tuple[Certificate, ...] = ()


def read_certificates(content: bytes, *, file: str | None = None) -> tuple[Certificate, ...] | Fault:
    """Every certificate in a PEM, DER or P7B file, in its order; the fault where there is none or one cannot be used."""
    if not content.strip():
        return _fault("AS2-CERT-UNREADABLE", file, cause="it is empty")
    try:
        found = tuple(_certificate(one) for one in _loaded(content))
    except (*_UNREADABLE, Malformed) as problem:
        return _fault("AS2-CERT-UNREADABLE", file, cause=problem)
    if not found:
        return _fault("AS2-CERT-UNREADABLE", file, cause="it holds no certificate")
    return found


def read_own_key(key: bytes, certificate: bytes, *, passphrase: str | None = None, file: str | None = None) -> OwnKey | Fault:
    """The own key made of a private key (PEM or DER, encrypted or not) and the file with its certificate.

    Errors: a fault where one cannot be read, the pass phrase is missing or wrong, or no certificate belongs to the key.
    """
    certificates = read_certificates(certificate, file=file)
    if isinstance(certificates, Fault):
        return certificates
    secret = passphrase.encode() if passphrase else None
    load = load_pem_private_key if b"-----BEGIN" in key else load_der_private_key
    try:
        private = load(key, secret)
    except TypeError:
        if passphrase is None:
            return _fault("AS2-KEY-PASSPHRASE", file, cause="the key is encrypted and no pass phrase was given")
        return _without_passphrase(key, certificates, file)
    except (ValueError, UnsupportedAlgorithm) as problem:
        return _fault("AS2-KEY-PASSPHRASE" if passphrase else "AS2-KEY-UNREADABLE", file, cause=problem)
    return _paired(private, certificates, file)


def read_p12(content: bytes, *, passphrase: str | None = None, file: str | None = None) -> OwnKey | Fault:
    """The own key in a P12 (PFX) file."""
    try:
        bundle = pkcs12.load_pkcs12(content, passphrase.encode() if passphrase else None)
        if bundle.key is None or bundle.cert is None:
            return _fault("AS2-KEY-UNREADABLE", file, cause="it holds no private key with its certificate")
        certificates = [_certificate(bundle.cert.certificate), *(_certificate(one.certificate) for one in bundle.additional_certs)]
    except (*_UNREADABLE, Malformed) as problem:
        return _fault("AS2-KEY-PASSPHRASE", file, cause=problem)
    return _paired(bundle.key, certificates, file)


def _without_passphrase(key: bytes, certificates: tuple[Certificate, ...], file: str | None) -> OwnKey | Fault:
    """The key read as the plain one it is: a pass phrase too many does no harm."""
    load = load_pem_private_key if b"-----BEGIN" in key else load_der_private_key
    try:
        return _paired(load(key, None), certificates, file)
    except _UNREADABLE as problem:
        return _fault("AS2-KEY-UNREADABLE", file, cause=problem)


def _paired(private: object, certificates: Iterable[Certificate], file: str | None) -> OwnKey | Fault:
    if not isinstance(private, rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
        return _fault("AS2-KEY-UNREADABLE", file, cause="it is neither an RSA nor an elliptic-curve key")
    public = _spki(private.public_key())
    others = list(certificates)
    for one in others:
        if _spki(one.key) == public:
            return OwnKey(certificate=one, private=private, chain=tuple(other for other in others if other != one))
    return _fault("AS2-KEY-MISMATCH", file, subject=others[0].subject)


def _loaded(content: bytes) -> list[x509.Certificate]:
    """The certificates of a file, by what its bytes look like."""
    if b"-----BEGIN CERTIFICATE-----" in content:
        return x509.load_pem_x509_certificates(content)
    if b"-----BEGIN PKCS7-----" in content:
        return pkcs7.load_pem_pkcs7_certificates(content)
    if not content.startswith(b"\x30"):
        try:
            content = binascii.a2b_base64(b"".join(content.split()), strict_mode=True)
        except binascii.Error:
            raise ValueError("it is neither PEM, DER nor P7B") from None
    try:
        return [x509.load_der_x509_certificate(content)]
    except ValueError:
        return pkcs7.load_der_pkcs7_certificates(content)


def _certificate(one: x509.Certificate) -> Certificate:
    key = one.public_key()
    if not isinstance(key, rsa.RSAPublicKey | ec.EllipticCurvePublicKey):
        raise ValueError(f"the certificate of {one.subject.rfc4514_string()} holds neither an RSA nor an elliptic-curve key")
    der = one.public_bytes(Encoding.DER)
    return Certificate(
        der=der,
        fingerprint=hashlib.sha256(der).hexdigest(),
        subject=one.subject.rfc4514_string(),
        issuer=one.issuer.rfc4514_string(),
        serial=f"{one.serial_number:x}",
        not_before=one.not_valid_before_utc.astimezone(UTC),
        not_after=one.not_valid_after_utc.astimezone(UTC),
        key=key,
        issuer_der=one.issuer.public_bytes(),
        serial_number=one.serial_number,
        key_ids=_key_ids(one, key),
    )


def _key_ids(one: x509.Certificate, key: PublicKey) -> tuple[bytes, ...]:
    """The identifiers by which a peer may name this key: the extension's, and the one computed from the key.

    Source: RFC 5280 section 4.2.1.2, method 1.
    """
    point = ber.Fields(ber.read(_spki(key)))
    point.take(ber.SEQUENCE)
    computed = hashlib.sha1(point.take(ber.BIT_STRING).content[1:], usedforsecurity=False).digest()
    try:
        declared = one.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    except (x509.ExtensionNotFound, x509.DuplicateExtension):
        return (computed,)
    return (declared,) if declared == computed else (declared, computed)


def _spki(key: PublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _fault(code: str, file: str | None, **detail: object) -> Fault:
    fault = Fault.of(code, None, None, **detail)
    return fault.at(file=file) if file else fault
