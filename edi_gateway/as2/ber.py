"""ASN.1 on bytes: BER as peers send it is read within limits, DER is written.

Reading is lazy: a node knows where its content lies, and its children are found when they are asked for. Indefinite lengths
and constructed strings, which every BouncyCastle peer sends, are read; tags above 30 occur nowhere in CMS and are refused.
Source: X.690 sections 8.1 and 10; RFC 5652 section 5 and 6 for where BER is allowed.
"""

from collections.abc import Iterable

from edi_gateway.as2.malformed import Malformed

INTEGER = 0x02
BIT_STRING = 0x03
OCTETS = 0x04
NULL = 0x05
OBJECT = 0x06
SEQUENCE = 0x30
SET = 0x31
CONSTRUCTED = 0x20

MAX_DEPTH = 32
MAX_CHILDREN = 4096
_MIN_CHUNK = 64


class Node:
    """One element: `tag` is its identifier octet, its content is `source[body:end]`, and `stop` is the byte after it."""

    __slots__ = ("body", "depth", "end", "source", "start", "stop", "tag")

    def __init__(self, source: bytes, tag: int, start: int, body: int, end: int, stop: int, depth: int) -> None:
        self.source = source
        self.tag = tag
        self.start = start
        self.body = body
        self.end = end
        self.stop = stop
        self.depth = depth

    @property
    def content(self) -> bytes:
        return self.source[self.body : self.end]

    @property
    def whole(self) -> bytes:
        """The element with its identifier and length, as it was sent."""
        return self.source[self.start : self.stop]

    def children(self, limit: int = MAX_CHILDREN) -> list["Node"]:
        """The elements inside. Errors: Malformed where this is primitive or there are more than `limit`."""
        if not self.tag & CONSTRUCTED:
            raise Malformed("an element that must hold others is primitive")
        found: list[Node] = []
        position, end = self.body, self.end
        while position < end:
            if len(found) >= limit:
                raise Malformed(f"an element holds more than {limit} others")
            child = read(self.source, position, end, self.depth + 1)
            found.append(child)
            position = child.stop
        return found

    def octets(self) -> bytes:
        """The content of a string, whether sent in one piece or in chunks, and whatever its tag."""
        if not self.tag & CONSTRUCTED:
            return self.content
        pieces: list[bytes] = []
        self._collect(pieces, MAX_CHILDREN + (self.end - self.body) // _MIN_CHUNK)
        return b"".join(pieces)

    def _collect(self, pieces: list[bytes], limit: int) -> None:
        for child in self.children(limit):
            if child.tag == OCTETS:
                pieces.append(child.content)
            elif child.tag == OCTETS | CONSTRUCTED:
                child._collect(pieces, limit)
            else:
                raise Malformed("a chunked string holds something that is not a string")

    def integer(self) -> int:
        if self.tag != INTEGER or not 0 < self.end - self.body <= 1024:
            raise Malformed("an integer was expected")
        return int.from_bytes(self.content, "big", signed=True)


def read(source: bytes, position: int = 0, limit: int | None = None, depth: int = 0) -> Node:
    """The element at a position. Errors: Malformed where it does not end before `limit`, or is nested deeper than MAX_DEPTH."""
    if limit is None:
        limit = len(source)
    if depth > MAX_DEPTH:
        raise Malformed("nested too deeply")
    tag, body, end = _head(source, position, limit)
    if end >= 0:
        return Node(source, tag, position, body, end, end, depth)
    end = _end_of_contents(source, body, limit, depth)
    return Node(source, tag, position, body, end, end + 2, depth)


def whole(source: bytes) -> Node:
    """The element that the bytes begin with. Bytes after it are left alone: senders add line ends and padding."""
    return read(source)


class Fields:
    """The children of a sequence, taken in order; what is optional is asked for by its tag."""

    __slots__ = ("_next", "_nodes")

    def __init__(self, node: Node, tag: int = SEQUENCE) -> None:
        if node.tag != tag:
            raise Malformed(f"found tag {node.tag:#04x} where {tag:#04x} was expected")
        self._nodes = node.children()
        self._next = 0

    def any(self) -> Node:
        if self._next >= len(self._nodes):
            raise Malformed("a sequence ends too early")
        self._next += 1
        return self._nodes[self._next - 1]

    def take(self, tag: int) -> Node:
        node = self.any()
        if node.tag != tag:
            raise Malformed(f"found tag {node.tag:#04x} where {tag:#04x} was expected")
        return node

    def maybe(self, tag: int) -> Node | None:
        if self._next < len(self._nodes) and self._nodes[self._next].tag == tag:
            self._next += 1
            return self._nodes[self._next - 1]
        return None


def _head(source: bytes, position: int, limit: int) -> tuple[int, int, int]:
    """Tag, first content byte and end of content; the end is -1 for the indefinite form."""
    if limit - position < 2:
        raise Malformed("cut off")
    tag, first = source[position], source[position + 1]
    if tag & 0x1F == 0x1F:
        raise Malformed("a tag above 30")
    body = position + 2
    if first < 0x80:
        end = body + first
    elif first == 0x80:
        if not tag & CONSTRUCTED:
            raise Malformed("a primitive element without a length")
        return tag, body, -1
    else:
        size = first & 0x7F
        if size > 8:
            raise Malformed("a length of more than eight bytes")
        body += size
        if body > limit:
            raise Malformed("cut off")
        end = body + int.from_bytes(source[position + 2 : body], "big")
    if end > limit:
        raise Malformed("cut off")
    return tag, body, end


def _end_of_contents(source: bytes, position: int, limit: int, depth: int) -> int:
    """Where the end-of-contents octets of an indefinite length stand; iterative, as nesting is the sender's choice."""
    level = 1
    while True:
        if source[position : position + 2] == b"\0\0" and position + 2 <= limit:
            level -= 1
            if not level:
                return position
            position += 2
            continue
        tag, body, end = _head(source, position, limit)
        if not tag:
            raise Malformed("end-of-contents octets with a length")
        if end >= 0:
            position = end
            continue
        level += 1
        if depth + level > MAX_DEPTH:
            raise Malformed("nested too deeply")
        position = body


def header(tag: int, size: int) -> bytes:
    """Identifier and length octets in DER."""
    if size < 0x80:
        return bytes((tag, size))
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length


def tlv(tag: int, content: bytes) -> bytes:
    return header(tag, len(content)) + content


def sequence(*parts: bytes) -> bytes:
    return tlv(SEQUENCE, b"".join(parts))


def set_of(parts: Iterable[bytes]) -> bytes:
    """A SET OF, its members in DER order."""
    return tlv(SET, b"".join(sorted(parts)))


def octets(content: bytes) -> bytes:
    return tlv(OCTETS, content)


def explicit(number: int, content: bytes) -> bytes:
    """A context tag around a whole element."""
    return tlv(0xA0 | number, content)


def integer(value: int) -> bytes:
    return tlv(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def oid(dotted: str) -> bytes:
    """An object identifier as a whole element."""
    first, second, *rest = (int(arc) for arc in dotted.split("."))
    content = bytearray()
    for arc in (first * 40 + second, *rest):
        septets = [arc & 0x7F]
        while arc := arc >> 7:
            septets.append(arc & 0x7F | 0x80)
        content += bytes(reversed(septets))
    return tlv(OBJECT, bytes(content))


NULL_ELEMENT = b"\x05\x00"
