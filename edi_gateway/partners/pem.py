"""Certificates and keys written as PEM, the form that every tool reads."""

from collections.abc import Iterable

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.x509 import load_der_x509_certificate

from edi_gateway.as2 import Certificate, OwnKey


def certificates_pem(certificates: Iterable[Certificate]) -> bytes:
    """Certificates one after the other."""
    return b"".join(load_der_x509_certificate(one.der).public_bytes(Encoding.PEM) for one in certificates)


def key_pem(key: OwnKey, *, passphrase: str | None = None) -> bytes:
    """A private key as PKCS #8, encrypted where there is a pass phrase."""
    encryption = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    return key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
