"""The algorithms that AS2 messages use, by the names people write, with their identifiers.

Source: RFC 5754 (SHA-2 with RSA and ECDSA), RFC 3565 (AES-CBC), RFC 5084 (AES-GCM), RFC 8551 section 2; RFC 8018 for 3DES.
"""

import hashlib
import re
from enum import StrEnum
from functools import lru_cache

from cryptography.hazmat.primitives import hashes

from edi_gateway.as2 import ber


class Digest(StrEnum):
    """A hash function. MD5 and SHA-1 serve partners marked legacy only."""

    MD5 = "md5"
    SHA1 = "sha1"
    SHA256 = "sha256"
    SHA384 = "sha384"
    SHA512 = "sha512"

    @classmethod
    def named(cls, text: str) -> "Digest | None":
        """The digest that a peer means: `sha256`, `sha-256`, `SHA-256`, `sha2-256`, `rsa-sha256` all read; None for others."""
        return _spelt(text) if len(text) < 40 else None

    @property
    def dashed(self) -> str:
        """The spelling of the IANA registry, as the `micalg` parameter wants it. Source: RFC 8551 section 3.5.3.2."""
        return self.value if self is Digest.MD5 else f"sha-{self.value[3:]}"

    @property
    def weak(self) -> bool:
        return self in (Digest.MD5, Digest.SHA1)

    def of(self, content: bytes) -> bytes:
        return _FUNCTIONS[self](content, usedforsecurity=False).digest()

    @property
    def algorithm(self) -> hashes.HashAlgorithm:
        return _HASHES[self]

    @property
    def identifier(self) -> bytes:
        """The AlgorithmIdentifier, parameters absent. Source: RFC 5754 section 2."""
        return _DIGEST_IDENTIFIERS[self]


_SPELLING = re.compile(r"(?:rsa[-_]?|id[-_]?)?(?:(?P<md5>md-?5)|sha(?:-?2)?[-_/]?(?P<size>1|160|256|384|512)|sha)")


@lru_cache(maxsize=256)
def _spelt(text: str) -> Digest | None:
    match = _SPELLING.fullmatch(text.strip().strip("\"'").strip().lower())
    if match is None:
        return None
    size = match["size"]
    return Digest.MD5 if match["md5"] else Digest.SHA1 if size in (None, "1", "160") else Digest(f"sha{size}")


_FUNCTIONS = {
    Digest.MD5: hashlib.md5,
    Digest.SHA1: hashlib.sha1,
    Digest.SHA256: hashlib.sha256,
    Digest.SHA384: hashlib.sha384,
    Digest.SHA512: hashlib.sha512,
}
_HASHES: dict[Digest, hashes.HashAlgorithm] = {
    Digest.MD5: hashes.MD5(),  # noqa: S303  read where a legacy agreement allows it
    Digest.SHA1: hashes.SHA1(),  # noqa: S303  likewise
    Digest.SHA256: hashes.SHA256(),
    Digest.SHA384: hashes.SHA384(),
    Digest.SHA512: hashes.SHA512(),
}

DIGEST_OIDS: dict[Digest, bytes] = {
    Digest.MD5: ber.oid("1.2.840.113549.2.5"),
    Digest.SHA1: ber.oid("1.3.14.3.2.26"),
    Digest.SHA256: ber.oid("2.16.840.1.101.3.4.2.1"),
    Digest.SHA384: ber.oid("2.16.840.1.101.3.4.2.2"),
    Digest.SHA512: ber.oid("2.16.840.1.101.3.4.2.3"),
}
DIGESTS_BY_OID = {identifier: digest for digest, identifier in DIGEST_OIDS.items()}
_DIGEST_IDENTIFIERS = {digest: ber.sequence(identifier) for digest, identifier in DIGEST_OIDS.items()}


class Cipher(StrEnum):
    """A content cipher. 3DES serves partners marked legacy only."""

    AES128_CBC = "aes128-cbc"
    AES192_CBC = "aes192-cbc"
    AES256_CBC = "aes256-cbc"
    AES128_GCM = "aes128-gcm"
    AES192_GCM = "aes192-gcm"
    AES256_GCM = "aes256-gcm"
    DES_EDE3_CBC = "des-ede3-cbc"

    @classmethod
    def named(cls, text: str) -> "Cipher | None":
        """The cipher that a person means: `aes256-cbc`, `AES-256-GCM`, `aes_128_cbc`, `3des` all read; None for others."""
        plain = re.sub(r"[^a-z0-9]", "", text.lower())
        if plain in ("3des", "des3", "tripledes", "desede3cbc", "desede", "3descbc", "tripledes192cbc"):
            return cls.DES_EDE3_CBC
        match = re.fullmatch(r"aes(128|192|256)(cbc|gcm)?", plain)
        return cls(f"aes{match[1]}-{match[2] or 'cbc'}") if match else None

    @property
    def gcm(self) -> bool:
        return self.value.endswith("-gcm")

    @property
    def weak(self) -> bool:
        return self is Cipher.DES_EDE3_CBC

    @property
    def key_size(self) -> int:
        """The size of the key in bytes."""
        return 24 if self is Cipher.DES_EDE3_CBC else int(self.value[3:6]) // 8

    @property
    def block_size(self) -> int:
        """The size of a block in bytes."""
        return 8 if self is Cipher.DES_EDE3_CBC else 16


CIPHER_OIDS: dict[Cipher, bytes] = {
    Cipher.AES128_CBC: ber.oid("2.16.840.1.101.3.4.1.2"),
    Cipher.AES192_CBC: ber.oid("2.16.840.1.101.3.4.1.22"),
    Cipher.AES256_CBC: ber.oid("2.16.840.1.101.3.4.1.42"),
    Cipher.AES128_GCM: ber.oid("2.16.840.1.101.3.4.1.6"),
    Cipher.AES192_GCM: ber.oid("2.16.840.1.101.3.4.1.26"),
    Cipher.AES256_GCM: ber.oid("2.16.840.1.101.3.4.1.46"),
    Cipher.DES_EDE3_CBC: ber.oid("1.2.840.113549.3.7"),
}
CIPHERS_BY_OID = {identifier: cipher for cipher, identifier in CIPHER_OIDS.items()}


class Padding(StrEnum):
    """How an RSA key signs."""

    PKCS1 = "rsa-pkcs1v15"
    PSS = "rsa-pss"


class Transport(StrEnum):
    """How the content key travels to an RSA recipient."""

    PKCS1 = "rsa-pkcs1v15"
    OAEP = "rsa-oaep"
