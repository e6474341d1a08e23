"""Contents that pass by in blocks: hashed, unpacked, decoded, made canonical, decrypted into a file."""

import binascii
import hashlib
import quopri
import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import ciphers
from cryptography.hazmat.primitives.ciphers import modes

from edi_gateway.as2.algorithms import Digest
from edi_gateway.as2.cms.compressed import Undecompressable
from edi_gateway.as2.cms.enveloped import SMALLEST_TAG, ContentCipher, block_cipher
from edi_gateway.as2.extent import BLOCK
from edi_gateway.as2.malformed import Malformed


def hash_of(blocks: Callable[[], Iterable[bytes]]) -> Callable[[Digest], bytes]:
    """The digest of what the blocks hold, worked out once for each algorithm."""
    known: dict[Digest, bytes] = {}

    def digest(by: Digest) -> bytes:
        if by not in known:
            running = hashlib.new(by.value, usedforsecurity=False)
            for block in blocks():
                running.update(block)
            known[by] = running.digest()
        return known[by]

    return digest


def inflated(packed: Iterable[bytes], limit: int) -> Iterator[bytes]:
    """A zlib stream unpacked. Errors: Undecompressable where it is broken, cut off or unpacks to more than `limit` bytes."""
    stream = zlib.decompressobj()
    size = 0
    for block in packed:
        waiting = block
        while waiting and not stream.eof:
            try:
                content = stream.decompress(waiting, BLOCK)
            except zlib.error as problem:
                raise Undecompressable(str(problem)) from None
            size += len(content)
            if size > limit:
                raise Undecompressable(f"it unpacks to more than {limit} bytes")
            yield content
            waiting = stream.unconsumed_tail
    if not stream.eof:
        raise Undecompressable("the compressed stream is cut off")


def canonical(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The blocks with every line end made CRLF, also where one is split between blocks."""
    held = b""
    for block in blocks:
        whole = held + block
        held = b"\r" if whole.endswith(b"\r") else b""
        yield re.sub(rb"\r\n|\r|\n", b"\r\n", whole.removesuffix(b"\r"))
    if held:
        yield b"\r\n"


def decoded(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """A body without its transfer encoding. Errors: Malformed where base64 is broken."""
    held = b""
    for block in blocks:
        if encoding == "base64":
            text = held + re.sub(rb"[^A-Za-z0-9+/=]", b"", block)
            whole = len(text) - len(text) % 4
            yield _from_base64(text[:whole])
            held = text[whole:]
        elif encoding == "quoted-printable":
            lines = held + block
            whole = lines.rfind(b"\n") + 1
            yield quopri.decodestring(lines[:whole])
            held = lines[whole:]
            if len(held) > BLOCK:
                raise Malformed("a quoted-printable line without an end")
        else:
            yield block
    if held:
        yield _from_base64(held) if encoding == "base64" else quopri.decodestring(held)


def is_base64(blocks: Iterable[bytes]) -> bool:
    """As `mime.is_base64`: whether a body is nothing but base64 in lines."""
    held = b""
    try:
        for block in blocks:
            text = held + b"".join(block.split())
            # What may be the last four stays behind: only there may padding stand.
            whole = max(len(text) - 1, 0) // 4 * 4
            if b"=" in text[:whole]:
                return False
            binascii.a2b_base64(text[:whole], strict_mode=True)
            held = text[whole:]
        binascii.a2b_base64(held, strict_mode=True)
    except binascii.Error:
        return False
    return True


def _from_base64(text: bytes) -> bytes:
    try:
        return binascii.a2b_base64(text)
    except binascii.Error as problem:
        raise Malformed(f"base64: {problem}") from None


def opened_cbc(key: bytes, how: ContentCipher, blocks: Iterable[bytes], file: BinaryIO) -> bool:
    """Decrypt into a file; whether the padding was right. Where it was not, the file holds everything, as `cms.decrypt` does."""
    size = how.cipher.block_size
    decryptor = ciphers.Cipher(block_cipher(how.cipher, key), modes.CBC(how.nonce)).decryptor()
    last = b""
    for block in blocks:
        content = last + decryptor.update(block)
        last = content[-size:]
        file.write(memoryview(content)[:-size])
    count = last[-1]
    sound = 1 <= count <= size and last.endswith(bytes([count]) * count)
    file.write(last[:-count] if sound else last)
    return sound


def opened_gcm(key: bytes, how: ContentCipher, blocks: Iterable[bytes], file: BinaryIO) -> bool:
    """Decrypt into a file; whether the tag was right. Where it was not, the file is left empty."""
    mode = modes.GCM(how.nonce, how.tag, min_tag_length=SMALLEST_TAG)
    decryptor = ciphers.Cipher(block_cipher(how.cipher, key), mode).decryptor()
    decryptor.authenticate_additional_data(how.beside)
    for block in blocks:
        file.write(decryptor.update(block))
    try:
        decryptor.finalize()
    except InvalidTag:
        file.truncate(0)
        return False
    return True
