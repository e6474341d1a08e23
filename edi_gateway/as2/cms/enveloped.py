"""EnvelopedData and AuthEnvelopedData: encrypted for one or several recipients, and opened with an own key.

A block padding that is wrong does not fail at once: the content goes on unpadded and is marked unsound, so that whatever
else is wrong with it is found first and says the same as with a right padding. Only then does the opener refuse it.
Source: RFC 5652 section 6; RFC 5083 and RFC 5084 for GCM; RFC 3218 on padding attacks.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.decrepit.ciphers.algorithms import TripleDES
from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers import algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edi_gateway.as2 import ber
from edi_gateway.as2.algorithms import CIPHER_OIDS, CIPHERS_BY_OID, Cipher, Digest, Transport
from edi_gateway.as2.cms.content import KIND_OIDS, Kind, wrapped
from edi_gateway.as2.cms.recipients import Recipient, choices, read_recipients, recipient_info
from edi_gateway.as2.identity import Certificate, OwnKey
from edi_gateway.as2.malformed import Malformed

TAG_SIZE = 16
SMALLEST_TAG = 12
NONCE_SIZE = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Decrypted:
    """What an own key opened. `sound` is False where the padding was wrong: then nothing of the content may be used."""

    content: bytes
    cipher: Cipher
    transport: Transport
    own: OwnKey
    sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentCipher:
    """The parameters of an encrypted content: cipher, nonce or IV, tag, and what is authenticated beside it."""

    cipher: Cipher
    nonce: bytes
    tag: bytes = b""
    beside: bytes = b""


def encrypt(
    content: bytes,
    recipients: Sequence[Certificate],
    *,
    cipher: Cipher = Cipher.AES256_CBC,
    transport: Transport = Transport.PKCS1,
    oaep_digest: Digest = Digest.SHA256,
) -> bytes:
    """A CMS object that each of the recipients can open. Errors: ValueError for a recipient without an RSA key."""
    key = content_key(cipher)
    infos = ber.set_of(recipient_info(one, key, transport, oaep_digest) for one in recipients)
    if cipher.gcm:
        nonce = secrets.token_bytes(NONCE_SIZE)
        sealed = AESGCM(key).encrypt(nonce, content, None)
        info = _content_info(cipher, nonce, sealed[:-TAG_SIZE])
        return wrapped(Kind.AUTH_ENVELOPED, ber.sequence(ber.integer(0), infos, info, ber.octets(sealed[-TAG_SIZE:])))
    nonce = secrets.token_bytes(cipher.block_size)
    encryptor = ciphers.Cipher(block_cipher(cipher, key), modes.CBC(nonce)).encryptor()
    size = cipher.block_size - len(content) % cipher.block_size
    encrypted = encryptor.update(content) + encryptor.update(bytes([size]) * size) + encryptor.finalize()
    return wrapped(Kind.ENVELOPED, ber.sequence(ber.integer(0), infos, _content_info(cipher, nonce, encrypted)))


def _content_info(cipher: Cipher, nonce: bytes, encrypted: bytes) -> bytes:
    return ber.sequence(KIND_OIDS[Kind.DATA], algorithm_identifier(cipher, nonce), ber.tlv(0x80, encrypted))


def content_key(cipher: Cipher) -> bytes:
    """A new random key for this cipher."""
    return secrets.token_bytes(cipher.key_size)


def block_cipher(cipher: Cipher, key: bytes) -> algorithms.AES | TripleDES:
    return TripleDES(key) if cipher is Cipher.DES_EDE3_CBC else algorithms.AES(key)


def algorithm_identifier(cipher: Cipher, nonce: bytes) -> bytes:
    parameters = ber.sequence(ber.octets(nonce), ber.integer(TAG_SIZE)) if cipher.gcm else ber.octets(nonce)
    return ber.sequence(CIPHER_OIDS[cipher], parameters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """An EnvelopedData or AuthEnvelopedData, read but not opened; `held` is the element with the encrypted content."""

    recipients: Sequence[Recipient]
    how: ContentCipher
    held: ber.Node
    tag_behind: bool


def read_envelope(kind: Kind, node: ber.Node) -> Envelope:
    """Recipients, cipher and encrypted content. Errors: Malformed where the structure is broken or the cipher is not in use."""
    fields = ber.Fields(node)
    fields.take(ber.INTEGER)
    fields.maybe(0xA0)
    recipients = read_recipients(fields.take(ber.SET))
    info = ber.Fields(fields.take(ber.SEQUENCE))
    info.take(ber.OBJECT)
    algorithm = info.take(ber.SEQUENCE)
    held = info.maybe(0x80) or info.maybe(0xA0)
    if held is None:
        raise Malformed("an envelope without content")
    beside, tag = b"", b""
    if kind is Kind.AUTH_ENVELOPED:
        attributes = fields.maybe(0xA1)
        beside = ber.tlv(ber.SET, attributes.content) if attributes else b""
        tag = fields.take(ber.OCTETS).content
    how = content_cipher(algorithm, kind, tag, beside)
    # Two peers put GCM into EnvelopedData, the tag behind the ciphertext; with the tag checked that is as safe.
    return Envelope(recipients=recipients, how=how, held=held, tag_behind=how.cipher.gcm and kind is Kind.ENVELOPED)


def decrypt(kind: Kind, node: ber.Node, own_keys: Sequence[OwnKey]) -> Decrypted:
    """The content of an EnvelopedData or AuthEnvelopedData.

    Errors: Malformed where the structure is broken, the cipher is not in use, or no key is ours.
    """
    envelope = read_envelope(kind, node)
    how, encrypted = envelope.how, envelope.held.octets()
    if envelope.tag_behind:
        how, encrypted = with_tag_behind(how, encrypted[-TAG_SIZE:]), encrypted[:-TAG_SIZE]
    return _opened(envelope.recipients, own_keys, how, encrypted)


def _opened(recipients: Sequence[Recipient], own_keys: Sequence[OwnKey], how: ContentCipher, encrypted: bytes) -> Decrypted:
    """The content by the first key that fits; by the last one tried, unsound, where none does."""
    last: Decrypted | None = None
    for recipient, own in choices(recipients, own_keys):
        key = recipient.content_key(own, how.cipher.key_size)
        content, sound = _gcm(key, how, encrypted) if how.cipher.gcm else _cbc(key, how, encrypted)
        last = Decrypted(content=content, cipher=how.cipher, transport=recipient.transport, own=own, sound=sound)
        if sound:
            return last
    if last is None:
        raise Malformed("no key of ours can open it")
    return last


def content_cipher(algorithm: ber.Node, kind: Kind, tag: bytes, beside: bytes) -> ContentCipher:
    """The parameters by which a content is encrypted. Errors: Malformed where they are not ones in use."""
    fields = ber.Fields(algorithm)
    cipher = CIPHERS_BY_OID.get(fields.take(ber.OBJECT).whole)
    if cipher is None:
        raise Malformed("a cipher that is not in use")
    if not cipher.gcm:
        nonce = fields.take(ber.OCTETS).content
        if kind is not Kind.ENVELOPED or len(nonce) != cipher.block_size:
            raise Malformed("an initialization vector of a wrong size")
        return ContentCipher(cipher=cipher, nonce=nonce)
    parameters = fields.any()
    if parameters.tag == ber.SEQUENCE:
        inner = ber.Fields(parameters)
        nonce = inner.take(ber.OCTETS).content
        size = inner.maybe(ber.INTEGER)
        said = size.integer() if size else SMALLEST_TAG
    else:
        nonce, said = parameters.octets(), TAG_SIZE
    if not 8 <= len(nonce) <= 64:
        raise Malformed("a nonce of a wrong size")
    if kind is Kind.AUTH_ENVELOPED and (said != len(tag) or not SMALLEST_TAG <= said <= TAG_SIZE):
        raise Malformed("an authentication tag of a wrong size")
    return ContentCipher(cipher=cipher, nonce=nonce, tag=tag, beside=beside)


def with_tag_behind(how: ContentCipher, tag: bytes) -> ContentCipher:
    if len(tag) != TAG_SIZE:
        raise Malformed("an authentication tag is missing")
    return ContentCipher(cipher=how.cipher, nonce=how.nonce, tag=tag)


def _gcm(key: bytes, how: ContentCipher, encrypted: bytes) -> tuple[bytes, bool]:
    mode = modes.GCM(how.nonce, how.tag, min_tag_length=SMALLEST_TAG)
    decryptor = ciphers.Cipher(block_cipher(how.cipher, key), mode).decryptor()
    decryptor.authenticate_additional_data(how.beside)
    content = decryptor.update(encrypted)
    try:
        return content + decryptor.finalize(), True
    except InvalidTag:
        return b"", False


def _cbc(key: bytes, how: ContentCipher, encrypted: bytes) -> tuple[bytes, bool]:
    size = how.cipher.block_size
    if not encrypted or len(encrypted) % size:
        raise Malformed("encrypted content that is not whole blocks")
    decryptor = ciphers.Cipher(block_cipher(how.cipher, key), modes.CBC(how.nonce)).decryptor()
    padded = decryptor.update(encrypted) + decryptor.finalize()
    count = padded[-1]
    sound = 1 <= count <= size and padded.endswith(bytes([count]) * count)
    return (padded[:-count] if sound else padded), sound
