"""ASN.1 on bytes: BER as peers send it is read within limits, DER is written.

Reading is lazy: a node knows where its content lies, and its children are found when they are asked for. Indefinite lengths
and constructed strings, which every BouncyCastle peer sends, are read; tags above 30 occur nowhere in CMS and are refused.
Source: X.690 sections 8.1 and 10; RFC 5652 section 5 and 6 for where BER is allowed.
"""

from collections.abc import Iterable, Iterator

from edi_gateway.as2.extent import Octets
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

    __slots__ = ("_ends", "body", "depth", "end", "source", "start", "stop", "tag")

    def __init__(self, source: Octets, tag: int, start: int, body: int, end: int, stop: int, depth: int, ends: dict[int, int]) -> None:
        self.source = source
        self.tag = tag
        self.start = start
        self.body = body
        self.end = end
        self.stop = stop
        self.depth = depth
        self._ends = ends

    @property
    def content(self) -> bytes:
        return self.source[self.body : self.end]

    @property
    def whole(self) -> bytes:
        """The element with its identifier and length, as it was sent."""
        return self.source[self.start : self.stop]

    def starts(self, element: bytes) -> bool:
        """Whether the content begins with this whole element, as an attribute does with its name."""
        return self.source[self.body : min(self.body + len(element), self.end)] == element

    def children(self, limit: int = MAX_CHILDREN) -> list["Node"]:
        """The elements inside. Errors: Malformed where this is primitive or there are more than `limit`."""
        if not self.tag & CONSTRUCTED:
            raise Malformed("an element that must hold others is primitive")
        found: list[Node] = []
        source, position, end, depth, ends = self.source, self.body, self.end, self.depth + 1, self._ends
        # Nearly every element is a short one; the rest, and whatever is wrong, is left to _read.
        last = end - 2 if depth <= MAX_DEPTH else -1
        while position < end:
            if not limit:
                raise Malformed(f"an element holds more than {len(found)} others")
            limit -= 1
            if position <= last:
                tag, size = source[position], source[position + 1]
                stop = position + 2 + size
                if size < 0x80 and stop <= end and tag & 0x1F != 0x1F:
                    found.append(Node(source, tag, position, position + 2, stop, stop, depth, ends))
                    position = stop
                    continue
            child = _read(source, position, end, depth, ends)
            found.append(child)
            position = child.stop
        return found

    def octets(self) -> bytes:
        """The content of a string, whether sent in one piece or in chunks, and whatever its tag."""
        if not self.tag & CONSTRUCTED:
            return self.content
        return b"".join([self.source[start:stop] for start, stop in self.ranges()])

    def ranges(self) -> Iterator[tuple[int, int]]:
        """Where the content of a string lies in the source, chunk by chunk. Errors: Malformed where chunks are absurdly small."""
        if not self.tag & CONSTRUCTED:
            yield self.body, self.end
            return
        allowed = MAX_CHILDREN + (self.end - self.body) // _MIN_CHUNK
        for number, found in enumerate(self._chunks()):
            if number >= allowed:
                raise Malformed("a chunked string of too many chunks")
            yield found

    def _chunks(self) -> Iterator[tuple[int, int]]:
        position, end = self.body, self.end
        while position < end:
            child = _read(self.source, position, end, self.depth + 1, self._ends)
            if child.tag == OCTETS:
                yield child.body, child.end
            elif child.tag == OCTETS | CONSTRUCTED:
                yield from child._chunks()
            else:
                raise Malformed("a chunked string holds something that is not a string")
            position = child.stop

    def integer(self) -> int:
        if self.tag != INTEGER or not 0 < self.end - self.body <= 1024:
            raise Malformed("an integer was expected")
        return int.from_bytes(self.content, "big", signed=True)


def read(source: Octets) -> Node:
    """The element that the bytes begin with; bytes after it are left alone, as senders add line ends and padding.

    Errors: Malformed where it is cut off or nested deeper than MAX_DEPTH.
    """
    return _read(source, 0, len(source), 0, {})


def _read(source: Octets, position: int, limit: int, depth: int, ends: dict[int, int]) -> Node:
    """The element at a position. `ends` remembers where indefinite lengths end, so that each is looked for once."""
    if depth > MAX_DEPTH:
        raise Malformed("nested too deeply")
    tag, body, end = _head(source, position, limit)
    if end >= 0:
        return Node(source, tag, position, body, end, end, depth, ends)
    if body not in ends:
        _find_ends(source, body, limit, depth, ends)
    return Node(source, tag, position, body, ends[body], ends[body] + 2, depth, ends)


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
        if self._next >= len(self._nodes):
            raise Malformed("a sequence ends too early")
        node = self._nodes[self._next]
        self._next += 1
        if node.tag != tag:
            raise Malformed(f"found tag {node.tag:#04x} where {tag:#04x} was expected")
        return node

    def maybe(self, tag: int) -> Node | None:
        if self._next < len(self._nodes) and self._nodes[self._next].tag == tag:
            self._next += 1
            return self._nodes[self._next - 1]
        return None


def _head(source: Octets, position: int, limit: int) -> tuple[int, int, int]:
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


def _find_ends(source: Octets, position: int, limit: int, depth: int, ends: dict[int, int]) -> None:
    """Find where the end-of-contents octets of an indefinite length stand, and of those inside it.

    Iterative, as nesting is the sender's choice.
    """
    open_at = [position]
    while open_at:
        if position + 2 <= limit and source[position : position + 2] == b"\0\0":
            ends[open_at.pop()] = position
            position += 2
            continue
        tag, body, end = _head(source, position, limit)
        if not tag:
            raise Malformed("end-of-contents octets with a length")
        if end >= 0:
            position = end
            continue
        open_at.append(body)
        if depth + len(open_at) > MAX_DEPTH:
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
END = b"\0\0"


def opened(tag: int) -> bytes:
    """The start of an element of indefinite length, which END closes: for what is written before its length is known."""
    return bytes((tag | CONSTRUCTED, 0x80))


def chunks(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The content of a chunked string, a chunk a block; the element around it is opened and closed by the caller."""
    for block in blocks:
        if block:
            yield header(OCTETS, len(block))
            yield block
