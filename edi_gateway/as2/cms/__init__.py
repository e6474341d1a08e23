"""Cryptographic Message Syntax on the primitives of `cryptography`: sign, verify, encrypt, decrypt, compress, decompress.

Source: RFC 5652 (CMS), RFC 5083 (AuthEnvelopedData), RFC 3274 (CompressedData).
"""

from edi_gateway.as2.cms.compressed import compress, decompress
from edi_gateway.as2.cms.content import Kind, content_info
from edi_gateway.as2.cms.enveloped import Decrypted, decrypt, encrypt
from edi_gateway.as2.cms.signed import Signed, Signing, Unverified, encapsulated, sign, verify

__all__ = [
    "Decrypted",
    "Kind",
    "Signed",
    "Signing",
    "Unverified",
    "compress",
    "content_info",
    "decompress",
    "decrypt",
    "encapsulated",
    "encrypt",
    "sign",
    "verify",
]
