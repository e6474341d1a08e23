"""A new key of our own with a self-signed certificate, as AS2 partners exchange them."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat

RSA_BITS = 2048
"""2048 bits: accepted by every peer, enough until 2030 (NIST SP 800-57 part 1, table 2), and twice as fast as 3072."""
LIFETIME = timedelta(days=3 * 365)


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeKey:
    """A private key (PKCS #8) and its certificate, both PEM."""

    private: bytes = field(repr=False)
    certificate: bytes


def make_own_key(
    common_name: str, now: datetime, *, passphrase: str | None = None, bits: int = RSA_BITS, lifetime: timedelta = LIFETIME
) -> MadeKey:
    """A new RSA key and a certificate for signing and encryption, valid from an hour before `now` for clocks that differ.

    Source: RFC 5280 section 4.2.1.3 (key usage), section 4.1.2.2 (serial numbers of at most 20 octets).
    """
    private = rsa.generate_private_key(public_exponent=65_537, key_size=bits)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, common_name[:64])])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + lifetime)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_signs_and_encrypts(), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(private.public_key()), critical=False)
        .sign(private, hashes.SHA256())
    )
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return MadeKey(
        private=private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption),
        certificate=certificate.public_bytes(Encoding.PEM),
    )


def _signs_and_encrypts() -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=True,
        data_encipherment=True,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
