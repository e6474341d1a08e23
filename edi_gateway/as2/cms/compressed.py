"""CompressedData, unpacked within limits of size and ratio. Source: RFC 3274."""

import zlib

from edi_gateway.as2 import ber
from edi_gateway.as2.cms.content import KIND_OIDS, Kind, explicit_content, wrapped
from edi_gateway.as2.malformed import Malformed

ZLIB_IDENTIFIER = ber.oid("1.2.840.113549.1.9.16.3.8")
_VERSION = ber.integer(0)
_RATIO_COUNTS_FROM = 1 << 20


class Undecompressable(Malformed):
    """Compressed content that does not unpack, or not within the limits."""


def compress(content: bytes) -> bytes:
    """The content as a CMS object of kind CompressedData."""
    packed = ber.explicit(0, ber.octets(zlib.compress(content)))
    return wrapped(Kind.COMPRESSED, ber.sequence(_VERSION, ber.sequence(ZLIB_IDENTIFIER), ber.sequence(KIND_OIDS[Kind.DATA], packed)))


def decompress(node: ber.Node, *, max_size: int, max_ratio: int) -> bytes:
    """The content of a CompressedData.

    Errors: Undecompressable where the algorithm is not zlib, the stream is broken, or it unpacks beyond a limit; the ratio
            counts from 1 MiB on, as short documents of blanks pack well.
    """
    packed = packed_content(node).octets()
    limit = size_limit(len(packed), max_size=max_size, max_ratio=max_ratio)
    stream = zlib.decompressobj()
    try:
        content = stream.decompress(packed, limit + 1)
    except zlib.error as problem:
        raise Undecompressable(str(problem)) from None
    if len(content) > limit:
        raise Undecompressable(f"it unpacks to more than {limit} bytes")
    if not stream.eof:
        raise Undecompressable("the compressed stream is cut off")
    return content


def size_limit(packed: int, *, max_size: int, max_ratio: int) -> int:
    """To how many bytes a packed content may unpack."""
    return min(max_size, max(_RATIO_COUNTS_FROM, packed * max_ratio))


def packed_content(node: ber.Node) -> ber.Node:
    """The element with the zlib stream of a CompressedData. Errors: Undecompressable where it holds another."""
    try:
        fields = ber.Fields(node)
        fields.take(ber.INTEGER)
        if ber.Fields(fields.take(ber.SEQUENCE)).take(ber.OBJECT).whole != ZLIB_IDENTIFIER:
            raise Undecompressable("a compression algorithm other than zlib")
        inner = ber.Fields(fields.take(ber.SEQUENCE))
        if inner.take(ber.OBJECT).whole != KIND_OIDS[Kind.DATA]:
            raise Undecompressable("compressed content that is not plain content")
        return explicit_content(inner.take(0xA0))
    except Malformed as problem:
        raise Undecompressable(str(problem)) from None
